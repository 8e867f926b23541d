/* The checks that verifiers and type inference share.  Every function reports what is wrong at the op and returns its
 * status.  A dynamic dimension agrees with everything. */
#ifndef ALPA_DIALECTS_STABLEHLO_CHECK_H
#define ALPA_DIALECTS_STABLEHLO_CHECK_H

#include "dialects/ir/op.h"

/* Sets of element types; a quantized element is in all of them but ALPA_IN_BOOL. */
enum {
  ALPA_IN_BOOL = 1 << ALPA_CLASS_BOOL,
  ALPA_IN_INT = 1 << ALPA_CLASS_INT,
  ALPA_IN_UINT = 1 << ALPA_CLASS_UINT,
  ALPA_IN_FLOAT = 1 << ALPA_CLASS_FLOAT,
  ALPA_IN_COMPLEX = 1 << ALPA_CLASS_COMPLEX,
  ALPA_IN_INTEGER = ALPA_IN_INT | ALPA_IN_UINT,
  ALPA_IN_NUMBER = ALPA_IN_INTEGER | ALPA_IN_FLOAT | ALPA_IN_COMPLEX
};

/* A list of dimension numbers, or of sizes, with the name to report it by. */
typedef struct alpa_dim_list {
  const char *name;
  const int64_t *items;
  size_t n;
} alpa_dim_list;

/* Tensors of more dimensions are refused by alpa_check_tensors. */
enum { ALPA_MAX_RANK = 64 };

/* A shape in the making. */
typedef struct alpa_shape {
  uint32_t rank;
  int64_t dims[ALPA_MAX_RANK];
} alpa_shape;

/* The shape of a tensor, to be changed. */
alpa_shape alpa_shape_of(const alpa_type *type);
/* Appends a dimension. */
void alpa_shape_push(alpa_shape *shape, int64_t dim);

/* Of an inherent attribute, or of a field of a struct attribute; absent is empty. */
alpa_dim_list alpa_dim_list_of(const alpa_op *op, int ordinal);
alpa_dim_list alpa_dim_list_field(const alpa_attr *attr, int ordinal);
bool alpa_dim_list_has(alpa_dim_list list, int64_t dim);
/* An i64 field of a struct attribute; 0 where absent. */
int64_t alpa_struct_int(const alpa_attr *attr, int ordinal);
/* An element of a PAIRS attribute. */
int64_t alpa_pair(const alpa_attr *attr, size_t row, size_t column);

/* ---- dimensions and sizes ---------------------------------------------------------------------------------------- */

static inline bool alpa_dim_known(int64_t dim) { return dim != ALPA_DYNAMIC; }
static inline bool alpa_dim_agrees(int64_t a, int64_t b) { return a == b || a == ALPA_DYNAMIC || b == ALPA_DYNAMIC; }
/* The same, or both quantized: how values are encoded is no matter of the type checks here. */
bool alpa_element_agrees(const alpa_type *a, const alpa_type *b);
/* Same rank, and every dimension agrees. */
bool alpa_shape_agrees(const alpa_type *a, const alpa_type *b);
/* Element types agree besides. */
bool alpa_type_agrees(const alpa_type *a, const alpa_type *b);

/* 0 <= dim < rank. */
alpa_status alpa_check_dim(const alpa_op *op, const char *name, int64_t dim, uint32_t rank);
/* Every one in range, none twice. */
alpa_status alpa_check_dims(const alpa_op *op, alpa_dim_list list, uint32_t rank);
/* Ascending besides. */
alpa_status alpa_check_sorted_dims(const alpa_op *op, alpa_dim_list list, uint32_t rank);
/* No dimension in both lists. */
alpa_status alpa_check_disjoint(const alpa_op *op, alpa_dim_list a, alpa_dim_list b);
/* As many entries as `of` has. */
alpa_status alpa_check_length(const alpa_op *op, alpa_dim_list list, size_t n, const char *of);
/* Every entry is at least `least`. */
alpa_status alpa_check_at_least(const alpa_op *op, alpa_dim_list list, int64_t least);

/* ---- types ---- */

/* The printed form of a type, for messages. */
const char *alpa_spell(const alpa_op *op, const alpa_type *type);
/* All operands (and results, where there are any yet) are tensors of at most ALPA_MAX_RANK dimensions. */
alpa_status alpa_check_tensors(const alpa_op *op);
alpa_status alpa_check_tensor(const alpa_op *op, const alpa_type *type, const char *name);
/* The element type of a tensor is in the set, which is reported as `classes`. */
alpa_status alpa_check_class(const alpa_op *op, const alpa_type *type, uint32_t set, const char *name,
                             const char *classes);
alpa_status alpa_check_same_element(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                    const char *b_name);
alpa_status alpa_check_same_shape(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                  const char *b_name);
alpa_status alpa_check_same_type(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                 const char *b_name);
/* A tensor of rank 0. */
alpa_status alpa_check_scalar(const alpa_op *op, const alpa_type *type, const char *name);
/* A tensor of rank 0 and of a bool. */
alpa_status alpa_check_predicate(const alpa_op *op, const alpa_type *type, const char *name);
/* Operands `first` and following are integer scalars of one type, one per dimension. */
alpa_status alpa_check_start_indices(const alpa_op *op, uint32_t first, uint32_t rank);
/* Result 0 has this shape; its element type is free. */
alpa_status alpa_check_result_shape(const alpa_op *op, const alpa_shape *shape);

/* The type with another shape as the next result; reports a tensor too large to exist. */
alpa_status alpa_infer_shape(const alpa_op *op, alpa_infer *out, const alpa_type *element_of, const alpa_shape *shape);

#endif
