/* Exact results, or nearly: functions in long double, and in double for arguments that are f32. */
#ifndef ALPA_BENCH_ACCURACY_REFERENCE_H
#define ALPA_BENCH_ACCURACY_REFERENCE_H

#include <stddef.h>

/* One of unary and binary is not NULL.  `close`, beside unary, is the function in double: within 2^-42 of the result,
 * 4e-6 units of the last place of f32. */
typedef struct accuracy_row {
  const char *op;
  long double (*unary)(long double x);
  double (*close)(double x);
  long double (*binary)(long double x, long double y);
} accuracy_row;

extern const accuracy_row accuracy_rows[];
extern const size_t accuracy_row_count;

#endif
