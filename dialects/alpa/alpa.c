/* The alpa dialect.  Hints and costs are discardable attributes, which need no table:
 *
 *   alpa.replicate                               the op runs on every device of its mesh
 *   alpa.split = {axis = "model", dim = 0 : i64}  its result is split along a dimension over a mesh axis */
#include "dialects/ir/op_def.h"

extern const alpa_dialect_def alpa_alpa_dialect;

const alpa_dialect_def alpa_alpa_dialect = {
    .name = "alpa",
    .summary = "layers, stages, accumulation and schedules",
    .id = ALPA_DIALECT_ALPA,
};
