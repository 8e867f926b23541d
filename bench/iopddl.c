/* The contest's program: `iopddl [--cpu-seconds] FILE SECONDS [THREADS [SEED]]` solves an instance of IOPDDL (ASPLOS
 * 2025) and prints what it reached on lines that begin with '#', and the chosen strategies as its last line.  With
 * --cpu-seconds the seconds are processor time of the first thread, which is what the clock would show on cores that
 * nothing else keeps busy. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench/iopddl_read.h"

typedef struct stopwatch {
  clockid_t clock;
  double start, budget;
} stopwatch;

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_of(const stopwatch *watch) { return now(watch->clock) - watch->start; }

/* Called from any thread, so the clock is that of a thread by name. */
static double elapsed(void *user) {
  const stopwatch *watch = user;
  return seconds_of(watch) / watch->budget;
}

static double seconds_of_time(struct timeval time) { return (double)time.tv_sec + 1e-6 * (double)time.tv_usec; }

static void print_diagnostic(void *user, alpa_severity severity, alpa_place place, const char *message) {
  static const char *const names[] = {"note", "remark", "warning", "error"};
  (void)user;
  if (place.file && place.line)
    fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s\n", place.file, place.line, place.column, names[severity],
            message);
  else
    fprintf(stderr, "%s: %s: %s\n", place.file ? place.file : "iopddl", names[severity], message);
}

static void print_total(const char *name, alpa_int128 value) {
  char digits[48];
  size_t at = sizeof digits;
  bool is_negative = value < 0;
  digits[--at] = 0;
  do {
    int digit = (int)(value % 10);
    digits[--at] = (char)('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  } while (value);
  printf("# %s %s%s\n", name, is_negative ? "-" : "", digits + at);
}

static void print_result(const alpa_solver_problem *problem, const alpa_solver_result *result) {
  const alpa_solver_stats *stats = &result->stats;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  print_total("cost", result->cost);
  print_total("bound", result->bound);
  printf("# gap %.6f %%\n", 100 * (double)(result->cost - result->bound) / (double)(result->cost ? result->cost : 1));
  printf("# proven %s\n", result->optimal ? (result->exact ? "to 1e-9" : "yes") : "no");
  printf("# core %" PRIu32 " nodes, %" PRIu32 " edges, %" PRIu32 " tables, %" PRIu64 " pairs, %" PRIu32 " times\n",
         stats->n_core_nodes, stats->n_core_edges, stats->n_core_tables, stats->n_core_pairs, stats->n_core_times);
  printf("# work %" PRIu32 " sweeps, %" PRIu32 " neighbourhoods, %" PRIu32 " accepted, %" PRIu32
         " exact calls, %" PRIu32 " branch nodes\n",
         stats->n_sweeps, stats->n_neighbourhoods, stats->n_accepted, stats->n_exact_calls, stats->n_branch_nodes);
  printf("# processor %.2f s\n", seconds_of_time(usage.ru_utime) + seconds_of_time(usage.ru_stime));
  printf("# memory %ld MiB\n", usage.ru_maxrss / 1024);
  printf("[");
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    printf(i ? ", %" PRIu32 : "%" PRIu32, result->assignment[i]);
  printf("]\n");
}

static alpa_status run(alpa_arena *arena, alpa_diag *diag, char **arguments, alpa_solver_options *options) {
  stopwatch *watch = options->clock_user;
  alpa_solver_problem problem;
  alpa_solver_result result;
  ALPA_TRY(iopddl_read(arguments[1], arena, diag, &problem));
  printf("# read %.2f s\n", seconds_of(watch));
  options->place = (alpa_place){.file = arguments[1]};
  ALPA_TRY(alpa_solver_solve(&problem, options, diag, arena, &result));
  printf("# time %.2f s\n", seconds_of(watch));
  print_result(&problem, &result);
  return ALPA_OK;
}

static int usage(void) {
  fprintf(stderr, "usage: iopddl [--cpu-seconds] FILE SECONDS [THREADS [SEED]]\n");
  return 2;
}

int main(int n_arguments, char **arguments) {
  stopwatch watch = {.clock = CLOCK_MONOTONIC};
  if (n_arguments > 1 && strcmp(arguments[1], "--cpu-seconds") == 0) {
    if (pthread_getcpuclockid(pthread_self(), &watch.clock) != 0)
      return usage();
    n_arguments--;
    arguments++;
  }
  watch.start = now(watch.clock);
  watch.budget = n_arguments > 2 ? strtod(arguments[2], NULL) : 0;
  if (n_arguments < 3 || n_arguments > 5 || !(watch.budget > 0))
    return usage();
  alpa_memory memory;
  alpa_arena arena;
  alpa_diag diag;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  alpa_diag_init(&diag, &memory, print_diagnostic, NULL);
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.n_threads = n_arguments > 3 ? (uint32_t)strtoul(arguments[3], NULL, 10) : 2;
  options.branch_size = 200000;
  options.n_branch_nodes = UINT32_MAX;
  options.seed = n_arguments > 4 ? strtoull(arguments[4], NULL, 10) : 1;
  options.clock = elapsed;
  options.clock_user = &watch;
  options.clock_seconds = watch.budget;
  alpa_status status = run(&arena, &diag, arguments, &options);
  if (status == ALPA_INFEASIBLE || status == ALPA_DEADLINE_EXCEEDED)
    printf("[]\n");
  alpa_diag_deinit(&diag);
  alpa_arena_deinit(&arena);
  return status == ALPA_OK ? 0 : 1;
}
