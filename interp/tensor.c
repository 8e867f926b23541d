/* Sizes, creation and filling of interpreter tensors. */
#include "interp/tensor.h"

#include <string.h>

#include "interp/element.h"
#include "interp/field.h"
#include "support/hash.h"
#include "support/number.h"

int64_t alpa_tensor_count(const alpa_tensor *tensor) {
  int64_t count = 1;
  for (uint32_t i = 0; i < tensor->rank; i++)
    count *= tensor->dims[i];
  return count;
}

size_t alpa_arith_element_bytes(alpa_arith arith, alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  if (arith == ALPA_ARITH_FIELD && info->class_ == ALPA_CLASS_FLOAT)
    return sizeof(uint64_t);
  if (arith == ALPA_ARITH_FIELD && info->class_ == ALPA_CLASS_COMPLEX)
    return 2 * sizeof(uint64_t);
  return info->bytes;
}

size_t alpa_tensor_bytes(const alpa_tensor *tensor, alpa_arith arith) {
  return (size_t)alpa_tensor_count(tensor) * alpa_arith_element_bytes(arith, tensor->dtype);
}

alpa_tensor alpa_tensor_create(alpa_arena *arena, alpa_arith arith, const alpa_type *type) {
  alpa_tensor tensor = {.dtype = type->dtype, .rank = type->rank, .dims = type->dims};
  tensor.data = alpa_arena_alloc_aligned(arena, alpa_tensor_bytes(&tensor, arith) + 1, 64);
  return tensor;
}

alpa_tensor alpa_tensor_to_field(alpa_arena *arena, const alpa_tensor *real) {
  alpa_tensor field = *real;
  size_t bytes = alpa_tensor_bytes(real, ALPA_ARITH_FIELD);
  field.data = alpa_arena_alloc_aligned(arena, bytes + 1, 64);
  alpa_elements_to_field(real->dtype, real->data, (size_t)alpa_tensor_count(real), field.data);
  return field;
}

static uint64_t draw(uint64_t seed, uint64_t index) {
  uint64_t key[2] = {seed, index};
  return alpa_hash64(key, sizeof key, 0);
}

static void randomize_floats(const alpa_tensor *tensor, alpa_arith arith, uint64_t seed) {
  alpa_dtype part = alpa_dtype_get_info(tensor->dtype)->class_ == ALPA_CLASS_COMPLEX ? alpa_complex_part(tensor->dtype)
                                                                                     : tensor->dtype;
  size_t n = (size_t)alpa_tensor_count(tensor) * (part == tensor->dtype ? 1 : 2);
  size_t bytes = alpa_arith_element_bytes(arith, part);
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = draw(seed, i);
    if (arith == ALPA_ARITH_FIELD)
      ((uint64_t *)tensor->data)[i] = (bits >> 3) % ALPA_FIELD_P;
    else
      alpa_element_store(part, (char *)tensor->data + i * bytes,
                         alpa_float_encode(part, (double)(bits >> 11) * 0x1p-52 - 1.0));
  }
}

void alpa_tensor_randomize(const alpa_tensor *tensor, alpa_arith arith, uint64_t seed, int64_t below) {
  alpa_dtype_class class_ = alpa_dtype_get_info(tensor->dtype)->class_;
  if (class_ == ALPA_CLASS_FLOAT || class_ == ALPA_CLASS_COMPLEX) {
    randomize_floats(tensor, arith, seed);
    return;
  }
  size_t bytes = alpa_arith_element_bytes(arith, tensor->dtype);
  size_t n = (size_t)alpa_tensor_count(tensor);
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = draw(seed, i);
    alpa_integer_store(tensor->dtype, (char *)tensor->data + i * bytes,
                       (int64_t)(below > 0 ? (bits >> 1) % (uint64_t)below : bits));
  }
}
