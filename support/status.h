/* Status propagation: the one macro that hides control flow, and small macros used everywhere. */
#ifndef ALPA_SUPPORT_STATUS_H
#define ALPA_SUPPORT_STATUS_H

#include "alpa/alpa.h"

/* Evaluates a status expression and returns it from the calling function unless it is ALPA_OK. */
#define ALPA_TRY(expr)                                                                                                 \
  do {                                                                                                                 \
    alpa_status alpa_try_status = (expr);                                                                              \
    if (alpa_try_status != ALPA_OK)                                                                                    \
      return alpa_try_status;                                                                                          \
  } while (0)

#define ALPA_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))

#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* A view of bytes that need not end in NUL. */
typedef struct alpa_str {
  const char *data;
  size_t size;
} alpa_str;

#endif
