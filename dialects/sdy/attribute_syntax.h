/* The textual forms of sdy attributes: what stands between < and >. */
#ifndef ALPA_DIALECTS_SDY_ATTRIBUTE_SYNTAX_H
#define ALPA_DIALECTS_SDY_ATTRIBUTE_SYNTAX_H

#include "dialects/ir/attribute.h"

/* X(name): every attribute with a form of its own. */
#define SDY_ATTR_SYNTAX_TABLE(X)                                                                                       \
  X(mesh_axis)                                                                                                         \
  X(mesh)                                                                                                              \
  X(axis_ref)                                                                                                          \
  X(dimension_sharding)                                                                                                \
  X(sharding)                                                                                                          \
  X(sharding_per_value)                                                                                                \
  X(manual_axes)                                                                                                       \
  X(axis_ref_list)                                                                                                     \
  X(list_of_axis_ref_lists)                                                                                            \
  X(all_to_all_param)                                                                                                  \
  X(all_to_all_param_list)

#define X(name)                                                                                                        \
  alpa_status alpa_sdy_parse_attr_##name(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);   \
  void alpa_sdy_print_attr_##name(alpa_text *text, const alpa_attr *attr);
SDY_ATTR_SYNTAX_TABLE(X)
#undef X

#endif
