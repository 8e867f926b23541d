/* Results of code against those of the interpreter. */
#ifndef ALPA_TEST_UNIT_CODEGEN_COMPARE_H
#define ALPA_TEST_UNIT_CODEGEN_COMPARE_H

#include "test/unit/codegen_check.h"

#include <math.h>

#include "support/number.h"

static inline double codegen_element(const alpa_tensor *t, int64_t i) {
  const alpa_dtype_info *info = alpa_dtype_get_info(t->dtype);
  const char *at = (const char *)t->data + i * info->bytes;
  if (info->class_ == ALPA_CLASS_FLOAT)
    return alpa_float_decode(t->dtype, alpa_element_load(t->dtype, at));
  if (info->class_ == ALPA_CLASS_COMPLEX) {
    alpa_dtype part = alpa_complex_part(t->dtype);
    return alpa_float_decode(part, alpa_element_load(part, at)) +
           3 * alpa_float_decode(part, alpa_element_load(part, at + alpa_dtype_get_info(part)->bytes));
  }
  return (double)alpa_integer_load(t->dtype, at);
}

static inline double codegen_tolerance(alpa_dtype dtype) {
  if (alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT)
    return dtype == ALPA_BF16 ? 2e-2 : dtype == ALPA_F16 ? 4e-3 : dtype == ALPA_F32 ? 3e-5 : 1e-11;
  return dtype == ALPA_C64 ? 3e-5 : dtype == ALPA_C128 ? 1e-11 : 0;
}

static inline void codegen_compare(const char *name, uint32_t result, const alpa_tensor *got, const alpa_tensor *want) {
  int64_t n = alpa_tensor_count(want);
  double allowed = codegen_tolerance(want->dtype);
  for (int64_t i = 0; i < n; i++) {
    double a = codegen_element(got, i), b = codegen_element(want, i);
    bool same = (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= allowed * (1 + fabs(b));
    if (!same)
      fail_msg("%s: result %u, element %lld of %lld: got %.9g, want %.9g", name, result, (long long)i, (long long)n, a,
               b);
  }
}

/* Parses, makes inputs from the seed, and interprets. */
static inline void codegen_open(codegen_check *c, const char *name, const char *text, uint64_t seed) {
  if (codegen_read(c, name, text) != ALPA_OK)
    fail_msg("%s: %s", name, c->message);
  alpa_block *entry = alpa_func_entry(c->func);
  c->inputs = alpa_arena_new(&c->arena, alpa_tensor, entry->n_args + 1);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    c->inputs[i] = alpa_tensor_create(&c->arena, ALPA_ARITH_REAL, entry->args[i]->type);
    alpa_tensor_randomize(&c->inputs[i], ALPA_ARITH_REAL, seed + i, 6);
  }
  c->want = alpa_arena_new(&c->arena, alpa_tensor, entry->last->n_operands + 1);
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL};
  if (alpa_interp_run(&options, c->func, c->inputs, &c->arena, c->want) != ALPA_OK)
    fail_msg("%s: interpreter: %s", name, c->message);
}

static inline void codegen_run_and_compare(codegen_check *c, const char *name) {
  alpa_tensor *got = alpa_arena_new(&c->arena, alpa_tensor, c->image->n_results + 1);
  if (codegen_run(c, c->inputs, got) != ALPA_OK)
    fail_msg("%s: running: %s", name, c->message);
  for (uint32_t i = 0; i < c->image->n_results; i++)
    codegen_compare(name, i, &got[i], &c->want[i]);
}

#endif
