/* Domains: how kernels iterate. */
#ifndef ALPA_CODEGEN_LOWER_LOOP_H
#define ALPA_CODEGEN_LOWER_LOOP_H

#include "codegen/lower/expr.h"

/* An iteration space with one dimension on the lanes. */
typedef struct alpa_domain {
  uint32_t rank;
  const int64_t *dims;
  bool flat;         /* one loop over all elements: every op in the kernel keeps the order of elements */
  uint32_t lane_dim; /* rank where nothing is on lanes */
  uint32_t lanes;
  int64_t inner, outer; /* extent of the lane dimension, product of the others */
} alpa_domain;

typedef void alpa_point_fn(alpa_lower *lower, void *user, const alpa_tuple *at);

/* Chooses the lanes for a kernel; widen multiplies the vector length (several vectors at once). */
void alpa_domain_init(alpa_lower *lower, alpa_domain *domain, uint32_t rank, const int64_t *dims, uint32_t widen);
/* Into how many tasks `units` independent pieces with that much work in all (element-ops) are worth splitting; one per
 * unit for a GPU, whose threads are tasks. */
int64_t alpa_task_count(const alpa_lower *lower, double work, int64_t units);
/* Work of one element of the domain, in element-ops. */
double alpa_kernel_element_work(const alpa_op *kernel);
/* Emits the loops of one task over its part of the domain and calls body for every group of lanes. */
void alpa_domain_run(alpa_lower *lower, const alpa_domain *domain, int64_t n_tasks, alpa_point_fn *body, void *user);
/* The lanes that the widest type of the kernel allows. */
uint32_t alpa_kernel_lanes(const alpa_lower *lower);
/* Loops over the inner dimension alone, in lanes: tuples are `row` with dimension lane_dim replaced. */
void alpa_domain_run_inner(alpa_lower *lower, const alpa_domain *domain, const alpa_tuple *row, alpa_point_fn *body,
                           void *user);
/* Splits a uniform number over the dimensions of a box, last fastest; dimension `skip` is left alone. */
void alpa_domain_delinearise(alpa_lower *lower, LLVMValueRef linear, uint32_t rank, const int64_t *dims, uint32_t skip,
                             alpa_tuple *out);

/* A kind of kernel. */
typedef struct alpa_kernel_lowering {
  void (*schedule)(alpa_lower *lower);
  void (*emit)(alpa_lower *lower, uint32_t phase);
} alpa_kernel_lowering;

extern const alpa_kernel_lowering alpa_lower_loop, alpa_lower_rows, alpa_lower_update, alpa_lower_contraction,
    alpa_lower_attention, alpa_lower_convolution, alpa_lower_scatter, alpa_lower_select_and_scatter, alpa_lower_sort, alpa_lower_matrix;

/* Whether a convolution is a product of two matrices: every window is one element, or the whole image. */
bool alpa_convolution_is_product(const alpa_op *op);

/* The memory of result i. */
const alpa_leaf *alpa_lower_result(const alpa_lower *lower, uint32_t i);

#endif
