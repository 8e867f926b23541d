/* Single ops against the StableHLO specification.  Each program returns pairs: what an op gives, and what it should. */
#include "test/unit/interp_check.h"

/* Runs the body of a @main whose results are pairs of equal types. */
static void expect_pairs(const char *name, const char *text) {
  check c;
  check_open(&c, text);
  alpa_interp_options options = {.max_steps = 100000};
  const alpa_tensor *outputs = check_run(&c, &options, NULL);
  for (uint32_t i = 0; i + 1 < check_n_results(&c); i += 2)
    if (!check_equal(&outputs[i], &outputs[i + 1], ALPA_ARITH_REAL))
      fail_msg("%s: pair %u differs", name, i / 2);
  check_close(&c);
}

#define MAIN(types, body, values) "func.func @main() -> (" types ") {\n" body "\n  return " values " : " types "\n}\n"

static void integers_wrap(void **unused) {
  (void)unused;
  expect_pairs("divide", MAIN("tensor<5xi8>, tensor<5xi8>, tensor<5xi8>, tensor<5xi8>",
                              "%a = stablehlo.constant dense<[-128, 7, -7, 5, 0]> : tensor<5xi8>\n"
                              "%b = stablehlo.constant dense<[-1, 0, 2, -3, 0]> : tensor<5xi8>\n"
                              "%q = stablehlo.divide %a, %b : tensor<5xi8>\n"
                              "%qw = stablehlo.constant dense<[-128, -1, -3, -1, -1]> : tensor<5xi8>\n"
                              "%r = stablehlo.remainder %a, %b : tensor<5xi8>\n"
                              "%rw = stablehlo.constant dense<[0, 7, -1, 2, 0]> : tensor<5xi8>",
                              "%q, %qw, %r, %rw"));
  expect_pairs("unsigned", MAIN("tensor<3xui8>, tensor<3xui8>, tensor<3xui8>, tensor<3xui8>",
                                "%a = stablehlo.constant dense<[200, 9, 1]> : tensor<3xui8>\n"
                                "%b = stablehlo.constant dense<[100, 0, 2]> : tensor<3xui8>\n"
                                "%s = stablehlo.add %a, %b : tensor<3xui8>\n"
                                "%sw = stablehlo.constant dense<[44, 9, 3]> : tensor<3xui8>\n"
                                "%q = stablehlo.divide %a, %b : tensor<3xui8>\n"
                                "%qw = stablehlo.constant dense<[2, 255, 0]> : tensor<3xui8>",
                                "%s, %sw, %q, %qw"));
  expect_pairs("shifts",
               MAIN("tensor<4xi16>, tensor<4xi16>, tensor<4xi16>, tensor<4xi16>, tensor<4xi16>, tensor<4xi16>",
                    "%a = stablehlo.constant dense<[-2, 1, -32768, 255]> : tensor<4xi16>\n"
                    "%b = stablehlo.constant dense<[1, 16, 40, -1]> : tensor<4xi16>\n"
                    "%l = stablehlo.shift_left %a, %b : tensor<4xi16>\n"
                    "%lw = stablehlo.constant dense<[-4, 0, 0, 0]> : tensor<4xi16>\n"
                    "%r = stablehlo.shift_right_arithmetic %a, %b : tensor<4xi16>\n"
                    "%rw = stablehlo.constant dense<[-1, 0, -1, 0]> : tensor<4xi16>\n"
                    "%u = stablehlo.shift_right_logical %a, %b : tensor<4xi16>\n"
                    "%uw = stablehlo.constant dense<[32767, 0, 0, 0]> : tensor<4xi16>",
                    "%l, %lw, %r, %rw, %u, %uw"));
  expect_pairs("bits", MAIN("tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<2xi4>, tensor<2xi4>",
                            "%a = stablehlo.constant dense<[-1, 0, 12]> : tensor<3xi8>\n"
                            "%p = stablehlo.popcnt %a : tensor<3xi8>\n"
                            "%pw = stablehlo.constant dense<[8, 0, 2]> : tensor<3xi8>\n"
                            "%z = stablehlo.count_leading_zeros %a : tensor<3xi8>\n"
                            "%zw = stablehlo.constant dense<[0, 8, 4]> : tensor<3xi8>\n"
                            "%f = stablehlo.constant dense<[7, -8]> : tensor<2xi4>\n"
                            "%g = stablehlo.add %f, %f : tensor<2xi4>\n"
                            "%gw = stablehlo.constant dense<[-2, 0]> : tensor<2xi4>",
                            "%p, %pw, %z, %zw, %g, %gw"));
}

static void floats_round_once(void **unused) {
  (void)unused;
  expect_pairs("special",
               MAIN("tensor<4xf32>, tensor<4xf32>, tensor<3xi1>, tensor<3xi1>, tensor<4xf32>, tensor<4xf32>",
                    "%a = stablehlo.constant dense<[0x7FC00000, -0.0, 1.0, 0.0]> : tensor<4xf32>\n"
                    "%b = stablehlo.constant dense<[1.0, 0.0, 2.0, -0.0]> : tensor<4xf32>\n"
                    "%m = stablehlo.maximum %a, %b : tensor<4xf32>\n"
                    "%mw = stablehlo.constant dense<[0x7FC00000, 0.0, 2.0, 0.0]> : tensor<4xf32>\n"
                    "%x = stablehlo.constant dense<[0x7FC00000, -0.0, 1.0]> : tensor<3xf32>\n"
                    "%y = stablehlo.constant dense<[0x7FC00000, 0.0, 0x7FC00000]> : tensor<3xf32>\n"
                    "%c = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>\n"
                    "%cw = stablehlo.constant dense<[false, true, true]> : tensor<3xi1>\n"
                    "%h = stablehlo.constant dense<[0.5, 1.5, 2.5, -0.5]> : tensor<4xf32>\n"
                    "%e = stablehlo.round_nearest_even %h : tensor<4xf32>\n"
                    "%ew = stablehlo.constant dense<[0.0, 2.0, 2.0, -0.0]> : tensor<4xf32>",
                    "%m, %mw, %c, %cw, %e, %ew"));
  expect_pairs("narrow",
               MAIN("tensor<3xbf16>, tensor<3xbf16>, tensor<4xi8>, tensor<4xi8>, tensor<2xui8>, tensor<2xui8>",
                    "%a = stablehlo.constant dense<[1.00390625, 1.01171875, 256.0]> : tensor<3xf32>\n"
                    "%n = stablehlo.convert %a : (tensor<3xf32>) -> tensor<3xbf16>\n"
                    "%nw = stablehlo.constant dense<[1.0, 1.015625, 256.0]> : tensor<3xbf16>\n"
                    "%b = stablehlo.constant dense<[300.0, -300.0, 0x7FC00000, -1.9]> : tensor<4xf32>\n"
                    "%i = stablehlo.convert %b : (tensor<4xf32>) -> tensor<4xi8>\n"
                    "%iw = stablehlo.constant dense<[127, -128, 0, -1]> : tensor<4xi8>\n"
                    "%w = stablehlo.constant dense<[257, -1]> : tensor<2xi32>\n"
                    "%u = stablehlo.convert %w : (tensor<2xi32>) -> tensor<2xui8>\n"
                    "%uw = stablehlo.constant dense<[1, 255]> : tensor<2xui8>",
                    "%n, %nw, %i, %iw, %u, %uw"));
  expect_pairs("precision", MAIN("tensor<3xf32>, tensor<3xf32>",
                                 "%a = stablehlo.constant dense<[1.2, 1.0e30, -0.3]> : tensor<3xf32>\n"
                                 "%r = stablehlo.reduce_precision %a, format = e5m2 : tensor<3xf32>\n"
                                 "%w = stablehlo.constant dense<[1.25, 0x7F800000, -0.3125]> : tensor<3xf32>",
                                 "%r, %w"));
}

static void shapes_move_elements(void **unused) {
  (void)unused;
  expect_pairs("pad", MAIN("tensor<2x5xi32>, tensor<2x5xi32>",
                           "%a = stablehlo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n"
                           "%z = stablehlo.constant dense<9> : tensor<i32>\n"
                           "%p = stablehlo.pad %a, %z, low = [-1, 1], high = [1, -1], interior = [0, 1]"
                           " : (tensor<2x3xi32>, tensor<i32>) -> tensor<2x5xi32>\n"
                           "%w = stablehlo.constant dense<[[9, 4, 9, 5, 9], [9, 9, 9, 9, 9]]> : tensor<2x5xi32>",
                           "%p, %w"));
  expect_pairs("slices",
               MAIN("tensor<2xi32>, tensor<2xi32>, tensor<4xi32>, tensor<4xi32>, tensor<2x2xi32>, tensor<2x2xi32>",
                    "%a = stablehlo.constant dense<[1, 2, 3, 4]> : tensor<4xi32>\n"
                    "%i = stablehlo.constant dense<7> : tensor<i32>\n"
                    "%s = stablehlo.dynamic_slice %a, %i, sizes = [2] : (tensor<4xi32>, tensor<i32>) -> tensor<2xi32>\n"
                    "%sw = stablehlo.constant dense<[3, 4]> : tensor<2xi32>\n"
                    "%m = stablehlo.constant dense<-3> : tensor<i32>\n"
                    "%u = stablehlo.dynamic_update_slice %a, %sw, %m : (tensor<4xi32>, tensor<2xi32>, tensor<i32>) -> "
                    "tensor<4xi32>\n"
                    "%uw = stablehlo.constant dense<[3, 4, 3, 4]> : tensor<4xi32>\n"
                    "%b = stablehlo.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>\n"
                    "%t = stablehlo.transpose %b, dims = [1, 0] : (tensor<2x2xi32>) -> tensor<2x2xi32>\n"
                    "%r = stablehlo.reverse %t, dims = [0] : tensor<2x2xi32>\n"
                    "%rw = stablehlo.constant dense<[[2, 4], [1, 3]]> : tensor<2x2xi32>",
                    "%s, %sw, %u, %uw, %r, %rw"));
  expect_pairs("bitcast", MAIN("tensor<2xi8>, tensor<2xi8>, tensor<i16>, tensor<i16>",
                               "%a = stablehlo.constant dense<513> : tensor<i16>\n"
                               "%b = stablehlo.bitcast_convert %a : (tensor<i16>) -> tensor<2xi8>\n"
                               "%w = stablehlo.constant dense<[1, 2]> : tensor<2xi8>\n"
                               "%c = stablehlo.bitcast_convert %b : (tensor<2xi8>) -> tensor<i16>",
                               "%b, %w, %c, %a"));
}

static void contractions_follow_their_numbers(void **unused) {
  (void)unused;
  expect_pairs(
      "dot",
      MAIN("tensor<2x2xi32>, tensor<2x2xi32>, tensor<2x2x1xf32>, tensor<2x2x1xf32>",
           "%a = stablehlo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n"
           "%p = stablehlo.dot_general %a, %a, contracting_dims = [1] x [1] : (tensor<2x3xi32>, tensor<2x3xi32>) -> "
           "tensor<2x2xi32>\n"
           "%pw = stablehlo.constant dense<[[14, 32], [32, 77]]> : tensor<2x2xi32>\n"
           "%b = stablehlo.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>\n"
           "%v = stablehlo.constant dense<[[[1.0, -1.0]], [[2.0, 0.5]]]> : tensor<2x1x2xf32>\n"
           "%q = stablehlo.dot_general %b, %v, batching_dims = [0] x [0], contracting_dims = [2] x [2] : "
           "(tensor<2x2x2xf32>, tensor<2x1x2xf32>) -> tensor<2x2x1xf32>\n"
           "%qw = stablehlo.constant dense<[[[-1.0], [-1.0]], [[13.0], [18.0]]]> : tensor<2x2x1xf32>",
           "%p, %pw, %q, %qw"));
  /* Two feature groups, stride 2, padding, a dilated and reversed kernel. */
  expect_pairs(
      "convolution",
      MAIN("tensor<1x3x2xf32>, tensor<1x3x2xf32>",
           "%x = stablehlo.constant dense<[[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]]]> : tensor<1x4x2xf32>\n"
           "%k = stablehlo.constant dense<[[[1.0, 2.0]], [[3.0, 5.0]]]> : tensor<2x1x2xf32>\n"
           "%y = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], "
           "window = {stride = [2], pad = [[2, 2]], rhs_dilate = [2], reverse = [true]} "
           "{feature_group_count = 2 : i64, batch_group_count = 1 : i64} : (tensor<1x4x2xf32>, tensor<2x1x2xf32>) -> "
           "tensor<1x3x2xf32>\n"
           "%w = stablehlo.constant dense<[[[1.0, 20.0], [6.0, 110.0], [9.0, 150.0]]]> : tensor<1x3x2xf32>",
           "%y, %w"));
}

static void reductions_combine(void **unused) {
  (void)unused;
  expect_pairs("reduce", MAIN("tensor<2xi32>, tensor<2xi32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>, tensor<i32>",
                              "%a = stablehlo.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>\n"
                              "%i = stablehlo.constant dense<10> : tensor<i32>\n"
                              "%s = stablehlo.reduce(%a init: %i) applies stablehlo.add across dimensions = [1] : "
                              "(tensor<2x3xi32>, tensor<i32>) -> tensor<2xi32>\n"
                              "%sw = stablehlo.constant dense<[16, 25]> : tensor<2xi32>\n"
                              "%e = stablehlo.constant dense<> : tensor<0x3xf32>\n"
                              "%z = stablehlo.constant dense<2.5> : tensor<f32>\n"
                              "%t = stablehlo.reduce(%e init: %z) applies stablehlo.maximum across dimensions = [0] : "
                              "(tensor<0x3xf32>, tensor<f32>) -> tensor<3xf32>\n"
                              "%tw = stablehlo.constant dense<2.5> : tensor<3xf32>\n"
                              "%d = stablehlo.reduce(%a init: %i) applies stablehlo.minimum across dimensions = [0, 1] "
                              ": (tensor<2x3xi32>, tensor<i32>) -> tensor<i32>\n"
                              "%dw = stablehlo.constant dense<1> : tensor<i32>",
                              "%s, %sw, %t, %tw, %d, %dw"));
  /* The first largest element and where it stands. */
  expect_pairs("argmax",
               MAIN("tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>",
                    "%a = stablehlo.constant dense<[[3, 7, 7, 1, 7], [0, -1, -2, -3, 0]]> : tensor<2x5xi32>\n"
                    "%n = stablehlo.iota dim = 1 : tensor<2x5xi32>\n"
                    "%lo = stablehlo.constant dense<-9> : tensor<i32>\n"
                    "%z = stablehlo.constant dense<0> : tensor<i32>\n"
                    "%r:2 = stablehlo.reduce(%a init: %lo), (%n init: %z) across dimensions = [1] : (tensor<2x5xi32>, "
                    "tensor<2x5xi32>, tensor<i32>, tensor<i32>) -> (tensor<2xi32>, tensor<2xi32>)\n"
                    " reducer(%x: tensor<i32>, %u: tensor<i32>) (%i: tensor<i32>, %j: tensor<i32>) {\n"
                    "  %gt = stablehlo.compare GT, %x, %u : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                    "  %eq = stablehlo.compare EQ, %x, %u : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                    "  %lt = stablehlo.compare LT, %i, %j : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                    "  %both = stablehlo.and %eq, %lt : tensor<i1>\n"
                    "  %keep = stablehlo.or %gt, %both : tensor<i1>\n"
                    "  %v = stablehlo.select %keep, %x, %u : tensor<i1>, tensor<i32>\n"
                    "  %p = stablehlo.select %keep, %i, %j : tensor<i1>, tensor<i32>\n"
                    "  stablehlo.return %v, %p : tensor<i32>, tensor<i32>\n"
                    " }\n"
                    "%vw = stablehlo.constant dense<[7, 0]> : tensor<2xi32>\n"
                    "%pw = stablehlo.constant dense<[1, 0]> : tensor<2xi32>",
                    "%r#0, %vw, %r#1, %pw"));
}

/* Regions of two arguments. */
#define BINARY(op, type)                                                                                               \
  "({\n ^bb0(%bx: tensor<" type ">, %by: tensor<" type ">):\n  %bs = stablehlo." op " %bx, %by : tensor<" type         \
  ">\n  stablehlo.return %bs : tensor<" type ">\n })"
#define COMPARE(direction, type)                                                                                       \
  "{\n ^bb0(%cx: tensor<" type ">, %cy: tensor<" type ">):\n  %cs = stablehlo.compare " direction                      \
  ", %cx, %cy : (tensor<" type ">, tensor<" type ">) -> tensor<i1>\n  stablehlo.return %cs : tensor<i1>\n }"

static void windows_slide(void **unused) {
  (void)unused;
  expect_pairs(
      "reduce_window",
      MAIN("tensor<3xi32>, tensor<3xi32>, tensor<4xf32>, tensor<4xf32>",
           "%a = stablehlo.constant dense<[1, 2, 3, 4]> : tensor<4xi32>\n"
           "%z = stablehlo.constant dense<0> : tensor<i32>\n"
           "%s = \"stablehlo.reduce_window\"(%a, %z) <{window_dimensions = array<i64: 2>, window_strides = "
           "array<i64: 2>, base_dilations = array<i64: 2>, padding = dense<[[0, 0]]> : tensor<1x2xi64>}> " BINARY(
               "add", "i32") " : (tensor<4xi32>, tensor<i32>) -> tensor<3xi32>\n"
                             "%sw = stablehlo.constant dense<[1, 2, 3]> : tensor<3xi32>\n"
                             "%b = stablehlo.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>\n"
                             "%f = stablehlo.constant dense<0.0> : tensor<f32>\n"
                             "%c = \"stablehlo.reduce_window\"(%b, %f) <{window_dimensions = array<i64: 4>, padding = "
                             "dense<[[3, "
                             "0]]> : tensor<1x2xi64>}> " BINARY(
                                 "add", "f32") " : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>\n"
                                               "%cw = stablehlo.constant dense<[1.0, 3.0, 6.0, 10.0]> : tensor<4xf32>",
           "%s, %sw, %c, %cw"));
  expect_pairs(
      "select_and_scatter",
      MAIN("tensor<4x2xi32>, tensor<4x2xi32>",
           "%a = stablehlo.constant dense<[[1, 5], [2, 5], [3, 6], [4, 4]]> : tensor<4x2xi32>\n"
           "%s = stablehlo.constant dense<[[5, 6], [7, 8]]> : tensor<2x2xi32>\n"
           "%z = stablehlo.constant dense<0> : tensor<i32>\n"
           "%r = \"stablehlo.select_and_scatter\"(%a, %s, %z) <{window_dimensions = array<i64: 3, 1>, "
           "window_strides = array<i64: 2, 1>, padding = dense<[[0, 1], [0, 0]]> : tensor<2x2xi64>}> (" COMPARE(
               "GE", "i32") ", {\n ^bb0(%x: tensor<i32>, %y: tensor<i32>):\n  %t = stablehlo.add %x, %y : "
                            "tensor<i32>\n  stablehlo.return %t : tensor<i32>\n }) : (tensor<4x2xi32>, "
                            "tensor<2x2xi32>, tensor<i32>) -> "
                            "tensor<4x2xi32>\n"
                            "%w = stablehlo.constant dense<[[0, 0], [0, 0], [5, 14], [7, 0]]> : tensor<4x2xi32>",
           "%r, %w"));
}

static void sorts_are_stable(void **unused) {
  (void)unused;
  expect_pairs("sort",
               MAIN("tensor<2x7xi32>, tensor<2x7xi32>, tensor<2x7xi32>, tensor<2x7xi32>",
                    "%a = stablehlo.constant dense<[[3, 1, 2, 1, 3, 2, 1], [7, 6, 5, 4, 3, 2, 1]]> : tensor<2x7xi32>\n"
                    "%n = stablehlo.iota dim = 1 : tensor<2x7xi32>\n"
                    "%r:2 = \"stablehlo.sort\"(%a, %n) <{dimension = 1 : i64, is_stable = true}> ({\n"
                    " ^bb0(%x: tensor<i32>, %y: tensor<i32>, %i: tensor<i32>, %j: tensor<i32>):\n"
                    "  %s = stablehlo.compare LT, %x, %y : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                    "  stablehlo.return %s : tensor<i1>\n })"
                    " : (tensor<2x7xi32>, tensor<2x7xi32>) -> (tensor<2x7xi32>, tensor<2x7xi32>)\n"
                    "%aw = stablehlo.constant dense<[[1, 1, 1, 2, 2, 3, 3], [1, 2, 3, 4, 5, 6, 7]]> : tensor<2x7xi32>\n"
                    "%nw = stablehlo.constant dense<[[1, 3, 6, 2, 5, 0, 4], [6, 5, 4, 3, 2, 1, 0]]> : tensor<2x7xi32>",
                    "%r#0, %aw, %r#1, %nw"));
}

static void indices_are_clamped_or_dropped(void **unused) {
  (void)unused;
  expect_pairs(
      "gather",
      MAIN("tensor<2x2xi32>, tensor<2x2xi32>",
           "%a = stablehlo.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>\n"
           "%i = stablehlo.constant dense<[[9], [-4]]> : tensor<2x1xi32>\n"
           "%g = \"stablehlo.gather\"(%a, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], "
           "collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 2>}>"
           " : (tensor<3x2xi32>, tensor<2x1xi32>) -> tensor<2x2xi32>\n"
           "%w = stablehlo.constant dense<[[5, 6], [1, 2]]> : tensor<2x2xi32>",
           "%g, %w"));
  expect_pairs(
      "scatter",
      MAIN("tensor<3x2xi32>, tensor<3x2xi32>",
           "%a = stablehlo.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>\n"
           "%i = stablehlo.constant dense<[[2], [3], [2]]> : tensor<3x1xi32>\n"
           "%u = stablehlo.constant dense<[[10, 20], [30, 40], [100, 200]]> : tensor<3x2xi32>\n"
           "%s = \"stablehlo.scatter\"(%a, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims "
           "= [1], "
           "inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> " BINARY(
               "subtract", "i32") " : (tensor<3x2xi32>, tensor<3x1xi32>, tensor<3x2xi32>) -> tensor<3x2xi32>\n"
                                  "%w = stablehlo.constant dense<[[1, 2], [3, 4], [-105, -214]]> : tensor<3x2xi32>",
           "%s, %w"));
}

static void control_flow_runs(void **unused) {
  (void)unused;
  expect_pairs("while",
               MAIN("tensor<i32>, tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<i32>, tensor<i32>",
                    "%z = stablehlo.constant dense<0> : tensor<i32>\n"
                    "%v = stablehlo.constant dense<[1.0, 3.0]> : tensor<2xf32>\n"
                    "%one = stablehlo.constant dense<1> : tensor<i32>\n"
                    "%r:2 = stablehlo.while(%i = %z, %x = %v) : tensor<i32>, tensor<2xf32>\n"
                    " cond {\n  %n = stablehlo.constant dense<5> : tensor<i32>\n"
                    "  %c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                    "  stablehlo.return %c : tensor<i1>\n }"
                    " do {\n  %j = stablehlo.add %i, %one : tensor<i32>\n  %y = stablehlo.add %x, %x : tensor<2xf32>\n"
                    "  stablehlo.return %j, %y : tensor<i32>, tensor<2xf32>\n }\n"
                    "%iw = stablehlo.constant dense<5> : tensor<i32>\n"
                    "%xw = stablehlo.constant dense<[32.0, 96.0]> : tensor<2xf32>\n"
                    "%k = stablehlo.constant dense<17> : tensor<i32>\n"
                    "%b = \"stablehlo.case\"(%k) ({\n  stablehlo.return %one : tensor<i32>\n }, {\n  stablehlo.return "
                    "%iw : tensor<i32>\n })"
                    " : (tensor<i32>) -> tensor<i32>",
                    "%r#0, %iw, %r#1, %xw, %b, %iw"));
}

static void transforms_and_factors(void **unused) {
  (void)unused;
  expect_pairs(
      "fft",
      MAIN("tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>, tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>, "
           "tensor<4xf32>, tensor<4xf32>",
           "%a = stablehlo.constant dense<[(1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]> : tensor<4xcomplex<f32>>\n"
           "%f = stablehlo.fft %a, type = FFT, length = [4] : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>\n"
           "%fw = stablehlo.constant dense<(1.0, 0.0)> : tensor<4xcomplex<f32>>\n"
           "%b = stablehlo.constant dense<[1.0, 1.0, 1.0, 1.0]> : tensor<4xf32>\n"
           "%r = stablehlo.fft %b, type = RFFT, length = [4] : (tensor<4xf32>) -> tensor<3xcomplex<f32>>\n"
           "%zz = stablehlo.real %r : (tensor<3xcomplex<f32>>) -> tensor<3xf32>\n"
           "%zero = stablehlo.constant dense<0.0> : tensor<3xf32>\n"
           "%cut = stablehlo.round_nearest_even %zz : tensor<3xf32>\n"
           "%rc = stablehlo.complex %cut, %zero : tensor<3xcomplex<f32>>\n"
           "%rw = stablehlo.constant dense<[(4.0, 0.0), (0.0, 0.0), (0.0, 0.0)]> : tensor<3xcomplex<f32>>\n"
           "%ra = stablehlo.add %rc, %rw : tensor<3xcomplex<f32>>\n"
           "%rb = stablehlo.add %rw, %rw : tensor<3xcomplex<f32>>\n"
           "%i = stablehlo.fft %rw, type = IRFFT, length = [4] : (tensor<3xcomplex<f32>>) -> tensor<4xf32>",
           "%f, %fw, %ra, %rb, %i, %b"));
  expect_pairs("cholesky",
               MAIN("tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x1xf64>, tensor<2x1xf64>",
                    "%a = stablehlo.constant dense<[[4.0, 2.0], [2.0, 10.0]]> : tensor<2x2xf64>\n"
                    "%l = stablehlo.cholesky %a, lower = true : tensor<2x2xf64>\n"
                    "%lw = stablehlo.constant dense<[[2.0, 0.0], [1.0, 3.0]]> : tensor<2x2xf64>\n"
                    "%b = stablehlo.constant dense<[[4.0], [8.0]]> : tensor<2x1xf64>\n"
                    "%x = \"stablehlo.triangular_solve\"(%lw, %b) <{left_side = true, lower = true, unit_diagonal = "
                    "false, transpose_a = "
                    "#stablehlo<transpose NO_TRANSPOSE>}> : (tensor<2x2xf64>, tensor<2x1xf64>) -> tensor<2x1xf64>\n"
                    "%xw = stablehlo.constant dense<[[2.0], [2.0]]> : tensor<2x1xf64>",
                    "%l, %lw, %x, %xw"));
}

/* Test vectors of the Random123 distribution: key and counter all ones, and all zeros. */
static void random_bits_are_the_generators(void **unused) {
  (void)unused;
  expect_pairs("threefry",
               MAIN("tensor<1xui64>, tensor<1xui64>, tensor<4xui32>, tensor<4xui32>",
                    "%s = stablehlo.constant dense<0xFFFFFFFFFFFFFFFF> : tensor<2xui64>\n"
                    "%n, %b = stablehlo.rng_bit_generator %s, algorithm = THREE_FRY : (tensor<2xui64>) -> "
                    "(tensor<2xui64>, tensor<1xui64>)\n"
                    "%w = stablehlo.constant dense<0xBB002BE71CB996FC> : tensor<1xui64>\n"
                    "%t = stablehlo.constant dense<0> : tensor<3xui64>\n"
                    "%m, %c = stablehlo.rng_bit_generator %t, algorithm = PHILOX : (tensor<3xui64>) -> "
                    "(tensor<3xui64>, tensor<4xui32>)\n"
                    "%cw = stablehlo.constant dense<[1713891541, 3781805453, 3159862348, 2600524760]> : tensor<4xui32>",
                    "%b, %w, %c, %cw"));
}

static void failures_are_located(void **unused) {
  (void)unused;
  check c;
  check_open(&c, "func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> {\n"
                 "  %0 = stablehlo.custom_call @mystery(%a) : (tensor<2xf32>) -> tensor<2xf32>\n"
                 "  return %0 : tensor<2xf32>\n}\n");
  alpa_interp_options options = {0};
  alpa_tensor output, *inputs = check_inputs(&c, &options, 1, true);
  assert_int_equal(alpa_interp_run(&options, c.func, inputs, &c.arena, &output), ALPA_UNSUPPORTED);
  assert_non_null(strstr(c.message, "2:8: 'stablehlo.custom_call' op calls 'mystery'"));
  inputs[0].dtype = ALPA_I32;
  assert_int_equal(alpa_interp_run(&options, c.func, inputs, &c.arena, &output), ALPA_INVALID_ARGUMENT);
  assert_non_null(
      strstr(c.message, "expects argument #0 of type 'tensor<2xf32>', got a tensor of type 'tensor<2xi32>'"));
  check_close(&c);
}

static void endless_loops_end(void **unused) {
  (void)unused;
  check c;
  check_open(&c,
             "func.func @main() -> tensor<i1> {\n  %t = stablehlo.constant dense<true> : tensor<i1>\n"
             "  %r = stablehlo.while(%i = %t) : tensor<i1>\n  cond {\n   stablehlo.return %i : tensor<i1>\n  } do {\n"
             "   %n = stablehlo.and %i, %i : tensor<i1>\n   stablehlo.return %n : tensor<i1>\n  }\n"
             "  return %r : tensor<i1>\n}\n");
  alpa_interp_options options = {.max_steps = 1000};
  alpa_tensor output;
  assert_int_equal(alpa_interp_run(&options, c.func, NULL, &c.arena, &output), ALPA_INVALID_ARGUMENT);
  assert_non_null(strstr(c.message, "after 1000 steps"));
  check_close(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers_wrap),
      cmocka_unit_test(floats_round_once),
      cmocka_unit_test(shapes_move_elements),
      cmocka_unit_test(contractions_follow_their_numbers),
      cmocka_unit_test(reductions_combine),
      cmocka_unit_test(windows_slide),
      cmocka_unit_test(sorts_are_stable),
      cmocka_unit_test(indices_are_clamped_or_dropped),
      cmocka_unit_test(control_flow_runs),
      cmocka_unit_test(transforms_and_factors),
      cmocka_unit_test(random_bits_are_the_generators),
      cmocka_unit_test(failures_are_located),
      cmocka_unit_test(endless_loops_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
