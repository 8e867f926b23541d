/* Kernels of every kind on emulated GPUs, against the interpreter.
 *
 * Small programs run as both GPUs see them; products are also made large enough, by the number of multiprocessors that
 * the compiler is told, for every kind of tile. */
#include "test/unit/codegen_compare.h"

#include <dlfcn.h>

#include "test/unit/codegen_programs.h"

static const char *only; /* the name of one program, from the command line */

static void run_on(const char *gpu, uint32_t n_multiprocessors, const char *name, const char *text, uint64_t seed) {
  if (only && strcmp(only, name))
    return;
  codegen_check c;
  codegen_open(&c, name, text, seed);
  alpa_codegen_options options = {
      .target = ALPA_TARGET_PTX, .cpu = gpu, .optimisation = 2, .n_threads = 1, .n_cores = n_multiprocessors};
  setenv("ALPA_EMULATOR_ARCH", gpu, 1);
  alpa_device_mesh_options mesh = {.backend = "cuda", .n_devices = 1, .poison = true};
  if (alpa_codegen_build(c.module, &options, NULL, &c.arena, &c.image) != ALPA_OK ||
      alpa_device_mesh_create(&mesh, &c.ctx.diag, &c.mesh) != ALPA_OK ||
      alpa_executable_load(c.mesh, &c.ctx.diag, c.image, NULL, &c.executable) != ALPA_OK)
    fail_msg("%s: %s: %s", name, gpu, c.message);
  codegen_run_and_compare(&c, name);
  codegen_close(&c);
}

static void check_programs(const char *gpu, const partition_program *programs, size_t n) {
  for (size_t i = 0; i < n; i++)
    run_on(gpu, 0, programs[i].name, programs[i].text, 1 + i);
}

static void test_programs(void **state) {
  (void)state;
  check_programs("sm_80", partition_programs, countof(partition_programs));
  check_programs("sm_90a", codegen_programs, countof(codegen_programs));
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  if (!dlopen(STAND_INS "/emulator/libcuda.so.1", RTLD_NOW | RTLD_GLOBAL)) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_programs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
