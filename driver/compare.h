/* The comparisons of self-checking programs: two tensors of one type, element by element. */
#ifndef ALPA_DRIVER_COMPARE_H
#define ALPA_DRIVER_COMPARE_H

#include "support/text.h"

/* X(ID, target): the calls, and what two elements must be.
 * EQ: equal as numbers, NaN equal to NaN.
 * CLOSE: at least min_ulps and at most max_ulps representable numbers apart; NaN and infinity only from themselves.
 * ALMOST_EQ: at most `tolerance` apart. */
#define ALPA_COMPARISON_TABLE(X)                                                                                       \
  X(EQ, "check.expect_eq")                                                                                             \
  X(CLOSE, "check.expect_close")                                                                                       \
  X(ALMOST_EQ, "check.expect_almost_eq")

typedef enum alpa_comparison_kind {
#define X(ID, target) ALPA_COMPARISON_##ID,
  ALPA_COMPARISON_TABLE(X)
#undef X
      ALPA_COMPARISON_COUNT
} alpa_comparison_kind;

typedef struct alpa_comparison {
  alpa_comparison_kind kind;
  uint64_t min_ulps, max_ulps;
  double tolerance;
} alpa_comparison;

/* The comparison with its default limits that a call target means; false where it is none. */
bool alpa_comparison_find(alpa_str target, alpa_comparison *out_comparison);

typedef struct alpa_difference {
  size_t n, first;     /* elements that differ, and the number of the first one */
  uint64_t first_ulps; /* how far that one is off: UINT64_MAX where there is no such number */
  uint64_t worst_ulps; /* of all */
} alpa_difference;

/* Compares `count` dense elements. */
alpa_difference alpa_comparison_run(const alpa_comparison *comparison, alpa_dtype dtype, size_t count,
                                    const void *actual, const void *expected);
/* Writes an element with all digits that matter. */
void alpa_element_print(alpa_text *text, alpa_dtype dtype, const void *at);

#endif
