/* The op table of the stablehlo dialect. */
#include "dialects/stablehlo/stablehlo.h"

#include "dialects/stablehlo/stablehlo_hooks.h"
#include "dialects/stablehlo/stablehlo_syntax.h"

static const alpa_attr_def *const attr_defs[] = {
#define X(name) &alpa_stablehlo_attr_##name,
    STABLEHLO_ATTR_TABLE(X)
#undef X
        NULL};

#define OPS "dialects/stablehlo/stablehlo_ops.def"
#define DIALECT "stablehlo"
#define SUMMARY "tensor programs as JAX and other front ends export them (openxla/stablehlo)"
#define D(name) alpa_stablehlo_##name
#define ROW(id) STABLEHLO_##id
#define ID ALPA_DIALECT_STABLEHLO
#define ATTRS attr_defs
#include "dialects/ir/op_table.def"
