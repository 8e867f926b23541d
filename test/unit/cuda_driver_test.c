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
#define ASSERT_MEMBER(ours, theirs)                                                                                    \
  _Static_assert(offsetof(alpa_cuda_copy_2d, ours) == offsetof(CUDA_MEMCPY2D, theirs), #theirs)
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

/* Rows are compared with the structures that were just found equal taken for each other. */
#define alpa_cuda_copy_2d CUDA_MEMCPY2D
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
