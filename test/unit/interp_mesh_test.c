/* Several devices in lockstep: what each collective moves, for every way to form groups, and partitioned programs
 * against the whole ones in field arithmetic. */
#include "test/unit/interp_check.h"

enum { DEVICES = 4 };

#define ID "%id = stablehlo.partition_id : tensor<ui32>\n%v = stablehlo.convert %id : (tensor<ui32>) -> tensor<i32>\n"
#define CHANNEL "channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>"
#define GLOBAL CHANNEL ", use_global_device_ids"
#define SUM                                                                                                            \
  "({\n ^bb0(%x: tensor<i32>, %y: tensor<i32>):\n  %s = stablehlo.add %x, %y : tensor<i32>\n"                          \
  "  stablehlo.return %s : tensor<i32>\n })"

/* The i32 elements of result 0 of all devices, one after the other. */
static void expect_elements(const char *text, uint32_t n_replicas, const int32_t *expected, size_t n) {
  check c;
  check_open(&c, text);
  alpa_interp_options options = {.n_devices = DEVICES, .n_replicas = n_replicas};
  const alpa_tensor *outputs = check_run(&c, &options, NULL);
  size_t per_device = (size_t)alpa_tensor_count(&outputs[0]);
  assert_int_equal(n, per_device * DEVICES);
  for (size_t i = 0; i < n; i++)
    if (((const int32_t *)outputs[i / per_device].data)[i % per_device] != expected[i])
      fail_msg("element %zu of device %zu is %d, expected %d in\n%s", i % per_device, i / per_device,
               ((const int32_t *)outputs[i / per_device].data)[i % per_device], expected[i], text);
  check_close(&c);
}

static void gathers_and_reductions(void **unused) {
  (void)unused;
  expect_elements("func.func @main() -> tensor<2xi32> {\n" ID
                  "%r = stablehlo.reshape %v : (tensor<i32>) -> tensor<1xi32>\n"
                  "%g = \"stablehlo.all_gather\"(%r) <{all_gather_dim = 0 : i64, " GLOBAL
                  ", replica_groups = dense<[[2, 0], [1, 3]]> : tensor<2x2xi64>}> : (tensor<1xi32>) -> tensor<2xi32>\n"
                  "return %g : tensor<2xi32>\n}",
                  1, (const int32_t[]){2, 0, 1, 3, 2, 0, 1, 3}, 8);
  expect_elements("func.func @main() -> tensor<i32> {\n" ID "%g = \"stablehlo.all_reduce\"(%v) <{" GLOBAL
                  ", replica_groups = dense<[[0, 1, 2], [3, -1, -1]]> : tensor<2x3xi64>}> " SUM
                  " : (tensor<i32>) -> tensor<i32>\nreturn %g : tensor<i32>\n}",
                  1, (const int32_t[]){3, 3, 3, 3}, 4);
  expect_elements("func.func @main() -> tensor<1xi32> {\n" ID "%n = stablehlo.iota dim = 0 : tensor<4xi32>\n"
                  "%b = stablehlo.broadcast_in_dim %v, dims = [] : (tensor<i32>) -> tensor<4xi32>\n"
                  "%m = stablehlo.multiply %n, %b : tensor<4xi32>\n"
                  "%g = \"stablehlo.reduce_scatter\"(%m) <{scatter_dimension = 0 : i64, " GLOBAL
                  ", replica_groups = dense<[[0, 1, 2, 3]]> : tensor<1x4xi64>}> " SUM
                  " : (tensor<4xi32>) -> tensor<1xi32>\nreturn %g : tensor<1xi32>\n}",
                  1, (const int32_t[]){0, 6, 12, 18}, 4);
}

static void exchanges(void **unused) {
  (void)unused;
  expect_elements("func.func @main() -> tensor<2xi32> {\n" ID "%n = stablehlo.iota dim = 0 : tensor<2xi32>\n"
                  "%b = stablehlo.broadcast_in_dim %v, dims = [] : (tensor<i32>) -> tensor<2xi32>\n"
                  "%t = stablehlo.constant dense<10> : tensor<2xi32>\n%p = stablehlo.multiply %b, %t : tensor<2xi32>\n"
                  "%m = stablehlo.add %n, %p : tensor<2xi32>\n"
                  "%g = \"stablehlo.all_to_all\"(%m) <{split_dimension = 0 : i64, concat_dimension = 0 : i64, "
                  "split_count = 2 : i64, " CHANNEL
                  ", replica_groups = dense<[[0, 1], [3, 2]]> : tensor<2x2xi64>}> : (tensor<2xi32>) -> tensor<2xi32>\n"
                  "return %g : tensor<2xi32>\n}",
                  1, (const int32_t[]){0, 10, 1, 11, 31, 21, 30, 20}, 8);
  expect_elements(
      "func.func @main() -> tensor<i32> {\n" ID "%one = stablehlo.constant dense<1> : tensor<i32>\n"
      "%w = stablehlo.add %v, %one : tensor<i32>\n"
      "%g = \"stablehlo.collective_permute\"(%w) <{" CHANNEL
      ", source_target_pairs = dense<[[0, 1], [1, 2], [3, 3]]> : tensor<3x2xi64>}> : (tensor<i32>) -> tensor<i32>\n"
      "return %g : tensor<i32>\n}",
      1, (const int32_t[]){0, 1, 2, 4}, 4);
  expect_elements("func.func @main() -> tensor<i32> {\n" ID "%g = \"stablehlo.collective_broadcast\"(%v) <{" CHANNEL
                  ", replica_groups = dense<[[2, 1], [0, 3]]> : tensor<2x2xi64>}> : (tensor<i32>) -> tensor<i32>\n"
                  "return %g : tensor<i32>\n}",
                  1, (const int32_t[]){0, 2, 2, 0}, 4);
}

/* Two replicas of two partitions: device = replica * 2 + partition. */
static void replicas_and_partitions(void **unused) {
  (void)unused;
  const char *sum = "func.func @main() -> tensor<i32> {\n%r = stablehlo.replica_id : tensor<ui32>\n"
                    "%p = stablehlo.partition_id : tensor<ui32>\n%ten = stablehlo.constant dense<10> : tensor<ui32>\n"
                    "%t = stablehlo.multiply %r, %ten : tensor<ui32>\n%u = stablehlo.add %t, %p : tensor<ui32>\n"
                    "%v = stablehlo.convert %u : (tensor<ui32>) -> tensor<i32>\n"
                    "%g = \"stablehlo.all_reduce\"(%v) <{%s replica_groups = dense<%s>}> " SUM
                    " : (tensor<i32>) -> tensor<i32>\nreturn %g : tensor<i32>\n}";
  char text[2000];
  const char *tail = strstr(sum, "<{%s");
  int head = (int)(tail - sum);
  const struct {
    const char *mode, *groups;
    int32_t expected[4];
  } cases[] = {
      {"", "[[0, 1]]> : tensor<1x2xi64", {10, 12, 10, 12}},                 /* cross_replica */
      {CHANNEL ",", "[[0], [1]]> : tensor<2x1xi64", {1, 1, 21, 21}},        /* cross_replica_and_partition */
      {GLOBAL ",", "[[0, 3], [1, 2]]> : tensor<2x2xi64", {11, 11, 11, 11}}, /* flattened_ids */
  };
  for (size_t i = 0; i < countof(cases); i++) {
    snprintf(text, sizeof text, "%.*s<{%s replica_groups = dense<%s>}> %s", head, sum, cases[i].mode, cases[i].groups,
             strstr(tail, "({"));
    expect_elements(text, 2, cases[i].expected, 4);
  }
}

/* Members of a group across replicas and partitions: partition by partition. */
static void partitions_come_one_by_one(void **unused) {
  (void)unused;
  expect_elements("func.func @main() -> tensor<4xi32> {\n%r = stablehlo.replica_id : tensor<ui32>\n"
                  "%p = stablehlo.partition_id : tensor<ui32>\n%ten = stablehlo.constant dense<10> : tensor<ui32>\n"
                  "%t = stablehlo.multiply %r, %ten : tensor<ui32>\n%u = stablehlo.add %t, %p : tensor<ui32>\n"
                  "%v = stablehlo.convert %u : (tensor<ui32>) -> tensor<i32>\n"
                  "%w = stablehlo.reshape %v : (tensor<i32>) -> tensor<1xi32>\n"
                  "%g = \"stablehlo.all_gather\"(%w) <{all_gather_dim = 0 : i64, " CHANNEL
                  ", replica_groups = dense<[[1, 0]]> : tensor<1x2xi64>}> : (tensor<1xi32>) -> tensor<4xi32>\n"
                  "return %g : tensor<4xi32>\n}",
                  2, (const int32_t[]){10, 0, 11, 1, 10, 0, 11, 1, 10, 0, 11, 1, 10, 0, 11, 1}, 16);
}

/* Devices may take different ways, but not around a collective that others of the group reach. */
static void absent_devices_are_an_error(void **unused) {
  (void)unused;
  check c;
  check_open(&c, "func.func @main() -> tensor<i32> {\n" ID "%t = stablehlo.constant dense<2> : tensor<i32>\n"
                 "%p = stablehlo.compare LT, %v, %t : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                 "%r = \"stablehlo.if\"(%p) ({\n %g = \"stablehlo.all_reduce\"(%v) <{" GLOBAL
                 ", replica_groups = dense<[[0, 1, 2, 3]]> : tensor<1x4xi64>}> " SUM
                 " : (tensor<i32>) -> tensor<i32>\n stablehlo.return %g : tensor<i32>\n}, {\n stablehlo.return %v : "
                 "tensor<i32>\n})"
                 " : (tensor<i1>) -> tensor<i32>\nreturn %r : tensor<i32>\n}");
  alpa_interp_options options = {.n_devices = DEVICES};
  alpa_tensor outputs[DEVICES];
  assert_int_equal(alpa_interp_run(&options, c.func, NULL, &c.arena, outputs), ALPA_INVALID_ARGUMENT);
  assert_non_null(strstr(c.message, "is reached by 2 of the 4 devices of a group"));
  check_close(&c);
}

static void devices_may_loop_differently(void **unused) {
  (void)unused;
  expect_elements(
      "func.func @main() -> tensor<i32> {\n" ID "%z = stablehlo.constant dense<100> : tensor<i32>\n"
      "%one = stablehlo.constant dense<1> : tensor<i32>\n%n = stablehlo.constant dense<0> : tensor<i32>\n"
      "%r:2 = stablehlo.while(%i = %v, %x = %z) : tensor<i32>, tensor<i32>\n cond {\n"
      "  %c = stablehlo.compare GT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
      "  stablehlo.return %c : tensor<i1>\n } do {\n  %j = stablehlo.subtract %i, %one : tensor<i32>\n"
      "  %y = stablehlo.add %x, %i : tensor<i32>\n  stablehlo.return %j, %y : tensor<i32>, tensor<i32>\n }\n"
      "return %r#1 : tensor<i32>\n}",
      1, (const int32_t[]){100, 101, 103, 106}, 4);
}

/* ---- partitioned programs --------------------------------------------------------------------------------------- */

/* A two-layer step on a batch of 8: loss and gradient of the first weight. */
#define LAYER(batch)                                                                                                   \
  "%h = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<" batch "x6xf32>, tensor<6x5xf32>) -> "   \
  "tensor<" batch "x5xf32>\n%t = stablehlo.tanh %h : tensor<" batch "x5xf32>\n"                                        \
  "%zero = stablehlo.constant dense<0.0> : tensor<f32>\n"                                                              \
  "%l = stablehlo.reduce(%t init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<" batch            \
  "x5xf32>, tensor<f32>) -> tensor<f32>\n%one = stablehlo.constant dense<1.0> : tensor<" batch "x5xf32>\n"             \
  "%tt = stablehlo.multiply %t, %t : tensor<" batch "x5xf32>\n%d = stablehlo.subtract %one, %tt : tensor<" batch       \
  "x5xf32>\n%g = stablehlo.dot_general %x, %d, contracting_dims = [0] x [0] : (tensor<" batch "x6xf32>, tensor<" batch \
  "x5xf32>) -> tensor<6x5xf32>\n"
#define ADD(type)                                                                                                      \
  "({\n ^bb0(%a: tensor<" type ">, %b: tensor<" type ">):\n  %s = stablehlo.add %a, %b : tensor<" type ">\n"           \
  "  stablehlo.return %s : tensor<" type ">\n })"
#define REDUCE(result, value, type, groups)                                                                            \
  result " = \"stablehlo.all_reduce\"(" value ") <{" GLOBAL ", replica_groups = dense<" groups                         \
         "> : tensor<1x4xi64>}> " ADD("f32") " : (" type ") -> " type "\n"

static const char whole[] =
    "func.func @main(%x: tensor<8x6xf32>, %w: tensor<6x5xf32>) -> (tensor<f32>, tensor<6x5xf32>) {\n" LAYER(
        "8") "return %l, %g : tensor<f32>, tensor<6x5xf32>\n}";
static const char partitioned[] =
    "func.func @main(%x: tensor<2x6xf32>, %w: tensor<6x5xf32>) -> (tensor<f32>, tensor<6x5xf32>) {\n" LAYER("2")
        REDUCE("%lr", "%l", "tensor<f32>", "[[0, 1, 2, 3]]") REDUCE(
            "%gr", "%g", "tensor<6x5xf32>", "[[0, 1, 2, 3]]") "return %lr, %gr : tensor<f32>, tensor<6x5xf32>\n}";
/* The reduction of the gradient forgotten. */
static const char mutated[] =
    "func.func @main(%x: tensor<2x6xf32>, %w: tensor<6x5xf32>) -> (tensor<f32>, tensor<6x5xf32>) {\n" LAYER("2")
        REDUCE("%lr", "%l", "tensor<f32>", "[[0, 1, 2, 3]]") "return %lr, %g : tensor<f32>, tensor<6x5xf32>\n}";

/* Runs a per-device program on the slices of the whole program's batch. */
static void run_slices(const char *text, const alpa_tensor *inputs, uint64_t key, const alpa_tensor *expected,
                       bool equal[2]) {
  check c;
  check_open(&c, text);
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = key, .n_devices = DEVICES};
  alpa_tensor *slices = check_inputs(&c, &options, 0, true);
  for (uint32_t d = 0; d < DEVICES; d++) {
    slices[2 * d].data = (uint64_t *)inputs[0].data + d * 2 * 6;
    slices[2 * d + 1] = inputs[1];
  }
  const alpa_tensor *outputs = check_run(&c, &options, slices);
  for (uint32_t i = 0; i < 2; i++) {
    equal[i] = true;
    for (uint32_t d = 0; d < DEVICES; d++)
      equal[i] &= check_equal(&outputs[2 * d + i], &expected[i], ALPA_ARITH_FIELD);
  }
  check_close(&c);
}

static void partitions_give_the_same_elements(void **unused) {
  (void)unused;
  for (uint64_t key = 1; key <= 2; key++) {
    check c;
    check_open(&c, whole);
    alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = key};
    alpa_tensor *inputs = check_inputs(&c, &options, 10 * key, true);
    const alpa_tensor *outputs = check_run(&c, &options, inputs);
    bool equal[2];
    run_slices(partitioned, inputs, key, outputs, equal);
    assert_true(equal[0] && equal[1]);
    run_slices(mutated, inputs, key, outputs, equal);
    assert_true(equal[0] && !equal[1]);
    run_slices(partitioned, inputs, key + 7, outputs, equal); /* other functions, other elements */
    assert_true(!equal[0] && !equal[1]);
    check_close(&c);
  }
}

/* Comparisons of floats that always gave the same answer are reported. */
static void constant_predicates_are_reported(void **unused) {
  (void)unused;
  check c;
  check_open(&c, "func.func @main(%x: tensor<50xf32>) -> (tensor<50xi1>, tensor<50xi1>) {\n"
                 "%inf = stablehlo.constant dense<0x7F800000> : tensor<50xf32>\n"
                 "%y = stablehlo.negate %x : tensor<50xf32>\n"
                 "%a = stablehlo.compare LT, %x, %inf : (tensor<50xf32>, tensor<50xf32>) -> tensor<50xi1>\n"
                 "%b = stablehlo.compare LT, %x, %y : (tensor<50xf32>, tensor<50xf32>) -> tensor<50xi1>\n"
                 "return %a, %b : tensor<50xi1>, tensor<50xi1>\n}");
  alpa_interp_report report;
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = 3, .report = &report};
  check_run(&c, &options, check_inputs(&c, &options, 5, true));
  assert_int_equal(report.n_predicates, 2);
  assert_int_equal(report.n_constant_predicates, 1);
  assert_string_equal(report.constant_predicates[0]->def->name, "stablehlo.compare");
  assert_true(alpa_loc_place(report.constant_predicates[0]->loc).line == 4);
  assert_int_equal(report.n_steps, 4);
  check_close(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gathers_and_reductions),
      cmocka_unit_test(exchanges),
      cmocka_unit_test(replicas_and_partitions),
      cmocka_unit_test(partitions_come_one_by_one),
      cmocka_unit_test(absent_devices_are_an_error),
      cmocka_unit_test(devices_may_loop_differently),
      cmocka_unit_test(partitions_give_the_same_elements),
      cmocka_unit_test(constant_predicates_are_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
