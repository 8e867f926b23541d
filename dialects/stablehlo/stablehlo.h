/* The stablehlo dialect: op ids, attribute ordinals, attribute definitions. */
#ifndef ALPA_DIALECTS_STABLEHLO_STABLEHLO_H
#define ALPA_DIALECTS_STABLEHLO_STABLEHLO_H

#include "dialects/ir/op.h"

/* STABLEHLO_add, ... */
typedef enum stablehlo_op_id {
#define OP(id, ...) STABLEHLO_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/stablehlo/stablehlo_ops.def"
  STABLEHLO_OP_COUNT
} stablehlo_op_id;

/* stablehlo_dot_general_dot_dimension_numbers == 0, ... */
/* clang-format off */
#define OP(id, ...)       enum { stablehlo_##id##_no_attr = -1,
#define ATTR(id, name, ...)      stablehlo_##id##_##name,
#define ATTR_OF(id, name, ...)   stablehlo_##id##_##name,
#define END(id)                  stablehlo_##id##_attr_count };
#include "dialects/stablehlo/stablehlo_ops.def"
/* clang-format on */

extern const alpa_op_def alpa_stablehlo_ops[STABLEHLO_OP_COUNT];
extern const alpa_dialect_def alpa_stablehlo_dialect;

static inline bool stablehlo_is(const alpa_op *op, stablehlo_op_id id) { return op->def == &alpa_stablehlo_ops[id]; }

/* Cases of the enum attributes, in the order of their ordinals. */
enum { STABLEHLO_EQ, STABLEHLO_NE, STABLEHLO_GE, STABLEHLO_GT, STABLEHLO_LE, STABLEHLO_LT };
enum { STABLEHLO_NOTYPE, STABLEHLO_FLOAT, STABLEHLO_TOTALORDER, STABLEHLO_SIGNED, STABLEHLO_UNSIGNED };
enum { STABLEHLO_DEFAULT, STABLEHLO_HIGH, STABLEHLO_HIGHEST };
enum { STABLEHLO_TRANSPOSE_INVALID, STABLEHLO_NO_TRANSPOSE, STABLEHLO_TRANSPOSE, STABLEHLO_ADJOINT };
enum { STABLEHLO_FFT, STABLEHLO_IFFT, STABLEHLO_RFFT, STABLEHLO_IRFFT };
enum { STABLEHLO_UNIFORM, STABLEHLO_NORMAL };
enum { STABLEHLO_ACCURACY_DEFAULT, STABLEHLO_ACCURACY_HIGHEST, STABLEHLO_ACCURACY_TOLERANCE };
enum { STABLEHLO_RNG_DEFAULT, STABLEHLO_THREE_FRY, STABLEHLO_PHILOX };

/* Fields of the struct attributes, as ordinals for alpa_attr_field. */
enum {
  STABLEHLO_DOT_LHS_BATCHING,
  STABLEHLO_DOT_RHS_BATCHING,
  STABLEHLO_DOT_LHS_CONTRACTING,
  STABLEHLO_DOT_RHS_CONTRACTING
};
enum {
  STABLEHLO_GATHER_OFFSET_DIMS,
  STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS,
  STABLEHLO_GATHER_OPERAND_BATCHING_DIMS,
  STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS,
  STABLEHLO_GATHER_START_INDEX_MAP,
  STABLEHLO_GATHER_INDEX_VECTOR_DIM
};
enum {
  STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS,
  STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS,
  STABLEHLO_SCATTER_INPUT_BATCHING_DIMS,
  STABLEHLO_SCATTER_INDICES_BATCHING_DIMS,
  STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS,
  STABLEHLO_SCATTER_INDEX_VECTOR_DIM
};
enum {
  STABLEHLO_CONV_INPUT_BATCH,
  STABLEHLO_CONV_INPUT_FEATURE,
  STABLEHLO_CONV_INPUT_SPATIAL,
  STABLEHLO_CONV_KERNEL_INPUT_FEATURE,
  STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE,
  STABLEHLO_CONV_KERNEL_SPATIAL,
  STABLEHLO_CONV_OUTPUT_BATCH,
  STABLEHLO_CONV_OUTPUT_FEATURE,
  STABLEHLO_CONV_OUTPUT_SPATIAL
};
enum { STABLEHLO_CHANNEL_HANDLE, STABLEHLO_CHANNEL_TYPE };
enum {
  STABLEHLO_ALGORITHM_LHS_TYPE,
  STABLEHLO_ALGORITHM_RHS_TYPE,
  STABLEHLO_ALGORITHM_ACCUMULATION_TYPE,
  STABLEHLO_ALGORITHM_LHS_COMPONENTS,
  STABLEHLO_ALGORITHM_RHS_COMPONENTS,
  STABLEHLO_ALGORITHM_PRIMITIVES,
  STABLEHLO_ALGORITHM_IMPRECISE
};
enum { STABLEHLO_ALIAS_OUTPUT_INDICES, STABLEHLO_ALIAS_OPERAND, STABLEHLO_ALIAS_OPERAND_INDICES };
enum { STABLEHLO_ACCURACY_ATOL, STABLEHLO_ACCURACY_RTOL, STABLEHLO_ACCURACY_ULPS, STABLEHLO_ACCURACY_MODE };
enum { STABLEHLO_MESH_AXES_MESH, STABLEHLO_MESH_AXES_AXES };

/* Definitions of the dialect's attributes: X(name). */
#define STABLEHLO_ATTR_TABLE(X)                                                                                        \
  X(comparison_direction)                                                                                              \
  X(comparison_type)                                                                                                   \
  X(precision)                                                                                                         \
  X(transpose)                                                                                                         \
  X(fft_type)                                                                                                          \
  X(rng_distribution)                                                                                                  \
  X(rng_algorithm)                                                                                                     \
  X(dot)                                                                                                               \
  X(dot_algorithm)                                                                                                     \
  X(conv)                                                                                                              \
  X(gather)                                                                                                            \
  X(scatter)                                                                                                           \
  X(channel_handle)                                                                                                    \
  X(output_operand_alias)                                                                                              \
  X(result_accuracy_mode)                                                                                              \
  X(result_accuracy)                                                                                                   \
  X(replica_group_mesh_axes)                                                                                           \
  X(bounds)                                                                                                            \
  X(type_extensions)

#define X(name) extern const alpa_attr_def alpa_stablehlo_attr_##name;
STABLEHLO_ATTR_TABLE(X)
#undef X

#endif
