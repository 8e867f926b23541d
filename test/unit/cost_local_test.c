/* Prices of partitioned programs against the formulas of the cost model, and boxes of shardings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "passes/cost/local.c" /* its functions are not exported */
#include "passes/transfer/tiling.c"

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  alpa_cluster cluster;
  alpa_mesh mesh;
  alpa_cost_model model;
  alpa_module *module;
  alpa_op *func;
} fixture;

/* Axes a of 2 and b of 4 on a host. */
static void open(fixture *f, const char *arguments, const char *body) {
  *f = (fixture){.mesh = {.name = "mesh", .n_axes = 2, .axes = {{"a", 2}, {"b", 4}}, .n_devices = 8}};
  alpa_context_init(&f->ctx, NULL, NULL, NULL, NULL);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  assert_int_equal(alpa_cluster_read(&f->arena, &f->ctx.diag, "p3.16xlarge:1", &f->cluster), ALPA_OK);
  alpa_cost_model_init(&f->model, &f->cluster, &f->mesh);
  const char *text = alpa_arena_printf(&f->arena, "func.func @main(%s) {\n%s\n%s}\n", arguments, body,
                                       strstr(body, "return %5") ? "" : "return\n");
  if (alpa_module_read(&f->ctx, (alpa_str){text, strlen(text)}, &(alpa_parse_options){.name = "test"}, &f->module) !=
      ALPA_OK)
    fail_msg("not a program: %s", text);
  assert_int_equal(alpa_func_find_main(f->module->op, &f->func), ALPA_OK);
}

static void close(fixture *f) {
  alpa_module_destroy(f->module);
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static int64_t cost(const fixture *f) {
  int64_t ticks = 0;
  for (const alpa_op *op = alpa_func_entry(f->func)->first; op; op = op->next)
    ticks += alpa_local_cost(&f->model, &f->mesh, op);
  return ticks;
}

static void test_dot(void **state) {
  (void)state;
  fixture f;
  open(&f, "%a: tensor<3x64x32xbf16>, %b: tensor<3x32x16xbf16>",
       "%0 = stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [1] : "
       "(tensor<3x64x32xbf16>, tensor<3x32x16xbf16>) -> tensor<3x64x16xbf16>");
  assert_int_equal(cost(&f), alpa_cost_contraction(&f.model, ALPA_BF16, 3, 64, 16, 32));
  close(&f);
}

/* A single product loses by each of its sizes, many at once by the smallest alone. */
static void test_efficiencies(void **state) {
  (void)state;
  fixture f;
  open(&f, "", "");
  const alpa_device_kind *d = &f.model.device;
  double knee = d->contraction_knee,
         e = d->contraction_efficiency * 512 / (512 + knee) * 1024 / (1024 + knee) * 2048 / (2048 + knee);
  double flops = 2.0 * 512 * 1024 * 2048, peak = d->flops[ALPA_FLOPS_HALF];
  assert_int_equal(alpa_cost_contraction(&f.model, ALPA_F16, 1, 512, 1024, 2048),
                   llround((flops / (peak * e) + d->launch_s) * 1e12));
  e = d->batched_efficiency * 512 / (512 + d->batched_knee);
  assert_int_equal(alpa_cost_contraction(&f.model, ALPA_F16, 4, 512, 1024, 2048),
                   llround((4 * flops / (peak * e) + d->launch_s) * 1e12));
  close(&f);
}

static int64_t convolution(const char *body) {
  fixture f;
  open(&f, "%x: tensor<2x14x14x8xf32>, %k: tensor<3x3x8x16xf32>, %g: tensor<2x7x7x16xf32>", body);
  int64_t ticks = cost(&f) - (int64_t)(f.model.device.launch_s * 1e12);
  close(&f);
  return ticks;
}

/* 7 positions are two tiles of 4, as the result of a forward convolution and as the window of its gradient; zeros that
 * dilation puts between positions are not multiplied. */
static void test_convolutions(void **state) {
  (void)state;
  fixture f;
  open(&f, "", "");
  const alpa_device_kind *d = &f.model.device;
  double flops = 2.0 * 2 * 7 * 7 * 16 * 9 * 8, rate = d->flops[ALPA_FLOPS_SINGLE] * d->convolution_efficiency;
  close(&f);
  int64_t seven = llround(flops * 8 / 7 * 8 / 7 / rate * 1e12),
          fourteen = llround(flops * 16 / 14 * 16 / 14 / rate * 1e12);
  const char *forward =
      "%0 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = "
      "{stride = [2, 2], pad = [[0, 1], [0, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 "
      ": i64} : (tensor<2x14x14x8xf32>, tensor<3x3x8x16xf32>) -> tensor<2x7x7x16xf32>";
  const char *data =
      "%0 = stablehlo.convolution(%g, %k) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = "
      "{pad = [[1, 2], [1, 2]], lhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 "
      ": i64} : (tensor<2x7x7x16xf32>, tensor<3x3x8x16xf32>) -> tensor<2x14x14x8xf32>";
  const char *kernel =
      "%0 = stablehlo.convolution(%x, %g) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = "
      "{pad = [[0, 1], [0, 1]], rhs_dilate = [2, 2]} {batch_group_count = 1 : i64, feature_group_count = 1 "
      ": i64} : (tensor<2x14x14x8xf32>, tensor<2x7x7x16xf32>) -> tensor<3x3x8x16xf32>";
  assert_in_range(convolution(forward), seven - 1, seven + 1);
  assert_in_range(convolution(data), fourteen - 1, fourteen + 1);
  assert_in_range(convolution(kernel), seven - 1, seven + 1);
}

static void test_traffic(void **state) {
  (void)state;
  fixture f;
  open(&f, "%a: tensor<1000xf32>", "%0 = stablehlo.tanh %a : tensor<1000xf32>");
  assert_int_equal(cost(&f), alpa_cost_memory(&f.model, 0.3 * 8000));
  close(&f);
}

/* %0 is used by the next op alone, %1 stays until %3, %2 until %4, what is returned belongs to others. */
static void test_memory(void **state) {
  (void)state;
  fixture f;
  open(&f, "%a: tensor<100xf32>) -> (tensor<100xf32>",
       "%0 = stablehlo.tanh %a : tensor<100xf32>\n%1 = stablehlo.sine %0 : tensor<100xf32>\n"
       "%2 = stablehlo.sine %a : tensor<100xf32>\n%3 = stablehlo.add %1, %2 : tensor<100xf32>\n"
       "%4 = stablehlo.add %2, %3 : tensor<100xf32>\n%5 = stablehlo.add %4, %4 : tensor<100xf32>\n"
       "return %5 : tensor<100xf32>");
  assert_int_equal(alpa_local_work_bytes(&f.arena, alpa_func_entry(f.func)), 2 * 400);
  close(&f);
}

/* Body and condition, as often as the loop runs. */
static void test_loop(void **state) {
  (void)state;
  fixture f;
  open(&f, "%a: tensor<1000xf32>",
       "%zero = stablehlo.constant dense<0> : tensor<i32>\n%n = stablehlo.constant dense<5> : tensor<i32>\n"
       "%one = stablehlo.constant dense<1> : tensor<i32>\n"
       "%r:2 = stablehlo.while(%i = %zero, %x = %a) : tensor<i32>, tensor<1000xf32>\n"
       "cond {\n%c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
       "stablehlo.return %c : tensor<i1>\n} do {\n%y = stablehlo.sine %x : tensor<1000xf32>\n"
       "%j = stablehlo.add %i, %one : tensor<i32>\nstablehlo.return %j, %y : tensor<i32>, tensor<1000xf32>\n}");
  int64_t body = alpa_cost_memory(&f.model, 0.3 * 8000), rest = alpa_cost_memory(&f.model, 0.3 * 12);
  assert_in_range(cost(&f), 5 * body, 5 * (body + 2 * rest));
  close(&f);
}

/* Groups along b; along both axes, which is one after the other on what is there. */
static void test_collectives(void **state) {
  (void)state;
  fixture f;
  open(&f, "%a: tensor<1024xf32>",
       "%0 = \"stablehlo.all_gather\"(%a) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1, 2, 3], [4, 5, 6, "
       "7]]> : tensor<2x4xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : "
       "(tensor<1024xf32>) -> tensor<4096xf32>");
  assert_int_equal(cost(&f), alpa_cost_communication(&f.model, ALPA_ALL_GATHER, 1, 4 * 4096));
  close(&f);
  open(
      &f, "%a: tensor<1024xf32>",
      "%0 = \"stablehlo.all_gather\"(%a) <{all_gather_dim = 0 : i64, replica_groups = dense<[[0, 1, 2, 3, 4, 5, 6, 7]]>"
      " : tensor<1x8xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>}> : "
      "(tensor<1024xf32>) -> tensor<8192xf32>");
  assert_int_equal(cost(&f), alpa_cost_communication(&f.model, ALPA_ALL_GATHER, 1, 4 * 4096) +
                                 alpa_cost_communication(&f.model, ALPA_ALL_GATHER, 0, 4 * 8192));
  close(&f);
}

/* 10 rows over b, in tiles of 3, and columns over a; the last tile is what is left. */
static void test_tiling(void **state) {
  (void)state;
  fixture f;
  alpa_tiling tiling;
  const alpa_axis_ref a = {0, 1, 0}, b = {1, 1, 0};
  alpa_dim_sharding dims[] = {{.axes = {&b, 1}}, {.axes = {&a, 1}}};
  open(&f, "", "");
  const alpa_sharding sharding = {.mesh = &f.mesh, .rank = 2, .dims = dims};
  const alpa_type *type = alpa_type_get_tensor(&f.ctx, ALPA_F32, 2, (const int64_t[]){10, 6});
  alpa_tiling_build(&f.arena, &f.mesh, &sharding, type, 16, &tiling);
  assert_int_equal(tiling.n_devices, 8);
  for (uint32_t k = 0; k < 8; k++) {
    assert_int_equal(tiling.devices[k], 16 + k);
    assert_int_equal(tiling.starts[2 * k], 3 * (k % 4));
    assert_int_equal(tiling.extents[2 * k], k % 4 == 3 ? 1 : 3);
    assert_int_equal(tiling.starts[2 * k + 1], 3 * (k / 4));
    assert_int_equal(tiling.extents[2 * k + 1], 3);
  }
  alpa_tiling_build(&f.arena, &f.mesh, NULL, type, 0, &tiling);
  assert_int_equal(tiling.extents[2 * 5], 10);
  close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_efficiencies), cmocka_unit_test(test_convolutions), cmocka_unit_test(test_dot),
      cmocka_unit_test(test_traffic),      cmocka_unit_test(test_memory),       cmocka_unit_test(test_loop),
      cmocka_unit_test(test_collectives),  cmocka_unit_test(test_tiling),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
