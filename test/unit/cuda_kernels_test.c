/* Kernels of every kind on emulated GPUs, against the interpreter.
 *
 * Small programs run as both GPUs see them; products are also made large enough, by the number of multiprocessors that
 * the compiler is told, for every kind of tile. */
#include "test/unit/cuda_check.h"

#include "test/unit/codegen_programs.h"

static const char *only; /* the name of one program, from the command line */

static void run_on(const char *gpu, uint32_t n_multiprocessors, const char *name, const char *text, uint64_t seed) {
  if (only && strcmp(only, name))
    return;
  cuda_run(gpu, n_multiprocessors, name, text, seed);
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

/* ---- products: every kind of tile, layout and type ---- */

typedef struct product_case {
  const char *name, *lhs_dtype, *rhs_dtype, *dtype;
  int b, m, n, k;
  bool lhs_transposed, rhs_transposed; /* lies as [k, m]; as [n, k] */
  uint32_t n_multiprocessors;          /* few: large tiles */
} product_case;

static const product_case products[] = {
    {"f32 small", "f32", "f32", "f32", 1, 40, 36, 20, false, false, 132},
    {"f32 odd", "f32", "f32", "f32", 3, 33, 7, 5, true, false, 132},
    {"f32 64", "f32", "f32", "f32", 1, 70, 68, 33, false, true, 1},
    {"f32 128", "f32", "f32", "f32", 1, 130, 140, 24, true, true, 1},
    {"f32 rows of tiles", "f32", "f32", "f32", 2, 256, 40, 4, false, false, 132},
    {"f64", "f64", "f64", "f64", 2, 40, 72, 18, false, false, 1},
    {"i32", "i32", "i32", "i32", 1, 36, 33, 9, false, true, 132},
    {"bf16 to f32", "bf16", "bf16", "f32", 1, 9, 7, 6, false, false, 132},
    {"mixed", "bf16", "f32", "f32", 1, 16, 8, 24, false, false, 132},
    {"bf16 64", "bf16", "bf16", "bf16", 2, 72, 40, 80, false, false, 132},
    {"bf16 64 k major", "bf16", "bf16", "bf16", 1, 40, 72, 48, false, true, 132},
    {"f16 64 row major", "f16", "f16", "f16", 1, 40, 72, 48, true, false, 132},
    {"bf16 128", "bf16", "bf16", "bf16", 1, 136, 144, 72, true, true, 1},
    {"f16 128", "f16", "f16", "f16", 1, 136, 144, 40, false, false, 1},
    {"f32 in parts", "f32", "f32", "f32", 1, 5, 72, 700, false, false, 132},
    {"i32 in parts", "i32", "i32", "i32", 2, 17, 7, 333, false, true, 132},
    {"bf16 in parts", "bf16", "bf16", "bf16", 2, 40, 48, 1048, true, false, 132},
    {"tf32 64", "f32", "f32", "bf16", 2, 40, 72, 36, false, true, 132},
    {"tf32 64 row major", "f32", "f32", "bf16", 1, 40, 72, 20, true, false, 132},
    {"tf32 128", "f32", "f32", "bf16", 1, 136, 144, 40, false, false, 1},
};

/* Products that wgmma takes where it may. */
static const product_case large_products[] = {
    {"wgmma nn", "bf16", "bf16", "bf16", 1, 136, 144, 136, false, false, 1},
    {"wgmma nt", "bf16", "bf16", "bf16", 2, 72, 136, 64, false, true, 1},
    {"wgmma tn", "f16", "f16", "f16", 1, 144, 72, 328, true, false, 1},
    {"wgmma tt", "bf16", "bf16", "bf16", 1, 136, 264, 72, true, true, 1},
    {"wgmma tf32", "f32", "f32", "bf16", 2, 136, 144, 108, false, true, 1},
};

static void check_product(const char *gpu, const product_case *p) {
  static const char tf32[] =
      ", algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, "
      "lhs_component_count "
      "= 1, rhs_component_count = 1, num_primitive_operations = 1, allow_imprecise_accumulation = false>";
  bool is_tf32 = strstr(p->name, "tf32"); /* rounded to bf16, where the difference disappears */
  char text[2048], lhs[64], rhs[64], sum[64], out[64];
  snprintf(lhs, sizeof lhs, "tensor<%dx%dx%dx%s>", p->b, p->lhs_transposed ? p->k : p->m,
           p->lhs_transposed ? p->m : p->k, p->lhs_dtype);
  snprintf(rhs, sizeof rhs, "tensor<%dx%dx%dx%s>", p->b, p->rhs_transposed ? p->n : p->k,
           p->rhs_transposed ? p->k : p->n, p->rhs_dtype);
  snprintf(sum, sizeof sum, "tensor<%dx%dx%dx%s>", p->b, p->m, p->n, is_tf32 ? "f32" : p->dtype);
  snprintf(out, sizeof out, "tensor<%dx%dx%dx%s>", p->b, p->m, p->n, p->dtype);
  snprintf(text, sizeof text,
           "func.func @main(%%x: %s, %%y: %s, %%z: %s) -> %s {\n"
           "  %%0 = stablehlo.dot_general %%x, %%y, batching_dims = [0] x [0], contracting_dims = [%d] x [%d]%s : (%s, "
           "%s) -> %s\n"
           "  %%1 = stablehlo.convert %%0 : (%s) -> %s\n"
           "  %%2 = stablehlo.add %%1, %%z : %s\n"
           "  return %%2 : %s\n}\n",
           lhs, rhs, out, out, p->lhs_transposed ? 1 : 2, p->rhs_transposed ? 2 : 1, is_tf32 ? tf32 : "", lhs, rhs, sum,
           sum, out, out, out);
  run_on(gpu, p->n_multiprocessors, p->name, text, 3);
}

static void test_products(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(products); i++)
    check_product("sm_80", &products[i]);
}

static void test_large_products(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(large_products); i++)
    check_product("sm_90a", &large_products[i]);
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  if (!cuda_load_emulator())
    return 1;
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_products), cmocka_unit_test(test_programs),
                                            cmocka_unit_test(test_large_products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
