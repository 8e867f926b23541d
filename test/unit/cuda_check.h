/* Programs on one emulated GPU, against the interpreter. */
#ifndef ALPA_TEST_UNIT_CUDA_CHECK_H
#define ALPA_TEST_UNIT_CUDA_CHECK_H

#include "test/unit/codegen_compare.h"

#include <dlfcn.h>

/* Compiles for the GPU, runs and compares; n_multiprocessors as the compiler is told, 0: by the GPU. */
static inline void cuda_run(const char *gpu, uint32_t n_multiprocessors, const char *name, const char *text,
                            uint64_t seed) {
  codegen_check c;
  codegen_open(&c, name, text, seed);
  alpa_codegen_options options = {
      .target = ALPA_TARGET_PTX, .cpu = gpu, .optimisation = 2, .n_threads = 1, .n_cores = n_multiprocessors};
  alpa_device_mesh_options mesh = {.backend = "cuda", .n_devices = 1, .poison = true};
  if (alpa_codegen_build(c.module, &options, NULL, &c.arena, &c.image) != ALPA_OK ||
      alpa_device_mesh_create(&mesh, &c.ctx.diag, &c.mesh) != ALPA_OK ||
      alpa_executable_load(c.mesh, &c.ctx.diag, c.image, NULL, &c.executable) != ALPA_OK)
    fail_msg("%s: %s: %s", name, gpu, c.message);
  codegen_run_and_compare(&c, name);
  codegen_close(&c);
}

/* The emulated driver, for all that follows. */
static inline bool cuda_load_emulator(void) {
  if (dlopen(STAND_INS "/emulator/libcuda.so.1", RTLD_NOW | RTLD_GLOBAL))
    return true;
  fprintf(stderr, "%s\n", dlerror());
  return false;
}

#endif
