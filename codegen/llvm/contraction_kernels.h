/* The two kernels of contractions: `tiles` keeps a block of results in registers and packs its operands, `rows` sums
 * one vector of results at a time and suits what is too small for tiles.  Internal to codegen/llvm/contraction*.c. */
#ifndef ALPA_CODEGEN_LLVM_CONTRACTION_KERNELS_H
#define ALPA_CODEGEN_LLVM_CONTRACTION_KERNELS_H

#include "codegen/lower/contraction.h"

typedef enum alpa_contraction_side { ALPA_SIDE_LHS, ALPA_SIDE_RHS } alpa_contraction_side;

/* Lanes run along n where that is the result's innermost dimension, else along m. */
bool alpa_contraction_along_m(const alpa_contraction *c);
/* The offset in elements of one operand for a flat index of a list. */
LLVMValueRef alpa_contraction_offset(alpa_lower *lower, const alpa_contraction_dims *list, LLVMValueRef flat,
                                     alpa_contraction_side side);
static inline int64_t alpa_contraction_stride(const alpa_contraction_dim *dim, alpa_contraction_side side) {
  return side == ALPA_SIDE_LHS ? dim->lhs : dim->rhs;
}
static inline alpa_dtype alpa_contraction_dtype(const alpa_contraction *c, alpa_contraction_side side) {
  return side == ALPA_SIDE_LHS ? c->lhs_dtype : c->rhs_dtype;
}
static inline LLVMValueRef alpa_contraction_base(const alpa_lower *lower, const alpa_contraction *c,
                                                 alpa_contraction_side side) {
  return lower->operands[side == ALPA_SIDE_LHS ? c->lhs_operand : c->rhs_operand];
}

void alpa_contraction_rows_schedule(alpa_lower *lower, const alpa_contraction *c);
void alpa_contraction_rows_emit(alpa_lower *lower, const alpa_contraction *c);

/* False where the contraction is too small or of a type without fast arithmetic. */
bool alpa_contraction_tiles_fit(const alpa_lower *lower, const alpa_contraction *c);
void alpa_contraction_tiles_schedule(alpa_lower *lower, const alpa_contraction *c);
void alpa_contraction_tiles_emit(alpa_lower *lower, const alpa_contraction *c);

/* A strip of an operand to be packed: `width` places of a list from flat index `start`, as [k][width] in the
 * accumulator's type. */
typedef struct alpa_contraction_strip {
  alpa_contraction_side side;
  const alpa_contraction_dims *list;
  LLVMValueRef batch; /* offset of the batch in elements */
  LLVMValueRef start; /* flat index in the list */
  uint32_t width, lanes;
  bool bounded;          /* start + width may exceed the list: what lies beyond is packed as zero */
  LLVMValueRef k, k_end; /* flat range over k */
  LLVMValueRef to;       /* where to; up to lanes - 1 elements behind the strip are overwritten */
} alpa_contraction_strip;
void alpa_contraction_pack(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *strip);

#endif
