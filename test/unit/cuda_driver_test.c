/* Our declarations of the CUDA driver against the toolkit's cuda.h: a row that differs does not compile.  Where no
 * toolkit is installed there is nothing to compare. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "runtime/hal/cuda/driver.h"

#if __has_include(<cuda.h>)
#include <cuda.h>

#define X(name, cuda, value) _Static_assert((int)(cuda) == (value), #name);
ALPA_CUDA_CONSTANT_TABLE(X)
#undef X
#define X(name, cuda, value, status, remedy) _Static_assert((int)(cuda) == (value), #name);
ALPA_CUDA_RESULT_TABLE(X)
#undef X

_Static_assert(sizeof(alpa_cuda_tensor_map) == sizeof(CUtensorMap), "tensor map");
_Static_assert(_Alignof(alpa_cuda_tensor_map) >= _Alignof(CUtensorMap), "tensor map");
_Static_assert(sizeof(alpa_cuda_copy_2d) == sizeof(CUDA_MEMCPY2D), "copy");
_Static_assert(sizeof(alpa_cuda_copy_3d) == sizeof(CUDA_MEMCPY3D), "copy of planes");
_Static_assert(sizeof(alpa_cuda_kernel_node) == sizeof(CUDA_KERNEL_NODE_PARAMS), "kernel node");
#define ASSERT_SAME(type, ours, cuda, theirs) _Static_assert(offsetof(type, ours) == offsetof(cuda, theirs), #theirs)
#define ASSERT_MEMBER(ours, theirs) ASSERT_SAME(alpa_cuda_copy_2d, ours, CUDA_MEMCPY2D, theirs)
#define ASSERT_PLANES(ours, theirs) ASSERT_SAME(alpa_cuda_copy_3d, ours, CUDA_MEMCPY3D, theirs)
#define ASSERT_KERNEL(ours, theirs) ASSERT_SAME(alpa_cuda_kernel_node, ours, CUDA_KERNEL_NODE_PARAMS, theirs)
ASSERT_MEMBER(from.x_bytes, srcXInBytes);
ASSERT_MEMBER(from.y, srcY);
ASSERT_MEMBER(from.memory, srcMemoryType);
ASSERT_MEMBER(from.host, srcHost);
ASSERT_MEMBER(from.device, srcDevice);
ASSERT_MEMBER(from.pitch, srcPitch);
ASSERT_MEMBER(to.x_bytes, dstXInBytes);
ASSERT_MEMBER(to.y, dstY);
ASSERT_MEMBER(to.memory, dstMemoryType);
ASSERT_MEMBER(to.host, dstHost);
ASSERT_MEMBER(to.device, dstDevice);
ASSERT_MEMBER(to.pitch, dstPitch);
ASSERT_MEMBER(width_bytes, WidthInBytes);
ASSERT_MEMBER(height, Height);
ASSERT_PLANES(from.memory, srcMemoryType);
ASSERT_PLANES(from.device, srcDevice);
ASSERT_PLANES(from.pitch, srcPitch);
ASSERT_PLANES(from.height, srcHeight);
ASSERT_PLANES(to.x_bytes, dstXInBytes);
ASSERT_PLANES(to.memory, dstMemoryType);
ASSERT_PLANES(to.device, dstDevice);
ASSERT_PLANES(to.pitch, dstPitch);
ASSERT_PLANES(width_bytes, WidthInBytes);
ASSERT_PLANES(depth, Depth);
ASSERT_KERNEL(function, func);
ASSERT_KERNEL(grid[2], gridDimZ);
ASSERT_KERNEL(block[2], blockDimZ);
ASSERT_KERNEL(shared_bytes, sharedMemBytes);
ASSERT_KERNEL(parameters, kernelParams);
ASSERT_KERNEL(extra, extra);
ASSERT_KERNEL(context, ctx);

/* Rows are compared with the structures that were just found equal taken for each other. */
#define alpa_cuda_copy_2d CUDA_MEMCPY2D
#define alpa_cuda_copy_3d CUDA_MEMCPY3D
#define alpa_cuda_kernel_node CUDA_KERNEL_NODE_PARAMS
#define alpa_cuda_tensor_map CUtensorMap
#define X(name, parameters)                                                                                            \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), alpa_cuda_result parameters), #name);
#include "runtime/hal/cuda/driver.def"
#undef X

static void declarations_are_those_of_the_toolkit(void **state) { (void)state; }
#else
static void declarations_are_those_of_the_toolkit(void **state) {
  (void)state;
  skip();
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(declarations_are_those_of_the_toolkit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
