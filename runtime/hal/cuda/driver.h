/* The CUDA driver as this library sees it: types, constants and the table of its functions.
 *
 * No CUDA header is needed to build: everything is declared here under names of our own, and a test compares it with
 * the toolkit's cuda.h where that is installed.  The driver itself is found at run time (runtime/hal/cuda/cuda.h). */
#ifndef ALPA_RUNTIME_HAL_CUDA_DRIVER_H
#define ALPA_RUNTIME_HAL_CUDA_DRIVER_H

#include <stddef.h>
#include <stdint.h>

typedef unsigned alpa_cuda_result;
typedef int alpa_cuda_device;
typedef unsigned long long alpa_cuda_pointer; /* into the memory of a device */
/* The tags are those of cuda.h, so that the types are the same where both are included. */
typedef struct CUctx_st *alpa_cuda_context;
typedef struct CUstream_st *alpa_cuda_stream;
typedef struct CUevent_st *alpa_cuda_event;
typedef struct CUmod_st *alpa_cuda_module;
typedef struct CUfunc_st *alpa_cuda_function;
typedef struct CUlinkState_st *alpa_cuda_link;
typedef struct CUgraph_st *alpa_cuda_graph;
typedef struct CUgraphNode_st *alpa_cuda_graph_node;
typedef struct CUgraphExec_st *alpa_cuda_graph_exec;

/* Opaque: written by cuTensorMapEncodeTiled, read by the tensor memory accelerator. */
typedef struct alpa_cuda_tensor_map {
  _Alignas(128) uint64_t opaque[16];
} alpa_cuda_tensor_map;

/* One side of a copy of rows; exactly one of the three addresses counts, by `memory`. */
typedef struct alpa_cuda_side_2d {
  size_t x_bytes, y;
  unsigned memory; /* ALPA_CUDA_MEMORY_... */
  const void *host;
  alpa_cuda_pointer device;
  void *array;
  size_t pitch;
} alpa_cuda_side_2d;

typedef struct alpa_cuda_copy_2d {
  alpa_cuda_side_2d from, to;
  size_t width_bytes, height;
} alpa_cuda_copy_2d;

/* The same of planes, for nodes of graphs. */
typedef struct alpa_cuda_side_3d {
  size_t x_bytes, y, z, lod;
  unsigned memory;
  const void *host;
  alpa_cuda_pointer device;
  void *array, *reserved;
  size_t pitch, height;
} alpa_cuda_side_3d;

typedef struct alpa_cuda_copy_3d {
  alpa_cuda_side_3d from, to;
  size_t width_bytes, height, depth;
} alpa_cuda_copy_3d;

/* A launch, as a node of a graph. */
typedef struct alpa_cuda_kernel_node {
  alpa_cuda_function function;
  unsigned grid[3], block[3], shared_bytes;
  void **parameters, **extra;
  void *kernel;              /* instead of a function */
  alpa_cuda_context context; /* of the kernel */
} alpa_cuda_kernel_node;

/* X(name, name in cuda.h, value) */
#define ALPA_CUDA_CONSTANT_TABLE(X)                                                                                    \
  X(ATTRIBUTE_MULTIPROCESSORS, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16)                                           \
  X(ATTRIBUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75)                                      \
  X(ATTRIBUTE_CAPABILITY_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76)                                      \
  X(ATTRIBUTE_SHARED_BYTES, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 97)                                 \
  X(MEMORY_HOST, CU_MEMORYTYPE_HOST, 1)                                                                                \
  X(MEMORY_DEVICE, CU_MEMORYTYPE_DEVICE, 2)                                                                            \
  X(STREAM_NON_BLOCKING, CU_STREAM_NON_BLOCKING, 1)                                                                    \
  X(EVENT_NO_TIMING, CU_EVENT_DISABLE_TIMING, 2)                                                                       \
  X(JIT_ERROR_LOG, CU_JIT_ERROR_LOG_BUFFER, 5)                                                                         \
  X(JIT_ERROR_LOG_BYTES, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, 6)                                                        \
  X(LINK_PTX, CU_JIT_INPUT_PTX, 1)                                                                                     \
  X(FUNCTION_LOCAL_BYTES, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, 3)                                                       \
  X(FUNCTION_REGISTERS, CU_FUNC_ATTRIBUTE_NUM_REGS, 4)                                                                 \
  X(FUNCTION_DYNAMIC_SHARED_BYTES, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 8)                                 \
  X(MAP_UINT8, CU_TENSOR_MAP_DATA_TYPE_UINT8, 0)                                                                       \
  X(MAP_UINT16, CU_TENSOR_MAP_DATA_TYPE_UINT16, 1)                                                                     \
  X(MAP_UINT32, CU_TENSOR_MAP_DATA_TYPE_UINT32, 2)                                                                     \
  X(MAP_INT32, CU_TENSOR_MAP_DATA_TYPE_INT32, 3)                                                                       \
  X(MAP_UINT64, CU_TENSOR_MAP_DATA_TYPE_UINT64, 4)                                                                     \
  X(MAP_INT64, CU_TENSOR_MAP_DATA_TYPE_INT64, 5)                                                                       \
  X(MAP_FLOAT16, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 6)                                                                   \
  X(MAP_FLOAT32, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 7)                                                                   \
  X(MAP_FLOAT64, CU_TENSOR_MAP_DATA_TYPE_FLOAT64, 8)                                                                   \
  X(MAP_BFLOAT16, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 9)                                                                 \
  X(MAP_SWIZZLE_NONE, CU_TENSOR_MAP_SWIZZLE_NONE, 0)                                                                   \
  X(MAP_SWIZZLE_32, CU_TENSOR_MAP_SWIZZLE_32B, 1)                                                                      \
  X(MAP_SWIZZLE_64, CU_TENSOR_MAP_SWIZZLE_64B, 2)                                                                      \
  X(MAP_SWIZZLE_128, CU_TENSOR_MAP_SWIZZLE_128B, 3)                                                                    \
  X(MAP_L2_256, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, 3)

enum {
#define X(name, cuda, value) ALPA_CUDA_##name = (value),
  ALPA_CUDA_CONSTANT_TABLE(X)
#undef X
};

/* The results that mean something of their own; every other failure is ALPA_INTERNAL.
 * X(name, name in cuda.h, value, status, remedy or "") */
#define ALPA_CUDA_RESULT_TABLE(X)                                                                                      \
  X(SUCCESS, CUDA_SUCCESS, 0, OK, "")                                                                                  \
  X(INVALID_VALUE, CUDA_ERROR_INVALID_VALUE, 1, INTERNAL, "")                                                          \
  X(OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY, 2, OUT_OF_MEMORY,                                                         \
    "use more devices, a smaller batch, or free the device's memory")                                                  \
  X(STUB_LIBRARY, CUDA_ERROR_STUB_LIBRARY, 34, UNAVAILABLE,                                                            \
    "libcuda.so.1 is the toolkit's stub; put the driver's own library first")                                          \
  X(DEVICE_UNAVAILABLE, CUDA_ERROR_DEVICE_UNAVAILABLE, 46, UNAVAILABLE, "another process has the device to itself")    \
  X(NO_DEVICE, CUDA_ERROR_NO_DEVICE, 100, UNAVAILABLE,                                                                 \
    "check nvidia-smi and CUDA_VISIBLE_DEVICES, or use --backend=host")                                                \
  X(INVALID_IMAGE, CUDA_ERROR_INVALID_IMAGE, 200, DATA_LOSS, "")                                                       \
  X(NO_BINARY, CUDA_ERROR_NO_BINARY_FOR_GPU, 209, UNSUPPORTED, "compile the image for this device")                    \
  X(INVALID_PTX, CUDA_ERROR_INVALID_PTX, 218, UNSUPPORTED, "compile the image for this device")                        \
  X(NO_JIT, CUDA_ERROR_JIT_COMPILER_NOT_FOUND, 221, UNAVAILABLE,                                                       \
    "install libnvidia-ptxjitcompiler of the driver's version")                                                        \
  X(OLD_DRIVER, CUDA_ERROR_UNSUPPORTED_PTX_VERSION, 222, UNSUPPORTED, "update the driver")                             \
  X(NOT_FOUND, CUDA_ERROR_NOT_FOUND, 500, NOT_FOUND, "")                                                               \
  X(NOT_READY, CUDA_ERROR_NOT_READY, 600, OK, "")                                                                      \
  X(ILLEGAL_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS, 700, INTERNAL, "run it under compute-sanitizer")                      \
  X(OUT_OF_RESOURCES, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701, UNSUPPORTED, "compile the image for this device")       \
  X(MISALIGNED, CUDA_ERROR_MISALIGNED_ADDRESS, 716, INTERNAL, "run it under compute-sanitizer")                        \
  X(LAUNCH_FAILED, CUDA_ERROR_LAUNCH_FAILED, 719, INTERNAL, "run it under compute-sanitizer")                          \
  X(DRIVER_MISMATCH, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803, UNAVAILABLE,                                              \
    "the driver's library and kernel module differ in version; restart the machine or the container")

enum {
#define X(name, cuda, value, status, remedy) ALPA_CUDA_##name = (value),
  ALPA_CUDA_RESULT_TABLE(X)
#undef X
};

typedef struct alpa_cuda_driver {
#define X(name, parameters) alpa_cuda_result(*name) parameters;
#include "runtime/hal/cuda/driver.def"
#undef X
} alpa_cuda_driver;

#endif
