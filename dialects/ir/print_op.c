/* Ops, regions and blocks as text: generic form, and what the custom forms are made of. */
#include <string.h>

#include "dialects/ir/default_dialect.h"
#include "dialects/ir/printer_state.h"

enum { INDENT = 2, BYTES_PER_OP = 160 /* of text: an estimate, so that it need not move */ };

/* ---- pieces for hooks ---- */

alpa_text *alpa_printer_text(alpa_printer *printer) { return printer->text; }

static void print_indent(alpa_printer *printer) {
  static const char blanks[] = "                                                                ";
  for (uint32_t left = printer->indent; left;) {
    uint32_t n = left < sizeof blanks - 1 ? left : (uint32_t)sizeof blanks - 1;
    alpa_text_append(printer->text, blanks, n);
    left -= n;
  }
}

void alpa_printer_newline(alpa_printer *printer) {
  alpa_text_char(printer->text, '\n');
  print_indent(printer);
}

void alpa_printer_operands(alpa_printer *printer, const alpa_op *op, uint32_t first, uint32_t n) {
  for (uint32_t i = first; i < first + n && i < op->n_operands; i++) {
    if (i > first)
      alpa_text_append(printer->text, ", ", 2);
    alpa_printer_value(printer, op->operands[i].value);
  }
}

static size_t cache_slot(const void *object) { return ((uintptr_t)object * 0x9E3779B97F4A7C15u) >> 56; }

/* Copies what was printed for the object before; false where it was not, or not lately. */
static bool print_again(alpa_printer *printer, const alpa_print_cache *cache, const void *object) {
  size_t slot = cache_slot(object);
  if (cache->slots[slot].object != object)
    return false;
  size_t size = cache->slots[slot].size;
  alpa_text_reserve(printer->text, size);
  alpa_text_append(printer->text, printer->text->data + cache->slots[slot].offset, size);
  return true;
}

static void remember(alpa_printer *printer, alpa_print_cache *cache, const void *object, size_t start) {
  size_t slot = cache_slot(object);
  cache->slots[slot].object = object;
  cache->slots[slot].offset = start;
  cache->slots[slot].size = printer->text->size - start;
}

void alpa_printer_type(alpa_printer *printer, const alpa_type *type) {
  if (print_again(printer, &printer->types, type))
    return;
  size_t start = printer->text->size;
  alpa_type_print(printer->text, type);
  remember(printer, &printer->types, type, start);
}

void alpa_printer_attr(alpa_printer *printer, const alpa_attr *attr) {
  if (print_again(printer, &printer->attrs, attr))
    return;
  size_t start = printer->text->size;
  alpa_attr_print_with(printer->text, attr, printer->options);
  remember(printer, &printer->attrs, attr, start);
}

static void print_named_attr(alpa_printer *printer, const char *name, const alpa_attr *value) {
  alpa_text_name(printer->text, name);
  if (value->kind == ALPA_ATTR_UNIT)
    return;
  alpa_text_append(printer->text, " = ", 3);
  alpa_printer_attr(printer, value);
}

void alpa_printer_field(alpa_printer *printer, const alpa_field_def *field, const alpa_attr *attr) {
  alpa_attr_print_field(printer->text, field, attr, printer->options);
}

void alpa_printer_symbol(alpa_printer *printer, const char *name) { alpa_text_symbol(printer->text, name); }

/* ---- types ---- */

void alpa_printer_operand_types(alpa_printer *printer, const alpa_op *op, uint32_t first, uint32_t n) {
  for (uint32_t i = first; i < first + n && i < op->n_operands; i++) {
    if (i > first)
      alpa_text_append(printer->text, ", ", 2);
    alpa_printer_type(printer, alpa_op_operand_type(op, i));
  }
}

static void print_result_types(alpa_printer *printer, const alpa_op *op) {
  bool bare = op->n_results == 1 && op->results[0].type->kind != ALPA_TYPE_FUNCTION;
  if (!bare)
    alpa_text_char(printer->text, '(');
  for (uint32_t i = 0; i < op->n_results; i++) {
    if (i)
      alpa_text_append(printer->text, ", ", 2);
    alpa_printer_type(printer, op->results[i].type);
  }
  if (!bare)
    alpa_text_char(printer->text, ')');
}

void alpa_printer_op_types(alpa_printer *printer, const alpa_op *op) {
  alpa_text_append(printer->text, " : (", 4);
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
  alpa_text_append(printer->text, ") -> ", 5);
  print_result_types(printer, op);
}

void alpa_printer_op_type_or_types(alpa_printer *printer, const alpa_op *op) {
  bool same = op->n_results == 1 && op->results[0].type->kind != ALPA_TYPE_FUNCTION;
  for (uint32_t i = 0; same && i < op->n_operands; i++)
    same = alpa_op_operand_type(op, i) == op->results[0].type;
  if (!same) {
    alpa_printer_op_types(printer, op);
    return;
  }
  alpa_text_append(printer->text, " : ", 3);
  alpa_printer_type(printer, op->results[0].type);
}

/* ---- attributes ---- */

size_t alpa_op_sorted_attrs(const alpa_op *op, uint64_t elided, uint16_t *out) {
  size_t n = 0;
  for (uint16_t i = 0; i < op->def->n_attrs; i++) {
    if (!op->attrs[i] || elided >> i & 1)
      continue;
    size_t at = n++;
    for (; at && strcmp(op->def->attrs[out[at - 1]].name, op->def->attrs[i].name) > 0; at--)
      out[at] = out[at - 1];
    out[at] = i;
  }
  return n;
}

enum { MAX_ATTRS = 64 }; /* of one row: elided attributes are the bits of a word */

/* Merges the two sorted lists of names. */
static void print_attr_dict(alpa_printer *printer, const alpa_op *op, uint64_t elided, const char *before) {
  uint16_t sorted[MAX_ATTRS];
  size_t n = alpa_op_sorted_attrs(op, elided, sorted), n_extra = op->extra ? op->extra->dict.n : 0;
  if (n + n_extra == 0)
    return;
  alpa_text_string(printer->text, before);
  for (size_t i = 0, e = 0; i < n || e < n_extra;) {
    if (i + e)
      alpa_text_append(printer->text, ", ", 2);
    const alpa_named_attr *extra = e < n_extra ? &op->extra->dict.items[e] : NULL;
    const char *name = i < n ? op->def->attrs[sorted[i]].name : NULL;
    if (name && (!extra || strcmp(name, extra->name) < 0)) {
      print_named_attr(printer, name, op->attrs[sorted[i]]);
      i++;
    } else {
      print_named_attr(printer, extra->name, extra->value);
      e++;
    }
  }
  alpa_text_char(printer->text, '}');
}

void alpa_printer_attr_dict(alpa_printer *printer, const alpa_op *op, uint64_t elided) {
  print_attr_dict(printer, op, elided, " {");
}

void alpa_printer_attr_dict_with_word(alpa_printer *printer, const alpa_op *op, uint64_t elided) {
  print_attr_dict(printer, op, elided, " attributes {");
}

/* ---- blocks and regions ---- */

void alpa_printer_arg_loc(alpa_printer *printer, const alpa_value *arg) {
  if (printer->collecting)
    alpa_printer_visit_loc(printer, arg->loc, false);
  alpa_printer_loc_of(printer, arg->loc, false);
}

void alpa_printer_region_arg(alpa_printer *printer, const alpa_value *arg) {
  alpa_printer_value(printer, arg);
  alpa_text_append(printer->text, ": ", 2);
  alpa_printer_type(printer, arg->type);
  alpa_printer_arg_loc(printer, arg);
}

static void print_op(alpa_printer *printer, const alpa_op *op);

/* Blocks that branch to this one, in their order, as a comment. */
static void print_predecessors(alpa_printer *printer, const alpa_block *block) {
  const alpa_predecessor *first = alpa_map_get_pointer(&printer->predecessors, block);
  size_t n = 0;
  for (const alpa_predecessor *from = first; from; from = from->next)
    n++;
  if (n == 0)
    alpa_text_string(printer->text, block == block->region->first ? "" : "  // no predecessors");
  else if (n == 1)
    alpa_text_string(printer->text, "  // pred: ");
  else
    alpa_text_printf(printer->text, "  // %zu preds: ", n);
  for (const alpa_predecessor *from = first; from; from = from->next) {
    alpa_text_string(printer->text, from == first ? "" : ", ");
    alpa_printer_block_name(printer, from->block);
  }
}

static void print_label(alpa_printer *printer, const alpa_block *block) {
  print_indent(printer);
  alpa_printer_block_name(printer, block);
  if (block->n_args)
    alpa_text_char(printer->text, '(');
  for (uint32_t i = 0; i < block->n_args; i++) {
    if (i)
      alpa_text_append(printer->text, ", ", 2);
    alpa_printer_region_arg(printer, block->args[i]);
  }
  alpa_text_string(printer->text, block->n_args ? "):" : ":");
  print_predecessors(printer, block);
  alpa_text_char(printer->text, '\n');
}

static void print_block(alpa_printer *printer, const alpa_block *block, bool with_label) {
  if (with_label)
    print_label(printer, block);
  printer->indent += INDENT;
  for (const alpa_op *op = block->first; op; op = op->next) {
    print_indent(printer);
    print_op(printer, op);
    alpa_text_char(printer->text, '\n');
  }
  printer->indent -= INDENT;
}

static void print_region(alpa_printer *printer, const alpa_region *region, bool with_args, bool with_empty) {
  if (printer->options->skip_regions) {
    alpa_text_string(printer->text, "{...}");
    return;
  }
  const char *outer_dialect = printer->default_dialect;
  printer->default_dialect = alpa_op_def_default_dialect(region->op->def);
  alpa_text_append(printer->text, "{\n", 2);
  for (const alpa_block *block = region->first; block; block = block->next)
    print_block(printer, block,
                block != region->first || (with_args && block->n_args) || (with_empty && !block->first));
  print_indent(printer);
  alpa_text_char(printer->text, '}');
  printer->default_dialect = outer_dialect;
}

void alpa_printer_region(alpa_printer *printer, const alpa_region *region, bool with_args) {
  print_region(printer, region, with_args, false);
}

/* ---- ops ---- */

static void print_results(alpa_printer *printer, const alpa_op *op) {
  if (op->n_results == 0)
    return;
  uint32_t n = alpa_printer_names_each(printer, op) ? op->n_results : 1;
  for (uint32_t i = 0; i < n; i++) {
    if (i)
      alpa_text_append(printer->text, ", ", 2);
    alpa_printer_result_name(printer, &op->results[i]);
  }
  if (n < op->n_results) {
    alpa_text_char(printer->text, ':');
    alpa_text_int(printer->text, op->n_results);
  }
  alpa_text_append(printer->text, " = ", 3);
}

static void print_properties(alpa_printer *printer, const alpa_op *op) {
  uint16_t sorted[MAX_ATTRS];
  size_t n = op->def->dialect ? alpa_op_sorted_attrs(op, 0, sorted) : 0;
  if (n == 0 && !op->properties)
    return;
  alpa_text_append(printer->text, " <", 2);
  if (op->properties)
    alpa_printer_attr(printer, op->properties);
  for (size_t i = 0; i < n; i++) {
    alpa_text_string(printer->text, i ? ", " : "{");
    print_named_attr(printer, op->def->attrs[sorted[i]].name, op->attrs[sorted[i]]);
  }
  alpa_text_string(printer->text, n ? "}>" : ">");
}

static void print_successors(alpa_printer *printer, const alpa_op *op) {
  if (op->n_successors == 0)
    return;
  for (uint32_t i = 0; i < op->n_successors; i++) {
    alpa_text_string(printer->text, i ? ", " : "[");
    alpa_printer_block_name(printer, op->successors[i]);
  }
  alpa_text_char(printer->text, ']');
}

static void print_regions(alpa_printer *printer, const alpa_op *op) {
  if (op->n_regions == 0)
    return;
  for (uint32_t i = 0; i < op->n_regions; i++) {
    alpa_text_string(printer->text, i ? ", " : " (");
    print_region(printer, &op->regions[i], true, true);
  }
  alpa_text_char(printer->text, ')');
}

static void print_extra(alpa_printer *printer, const alpa_op *op) {
  if (!op->extra || op->extra->dict.n == 0)
    return;
  alpa_text_char(printer->text, ' ');
  alpa_printer_attr(printer, op->extra);
}

/* Names in tables need no escapes. */
static void print_quoted_name(alpa_printer *printer, const alpa_op_def *def) {
  if (!def->dialect) {
    alpa_text_quoted(printer->text, def->name, strlen(def->name));
    return;
  }
  alpa_text_char(printer->text, '"');
  alpa_text_string(printer->text, def->name);
  alpa_text_char(printer->text, '"');
}

static void print_generic(alpa_printer *printer, const alpa_op *op) {
  print_quoted_name(printer, op->def);
  alpa_text_char(printer->text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_char(printer->text, ')');
  print_successors(printer, op);
  print_properties(printer, op);
  print_regions(printer, op);
  print_extra(printer, op);
  alpa_printer_op_types(printer, op);
}

static void print_custom(alpa_printer *printer, const alpa_op *op) {
  const char *name = op->def->name, *dialect = printer->default_dialect;
  size_t prefix = strlen(dialect);
  if (prefix && strncmp(name, dialect, prefix) == 0 && name[prefix] == '.')
    name += prefix + 1;
  alpa_text_string(printer->text, name);
  if (op->def->syntax.print)
    op->def->syntax.print(printer, op);
  else
    alpa_printer_format(printer, op);
}

static bool is_count_of(alpa_arity arity, uint32_t n) {
  return n >= arity.min && (n <= arity.max || arity.max == ALPA_VARIADIC);
}

/* Whether an op has the parts that its custom form prints; what has not been verified may lack some. */
static bool is_complete(const alpa_op *op) {
  const alpa_op_def *def = op->def;
  if (!is_count_of(def->operands, op->n_operands) || !is_count_of(def->results, op->n_results) ||
      (def->regions != ALPA_VARIADIC && def->regions != op->n_regions))
    return false;
  for (size_t i = 0; i < def->n_attrs; i++)
    if (def->attrs[i].required && !op->attrs[i])
      return false;
  return true;
}

static bool is_generic(const alpa_printer *printer, const alpa_op *op) {
  const alpa_syntax *syntax = &op->def->syntax;
  return printer->options->generic || (!syntax->print && !syntax->format) || op->n_successors || !is_complete(op);
}

static void print_op(alpa_printer *printer, const alpa_op *op) {
  if (printer->collecting)
    alpa_printer_visit_loc(printer, op->loc, true);
  print_results(printer, op);
  if (is_generic(printer, op))
    print_generic(printer, op);
  else
    print_custom(printer, op);
  alpa_printer_loc(printer, op->loc);
}

/* ---- entry ---- */

static const alpa_op *root_of(const alpa_op *op) {
  while (alpa_op_parent(op))
    op = alpa_op_parent(op);
  return op;
}

/* Prints once without keeping the text, to see which locations occur and in which order. */
static void collect_aliases(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = printer->text, scratch;
  alpa_text_init(&scratch, &printer->arena);
  printer->text = &scratch;
  printer->collecting = true;
  print_op(printer, op);
  printer->collecting = false;
  printer->text = text;
  memset(&printer->types, 0, sizeof printer->types); /* they speak of the other text */
  memset(&printer->attrs, 0, sizeof printer->attrs);
  alpa_printer_number_aliases(printer);
}

void alpa_op_print(alpa_text *text, const alpa_op *op, const alpa_print_options *options) {
  static const alpa_print_options defaults = {0};
  alpa_printer printer = {
      .text = text, .options = options ? options : &defaults, .default_dialect = alpa_op_def_default_dialect(NULL)};
  alpa_arena_init(&printer.arena, text->arena->memory);
  alpa_printer_name_values(&printer, root_of(op));
  bool with_aliases = printer.options->debug_info && !printer.options->local_scope;
  if (with_aliases)
    collect_aliases(&printer, op);
  alpa_printer_aliases(&printer, false);
  if (!op->block)
    alpa_text_reserve(text, printer.names.n * BYTES_PER_OP);
  print_op(&printer, op);
  if (!op->block || printer.aliases.n)
    alpa_text_char(text, '\n');
  alpa_printer_aliases(&printer, true);
  alpa_arena_deinit(&printer.arena);
}
