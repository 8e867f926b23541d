/* The op table and the attributes of the sdy dialect. */
#include "dialects/sdy/sdy.h"

#include "dialects/sdy/attribute_syntax.h"
#include "dialects/sdy/sdy_hooks.h"

#define ENUM(name, ...)                                                                                                \
  static const char *const name##_cases[] = {__VA_ARGS__, NULL};                                                       \
  const alpa_attr_def alpa_sdy_attr_##name = {.dialect = "sdy", .mnemonic = #name, .cases = name##_cases};
#define STRUCT(name, ...)                                                                                              \
  static const alpa_field_def name##_fields[] = {__VA_ARGS__, {NULL, ALPA_FIELD_ANY, false, NULL}};                    \
  const alpa_attr_def alpa_sdy_attr_##name = {.dialect = "sdy",                                                        \
                                              .mnemonic = #name,                                                       \
                                              .fields = name##_fields,                                                 \
                                              .parse = alpa_sdy_parse_attr_##name,                                     \
                                              .print = alpa_sdy_print_attr_##name};
#define FIELD(name, kind) {name, ALPA_FIELD_##kind, true, NULL}
#define OPTIONAL_FIELD(name, kind) {name, ALPA_FIELD_##kind, false, NULL}

ENUM(propagation_direction, "NONE", "FORWARD", "BACKWARD", "BOTH")
ENUM(reduction_kind, "sum", "max", "min")
STRUCT(mesh_axis, FIELD("name", STR), FIELD("size", I64))
STRUCT(mesh, FIELD("axes", ARRAY), OPTIONAL_FIELD("device_ids", I64S))
STRUCT(axis_ref, FIELD("name", STR), OPTIONAL_FIELD("pre_size", I64), OPTIONAL_FIELD("size", I64))
STRUCT(dimension_sharding, FIELD("axes", ARRAY), OPTIONAL_FIELD("open", UNIT), OPTIONAL_FIELD("priority", I64))
STRUCT(sharding, FIELD("mesh", ANY), FIELD("dimensions", ARRAY), OPTIONAL_FIELD("replicated", ARRAY),
       OPTIONAL_FIELD("unreduced", ARRAY), OPTIONAL_FIELD("unreduced_kind", ANY))
STRUCT(sharding_per_value, FIELD("shardings", ARRAY))
STRUCT(manual_axes, FIELD("axes", ARRAY))
STRUCT(axis_ref_list, FIELD("axes", ARRAY))
STRUCT(list_of_axis_ref_lists, FIELD("lists", ARRAY))
STRUCT(all_to_all_param, FIELD("axes", ARRAY), FIELD("from", I64), FIELD("to", I64))
STRUCT(all_to_all_param_list, FIELD("params", ARRAY))
#undef ENUM
#undef STRUCT
#undef FIELD
#undef OPTIONAL_FIELD

static const alpa_attr_def *const attr_defs[] = {
#define X(name) &alpa_sdy_attr_##name,
    SDY_ATTR_TABLE(X)
#undef X
        NULL};

#define OPS "dialects/sdy/sdy_ops.def"
#define DIALECT "sdy"
#define SUMMARY "meshes and shardings (openxla/shardy)"
#define D(name) alpa_sdy_##name
#define ROW(id) SDY_##id
#define ID ALPA_DIALECT_SDY
#define ATTRS attr_defs
#define VERIFY_ATTR alpa_sdy_verify_attr
#include "dialects/ir/op_table.def"
