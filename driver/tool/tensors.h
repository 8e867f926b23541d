/* Tensors in files and on command lines: safetensors, npy, and iree-run-module's literals. */
#ifndef ALPA_DRIVER_TOOL_TENSORS_H
#define ALPA_DRIVER_TOOL_TENSORS_H

#include "driver/tool/text.h"

enum { ALPA_TOOL_MAX_RANK = 32 };

/* Dense and row-major, in the memory layout of the data-type table. */
typedef struct alpa_tool_tensor {
  char *name; /* key in a safetensors file, else "" */
  alpa_dtype dtype;
  uint32_t rank;
  int64_t dims[ALPA_TOOL_MAX_RANK];
  void *data; /* owned */
  size_t bytes;
} alpa_tool_tensor;

typedef struct alpa_tool_tensors {
  alpa_tool_tensor *items;
  size_t n, cap;
} alpa_tool_tensors;

/* Appends the tensors of a specification, each explained on stderr where it is wrong:
 *   @file.safetensors     every tensor of the file, with its key as name
 *   @file.npy             one
 *   2x3xf32=1 2 3 4 5 6   one, from numbers separated by blanks, commas and brackets; one number fills the tensor
 *   3.5                   a scalar f32; 3 is an i32 */
bool alpa_tool_tensors_read(const char *specification, alpa_tool_tensors *tensors);
/* Writes @file.safetensors, whole or not at all. */
bool alpa_tool_tensors_write(const char *path, const alpa_tool_tensors *tensors);
void alpa_tool_tensors_push(alpa_tool_tensors *tensors, const alpa_tool_tensor *tensor);
void alpa_tool_tensors_free(alpa_tool_tensors *tensors);

/* Element i as a double (the real part of a complex number). */
double alpa_tool_tensor_get(const alpa_tool_tensor *tensor, size_t i);
size_t alpa_tool_tensor_count(const alpa_tool_tensor *tensor);
/* "2x3xf32"; in `text`. */
void alpa_tool_tensor_spell(alpa_tool_text *text, alpa_dtype dtype, uint32_t rank, const int64_t *dims);

#endif
