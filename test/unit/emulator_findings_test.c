/* The emulator's checks: every fault that hardware would not tell is found, named and makes the launch fail. */
#include "test/unit/emulator_check.h"

#define KERNEL(body)                                                                                                   \
  PTX_HEADER ".visible .entry k(.param .u64 a) {\n.reg .f32 %%f<4>; .reg .b32 %%i, %%t<8>;\n.reg .b64 %%x<4>;\n.reg "  \
             ".pred %%p<4>;\n"                                                                                         \
             ".shared .align 16 .b8 buffer[512];\n.shared .align 8 .b64 barrier;\n"                                    \
             ".local .align 4 .b8 depot[16];\n"                                                                        \
             "mov.u32 %%i, %%tid.x;\nmov.u32 %%t0, buffer;\nmad.lo.u32 %%t1, %%i, 4, %%t0;\n"                          \
             "ld.param.u64 %%x0, [a];\nmad.wide.u32 %%x1, %%i, 4, %%x0;\n" body "\nret;\n}\n"

/* Each kernel runs with 64 threads on a buffer of 256 written bytes (64 words) followed by 256 that nothing wrote. */
static const struct fault {
  const char *name, *body;
  unsigned error;
  const char *finding; /* part of the message */
} faults[] = {
    {"read beyond the end", "ld.global.u32 %t2, [%x1+512];", 700, "out of bounds: kernel 'k' line 16"},
    {"write before the start", "st.global.u32 [%x1+-4], %i;", 700, "out of bounds"},
    {"wild pointer", "mov.u64 %x2, 4096;\nld.global.u32 %t2, [%x2];", 700, "no address of global memory"},
    {"shared, behind the end", "st.shared.u32 [%t1+512], %i;", 700, "at shared 0x200 of"},
    {"local, behind the end", "st.local.u32 [depot+4096], %i;", 700, "local"},
    {"misaligned", "ld.global.u32 %t2, [%x1+2];", 716, "misaligned"},
    {"misaligned vector", "ld.shared.v4.u32 {%t2, %t3, %t4, %t5}, [%t0+4];", 716, "misaligned"},
    {"uninitialised global", "ld.global.u32 %t2, [%x1+128];", 700,
     "nothing wrote: kernel 'k' line 16 block (0,0,0) thread (32"},
    {"uninitialised shared", "ld.shared.u32 %t2, [%t1];", 700, "nothing wrote"},
    {"uninitialised local", "ld.local.u32 %t2, [depot];", 700, "nothing wrote"},
    {"read without a barrier",
     "st.shared.u32 [%t1], %i;\nxor.b32 %t2, %i, 32;\nmad.lo.u32 %t2, %t2, 4, %t0;\n"
     "mov.u32 %t3, 0;\nLOOP: ld.shared.u32 %t4, [%t1];\nadd.u32 %t3, %t3, 1;\n"
     "setp.lt.u32 %p0, %t3, 3000;\n@%p0 bra LOOP;\nld.shared.u32 %t3, [%t2];",
     719, "race"},
    {"write after read without a barrier",
     "st.shared.u32 [%t1], %i;\nbar.sync 0;\nxor.b32 %t2, %i, 32;\nmad.lo.u32 %t2, %t2, 4, %t0;\n"
     "ld.shared.u32 %t3, [%t2];\nst.shared.u32 [%t1], %t3;",
     719, "race"},
    {"race within a warp",
     "st.shared.u32 [%t1], %i;\nxor.b32 %t2, %i, 1;\nmad.lo.u32 %t2, %t2, 4, %t0;\n"
     "ld.shared.u32 %t3, [%t2];",
     719, "race"},
    {"barrier in a branch", "setp.lt.u32 %p0, %i, 7;\n@%p0 bar.sync 0;", 719, "divergent barrier"},
    {"barriers of different counts",
     "setp.lt.u32 %p0, %i, 32;\n@%p0 bra A;\nbar.sync 1, 64;\nbra B;\n"
     "A: bar.sync 1, 96;\nB:",
     719, "divergent barrier"},
    {"shuffle without a member", "setp.lt.u32 %p0, %i, 7;\n@%p0 shfl.sync.idx.b32 %t2, %i, 0, 31, -1;", 719,
     "member mask"},
    {"deadlock of barriers",
     "setp.lt.u32 %p0, %i, 32;\n@%p0 bra A;\nbar.sync 1, 64;\nbra B;\nA: bar.sync 2, 64;\nB:", 702, "deadlock"},
    {"mbarrier that never completes",
     "setp.eq.u32 %p0, %i, 0;\n@%p0 mbarrier.init.shared.b64 [barrier], 2;\nbar.sync 0;\n"
     "WAIT: mbarrier.try_wait.parity.shared.b64 %p1, [barrier], 0;\n@!%p1 bra WAIT;",
     702, "deadlock"},
    {"mbarrier without init", "mbarrier.arrive.shared.b64 %x2, [barrier];", 700, "nothing wrote"},
    {"too many arrivals",
     "setp.eq.u32 %p0, %i, 0;\n@%p0 mbarrier.init.shared.b64 [barrier], 1;\nbar.sync 0;\n"
     "@%p0 mbarrier.arrive.shared.b64 _, [barrier], 2;",
     715, "arrivals"},
    {"bulk copy read without waiting",
     "setp.ne.u32 %p0, %i, 0;\n@%p0 bra A;\nmbarrier.init.shared.b64 [barrier], 1;\n"
     "mbarrier.arrive.expect_tx.shared.b64 _, [barrier], 256;\nmov.u32 %t2, barrier;\n"
     "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%t0], [%x0], 256, [%t2];\n"
     "A: bar.sync 0;\nld.shared.u32 %t3, [%t1];",
     719, "asynchronous copy"},
    {"bulk store without a proxy fence",
     "st.shared.u32 [%t1], %i;\nbar.sync 0;\nsetp.eq.u32 %p0, %i, 0;\n"
     "@%p0 cp.async.bulk.global.shared::cta.bulk_group [%x0], [%t0], 256;",
     719, "fence.proxy.async"},
    {"change under a bulk store",
     "st.shared.u32 [%t1], %i;\nfence.proxy.async.shared::cta;\nbar.sync 0;\nsetp.eq.u32 %p0, %i, 0;\n"
     "@%p0 cp.async.bulk.global.shared::cta.bulk_group [%x0], [%t0], 256;\n@%p0 cp.async.bulk.commit_group;\n"
     "bar.sync 0;\nst.shared.u32 [%t1], %i;",
     719, "may still read"},
    {"missing wait for cp.async",
     "cp.async.ca.shared.global [%t1], [%x1], 4;\ncp.async.commit_group;\nld.shared.u32 %t2, [%t1];", 700,
     "nothing wrote"},
    {"no tensor map",
     "mov.u32 %t2, barrier;\ncp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%x0, {%i, %i}], [%t0];", 715,
     "no tensor map"},
    {"wgmma without a wait",
     "cvt.u64.u32 %x2, %t0;\nshr.u64 %x2, %x2, 4;\nwgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, "
     "%f3}, "
     "%x2, %x2, 1, 1, 1, 0, 0;\nwgmma.commit_group.sync.aligned;",
     715, "without waiting"},
    {"trap", "trap;", 710, "trap"},
    {"registers out of range", "setmaxnreg.inc.sync.aligned.u32 250;", 715, "steps of 8"},
};

static alpa_cuda_result run_fault(const struct fault *fault) {
  uint32_t words[64] = {0};
  alpa_cuda_pointer buffer = to_device(NULL, 512);
  assert_int_equal(cuMemcpyHtoDAsync_v2(buffer, words, sizeof words, NULL), 0);
  char ptx[4096];
  snprintf(ptx, sizeof ptx, KERNEL("%s"), fault->body);
  uint64_t arguments[] = {buffer};
  return run_kernel(ptx, "k", 1, 64, 0, 1, arguments);
}

static void test_findings(void **state) {
  for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
    emulator_begin(state);
    alpa_cuda_result error = run_fault(&faults[k]);
    if (error != faults[k].error || !strstr(emulator_findings(), faults[k].finding))
      fail_msg("%s: error %u, expected %u; findings: %s", faults[k].name, error, faults[k].error, emulator_findings());
    emulator_end(state);
  }
}

/* After a failure every call of the context returns the error, until it is released. */
static void test_errors_stay(void **state) {
  emulator_begin(state);
  alpa_cuda_pointer pointer;
  assert_int_equal(run_fault(&faults[0]), 700);
  assert_int_equal(cuMemAlloc_v2(&pointer, 16), 700);
  assert_int_equal(cuStreamSynchronize(NULL), 700);
  emulator_end(state);
  emulator_begin(state);
  assert_int_equal(cuMemAlloc_v2(&pointer, 16), 0);
  emulator_end(state);
}

static void test_text_is_refused(void **state) {
  emulator_begin(state);
  static const struct text {
    const char *ptx, *message;
    unsigned error;
  } texts[] = {{KERNEL("frobnicate.u32 %t0, %t1;"), "line 16: no instruction 'frobnicate.u32' is known", 218},
               {KERNEL("add.wrong.u32 %t0, %t1, %t2;"), "line 16", 218},
               {KERNEL("add.u64 %x0, %x1, %t2;"), "has 4 bytes where 'add.u64' takes 8", 218},
               {KERNEL("mov.u32 %t0, %unknown;"), "no register '%unknown' is declared", 218},
               {KERNEL("bra NOWHERE;"), "no label 'NOWHERE'", 218},
               {".version 8.7\n.target sm_100\n.address_size 64\n", "the device is sm_90", 209}};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    alpa_cuda_module module;
    char log[512] = "", *ptx = strdup(texts[k].ptx);
    unsigned options[] = {ALPA_CUDA_JIT_ERROR_LOG, ALPA_CUDA_JIT_ERROR_LOG_BYTES};
    void *values[] = {log, (void *)sizeof log};
    for (char *at = ptx; (at = strstr(at, "%%"));)
      memmove(at, at + 1, strlen(at));
    assert_int_equal(cuModuleLoadDataEx(&module, ptx, 2, options, values), texts[k].error);
    if (!strstr(log, texts[k].message))
      fail_msg("'%s' lacks '%s'", log, texts[k].message);
    free(ptx);
  }
  emulator_end(state);
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_findings), cmocka_unit_test(test_errors_stay),
                                            cmocka_unit_test(test_text_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
