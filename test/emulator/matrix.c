/* Matrix instructions of warps (PTX ISA 8.x, 9.7.14): ldmatrix, stmatrix, movmatrix, mma.sync.
 *
 * Products are exact and added in single precision in the order of k (hardware adds in an order and width of its own);
 * those of f64 and integers are as the manual says. */
#include "decode.h"
#include "float.h"

#include <string.h>

/* ---- ldmatrix, stmatrix ---- */

/* Matrix m has its rows at the addresses of threads 8m to 8m+7; thread l holds elements 2(l%4), 2(l%4)+1 of row l/4,
 * or of column l/4 when transposed. */
static void run_ldmatrix(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint16_t matrix[8][8];
  emu_addresses(w, i, 0, addresses);
  if (w->mask != EMU_FULL) {
    emu_report(w, EMU_ALL, EMU_FOUND_DIVERGENT, "threads 0x%08x take part in a matrix instruction", w->mask);
    return;
  }
  for (uint32_t m = 0; m < i->count; m++) {
    for (uint32_t row = 0; row < 8; row++) {
      const uint8_t *at = emu_at(w, 8 * m + row, (emu_space)i->space, addresses[8 * m + row], 16, EMU_READ);
      if (!at)
        return;
      memcpy(matrix[row], at, 16);
    }
    uint16_t *d = (uint16_t *)(void *)(w->rows + i->list[m]);
    for (uint32_t l = 0; l < EMU_LANES; l++)
      for (uint32_t k = 0; k < 2; k++) {
        uint32_t major = l / 4, minor = 2 * (l % 4) + k;
        d[2 * l + k] = i->flags & EMU_TRANS ? matrix[minor][major] : matrix[major][minor];
      }
  }
}

static void run_stmatrix(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint16_t matrix[8][8];
  emu_addresses(w, i, 0, addresses);
  if (w->mask != EMU_FULL) {
    emu_report(w, EMU_ALL, EMU_FOUND_DIVERGENT, "threads 0x%08x take part in a matrix instruction", w->mask);
    return;
  }
  for (uint32_t m = 0; m < i->count; m++) {
    const uint16_t *a = (const uint16_t *)(const void *)(w->rows + i->list[m]);
    for (uint32_t l = 0; l < EMU_LANES; l++)
      for (uint32_t k = 0; k < 2; k++) {
        uint32_t major = l / 4, minor = 2 * (l % 4) + k;
        *(i->flags & EMU_TRANS ? &matrix[minor][major] : &matrix[major][minor]) = a[2 * l + k];
      }
    for (uint32_t row = 0; row < 8; row++) {
      uint8_t *at = emu_at(w, 8 * m + row, (emu_space)i->space, addresses[8 * m + row], 16, EMU_WRITE);
      if (!at)
        return;
      memcpy(at, matrix[row], 16);
    }
  }
}

void emu_decode_ldmatrix(emu_reader *reader) {
  static const char *const counts[] = {"x1", "x2", "x4", NULL};
  emu_expect_operands(reader, 2, 2);
  bool load = reader->statement.base.text[0] == 'l', trans = emu_has(reader, "trans");
  emu_has(reader, "sync");
  emu_has(reader, "aligned");
  int count = emu_choice(reader, counts);
  emu_space space = emu_space_of(reader);
  uint32_t rows[8];
  if (count < 0 || !emu_has(reader, "m8n8") || emu_type_at(reader, 0) != EMU_B16)
    emu_fail(reader, "'%.*s' is not known", (int)reader->statement.opcode.n, reader->statement.opcode.text);
  uint32_t n = emu_list(reader, emu_operand_at(reader, load ? 0 : 1), EMU_B32, rows);
  if (n != 1u << count)
    emu_fail(reader, "expects %u registers, got %u", 1u << count, n);
  emu_instr *instr = emu_append(reader, load ? run_ldmatrix : run_stmatrix);
  emu_set_list(reader, instr, rows, n);
  emu_address(reader, emu_operand_at(reader, load ? 1 : 0), instr, 0);
  instr->space = (uint8_t)(space == EMU_GENERIC ? EMU_GENERIC : EMU_SHARED);
  instr->count = (uint8_t)n;
  instr->flags |= trans ? EMU_TRANS : 0u;
}

static void run_movmatrix(emu_warp *w, const emu_instr *i) {
  uint16_t from[64];
  memcpy(from, EMU_ROW(uint16_t, 1), sizeof from);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    for (uint32_t k = 0; k < 2; k++)
      EMU_ROW(uint16_t, 0)[2 * l + k] = from[8 * (2 * (l % 4) + k) + l / 4];
}

void emu_decode_movmatrix(emu_reader *reader) {
  static const char *const ignored[] = {"sync", "aligned", "m8n8", "trans"};
  emu_expect_operands(reader, 2, 2);
  for (size_t k = 0; k < countof(ignored); k++)
    emu_has(reader, ignored[k]);
  uint32_t rows[] = {emu_row(reader, emu_operand_at(reader, 0), EMU_B32),
                     emu_row(reader, emu_operand_at(reader, 1), EMU_B32)};
  memcpy(emu_append(reader, run_movmatrix)->at, rows, sizeof rows);
}

/* ---- mma.sync ---- */

/* Where element e of thread l is: A and C by row and column, B by k and column.  `g` is the group of 4 threads, `t` the
 * thread in it; `p` the elements of a register.  Pairs of rows 8 apart alternate, then blocks of columns. */
typedef struct shape {
  const char *name;
  emu_type a, c; /* c: of the accumulators */
  uint8_t m, n, k, per_register;
  uint8_t n_a, n_b, n_c; /* registers */
} shape;

static const shape shapes[] = {
    {"m16n8k8", EMU_F16, EMU_F32, 16, 8, 8, 2, 2, 1, 4},    {"m16n8k8", EMU_BF16, EMU_F32, 16, 8, 8, 2, 2, 1, 4},
    {"m16n8k16", EMU_F16, EMU_F32, 16, 8, 16, 2, 4, 2, 4},  {"m16n8k16", EMU_BF16, EMU_F32, 16, 8, 16, 2, 4, 2, 4},
    {"m16n8k8", EMU_F16, EMU_F16, 16, 8, 8, 2, 2, 1, 2},    {"m16n8k16", EMU_F16, EMU_F16, 16, 8, 16, 2, 4, 2, 2},
    {"m16n8k4", EMU_TF32, EMU_F32, 16, 8, 4, 1, 2, 1, 4},   {"m16n8k8", EMU_TF32, EMU_F32, 16, 8, 8, 1, 4, 2, 4},
    {"m16n8k16", EMU_S8, EMU_S32, 16, 8, 16, 4, 2, 1, 4},   {"m16n8k32", EMU_S8, EMU_S32, 16, 8, 32, 4, 4, 2, 4},
    {"m16n8k16", EMU_U8, EMU_S32, 16, 8, 16, 4, 2, 1, 4},   {"m16n8k32", EMU_U8, EMU_S32, 16, 8, 32, 4, 4, 2, 4},
    {"m16n8k32", EMU_E4M3, EMU_F32, 16, 8, 32, 4, 4, 2, 4}, {"m16n8k32", EMU_E5M2, EMU_F32, 16, 8, 32, 4, 4, 2, 4},
    {"m8n8k4", EMU_F64, EMU_F64, 8, 8, 4, 1, 1, 1, 2},      {"m8n8k16", EMU_S8, EMU_S32, 8, 8, 16, 4, 1, 1, 2},
    {"m8n8k16", EMU_U8, EMU_S32, 8, 8, 16, 4, 1, 1, 2},
};

static double element(emu_type type, const uint8_t *row, uint32_t index) {
  switch (type) {
  case EMU_F64:
    return ((const double *)(const void *)row)[index];
  case EMU_S8:
    return ((const int8_t *)row)[index];
  case EMU_U8:
    return row[index];
  case EMU_TF32:
    return (double)emu_bits_float(((const uint32_t *)(const void *)row)[index] & 0xffffe000u);
  case EMU_F16:
    return (double)emu_f16_float(((const uint16_t *)(const void *)row)[index]);
  case EMU_BF16:
    return (double)emu_bf16_float(((const uint16_t *)(const void *)row)[index]);
  default:
    return emu_from_bits(emu_format_of(type), row[index]);
  }
}

enum { MAX_M = 16, MAX_N = 8, MAX_K = 32 };

static void gather(const emu_warp *w, const emu_instr *i, const shape *s, double a[MAX_M][MAX_K],
                   double b[MAX_K][MAX_N]) {
  const uint32_t *a_rows = i->list + s->n_c, *b_rows = a_rows + s->n_a;
  uint32_t p = s->per_register, row_registers = s->m / 8;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    for (uint32_t e = 0; e < p; e++) {
      uint32_t g = l / 4, t = l % 4;
      for (uint32_t r = 0; r < s->n_a; r++)
        a[g + 8 * (r % row_registers)][t * p + e + 4 * p * (r / row_registers)] =
            element(s->a, w->rows + a_rows[r], l * p + e);
      for (uint32_t r = 0; r < s->n_b; r++)
        b[t * p + e + 4 * p * r][g] = element((emu_type)i->from, w->rows + b_rows[r], l * p + e);
    }
}

/* C: thread l holds columns 2t, 2t+1 of row g, then of row g+8. */
static void multiply(emu_warp *w, const emu_instr *i, const shape *s, double a[MAX_M][MAX_K], double b[MAX_K][MAX_N]) {
  const uint32_t *c_rows = i->list + s->n_c + s->n_a + s->n_b;
  bool half = s->c == EMU_F16;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    for (uint32_t e = 0; e < s->m / 4u; e++) {
      uint32_t row = l / 4 + 8 * (e / 2), column = 2 * (l % 4) + e % 2, r = half ? e / 2 : e,
               index = half ? 2 * l + e % 2 : l;
      const uint8_t *c = w->rows + c_rows[r];
      uint8_t *d = w->rows + i->list[r];
      if (s->c == EMU_F64) {
        double sum = ((const double *)(const void *)c)[index];
        for (uint32_t k = 0; k < s->k; k++)
          sum = fma(a[row][k], b[k][column], sum);
        ((double *)(void *)d)[index] = sum;
      } else if (s->c == EMU_S32) {
        int64_t sum = ((const int32_t *)(const void *)c)[index];
        for (uint32_t k = 0; k < s->k; k++)
          sum += (int64_t)(a[row][k] * b[k][column]);
        bool clamp = i->flags & EMU_SATFINITE;
        sum = clamp && sum > INT32_MAX ? INT32_MAX : clamp && sum < INT32_MIN ? INT32_MIN : sum;
        ((uint32_t *)(void *)d)[index] = (uint32_t)sum;
      } else {
        float sum =
            half ? emu_f16_float(((const uint16_t *)(const void *)c)[index]) : ((const float *)(const void *)c)[index];
        for (uint32_t k = 0; k < s->k; k++)
          sum = fmaf((float)a[row][k], (float)b[k][column], sum);
        if (half)
          ((uint16_t *)(void *)d)[index] = emu_float_f16(sum);
        else
          ((float *)(void *)d)[index] = sum;
      }
    }
}

static void run_mma(emu_warp *w, const emu_instr *i) {
  double a[MAX_M][MAX_K], b[MAX_K][MAX_N];
  if (w->mask != EMU_FULL) {
    emu_report(w, EMU_ALL, EMU_FOUND_DIVERGENT, "threads 0x%08x take part in a matrix instruction", w->mask);
    return;
  }
  gather(w, i, i->extra, a, b);
  multiply(w, i, i->extra, a, b);
}

/* mma.sync.aligned.shape.row.col.d.a.b.c; types: d, a, b, c. */
static const shape *find_shape(emu_reader *reader) {
  emu_type c = emu_type_at(reader, 0), a = emu_type_at(reader, 1);
  for (size_t k = 0; k < countof(shapes); k++)
    if (shapes[k].a == a && shapes[k].c == c && emu_type_at(reader, 3) == c && emu_has(reader, shapes[k].name))
      return &shapes[k];
  emu_fail(reader, "'%.*s' is not known", (int)reader->statement.opcode.n, reader->statement.opcode.text);
}

void emu_decode_mma(emu_reader *reader) {
  static const char *const ignored[] = {"sync", "aligned", "row", "col"};
  emu_expect_operands(reader, 4, 4);
  for (size_t k = 0; k < countof(ignored); k++)
    emu_has(reader, ignored[k]);
  const shape *s = find_shape(reader);
  emu_type c = s->c == EMU_F16 ? EMU_B32 : s->c, ab = s->a == EMU_F64 ? EMU_F64 : EMU_B32;
  const uint32_t counts[] = {s->n_c, s->n_a, s->n_b, s->n_c};
  uint32_t rows[32], n = 0;
  for (uint32_t k = 0; k < 4; k++) {
    uint32_t got = emu_list(reader, emu_operand_at(reader, k), k == 0 || k == 3 ? c : ab, rows + n);
    if (got != counts[k])
      emu_fail(reader, "operand %u has %u registers, not %u", k + 1, got, counts[k]);
    n += got;
  }
  emu_instr *instr = emu_append(reader, run_mma);
  emu_set_list(reader, instr, rows, n);
  instr->extra = s;
  instr->from = (uint8_t)emu_type_at(reader, 2);
  instr->flags = emu_flags_of(reader);
}
