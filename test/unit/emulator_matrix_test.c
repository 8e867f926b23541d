/* Matrix instructions and tensor copies of the emulator, against plain products and the layouts of the PTX manual. */
#include "test/unit/emulator_check.h"

#include <stdbool.h>

/* ---- small numbers, exact in every format ---- */

static float number(int row, int column) { return (float)((row * 7 + column * 5) % 9 - 4) * 0.5f; }

static uint16_t f16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return value == 0 ? 0 : (uint16_t)((bits >> 16 & 0x8000) | (((bits >> 23 & 255) - 112) << 10) | (bits >> 13 & 1023));
}

static uint16_t bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (uint16_t)(bits >> 16);
}

static void put(const char *type, void *to, int index, float value) {
  if (!strcmp(type, "f16"))
    ((uint16_t *)to)[index] = f16(value);
  else if (!strcmp(type, "bf16"))
    ((uint16_t *)to)[index] = bf16(value);
  else if (!strcmp(type, "s8"))
    ((int8_t *)to)[index] = (int8_t)(value * 2);
  else if (!strcmp(type, "f64"))
    ((double *)to)[index] = (double)value;
  else
    ((float *)to)[index] = value;
}

/* ---- mma.sync ---- */

static const struct mma {
  const char *shape, *type, *sum;
  int m, k, bytes; /* bytes: of an element of A and B */
} products[] = {
    {"m16n8k8", "f16", "f32", 16, 8, 2},    {"m16n8k16", "f16", "f32", 16, 16, 2}, {"m16n8k8", "bf16", "f32", 16, 8, 2},
    {"m16n8k16", "bf16", "f32", 16, 16, 2}, {"m16n8k4", "tf32", "f32", 16, 4, 4},  {"m16n8k8", "tf32", "f32", 16, 8, 4},
    {"m16n8k16", "s8", "s32", 16, 16, 1},   {"m16n8k32", "s8", "s32", 16, 32, 1},  {"m8n8k4", "f64", "f64", 8, 4, 8}};

/* The manual's figures: with p elements in a register, thread l holds A of row l/4 (and 8 more), columns p(l mod 4) to
 * p(l mod 4)+p-1 (and 4p more); B of column l/4; C of row l/4 and columns 2(l mod 4), 2(l mod 4)+1. */
static void write_list(char *text, const char *prefix, int n) {
  sprintf(text, "{");
  for (int k = 0; k < n; k++)
    sprintf(text + strlen(text), "%s%s%d", k ? ", " : "", prefix, k);
  strcat(text, "}");
}

static void check_mma(const struct mma *mma) {
  int wide = mma->bytes == 8, p = wide ? 1 : 4 / mma->bytes, n_rows = mma->m / 8, n_k = mma->k / (4 * p);
  int n_a = n_rows * n_k, n_b = n_k, n_c = mma->m / 4, size = wide ? 8 : 4;
  char a[64], b[64], c[64], loads[4096] = "", ptx[8192];
  write_list(a, "%a", n_a);
  write_list(b, "%b", n_b);
  write_list(c, "%c", n_c);
  for (int k = 0; k < n_a + n_b; k++)
    sprintf(loads + strlen(loads), "ld.global.b%d %%%c%d, [%%y+%d];\n", 8 * size, k < n_a ? 'a' : 'b',
            k < n_a ? k : k - n_a, k * size);
  for (int k = 0; k < n_c; k++)
    sprintf(loads + strlen(loads), "mov.b%d %%c%d, %s;\n", 8 * size, k, wide ? "0d4008000000000000" : "0");
  sprintf(loads + strlen(loads), "mma.sync.aligned.%s.row.col.%s.%s.%s.%s %s, %s, %s, %s;\n", mma->shape, mma->sum,
          mma->type, mma->type, mma->sum, c, a, b, c);
  for (int k = 0; k < n_c; k++)
    sprintf(loads + strlen(loads), "st.global.b%d [%%z+%d], %%c%d;\n", 8 * size, k * size, k);
  snprintf(ptx, sizeof ptx,
           PTX_HEADER ".visible .entry k(.param .u64 in, .param .u64 out) {\n.reg .b32 %%i;\n.reg .b64 %%x, %%y, %%z;\n"
                      ".reg .b%d %%a<4>, %%b<4>, %%c<4>;\nmov.u32 %%i, %%tid.x;\nld.param.u64 %%x, [in];\n"
                      "mad.wide.u32 %%y, %%i, %d, %%x;\nld.param.u64 %%x, [out];\nmad.wide.u32 %%z, %%i, %d, %%x;\n"
                      "%sret;\n}\n",
           8 * size, (n_a + n_b) * size, n_c * size, loads);
  static char in[32 * 8 * 8], out[32 * 4 * 8];
  for (int l = 0; l < 32; l++)
    for (int r = 0; r < n_a + n_b; r++)
      for (int e = 0; e < p; e++) {
        bool is_a = r < n_a;
        int row = l / 4 + 8 * (r % n_rows), block = is_a ? r / n_rows : r - n_a, k = l % 4 * p + e + 4 * p * block;
        put(mma->type, in + (l * (n_a + n_b) + r) * size, e, is_a ? number(row, k) : number(l / 4 + 3, k));
      }
  uint64_t arguments[] = {to_device(in, sizeof in), to_device(NULL, sizeof out)};
  run_cleanly(ptx, "k", 1, 32, 0, 2, arguments);
  from_device(out, arguments[1], (size_t)(32 * n_c * size));
  for (int l = 0; l < 32; l++)
    for (int r = 0; r < n_c; r++) {
      int row = l / 4 + 8 * (r / 2), column = 2 * (l % 4) + r % 2, index = l * n_c + r;
      double sum = wide ? 3 : 0, got = wide ? ((double *)(void *)out)[index] : (double)((float *)(void *)out)[index];
      for (int k = 0; k < mma->k; k++)
        sum += (double)(number(row, k) * number(column + 3, k));
      if (!strcmp(mma->sum, "s32")) {
        got = ((int32_t *)(void *)out)[index];
        sum *= 4;
      }
      if (got != sum)
        fail_msg("%s %s: row %d column %d: got %g, expected %g", mma->shape, mma->type, row, column, got, sum);
    }
}

static void test_mma(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof products / sizeof *products; k++)
    check_mma(&products[k]);
}

static void test_ldmatrix(void **state) {
  (void)state;
  static const char ptx[] =
      PTX_HEADER ".visible .entry k(.param .u64 out) {\n.reg .b32 %i, %a, %r<4>;\n.reg .b64 %x, %y;\n.reg .b16 %h;\n"
                 ".shared .align 16 .b8 m[512];\nmov.u32 %i, %tid.x;\nmov.u32 %a, m;\nmad.lo.u32 %a, %i, 16, %a;\n"
                 "mad.lo.u32 %r0, %i, 0x80008, 0x10000;\nadd.u32 %r1, %r0, 0x20002;\nadd.u32 %r2, %r0, 0x40004;\n"
                 "add.u32 %r3, %r0, 0x60006;\nst.shared.v4.b32 [%a], {%r0, %r1, %r2, %r3};\nbar.warp.sync -1;\n"
                 "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%r0, %r1, %r2, %r3}, [%a];\nld.param.u64 %x, [out];\n"
                 "mad.wide.u32 %y, %i, 16, %x;\nst.global.v4.b32 [%y], {%r0, %r1, %r2, %r3};\n"
                 "movmatrix.sync.aligned.m8n8.trans.b16 %r0, %r0;\nst.global.b32 [%y+512], %r0;\nret;\n}\n";
  uint16_t got[1024];
  uint64_t arguments[] = {to_device(NULL, sizeof got)};
  assert_int_equal(cuMemsetD8Async(arguments[0], 0, sizeof got, NULL), 0);
  run_cleanly(ptx, "k", 1, 32, 0, 1, arguments);
  from_device(got, arguments[0], sizeof got);
  for (int l = 0; l < 32; l++)
    for (int r = 0; r < 4; r++)
      for (int e = 0; e < 2; e++) /* rows are numbered 0 to 31, row i begins with 8i */
        assert_int_equal(got[l * 8 + r * 2 + e], 8 * (8 * r + 2 * (l % 4) + e) + l / 4);
  for (int l = 0; l < 32; l++) /* transposed back: as stored */
    assert_int_equal(got[256 + l * 8], 8 * (l / 4) + 2 * (l % 4));
}

/* ---- tensor copies ---- */

/* Loads one box into shared memory, which goes to `out` as it is. */
static const char load_box[] = PTX_HEADER
    ".extern .shared .align 1024 .b8 tile[];\n.shared .align 8 .b64 full;\n"
    ".visible .entry k(.param .u64 out, .param .u64 bytes, .param .u64 x, .param .u64 y, .param .align 64 .b8 "
    "map[128]) {\n"
    ".reg .b32 %i, %n, %a, %b, %x, %y, %v;\n.reg .b64 %m, %o, %p;\n.reg .pred %q;\nmov.u32 %i, %tid.x;\n"
    "mov.u32 %a, tile;\nmov.u32 %b, full;\nmov.b64 %m, map;\ncvta.param.u64 %m, %m;\nld.param.u32 %n, [bytes];\n"
    "ld.param.u32 %x, [x];\nld.param.u32 %y, [y];\nsetp.ne.u32 %q, %i, 0;\n@%q bra WAIT;\n"
    "mbarrier.init.shared::cta.b64 [%b], 1;\nfence.mbarrier_init.release.cluster;\n"
    "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%b], %n;\n"
    "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%a], [%m, {%x, %y}], [%b];\n"
    "WAIT: bar.sync 0;\n"
    "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 %q, [%b], 0;\n@!%q bra AGAIN;\nld.param.u64 %o, [out];\n"
    "LOOP: setp.ge.u32 %q, %i, %n;\n@%q bra DONE;\nadd.u32 %v, %a, %i;\nld.shared.u8 %v, [%v];\n"
    "cvt.u64.u32 %p, %i;\nadd.u64 %p, %o, %p;\nst.global.u8 [%p], %v;\nadd.u32 %i, %i, 64;\nbra LOOP;\nDONE: ret;\n}\n";

static alpa_cuda_tensor_map make_map(unsigned type, alpa_cuda_pointer address, uint64_t columns, uint64_t rows,
                                     uint64_t pitch, uint32_t box_columns, uint32_t box_rows, unsigned swizzle) {
  alpa_cuda_tensor_map map;
  uint64_t dims[] = {columns, rows}, strides[] = {pitch};
  uint32_t box[] = {box_columns, box_rows}, ones[] = {1, 1};
  assert_int_equal(cuTensorMapEncodeTiled(&map, type, 2, (void *)(uintptr_t)address, dims, strides, box, ones, 0,
                                          swizzle, ALPA_CUDA_MAP_L2_256, 0),
                   0);
  return map;
}

static void launch(alpa_cuda_function function, unsigned threads, unsigned shared, void **parameters) {
  assert_int_equal(cuFuncSetAttribute(function, ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES, (int)shared), 0);
  assert_int_equal(cuLaunchKernel(function, 1, 1, 1, threads, 1, 1, shared, NULL, parameters, NULL), 0);
  if (cuStreamSynchronize(NULL))
    fail_msg("%s", emulator_findings());
}

/* Chunks of 16 bytes are permuted by the row of 128 bytes that they are in. */
static void check_swizzle(unsigned swizzle, int row_bytes, int x, int y) {
  enum { COLUMNS = 128, ROWS = 40, BOX_ROWS = 16 };
  static uint16_t matrix[ROWS][COLUMNS], got[BOX_ROWS * 64];
  for (int r = 0; r < ROWS; r++)
    for (int c = 0; c < COLUMNS; c++)
      matrix[r][c] = (uint16_t)(r * COLUMNS + c + 1);
  uint32_t box_columns = (uint32_t)row_bytes / 2;
  uint64_t out = to_device(NULL, sizeof got), bytes = (uint64_t)(row_bytes * BOX_ROWS), at_x = (uint64_t)x,
           at_y = (uint64_t)y;
  alpa_cuda_tensor_map map = make_map(ALPA_CUDA_MAP_BFLOAT16, to_device(matrix, sizeof matrix), COLUMNS, ROWS,
                                      2 * COLUMNS, box_columns, BOX_ROWS, swizzle);
  void *parameters[] = {&out, &bytes, &at_x, &at_y, &map};
  launch(load_kernel(load_box, "k"), 64, (unsigned)bytes, parameters);
  from_device(got, out, bytes);
  for (int r = 0; r < BOX_ROWS; r++)
    for (int c = 0; c < (int)box_columns; c++) {
      int linear = r * row_bytes + 2 * c, line = linear / 128, chunk = linear / 16 % 8;
      int mask = swizzle == 3 ? 7 : swizzle == 2 ? 3 : swizzle == 1 ? 1 : 0;
      int moved = line * 128 + ((chunk ^ (line & mask)) * 16) + linear % 16;
      bool inside = y + r >= 0 && y + r < ROWS && x + c >= 0 && x + c < COLUMNS;
      int expected = inside ? matrix[y + r][x + c] : 0;
      if (got[moved / 2] != expected)
        fail_msg("swizzle %u, row %d column %d: got %d, expected %d", swizzle, r, c, got[moved / 2], expected);
    }
}

static void test_tensor_loads(void **state) {
  (void)state;
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_NONE, 64, 8, 4);
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_32, 32, 16, 0);
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_64, 64, 0, 8);
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_128, 128, 64, 16);
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_128, 128, 96, 30); /* partly outside */
  check_swizzle(ALPA_CUDA_MAP_SWIZZLE_128, 128, -8, -3);
}

static void test_tensor_maps_are_checked(void **state) {
  (void)state;
  alpa_cuda_tensor_map map;
  uint64_t dims[] = {64, 64}, strides[] = {128}, odd[] = {130};
  uint32_t box[] = {64, 8}, wide[] = {128, 8}, narrow[] = {3, 8}, ones[] = {1, 1};
  void *address = (void *)4096;
#define ENCODE(address, strides, box, swizzle)                                                                         \
  cuTensorMapEncodeTiled(&map, ALPA_CUDA_MAP_BFLOAT16, 2, address, dims, strides, box, ones, 0, swizzle, 0, 0)
  assert_int_equal(ENCODE(address, strides, box, 3), 0);
  assert_int_equal(ENCODE((void *)4100, strides, box, 3), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(ENCODE(address, odd, box, 3), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(ENCODE(address, strides, wide, 3), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(ENCODE(address, strides, narrow, 0), ALPA_CUDA_INVALID_VALUE);
#undef ENCODE
}

/* ---- wgmma ---- */

/* D[64][n] = A[64][64] * B[64][n], all four warps, operands by tensor copies, n accumulators in the manual's order. */
static void check_wgmma(int n, unsigned swizzle, bool n_major, bool a_registers) {
  static float a[64 * 64], b[64 * 256], out[64 * 256];
  static uint16_t a16[64 * 64], b16[64 * 256];
  static char ptx[1 << 16], list[4096];
  int span = 16 << swizzle, step = span / 2; /* columns of a box */
  for (int k = 0; k < 64 * 64; k++)
    a16[k] = bf16(a[k] = number(k / 64, k % 64));
  for (int k = 0; k < 64; k++)
    for (int j = 0; j < n; j++)
      b16[n_major ? k * n + j : j * 64 + k] = bf16(b[k * n + j] = number(j + 11, k));
  write_list(list, "%d", n / 2);
  char *at = ptx;
  at += sprintf(at,
                PTX_HEADER ".extern .shared .align 1024 .b8 tile[];\n.shared .align 8 .b64 full;\n"
                           ".visible .entry k(.param .u64 out, .param .u64 pa, .param .align 64 .b8 ma[128], "
                           ".param .align 64 .b8 mb[128]) {\n.reg .f32 %%d<%d>;\n.reg .b32 %%i, %%a, %%b, %%f, %%t<4>, "
                           "%%r<4>;\n.reg .b64 %%m, %%o, %%x, %%y;\n.reg .pred %%q;\nmov.u32 %%i, %%tid.x;\n"
                           "mov.u32 %%a, tile;\nadd.u32 %%b, %%a, 8192;\nmov.u32 %%f, full;\nsetp.ne.u32 %%q, %%i, 0;\n"
                           "@%%q bra WAIT;\nmbarrier.init.shared::cta.b64 [%%f], 1;\n"
                           "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%%f], %d;\n",
                n / 2, 8192 + n * 128);
  for (int k = 0; k < 64; k += step)
    at += sprintf(at,
                  "mov.b64 %%m, ma;\ncvta.param.u64 %%m, %%m;\nadd.u32 %%t0, %%a, %d;\n"
                  "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%%t0], [%%m, {%d, 0}], "
                  "[%%f];\n",
                  k / step * 64 * span, k);
  for (int k = 0; k < (n_major ? n : 64); k += step)
    at += sprintf(at,
                  "mov.b64 %%m, mb;\ncvta.param.u64 %%m, %%m;\nadd.u32 %%t0, %%b, %d;\n"
                  "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%%t0], [%%m, {%d, 0}], "
                  "[%%f];\n",
                  k / step * (n_major ? 64 : n) * span, k);
  at += sprintf(at, "WAIT: bar.sync 0;\nAGAIN: mbarrier.try_wait.parity.shared::cta.b64 %%q, [%%f], 0;\n@!%%q bra "
                    "AGAIN;\nwgmma.fence.sync.aligned;\n");
  /* Strides of the descriptors in bytes: 8 rows of a box; the next box. */
  uint64_t layout = (uint64_t)(swizzle ? 4 - swizzle : 0) << 62, next = (uint64_t)(n_major ? 64 : n) * (uint64_t)span;
  uint64_t a_stride = layout | (uint64_t)(span * 8 / 16) << 32 | (uint64_t)(64 * span / 16) << 16;
  uint64_t b_stride = layout | (swizzle   ? (uint64_t)(span * 8 / 16) << 32 | (next / 16) << 16
                                : n_major ? (next / 16) << 32 | 8ull << 16
                                          : 8ull << 32 | (next / 16) << 16);
  for (int k = 0; k < 64; k += 16) {
    int a_at = k / step * 64 * span + k % step * 2, b_at = n_major ? k * span : k / step * n * span + k % step * 2;
    at += sprintf(at,
                  "add.u32 %%t0, %%a, %d;\nshr.u32 %%t0, %%t0, 4;\ncvt.u64.u32 %%x, %%t0;\nor.b64 %%x, %%x, %lld;\n"
                  "add.u32 %%t0, %%b, %d;\nshr.u32 %%t0, %%t0, 4;\ncvt.u64.u32 %%y, %%t0;\nor.b64 %%y, %%y, %lld;\n",
                  a_at, (long long)a_stride, b_at, (long long)b_stride);
    if (a_registers) { /* row l/4 of the warp's 16 and 8 more, columns 2(l mod 4) and 8 more */
      at +=
          sprintf(at, "shr.u32 %%t0, %%i, 5;\nand.b32 %%t1, %%i, 31;\nshr.u32 %%t2, %%t1, 2;\n"
                      "mad.lo.u32 %%t0, %%t0, 16, %%t2;\nand.b32 %%t1, %%t1, 3;\nshl.b32 %%t1, %%t1, 2;\n"
                      "mad.lo.u32 %%t0, %%t0, 128, %%t1;\nld.param.u64 %%o, [pa];\nmad.wide.u32 %%o, %%t0, 1, %%o;\n");
      for (int r = 0; r < 4; r++)
        at += sprintf(at, "ld.global.b32 %%r%d, [%%o+%d];\n", r, r % 2 * 8 * 128 + (k + r / 2 * 8) * 2);
    }
    at += sprintf(at,
                  "setp.ne.u32 %%q, %d, 0;\nwgmma.mma_async.sync.aligned.m64n%dk16.f32.bf16.bf16 %s, %s, %%y, %%q, "
                  "1, 1%s, %d;\n",
                  k, n, list, a_registers ? "{%r0, %r1, %r2, %r3}" : "%x", a_registers ? "" : ", 0", n_major);
    if (a_registers) /* the registers are needed again */
      at += sprintf(at, "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n");
  }
  at += sprintf(at,
                "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\nld.param.u64 %%o, [out];\n"
                "mad.wide.u32 %%o, %%i, %d, %%o;\n",
                n * 2);
  for (int k = 0; k < n / 2; k++)
    at += sprintf(at, "st.global.f32 [%%o+%d], %%d%d;\n", k * 4, k);
  strcpy(at, "ret;\n}\n");
  uint64_t result = to_device(NULL, sizeof out), pa = to_device(a16, sizeof a16), pb = to_device(b16, sizeof b16);
  alpa_cuda_tensor_map ma = make_map(ALPA_CUDA_MAP_BFLOAT16, pa, 64, 64, 128, (uint32_t)step, 64, swizzle);
  alpa_cuda_tensor_map mb =
      n_major ? make_map(ALPA_CUDA_MAP_BFLOAT16, pb, (uint64_t)n, 64, (uint64_t)n * 2, (uint32_t)step, 64, swizzle)
              : make_map(ALPA_CUDA_MAP_BFLOAT16, pb, 64, (uint64_t)n, 128, (uint32_t)step, (uint32_t)n, swizzle);
  void *parameters[] = {&result, &pa, &ma, &mb};
  launch(load_kernel(ptx, "k"), 128, (unsigned)(8192 + n * 128), parameters);
  from_device(out, result, (size_t)(64 * n * 4));
  for (int t = 0; t < 128; t++)
    for (int e = 0; e < n / 2; e++) {
      int row = t / 32 * 16 + t % 32 / 4 + 8 * (e / 2 % 2), column = 8 * (e / 4) + 2 * (t % 4) + e % 2;
      float sum = 0;
      for (int k = 0; k < 64; k++)
        sum += a[row * 64 + k] * b[k * n + column];
      if (out[t * n / 2 + e] != sum)
        fail_msg("n %d swizzle %u n-major %d: row %d column %d: got %g, expected %g", n, swizzle, n_major, row, column,
                 (double)out[t * n / 2 + e], (double)sum);
    }
}

static void test_wgmma(void **state) {
  (void)state;
  check_wgmma(64, ALPA_CUDA_MAP_SWIZZLE_128, false, false);
  check_wgmma(256, ALPA_CUDA_MAP_SWIZZLE_128, false, false);
  check_wgmma(8, ALPA_CUDA_MAP_SWIZZLE_64, false, false);
  check_wgmma(32, ALPA_CUDA_MAP_SWIZZLE_32, false, false);
  check_wgmma(16, ALPA_CUDA_MAP_SWIZZLE_NONE, false, false);
  check_wgmma(128, ALPA_CUDA_MAP_SWIZZLE_128, true, false);
  check_wgmma(64, ALPA_CUDA_MAP_SWIZZLE_64, true, false);
  check_wgmma(32, ALPA_CUDA_MAP_SWIZZLE_32, true, false);
  check_wgmma(64, ALPA_CUDA_MAP_SWIZZLE_128, false, true);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, emulator_begin, emulator_end)
  static const struct CMUnitTest tests[] = {TEST(test_mma), TEST(test_ldmatrix), TEST(test_tensor_loads),
                                            TEST(test_tensor_maps_are_checked), TEST(test_wgmma)};
#undef TEST
  return cmocka_run_group_tests(tests, NULL, NULL);
}
