/* The cases of record_ptx: a table of instructions, and kernels that show layouts: fragments of mma.sync, ldmatrix,
 * tensor copies with swizzles, descriptors of wgmma. */
#include "tools/record_ptx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const record_instruction record_instructions[] = {
    {"add.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"add.rz.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"add.rm.ftz.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"add.rp.sat.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"sub.rn.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"mul.rz.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"mul.rm.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"mul.rp.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"mul.rn.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"mul.ftz.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"fma.rn.f32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"fma.rz.f32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"fma.rm.f32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"fma.rp.ftz.sat.f32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"div.rn.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"div.full.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_ANGLE, 3e-7},
    {"div.approx.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_ANGLE, 3e-7},
    {"rcp.rn.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"rcp.approx.ftz.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 1.3e-7},
    {"sqrt.rn.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"sqrt.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 2.4e-7},
    {"rsqrt.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 3e-7},
    {"ex2.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_ANGLE, 3e-7},
    {"ex2.approx.ftz.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 1e-6},
    {"lg2.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 1e-6},
    {"sin.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_ANGLE, 1e-3},
    {"cos.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_ANGLE, 1e-3},
    {"tanh.approx.f32 d, a", 80, 4, 4, 4, 4, RECORD_ANGLE, 1e-3},
    {"min.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"max.ftz.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"min.NaN.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"max.xorsign.abs.f32 d, a, b", 86, 4, 4, 4, 4, RECORD_F32, 0},
    {"abs.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"neg.ftz.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"copysign.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"add.rn.f64 d, a, b", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"fma.rp.f64 d, a, b, c", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"div.rn.f64 d, a, b", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"fma.rz.f64 d, a, b, c", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"sqrt.rn.f64 d, a", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"rcp.rn.f64 d, a", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"add.f16x2 d, a, b", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"mul.ftz.sat.f16x2 d, a, b", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"fma.rn.f16x2 d, a, b, c", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"fma.rn.relu.f16x2 d, a, b, c", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"fma.rn.bf16x2 d, a, b, c", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"add.rn.bf16x2 d, a, b", 90, 4, 4, 4, 4, RECORD_HALF, 0},
    {"mul.rn.bf16x2 d, a, b", 90, 4, 4, 4, 4, RECORD_HALF, 0},
    {"min.f16x2 d, a, b", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"max.NaN.bf16x2 d, a, b", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"neg.bf16x2 d, a", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"abs.f16x2 d, a", 80, 4, 4, 4, 4, RECORD_HALF, 0},
    {"cvt.rn.f16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rz.f16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rp.f16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.f32.f16 d, a", 80, 4, 2, 4, 4, RECORD_BITS, 0},
    {"cvt.rn.bf16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rz.bf16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.relu.bf16x2.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.f16x2.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rna.tf32.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.satfinite.e4m3x2.f32 d, a, b", 90, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.satfinite.e5m2x2.f32 d, a, b", 90, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.f16x2.e4m3x2 d, a", 90, 4, 2, 4, 4, RECORD_BITS, 0},
    {"cvt.rn.f16x2.e5m2x2 d, a", 90, 4, 2, 4, 4, RECORD_BITS, 0},
    {"cvt.rn.satfinite.relu.e4m3x2.f32 d, a, b", 90, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rm.f16.f32 d, a", 80, 2, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.f16.f64 d, a", 80, 2, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rn.f32.f64 d, a", 80, 4, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rp.ftz.f32.f64 d, a", 80, 4, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.f64.f32 d, a", 80, 8, 4, 4, 4, RECORD_F32, 0},
    {"cvt.f32.bf16 d, a", 90, 4, 2, 4, 4, RECORD_BITS, 0},
    {"cvt.rn.f16.u32 d, a", 80, 2, 4, 4, 4, RECORD_BITS, 0},
    {"cvt.rzi.s16.f16 d, a", 80, 2, 2, 4, 4, RECORD_BITS, 0},
    {"cvt.rzi.u64.f64 d, a", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rn.f64.s64 d, a", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rni.s32.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rzi.u32.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rmi.s64.f32 d, a", 80, 8, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rzi.s32.f64 d, a", 80, 4, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rpi.f32.f32 d, a", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"cvt.rn.f32.s64 d, a", 80, 4, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.rz.f32.u32 d, a", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"cvt.rm.f32.f64 d, a", 80, 4, 8, 8, 8, RECORD_BITS, 0},
    {"cvt.sat.s8.s32 d, a", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"mul.hi.s32 d, a, b", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"mad.hi.sat.s32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"mul24.hi.s32 d, a, b", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"bfe.s32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"bfi.b32 d, a, b, c, 11", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"bfind.shiftamt.s32 d, a", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"fns.b32 d, a, 5, 3", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shf.l.clamp.b32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shf.r.wrap.b32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"prmt.b32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"prmt.b32.ecl d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"prmt.b32.b4e d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"lop3.b32 d, a, b, c, 0xca", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"dp4a.s32.u32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"dp2a.hi.u32.s32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"szext.clamp.s32 d, a, b", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"bmsk.clamp.b32 d, a, b", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"div.s32 d, a, b", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"rem.s64 d, a, b", 80, 8, 8, 8, 8, RECORD_BITS, 0},
    {"sad.s32 d, a, b, c", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shfl.sync.up.b32 d, a, 3, 0x1804, -1", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shfl.sync.down.b32 d, a, 5, 0x181f, -1", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shfl.sync.bfly.b32 d, a, 6, 0x1c03, -1", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"shfl.sync.idx.b32 d, a, 9, 0x1807, -1", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"{ .reg .b32 t; and.b32 t, a, 3; match.any.sync.b32 d, t, -1; }", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"redux.sync.min.s32 d, a, -1", 80, 4, 4, 4, 4, RECORD_BITS, 0},
    {"{ .reg .pred q; setp.leu.ftz.f32 q, a, b; selp.b32 d, 1, 0, q; }", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"{ .reg .pred q; testp.subnormal.f32 q, a; selp.b32 d, 1, 0, q; }", 80, 4, 4, 4, 4, RECORD_F32, 0},
    {"set.gt.f32.f32 d, a, b", 80, 4, 4, 4, 4, RECORD_F32, 0},
};
const size_t record_n_instructions = sizeof record_instructions / sizeof *record_instructions;

/* ---- kernels ---- */

static void append(record_kernel *kernel, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(record_kernel *kernel, const char *format, ...) {
  size_t n = strlen(kernel->ptx);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(kernel->ptx + n, sizeof kernel->ptx - n, format, arguments);
  va_end(arguments);
}

static void append_list(record_kernel *kernel, const char *prefix, int n) {
  append(kernel, "{");
  for (int k = 0; k < n; k++)
    append(kernel, "%s%s%d", k ? ", " : "", prefix, k);
  append(kernel, "}");
}

static void begin(record_kernel *kernel, const char *declarations) {
  append(kernel,
         "%s.visible .entry k(.param .u64 out, .param .u64 in, .param .align 64 .b8 map[128]) {\n"
         ".reg .b32 %%i, %%t<8>, %%r<16>;\n.reg .b64 %%x<8>;\n.reg .pred %%q;\n.reg .f32 %%f<128>;\n"
         "mov.u32 %%i, %%tid.x;\nld.param.u64 %%x0, [in];\nld.param.u64 %%x1, [out];\n"
         "mad.wide.u32 %%x0, %%i, %zu, %%x0;\nmad.wide.u32 %%x1, %%i, %zu, %%x1;\n",
         declarations, kernel->in_bytes / kernel->threads, kernel->out_bytes / kernel->threads);
}

/* mma.sync: registers as they are; that random numbers give the same sums shows where each element belongs. */
static const struct mma_row {
  const char *name, *types, *element;
  int arch, n_a, n_b, n_c;
  record_inputs inputs;
  double tolerance;
} mma_rows[] = {{"m16n8k8", "f32.f16.f16.f32", "f16", 80, 2, 1, 4, RECORD_SMALL, 0},
                {"m16n8k16", "f32.f16.f16.f32", "f16", 80, 4, 2, 4, RECORD_SMALL, 0},
                {"m16n8k16", "f16.f16.f16.f16", "f16", 80, 4, 2, 2, RECORD_SMALL, 0},
                {"m16n8k8", "f32.bf16.bf16.f32", "bf16", 80, 2, 1, 4, RECORD_SMALL, 0},
                {"m16n8k16", "f32.bf16.bf16.f32", "bf16", 80, 4, 2, 4, RECORD_SMALL, 0},
                {"m16n8k4", "f32.tf32.tf32.f32", "f32", 80, 2, 1, 4, RECORD_SMALL, 0},
                {"m16n8k8", "f32.tf32.tf32.f32", "f32", 80, 4, 2, 4, RECORD_SMALL, 0},
                {"m16n8k16", "s32.s8.s8.s32", "b32", 80, 2, 1, 4, RECORD_BITS, 0},
                {"m16n8k32", "s32.s8.s8.s32", "b32", 80, 4, 2, 4, RECORD_BITS, 0},
                {"m16n8k16", "f32.bf16.bf16.f32", "bf16", 80, 4, 2, 4, RECORD_MIXED, 2e-2},
                {"m16n8k8", "f32.tf32.tf32.f32", "f32", 80, 4, 2, 4, RECORD_MIXED, 2e-2}};

static void write_mma(const struct mma_row *row, record_kernel *kernel) {
  int n = row->n_a + row->n_b;
  snprintf(kernel->name, sizeof kernel->name, "mma.sync.%s.%s%s", row->name, row->types,
           row->inputs == RECORD_MIXED ? ", rounded" : "");
  kernel->tolerance = row->tolerance;
  kernel->arch = row->arch;
  kernel->threads = 32;
  kernel->in_bytes = (size_t)(32 * 4 * n);
  kernel->out_bytes = (size_t)(32 * 4 * row->n_c);
  kernel->inputs = row->inputs;
  kernel->element = row->element;
  begin(kernel, "");
  for (int k = 0; k < n; k++)
    append(kernel, "ld.global.b32 %%r%d, [%%x0+%d];\n", k, 4 * k);
  append(kernel, "{ .reg .b32 %%a<%d>, %%b<%d>;\n.reg .%s %%c<%d>;\n", row->n_a, row->n_b,
         row->types[0] == 'f' && row->types[1] == '3' ? "f32" : "b32", row->n_c);
  for (int k = 0; k < n; k++)
    append(kernel, "mov.b32 %%%c%d, %%r%d;\n", k < row->n_a ? 'a' : 'b', k < row->n_a ? k : k - row->n_a, k);
  for (int k = 0; k < row->n_c; k++)
    append(kernel, "mov.b32 %%c%d, 0;\n", k);
  append(kernel, "mma.sync.aligned.%s.row.col.%s ", row->name, row->types);
  append_list(kernel, "%c", row->n_c);
  append(kernel, ", ");
  append_list(kernel, "%a", row->n_a);
  append(kernel, ", ");
  append_list(kernel, "%b", row->n_b);
  append(kernel, ", ");
  append_list(kernel, "%c", row->n_c);
  append(kernel, ";\n");
  for (int k = 0; k < row->n_c; k++)
    append(kernel, "st.global.b32 [%%x1+%d], %%c%d;\n", 4 * k, k);
  append(kernel, "}\nret;\n}\n");
}

/* ldmatrix of 1, 2 or 4 matrices whose elements are all different. */
static void write_ldmatrix(int n, int transposed, record_kernel *kernel) {
  snprintf(kernel->name, sizeof kernel->name, "ldmatrix.x%d%s", n, transposed ? ".trans" : "");
  kernel->arch = 80;
  kernel->threads = 32;
  kernel->in_bytes = kernel->out_bytes = 512;
  kernel->inputs = RECORD_BITS;
  kernel->element = "b32";
  begin(kernel, ".shared .align 16 .b8 rows[512];\n");
  append(kernel,
         "mov.u32 %%t0, rows;\nmad.lo.u32 %%t0, %%i, 16, %%t0;\n"
         "ld.global.v4.b32 {%%r0, %%r1, %%r2, %%r3}, [%%x0];\nst.shared.v4.b32 [%%t0], {%%r0, %%r1, %%r2, %%r3};\n"
         "bar.sync 0;\nldmatrix.sync.aligned.m8n8.x%d%s.shared.b16 ",
         n, transposed ? ".trans" : "");
  append_list(kernel, "%r", n);
  append(kernel, ", [%%t0];\nst.global.v4.b32 [%%x1], {%%r0, %%r1, %%r2, %%r3};\nret;\n}\n");
}

static void append_load(record_kernel *kernel, int shared_offset, int column) {
  append(
      kernel,
      "add.u32 %%t2, %%t0, %d;\n"
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%%t2], [%%x2, {%d, 0}], [%%t1];\n",
      shared_offset, column);
}

/* Thread 0 loads boxes; all threads wait for them. */
static void begin_loads(record_kernel *kernel, int bytes) {
  begin(kernel, ".extern .shared .align 1024 .b8 tile[];\n.shared .align 8 .b64 full;\n");
  append(kernel,
         "mov.u32 %%t0, tile;\nmov.u32 %%t1, full;\nmov.b64 %%x2, map;\ncvta.param.u64 %%x2, %%x2;\n"
         "setp.ne.u32 %%q, %%i, 0;\n@%%q bra WAIT;\nmbarrier.init.shared::cta.b64 [%%t1], 1;\n"
         "fence.mbarrier_init.release.cluster;\nmbarrier.arrive.expect_tx.shared::cta.b64 _, [%%t1], %d;\n",
         bytes);
}

static void end_loads(record_kernel *kernel) {
  append(kernel,
         "WAIT: bar.sync 0;\nAGAIN: mbarrier.try_wait.parity.shared::cta.b64 %%q, [%%t1], 0;\n@!%%q bra AGAIN;\n");
}

/* What a box looks like in shared memory: thread i gives its 16 bytes. */
static void write_swizzle(unsigned swizzle, record_kernel *kernel) {
  uint32_t row_bytes = 16u << swizzle;
  snprintf(kernel->name, sizeof kernel->name, "tensor load, swizzle %u", swizzle);
  kernel->arch = 90;
  kernel->threads = 128;
  kernel->shared_bytes = 2048;
  kernel->in_bytes = kernel->out_bytes = 2048;
  kernel->inputs = RECORD_BITS;
  kernel->element = "b32";
  kernel->map = (record_map){row_bytes / 2, 2048 / row_bytes, row_bytes / 2, 2048 / row_bytes, swizzle};
  begin_loads(kernel, 2048);
  append_load(kernel, 0, 0);
  end_loads(kernel);
  append(kernel, "mad.lo.u32 %%t0, %%i, 16, %%t0;\nld.shared.v4.b32 {%%r0, %%r1, %%r2, %%r3}, [%%t0];\n"
                 "st.global.v4.b32 [%%x1], {%%r0, %%r1, %%r2, %%r3};\nret;\n}\n");
}

/* D = A * A' of one tile of 64 rows of 128 bytes by wgmma, n = 64: both operands K-major, or B as it lies MN-major. */
static const struct wgmma_row {
  const char *instruction, *element, *flags; /* flags: scales and whether A and B are transposed */
  int mn_major;
  record_inputs inputs;
  double tolerance;
} wgmma_rows[] = {{"m64n64k16.f32.bf16.bf16", "bf16", "1, 1, 0, 0", 0, RECORD_SMALL, 0},
                  {"m64n64k16.f32.bf16.bf16", "bf16", "1, 1, 0, 1", 1, RECORD_SMALL, 0},
                  {"m64n64k16.f32.f16.f16", "f16", "1, 1, 0, 0", 0, RECORD_SMALL, 0},
                  {"m64n64k8.f32.tf32.tf32", "f32", "1, 1", 0, RECORD_SMALL, 0},
                  {"m64n64k16.f32.bf16.bf16", "bf16", "1, 1, 0, 0", 0, RECORD_MIXED, 2e-2}};

static void write_wgmma(unsigned swizzle, const struct wgmma_row *row, record_kernel *kernel) {
  int span = 16 << swizzle, step = span / 2, mn_major = row->mn_major;
  snprintf(kernel->name, sizeof kernel->name, "wgmma.%s, swizzle %u%s%s", row->instruction, swizzle,
           mn_major ? ", B MN-major" : "", row->inputs == RECORD_MIXED ? ", rounded" : "");
  kernel->tolerance = row->tolerance;
  kernel->arch = 90;
  kernel->threads = 128;
  kernel->shared_bytes = 8192;
  kernel->in_bytes = 8192;
  kernel->out_bytes = 64 * 64 * 4;
  kernel->inputs = row->inputs;
  kernel->element = row->element;
  kernel->map = (record_map){64, 64, (uint32_t)step, 64, swizzle};
  begin_loads(kernel, 8192);
  for (int k = 0; k < 64; k += step)
    append_load(kernel, k / step * 64 * span, k);
  end_loads(kernel);
  for (int k = 0; k < 32; k++)
    append(kernel, "mov.f32 %%f%d, 0f00000000;\n", k);
  append(kernel, "wgmma.fence.sync.aligned;\n");
  uint64_t layout = (uint64_t)(swizzle ? 4 - swizzle : 0) << 62, box = (uint64_t)(64 * span / 16);
  uint64_t rows = (uint64_t)(span * 8 / 16);
  for (int k = 0; k < 64; k += 16) {
    uint64_t k_major = layout | rows << 32 | box << 16;
    uint64_t other = layout | (swizzle ? rows << 32 | box << 16 : box << 32 | rows << 16);
    append(kernel,
           "add.u32 %%t2, %%t0, %d;\nshr.u32 %%t2, %%t2, 4;\ncvt.u64.u32 %%x3, %%t2;\nor.b64 %%x3, %%x3, %lld;\n"
           "add.u32 %%t2, %%t0, %d;\nshr.u32 %%t2, %%t2, 4;\ncvt.u64.u32 %%x4, %%t2;\nor.b64 %%x4, %%x4, %lld;\n"
           "setp.ne.u32 %%q, 1, 0;\nwgmma.mma_async.sync.aligned.%s ",
           k / step * 64 * span + k % step * 2, (long long)k_major,
           mn_major ? k * span : k / step * 64 * span + k % step * 2, (long long)(mn_major ? other : k_major),
           row->instruction);
    append_list(kernel, "%f", 32);
    append(kernel, ", %%x3, %%x4, %%q, %s;\n", row->flags);
  }
  append(kernel, "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n");
  for (int k = 0; k < 32; k++)
    append(kernel, "st.global.f32 [%%x1+%d], %%f%d;\n", 4 * k, k);
  append(kernel, "ret;\n}\n");
}

int record_kernel_write(size_t index, record_kernel *kernel) {
  enum { LDMATRIX = 6, SWIZZLES = 4 };
  size_t n_mma = sizeof mma_rows / sizeof *mma_rows, n_wgmma = SWIZZLES * sizeof wgmma_rows / sizeof *wgmma_rows;
  memset(kernel, 0, sizeof *kernel);
  if (index < n_mma)
    write_mma(&mma_rows[index], kernel);
  else if ((index -= n_mma) < LDMATRIX)
    write_ldmatrix(1 << index / 2, (int)index % 2, kernel);
  else if ((index -= LDMATRIX) < SWIZZLES)
    write_swizzle((unsigned)index, kernel);
  else if ((index -= SWIZZLES) < n_wgmma)
    write_wgmma((unsigned)index % SWIZZLES, &wgmma_rows[index / SWIZZLES], kernel);
  else
    return 0;
  return 1;
}
