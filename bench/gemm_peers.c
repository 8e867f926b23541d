/* OpenBLAS through cblas, oneDNN through its matmul primitive, and the arithmetic limit of the cores. */
#include "gemm_peers.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <time.h>

/* ---- OpenBLAS ---- */

#ifdef BENCH_HAS_OPENBLAS
#include <cblas.h>

static void set_openblas_threads(int threads) { openblas_set_num_threads(threads); }

static bool run_openblas(const gemm *g) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, g->m, g->n, g->k, 1.0F, g->a, g->k, g->b, g->n, 0.0F, g->c,
              g->n);
  return true;
}
#endif

/* ---- oneDNN ---- */

#ifdef BENCH_HAS_DNNL
#include <oneapi/dnnl/dnnl.h>

/* Of libgomp, with which Debian builds oneDNN. */
extern void omp_set_num_threads(int threads);
extern int omp_get_thread_num(void);
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);

/* At real-time priority the team's threads can share a core, each spinning for the other, for seconds. */
static void pin(void *unused) {
  (void)unused;
  cpu_set_t allowed, one;
  int wanted = omp_get_thread_num();
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return;
  for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &allowed) && wanted-- == 0) {
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      return;
    }
}

/* A primitive is made once for a shape and number of threads, as its users do. */
typedef struct dnnl_state {
  gemm shape;
  int threads, primitive_threads;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_memory_t memory[3];
} dnnl_state;

static dnnl_state state;

static void set_dnnl_threads(int threads) {
  omp_set_num_threads(threads);
  GOMP_parallel(pin, NULL, (unsigned)threads, 0);
  state.threads = threads;
}

static bool is_prepared(const gemm *g) {
  return state.primitive && state.primitive_threads == state.threads && state.shape.m == g->m &&
         state.shape.n == g->n && state.shape.k == g->k;
}

static bool prepare(const gemm *g) {
  const dnnl_dims_t dims[3] = {{g->m, g->k}, {g->k, g->n}, {g->m, g->n}};
  dnnl_memory_desc_t types[3];
  dnnl_matmul_desc_t matmul;
  dnnl_primitive_desc_t description;
  if (!state.engine && (dnnl_engine_create(&state.engine, dnnl_cpu, 0) != dnnl_success ||
                        dnnl_stream_create(&state.stream, state.engine, dnnl_stream_default_flags) != dnnl_success))
    return false;
  if (state.primitive)
    dnnl_primitive_destroy(state.primitive);
  state.primitive = NULL;
  for (int i = 0; i < 3; i++) {
    if (state.memory[i])
      dnnl_memory_destroy(state.memory[i]);
    state.memory[i] = NULL;
    if (dnnl_memory_desc_init_by_tag(&types[i], 2, dims[i], dnnl_f32, dnnl_ab) != dnnl_success ||
        dnnl_memory_create(&state.memory[i], &types[i], state.engine, DNNL_MEMORY_NONE) != dnnl_success)
      return false;
  }
  if (dnnl_matmul_desc_init(&matmul, &types[0], &types[1], NULL, &types[2]) != dnnl_success ||
      dnnl_primitive_desc_create(&description, &matmul, NULL, state.engine, NULL) != dnnl_success)
    return false;
  bool ok = dnnl_primitive_create(&state.primitive, description) == dnnl_success;
  dnnl_primitive_desc_destroy(description);
  state.shape = *g;
  state.primitive_threads = state.threads;
  return ok;
}

static bool run_dnnl(const gemm *g) {
  if (!is_prepared(g) && !prepare(g))
    return false;
  void *const data[3] = {(void *)(uintptr_t)g->a, (void *)(uintptr_t)g->b, g->c};
  const int roles[3] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
  dnnl_exec_arg_t arguments[3];
  for (int i = 0; i < 3; i++) {
    if (dnnl_memory_set_data_handle(state.memory[i], data[i]) != dnnl_success)
      return false;
    arguments[i] = (dnnl_exec_arg_t){roles[i], state.memory[i]};
  }
  return dnnl_primitive_execute(state.primitive, state.stream, 3, arguments) == dnnl_success &&
         dnnl_stream_wait(state.stream) == dnnl_success;
}
#endif

const gemm_peer gemm_peers[] = {
#ifdef BENCH_HAS_OPENBLAS
    {"OpenBLAS", set_openblas_threads, run_openblas},
#endif
#ifdef BENCH_HAS_DNNL
    {"oneDNN", set_dnnl_threads, run_dnnl},
#endif
    {NULL, NULL, NULL}};

/* ---- the limit ---- */

enum { CHAINS = 24, ROUNDS = 100000 };

typedef struct peak_share {
  double gflops;
  float sink; /* keeps the sums alive */
} peak_share;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Independent chains of multiply-adds in registers, as many as hide the latency. */
#define DEFINE_CHAINS(name, instructions, bytes)                                                                       \
  __attribute__((target(instructions))) static void name(peak_share *share) {                                          \
    typedef float vector __attribute__((vector_size(bytes)));                                                          \
    vector sums[CHAINS], by = (vector){0} + 0.999F, plus = (vector){0} + 0.1F;                                         \
    for (int i = 0; i < CHAINS; i++)                                                                                   \
      sums[i] = (vector){0} + (float)i;                                                                                \
    double start = now();                                                                                              \
    for (int round = 0; round < ROUNDS; round++) {                                                                     \
      _Pragma("GCC unroll 24") for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * by + plus;                         \
    }                                                                                                                  \
    double seconds = now() - start;                                                                                    \
    for (int i = 0; i < CHAINS; i++)                                                                                   \
      share->sink += sums[i][0];                                                                                       \
    share->gflops = 2e-9 * (double)(bytes) / sizeof(float) * (double)CHAINS * (double)ROUNDS / seconds;                \
  }

#if defined(__x86_64__)
DEFINE_CHAINS(run_chains_512, "avx512f", 64)
DEFINE_CHAINS(run_chains_256, "avx2,fma", 32)

static void *run_chains(void *share) {
  if (__builtin_cpu_supports("avx512f"))
    run_chains_512(share);
  else if (__builtin_cpu_supports("fma"))
    run_chains_256(share);
  return NULL;
}
#else
static void *run_chains(void *share) {
  (void)share;
  return NULL;
}
#endif

double gemm_measure_peak(int threads) {
  enum { MAX_THREADS = 256 };
  pthread_t others[MAX_THREADS];
  peak_share shares[MAX_THREADS] = {{0}};
  double sum = 0;
  int started = 1;
  for (; started < threads && started < MAX_THREADS; started++)
    if (pthread_create(&others[started], NULL, run_chains, &shares[started]) != 0)
      break;
  run_chains(&shares[0]);
  for (int i = 1; i < started; i++)
    pthread_join(others[i], NULL);
  for (int i = 0; i < started; i++)
    sum += shares[i].gflops;
  return sum;
}
