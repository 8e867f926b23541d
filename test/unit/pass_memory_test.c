/* The compiler part of the public API under memory exhaustion: every allocation in turn fails, the call says so,
 * nothing leaks, and the context still works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alpa/alpa.h"

/* Counts down to one failing allocation; sizes stand in front of the blocks. */
typedef struct counting {
  long until_failure; /* < 0: never */
  long n_calls;
  size_t live_blocks;
} counting;

static void *count_realloc(void *user, void *pointer, size_t size) {
  counting *c = user;
  if (size == 0) {
    c->live_blocks -= pointer != NULL;
    free(pointer);
    return NULL;
  }
  c->n_calls++;
  if (c->until_failure == 0)
    return NULL;
  if (c->until_failure > 0)
    c->until_failure--;
  c->live_blocks += pointer == NULL;
  return realloc(pointer, size);
}

static const char program[] = "module @m {\n"
                              "  func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
                              "    %0 = call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>\n"
                              "    %1 = call @f(%0) : (tensor<4xf32>) -> tensor<4xf32>\n"
                              "    return %1 : tensor<4xf32>\n"
                              "  }\n"
                              "  func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
                              "    %c = stablehlo.constant dense<1.0> : tensor<f32>\n"
                              "    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<4xf32>\n"
                              "    %1 = stablehlo.multiply %x, %0 : tensor<4xf32>\n"
                              "    %2 = stablehlo.add %1, %1 : tensor<4xf32>\n"
                              "    return %2 : tensor<4xf32>\n"
                              "  }\n"
                              "}\n";

typedef struct output {
  size_t size;
  char text[4096];
} output;

static alpa_status append(void *user, const char *text, size_t size) {
  output *out = user;
  if (out->size + size >= sizeof out->text)
    return ALPA_IO_ERROR;
  memcpy(out->text + out->size, text, size);
  out->size += size;
  out->text[out->size] = 0;
  return ALPA_OK;
}

static alpa_status compile(alpa_context *context, output *out) {
  alpa_module *module = NULL;
  alpa_pipeline *pipeline = NULL;
  alpa_fingerprint fingerprint;
  alpa_status status = alpa_module_parse(context, program, sizeof program - 1, NULL, &module);
  if (status == ALPA_OK)
    status = alpa_pipeline_parse(context, "builtin.module(simplify,fingerprint)", &pipeline);
  if (status == ALPA_OK)
    status = alpa_pipeline_run(pipeline, module, NULL);
  if (status == ALPA_OK)
    status = alpa_module_get_fingerprint(module, &fingerprint);
  if (status == ALPA_OK)
    status = alpa_module_print(module, NULL, append, out);
  alpa_pipeline_destroy(pipeline);
  alpa_module_destroy(module);
  return status;
}

static void test_survives_each_failing_allocation(void **state) {
  (void)state;
  output expected = {0};
  alpa_context *context;
  assert_int_equal(alpa_context_create(NULL, &context), ALPA_OK);
  assert_int_equal(compile(context, &expected), ALPA_OK);
  assert_non_null(strstr(expected.text, "alpa.fingerprint"));
  alpa_context_destroy(context);
  long n_failures = 0;
  for (long at = 0;; at++) {
    counting c = {.until_failure = at};
    alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
    options.realloc = count_realloc;
    options.realloc_user = &c;
    output out = {0};
    alpa_status status = alpa_context_create(&options, &context);
    if (status == ALPA_OK) {
      status = compile(context, &out);
      if (status == ALPA_OUT_OF_MEMORY) { /* only that one allocation fails: the next attempt succeeds */
        c.until_failure = -1;
        out.size = 0;
        assert_int_equal(compile(context, &out), ALPA_OK);
        assert_string_equal(out.text, expected.text);
      }
      alpa_context_destroy(context);
    }
    assert_int_equal(c.live_blocks, 0);
    if (status == ALPA_OK)
      break;
    assert_int_equal(status, ALPA_OUT_OF_MEMORY);
    n_failures++;
  }
  assert_true(n_failures > 10);
}

static void test_refuses_wrong_arguments(void **state) {
  (void)state;
  alpa_context *context, *other;
  alpa_module *module;
  alpa_pipeline *pipeline;
  alpa_step_info info = ALPA_STEP_INFO_INIT;
  assert_int_equal(alpa_context_create(NULL, NULL), ALPA_INVALID_ARGUMENT);
  assert_int_equal(alpa_context_create(NULL, &context), ALPA_OK);
  assert_int_equal(alpa_context_create(NULL, &other), ALPA_OK);
  assert_int_equal(alpa_module_parse(NULL, "", 0, NULL, &module), ALPA_INVALID_ARGUMENT);
  assert_int_equal(alpa_module_parse(context, NULL, 3, NULL, &module), ALPA_INVALID_ARGUMENT);
  assert_int_equal(alpa_module_parse(context, program, sizeof program - 1, NULL, &module), ALPA_OK);
  assert_int_equal(alpa_pipeline_parse(other, "builtin.module(cse)", &pipeline), ALPA_OK);
  assert_int_equal(alpa_pipeline_run(pipeline, module, NULL), ALPA_INVALID_ARGUMENT); /* of another context */
  assert_int_equal(alpa_pipeline_get_step(pipeline, 2, &info), ALPA_NOT_FOUND);
  assert_int_equal(alpa_pipeline_get_step(pipeline, 1, &info), ALPA_OK);
  assert_string_equal(info.name, "cse");
  assert_int_equal(alpa_module_print(module, NULL, NULL, NULL), ALPA_INVALID_ARGUMENT);
  alpa_module_destroy(NULL);
  alpa_pipeline_destroy(NULL);
  alpa_context_destroy(NULL);
  alpa_pipeline_destroy(pipeline);
  alpa_module_destroy(module);
  alpa_context_destroy(other);
  alpa_context_destroy(context);
}

/* A caller that was built against an older header knows shorter structures. */
static void test_respects_struct_size(void **state) {
  (void)state;
  alpa_pass_info info;
  memset(&info, 0x5A, sizeof info);
  info.struct_size = offsetof(alpa_pass_info, summary);
  assert_int_equal(alpa_pass_get_info(0, &info), ALPA_OK);
  assert_non_null(info.name);
  assert_int_equal(*(unsigned char *)&info.summary, 0x5A);
  assert_int_equal(info.struct_size, offsetof(alpa_pass_info, summary));
}

static void test_lists_every_pass(void **state) {
  (void)state;
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  size_t n_passes = 0, n_pipelines = 0;
  for (size_t i = 0; alpa_pass_get_info(i, &info) == ALPA_OK; i++) {
    *(info.expansion ? &n_pipelines : &n_passes) += 1;
    alpa_pass_option_info option = ALPA_PASS_OPTION_INFO_INIT;
    alpa_statistic statistic;
    for (size_t k = 0; k < info.n_options; k++) {
      assert_int_equal(alpa_pass_get_option(i, k, &option), ALPA_OK);
      assert_non_null(option.initial);
    }
    assert_int_equal(alpa_pass_get_option(i, info.n_options, &option), ALPA_NOT_FOUND);
    assert_int_equal(alpa_pass_get_statistic(i, info.n_statistics, &statistic), ALPA_NOT_FOUND);
  }
  assert_true(n_passes >= 6 && n_pipelines >= 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_survives_each_failing_allocation), cmocka_unit_test(test_refuses_wrong_arguments),
      cmocka_unit_test(test_respects_struct_size), cmocka_unit_test(test_lists_every_pass)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
