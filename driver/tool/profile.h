/* Which operations a step's time goes to. */
#ifndef ALPA_DRIVER_TOOL_PROFILE_H
#define ALPA_DRIVER_TOOL_PROFILE_H

#include <jansson.h>

#include "driver/tool/execution.h"

/* One kernel, copy or kind of collective, with all its calls in a step of device 0. */
typedef struct alpa_tool_profile_row {
  const char *name, *where; /* of the first call; live as long as the program */
  uint64_t calls;
  double seconds, flops, bytes;
} alpa_tool_profile_row;

/* The rows of one step, the dearest first. */
typedef struct alpa_tool_profile {
  alpa_tool_profile_row *rows;
  size_t n, cap;
  double seconds; /* of all */
} alpa_tool_profile;

/* Runs `n` observed steps and keeps the fastest one's profile. */
bool alpa_tool_profile_measure(alpa_tool_execution *execution, size_t n, alpa_tool_profile *out_profile);
/* The ten dearest as a table; all for JSON. */
void alpa_tool_profile_print(const alpa_tool_profile *profile);
json_t *alpa_tool_profile_to_json(const alpa_tool_profile *profile);
void alpa_tool_profile_free(alpa_tool_profile *profile);

#endif
