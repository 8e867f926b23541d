/* How fast are products of matrices?
 *
 * A program of one dot_general is compiled and run through the public API, a whole step each time; OpenBLAS and oneDNN
 * multiply the same matrices.  Each has a process of its own, because the threads of one library disturb another's. All
 * take turns in short bursts, and a sample of the cores' peak is taken in every round, because what a shared machine
 * gives changes from second to second; medians of
 * the bursts are shown, in GFLOP/s.
 * One result of each shape is compared with products in double precision.
 *
 * usage: contraction [THREADS [ROUNDS]] */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alpa/alpa.h"
#include "gemm_peers.h"

enum { MAX_PEERS = 4, MAX_ROUNDS = 31 };

typedef struct shape {
  int m, n, k;
} shape;

/* Squares, the products of GPT-2's layers at batches of 256 and 2048 tokens, and flat and deep ones. */
static const shape shapes[] = {{256, 256, 256},    {512, 512, 512},    {768, 768, 768},    {1024, 1024, 1024},
                               {1056, 1056, 1056}, {1536, 1536, 1536}, {2048, 2048, 2048}, {2080, 2080, 2080},
                               {256, 768, 768},    {256, 3072, 768},   {256, 768, 3072},   {2048, 768, 768},
                               {2048, 2304, 768},  {2048, 3072, 768},  {2048, 768, 3072},  {512, 512, 64},
                               {512, 64, 512},     {256, 50304, 768}};
static const shape small_shapes[] = {{32, 32, 32},    {64, 64, 64},    {96, 96, 96},   {128, 128, 128},
                                     {192, 192, 192}, {256, 256, 256}, {384, 384, 384}};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "contraction: %s\n", what);
  exit(1);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int n) {
  qsort(values, (size_t)n, sizeof *values, compare);
  return values[n / 2];
}

/* ---- ours -------------------------------------------------------------------------------------------------------- */

typedef struct product {
  alpa_context *context;
  alpa_plan *plan;
  alpa_devices *devices;
  alpa_program *program;
  alpa_array *arguments[2];
} product;

static void print_diagnostic(void *user, const alpa_diagnostic *diagnostic) {
  (void)user;
  fputs(diagnostic->rendered, stderr);
}

static void check(alpa_status status) {
  if (status != ALPA_OK)
    fail(alpa_status_name(status));
}

static void product_open(product *p, const gemm *g, int threads) {
  char text[512];
  int size = snprintf(text, sizeof text,
                      "func.func public @main(%%a: tensor<%dx%dxf32>, %%b: tensor<%dx%dxf32>) -> tensor<%dx%dxf32> {\n"
                      "  %%c = stablehlo.dot_general %%a, %%b, contracting_dims = [1] x [0]\n"
                      "    : (tensor<%dx%dxf32>, tensor<%dx%dxf32>) -> tensor<%dx%dxf32>\n"
                      "  return %%c : tensor<%dx%dxf32>\n}\n",
                      g->m, g->k, g->k, g->n, g->m, g->n, g->m, g->k, g->k, g->n, g->m, g->n, g->m, g->n);
  alpa_context_options context = ALPA_CONTEXT_OPTIONS_INIT;
  context.diagnostic = print_diagnostic;
  check(alpa_context_create(&context, &p->context));
  alpa_module *module;
  check(alpa_module_parse(p->context, text, (size_t)size, NULL, &module));
  alpa_compile_options options = ALPA_COMPILE_OPTIONS_INIT;
  options.cores = (uint32_t)threads;
  check(alpa_plan_create(module, &options, &p->plan));
  alpa_module_destroy(module);
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  devices.workers = (uint32_t)threads;
  check(alpa_devices_create(p->context, &devices, &p->devices));
  check(alpa_program_create(p->plan, p->devices, &p->program));
  check(alpa_program_create_array(p->program, 0, g->a, &p->arguments[0]));
  check(alpa_program_create_array(p->program, 1, g->b, &p->arguments[1]));
}

static void product_run(product *p) {
  alpa_array *result;
  check(alpa_program_run(p->program, p->arguments, &result));
  alpa_array_release(result);
}

static void product_read(product *p, float *data) {
  alpa_array *result;
  check(alpa_program_run(p->program, p->arguments, &result));
  check(alpa_program_read_array(p->program, result, data));
  alpa_array_release(result);
}

static void product_close(product *p) {
  alpa_array_release(p->arguments[0]);
  alpa_array_release(p->arguments[1]);
  alpa_program_destroy(p->program);
  alpa_devices_destroy(p->devices);
  alpa_plan_destroy(p->plan);
  alpa_context_destroy(p->context);
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

/* The threads of libraries go on spinning for a while after a call; a pause lets them rest. */
static void rest(void) { nanosleep(&(struct timespec){.tv_nsec = 40 * 1000 * 1000}, NULL); }

static double run_for(product *p, const gemm_peer *peer, const gemm *g, double least_seconds) {
  double begin = now(), seconds = 0;
  int calls = 0;
  do {
    if (!peer)
      product_run(p);
    else if (!peer->run(g))
      fail("a library refuses the product");
    calls++;
    seconds = now() - begin;
  } while (seconds < least_seconds);
  return 2e-9 * g->m * g->n * g->k * calls / seconds;
}

/* GFLOP/s: the best of some short runs, after one that wakes all threads, which can take 10 ms. */
static double burst(product *p, const gemm_peer *peer, const gemm *g) {
  double best = 0;
  run_for(p, peer, g, 5e-3);
  for (int i = 0; i < 4; i++)
    best = fmax(best, run_for(p, peer, g, 3e-3));
  return best;
}

static float *random_matrix(int rows, int columns, unsigned seed) {
  size_t n = (size_t)rows * (size_t)columns;
  float *data = malloc(n * sizeof *data);
  if (!data)
    fail("no memory");
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525U + 1013904223U;
    data[i] = (float)(seed >> 8) / (float)(1U << 23) - 1.0F;
  }
  return data;
}

/* Compares some elements, spread over the matrix, with sums in double precision. */
static void verify(product *p, const gemm *g) {
  product_read(p, g->c);
  for (int s = 0; s < 1000; s++) {
    int i = (int)((long)s * 7919 % g->m), j = (int)((long)s * 104729 % g->n);
    double sum = 0, size = 0;
    for (int l = 0; l < g->k; l++) {
      double term = (double)g->a[(size_t)i * (size_t)g->k + (size_t)l] * g->b[(size_t)l * (size_t)g->n + (size_t)j];
      sum += term;
      size += fabs(term);
    }
    if (!(fabs(sum - g->c[(size_t)i * (size_t)g->n + (size_t)j]) <= 1e-5 * size))
      fail("a product is wrong");
  }
}

/* ---- one process a competitor ------------------------------------------------------------------------------------ */

typedef struct competitor {
  int request, answer; /* ends of pipes */
} competitor;

static void transfer(ssize_t got, size_t size) {
  if (got != (ssize_t)size)
    fail("a competitor is gone");
}

static void close_shape(product *p, gemm *g) {
  if (p->context)
    product_close(p);
  free((void *)(uintptr_t)g->a);
  free((void *)(uintptr_t)g->b);
  free(g->c);
}

/* Answers every shape with the speed of one burst, until nobody asks.  peer NULL: ours. */
static _Noreturn void compete(const gemm_peer *peer, int threads, int request, int answer) {
  product p = {0};
  gemm g = {0};
  shape s;
  if (peer)
    peer->set_threads(threads);
  while (read(request, &s, sizeof s) == sizeof s) {
    if (s.m != g.m || s.n != g.n || s.k != g.k) {
      close_shape(&p, &g);
      g = (gemm){s.m, s.n, s.k, random_matrix(s.m, s.k, 1), random_matrix(s.k, s.n, 2), random_matrix(s.m, s.n, 3)};
      if (!peer) {
        product_open(&p, &g, threads);
        verify(&p, &g);
      }
    }
    double speed = burst(&p, peer, &g);
    transfer(write(answer, &speed, sizeof speed), sizeof speed);
  }
  _exit(0);
}

static competitor start(const gemm_peer *peer, int threads) {
  int requests[2], answers[2];
  if (pipe(requests) || pipe(answers))
    fail("no pipes");
  pid_t child = fork();
  if (child < 0)
    fail("no process");
  if (child == 0) {
    close(requests[1]);
    close(answers[0]);
    compete(peer, threads, requests[0], answers[1]);
  }
  close(requests[0]);
  close(answers[1]);
  return (competitor){requests[1], answers[0]};
}

static double ask(competitor c, shape s) {
  double speed;
  transfer(write(c.request, &s, sizeof s), sizeof s);
  transfer(read(c.answer, &speed, sizeof speed), sizeof speed);
  rest();
  return speed;
}

typedef struct row {
  double peak, ours, peers[MAX_PEERS];
} row;

/* competitors[0] is ours, the others are the peers. */
static row measure(const competitor *competitors, shape s, int threads, int rounds) {
  double peaks[MAX_ROUNDS], speeds[MAX_PEERS + 1][MAX_ROUNDS];
  int n = 1;
  while (gemm_peers[n - 1].name)
    n++;
  for (int round = 0; round < rounds; round++) {
    peaks[round] = gemm_measure_peak(threads);
    for (int i = 0; i < n; i++)
      speeds[i][round] = ask(competitors[i], s);
  }
  row result = {.peak = median(peaks, rounds), .ours = median(speeds[0], rounds)};
  for (int i = 1; i < n; i++)
    result.peers[i - 1] = median(speeds[i], rounds);
  return result;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef struct contest {
  competitor competitors[MAX_PEERS + 1];
  int threads, rounds;
} contest;

static void table(const contest *c, const char *title, const shape *list, size_t n) {
  int threads = c->threads;
  double logs[MAX_PEERS + 2] = {0};
  printf("\n%s, %d thread%s, GFLOP/s\n\n| M x N x K | peak | ours |", title, threads, threads > 1 ? "s" : "");
  for (int i = 0; gemm_peers[i].name; i++)
    printf(" %s |", gemm_peers[i].name);
  printf(" ours / best | ours / peak |\n|---|---|---|");
  for (int i = 0; gemm_peers[i].name; i++)
    printf("---|");
  printf("---|---|\n");
  for (size_t s = 0; s < n; s++) {
    row r = measure(c->competitors, list[s], threads, c->rounds);
    double best = 0;
    printf("| %dx%dx%d | %.0f | %.0f |", list[s].m, list[s].n, list[s].k, r.peak, r.ours);
    for (int i = 0; gemm_peers[i].name; i++) {
      printf(" %.0f |", r.peers[i]);
      best = fmax(best, r.peers[i]);
      logs[i] += log(r.ours / r.peers[i]);
    }
    logs[MAX_PEERS] += log(r.ours / best);
    logs[MAX_PEERS + 1] += log(r.ours / r.peak);
    printf(" %.2f | %.2f |\n", r.ours / best, r.ours / r.peak);
    fflush(stdout);
  }
  printf("\ngeometric mean: ours / peak %.2f", exp(logs[MAX_PEERS + 1] / (double)n));
  for (int i = 0; gemm_peers[i].name; i++)
    printf(", ours / %s %.2f", gemm_peers[i].name, exp(logs[i] / (double)n));
  if (gemm_peers[0].name)
    printf(", **ours / best %.2f**", exp(logs[MAX_PEERS] / (double)n));
  printf("\n");
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1, rounds = argc > 2 ? atoi(argv[2]) : 7;
  if (threads < 1 || rounds < 1 || rounds > MAX_ROUNDS)
    fail("usage: contraction [THREADS [ROUNDS]]");
  contest c = {.threads = threads, .rounds = rounds};
  c.competitors[0] = start(NULL, threads);
  for (int i = 0; gemm_peers[i].name; i++)
    c.competitors[i + 1] = start(&gemm_peers[i], threads);
  table(&c, "Products", shapes, sizeof shapes / sizeof *shapes);
  table(&c, "Small products", small_shapes, sizeof small_shapes / sizeof *small_shapes);
  return 0;
}
