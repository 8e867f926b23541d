/* The programs of the other tests as PTX: they compile for both GPUs, and their images are right. */
#include "test/unit/codegen_check.h"

#include "test/unit/codegen_programs.h"

static const char *const gpus[] = {"sm_80", "sm_90a"};

static alpa_status compile_for(codegen_check *c, const char *gpu, uint32_t n_multiprocessors) {
  alpa_codegen_options options = {
      .target = ALPA_TARGET_PTX, .cpu = gpu, .optimisation = 2, .n_threads = 1, .n_cores = n_multiprocessors};
  return alpa_codegen_build(c->module, &options, NULL, &c->arena, &c->image);
}

/* With a directory, leaves the text there as <number>.<gpu>.ptx. */
static const char *directory;

static void write_text(const codegen_check *c, uint32_t number, const char *gpu) {
  char path[512];
  snprintf(path, sizeof path, "%s/%u.%s.ptx", directory, number, gpu);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs(c->image->code[0].data, file);
  assert_int_equal(fclose(file), 0);
}

static void check_programs(const partition_program *programs, size_t n, uint32_t first_number) {
  for (size_t i = 0; i < n; i++)
    for (size_t g = 0; g < countof(gpus); g++) {
      codegen_check c;
      if (codegen_read(&c, programs[i].name, programs[i].text) != ALPA_OK || compile_for(&c, gpus[g], 0) != ALPA_OK)
        fail_msg("%s: %s: %s", programs[i].name, gpus[g], c.message);
      assert_true(alpa_image_is_ptx(c.image));
      if (c.image->n_code) {
        assert_null(strstr(c.image->code[0].data, ".extern .func"));
        if (directory)
          write_text(&c, first_number + (uint32_t)i, gpus[g]);
      }
      codegen_close(&c);
    }
}

static void test_programs(void **state) {
  (void)state;
  check_programs(partition_programs, countof(partition_programs), 0);
  check_programs(codegen_programs, countof(codegen_programs), countof(partition_programs));
}

int main(int argc, char **argv) {
  directory = argc > 1 ? argv[1] : NULL;
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_programs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
