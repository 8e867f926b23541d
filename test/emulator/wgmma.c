/* Asynchronous matrix instructions of a warpgroup (PTX ISA 8.x, 9.7.15).
 *
 * Each warp of the group computes its 16 rows.  The work is done when the program waits for it, as late as the manual
 * allows: shared memory or registers that change too early, and results that are read too early, show as wrong
 * results, and the former also as races. */
#include "decode.h"
#include "float.h"
#include "tensor.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 16, MAX_N = 256, MAX_K = 32 };

/* ---- operands in shared memory ---- */

/* A matrix descriptor: where the matrix begins, its two strides in bytes, its swizzle as log2 of 16-byte chunks. */
typedef struct descriptor {
  uint32_t start, leading, stride;
  uint8_t swizzle;
} descriptor;

static bool read_descriptor(emu_warp *w, uint64_t bits, descriptor *d) {
  static const uint8_t swizzles[] = {0, 3, 2, 1};
  d->start = (uint32_t)(bits & 0x3fff) << 4;
  d->leading = (uint32_t)(bits >> 16 & 0x3fff) << 4;
  d->stride = (uint32_t)(bits >> 32 & 0x3fff) << 4;
  d->swizzle = swizzles[bits >> 62];
  if (bits >> 49 & 7) {
    emu_report(w, EMU_ALL, EMU_FOUND_MISUSE, "a matrix descriptor with a base offset is not known");
    return false;
  }
  return true;
}

/* Where the 16-byte chunk lies that holds element (mn, k), in units of `size` bytes; mn is the row of A or column of B.
 * Core matrices are 8 rows of one chunk; swizzled ones 8 rows of 2, 4 or 8 chunks. */
static uint32_t place(const descriptor *d, bool mn_major, uint32_t mn, uint32_t k, uint32_t size) {
  uint32_t span = 16u << d->swizzle, offset;
  if (!mn_major && !d->swizzle)
    offset = mn % 8 * 16 + mn / 8 * d->stride + k * size / 16 * d->leading + k * size % 16;
  else if (!mn_major)
    offset = mn % 8 * span + mn / 8 * d->stride + k * size;
  else if (!d->swizzle)
    offset = mn * size % 16 + k % 8 * 16 + mn * size / 16 * d->stride + k / 8 * d->leading;
  else
    offset = mn * size % span + mn * size / span * d->leading + k % 8 * span + k / 8 * d->stride;
  return emu_swizzle(d->start + offset, d->swizzle);
}

static float value(emu_type type, const uint8_t *at) {
  uint16_t half;
  uint32_t word;
  switch (type) {
  case EMU_F16:
    memcpy(&half, at, 2);
    return emu_f16_float(half);
  case EMU_BF16:
    memcpy(&half, at, 2);
    return emu_bf16_float(half);
  case EMU_TF32:
    memcpy(&word, at, 4);
    return emu_bits_float(word & 0xffffe000u);
  default:
    return (float)emu_from_bits(emu_format_of(type), *at);
  }
}

/* to[k * n + mn] for n rows from the first, chunk by chunk. */
static bool load_matrix(emu_warp *w, uint64_t bits, bool mn_major, emu_type type, uint32_t first, uint32_t n,
                        uint32_t n_k, float *to) {
  descriptor d;
  uint32_t size = emu_type_defs[type].bytes, per_chunk = 16 / size;
  if (!read_descriptor(w, bits, &d))
    return false;
  uint32_t n_minor = mn_major ? n : n_k, n_major = mn_major ? n_k : n;
  for (uint32_t major = 0; major < n_major; major++)
    for (uint32_t minor = 0; minor < n_minor; minor += per_chunk) {
      uint32_t mn = mn_major ? minor : major, k = mn_major ? major : minor;
      uint32_t address = place(&d, mn_major, first + mn, k, size);
      const uint8_t *chunk = emu_shared_async(w, w->cta, address, 16, EMU_READ);
      if (!chunk)
        return false;
      for (uint32_t e = 0; e < per_chunk; e++)
        to[(k + (mn_major ? 0 : e)) * n + mn + (mn_major ? e : 0)] = value(type, chunk + e * size);
    }
  return true;
}

/* A from registers: the fragment of mma.m16n8k16, and its like for other sizes. */
static void load_fragment(const emu_frame *frame, const emu_instr *i, uint32_t n_d, emu_type type, float *to) {
  uint32_t size = emu_type_defs[type].bytes, p = 4 / size;
  for (uint32_t r = 0; r < 4; r++)
    for (uint32_t l = 0; l < EMU_LANES; l++)
      for (uint32_t e = 0; e < p; e++) {
        uint32_t row = l / 4 + 8 * (r % 2), k = l % 4 * p + e + 4 * p * (r / 2);
        to[k * ROWS + row] = value(type, frame->rows + i->list[n_d + r] + l * 4 + e * size);
      }
}

/* ---- the product ---- */

typedef struct wgmma_shape {
  uint32_t n, k;
  bool half; /* accumulators of f16 */
  bool a_registers, trans_a, trans_b, negate_a, negate_b;
} wgmma_shape;

static uint8_t *accumulator(const emu_frame *frame, const emu_instr *i, bool half, uint32_t lane, uint32_t e) {
  uint8_t *row = frame->rows + i->list[half ? e / 2 : e] + lane * 4;
  return half ? row + 2 * (e % 2) : row;
}

/* Element e of thread l is row l/4 + 8 (e/2 mod 2), column 8 (e/4) + 2 (l mod 4) + e mod 2. */
static void move_accumulators(const emu_frame *frame, const emu_instr *i, const wgmma_shape *s, float *sums,
                              bool store) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    for (uint32_t e = 0; e < s->n / 2; e++) {
      float *sum = &sums[(l / 4 + 8 * (e / 2 % 2)) * s->n + 8 * (e / 4) + 2 * (l % 4) + e % 2];
      uint8_t *at = accumulator(frame, i, s->half, l, e);
      uint16_t bits;
      if (!s->half) {
        memcpy(store ? (void *)at : sum, store ? (void *)sum : at, 4);
      } else if (store) {
        bits = emu_float_f16(*sum);
        memcpy(at, &bits, 2);
      } else {
        memcpy(&bits, at, 2);
        *sum = emu_f16_float(bits);
      }
    }
}

static void run_product(emu_warp *w, const emu_product *product) {
  const emu_instr *i = product->instr;
  const wgmma_shape *s = i->extra;
  float *a = emu_alloc((ROWS * MAX_K + MAX_N * MAX_K + ROWS * MAX_N) * sizeof(float));
  float *b = a + ROWS * MAX_K, *sums = b + MAX_N * MAX_K;
  uint32_t n_d = s->half ? s->n / 4 : s->n / 2, first = w->index % 4 * ROWS;
  bool loaded = load_matrix(w, product->b, s->trans_b, (emu_type)i->from, 0, s->n, s->k, b);
  if (s->a_registers)
    load_fragment(product->frame, i, n_d, (emu_type)i->type, a);
  else
    loaded = loaded && load_matrix(w, product->a, s->trans_a, (emu_type)i->type, first, ROWS, s->k, a);
  if (product->accumulates)
    move_accumulators(product->frame, i, s, sums, false);
  float sign = s->negate_a != s->negate_b ? -1.0f : 1.0f;
  for (uint32_t m = 0; loaded && m < ROWS; m++)
    for (uint32_t k = 0; k < s->k; k++) {
      float *row = sums + m * s->n, factor = sign * a[k * ROWS + m];
      const float *column = b + k * s->n;
      _Pragma("omp simd") for (uint32_t n = 0; n < s->n; n++) row[n] = fmaf(factor, column[n], row[n]);
    }
  if (loaded)
    move_accumulators(product->frame, i, s, sums, true);
  free(a);
}

static void flush_products(emu_warp *w, uint32_t up_to) {
  uint32_t kept = 0;
  const emu_instr *now = w->instr;
  for (uint32_t k = 0; k < w->n_products; k++) {
    w->instr = w->products[k].instr;
    if (w->products[k].group <= up_to)
      run_product(w, &w->products[k]);
    else
      w->products[kept++] = w->products[k];
  }
  w->instr = now;
  w->n_products = kept;
}

/* ---- instructions ---- */

static bool is_whole(emu_warp *w) {
  if (w->mask == EMU_FULL)
    return true;
  emu_report(w, EMU_ALL, EMU_FOUND_DIVERGENT, "threads 0x%08x take part in a warpgroup instruction", w->mask);
  return false;
}

static void run_wgmma(emu_warp *w, const emu_instr *i) {
  if (!is_whole(w))
    return;
  w->products = emu_realloc(w->products, (w->n_products + 1) * sizeof(emu_product));
  uint32_t predicate = *EMU_ROW(uint32_t, 2);
  const wgmma_shape *s = i->extra;
  w->products[w->n_products++] = (emu_product){.instr = i,
                                               .frame = w->path->frame,
                                               .group = w->product_group,
                                               .a = s->a_registers ? 0 : EMU_ROW(uint64_t, 0)[0],
                                               .b = EMU_ROW(uint64_t, 1)[0],
                                               .accumulates = predicate != 0};
}

static void run_commit(emu_warp *w, const emu_instr *i) {
  (void)i;
  if (is_whole(w))
    w->product_group++;
}

static void run_wait(emu_warp *w, const emu_instr *i) {
  uint32_t pending = (uint32_t)i->offset;
  if (is_whole(w) && w->product_group > pending)
    flush_products(w, w->product_group - pending - 1);
}

static wgmma_shape *read_shape(emu_reader *reader, emu_type a) {
  wgmma_shape *s = emu_arena_alloc(&reader->module->arena, sizeof *s);
  emu_statement *statement = &reader->statement;
  for (uint32_t k = 0; k < statement->n_modifiers; k++) {
    emu_word word = statement->modifiers[k];
    if (word.n < 7 || memcmp(word.text, "m64n", 4))
      continue;
    char *end;
    s->n = (uint32_t)strtoul(word.text + 4, &end, 10);
    s->k = (uint32_t)strtoul(end + 1, NULL, 10);
    statement->used |= 1u << k;
  }
  if (!s->n || s->n % 8 || s->n > MAX_N || s->k * emu_type_defs[a].bytes != 32)
    emu_fail(reader, "'%.*s' has no such shape", (int)statement->opcode.n, statement->opcode.text);
  return s;
}

static bool is_known(emu_type type) {
  return type == EMU_F16 || type == EMU_BF16 || type == EMU_TF32 || type == EMU_E4M3 || type == EMU_E5M2;
}

/* d, a, b, scale-d, scale-a, scale-b {, trans-a if a is in memory} {, trans-b}. */
static void decode_product(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  emu_expect_operands(reader, 6, 8);
  emu_type d = emu_type_at(reader, 0), a = emu_type_at(reader, 1), b = emu_type_at(reader, 2);
  if (!is_known(a) || !is_known(b) || (d != EMU_F32 && d != EMU_F16))
    emu_fail(reader, "'%.*s' is not known", (int)statement->opcode.n, statement->opcode.text);
  wgmma_shape *s = read_shape(reader, a);
  s->half = d == EMU_F16;
  s->a_registers = emu_operand_at(reader, 1)->kind == EMU_LIST;
  uint32_t rows[MAX_N / 2 + 4], n = emu_list(reader, emu_operand_at(reader, 0), s->half ? EMU_B32 : EMU_F32, rows);
  if (n != (s->half ? s->n / 4 : s->n / 2))
    emu_fail(reader, "%u accumulators for n = %u", n, s->n);
  if (s->a_registers)
    n += emu_list(reader, emu_operand_at(reader, 1), EMU_B32, rows + n);
  uint32_t a_row = s->a_registers ? 0 : emu_row(reader, emu_operand_at(reader, 1), EMU_B64);
  uint32_t b_row = emu_row(reader, emu_operand_at(reader, 2), EMU_B64),
           scale = emu_predicate(reader, emu_operand_at(reader, 3));
  s->negate_a = emu_integer(reader, emu_operand_at(reader, 4)) < 0;
  s->negate_b = emu_integer(reader, emu_operand_at(reader, 5)) < 0;
  uint32_t next = 6;
  if (!s->a_registers && statement->n_operands > next)
    s->trans_a = emu_integer(reader, emu_operand_at(reader, next++)) != 0;
  if (statement->n_operands > next)
    s->trans_b = emu_integer(reader, emu_operand_at(reader, next)) != 0;
  emu_instr *instr = emu_append(reader, run_wgmma);
  emu_set_list(reader, instr, rows, n);
  instr->at[0] = a_row;
  instr->at[1] = b_row;
  instr->at[2] = scale;
  instr->type = (uint8_t)a;
  instr->from = (uint8_t)b;
  instr->extra = s;
}

void emu_decode_wgmma(emu_reader *reader) {
  emu_has(reader, "sync");
  emu_has(reader, "aligned");
  if (emu_has(reader, "fence"))
    emu_append_nothing(reader);
  else if (emu_has(reader, "commit_group"))
    emu_append(reader, run_commit);
  else if (emu_has(reader, "wait_group")) {
    int64_t pending = emu_integer(reader, emu_operand_at(reader, 0));
    emu_append(reader, run_wait)->offset = pending;
  } else if (emu_has(reader, "mma_async"))
    decode_product(reader);
}
