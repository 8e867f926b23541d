/* Custom forms of functions, calls and returns.
 *
 *   func.func public @f(%a: T {attrs} loc(..), %b: T) -> (T {attrs}) attributes {attrs} { ... } */
#include "dialects/func/func_syntax.h"

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- func, read ---- */

typedef struct signature {
  alpa_region_args args;
  bool named; /* the arguments have names: there is a body */
  alpa_type_list results;
  ALPA_VEC(const alpa_attr *) result_attrs; /* a DICT each, or NULL */
} signature;

static alpa_status parse_type_and_attrs(alpa_parser *parser, const alpa_type **out_type, const alpa_attr **out_attrs) {
  ALPA_TRY(alpa_parser_parse_type(parser, out_type));
  *out_attrs = NULL;
  return alpa_parser_peek(parser) == '{' ? alpa_parser_parse_attr(parser, out_attrs) : ALPA_OK;
}

/* (T {attrs}, T): what a declaration has. */
static alpa_status parse_unnamed_args(alpa_parser *parser, alpa_region_args *args) {
  ALPA_TRY(alpa_parser_expect(parser, '(', "before arguments"));
  if (alpa_parser_peek(parser) != ')')
    do {
      alpa_region_arg arg = {0};
      ALPA_TRY(parse_type_and_attrs(parser, &arg.type, &arg.attrs));
      if (alpa_parser_is_word(parser, "loc"))
        ALPA_TRY(alpa_parser_parse_loc(parser, &arg.loc));
      alpa_vec_push(alpa_parser_arena(parser), args, arg);
    } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ')', "behind arguments");
}

/* A result without parentheses has no attributes: a brace behind it opens the body. */
static alpa_status parse_result(alpa_parser *parser, signature *sign, bool bare) {
  const alpa_type *type;
  const alpa_attr *attrs = NULL;
  if (bare)
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
  else
    ALPA_TRY(parse_type_and_attrs(parser, &type, &attrs));
  alpa_vec_push(alpa_parser_arena(parser), &sign->results, type);
  alpa_vec_push(alpa_parser_arena(parser), &sign->result_attrs, attrs);
  return ALPA_OK;
}

static alpa_status parse_results(alpa_parser *parser, signature *sign) {
  if (!alpa_parser_accept(parser, ALPA_TOKEN_ARROW))
    return ALPA_OK;
  if (!alpa_parser_accept(parser, '(')) {
    /* A brace behind a lone result without parentheses begins the body. */
    const alpa_type *type;
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
    alpa_vec_push(alpa_parser_arena(parser), &sign->results, type);
    alpa_vec_push(alpa_parser_arena(parser), &sign->result_attrs, NULL);
    return ALPA_OK;
  }
  if (alpa_parser_peek(parser) != ')')
    do
      ALPA_TRY(parse_result(parser, sign, false));
    while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ')', "behind results");
}

static alpa_status parse_signature(alpa_parser *parser, signature *sign) {
  sign->named = alpa_parser_peek(parser) == '(' && alpa_parser_peek_second(parser) == ALPA_TOKEN_VALUE;
  if (sign->named)
    ALPA_TRY(alpa_parser_parse_region_args(parser, &sign->args));
  else
    ALPA_TRY(parse_unnamed_args(parser, &sign->args));
  return parse_results(parser, sign);
}

/* One dictionary each, or NULL where there are none at all. */
static const alpa_attr *attr_list(alpa_parser *parser, const alpa_attr **dicts, size_t n) {
  alpa_context *ctx = alpa_parser_context(parser);
  const alpa_attr *empty = alpa_attr_get_dict(ctx, NULL, 0);
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    dicts[i] = dicts[i] ? dicts[i] : empty;
    any = any || dicts[i] != empty;
  }
  return any ? alpa_attr_get_array(ctx, dicts, n) : NULL;
}

static alpa_status set_type(alpa_parser *parser, alpa_draft *draft, const signature *sign) {
  alpa_context *ctx = alpa_parser_context(parser);
  alpa_arena *arena = alpa_parser_arena(parser);
  size_t n = sign->args.n;
  const alpa_type **types = alpa_arena_alloc(arena, n * sizeof *types);
  const alpa_attr **attrs = alpa_arena_alloc(arena, n * sizeof *attrs);
  for (size_t i = 0; i < n; i++) {
    types[i] = sign->args.items[i].type;
    attrs[i] = sign->args.items[i].attrs;
  }
  const alpa_type *type =
      alpa_type_get_function(ctx, (alpa_types){types, n}, (alpa_types){sign->results.items, sign->results.n});
  ALPA_TRY(alpa_draft_set_attr(parser, draft, func_func_function_type, alpa_attr_get_type(ctx, type)));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, func_func_arg_attrs, attr_list(parser, attrs, n)));
  return alpa_draft_set_attr(parser, draft, func_func_res_attrs,
                             attr_list(parser, sign->result_attrs.items, sign->result_attrs.n));
}

static alpa_status parse_visibility(alpa_parser *parser, alpa_draft *draft) {
  static const char *const words[] = {"public", "private", "nested"};
  for (size_t i = 0; i < countof(words); i++)
    if (alpa_parser_accept_word(parser, words[i]))
      return alpa_draft_set_attr(parser, draft, func_func_sym_visibility,
                                 alpa_attr_get_string(alpa_parser_context(parser), words[i]));
  return ALPA_OK;
}

static alpa_status parse_body(alpa_parser *parser, alpa_draft *draft, const signature *sign) {
  const char *at = alpa_parser_at(parser);
  if (alpa_parser_peek(parser) != '{') {
    if (sign->named)
      return alpa_parser_error(parser, "expected the body of the function: its arguments have names");
    alpa_vec_push(alpa_parser_arena(parser), &draft->regions,
                  alpa_arena_new(&alpa_parser_module(parser)->arena, alpa_region, 1));
    return ALPA_OK;
  }
  if (!sign->named && sign->args.n)
    return alpa_parser_error(parser, "expected names of the function's arguments, because it has a body");
  ALPA_TRY(alpa_parser_parse_region(parser, sign->args.items, sign->args.n));
  if (!draft->regions.items[0]->first)
    return alpa_parser_error_at(parser, at, "expected non-empty function body");
  return ALPA_OK;
}

alpa_status alpa_func_parse_func(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  signature sign = {0};
  const char *name;
  ALPA_TRY(parse_visibility(parser, draft));
  ALPA_TRY(alpa_parser_parse_symbol(parser, &name));
  ALPA_TRY(
      alpa_draft_set_attr(parser, draft, func_func_sym_name, alpa_attr_get_string(alpa_parser_context(parser), name)));
  ALPA_TRY(parse_signature(parser, &sign));
  ALPA_TRY(set_type(parser, draft, &sign));
  ALPA_TRY(alpa_parser_parse_attr_dict_with_word(parser));
  ALPA_TRY(parse_body(parser, draft, &sign));
  return alpa_draft_build(parser, draft, out_op);
}

/* ---- func, written ---- */

/* ` {attrs}` of argument or result i. */
static void print_dict_of(alpa_printer *printer, const alpa_attr *list, size_t i) {
  if (!list || list->array.items[i]->dict.n == 0)
    return;
  alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_attr(printer, list->array.items[i]);
}

static void print_args(alpa_printer *printer, const alpa_op *op, const alpa_type *type, const alpa_block *entry) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, '(');
  for (size_t i = 0; i < type->inputs.n; i++) {
    alpa_text_string(text, i ? ", " : "");
    if (entry && i < entry->n_args) {
      alpa_printer_value(printer, entry->args[i]);
      alpa_text_string(text, ": ");
    }
    alpa_printer_type(printer, type->inputs.items[i]);
    print_dict_of(printer, op->attrs[func_func_arg_attrs], i);
    if (entry && i < entry->n_args)
      alpa_printer_arg_loc(printer, entry->args[i]);
  }
  alpa_text_char(text, ')');
}

static void print_results(alpa_printer *printer, const alpa_op *op, const alpa_type *type) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_attr *attrs = op->attrs[func_func_res_attrs];
  size_t n = type->results.n;
  if (n == 0)
    return;
  bool bare =
      n == 1 && type->results.items[0]->kind != ALPA_TYPE_FUNCTION && (!attrs || attrs->array.items[0]->dict.n == 0);
  alpa_text_string(text, bare ? " -> " : " -> (");
  for (size_t i = 0; i < n; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_printer_type(printer, type->results.items[i]);
    print_dict_of(printer, attrs, i);
  }
  alpa_text_string(text, bare ? "" : ")");
}

void alpa_func_print_func(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_type *type = alpa_func_type(op);
  const alpa_attr *visibility = op->attrs[func_func_sym_visibility];
  alpa_text_char(text, ' ');
  if (visibility) {
    alpa_text_string(text, visibility->string.data);
    alpa_text_char(text, ' ');
  }
  alpa_printer_symbol(printer, op->attrs[func_func_sym_name]->string.data);
  print_args(printer, op, type, op->regions[0].first);
  print_results(printer, op, type);
  alpa_printer_attr_dict_with_word(printer, op,
                                   ELIDE(func_func_arg_attrs) | ELIDE(func_func_function_type) |
                                       ELIDE(func_func_res_attrs) | ELIDE(func_func_sym_name) |
                                       ELIDE(func_func_sym_visibility));
  if (!op->regions[0].first)
    return;
  alpa_text_char(text, ' ');
  alpa_printer_region(printer, &op->regions[0], false);
}

/* ---- call: @f(%a, %b) {attrs} : F ---- */

alpa_status alpa_func_parse_call(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const char *callee;
  ALPA_TRY(alpa_parser_parse_symbol(parser, &callee));
  ALPA_TRY(
      alpa_draft_set_attr(parser, draft, func_call_callee, alpa_attr_get_symbol(alpa_parser_context(parser), callee)));
  ALPA_TRY(alpa_parser_expect(parser, '(', "before operands"));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind operands"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_func_print_call(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_attr(printer, op->attrs[func_call_callee]);
  alpa_text_char(text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_char(text, ')');
  alpa_printer_attr_dict(printer, op, ELIDE(func_call_callee));
  alpa_printer_op_types(printer, op);
}

/* ---- return: {attrs} %a, %b : T, T ---- */

alpa_status alpa_func_parse_return(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  if (draft->operands.n) {
    ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the operands"));
    draft->types_at = alpa_parser_at(parser);
    ALPA_TRY(alpa_parser_parse_types(parser, &draft->operand_types));
  }
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_func_print_return(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_printer_attr_dict(printer, op, 0);
  if (op->n_operands == 0)
    return;
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_string(text, " : ");
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
}
