/* Custom forms of the module and of casts. */
#include "dialects/builtin/builtin_syntax.h"

#include "dialects/builtin/builtin.h"
#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- module: @name attributes {attrs} { ... } ---- */

alpa_status alpa_builtin_parse_module(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  if (alpa_parser_peek(parser) == ALPA_TOKEN_SYMBOL) {
    const char *name;
    ALPA_TRY(alpa_parser_parse_symbol(parser, &name));
    ALPA_TRY(alpa_draft_set_attr(parser, draft, builtin_module_sym_name,
                                 alpa_attr_get_string(alpa_parser_context(parser), name)));
  }
  ALPA_TRY(alpa_parser_parse_attr_dict_with_word(parser));
  ALPA_TRY(alpa_parser_parse_region(parser, NULL, 0));
  alpa_region *body = draft->regions.items[0];
  if (!body->first)
    alpa_block_append(body, alpa_block_create(alpa_parser_module(parser)));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_builtin_print_module(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_attr *name = op->attrs[builtin_module_sym_name];
  if (name) {
    alpa_text_char(text, ' ');
    alpa_printer_symbol(printer, name->string.data);
  }
  alpa_printer_attr_dict_with_word(printer, op, ELIDE(builtin_module_sym_name));
  alpa_text_char(text, ' ');
  alpa_printer_region(printer, &op->regions[0], false);
}

/* ---- unrealized_conversion_cast: %a, %b : T, T to T, T {attrs} ---- */

alpa_status alpa_builtin_parse_unrealized_conversion_cast(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  if (draft->operands.n) {
    ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the operands"));
    draft->types_at = alpa_parser_at(parser);
    ALPA_TRY(alpa_parser_parse_types(parser, &draft->operand_types));
  }
  ALPA_TRY(alpa_parser_expect_word(parser, "to"));
  ALPA_TRY(alpa_parser_parse_types(parser, &draft->results));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_builtin_print_unrealized_conversion_cast(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  if (op->n_operands) {
    alpa_printer_operands(printer, op, 0, op->n_operands);
    alpa_text_string(text, " : ");
    alpa_printer_operand_types(printer, op, 0, op->n_operands);
    alpa_text_char(text, ' ');
  }
  alpa_text_string(text, "to ");
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_printer_type(printer, op->results[i].type);
  }
  alpa_printer_attr_dict(printer, op, 0);
}
