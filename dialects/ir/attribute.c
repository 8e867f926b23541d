/* Interning of attributes.  Hashes are structural, so that they agree between processes. */
#include "dialects/ir/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "support/number.h"

static size_t element_bytes(const alpa_attr *attr) {
  const alpa_type *type = attr->kind == ALPA_ATTR_ELEMENTS ? attr->type->element : attr->type;
  return type->kind == ALPA_TYPE_SCALAR ? alpa_dtype_get_info(type->dtype)->bytes : sizeof(int64_t);
}

static uint64_t hash_list(uint64_t hash, const alpa_attr *const *items, size_t n) {
  hash = alpa_hash_mix(hash, n);
  for (size_t i = 0; i < n; i++)
    hash = alpa_hash_mix(hash, items[i] ? items[i]->hash : 0);
  return hash;
}

static uint64_t hash_dict(uint64_t hash, const alpa_attr *attr) {
  for (size_t i = 0; i < attr->dict.n; i++) {
    const alpa_named_attr *item = &attr->dict.items[i];
    hash = alpa_hash_mix(hash, alpa_hash64(item->name, strlen(item->name), 0));
    hash = alpa_hash_mix(hash, item->value->hash);
  }
  return hash;
}

static uint64_t hash_attr(const alpa_attr *attr) {
  uint64_t hash = alpa_hash_mix(0x61747472, (uint64_t)attr->kind);
  hash = alpa_hash_mix(hash, attr->type ? attr->type->hash : 0);
  if (attr->def)
    hash = alpa_hash_mix(hash, alpa_hash64(attr->def->mnemonic, strlen(attr->def->mnemonic), 0));
  switch (attr->kind) {
  case ALPA_ATTR_UNIT:
  case ALPA_ATTR_TYPE:
    return hash;
  case ALPA_ATTR_INTEGER:
  case ALPA_ATTR_ENUM:
    return alpa_hash_mix(hash, (uint64_t)attr->integer);
  case ALPA_ATTR_FLOAT:
    return alpa_hash_mix(hash, attr->bits);
  case ALPA_ATTR_STRING:
  case ALPA_ATTR_SYMBOL:
  case ALPA_ATTR_OPAQUE:
    return alpa_hash_mix(hash, alpa_hash64(attr->string.data, attr->string.size, 0));
  case ALPA_ATTR_ARRAY:
  case ALPA_ATTR_STRUCT:
    return hash_list(hash, attr->array.items, attr->array.n);
  case ALPA_ATTR_DICT:
    return hash_dict(hash, attr);
  case ALPA_ATTR_ELEMENTS:
  case ALPA_ATTR_NUMBERS:
    return alpa_hash_mix(hash, alpa_hash64(attr->elements.data, attr->elements.n * element_bytes(attr), 0));
  }
  return hash;
}

static bool bytes_equal(const void *a, const void *b, size_t size) { return size == 0 || memcmp(a, b, size) == 0; }

static bool dict_equal(const alpa_attr *a, const alpa_attr *b) {
  if (a->dict.n != b->dict.n)
    return false;
  for (size_t i = 0; i < a->dict.n; i++)
    if (a->dict.items[i].name != b->dict.items[i].name || a->dict.items[i].value != b->dict.items[i].value)
      return false;
  return true;
}

static bool attr_equal(const void *stored, const void *wanted) {
  const alpa_attr *a = stored, *b = wanted;
  if (a->kind != b->kind || a->type != b->type || a->def != b->def)
    return false;
  switch (a->kind) {
  case ALPA_ATTR_UNIT:
  case ALPA_ATTR_TYPE:
    return true;
  case ALPA_ATTR_INTEGER:
  case ALPA_ATTR_ENUM:
    return a->integer == b->integer;
  case ALPA_ATTR_FLOAT:
    return a->bits == b->bits;
  case ALPA_ATTR_STRING:
  case ALPA_ATTR_SYMBOL:
  case ALPA_ATTR_OPAQUE:
    return a->string.size == b->string.size && bytes_equal(a->string.data, b->string.data, a->string.size);
  case ALPA_ATTR_ARRAY:
  case ALPA_ATTR_STRUCT:
    return a->array.n == b->array.n && bytes_equal(a->array.items, b->array.items, a->array.n * sizeof(void *));
  case ALPA_ATTR_DICT:
    return dict_equal(a, b);
  case ALPA_ATTR_ELEMENTS:
  case ALPA_ATTR_NUMBERS:
    return a->elements.n == b->elements.n && a->elements.splat == b->elements.splat &&
           bytes_equal(a->elements.data, b->elements.data, a->elements.n * element_bytes(a));
  }
  return false;
}

/* Small splats are stored expanded as well, so that padding and other lists of numbers can be read as arrays. */
enum { EXPANDED_SPLAT = 64 };

static const void *own_elements(alpa_context *ctx, const alpa_attr *attr) {
  size_t size = element_bytes(attr), n = attr->elements.n;
  if (!attr->elements.splat)
    return alpa_arena_copy(&ctx->arena, attr->elements.data, n * size);
  int64_t count = alpa_dims_count(attr->type->rank, attr->type->dims, 1);
  size_t copies = count <= EXPANDED_SPLAT ? (size_t)count : 1;
  char *data = alpa_arena_alloc(&ctx->arena, copies * size);
  for (size_t i = 0; i < copies; i++)
    memcpy(data + i * size, attr->elements.data, size);
  return data;
}

static void own(alpa_context *ctx, alpa_attr *attr) {
  switch (attr->kind) {
  case ALPA_ATTR_UNIT:
  case ALPA_ATTR_TYPE:
  case ALPA_ATTR_INTEGER:
  case ALPA_ATTR_ENUM:
  case ALPA_ATTR_FLOAT:
    return;
  case ALPA_ATTR_STRING:
  case ALPA_ATTR_SYMBOL:
  case ALPA_ATTR_OPAQUE:
    attr->string.data = alpa_arena_strndup(&ctx->arena, attr->string.data, attr->string.size);
    return;
  case ALPA_ATTR_ARRAY:
  case ALPA_ATTR_STRUCT:
    attr->array.items = alpa_arena_copy(&ctx->arena, attr->array.items, attr->array.n * sizeof(void *));
    return;
  case ALPA_ATTR_DICT:
    attr->dict.items = alpa_arena_copy(&ctx->arena, attr->dict.items, attr->dict.n * sizeof *attr->dict.items);
    return;
  case ALPA_ATTR_ELEMENTS:
  case ALPA_ATTR_NUMBERS:
    attr->elements.data = own_elements(ctx, attr);
    return;
  }
}

static const alpa_attr *intern(alpa_context *ctx, alpa_attr key) {
  key.hash = hash_attr(&key);
  const alpa_attr *found = alpa_intern_find(&ctx->attrs, key.hash, &key, attr_equal);
  if (found)
    return found;
  alpa_attr *attr = alpa_arena_new(&ctx->arena, alpa_attr, 1);
  *attr = key;
  own(ctx, attr);
  alpa_intern_insert(&ctx->arena, &ctx->attrs, key.hash, attr);
  return attr;
}

const alpa_attr *alpa_attr_get_unit(alpa_context *ctx) { return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_UNIT}); }

const alpa_attr *alpa_attr_get_bool(alpa_context *ctx, bool value) {
  return alpa_attr_get_integer(ctx, alpa_type_get_scalar(ctx, ALPA_I1), value);
}

const alpa_attr *alpa_attr_get_i64(alpa_context *ctx, int64_t value) {
  return alpa_attr_get_integer(ctx, alpa_type_get_scalar(ctx, ALPA_I64), value);
}

const alpa_attr *alpa_attr_get_integer(alpa_context *ctx, const alpa_type *type, int64_t value) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_INTEGER, .type = type, .integer = value});
}

const alpa_attr *alpa_attr_get_float(alpa_context *ctx, const alpa_type *type, double value) {
  return alpa_attr_get_float_bits(ctx, type, alpa_float_encode(type->dtype, value));
}

const alpa_attr *alpa_attr_get_float_bits(alpa_context *ctx, const alpa_type *type, uint64_t bits) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_FLOAT, .type = type, .bits = bits});
}

const alpa_attr *alpa_attr_get_string(alpa_context *ctx, const char *text) {
  return alpa_attr_get_bytes(ctx, (alpa_str){text, strlen(text)});
}

const alpa_attr *alpa_attr_get_bytes(alpa_context *ctx, alpa_str text) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_STRING, .string = text});
}

const alpa_attr *alpa_attr_get_symbol(alpa_context *ctx, const char *name) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_SYMBOL, .string = {name, strlen(name)}});
}

const alpa_attr *alpa_attr_get_type(alpa_context *ctx, const alpa_type *type) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_TYPE, .type = type});
}

const alpa_attr *alpa_attr_get_array(alpa_context *ctx, const alpa_attr *const *items, size_t n) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_ARRAY, .array = {items, n}});
}

static int compare_names(const void *a, const void *b) {
  return strcmp(((const alpa_named_attr *)a)->name, ((const alpa_named_attr *)b)->name);
}

const alpa_attr *alpa_attr_get_dict(alpa_context *ctx, const alpa_named_attr *items, size_t n) {
  alpa_named_attr small[16];
  alpa_named_attr *sorted = n <= countof(small) ? small : alpa_arena_new(&ctx->arena, alpa_named_attr, n);
  for (size_t i = 0; i < n; i++)
    sorted[i] = (alpa_named_attr){alpa_name(ctx, items[i].name), items[i].value};
  qsort(sorted, n, sizeof *sorted, compare_names);
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_DICT, .dict = {sorted, n}});
}

const alpa_attr *alpa_attr_get_i64s(alpa_context *ctx, const int64_t *values, size_t n) {
  return alpa_attr_get_numbers(ctx, alpa_type_get_scalar(ctx, ALPA_I64), values, n);
}

const alpa_attr *alpa_attr_get_numbers(alpa_context *ctx, const alpa_type *element, const void *data, size_t n) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_NUMBERS, .type = element, .elements = {data, n, false}});
}

static bool all_equal(const char *data, size_t n, size_t size) {
  return n > 0 && memcmp(data, data + size, (n - 1) * size) == 0;
}

const alpa_attr *alpa_attr_get_elements(alpa_context *ctx, const alpa_type *tensor, const void *data, bool splat) {
  alpa_attr key = {.kind = ALPA_ATTR_ELEMENTS, .type = tensor};
  size_t n = (size_t)alpa_dims_count(tensor->rank, tensor->dims, 1);
  splat = n > 0 && (splat || all_equal(data, n, element_bytes(&key)));
  key.elements.data = data;
  key.elements.n = splat ? 1 : n;
  key.elements.splat = splat;
  return intern(ctx, key);
}

const alpa_attr *alpa_attr_get_pairs(alpa_context *ctx, int64_t rows, int64_t columns, const int64_t *values) {
  const alpa_type *type = alpa_type_get_tensor(ctx, ALPA_I64, 2, (const int64_t[]){rows, columns});
  return alpa_attr_get_elements(ctx, type, values, false);
}

const alpa_attr *alpa_attr_get_enum(alpa_context *ctx, const alpa_attr_def *def, int64_t ordinal) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_ENUM, .def = def, .integer = ordinal});
}

const alpa_attr *alpa_attr_get_struct(alpa_context *ctx, const alpa_attr_def *def, const alpa_attr *const *fields) {
  size_t n = 0;
  while (def->fields[n].name)
    n++;
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_STRUCT, .def = def, .array = {fields, n}});
}

const alpa_attr *alpa_attr_get_opaque(alpa_context *ctx, alpa_str text) {
  return intern(ctx, (alpa_attr){.kind = ALPA_ATTR_OPAQUE, .string = text});
}

const int64_t *alpa_attr_i64s(const alpa_attr *attr, size_t *out_n) {
  if (!attr) {
    *out_n = 0;
    return NULL;
  }
  bool splat = attr->kind == ALPA_ATTR_ELEMENTS && attr->elements.splat;
  *out_n = splat ? (size_t)alpa_dims_count(attr->type->rank, attr->type->dims, 1) : attr->elements.n;
  return *out_n <= EXPANDED_SPLAT || !splat ? attr->elements.data : NULL;
}

double alpa_attr_number(const alpa_attr *attr) { return alpa_float_decode(attr->type->dtype, attr->bits); }

const alpa_attr *alpa_attr_find(const alpa_attr *dict, const char *name) {
  for (size_t i = 0; dict && i < dict->dict.n; i++)
    if (dict->dict.items[i].name == name || strcmp(dict->dict.items[i].name, name) == 0)
      return dict->dict.items[i].value;
  return NULL;
}

const alpa_attr *alpa_attr_dict_set(alpa_context *ctx, const alpa_attr *dict, const char *name,
                                    const alpa_attr *value) {
  size_t n = dict ? dict->dict.n : 0, kept = 0;
  alpa_named_attr *items = alpa_arena_new(&ctx->arena, alpa_named_attr, n + 1);
  for (size_t i = 0; i < n; i++)
    if (strcmp(dict->dict.items[i].name, name) != 0)
      items[kept++] = dict->dict.items[i];
  if (value)
    items[kept++] = (alpa_named_attr){name, value};
  return alpa_attr_get_dict(ctx, items, kept);
}

const void *alpa_attr_element(const alpa_attr *attr, int64_t index) {
  size_t at = attr->elements.splat ? 0 : (size_t)index;
  return (const char *)attr->elements.data + at * element_bytes(attr);
}
