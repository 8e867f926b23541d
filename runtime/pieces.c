/* Arithmetic on pieces. */
#include "runtime/pieces.h"

#include <string.h>

void alpa_piece_of_device(const alpa_image_tensor *tensor, uint32_t device, char *data, alpa_piece *out_piece) {
  out_piece->dims = tensor->local_dims;
  out_piece->data = data;
  out_piece->device = device;
  for (uint32_t d = 0; d < tensor->rank; d++) {
    int64_t begin = alpa_image_tensor_part_start(tensor, d);
    int64_t end = begin + alpa_image_tensor_part_dim(tensor, d), size = tensor->local_dims[d];
    out_piece->start[d] = begin + alpa_image_tensor_tile(tensor, device)[d] * size;
    out_piece->end[d] = out_piece->start[d] + size < end ? out_piece->start[d] + size : end;
  }
}

void alpa_piece_of_tensor(const alpa_image_tensor *tensor, char *data, alpa_piece *out_piece) {
  out_piece->dims = tensor->global_dims;
  out_piece->data = data;
  out_piece->device = ALPA_NO_INDEX;
  memset(out_piece->start, 0, tensor->rank * sizeof out_piece->start[0]);
  if (tensor->rank)
    memcpy(out_piece->end, tensor->global_dims, tensor->rank * sizeof out_piece->end[0]);
}

bool alpa_piece_intersect(const alpa_image_tensor *tensor, const alpa_piece *to, const alpa_piece *from,
                          alpa_strided_copy *out_copy) {
  alpa_strided_copy copy = {.rank = tensor->rank,
                            .element_bytes = alpa_dtype_get_info(tensor->dtype)->bytes,
                            .to_device = to->device,
                            .from_device = from->device};
  int64_t to_stride = copy.element_bytes, from_stride = copy.element_bytes, to_offset = 0, from_offset = 0;
  for (uint32_t d = tensor->rank; d-- > 0;) {
    int64_t start = to->start[d] > from->start[d] ? to->start[d] : from->start[d];
    int64_t end = to->end[d] < from->end[d] ? to->end[d] : from->end[d];
    if (start >= end)
      return false;
    copy.extents[d] = end - start;
    copy.to_strides[d] = to_stride;
    copy.from_strides[d] = from_stride;
    to_offset += (start - to->start[d]) * to_stride;
    from_offset += (start - from->start[d]) * from_stride;
    to_stride *= to->dims[d];
    from_stride *= from->dims[d];
  }
  copy.to = to->data + to_offset;
  copy.from = from->data + from_offset;
  *out_copy = copy;
  return true;
}

void alpa_strided_copy_collapse(alpa_strided_copy *copy) {
  uint32_t rank = 0;
  for (uint32_t d = 0; d < copy->rank; d++) {
    if (copy->extents[d] == 1)
      continue;
    bool is_merged = rank > 0 && copy->to_strides[rank - 1] == copy->extents[d] * copy->to_strides[d] &&
                     copy->from_strides[rank - 1] == copy->extents[d] * copy->from_strides[d];
    uint32_t at = is_merged ? rank - 1 : rank++;
    copy->extents[at] = is_merged ? copy->extents[at] * copy->extents[d] : copy->extents[d];
    copy->to_strides[at] = copy->to_strides[d];
    copy->from_strides[at] = copy->from_strides[d];
  }
  copy->rank = rank;
}

/* The innermost dimension is one run of bytes on both sides after collapsing, or single elements. */
bool alpa_strided_copy_next(const alpa_strided_copy *copy, uint32_t rank, int64_t *at, char **to, const char **from) {
  for (uint32_t d = rank; d-- > 0; at[d] = 0) {
    *to += copy->to_strides[d];
    *from += copy->from_strides[d];
    if (++at[d] < copy->extents[d])
      return true;
    *to -= copy->to_strides[d] * copy->extents[d];
    *from -= copy->from_strides[d] * copy->extents[d];
  }
  return false;
}

void alpa_strided_copy_run(const alpa_strided_copy *copy) {
  int64_t at[ALPA_MAX_RANK] = {0}, run = copy->element_bytes;
  uint32_t rank = copy->rank;
  if (rank && copy->to_strides[rank - 1] == run && copy->from_strides[rank - 1] == run)
    run *= copy->extents[--rank];
  char *to = copy->to;
  const char *from = copy->from;
  do
    memcpy(to, from, (size_t)run);
  while (alpa_strided_copy_next(copy, rank, at, &to, &from));
}
