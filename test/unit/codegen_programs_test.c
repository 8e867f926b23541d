/* Small programs of every kind of op: machine code against the interpreter. */
#include "test/unit/codegen_check.h"

#include <math.h>

#include "dialects/ir/print.h"
#include "support/number.h"
#include "test/unit/partition_programs.h"

static double element(const alpa_tensor *t, int64_t i) {
  const alpa_dtype_info *info = alpa_dtype_get_info(t->dtype);
  const char *at = (const char *)t->data + i * info->bytes;
  if (info->class_ == ALPA_CLASS_FLOAT)
    return alpa_float_decode(t->dtype, alpa_element_load(t->dtype, at));
  if (info->class_ == ALPA_CLASS_COMPLEX) {
    alpa_dtype part = alpa_complex_part(t->dtype);
    return alpa_float_decode(part, alpa_element_load(part, at)) +
           3 * alpa_float_decode(part, alpa_element_load(part, at + alpa_dtype_get_info(part)->bytes));
  }
  return (double)alpa_integer_load(t->dtype, at);
}

static double tolerance(alpa_dtype dtype) {
  if (alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT)
    return dtype == ALPA_BF16 ? 2e-2 : dtype == ALPA_F16 ? 4e-3 : dtype == ALPA_F32 ? 3e-5 : 1e-11;
  return dtype == ALPA_C64 ? 3e-5 : dtype == ALPA_C128 ? 1e-11 : 0;
}

static void compare(const char *name, uint32_t result, const alpa_tensor *got, const alpa_tensor *want) {
  int64_t n = alpa_tensor_count(want);
  double allowed = tolerance(want->dtype);
  for (int64_t i = 0; i < n; i++) {
    double a = element(got, i), b = element(want, i);
    bool same = (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= allowed * (1 + fabs(b));
    if (!same)
      fail_msg("%s: result %u, element %lld of %lld: got %.9g, want %.9g", name, result, (long long)i, (long long)n, a,
               b);
  }
}

static bool show; /* print kernels and LLVM IR */

static void dump_kernels(codegen_check *c) {
  alpa_text text;
  alpa_text_init(&text, &c->arena);
  if (alpa_codegen_fuse(c->func, 2) == ALPA_OK)
    alpa_op_print(&text, c->func, NULL);
  printf("%s\n", alpa_text_finish(&text));
}

static void check_program(const char *name, const char *text, uint64_t seed) {
  codegen_check c;
  if (codegen_read(&c, name, text) != ALPA_OK)
    fail_msg("%s: %s", name, c.message);
  alpa_block *entry = alpa_func_entry(c.func);
  uint32_t n_results = entry->last->n_operands;
  alpa_tensor *inputs = alpa_arena_new(&c.arena, alpa_tensor, entry->n_args + 1);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    inputs[i] = alpa_tensor_create(&c.arena, ALPA_ARITH_REAL, entry->args[i]->type);
    alpa_tensor_randomize(&inputs[i], ALPA_ARITH_REAL, seed + i, 6);
  }
  alpa_tensor *want = alpa_arena_new(&c.arena, alpa_tensor, n_results + 1);
  alpa_tensor *got = alpa_arena_new(&c.arena, alpa_tensor, n_results + 1);
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL};
  if (alpa_interp_run(&options, c.func, inputs, &c.arena, want) != ALPA_OK)
    fail_msg("%s: interpreter: %s", name, c.message);
  if (show)
    dump_kernels(&c);
  alpa_text ir;
  alpa_text_init(&ir, &c.arena);
  if (codegen_compile(&c, show ? &ir : NULL, 2) != ALPA_OK)
    fail_msg("%s: compiling: %s", name, c.message);
  if (show)
    printf("%s\n", alpa_text_finish(&ir));
  if (codegen_run(&c, inputs, got) != ALPA_OK)
    fail_msg("%s: running: %s", name, c.message);
  for (uint32_t i = 0; i < n_results; i++)
    compare(name, i, &got[i], &want[i]);
  codegen_close(&c);
}

static const char *only; /* the name of one program, from the command line */

static void test_partition_programs(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(partition_programs); i++) {
    if (only && strcmp(only, partition_programs[i].name))
      continue;
    print_message("%s\n", partition_programs[i].name);
    check_program(partition_programs[i].name, partition_programs[i].text, 1 + i);
  }
}

static void test_file(void **state) {
  (void)state;
  static char text[1 << 20];
  FILE *file = fopen(only, "rb");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  assert_int_equal(fclose(file), 0);
  check_program(only, text, 1);
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  show = argc > 2;
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_partition_programs)};
  static const struct CMUnitTest file[] = {cmocka_unit_test(test_file)};
  if (only && strchr(only, '/'))
    return cmocka_run_group_tests(file, NULL, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
