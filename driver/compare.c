/* Element comparisons of self-checking programs.
 *
 * A distance in ULPs is the number of steps between neighbouring representable numbers: the bits of a float, as sign
 * and magnitude, are in the order of the numbers, so the distance is the difference of the magnitudes, or their sum
 * across zero; the two zeros are one number.  Of a complex number the part that is further off counts. */
#include "driver/compare.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "support/number.h"

static const char *const targets[] = {
#define X(ID, target) [ALPA_COMPARISON_##ID] = target,
    ALPA_COMPARISON_TABLE(X)
#undef X
};

enum { DEFAULT_MAX_ULPS = 3 };
static const double default_tolerance = 1e-3;

bool alpa_comparison_find(alpa_str target, alpa_comparison *out_comparison) {
  for (size_t i = 0; i < countof(targets); i++)
    if (strlen(targets[i]) == target.size && memcmp(targets[i], target.data, target.size) == 0) {
      *out_comparison = (alpa_comparison){(alpa_comparison_kind)i, 0, DEFAULT_MAX_ULPS, default_tolerance};
      return true;
    }
  return false;
}

/* ---- one float ---- */

static uint64_t ulps_between(alpa_dtype dtype, uint64_t a, uint64_t b) {
  double x = alpa_float_decode(dtype, a), y = alpa_float_decode(dtype, b);
  if (x == y || (isnan(x) && isnan(y)))
    return 0;
  if (!isfinite(x) || !isfinite(y))
    return UINT64_MAX;
  uint64_t sign = UINT64_C(1) << (alpa_dtype_get_info(dtype)->bits - 1);
  uint64_t p = a & (sign - 1), q = b & (sign - 1);
  if ((a ^ b) & sign)
    return p + q;
  return p > q ? p - q : q - p;
}

static bool float_passes(const alpa_comparison *c, alpa_dtype dtype, uint64_t a, uint64_t b, uint64_t ulps) {
  double x = alpa_float_decode(dtype, a), y = alpa_float_decode(dtype, b);
  switch (c->kind) {
  case ALPA_COMPARISON_EQ:
    return ulps == 0;
  case ALPA_COMPARISON_CLOSE:
    return ulps >= c->min_ulps && ulps <= c->max_ulps;
  case ALPA_COMPARISON_ALMOST_EQ:
    return ulps == 0 || fabs(x - y) <= c->tolerance;
  case ALPA_COMPARISON_COUNT:
    break;
  }
  return false;
}

/* ---- one element ---- */

static bool element_passes(const alpa_comparison *c, alpa_dtype dtype, const char *a, const char *b,
                           uint64_t *out_ulps) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  *out_ulps = 0;
  if (info->class_ != ALPA_CLASS_FLOAT && info->class_ != ALPA_CLASS_COMPLEX) {
    bool equal = alpa_integer_load(dtype, a) == alpa_integer_load(dtype, b);
    *out_ulps = equal ? 0 : UINT64_MAX;
    return equal;
  }
  bool is_complex = info->class_ == ALPA_CLASS_COMPLEX, passes = true;
  alpa_dtype part = is_complex ? alpa_complex_part(dtype) : dtype;
  size_t bytes = alpa_dtype_get_info(part)->bytes;
  for (size_t i = 0; i < (is_complex ? 2 : 1); i++) {
    uint64_t p = alpa_element_load(part, a + i * bytes), q = alpa_element_load(part, b + i * bytes);
    uint64_t ulps = ulps_between(part, p, q);
    passes = passes && float_passes(c, part, p, q, ulps);
    *out_ulps = ulps > *out_ulps ? ulps : *out_ulps;
  }
  return passes;
}

alpa_difference alpa_comparison_run(const alpa_comparison *comparison, alpa_dtype dtype, size_t count,
                                    const void *actual, const void *expected) {
  size_t bytes = alpa_dtype_get_info(dtype)->bytes;
  alpa_difference difference = {0};
  for (size_t i = 0; i < count; i++) {
    uint64_t ulps;
    if (element_passes(comparison, dtype, (const char *)actual + i * bytes, (const char *)expected + i * bytes, &ulps))
      continue;
    if (difference.n++ == 0) {
      difference.first = i;
      difference.first_ulps = ulps;
    }
    difference.worst_ulps = ulps > difference.worst_ulps ? ulps : difference.worst_ulps;
  }
  return difference;
}

void alpa_element_print(alpa_text *text, alpa_dtype dtype, const void *at) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  switch (info->class_) {
  case ALPA_CLASS_BOOL:
    alpa_text_printf(text, "%s", alpa_integer_load(dtype, at) ? "true" : "false");
    return;
  case ALPA_CLASS_INT:
    alpa_text_printf(text, "%" PRId64, alpa_integer_load(dtype, at));
    return;
  case ALPA_CLASS_UINT:
    alpa_text_printf(text, "%" PRIu64, (uint64_t)alpa_integer_load(dtype, at));
    return;
  case ALPA_CLASS_FLOAT:
    alpa_text_printf(text, info->bits > 32 ? "%.17g" : "%.9g", alpa_float_decode(dtype, alpa_element_load(dtype, at)));
    return;
  case ALPA_CLASS_COMPLEX: {
    alpa_dtype part = alpa_complex_part(dtype);
    alpa_text_printf(text, "(");
    alpa_element_print(text, part, at);
    alpa_text_printf(text, ", ");
    alpa_element_print(text, part, (const char *)at + alpa_dtype_get_info(part)->bytes);
    alpa_text_printf(text, ")");
    return;
  }
  }
}
