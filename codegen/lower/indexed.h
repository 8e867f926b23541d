/* Computed places: start indices, their clamping, and index vectors of gather and scatter. */
#ifndef ALPA_CODEGEN_LOWER_INDEXED_H
#define ALPA_CODEGEN_LOWER_INDEXED_H

#include "codegen/lower/expr.h"

/* An integer element as a component: uniform or general. */
alpa_component alpa_index_component(alpa_lower *lower, alpa_dtype dtype, alpa_element element);
/* Held between 0 and `most`. */
alpa_component alpa_index_clamp(alpa_lower *lower, alpa_component index, int64_t most);
/* A rank-0 operand of an op as a clamped start index. */
alpa_component alpa_index_start(alpa_lower *lower, const alpa_op *op, uint32_t operand, int64_t most,
                                const alpa_tuple *like);
/* Number k of the index vector of the batch place `batch` (its rank: that of the indices without the vector). */
alpa_component alpa_index_at(alpa_lower *lower, alpa_value *indices, int64_t vector_dim, int64_t k,
                             const alpa_tuple *batch);
bool alpa_dims_contain(const alpa_attr *dims, int64_t dim);

#endif
