/* Pieces of MLIR text that need no printer: numbers, strings, types, attributes.  Shared by print*.c. */
#ifndef ALPA_DIALECTS_IR_PRINT_TEXT_H
#define ALPA_DIALECTS_IR_PRINT_TEXT_H

#include "dialects/ir/attribute.h"
#include "dialects/ir/print.h"

/* A float as MLIR prints it: six digits where they determine it, else as many as its format has, else its bits in
 * hexadecimal.  Returns false for the last. */
bool alpa_text_float(alpa_text *text, alpa_dtype dtype, uint64_t bits);
/* In quotes; what does not print as two hexadecimal digits. */
void alpa_text_quoted(alpa_text *text, const char *data, size_t size);
/* A name as it is, in quotes where it is no identifier. */
void alpa_text_name(alpa_text *text, const char *name);
/* @name, @"a b", @a::@b, of the text behind the first @. */
void alpa_text_symbol(alpa_text *text, const char *name);

/* As alpa_attr_print, with limits for constants; options may be NULL. */
void alpa_attr_print_with(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options);
/* As a field: without its type. */
void alpa_attr_print_field(alpa_text *text, const alpa_field_def *field, const alpa_attr *attr,
                           const alpa_print_options *options);
/* The elements of a list, a splat's only one, or hexadecimal: what stands in dense<...>. */
void alpa_attr_print_elements(alpa_text *text, const alpa_attr *attr, const alpa_print_options *options);
/* One element of memory. */
void alpa_text_element(alpa_text *text, const alpa_type *element, const void *at);
/* name, or name = value. */
void alpa_text_named_attr(alpa_text *text, const char *name, const alpa_attr *value, const alpa_print_options *options);
/* (T, T) -> T, the result in parentheses unless it is one and no function. */
void alpa_text_function_type(alpa_text *text, alpa_types inputs, alpa_types results);

#endif
