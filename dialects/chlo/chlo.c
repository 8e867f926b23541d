/* The op table and the attributes of the chlo dialect. */
#include "dialects/chlo/chlo.h"

#include "dialects/chlo/chlo_hooks.h"

#define ENUM(name, ...)                                                                                                \
  static const char *const name##_cases[] = {__VA_ARGS__, NULL};                                                       \
  const alpa_attr_def alpa_chlo_attr_##name = {.dialect = "chlo", .mnemonic = #name, .cases = name##_cases};

ENUM(comparison_direction, "EQ", "NE", "GE", "GT", "LE", "LT")
ENUM(comparison_type, "NOTYPE", "FLOAT", "TOTALORDER", "SIGNED", "UNSIGNED")
ENUM(precision, "DEFAULT", "HIGH", "HIGHEST")
#undef ENUM

#define DIMENSIONS(name) {name "_dimensions", ALPA_FIELD_I64S, false, NULL}
static const alpa_field_def ragged_dot_fields[] = {
    [CHLO_RAGGED_LHS_BATCHING] = DIMENSIONS("lhs_batching"),
    [CHLO_RAGGED_RHS_BATCHING] = DIMENSIONS("rhs_batching"),
    [CHLO_RAGGED_LHS_CONTRACTING] = DIMENSIONS("lhs_contracting"),
    [CHLO_RAGGED_RHS_CONTRACTING] = DIMENSIONS("rhs_contracting"),
    [CHLO_RAGGED_LHS_RAGGED] = DIMENSIONS("lhs_ragged"),
    [CHLO_RAGGED_RHS_GROUP] = DIMENSIONS("rhs_group"),
    {NULL, ALPA_FIELD_ANY, false, NULL},
};
#undef DIMENSIONS
const alpa_attr_def alpa_chlo_attr_ragged_dot = {
    .dialect = "chlo", .mnemonic = "ragged_dot", .fields = ragged_dot_fields};

static const alpa_attr_def *const attr_defs[] = {
#define X(name) &alpa_chlo_attr_##name,
    CHLO_ATTR_TABLE(X)
#undef X
        NULL};

#define OPS "dialects/chlo/chlo_ops.def"
#define DIALECT "chlo"
#define SUMMARY "the functions beyond StableHLO that JAX emits (openxla/stablehlo)"
#define D(name) alpa_chlo_##name
#define ROW(id) CHLO_##id
#define ID ALPA_DIALECT_CHLO
#define ATTRS attr_defs
#include "dialects/ir/op_table.def"
