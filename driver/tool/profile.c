/* The profile of a step: events are added up by operation while the step runs, and by name when it is over, because a
 * kernel that occurs in every layer is one thing to improve. */
#include "driver/tool/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 10 };

static alpa_tool_profile_row *row_of(alpa_tool_profile *profile, uint32_t operation) {
  if (operation >= profile->cap) {
    size_t cap = 2 * (size_t)operation + 64;
    profile->rows = alpa_tool_realloc(profile->rows, cap * sizeof *profile->rows);
    memset(profile->rows + profile->cap, 0, (cap - profile->cap) * sizeof *profile->rows);
    profile->cap = cap;
  }
  if (operation >= profile->n)
    profile->n = (size_t)operation + 1;
  return &profile->rows[operation];
}

/* Device 0 alone, whose operations come one after the other. */
static void add_event(void *user, const alpa_operation_event *event) {
  if (event->device != 0)
    return;
  alpa_tool_profile_row *row = row_of(user, event->operation);
  row->name = event->name;
  row->where = event->where;
  row->calls++;
  row->seconds += event->seconds;
  row->flops += event->flops;
  row->bytes += (double)event->bytes;
}

/* ---- by name ---- */

static int compare_names(const void *a, const void *b) {
  const alpa_tool_profile_row *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

static int compare_seconds(const void *a, const void *b) {
  const alpa_tool_profile_row *x = a, *y = b;
  return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

static void add_row(alpa_tool_profile_row *to, const alpa_tool_profile_row *from) {
  to->calls += from->calls;
  to->seconds += from->seconds;
  to->flops += from->flops;
  to->bytes += from->bytes;
}

/* Operations that were not executed have no rows. */
static void merge(alpa_tool_profile *profile) {
  alpa_tool_profile_row *rows = profile->rows;
  size_t n = 0, kept = 0;
  for (size_t i = 0; i < profile->n; i++)
    if (rows[i].calls)
      rows[n++] = rows[i];
  qsort(rows, n, sizeof *rows, compare_names);
  for (size_t i = 0; i < n; i++) {
    profile->seconds += rows[i].seconds;
    if (kept && strcmp(rows[kept - 1].name, rows[i].name) == 0)
      add_row(&rows[kept - 1], &rows[i]);
    else
      rows[kept++] = rows[i];
  }
  qsort(rows, kept, sizeof *rows, compare_seconds);
  profile->n = kept;
}

bool alpa_tool_profile_measure(alpa_tool_execution *execution, size_t n, alpa_tool_profile *out_profile) {
  double least = 0;
  bool ok = true;
  *out_profile = (alpa_tool_profile){0};
  for (size_t i = 0; i < n && ok; i++) {
    alpa_tool_profile profile = {0};
    double time;
    execution->run.observe = add_event;
    execution->run.user = &profile;
    ok = alpa_tool_execution_step(execution, 0, &time);
    execution->run.observe = NULL;
    if (ok && (i == 0 || time < least)) {
      alpa_tool_profile_free(out_profile);
      *out_profile = profile;
      least = time;
    } else {
      alpa_tool_profile_free(&profile);
    }
  }
  if (ok && out_profile->n)
    merge(out_profile);
  return ok;
}

/* ---- output ---- */

/* A kernel with less arithmetic than this is told in bytes. */
static const double LEAST_FLOPS_PER_BYTE = 2;

static void print_row(const alpa_tool_profile *profile, const alpa_tool_profile_row *row) {
  bool computes = row->flops > LEAST_FLOPS_PER_BYTE * row->bytes;
  double rate = 1e-9 * (computes ? row->flops : row->bytes) / row->seconds;
  printf("%5.1f %% %11.3f ms %6llu %9.1f %-7s  %s", 100 * row->seconds / profile->seconds, 1e3 * row->seconds,
         (unsigned long long)row->calls, rate, computes ? "GFLOP/s" : "GB/s", row->name);
  printf("%s%s\n", row->where[0] ? "  " : "", row->where);
}

void alpa_tool_profile_print(const alpa_tool_profile *profile) {
  printf("%zu kernels, %.3f ms in them; the dearest:\n%7s %14s %6s %17s  %s\n", profile->n, 1e3 * profile->seconds,
         "share", "time a step", "calls", "rate", "kernel");
  for (size_t i = 0; i < profile->n && i < MAX_SHOWN; i++)
    print_row(profile, &profile->rows[i]);
}

json_t *alpa_tool_profile_to_json(const alpa_tool_profile *profile) {
  json_t *list = json_array();
  for (size_t i = 0; i < profile->n; i++) {
    const alpa_tool_profile_row *row = &profile->rows[i];
    json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:f, s:f, s:f}", "name", row->name, "where", row->where,
                                          "calls", (json_int_t)row->calls, "time_ms", 1e3 * row->seconds, "flops",
                                          row->flops, "bytes", row->bytes));
  }
  return list;
}

void alpa_tool_profile_free(alpa_tool_profile *profile) {
  free(profile->rows);
  *profile = (alpa_tool_profile){0};
}
