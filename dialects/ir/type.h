/* Types, interned per context: equal types are the same pointer. */
#ifndef ALPA_DIALECTS_IR_TYPE_H
#define ALPA_DIALECTS_IR_TYPE_H

#include "support/text.h"

typedef struct alpa_context alpa_context;
typedef struct alpa_type alpa_type;
typedef struct alpa_attr alpa_attr;

typedef enum alpa_type_kind {
  ALPA_TYPE_SCALAR, /* a row of the data-type table: f32, i1, complex<f32> */
  ALPA_TYPE_INDEX,
  ALPA_TYPE_NONE,
  ALPA_TYPE_TENSOR,
  ALPA_TYPE_FUNCTION,
  ALPA_TYPE_TUPLE,
  ALPA_TYPE_OPAQUE /* kept as text: !stablehlo.token, vector<4xf32>, i7 */
} alpa_type_kind;

typedef struct alpa_types {
  const alpa_type *const *items;
  size_t n;
} alpa_types;

/* A dimension whose size is not known when compiling ('?'). */
#define ALPA_DYNAMIC INT64_MIN

struct alpa_type {
  alpa_type_kind kind;
  alpa_dtype dtype;          /* SCALAR; of a TENSOR its element's, where that is a SCALAR */
  uint32_t rank;             /* TENSOR */
  const int64_t *dims;       /* TENSOR: rank of them */
  const alpa_type *element;  /* TENSOR: SCALAR, or OPAQUE (quantized) */
  const alpa_attr *encoding; /* TENSOR, or NULL */
  alpa_types inputs;         /* FUNCTION; the elements of a TUPLE */
  alpa_types results;        /* FUNCTION */
  const char *text;          /* OPAQUE, interned */
  uint64_t hash;             /* structural: equal in every context and process */
};

const alpa_type *alpa_type_get_scalar(alpa_context *ctx, alpa_dtype dtype);
const alpa_type *alpa_type_get_index(alpa_context *ctx);
const alpa_type *alpa_type_get_none(alpa_context *ctx);
/* dims are copied.  Dimensions are non-negative or ALPA_DYNAMIC, and the bytes of the tensor fit in int64; callers
 * that take them from input check with alpa_dims_count first. */
const alpa_type *alpa_type_get_tensor(alpa_context *ctx, alpa_dtype dtype, uint32_t rank, const int64_t *dims);
/* The general form: any element type, encoding may be NULL. */
const alpa_type *alpa_type_get_tensor_of(alpa_context *ctx, const alpa_type *element, uint32_t rank,
                                         const int64_t *dims, const alpa_attr *encoding);
const alpa_type *alpa_type_get_function(alpa_context *ctx, alpa_types inputs, alpa_types results);
const alpa_type *alpa_type_get_tuple(alpa_context *ctx, alpa_types elements);
const alpa_type *alpa_type_get_opaque(alpa_context *ctx, alpa_str text);

/* The same tensor with other dimensions, or another element type. */
const alpa_type *alpa_type_with_dims(alpa_context *ctx, const alpa_type *tensor, uint32_t rank, const int64_t *dims);
const alpa_type *alpa_type_with_dtype(alpa_context *ctx, const alpa_type *tensor, alpa_dtype dtype);

/* Product of dimensions times element_bytes; -1 where one is dynamic, -2 where the product exceeds int64. */
int64_t alpa_dims_count(uint32_t rank, const int64_t *dims, int64_t element_bytes);

static inline bool alpa_type_is_tensor(const alpa_type *type) { return type->kind == ALPA_TYPE_TENSOR; }
/* A tensor of table elements with all dimensions known: what can be computed with. */
bool alpa_type_is_static_tensor(const alpa_type *type);
static inline bool alpa_type_is_scalar_tensor(const alpa_type *type) {
  return type->kind == ALPA_TYPE_TENSOR && type->rank == 0;
}
/* Elements and bytes of a static tensor. */
int64_t alpa_type_count(const alpa_type *type);
int64_t alpa_type_bytes(const alpa_type *type);
static inline alpa_dtype_class alpa_type_class(const alpa_type *type) {
  return alpa_dtype_get_info(type->dtype)->class_;
}

void alpa_type_print(alpa_text *text, const alpa_type *type);
/* The printed form, for messages; in the context's diagnostic arena. */
const char *alpa_type_spell(alpa_context *ctx, const alpa_type *type);

#endif
