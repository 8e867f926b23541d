/* Runs kernels of PTX text on the emulated driver, which the tests are linked with. */
#ifndef EMULATOR_CHECK_H
#define EMULATOR_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/hal/cuda/driver.h"

#define X(name, parameters) alpa_cuda_result name parameters;
#include "runtime/hal/cuda/driver.def"
#undef X
void emulatorWrote(alpa_cuda_pointer address, size_t bytes);

#define PTX_HEADER ".version 8.5\n.target sm_90a\n.address_size 64\n"
static char emulator_log[64]; /* path of what the checks report */

/* A context for each test; findings go to a file. */
static inline int emulator_begin(void **state) {
  (void)state;
  alpa_cuda_context context;
  snprintf(emulator_log, sizeof emulator_log, "/tmp/emulator-test-%d.log", (int)getpid());
  unlink(emulator_log);
  setenv("ALPA_EMULATOR_LOG", emulator_log, 1);
  assert_int_equal(cuInit(0), 0);
  assert_int_equal(cuDevicePrimaryCtxRetain(&context, 0), 0);
  return (int)cuCtxSetCurrent(context);
}

static inline int emulator_end(void **state) {
  (void)state;
  unlink(emulator_log);
  return (int)cuDevicePrimaryCtxRelease_v2(0);
}

/* What the checks reported since the test began. */
static inline const char *emulator_findings(void) {
  static char text[4096];
  FILE *file = fopen(emulator_log, "r");
  size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
  text[n] = 0;
  if (file)
    fclose(file);
  return text;
}

static inline alpa_cuda_pointer to_device(const void *from, size_t bytes) {
  alpa_cuda_pointer pointer;
  assert_int_equal(cuMemAlloc_v2(&pointer, bytes), 0);
  if (from)
    assert_int_equal(cuMemcpyHtoDAsync_v2(pointer, from, bytes, NULL), 0);
  return pointer;
}

static inline void from_device(void *to, alpa_cuda_pointer from, size_t bytes) {
  assert_int_equal(cuMemcpyDtoHAsync_v2(to, from, bytes, NULL), 0);
  assert_int_equal(cuStreamSynchronize(NULL), 0);
}

static inline alpa_cuda_function load_kernel(const char *ptx, const char *name) {
  alpa_cuda_module module;
  alpa_cuda_function function;
  char log[512] = "";
  unsigned options[] = {ALPA_CUDA_JIT_ERROR_LOG, ALPA_CUDA_JIT_ERROR_LOG_BYTES};
  void *values[] = {log, (void *)sizeof log};
  if (cuModuleLoadDataEx(&module, ptx, 2, options, values))
    fail_msg("%s", log);
  assert_int_equal(cuModuleGetFunction(&function, module, name), 0);
  return function;
}

/* One launch of a kernel whose parameters are pointers or 64-bit values; the status of waiting for it. */
static inline alpa_cuda_result run_kernel(const char *ptx, const char *name, unsigned blocks, unsigned threads,
                                          unsigned shared_bytes, unsigned n, uint64_t *arguments) {
  void *parameters[16];
  alpa_cuda_function function = load_kernel(ptx, name);
  for (unsigned k = 0; k < n; k++)
    parameters[k] = &arguments[k];
  if (shared_bytes)
    assert_int_equal(cuFuncSetAttribute(function, ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES, (int)shared_bytes), 0);
  assert_int_equal(cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared_bytes, NULL, parameters, NULL), 0);
  return cuStreamSynchronize(NULL);
}

/* As run_kernel, and nothing may be found. */
#define run_cleanly(...)                                                                                               \
  do {                                                                                                                 \
    alpa_cuda_result status_ = run_kernel(__VA_ARGS__);                                                                \
    if (status_)                                                                                                       \
      fail_msg("error %u: %s", status_, emulator_findings());                                                          \
  } while (0)

#endif
