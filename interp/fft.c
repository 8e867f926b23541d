/* Discrete Fourier transforms by definition: along each dimension a product with the matrix w^(jk), in double
 * precision. In field arithmetic w^m is a keyed hash of m and the length, so that a transform is a fixed linear map:
 * enough for whatever leaves transforms whole. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/contract.h"
#include "interp/convert.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "interp/strided.h"

/* Rows of the matrix at a time. */
enum { BLOCK = 128 };

/* The data while they are transformed: [batch][length...] of complex<f64>. */
typedef struct transform {
  alpa_call *call;
  uint32_t rank; /* transformed dimensions */
  const int64_t *length;
  int64_t batch;
  bool inverse;
  char *data;
} transform;

static void twiddle(const transform *t, int64_t n, int64_t m, char *to) {
  if (t->call->machine->arith == ALPA_ARITH_REAL) {
    double angle = (t->inverse ? 2 : -2) * M_PI * (double)m / (double)n;
    double _Complex w = alpa_complex_of(cos(angle), sin(angle));
    if (t->inverse)
      w /= (double)n;
    memcpy(to, &w, sizeof w);
    return;
  }
  for (uint64_t part = 0; part < 2; part++) {
    const uint64_t operands[3] = {(uint64_t)n, (uint64_t)m, part + (t->inverse ? 2 : 0)};
    uint64_t w = alpa_field_hash(t->call->machine->options.field_key, 0x666674, operands, 3);
    memcpy(to + 8 * part, &w, sizeof w);
  }
}

/* Transforms lines of n elements: out[line][k] = sum over j of lines[line][j] * w^(jk). */
static void transform_lines(const transform *t, const char *lines, int64_t n_lines, int64_t n, char *out) {
  alpa_call *call = t->call;
  char *powers = alpa_call_scratch(call, (size_t)n * 16), *matrix = alpa_call_scratch(call, (size_t)(BLOCK * n) * 16);
  char *results = alpa_call_scratch(call, (size_t)(BLOCK * n_lines) * 16);
  for (int64_t m = 0; m < n; m++)
    twiddle(t, n, m, powers + 16 * m);
  for (int64_t first = 0; first < n; first += BLOCK) {
    int64_t rows = n - first < BLOCK ? n - first : BLOCK;
    for (int64_t k = 0; k < rows; k++)
      for (int64_t j = 0; j < n; j++)
        memcpy(matrix + 16 * (k * n + j), powers + 16 * ((first + k) * j % n), 16);
    alpa_contraction c = {.a_dtype = ALPA_C128,
                          .b_dtype = ALPA_C128,
                          .c_dtype = ALPA_C128,
                          .a = lines,
                          .b = matrix,
                          .c = results,
                          .batches = 1,
                          .m = n_lines,
                          .n = rows,
                          .k = n};
    alpa_contract(call, &c);
    for (int64_t line = 0; line < n_lines; line++)
      memcpy(out + 16 * (line * n + first), results + 16 * line * rows, (size_t)rows * 16);
  }
}

/* Along one of the dimensions: it is moved last, transformed, and moved back. */
static void transform_dimension(const transform *t, uint32_t dim) {
  int64_t before = t->batch, after = 1, n = t->length[dim];
  for (uint32_t i = 0; i < t->rank; i++) {
    before *= i < dim ? t->length[i] : 1;
    after *= i > dim ? t->length[i] : 1;
  }
  size_t bytes = (size_t)(before * n * after) * 16;
  char *lines = alpa_call_scratch(t->call, bytes + 1), *out = alpa_call_scratch(t->call, bytes + 1);
  alpa_copy turn = {.rank = 3, .dims = {before, after, n}, .to = {n * after, n, 1}, .from = {n * after, 1, after}};
  turn.bytes = 16;
  alpa_copy_run(&turn, lines, t->data);
  transform_lines(t, lines, before * after, n, out);
  memcpy(turn.to, (const int64_t[3]){n * after, 1, after}, 3 * sizeof(int64_t));
  memcpy(turn.from, (const int64_t[3]){n * after, n, 1}, 3 * sizeof(int64_t));
  alpa_copy_run(&turn, t->data, out);
}

/* ---- forms of the op -------------------------------------------------------------------------------------------- */

static void conjugate(const alpa_call *call, char *value) {
  if (call->machine->arith == ALPA_ARITH_REAL) {
    double im;
    memcpy(&im, value + 8, 8);
    im = -im;
    memcpy(value + 8, &im, 8);
  } else {
    uint64_t im;
    memcpy(&im, value + 8, 8);
    im = alpa_field_negate(im);
    memcpy(value + 8, &im, 8);
  }
}

/* Fills [batch][length...] from the half [batch][..., last / 2 + 1] by the symmetry of a real signal:
 * x[j, k] = conj(x[-j, -k]). */
static void complete_half(const transform *t, const char *half) {
  int64_t last = t->length[t->rank - 1], kept = last / 2 + 1, lines = 1;
  for (uint32_t i = 0; i + 1 < t->rank; i++)
    lines *= t->length[i];
  for (int64_t batch = 0; batch < t->batch; batch++) {
    int64_t index[ALPA_MAX_RANK] = {0};
    for (int64_t line = 0; line < lines; line++, alpa_index_next(t->rank - 1, t->length, index)) {
      int64_t mirror = 0;
      for (uint32_t i = 0; i + 1 < t->rank; i++)
        mirror = mirror * t->length[i] + (t->length[i] - index[i]) % t->length[i];
      for (int64_t k = 0; k < last; k++) {
        char *to = t->data + 16 * ((batch * lines + line) * last + k);
        bool given = k < kept;
        int64_t from = (batch * lines + (given ? line : mirror)) * kept + (given ? k : last - k);
        memcpy(to, half + 16 * from, 16);
        if (!given)
          conjugate(t->call, to);
      }
    }
  }
}

static void write_result(const transform *t, const alpa_tensor *out, int64_t n) {
  alpa_call *call = t->call;
  int64_t last = t->length[t->rank - 1], kept = out->dims[out->rank - 1];
  char *packed = t->data;
  if (kept != last) { /* the half of a real signal's transform */
    packed = alpa_call_scratch(call, (size_t)(n / last * kept) * 16 + 1);
    for (int64_t line = 0; line < n / last; line++)
      memcpy(packed + 16 * line * kept, t->data + 16 * line * last, (size_t)kept * 16);
  }
  const alpa_tensor wide = {.dtype = ALPA_C128, .data = packed};
  alpa_elements_convert(call->machine, &wide, (size_t)(n / last * kept), out);
}

alpa_status alpa_eval_fft(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  int64_t type = alpa_op_attr(call->op, stablehlo_fft_fft_type)->integer, n = 1;
  size_t rank;
  const int64_t *length = alpa_op_i64s(call->op, stablehlo_fft_fft_length, &rank);
  transform t = {.call = call, .rank = (uint32_t)rank, .length = length, .batch = 1};
  t.inverse = type == STABLEHLO_IFFT || type == STABLEHLO_IRFFT;
  for (uint32_t i = 0; i + t.rank < in->rank; i++)
    t.batch *= in->dims[i];
  for (uint32_t i = 0; i < t.rank; i++)
    n *= length[i];
  n *= t.batch;
  if (n == 0 || t.rank == 0)
    return ALPA_OK;
  t.data = alpa_call_scratch(call, (size_t)n * 16);
  if (type == STABLEHLO_IRFFT) {
    int64_t half = alpa_tensor_count(in);
    char *values = alpa_call_scratch(call, (size_t)half * 16 + 1);
    alpa_elements_convert(call->machine, in, (size_t)half, &(alpa_tensor){.dtype = ALPA_C128, .data = values});
    complete_half(&t, values);
  } else {
    alpa_elements_convert(call->machine, in, (size_t)n, &(alpa_tensor){.dtype = ALPA_C128, .data = t.data});
  }
  for (uint32_t i = t.rank; i-- > 0;)
    transform_dimension(&t, i);
  write_result(&t, out, n);
  return ALPA_OK;
}
