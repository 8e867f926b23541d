/* The min-plus kernel, for the baseline and for AVX2, chosen at run time.  Blocks of columns stay in registers while
 * the rows stream by. */
#include "passes/solver/minplus.h"

static void multiply_base(const double *matrix, size_t stride, const double *heads, size_t n_rows, double *out,
                          size_t n_columns) {
  for (size_t c = 0; c < n_columns; c += ALPA_MINPLUS_LANES) {
    double least[ALPA_MINPLUS_LANES];
    for (size_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      least[lane] = heads[0] + matrix[c + lane];
    for (size_t r = 1; r < n_rows; r++)
      for (size_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++) {
        double sum = heads[r] + matrix[r * stride + c + lane];
        least[lane] = sum < least[lane] ? sum : least[lane];
      }
    for (size_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      out[c + lane] = least[lane];
  }
}

static const alpa_minplus base = {multiply_base};

#if defined(__x86_64__)
#include <immintrin.h>

/* n_vectors is a constant at every call, so the accumulators are registers */
__attribute__((always_inline, target("avx2"))) static inline void multiply_block(const double *matrix, size_t stride,
                                                                                 const double *heads, size_t n_rows,
                                                                                 double *out, const int n_vectors) {
  __m256d least[4], head = _mm256_set1_pd(heads[0]);
  for (int v = 0; v < n_vectors; v++)
    least[v] = _mm256_add_pd(head, _mm256_loadu_pd(matrix + 4 * v));
  for (size_t r = 1; r < n_rows; r++) {
    matrix += stride;
    head = _mm256_set1_pd(heads[r]);
    for (int v = 0; v < n_vectors; v++)
      least[v] = _mm256_min_pd(_mm256_add_pd(head, _mm256_loadu_pd(matrix + 4 * v)), least[v]);
  }
  for (int v = 0; v < n_vectors; v++)
    _mm256_storeu_pd(out + 4 * v, least[v]);
}

__attribute__((target("avx2"))) static void multiply_avx2(const double *matrix, size_t stride, const double *heads,
                                                          size_t n_rows, double *out, size_t n_columns) {
  size_t c = 0;
  for (; c + 16 <= n_columns; c += 16)
    multiply_block(matrix + c, stride, heads, n_rows, out + c, 4);
  if (n_columns - c == 12)
    multiply_block(matrix + c, stride, heads, n_rows, out + c, 3);
  else if (n_columns - c == 8)
    multiply_block(matrix + c, stride, heads, n_rows, out + c, 2);
  else if (n_columns - c == 4)
    multiply_block(matrix + c, stride, heads, n_rows, out + c, 1);
}

static const alpa_minplus avx2 = {multiply_avx2};

const alpa_minplus *alpa_minplus_get(void) { return __builtin_cpu_supports("avx2") ? &avx2 : &base; }
#else
const alpa_minplus *alpa_minplus_get(void) { return &base; }
#endif
