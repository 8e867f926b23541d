/* Libraries that multiply matrices, for bench/contraction: each may be absent from the build. */
#ifndef BENCH_GEMM_PEERS_H
#define BENCH_GEMM_PEERS_H

#include <stdbool.h>

/* Row-major and dense: c[m, n] = a[m, k] b[k, n]. */
typedef struct gemm {
  int m, n, k;
  const float *a, *b;
  float *c;
} gemm;

typedef struct gemm_peer {
  const char *name;
  void (*set_threads)(int threads);
  bool (*run)(const gemm *g);
} gemm_peer;

/* Ends with an item without a name. */
extern const gemm_peer gemm_peers[];

/* The f32 multiply-adds that `threads` cores do now, in GFLOP/s: what no product can exceed. */
double gemm_measure_peak(int threads);

#endif
