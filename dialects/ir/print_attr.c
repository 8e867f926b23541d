/* Types and attributes as text. */
#include <string.h>

#include "dialects/ir/print_text.h"
#include "support/number.h"

/* ---- types ---- */

static void print_types(alpa_text *text, alpa_types types) {
  for (size_t i = 0; i < types.n; i++) {
    if (i)
      alpa_text_append(text, ", ", 2);
    alpa_type_print(text, types.items[i]);
  }
}

void alpa_text_function_type(alpa_text *text, alpa_types inputs, alpa_types results) {
  alpa_text_char(text, '(');
  print_types(text, inputs);
  alpa_text_append(text, ") -> ", 5);
  bool bare = results.n == 1 && results.items[0]->kind != ALPA_TYPE_FUNCTION;
  if (!bare)
    alpa_text_char(text, '(');
  print_types(text, results);
  if (!bare)
    alpa_text_char(text, ')');
}

static void print_tensor(alpa_text *text, const alpa_type *type) {
  alpa_text_append(text, "tensor<", 7);
  for (uint32_t i = 0; i < type->rank; i++) {
    if (type->dims[i] == ALPA_DYNAMIC)
      alpa_text_char(text, '?');
    else
      alpa_text_int(text, type->dims[i]);
    alpa_text_char(text, 'x');
  }
  alpa_type_print(text, type->element);
  if (type->encoding) {
    alpa_text_append(text, ", ", 2);
    alpa_attr_print(text, type->encoding);
  }
  alpa_text_char(text, '>');
}

void alpa_type_print(alpa_text *text, const alpa_type *type) {
  switch (type->kind) {
  case ALPA_TYPE_SCALAR:
    alpa_text_string(text, alpa_dtype_get_info(type->dtype)->spelling);
    return;
  case ALPA_TYPE_INDEX:
    alpa_text_string(text, "index");
    return;
  case ALPA_TYPE_NONE:
    alpa_text_string(text, "none");
    return;
  case ALPA_TYPE_TENSOR:
    print_tensor(text, type);
    return;
  case ALPA_TYPE_FUNCTION:
    alpa_text_function_type(text, type->inputs, type->results);
    return;
  case ALPA_TYPE_TUPLE:
    alpa_text_string(text, "tuple<");
    print_types(text, type->inputs);
    alpa_text_char(text, '>');
    return;
  case ALPA_TYPE_OPAQUE:
    alpa_text_string(text, type->text);
    return;
  }
}

/* ---- numbers ---- */

void alpa_text_element(alpa_text *text, const alpa_type *element, const void *at) {
  if (element->kind == ALPA_TYPE_INDEX) {
    alpa_text_int(text, alpa_integer_load(ALPA_I64, at));
    return;
  }
  alpa_dtype dtype = element->dtype;
  switch (alpa_type_class(element)) {
  case ALPA_CLASS_BOOL:
    alpa_text_string(text, alpa_integer_load(dtype, at) ? "true" : "false");
    return;
  case ALPA_CLASS_INT:
    alpa_text_int(text, alpa_integer_load(dtype, at));
    return;
  case ALPA_CLASS_UINT:
    alpa_text_printf(text, "%llu", (unsigned long long)alpa_integer_load(dtype, at));
    return;
  case ALPA_CLASS_FLOAT:
    alpa_text_float(text, dtype, alpa_element_load(dtype, at));
    return;
  case ALPA_CLASS_COMPLEX: {
    alpa_dtype part = alpa_complex_part(dtype);
    alpa_text_char(text, '(');
    alpa_text_float(text, part, alpa_element_load(part, at));
    alpa_text_char(text, ',');
    alpa_text_float(text, part, alpa_element_load(part, (const char *)at + alpa_dtype_get_info(part)->bytes));
    alpa_text_char(text, ')');
  }
  }
}

/* Whether a list need not say the type of a number in it: what a literal without a type means. */
static bool is_plain(const alpa_attr *attr) {
  return attr->type->kind == ALPA_TYPE_SCALAR && (attr->type->dtype == ALPA_I64 || attr->type->dtype == ALPA_F64);
}

/* Values alone; returns whether the type must stand behind them. */
static bool print_integer(alpa_text *text, const alpa_attr *attr) {
  bool is_scalar = attr->type->kind == ALPA_TYPE_SCALAR;
  if (is_scalar && attr->type->dtype == ALPA_I1) {
    alpa_text_string(text, attr->integer ? "true" : "false");
    return false;
  }
  if (is_scalar && alpa_type_class(attr->type) == ALPA_CLASS_UINT)
    alpa_text_printf(text, "%llu", (unsigned long long)attr->integer);
  else
    alpa_text_int(text, attr->integer);
  return true;
}

static void print_type_behind(alpa_text *text, const alpa_type *type) {
  alpa_text_append(text, " : ", 3);
  alpa_type_print(text, type);
}

/* ---- lists ---- */

static void print_float(alpa_text *text, const alpa_attr *attr, bool in_list) {
  bool decimal = alpa_text_float(text, attr->type->dtype, attr->bits);
  if (!decimal || !in_list || !is_plain(attr))
    print_type_behind(text, attr->type);
}

static void print_item(alpa_text *text, const alpa_attr *item, const alpa_print_options *options) {
  if (item->kind == ALPA_ATTR_INTEGER && is_plain(item))
    print_integer(text, item);
  else if (item->kind == ALPA_ATTR_FLOAT)
    print_float(text, item, true);
  else
    alpa_attr_print_with(text, item, options);
}

static void print_array(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  alpa_text_char(text, '[');
  for (size_t i = 0; i < attr->array.n; i++) {
    if (i)
      alpa_text_append(text, ", ", 2);
    print_item(text, attr->array.items[i], options);
  }
  alpa_text_char(text, ']');
}

void alpa_text_named_attr(alpa_text *text, const char *name, const alpa_attr *value,
                          const alpa_print_options *options) {
  alpa_text_name(text, name);
  if (value->kind == ALPA_ATTR_UNIT)
    return;
  alpa_text_append(text, " = ", 3);
  alpa_attr_print_with(text, value, options);
}

static void print_dict(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  alpa_text_char(text, '{');
  for (size_t i = 0; i < attr->dict.n; i++) {
    if (i)
      alpa_text_append(text, ", ", 2);
    alpa_text_named_attr(text, attr->dict.items[i].name, attr->dict.items[i].value, options);
  }
  alpa_text_char(text, '}');
}

static void print_number_list(alpa_text *text, const alpa_attr *attr) {
  for (size_t i = 0; i < attr->elements.n; i++) {
    if (i)
      alpa_text_append(text, ", ", 2);
    alpa_text_element(text, attr->type, alpa_attr_element(attr, (int64_t)i));
  }
}

static void print_numbers(alpa_text *text, const alpa_attr *attr) {
  alpa_text_append(text, "array<", 6);
  alpa_type_print(text, attr->type);
  if (attr->elements.n)
    alpa_text_append(text, ": ", 2);
  print_number_list(text, attr);
  alpa_text_char(text, '>');
}

static void print_dense(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  int64_t limit = options ? options->elide_elements : 0;
  if (limit > 0 && !attr->elements.splat && (int64_t)attr->elements.n > limit) {
    alpa_text_string(text, "dense_resource<__elided__>");
  } else {
    alpa_text_append(text, "dense<", 6);
    alpa_attr_print_elements(text, attr, options);
    alpa_text_char(text, '>');
  }
  print_type_behind(text, attr->type);
}

/* ---- attributes of dialects ---- */

static void print_struct_fields(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  const char *separator = "";
  for (size_t i = 0; i < attr->array.n; i++) {
    if (!attr->array.items[i])
      continue;
    alpa_text_string(text, separator);
    alpa_text_string(text, attr->def->fields[i].name);
    alpa_text_append(text, " = ", 3);
    alpa_attr_print_field(text, &attr->def->fields[i], attr->array.items[i], options);
    separator = ", ";
  }
}

/* What stands between < and >. */
static void print_body(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  if (attr->def->print)
    attr->def->print(text, attr);
  else if (attr->kind == ALPA_ATTR_ENUM)
    alpa_text_string(text, alpa_attr_case(attr));
  else
    print_struct_fields(text, attr, options);
}

static void print_defined(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  bool dotted = attr->kind == ALPA_ATTR_STRUCT || attr->def->print;
  alpa_text_char(text, '#');
  alpa_text_string(text, attr->def->dialect);
  alpa_text_char(text, dotted ? '.' : '<');
  alpa_text_string(text, attr->def->mnemonic);
  alpa_text_char(text, dotted ? '<' : ' ');
  print_body(text, attr, options);
  alpa_text_char(text, '>');
}

/* ---- fields ---- */

static void print_enum_list(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '[');
  for (size_t i = 0; i < attr->array.n; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_text_string(text, alpa_attr_case(attr->array.items[i]));
  }
  alpa_text_char(text, ']');
}

void alpa_attr_print_field(alpa_text *text, const alpa_field_def *field, const alpa_attr *attr,
                           const alpa_print_options *options) {
  bool list = field->kind == ALPA_FIELD_I64S || field->kind == ALPA_FIELD_BOOLS;
  if (attr->kind == ALPA_ATTR_INTEGER && field->kind != ALPA_FIELD_ANY) {
    print_integer(text, attr);
  } else if (attr->kind == ALPA_ATTR_FLOAT && field->kind == ALPA_FIELD_FLOAT) {
    print_float(text, attr, true);
  } else if (attr->kind == ALPA_ATTR_NUMBERS && list) {
    alpa_text_char(text, '[');
    print_number_list(text, attr);
    alpa_text_char(text, ']');
  } else if (attr->kind == ALPA_ATTR_ENUM && field->kind == ALPA_FIELD_ENUM && !attr->def->print) {
    alpa_text_string(text, alpa_attr_case(attr));
  } else if (attr->kind == ALPA_ATTR_ARRAY && field->kind == ALPA_FIELD_ENUMS) {
    print_enum_list(text, attr);
  } else if (attr->kind == ALPA_ATTR_STRUCT && field->kind == ALPA_FIELD_STRUCT) {
    alpa_text_char(text, '<');
    print_body(text, attr, options);
    alpa_text_char(text, '>');
  } else {
    alpa_attr_print_with(text, attr, options);
  }
}

/* ---- dispatch ---- */

void alpa_attr_print_with(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options) {
  switch (attr->kind) {
  case ALPA_ATTR_UNIT:
    alpa_text_string(text, "unit");
    return;
  case ALPA_ATTR_INTEGER:
    if (print_integer(text, attr))
      print_type_behind(text, attr->type);
    return;
  case ALPA_ATTR_FLOAT:
    print_float(text, attr, false);
    return;
  case ALPA_ATTR_STRING:
    alpa_text_quoted(text, attr->string.data, attr->string.size);
    return;
  case ALPA_ATTR_SYMBOL:
    alpa_text_symbol(text, attr->string.data);
    return;
  case ALPA_ATTR_TYPE:
    alpa_type_print(text, attr->type);
    return;
  case ALPA_ATTR_ARRAY:
    print_array(text, attr, options);
    return;
  case ALPA_ATTR_DICT:
    print_dict(text, attr, options);
    return;
  case ALPA_ATTR_ELEMENTS:
    print_dense(text, attr, options);
    return;
  case ALPA_ATTR_NUMBERS:
    print_numbers(text, attr);
    return;
  case ALPA_ATTR_ENUM:
  case ALPA_ATTR_STRUCT:
    print_defined(text, attr, options);
    return;
  case ALPA_ATTR_OPAQUE:
    alpa_text_append(text, attr->string.data, attr->string.size);
    return;
  }
}

void alpa_attr_print(alpa_text *text, const alpa_attr *attr) { alpa_attr_print_with(text, attr, NULL); }
