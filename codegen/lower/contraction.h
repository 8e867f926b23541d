/* Contractions (dot_general) as the lowering sees them, and the interface of their kernels.
 *
 *   out[b, m, n] = epilogue(sum over k of lhs[b, m, k] * rhs[b, k, n])
 *
 * b, m, n and k each stand for a list of loop dimensions (none: extent 1).  Every dimension has a stride, in elements,
 * in each of the three tensors, so any layout is described without a copy: transposed operands, heads in the middle
 * of a row, a result that is transposed.  Adjacent dimensions that can be merged in all tensors have been merged, and
 * lists are ordered so that the last dimension has the smallest stride in the result (b, m, n) or the left operand
 * (k).  `flat` indices below run over the product of a list, last dimension fastest.
 *
 * A contraction is compiled into one or more phases: each phase is a function `void f(char **operands, int64_t task)`
 * launched with its own number of tasks, after all tasks of the phase before (packing, then computing).  Scratch
 * memory lives from the first phase to the last.  This file's functions are implemented in codegen/llvm/contraction.c
 * and, for a GPU, in codegen/ptx/contraction.c.
 */
#ifndef ALPA_CODEGEN_LOWER_CONTRACTION_H
#define ALPA_CODEGEN_LOWER_CONTRACTION_H

#include "codegen/lower/expr.h"

typedef struct alpa_contraction_dim {
  int64_t extent;
  int64_t lhs, rhs, out; /* strides in elements; 0 where the tensor does not have the dimension */
} alpa_contraction_dim;

typedef struct alpa_contraction_dims {
  uint32_t n;
  alpa_contraction_dim dims[ALPA_MAX_RANK];
  int64_t count; /* product of the extents */
} alpa_contraction_dims;

/* A place in the result: flat indices, i64.  `lanes` consecutive elements start there. */
typedef struct alpa_contraction_point {
  LLVMValueRef b, m, n;
  uint32_t lanes;    /* 1: a scalar; else the width of the vector `value` */
  bool along_m;      /* lanes run along m instead of n */
  LLVMValueRef mask; /* <lanes x i1>, lanes to store; NULL: all */
  int64_t multiple;  /* where lanes start is a multiple of this; 0: not known */
} alpa_contraction_point;

typedef struct alpa_contraction alpa_contraction;

/* Emits the epilogue and the stores for finished sums.  `value` is of the accumulator's LLVM type (float, double, i32
 * ..., or a vector of `lanes` of it).  May create basic blocks: continue from the builder's position afterwards. */
typedef void alpa_contraction_store_fn(alpa_lower *lower, const alpa_contraction *contraction,
                                       const alpa_contraction_point *at, LLVMValueRef value);

struct alpa_contraction {
  alpa_contraction_dims b, m, n, k;
  alpa_dtype lhs_dtype, rhs_dtype; /* in memory; equal or convertible to the accumulator's type */
  alpa_dtype accumulator;          /* F32 for floats of at most 32 bits, F64, or the integer type of the result */
  alpa_dtype out_dtype;            /* of the product itself, before the epilogue */
  bool tf32;                       /* the program asks for products of f32 in tf32, which a target may have */
  /* The result is just stored: out_dtype == accumulator, at out_operand with the strides `out`.  Then the kernel may
   * keep partial sums in the result's memory.  Otherwise `store` is the only way out, called exactly once for every
   * element. */
  bool plain;
  uint32_t lhs_operand, rhs_operand, out_operand; /* numbers in the operand array */
  int64_t lhs_offset, rhs_offset;                 /* elements by which the addresses of the operands have been moved */
  alpa_contraction_store_fn *store;               /* works for plain results too */
  void *user;                                     /* of `store` */
};

/* Decides tiles, phases, tasks and scratch from extents and the target, and writes them to lower->schedule. */
void alpa_contraction_schedule(alpa_lower *lower, const alpa_contraction *contraction);
/* Emits the body of a phase: the builder stands in an empty function body, and is left at its end, where the caller
 * puts the return. */
void alpa_contraction_emit(alpa_lower *lower, const alpa_contraction *contraction, uint32_t phase);

#endif
