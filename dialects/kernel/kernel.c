/* The kernel dialect: what codegen compiles. */
#include "dialects/ir/op_def.h"

extern const alpa_dialect_def alpa_kernel_dialect;

const alpa_dialect_def alpa_kernel_dialect = {
    .name = "kernel",
    .summary = "loops, tiles and memory levels: what codegen compiles",
    .id = ALPA_DIALECT_KERNEL,
};
