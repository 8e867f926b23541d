/* Checks are evaluated on the host after a run, so that all backends and all partitions share them. */
#include "driver/check.h"

#include <inttypes.h>

static size_t count_elements(const alpa_image_tensor *tensor) {
  size_t count = 1;
  for (uint32_t d = 0; d < tensor->rank; d++)
    count *= (size_t)tensor->global_dims[d];
  return count;
}

static void print_index(alpa_text *text, const alpa_image_tensor *tensor, size_t element) {
  size_t below = count_elements(tensor);
  alpa_text_printf(text, "[");
  for (uint32_t d = 0; d < tensor->rank; d++) {
    below /= (size_t)tensor->global_dims[d];
    alpa_text_printf(text, "%s%zu", d ? ", " : "", element / below % (size_t)tensor->global_dims[d]);
  }
  alpa_text_printf(text, "]");
}

static void print_ulps(alpa_text *text, alpa_dtype dtype, const alpa_check *check, const alpa_difference *difference) {
  alpa_dtype_class class = alpa_dtype_get_info(dtype)->class_;
  if (class != ALPA_CLASS_FLOAT && class != ALPA_CLASS_COMPLEX)
    return;
  if (difference->first_ulps == UINT64_MAX)
    alpa_text_printf(text, "; no distance in ULPs");
  else
    alpa_text_printf(text, "; %" PRIu64 " ULPs apart", difference->first_ulps);
  if (check->comparison.kind == ALPA_COMPARISON_CLOSE)
    alpa_text_printf(text, ", %" PRIu64 " to %" PRIu64 " allowed", check->comparison.min_ulps,
                     check->comparison.max_ulps);
  if (check->comparison.kind == ALPA_COMPARISON_ALMOST_EQ)
    alpa_text_printf(text, ", %g apart allowed", check->comparison.tolerance);
  if (difference->n > 1 && difference->worst_ulps != UINT64_MAX)
    alpa_text_printf(text, "; at worst %" PRIu64, difference->worst_ulps);
}

typedef struct check_args {
  alpa_environment env;
  const alpa_check *check;
  const alpa_image_tensor *tensor;
  const void *actual, *expected;
} check_args;

static alpa_status explain(const check_args *args, const alpa_difference *difference) {
  const alpa_image_tensor *tensor = args->tensor;
  size_t offset = difference->first * alpa_dtype_get_info(tensor->dtype)->bytes;
  alpa_arena arena;
  alpa_text text;
  alpa_arena_init(&arena, args->env.memory);
  alpa_text_init(&text, &arena);
  alpa_text_printf(&text, "%zu of %zu elements differ, first ", difference->n, count_elements(tensor));
  print_index(&text, tensor, difference->first);
  alpa_text_printf(&text, ": ");
  alpa_element_print(&text, tensor->dtype, (const char *)args->actual + offset);
  alpa_text_printf(&text, ", expected ");
  alpa_element_print(&text, tensor->dtype, (const char *)args->expected + offset);
  print_ulps(&text, tensor->dtype, args->check, difference);
  alpa_status status = alpa_error(args->env.diag, args->check->place, ALPA_CHECK_FAILED, "'%s' failed: %s",
                                  args->check->name, alpa_text_finish(&text));
  alpa_arena_deinit(&arena);
  return status;
}

static alpa_status run_check(void *arguments) {
  const check_args *args = arguments;
  const alpa_image_tensor *tensor = args->tensor;
  alpa_difference difference = alpa_comparison_run(&args->check->comparison, tensor->dtype, count_elements(tensor),
                                                   args->actual, args->expected);
  return difference.n ? explain(args, &difference) : ALPA_OK;
}

alpa_status alpa_check_run(alpa_environment env, const alpa_check *check, const alpa_image_tensor *tensor,
                           const void *actual, const void *expected) {
  check_args args = {env, check, tensor, actual, expected};
  return alpa_guard(env.memory, run_check, &args);
}
