/* Exact results, or nearly: functions in long double. */
#ifndef ALPA_BENCH_ACCURACY_REFERENCE_H
#define ALPA_BENCH_ACCURACY_REFERENCE_H

#include <stddef.h>

/* One of unary and binary is not NULL. */
typedef struct accuracy_row {
  const char *op;
  long double (*unary)(long double x);
  long double (*binary)(long double x, long double y);
} accuracy_row;

extern const accuracy_row accuracy_rows[];
extern const size_t accuracy_row_count;

#endif
