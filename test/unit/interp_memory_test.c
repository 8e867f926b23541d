/* The interpreter under memory exhaustion: every allocation of a run in turn fails, the run says so, nothing leaks, and
 * the next one is right.  Intermediates are reused, so that a loop needs no more memory than one round. */
#include <stdlib.h>

#include "driver/guard.h"
#include "test/unit/interp_check.h"

/* Counts down to one failing allocation. */
typedef struct counting {
  long until_failure; /* < 0: never */
  long n_calls;
} counting;

static void *count_realloc(void *user, void *pointer, size_t size) {
  counting *c = user;
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  c->n_calls++;
  if (c->until_failure == 0)
    return NULL;
  if (c->until_failure > 0)
    c->until_failure--;
  return realloc(pointer, size);
}

static const char text[] = "func.func @main(%x: tensor<300x40xf32>) -> tensor<40xf32> {\n"
                           "  %n = stablehlo.constant dense<0> : tensor<i32>\n"
                           "  %r:2 = stablehlo.while(%i = %n, %y = %x) : tensor<i32>, tensor<300x40xf32>\n"
                           "  cond {\n"
                           "    %limit = stablehlo.constant dense<20> : tensor<i32>\n"
                           "    %c = stablehlo.compare LT, %i, %limit : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                           "    stablehlo.return %c : tensor<i1>\n"
                           "  } do {\n"
                           "    %one = stablehlo.constant dense<1> : tensor<i32>\n"
                           "    %j = stablehlo.add %i, %one : tensor<i32>\n"
                           "    %z = func.call @smooth(%y) : (tensor<300x40xf32>) -> tensor<300x40xf32>\n"
                           "    stablehlo.return %j, %z : tensor<i32>, tensor<300x40xf32>\n"
                           "  }\n"
                           "  %zero = stablehlo.constant dense<0.0> : tensor<f32>\n"
                           "  %s = stablehlo.reduce(%r#1 init: %zero) across dimensions = [0] : (tensor<300x40xf32>, "
                           "tensor<f32>) -> tensor<40xf32>\n"
                           "   reducer(%a: tensor<f32>, %b: tensor<f32>) {\n"
                           "    %t = stablehlo.add %a, %b : tensor<f32>\n"
                           "    %u = stablehlo.tanh %t : tensor<f32>\n"
                           "    stablehlo.return %u : tensor<f32>\n"
                           "  }\n"
                           "  return %s : tensor<40xf32>\n"
                           "}\n"
                           "func.func private @smooth(%x: tensor<300x40xf32>) -> tensor<300x40xf32> {\n"
                           "  %r = stablehlo.reverse %x, dims = [0] : tensor<300x40xf32>\n"
                           "  %s = stablehlo.add %x, %r : tensor<300x40xf32>\n"
                           "  %t = stablehlo.tanh %s : tensor<300x40xf32>\n"
                           "  return %t : tensor<300x40xf32>\n"
                           "}\n";

typedef struct run {
  check *c;
  const alpa_tensor *inputs;
  alpa_interp_report report;
  alpa_arena arena;
  float sum; /* of the results */
} run;

static alpa_status run_once(void *arguments) {
  run *r = arguments;
  alpa_tensor output;
  alpa_interp_options options = {.report = &r->report};
  alpa_arena_init(&r->arena, &r->c->ctx.memory);
  alpa_status status = alpa_interp_run(&options, r->c->func, r->inputs, &r->arena, &output);
  r->sum = 0;
  for (int64_t i = 0; status == ALPA_OK && i < alpa_tensor_count(&output); i++)
    r->sum += ((const float *)output.data)[i];
  alpa_arena_deinit(&r->arena);
  return status;
}

static void every_allocation_may_fail(void **unused) {
  (void)unused;
  check c;
  check_open(&c, text);
  counting memory = {.until_failure = -1};
  alpa_interp_options options = {0};
  run r = {.c = &c, .inputs = check_inputs(&c, &options, 1, true)};
  assert_int_equal(alpa_guard(&c.ctx.memory, run_once, &r), ALPA_OK);
  float expected = r.sum;
  alpa_realloc_fn *kept = c.ctx.memory.realloc;
  c.ctx.memory.realloc = count_realloc;
  c.ctx.memory.user = &memory;
  size_t live = c.ctx.memory.live_bytes;
  assert_int_equal(alpa_guard(&c.ctx.memory, run_once, &r), ALPA_OK);
  long n = memory.n_calls;
  assert_true(n > 2);
  for (long i = 0; i < n; i++) {
    memory.until_failure = i;
    assert_int_equal(alpa_guard(&c.ctx.memory, run_once, &r), ALPA_OUT_OF_MEMORY);
    assert_int_equal(c.ctx.memory.live_bytes, live);
  }
  memory.until_failure = -1;
  assert_int_equal(alpa_guard(&c.ctx.memory, run_once, &r), ALPA_OK);
  assert_true(r.sum == expected && expected != 0);
  c.ctx.memory.realloc = kept;
  check_close(&c);
}

static void loops_reuse_memory(void **unused) {
  (void)unused;
  check c;
  check_open(&c, text);
  alpa_interp_options options = {0};
  run r = {.c = &c, .inputs = check_inputs(&c, &options, 1, true)};
  assert_int_equal(alpa_guard(&c.ctx.memory, run_once, &r), ALPA_OK);
  size_t one = 300 * 40 * sizeof(float);
  assert_in_range(r.report.peak_bytes, one, 6 * one);
  assert_in_range(r.report.n_steps, 4 + 21 * 2 + 20 * 6 + 2 * 10, 200); /* a level of the reduction is one or two */
  check_close(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail), cmocka_unit_test(loops_reuse_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
