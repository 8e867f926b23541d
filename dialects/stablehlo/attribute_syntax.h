/* The textual forms of StableHLO attributes that are not lists of fields: what stands between < and >. */
#ifndef ALPA_DIALECTS_STABLEHLO_ATTRIBUTE_SYNTAX_H
#define ALPA_DIALECTS_STABLEHLO_ATTRIBUTE_SYNTAX_H

#include "dialects/ir/attribute.h"

/* [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], or raw input_batch_dimension = 0, ...; every field is present afterwards. */
alpa_status alpa_stablehlo_parse_attr_conv(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);
void alpa_stablehlo_print_attr_conv(alpa_text *text, const alpa_attr *attr);

/* bounds = [4, ?, 8], the older spelling of bounds, as which it is read. */
alpa_status alpa_stablehlo_parse_attr_type_extensions(alpa_parser *parser, const alpa_attr_def *def,
                                                      const alpa_attr **out_attr);

/* 4, ?, 8 */
alpa_status alpa_stablehlo_parse_attr_bounds(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);
void alpa_stablehlo_print_attr_bounds(alpa_text *text, const alpa_attr *attr);

#endif
