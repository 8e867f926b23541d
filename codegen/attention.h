/* Attention, as ops: products that make scores, what is done to scores, and products that take them.
 *
 *   scores[b..., m, n] = sum over d of lhs[b..., m, d] * rhs[b..., n, d]
 *   weights = exp(x - max of x over n)                    where x is made of scores element by element
 *   out[b..., m, d] = sum over n of y * other[b..., n, d]  where y is made of weights and scores element by element
 *   out[b..., n, d] = sum over m of y * other[b..., m, d]
 *
 * The fusion pass asks here about programs, the lowering about the kernels that fusion has made of them. */
#ifndef ALPA_CODEGEN_ATTENTION_H
#define ALPA_CODEGEN_ATTENTION_H

#include "dialects/ir/op.h"
#include "runtime/image/image.h"

/* The dimensions of an operand of a product: those of b, in the order of the scores, the one of m or n, and d. */
typedef struct alpa_scores_side {
  uint32_t batch[ALPA_MAX_RANK], line, along;
} alpa_scores_side;

/* Whether a dot_general makes scores, and its operands: lhs has m, rhs has n. */
bool alpa_scores_find_product(const alpa_op *dot, alpa_scores_side out_sides[2]);

/* A product that takes scores as an operand. */
typedef struct alpa_scores_sum {
  bool over_m;             /* else over n */
  alpa_scores_side other;  /* the other operand */
  alpa_scores_side result; /* the dimensions of the result */
} alpa_scores_sum;
bool alpa_scores_find_sum(const alpa_op *dot, uint32_t operand, alpa_scores_sum *out_sum);
/* f32 operands that may be rounded to tf32. */
bool alpa_dot_asks_for_tf32(const alpa_op *dot);

/* The last dimension is reduced, to one value for each (b..., m), in f32 from its identity on. */
bool alpa_scores_is_row_reduce(const alpa_op *op, alpa_reduction *out_reduction);

/* A softmax; sum and normalised may be NULL. */
typedef struct alpa_softmax {
  alpa_op *max, *weights; /* reduce; exponential */
  alpa_op *sum;           /* reduce of the weights */
  alpa_op *normalised;    /* weights / sum */
} alpa_softmax;
bool alpa_softmax_find(alpa_op *exponential, alpa_softmax *out_softmax);
/* Whether a value is a linear function of the weights of its place: c * weights, or c * normalised. */
bool alpa_softmax_scales(const alpa_softmax *softmax, const alpa_value *value, bool *out_normalised);
/* Whether a value is 0 wherever the weights are (and everything is finite). */
bool alpa_softmax_vanishes(const alpa_op *weights, const alpa_value *value);

/* Scores that the program overwrites by `fill` wherever n > m + offset. */
typedef struct alpa_scores_mask {
  int64_t offset;
  alpa_value *fill;      /* a constant */
  alpa_value *predicate; /* of the shape of the scores */
  bool is_exact;         /* it says just that: elsewhere it is `keeps` */
  bool keeps;
} alpa_scores_mask;
bool alpa_scores_find_mask(const alpa_value *x, alpa_scores_mask *out_mask);

#endif
