/* Writing MLIR text: what the print hooks of ops use.
 *
 * The printer has written `%results = name` when a hook runs, without a space behind; the hook writes the rest up to
 * the location, which follows by itself.  Everything goes to the text of alpa_printer_text. */
#ifndef ALPA_DIALECTS_IR_PRINTER_H
#define ALPA_DIALECTS_IR_PRINTER_H

#include "dialects/ir/op.h"

/* The output; literal text is written with alpa_text_string and alpa_text_char. */
alpa_text *alpa_printer_text(alpa_printer *printer);
/* Begins a line at the current indentation. */
void alpa_printer_newline(alpa_printer *printer);

/* %x, %x#1 */
void alpa_printer_value(alpa_printer *printer, const alpa_value *value);
/* Operands [first, first + n), comma-separated. */
void alpa_printer_operands(alpa_printer *printer, const alpa_op *op, uint32_t first, uint32_t n);
void alpa_printer_type(alpa_printer *printer, const alpa_type *type);
/* In full, with its type where MLIR writes one. */
void alpa_printer_attr(alpa_printer *printer, const alpa_attr *attr);
/* As `$name` of a format: without its type. */
void alpa_printer_field(alpa_printer *printer, const alpa_field_def *field, const alpa_attr *attr);
/* ` {a = 1}` of the discardable attributes and the inherent ones whose bit (1 << ordinal) is not in `elided`; nothing
 * where there are none. */
void alpa_printer_attr_dict(alpa_printer *printer, const alpa_op *op, uint64_t elided);
/* The same as ` attributes {a = 1}`. */
void alpa_printer_attr_dict_with_word(alpa_printer *printer, const alpa_op *op, uint64_t elided);
/* ` : T` where all operands and the only result have that type, else as alpa_printer_op_types. */
void alpa_printer_op_type_or_types(alpa_printer *printer, const alpa_op *op);
/* ` : (T, T) -> T`. */
void alpa_printer_op_types(alpa_printer *printer, const alpa_op *op);
/* The types of operands [first, first + n), comma-separated. */
void alpa_printer_operand_types(alpa_printer *printer, const alpa_op *op, uint32_t first, uint32_t n);
/* @name, quoted where it must be. */
void alpa_printer_symbol(alpa_printer *printer, const char *name);
/* `%x: T`, and its location where locations are printed. */
void alpa_printer_region_arg(alpa_printer *printer, const alpa_value *arg);
/* ` loc(...)` of a region argument that a hook prints by itself. */
void alpa_printer_arg_loc(alpa_printer *printer, const alpa_value *arg);
/* `{`, the blocks one level deeper, `}`.  with_args prints the entry block's label where it has arguments. */
void alpa_printer_region(alpa_printer *printer, const alpa_region *region, bool with_args);
/* ` loc(...)`, where locations are printed. */
void alpa_printer_loc(alpa_printer *printer, const alpa_loc *loc);

#endif
