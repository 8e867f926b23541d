/* Interning of types.  Hashes are structural, so that they agree between processes. */
#include "dialects/ir/type.h"

#include <string.h>

#include "dialects/ir/context.h"

int64_t alpa_dims_count(uint32_t rank, const int64_t *dims, int64_t element_bytes) {
  int64_t count = element_bytes;
  bool dynamic = false, empty = false;
  for (uint32_t i = 0; i < rank; i++) {
    if (dims[i] == ALPA_DYNAMIC)
      dynamic = true;
    else if (dims[i] == 0)
      empty = true; /* the other sizes still must not overflow: local shapes and strides are made from them */
    else if (__builtin_mul_overflow(count, dims[i], &count))
      return -2;
  }
  return dynamic ? -1 : empty ? 0 : count;
}

static uint64_t hash_types(uint64_t hash, alpa_types types) {
  hash = alpa_hash_mix(hash, types.n);
  for (size_t i = 0; i < types.n; i++)
    hash = alpa_hash_mix(hash, types.items[i]->hash);
  return hash;
}

static uint64_t hash_type(const alpa_type *type) {
  uint64_t hash = alpa_hash_mix(0x7479706573, (uint64_t)type->kind);
  switch (type->kind) {
  case ALPA_TYPE_SCALAR:
    return alpa_hash_mix(hash, (uint64_t)type->dtype);
  case ALPA_TYPE_INDEX:
  case ALPA_TYPE_NONE:
    return hash;
  case ALPA_TYPE_TENSOR:
    hash = alpa_hash_mix(hash, type->element->hash);
    hash = alpa_hash_mix(hash, type->encoding ? type->encoding->hash : 0);
    hash = alpa_hash_mix(hash, type->rank);
    for (uint32_t i = 0; i < type->rank; i++)
      hash = alpa_hash_mix(hash, (uint64_t)type->dims[i]);
    return hash;
  case ALPA_TYPE_FUNCTION:
    return hash_types(hash_types(hash, type->inputs), type->results);
  case ALPA_TYPE_TUPLE:
    return hash_types(hash, type->inputs);
  case ALPA_TYPE_OPAQUE:
    return alpa_hash_mix(hash, alpa_hash64(type->text, strlen(type->text), 0));
  }
  return hash;
}

static bool types_equal(alpa_types a, alpa_types b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.items, b.items, a.n * sizeof *a.items) == 0);
}

static bool type_equal(const void *stored, const void *wanted) {
  const alpa_type *a = stored, *b = wanted;
  return a->kind == b->kind && a->dtype == b->dtype && a->rank == b->rank && a->element == b->element &&
         a->encoding == b->encoding && a->text == b->text && types_equal(a->inputs, b->inputs) &&
         types_equal(a->results, b->results) &&
         (a->rank == 0 || memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0);
}

static alpa_types copy_types(alpa_context *ctx, alpa_types types) {
  return (alpa_types){alpa_arena_copy(&ctx->arena, types.items, types.n * sizeof *types.items), types.n};
}

static const alpa_type *intern(alpa_context *ctx, alpa_type key) {
  key.hash = hash_type(&key);
  const alpa_type *found = alpa_intern_find(&ctx->types, key.hash, &key, type_equal);
  if (found)
    return found;
  alpa_type *type = alpa_arena_new(&ctx->arena, alpa_type, 1);
  *type = key;
  type->dims = alpa_arena_copy(&ctx->arena, key.dims, key.rank * sizeof *key.dims);
  type->inputs = copy_types(ctx, key.inputs);
  type->results = copy_types(ctx, key.results);
  alpa_intern_insert(&ctx->arena, &ctx->types, key.hash, type);
  return type;
}

const alpa_type *alpa_type_get_scalar(alpa_context *ctx, alpa_dtype dtype) {
  if (!ctx->scalars[dtype])
    ctx->scalars[dtype] = intern(ctx, (alpa_type){.kind = ALPA_TYPE_SCALAR, .dtype = dtype});
  return ctx->scalars[dtype];
}

const alpa_type *alpa_type_get_index(alpa_context *ctx) { return intern(ctx, (alpa_type){.kind = ALPA_TYPE_INDEX}); }

const alpa_type *alpa_type_get_none(alpa_context *ctx) { return intern(ctx, (alpa_type){.kind = ALPA_TYPE_NONE}); }

const alpa_type *alpa_type_get_tensor(alpa_context *ctx, alpa_dtype dtype, uint32_t rank, const int64_t *dims) {
  return alpa_type_get_tensor_of(ctx, alpa_type_get_scalar(ctx, dtype), rank, dims, NULL);
}

const alpa_type *alpa_type_get_tensor_of(alpa_context *ctx, const alpa_type *element, uint32_t rank,
                                         const int64_t *dims, const alpa_attr *encoding) {
  return intern(ctx, (alpa_type){.kind = ALPA_TYPE_TENSOR,
                                 .dtype = element->dtype,
                                 .rank = rank,
                                 .dims = dims,
                                 .element = element,
                                 .encoding = encoding});
}

const alpa_type *alpa_type_get_function(alpa_context *ctx, alpa_types inputs, alpa_types results) {
  return intern(ctx, (alpa_type){.kind = ALPA_TYPE_FUNCTION, .inputs = inputs, .results = results});
}

const alpa_type *alpa_type_get_tuple(alpa_context *ctx, alpa_types elements) {
  return intern(ctx, (alpa_type){.kind = ALPA_TYPE_TUPLE, .inputs = elements});
}

const alpa_type *alpa_type_get_opaque(alpa_context *ctx, alpa_str text) {
  return intern(ctx, (alpa_type){.kind = ALPA_TYPE_OPAQUE, .text = alpa_name_n(ctx, text.data, text.size)});
}

const alpa_type *alpa_type_with_dims(alpa_context *ctx, const alpa_type *tensor, uint32_t rank, const int64_t *dims) {
  return alpa_type_get_tensor_of(ctx, tensor->element, rank, dims, tensor->encoding);
}

const alpa_type *alpa_type_with_dtype(alpa_context *ctx, const alpa_type *tensor, alpa_dtype dtype) {
  return alpa_type_get_tensor_of(ctx, alpa_type_get_scalar(ctx, dtype), tensor->rank, tensor->dims, tensor->encoding);
}

bool alpa_type_is_static_tensor(const alpa_type *type) {
  if (type->kind != ALPA_TYPE_TENSOR || type->element->kind != ALPA_TYPE_SCALAR)
    return false;
  for (uint32_t i = 0; i < type->rank; i++)
    if (type->dims[i] == ALPA_DYNAMIC)
      return false;
  return true;
}

int64_t alpa_type_count(const alpa_type *type) { return alpa_dims_count(type->rank, type->dims, 1); }

int64_t alpa_type_bytes(const alpa_type *type) {
  return alpa_dims_count(type->rank, type->dims, alpa_dtype_get_info(type->dtype)->bytes);
}

const char *alpa_type_spell(alpa_context *ctx, const alpa_type *type) {
  alpa_text text;
  alpa_text_init(&text, &ctx->diag.arena);
  alpa_type_print(&text, type);
  return alpa_text_finish(&text);
}
