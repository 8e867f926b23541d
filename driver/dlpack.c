/* Arrays in and out by DLPack.  What comes in is copied into its placement; what goes out shares the memory of device
 * 0 where that holds the whole tensor, and is a gathered copy otherwise. */
#include "driver/dlpack.h"

#include <string.h>

#include "driver/program.h"

enum { ALIGNMENT = 64 };

/* ---- in ---- */

static bool same_type(const DLTensor *tensor, alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  uint32_t bits = info->class_ == ALPA_CLASS_BOOL ? 8 : info->bits;
  return tensor->dtype.lanes == 1 && tensor->dtype.code == info->dlpack_code && tensor->dtype.bits == bits;
}

static bool is_dense(const DLTensor *tensor) {
  int64_t stride = 1;
  for (int32_t d = tensor->ndim; tensor->strides && d-- > 0;) {
    if (tensor->shape[d] != 1 && tensor->strides[d] != stride)
      return false;
    stride *= tensor->shape[d];
  }
  return true;
}

static alpa_status check(const alpa_program *program, uint32_t argument, const DLManagedTensorVersioned *managed) {
  const alpa_image_tensor *wanted = alpa_program_find_argument(program, argument, 0);
  const DLTensor *tensor = &managed->dl_tensor;
  const char *fault = NULL;
  if (managed->version.major != DLPACK_MAJOR)
    fault = "is of a DLPack version that this library does not know";
  else if (tensor->device.type != DLPACK_CPU)
    fault = "does not lie in the memory of this host";
  else if (!same_type(tensor, wanted->dtype))
    fault = "has another element type than the argument";
  else if (tensor->ndim != (int32_t)wanted->rank ||
           (wanted->rank && memcmp(tensor->shape, wanted->global_dims, wanted->rank * sizeof(int64_t)) != 0))
    fault = "has another shape than the argument";
  else if (!is_dense(tensor))
    fault = "is not dense and row-major; copy it first";
  if (!fault)
    return ALPA_OK;
  return alpa_error(program->env.diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "the tensor for argument %u %s",
                    argument, fault);
}

alpa_status alpa_program_import_array(const alpa_program *program, uint32_t argument,
                                      struct DLManagedTensorVersioned *tensor, alpa_array **out_array) {
  if (!program || !tensor || !out_array || argument >= program->signature.n_arguments)
    return ALPA_INVALID_ARGUMENT;
  ALPA_TRY(check(program, argument, tensor));
  const char *data = (const char *)tensor->dl_tensor.data + tensor->dl_tensor.byte_offset;
  ALPA_TRY(alpa_program_create_array(program, argument, data, out_array));
  if (tensor->deleter)
    tensor->deleter(tensor);
  return ALPA_OK;
}

/* ---- out ---- */

typedef struct exported {
  alpa_dropped dropped; /* with the array whose memory is shared, or NULL */
  DLManagedTensorVersioned managed;
  alpa_realloc_fn *realloc;
  void *user;
  void *copy;        /* otherwise */
  int64_t shape[];
} exported;

static void free_exported(alpa_dropped *dropped) {
  exported *e = (exported *)dropped;
  if (e->copy)
    e->realloc(e->user, e->copy, 0);
  e->realloc(e->user, e, 0);
}

/* By whoever has the tensor, on any thread. */
static void delete_exported(DLManagedTensorVersioned *self) {
  exported *e = self->manager_ctx;
  if (e->dropped.array)
    alpa_array_drop(&e->dropped);
  else
    free_exported(&e->dropped);
}

static void describe(exported *e, const alpa_image_tensor *tensor, void *data) {
  const alpa_dtype_info *info = alpa_dtype_get_info(tensor->dtype);
  DLTensor *out = &e->managed.dl_tensor;
  memcpy(e->shape, tensor->global_dims, tensor->rank * sizeof *e->shape);
  e->managed.version.major = DLPACK_MAJOR;
  e->managed.version.minor = DLPACK_MINOR;
  e->managed.manager_ctx = e;
  e->managed.deleter = delete_exported;
  e->managed.flags = e->dropped.array ? DLPACK_READ_ONLY : 0;
  out->data = data;
  out->device.type = DLPACK_CPU;
  out->ndim = (int32_t)tensor->rank;
  out->dtype.code = info->dlpack_code;
  out->dtype.bits = (uint8_t)(info->class_ == ALPA_CLASS_BOOL ? 8 : info->bits);
  out->dtype.lanes = 1;
  out->shape = e->shape;
}

static void *align(void *pointer) {
  return (void *)(((uintptr_t)pointer + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

static alpa_status fill(const alpa_program *program, const alpa_array *array, exported *e) {
  const alpa_image_tensor *tensor = alpa_array_get_placement(array);
  int64_t piece_bytes, bytes = alpa_array_global_bytes(array);
  void *piece = alpa_array_get_piece(array, 0, &piece_bytes);
  if (piece && piece_bytes == bytes) {
    e->dropped.array = alpa_array_retain((alpa_array *)array);
    describe(e, tensor, piece);
    return ALPA_OK;
  }
  e->copy = e->realloc(e->user, NULL, (size_t)bytes + ALIGNMENT);
  if (!e->copy)
    return ALPA_OUT_OF_MEMORY;
  describe(e, tensor, align(e->copy));
  return alpa_program_read_array(program, array, e->managed.dl_tensor.data);
}

alpa_status alpa_program_export_array(const alpa_program *program, const alpa_array *array,
                                      struct DLManagedTensorVersioned **out_tensor) {
  if (!program || !array || !out_tensor)
    return ALPA_INVALID_ARGUMENT;
  const alpa_memory *memory = program->env.memory;
  size_t size = sizeof(exported) + alpa_array_get_placement(array)->rank * sizeof(int64_t);
  exported *e = memory->realloc(memory->user, NULL, size);
  if (!e)
    return ALPA_OUT_OF_MEMORY;
  memset(e, 0, size);
  e->dropped.finish = free_exported;
  e->realloc = memory->realloc;
  e->user = memory->user;
  alpa_status status = fill(program, array, e);
  if (status != ALPA_OK) {
    e->managed.manager_ctx = e;
    delete_exported(&e->managed);
    return status;
  }
  *out_tensor = &e->managed;
  return ALPA_OK;
}
