/* Small programs of every kind of op: machine code against the interpreter. */
#include "test/unit/codegen_compare.h"

#include "dialects/ir/print.h"
#include "test/unit/codegen_programs.h"

static bool show; /* print kernels and LLVM IR */

static void dump_kernels(codegen_check *c) {
  alpa_text text;
  alpa_text_init(&text, &c->arena);
  if (alpa_codegen_fuse(c->func, &(alpa_fuse_options){.attention = false}) == ALPA_OK)
    alpa_op_print(&text, c->func, NULL);
  printf("%s\n", alpa_text_finish(&text));
}

static void check_program(const char *name, const char *text, uint64_t seed) {
  codegen_check c;
  codegen_open(&c, name, text, seed);
  if (show)
    dump_kernels(&c);
  alpa_text ir;
  alpa_text_init(&ir, &c.arena);
  if (codegen_compile(&c, show ? &ir : NULL, 2) != ALPA_OK)
    fail_msg("%s: compiling: %s", name, c.message);
  if (show)
    printf("%s\n", alpa_text_finish(&ir));
  codegen_run_and_compare(&c, name);
  codegen_close(&c);
}

/* ---- collectives ---- */

#define GROUPS "replica_groups = dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>"
static const char collectives[] =
    "func.func @main(%x: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x12xf32>, tensor<2x6xf32>, tensor<8x3xf32>,"
    " tensor<4x6xf32>, tensor<4x6xf32>) {\n"
    "  %p = stablehlo.replica_id : tensor<ui32>\n"
    "  %pf = stablehlo.convert %p : (tensor<ui32>) -> tensor<f32>\n"
    "  %pb = stablehlo.broadcast_in_dim %pf, dims = [] : (tensor<f32>) -> tensor<4x6xf32>\n"
    "  %one = stablehlo.constant dense<1.0> : tensor<4x6xf32>\n"
    "  %s = stablehlo.add %pb, %one : tensor<4x6xf32>\n"
    "  %y = stablehlo.multiply %x, %s : tensor<4x6xf32>\n"
    "  %dead = \"stablehlo.all_reduce\"(%y) <{" GROUPS "}> ({\n"
    "  ^bb0(%a: tensor<f32>, %b: tensor<f32>):\n"
    "    %z = stablehlo.add %a, %b : tensor<f32>\n"
    "    stablehlo.return %z : tensor<f32>\n"
    "  }) : (tensor<4x6xf32>) -> tensor<4x6xf32>\n"
    "  %0 = \"stablehlo.all_reduce\"(%y) <{" GROUPS "}> ({\n"
    "  ^bb0(%a: tensor<f32>, %b: tensor<f32>):\n"
    "    %z = stablehlo.add %a, %b : tensor<f32>\n"
    "    stablehlo.return %z : tensor<f32>\n"
    "  }) : (tensor<4x6xf32>) -> tensor<4x6xf32>\n"
    "  %1 = \"stablehlo.all_gather\"(%y) <{all_gather_dim = 1 : i64, " GROUPS "}>"
    " : (tensor<4x6xf32>) -> tensor<4x12xf32>\n"
    "  %2 = \"stablehlo.reduce_scatter\"(%y) <{scatter_dimension = 0 : i64, " GROUPS "}> ({\n"
    "  ^bb0(%a: tensor<f32>, %b: tensor<f32>):\n"
    "    %z = stablehlo.maximum %a, %b : tensor<f32>\n"
    "    stablehlo.return %z : tensor<f32>\n"
    "  }) : (tensor<4x6xf32>) -> tensor<2x6xf32>\n"
    "  %3 = \"stablehlo.all_to_all\"(%y) <{split_dimension = 1 : i64, concat_dimension = 0 : i64, split_count = 2 : "
    "i64, " GROUPS "}> : (tensor<4x6xf32>) -> tensor<8x3xf32>\n"
    "  %4 = \"stablehlo.collective_permute\"(%y) <{source_target_pairs = dense<[[0, 1], [1, 2], [3, 0]]>"
    " : tensor<3x2xi64>}> : (tensor<4x6xf32>) -> tensor<4x6xf32>\n"
    "  %5 = stablehlo.add %0, %4 : tensor<4x6xf32>\n"
    "  return %0, %1, %2, %3, %4, %5 : tensor<4x6xf32>, tensor<4x12xf32>, tensor<2x6xf32>, tensor<8x3xf32>,"
    " tensor<4x6xf32>, tensor<4x6xf32>\n}\n";

/* A result on four devices as one tensor with the device in front. */
static alpa_image_tensor stacked(codegen_check *c, const alpa_type *type) {
  enum { DEVICES = 4 };
  int64_t *global = alpa_arena_new(&c->arena, int64_t, type->rank);
  uint32_t *tiles = alpa_arena_new(&c->arena, uint32_t, DEVICES * type->rank);
  memcpy(global, type->dims, type->rank * sizeof *global);
  global[0] *= DEVICES;
  for (uint32_t d = 0; d < DEVICES; d++)
    tiles[d * type->rank] = d;
  return (alpa_image_tensor){.name = "",
                             .dtype = type->dtype,
                             .rank = type->rank,
                             .global_dims = global,
                             .local_dims = type->dims,
                             .tiles = tiles};
}

static void test_collectives(void **state) {
  (void)state;
  enum { DEVICES = 4, RESULTS = 6 };
  codegen_check c;
  if (codegen_read(&c, "collectives", collectives) != ALPA_OK)
    fail_msg("%s", c.message);
  alpa_block *entry = alpa_func_entry(c.func);
  alpa_tensor input = alpa_tensor_create(&c.arena, ALPA_ARITH_REAL, entry->args[0]->type), inputs[DEVICES];
  alpa_tensor_randomize(&input, ALPA_ARITH_REAL, 5, 0);
  for (uint32_t d = 0; d < DEVICES; d++)
    inputs[d] = input;
  alpa_tensor want[DEVICES * RESULTS], got[RESULTS];
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL, .n_devices = DEVICES, .n_replicas = DEVICES};
  if (alpa_interp_run(&options, c.func, inputs, &c.arena, want) != ALPA_OK)
    fail_msg("%s", c.message);
  const alpa_type *type = entry->args[0]->type;
  alpa_image_tensor argument = {.name = "",
                                .dtype = type->dtype,
                                .rank = type->rank,
                                .global_dims = type->dims,
                                .local_dims = type->dims,
                                .tiles = alpa_arena_new(&c.arena, uint32_t, DEVICES * type->rank)};
  alpa_image_tensor results[RESULTS];
  for (uint32_t i = 0; i < RESULTS; i++)
    results[i] = stacked(&c, alpa_op_operand_type(entry->last, i));
  alpa_codegen_layout layout = {DEVICES, &argument, results};
  if (codegen_compile_for(&c, &layout, NULL, 2) != ALPA_OK || codegen_run(&c, &input, got) != ALPA_OK)
    fail_msg("%s", c.message);
  for (uint32_t i = 0; i < RESULTS; i++)
    for (uint32_t d = 0; d < DEVICES; d++) {
      alpa_tensor piece = want[d * RESULTS + i];
      size_t bytes = alpa_tensor_bytes(&piece, ALPA_ARITH_REAL);
      piece.data = (char *)got[i].data + d * bytes;
      codegen_compare("collectives", i, &piece, &want[d * RESULTS + i]);
    }
  codegen_close(&c);
}

static const char *only; /* the name of one program, from the command line */

static void check_programs(const partition_program *programs, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!only || !strcmp(only, programs[i].name))
      check_program(programs[i].name, programs[i].text, 1 + i);
}

static void test_partition_programs(void **state) {
  (void)state;
  check_programs(partition_programs, countof(partition_programs));
}

static void test_codegen_programs(void **state) {
  (void)state;
  check_programs(codegen_programs, countof(codegen_programs));
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

/* The same program gives the same image, byte for byte. */
static void test_determinism(void **state) {
  (void)state;
  codegen_check c[2];
  alpa_str bytes[2];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(codegen_read(&c[i], "twice", codegen_programs[0].text), ALPA_OK);
    assert_int_equal(codegen_compile(&c[i], NULL, 2), ALPA_OK);
    bytes[i] = alpa_image_write(&c[i].arena, c[i].image);
  }
  assert_int_equal(bytes[0].size, bytes[1].size);
  assert_memory_equal(bytes[0].data, bytes[1].data, bytes[0].size);
  for (int i = 0; i < 2; i++)
    codegen_close(&c[i]);
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  show = argc > 2;
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_partition_programs),
                                            cmocka_unit_test(test_codegen_programs), cmocka_unit_test(test_collectives),
                                            cmocka_unit_test(test_determinism)};
  static const struct CMUnitTest file[] = {cmocka_unit_test(test_file)};
  if (only && strchr(only, '/'))
    return cmocka_run_group_tests(file, NULL, NULL);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
