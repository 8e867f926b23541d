/* Folding: what may be folded, to what, and what must stay because it means something else in field arithmetic. */
#include "test/unit/interp_check.h"

#include "dialects/stablehlo/stablehlo.h"

/* The op that defines the result of @main, folded. */
static bool fold_last(check *c, const char *body, const alpa_attr **out) {
  check_open(c, body);
  alpa_op *op = alpa_op_operand(alpa_block_terminator(alpa_func_entry(c->func)), 0)->op;
  const alpa_attr *operands[4] = {0};
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_value_find_constant(alpa_op_operand(op, i));
  return alpa_interp_fold(op, operands, out);
}

#define CONSTANTS(type, a, b)                                                                                          \
  "%a = stablehlo.constant dense<" a "> : tensor<" type ">\n%b = stablehlo.constant dense<" b "> : tensor<" type ">\n"
#define RETURN(type, body) "func.func @main() -> tensor<" type "> {\n" body "\n return %r : tensor<" type ">\n}"
#define SUM(op, type, a, b) RETURN(type, CONSTANTS(type, a, b) "%r = stablehlo." op " %a, %b : tensor<" type ">")

static void expect_fold(const char *text, const void *bytes, size_t size) {
  check c;
  const alpa_attr *result = NULL;
  assert_true(fold_last(&c, text, &result));
  for (size_t i = 0; i < (size_t)alpa_type_count(result->type); i++)
    assert_memory_equal(alpa_attr_element(result, (int64_t)i), (const char *)bytes + i * size, size);
  check_close(&c);
}

static void expect_kept(const char *text) {
  check c;
  const alpa_attr *result;
  if (fold_last(&c, text, &result))
    fail_msg("folded:\n%s", text);
  check_close(&c);
}

static void exact_ops_fold(void **unused) {
  (void)unused;
  expect_fold(SUM("add", "2xi8", "[100, 1]", "[100, 2]"), (const int8_t[]){-56, 3}, 1);
  expect_fold(SUM("maximum", "2xi32", "[3, -4]", "1"), (const int32_t[]){3, 1}, 4);
  expect_fold(SUM("multiply", "2xf32", "[0.5, 3.0]", "[8.0, 0.25]"), (const float[]){4, 0.75f}, 4);
  expect_fold(SUM("divide", "f32", "1.0", "8192.0"), (const float[]){1.0f / 8192}, 4);
  expect_fold(RETURN("2xbf16", "%a = stablehlo.constant dense<[1.5, -256.0]> : tensor<2xf32>\n"
                               "%r = stablehlo.convert %a : (tensor<2xf32>) -> tensor<2xbf16>"),
              (const uint16_t[]){0x3FC0, 0xC380}, 2);
  expect_fold(RETURN("3xf32", "%a = stablehlo.constant dense<[7, -1, 0]> : tensor<3xi32>\n"
                              "%r = stablehlo.convert %a : (tensor<3xi32>) -> tensor<3xf32>"),
              (const float[]){7, -1, 0}, 4);
  expect_fold(RETURN("2x2xf32", "%a = stablehlo.constant dense<[[0.1, 0.2], [0.3, 0.4]]> : tensor<2x2xf32>\n"
                                "%r = stablehlo.transpose %a, dims = [1, 0] : (tensor<2x2xf32>) -> tensor<2x2xf32>"),
              (const float[]){0.1f, 0.3f, 0.2f, 0.4f}, 4);
}

static void inexact_ops_stay(void **unused) {
  (void)unused;
  expect_kept(SUM("add", "f32", "0.1", "0.2"));
  expect_kept(SUM("divide", "f32", "1.0", "3.0"));
  expect_kept(SUM("maximum", "f32", "1.0", "2.0"));
  expect_kept(SUM("power", "f32", "2.0", "0.5"));
  expect_kept(RETURN("f32", "%a = stablehlo.constant dense<4.0> : tensor<f32>\n%r = stablehlo.sqrt %a : tensor<f32>"));
  expect_kept(RETURN("bf16", "%a = stablehlo.constant dense<257.0> : tensor<f32>\n"
                             "%r = stablehlo.convert %a : (tensor<f32>) -> tensor<bf16>"));
  expect_kept(RETURN("f32", "%a = stablehlo.constant dense<16777217> : tensor<i32>\n"
                            "%r = stablehlo.convert %a : (tensor<i32>) -> tensor<f32>"));
  expect_kept(
      RETURN("i1", CONSTANTS("f32", "1.0",
                             "2.0") "%r = stablehlo.compare LT, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(exact_ops_fold), cmocka_unit_test(inexact_ops_stay)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
