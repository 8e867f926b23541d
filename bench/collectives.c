/* How fast are the host mesh's collectives, and what does an operation cost?
 *
 * Bandwidth: every collective on D devices and W workers, as bytes moved per second (each byte read or written once by
 * the algorithm's minimum: all-reduce reads D and writes D operands), beside memcpy of one thread and of W threads over
 * the same total in the same run.  Latency: a step of many empty kernels or tiny all-reduces, divided by their number.
 * Medians of several interleaved rounds; on a machine that others use, the best step tells more about latency. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/executor.h"

enum { ROUNDS = 15, STEPS = 201, MOST_DEVICES = 64 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double median(double *values, size_t n) {
  qsort(values, n, sizeof *values, by_value);
  return values[n / 2];
}

static void print_diagnostic(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  (void)severity;
  (void)place;
  fprintf(stderr, "%s\n", message);
}

#define CHECK(expr)                                                                                                    \
  do {                                                                                                                 \
    if ((expr) != ALPA_OK)                                                                                             \
      exit(1);                                                                                                         \
  } while (0)

/* ---- the peer --------------------------------------------------------------------------------------------------- */

typedef struct copy {
  char *to, *from;
  size_t bytes;
} copy;

static void *run_copy(void *user) {
  copy *c = user;
  memcpy(c->to, c->from, c->bytes);
  return NULL;
}

/* Seconds to copy `bytes` with this many threads; starting them is part of the time only for large sizes. */
static double time_memcpy(char *to, char *from, size_t bytes, uint32_t n_threads) {
  pthread_t threads[64];
  copy parts[64];
  double start = now();
  for (uint32_t i = 0; i < n_threads; i++) {
    size_t first = bytes / n_threads * i, end = i + 1 == n_threads ? bytes : bytes / n_threads * (i + 1);
    parts[i] = (copy){to + first, from + first, end - first};
    if (i + 1 == n_threads)
      run_copy(&parts[i]);
    else if (pthread_create(&threads[i], NULL, run_copy, &parts[i]))
      exit(1);
  }
  for (uint32_t i = 0; i + 1 < n_threads; i++)
    pthread_join(threads[i], NULL);
  return now() - start;
}

/* ---- the mesh --------------------------------------------------------------------------------------------------- */

static void nothing(char *const *operands, int64_t task) {
  (void)operands;
  (void)task;
}

typedef struct setup {
  alpa_memory memory;
  alpa_diag diag;
  alpa_device_mesh *mesh;
  alpa_executable *executable;
} setup;

/* A program that does one thing `count` times: a collective of `bytes` a device, or an empty kernel. */
static void begin(setup *s, uint32_t n_devices, uint32_t n_workers, const alpa_image_collective *collective,
                  int64_t bytes, int64_t count) {
  alpa_memory_init(&s->memory, NULL, NULL);
  alpa_diag_init(&s->diag, &s->memory, print_diagnostic, NULL);
  alpa_device_mesh_options options = {.n_devices = n_devices, .n_workers = n_workers};
  CHECK(alpa_device_mesh_create(&options, &s->diag, &s->mesh));
  alpa_image_buffer buffers[2] = {{.kind = ALPA_BUFFER_TEMPORARY, .bytes = bytes},
                                  {.kind = ALPA_BUFFER_TEMPORARY, .offset = (bytes + 63) / 64 * 64, .bytes = bytes}};
  alpa_image_kernel kernel = {.symbol = "nothing", .n_tasks = 1};
  alpa_instruction body = {.kind = collective ? ALPA_INSTRUCTION_COLLECTIVE : ALPA_INSTRUCTION_RUN, .where = ""};
  alpa_instructions list = {&body, 1};
  alpa_instruction loop = {.kind = ALPA_INSTRUCTION_LOOP, .count = count, .n_lists = 1, .lists = &list, .where = ""};
  alpa_image image = {.target = "host",
                      .n_devices = n_devices,
                      .n_buffers = 2,
                      .buffers = buffers,
                      .n_kernels = 1,
                      .kernels = &kernel,
                      .n_collectives = collective != NULL,
                      .collectives = collective,
                      .program = {&loop, 1},
                      .arena_bytes = 2 * ((bytes + 63) / 64 * 64)};
  alpa_symbol symbol = {"nothing", (void (*)(void))nothing};
  alpa_load_options load_options = {.symbols = &symbol, .n_symbols = 1};
  CHECK(alpa_executable_load(s->mesh, &s->diag, &image, &load_options, &s->executable));
  CHECK(alpa_executable_run(s->executable, &s->diag, NULL, NULL, NULL));
}

static double time_step(setup *s) {
  double start = now();
  CHECK(alpa_executable_run(s->executable, &s->diag, NULL, NULL, NULL));
  return now() - start;
}

static void end(setup *s) {
  alpa_executable_destroy(s->executable);
  alpa_device_mesh_destroy(s->mesh);
  alpa_diag_deinit(&s->diag);
}

/* ---- questions -------------------------------------------------------------------------------------------------- */

/* Groups: all devices, or the pairs of a ring. */
typedef struct groups {
  uint32_t all[MOST_DEVICES], ring[2 * MOST_DEVICES];
} groups;

static void make_groups(groups *g, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) {
    g->all[d] = g->ring[2 * d] = d;
    g->ring[2 * d + 1] = (d + 1) % n;
  }
}

typedef struct question {
  alpa_collective kind;
  uint32_t n_devices, n_workers;
  int64_t bytes, rows; /* rows: `outer` of gathers and scatters */
} question;

/* The collective of f32 where the larger of operand and result has `bytes`; out_moved: bytes read and written. */
static alpa_image_collective make(groups *g, question q, double *out_moved) {
  alpa_collective kind = q.kind;
  uint32_t n = q.n_devices;
  make_groups(g, n);
  bool is_reduce = kind == ALPA_COLLECTIVE_ALL_REDUCE, is_permute = kind == ALPA_COLLECTIVE_PERMUTE;
  bool is_whole = is_reduce || is_permute;
  alpa_image_collective c = {.kind = kind,
                             .reduction = ALPA_REDUCE_ADD,
                             .dtype = ALPA_F32,
                             .outer = q.rows,
                             .chunk = q.bytes / 4 / (is_whole ? 1 : n) / q.rows,
                             .n_groups = is_permute ? n : 1,
                             .group_size = is_permute ? 2 : n,
                             .groups = is_permute ? g->ring : g->all,
                             .from = {0, 0},
                             .to = {is_reduce ? 0 : 1, 0}};
  double part = (double)c.chunk * (double)c.outer * 4 * n;
  *out_moved = kind == ALPA_COLLECTIVE_REDUCE_SCATTER ? part * n + part : is_whole ? 2 * part : 2 * part * n;
  return c;
}

static void ask_bandwidth(question q) {
  uint32_t n_workers = q.n_workers;
  int64_t bytes = q.bytes;
  double moved, mesh_s[ROUNDS], one_s[ROUNDS], all_s[ROUNDS];
  groups g;
  alpa_image_collective c = make(&g, q, &moved);
  int64_t count = bytes < (1 << 20) ? (1 << 24) / bytes : 1;
  setup s;
  begin(&s, q.n_devices, n_workers, &c, bytes, count);
  size_t half = (size_t)moved / 2;
  char *to = malloc(half), *from = malloc(half);
  if (!to || !from)
    exit(1);
  memset(to, 1, half);
  memset(from, 1, half);
  for (int r = 0; r < ROUNDS; r++) {
    mesh_s[r] = time_step(&s) / (double)count;
    one_s[r] = time_memcpy(to, from, half, 1);
    all_s[r] = half < (1 << 20) ? one_s[r] : time_memcpy(to, from, half, n_workers);
  }
  double mesh = median(mesh_s, ROUNDS), one = median(one_s, ROUNDS), many = median(all_s, ROUNDS);
  printf("%-20s %u devices %u workers %9lld B in %5lld rows  %9.2f us %6.1f GB/s  memcpy %6.1f, %u threads %6.1f  "
         "ratio %.2f\n",
         alpa_collective_name(q.kind), q.n_devices, n_workers, (long long)bytes, (long long)q.rows, 1e6 * mesh,
         1e-9 * moved / mesh, 1e-9 * moved / one, n_workers, 1e-9 * moved / many, (one < many ? one : many) / mesh);
  free(to);
  free(from);
  end(&s);
}

static void ask_latency(const char *what, uint32_t n_devices, uint32_t n_workers, bool is_collective, int64_t count) {
  double moved, times[STEPS];
  groups g;
  alpa_image_collective c = make(&g, (question){ALPA_COLLECTIVE_ALL_REDUCE, n_devices, n_workers, 4, 1}, &moved);
  setup s;
  begin(&s, n_devices, n_workers, is_collective ? &c : NULL, 64, count);
  for (int r = 0; r < STEPS; r++)
    times[r] = time_step(&s) / (double)count;
  double middle = median(times, STEPS);
  printf("%-20s %u devices %u workers  %8.3f us (best %.3f)\n", what, n_devices, n_workers, 1e6 * middle,
         1e6 * times[0]);
  end(&s);
}

int main(void) {
  ask_latency("empty kernel", 1, 1, false, 500);
  ask_latency("empty kernel", 2, 2, false, 500);
  ask_latency("all-reduce of 4 B", 1, 1, true, 500);
  ask_latency("all-reduce of 4 B", 2, 1, true, 500);
  ask_latency("all-reduce of 4 B", 2, 2, true, 500);
  ask_latency("all-reduce of 4 B", 8, 1, true, 200);
  ask_latency("all-reduce of 4 B", 8, 2, true, 200);
  ask_latency("all-reduce of 4 B", 64, 1, true, 50);
  ask_latency("all-reduce of 4 B", 64, 2, true, 50);
  ask_latency("empty step", 2, 2, false, 1);
  static const int64_t sizes[] = {1 << 10, 8 << 10, 64 << 10, 512 << 10, 4 << 20, 32 << 20};
  for (size_t i = 0; i < countof(sizes); i++)
    for (uint32_t n_workers = 1; n_workers <= 2; n_workers++)
      ask_bandwidth((question){ALPA_COLLECTIVE_ALL_REDUCE, 2, n_workers, sizes[i], 1});
  for (int kind = 0; kind < ALPA_COLLECTIVE_COUNT; kind++) {
    ask_bandwidth((question){(alpa_collective)kind, 2, 2, 16 << 20, 1});
    ask_bandwidth((question){(alpa_collective)kind, 8, 2, 4 << 20, 1});
  }
  for (int64_t rows = 1 << 10; rows <= 1 << 14; rows <<= 2) {
    ask_bandwidth((question){ALPA_COLLECTIVE_ALL_GATHER, 4, 2, 2 << 20, rows});
    ask_bandwidth((question){ALPA_COLLECTIVE_REDUCE_SCATTER, 4, 2, 2 << 20, rows});
  }
  return 0;
}
