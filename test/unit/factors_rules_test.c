/* Factor rules, written as text: one row a factor, "size: dimension in each operand -> in each result", where - is none
 * and p partial; a reduction has its kind (+, max, min) for results; flags h halo, i index, e even, o offset, <n after
 * factor n.  Flows follow as "lin operands kinds". */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "passes/analysis/factors.h"

typedef struct rule_case {
  const char *arguments, *op, *expected;
} rule_case;

static const rule_case cases[] = {
    {"%a: tensor<4x1xf32>, %b: tensor<4x1xf32>", "stablehlo.add %a, %b : tensor<4x1xf32>", "4: 0 0 -> 0; lin 01 +"},
    {"%a: tensor<4x6xf32>", "stablehlo.tanh %a : tensor<4x6xf32>", "4: 0 -> 0; 6: 1 -> 1"},
    {"%a: tensor<4xf32>", "stablehlo.convert %a : (tensor<4xf32>) -> tensor<4xbf16>", "4: 0 -> 0"},
    {"%a: tensor<4xbf16>", "stablehlo.convert %a : (tensor<4xbf16>) -> tensor<4xf32>", "4: 0 -> 0; lin 0 +"},
    {"%a: tensor<4xi1>, %b: tensor<4xi1>", "stablehlo.or %a, %b : tensor<4xi1>", "4: 0 0 -> 0; lin 01 max"},
    {"%p: tensor<i1>, %a: tensor<4xf32>, %b: tensor<4xf32>", "stablehlo.select %p, %a, %b : tensor<i1>, tensor<4xf32>",
     "4: - 0 0 -> 0; lin 12 + max min"},
    {"%a: tensor<4xi32>, %b: tensor<4xi32>", "stablehlo.divide %a, %b : tensor<4xi32>", "4: 0 0 -> 0"},
    {"%a: tensor<1x6xf32>", "stablehlo.broadcast_in_dim %a, dims = [1, 2] : (tensor<1x6xf32>) -> tensor<5x4x6xf32>",
     "5: - -> 0; 4: - -> 1; 6: 1 -> 2; lin 0 + max min"},
    {"%a: tensor<4x6xf32>", "stablehlo.transpose %a, dims = [1, 0] : (tensor<4x6xf32>) -> tensor<6x4xf32>",
     "6: 1 -> 0; 4: 0 -> 1; lin 0 + max min"},
    {"%a: tensor<4x6x2xf32>", "stablehlo.reshape %a : (tensor<4x6x2xf32>) -> tensor<24x1x2xf32>",
     "4: 0 -> 0 e; 6: 1 -> 0 e <0; 2: 2 -> 2; lin 0 + max min"},
    {"%a: tensor<12x2xf32>", "stablehlo.reshape %a : (tensor<12x2xf32>) -> tensor<3x8xf32>",
     "3: 0 -> 0 e; 4: 0 -> 1 e <0; 2: 1 -> 1 e <1; lin 0 + max min"},
    {"%a: tensor<6x2xf32>", "stablehlo.reshape %a : (tensor<6x2xf32>) -> tensor<4x3xf32>",
     "2: 0 -> 0 e; lin 0 + max min"},
    {"%a: tensor<4x6xf32>, %b: tensor<4x3xf32>",
     "stablehlo.concatenate %a, %b, dim = 1 : (tensor<4x6xf32>, tensor<4x3xf32>) -> tensor<4x9xf32>",
     "4: 0 0 -> 0; lin 01 + max min"},
    {"%a: tensor<4x6xf32>", "stablehlo.slice %a [0:4, 1:3] : (tensor<4x6xf32>) -> tensor<4x2xf32>",
     "4: 0 -> 0; lin 0 + max min"},
    {"%a: tensor<2x4x6xf32>, %b: tensor<2x6x8xf32>",
     "stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [1]"
     " : (tensor<2x4x6xf32>, tensor<2x6x8xf32>) -> tensor<2x4x8xf32>",
     "2: 0 0 -> 0; 4: 1 - -> 1; 8: - 2 -> 2; 6: 2 1 -> +; lin 0 +; lin 1 +"},
    {"%a: tensor<4x6xf32>, %i: tensor<f32>",
     "stablehlo.reduce(%a init: %i) applies stablehlo.maximum across dimensions = [1]"
     " : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>",
     "4: 0 - -> 0; 6: 1 p -> max; lin 01 max"},
    {"%a: tensor<4x6xf32>, %i: tensor<f32>",
     "stablehlo.reduce(%a init: %i) applies stablehlo.multiply across dimensions = [1]"
     " : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>",
     "4: 0 - -> 0"},
    {"%a: tensor<4x8x2xf32>, %k: tensor<3x2x6xf32>",
     "stablehlo.convolution(%a, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {pad = [[1, 1]]}"
     " {batch_group_count = 1 : i64, feature_group_count = 1 : i64}"
     " : (tensor<4x8x2xf32>, tensor<3x2x6xf32>) -> tensor<4x8x6xf32>",
     "4: 0 - -> 0; 6: - 2 -> 2; 2: 2 1 -> +; 8: 1 - -> 1 h; lin 0 +; lin 1 +"},
    {"%t: tensor<10x6xf32>, %i: tensor<4x3x1xi32>",
     "\"stablehlo.gather\"(%t, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [2],"
     " collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 6>}>"
     " : (tensor<10x6xf32>, tensor<4x3x1xi32>) -> tensor<4x3x6xf32>",
     "6: 1 - -> 2; 4: - 0 -> 0; 3: - 1 -> 1; 10: 0 - -> + i; lin 0 + max min"},
    {"%x: tensor<4x7xf32>, %i: tensor<4x1x1xi32>",
     "\"stablehlo.gather\"(%x, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1],"
     " operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>,"
     " slice_sizes = array<i64: 1, 1>}> : (tensor<4x7xf32>, tensor<4x1x1xi32>) -> tensor<4x1xf32>",
     "4: 0 0 -> 0; 7: 1 - -> + i; lin 0 + max min"},
    {"%t: tensor<10x6xf32>, %i: tensor<4x1xi32>, %u: tensor<4x6xf32>",
     "\"stablehlo.scatter\"(%t, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1],"
     " inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({\n"
     "  ^bb0(%a: tensor<f32>, %b: tensor<f32>):\n"
     "    %s = stablehlo.add %a, %b : tensor<f32>\n"
     "    stablehlo.return %s : tensor<f32>\n"
     "  }) : (tensor<10x6xf32>, tensor<4x1xi32>, tensor<4x6xf32>) -> tensor<10x6xf32>",
     "6: 1 - 1 -> 1; 4: p 0 0 -> +; 10: 0 - - -> 0 i; lin 02 +"},
    {"", "stablehlo.iota dim = 0 : tensor<4x6xi32>", "4: -> 0 o; 6: -> 1"},
    {"", "stablehlo.constant dense<1.0> : tensor<4xf32>", "4: -> 0"},
    {"", "stablehlo.constant dense<[1.0, 2.0]> : tensor<2xf32>", "2: -> 0 o"},
    {"%a: tensor<4x6xf32>",
     "\"stablehlo.sort\"(%a) <{dimension = 1 : i64}> ({\n"
     "  ^bb0(%x: tensor<f32>, %y: tensor<f32>):\n"
     "    %c = stablehlo.compare LT, %x, %y : (tensor<f32>, tensor<f32>) -> tensor<i1>\n"
     "    stablehlo.return %c : tensor<i1>\n"
     "  }) : (tensor<4x6xf32>) -> tensor<4x6xf32>",
     "4: 0 -> 0"},
    {"%a: tensor<4x8xcomplex<f32>>",
     "stablehlo.fft %a, type = FFT, length = [8] : (tensor<4x8xcomplex<f32>>) -> tensor<4x8xcomplex<f32>>",
     "4: 0 -> 0"},
};

static const char *const kinds[] = {[ALPA_PARTIAL_SUM] = "+", [ALPA_PARTIAL_MAX] = "max", [ALPA_PARTIAL_MIN] = "min"};

static void print_dim(alpa_text *text, int dim) {
  if (dim < 0)
    alpa_text_string(text, " -");
  else
    alpa_text_printf(text, " %d", dim);
}

static void print_factor(alpa_text *text, const alpa_factor_rule *rule, const alpa_factor *factor) {
  alpa_text_printf(text, "%s%lld:", text->size ? "; " : "", (long long)factor->size);
  for (uint32_t i = 0; i < rule->n_operands; i++)
    if (factor->operand_partial && factor->operand_partial[i])
      alpa_text_string(text, " p");
    else
      print_dim(text, factor->operand_dims[i]);
  alpa_text_string(text, " ->");
  if (factor->kind == ALPA_FACTOR_REDUCE)
    alpa_text_printf(text, " %s", kinds[factor->partial]);
  for (uint32_t i = 0; i < rule->n_results && factor->kind == ALPA_FACTOR_PASS; i++)
    print_dim(text, factor->result_dims[i]);
  for (int bit = 0; bit < 4; bit++)
    if (factor->care >> bit & 1)
      alpa_text_printf(text, " %c", "hieo"[bit]);
  if (factor->after != ALPA_NO_FACTOR)
    alpa_text_printf(text, " <%d", factor->after);
}

static void print_flow(alpa_text *text, const alpa_factor_rule *rule, const alpa_flow *flow) {
  alpa_text_printf(text, "%slin ", text->size ? "; " : "");
  for (uint32_t i = 0; i < rule->n_operands; i++)
    if (flow->operands[i])
      alpa_text_printf(text, "%u", i);
  for (size_t kind = 0; kind < countof(kinds); kind++)
    if (flow->kinds >> kind & 1)
      alpa_text_printf(text, " %s", kinds[kind]);
}

static void check_case(const rule_case *row) {
  alpa_context ctx;
  alpa_arena arena;
  alpa_module *module = NULL;
  alpa_op *func = NULL;
  alpa_text text;
  alpa_context_init(&ctx, NULL, NULL, NULL, NULL);
  alpa_arena_init(&arena, &ctx.memory);
  const char *program =
      alpa_arena_printf(&arena, "func.func @main(%s) {\n  %%r = %s\n  return\n}\n", row->arguments, row->op);
  if (alpa_module_read(&ctx, (alpa_str){program, strlen(program)}, &(alpa_parse_options){.name = "rule"}, &module) !=
      ALPA_OK)
    fail_msg("not a program: %s", program);
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  const alpa_factor_rule *rule = alpa_factors_get(&arena, alpa_func_entry(func)->first);
  alpa_text_init(&text, &arena);
  for (uint32_t f = 0; f < rule->n_factors; f++)
    print_factor(&text, rule, &rule->factors[f]);
  for (uint32_t l = 0; l < rule->n_flows; l++)
    print_flow(&text, rule, &rule->flows[l]);
  if (strcmp(alpa_text_finish(&text), row->expected) != 0)
    fail_msg("%s\n  has    %s\n  expect %s", row->op, alpa_text_finish(&text), row->expected);
  alpa_module_destroy(module);
  alpa_arena_deinit(&arena);
  alpa_context_deinit(&ctx);
}

static void test_rules(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(cases); i++)
    check_case(&cases[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
