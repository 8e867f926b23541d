/* The kernel dialect: groups of ops that are computed together.
 *
 *   %r = "kernel.fused"(%x, %b) <{domain = array<i64: 32, 256>, kind = #kernel<kind loop>}> ({
 *   ^bb0(%arg0: tensor<32x256xf32>, %arg1: tensor<256xf32>):
 *     %0 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<256xf32>) -> tensor<32x256xf32>
 *     %1 = stablehlo.add %arg0, %0 : tensor<32x256xf32>
 *     "kernel.yield"(%1) : (tensor<32x256xf32>) -> ()
 *   }) : ...
 *
 * Operands of the op are arguments of its block; what stands inside is recomputed wherever it is needed, never stored,
 * unless it is yielded.  `domain` is the iteration space. */
#ifndef ALPA_DIALECTS_KERNEL_KERNEL_H
#define ALPA_DIALECTS_KERNEL_KERNEL_H

#include "dialects/ir/op.h"

typedef enum kernel_op_id {
#define OP(id, ...) KERNEL_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/kernel/kernel_ops.def"
  KERNEL_OP_COUNT
} kernel_op_id;

/* clang-format off */
#define OP(id, ...)       enum { kernel_##id##_no_attr = -1,
#define ATTR(id, name, ...)      kernel_##id##_##name,
#define ATTR_OF(id, name, ...)   kernel_##id##_##name,
#define END(id)                  kernel_##id##_attr_count };
#include "dialects/kernel/kernel_ops.def"
/* clang-format on */

/* How a kernel iterates.  X(ID, name, meaning) */
#define KERNEL_KIND_TABLE(X)                                                                                           \
  X(LOOP, "loop", "each element of the domain on its own; reductions inside are loops of their own")                   \
  X(ROWS, "rows", "rows of the domain: the first `rows` dimensions count rows, reductions run along the others")       \
  X(UPDATE, "update", "dynamic_update_slice whose result may share the operand's memory; domain: the update")          \
  X(CONTRACTION, "contraction", "one dot_general, layout changes of its operands, elementwise epilogue")               \
  X(ATTENTION, "attention", "products that make scores, what is made of them, sums and products along their rows")     \
  X(CONVOLUTION, "convolution", "one convolution and an elementwise epilogue")                                         \
  X(SCATTER, "scatter", "one scatter; domain: the updates")                                                            \
  X(SELECT_AND_SCATTER, "select_and_scatter", "one select_and_scatter; domain: the source")                            \
  X(SORT, "sort", "one sort; domain: the slices")                                                                      \
  X(MATRIX, "matrix", "one cholesky or triangular_solve; domain: the result")

typedef enum kernel_kind {
#define X(ID, name, meaning) KERNEL_KIND_##ID,
  KERNEL_KIND_TABLE(X)
#undef X
      KERNEL_KIND_COUNT
} kernel_kind;

extern const alpa_attr_def alpa_kernel_attr_kind;
extern const alpa_op_def alpa_kernel_ops[KERNEL_OP_COUNT];
extern const alpa_dialect_def alpa_kernel_dialect;

static inline bool kernel_is(const alpa_op *op, kernel_op_id id) { return op->def == &alpa_kernel_ops[id]; }
static inline kernel_kind alpa_kernel_kind(const alpa_op *fused) {
  return (kernel_kind)fused->attrs[kernel_fused_kind]->integer;
}
static inline alpa_block *alpa_kernel_body(const alpa_op *fused) { return fused->regions[0].first; }

#endif
