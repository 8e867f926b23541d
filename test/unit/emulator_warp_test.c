/* The emulator's warps: divergence, calls, exchange between threads, barriers, atomics, memory spaces. */
#include "test/unit/emulator_check.h"

enum { THREADS = 128 };

/* A kernel whose threads write one number each: `body` computes %r from %i, the number of the thread. */
static void check_threads(const char *declarations, const char *body, unsigned threads,
                          uint32_t (*expected)(uint32_t)) {
  char ptx[8192];
  uint32_t got[1024];
  const int n = snprintf(ptx, sizeof ptx,
                         PTX_HEADER "%s\n.visible .entry k(.param .u64 out) {\n.reg .b32 %%r, %%i, %%t<8>;\n"
                                    ".reg .b64 %%x, %%y;\n.reg .pred %%p<4>;\nmov.u32 %%i, %%tid.x;\n%s\n"
                                    "ld.param.u64 %%x, [out];\nmad.wide.u32 %%y, %%i, 4, %%x;\n"
                                    "st.global.u32 [%%y], %%r;\nret;\n}\n",
                         declarations, body);
  assert_true(n > 0 && n < (int)sizeof ptx);
  uint64_t arguments[] = {to_device(NULL, threads * 4)};
  run_cleanly(ptx, "k", 1, threads, 0, 1, arguments);
  from_device(got, arguments[0], threads * 4);
  for (uint32_t i = 0; i < threads; i++)
    if (got[i] != expected(i))
      fail_msg("thread %u: got %u, expected %u", i, got[i], expected(i));
}

static uint32_t collatz(uint32_t i) {
  uint32_t steps = 0;
  for (uint32_t n = i + 1; n != 1; steps++)
    n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

static void test_divergence(void **state) {
  (void)state;
  check_threads("",
                "add.u32 %t0, %i, 1;\nmov.u32 %r, 0;\nLOOP: setp.eq.u32 %p0, %t0, 1;\n@%p0 bra DONE;\n"
                "and.b32 %t1, %t0, 1;\nsetp.ne.u32 %p1, %t1, 0;\n@!%p1 bra EVEN;\nmad.lo.u32 %t0, %t0, 3, 1;\n"
                "bra NEXT;\nEVEN: shr.u32 %t0, %t0, 1;\nNEXT: add.u32 %r, %r, 1;\nbra LOOP;\nDONE:",
                THREADS, collatz);
}

/* Threads that met again execute together: the mask of active threads is full. */
static uint32_t all_ones(uint32_t i) { return (void)i, UINT32_MAX; }

static void test_reconvergence(void **state) {
  (void)state;
  check_threads("",
                "and.b32 %t0, %i, 3;\nsetp.lt.u32 %p0, %t0, 2;\n@%p0 bra A;\nsetp.eq.u32 %p1, %t0, 3;\n@%p1 bra B;\n"
                "add.u32 %t1, %t0, 1;\nbra MEET;\nB: add.u32 %t1, %t0, 2;\nbra MEET;\nA: add.u32 %t1, %t0, 3;\n"
                "MEET: activemask.b32 %r;",
                THREADS, all_ones);
}

static uint32_t by_table(uint32_t i) {
  static const uint32_t values[] = {10, 20, 30, 20};
  return values[i % 4];
}

static void test_branch_table(void **state) {
  (void)state;
  check_threads("",
                "and.b32 %t0, %i, 3;\nts: .branchtargets L0, L1, L2, L1;\nbrx.idx %t0, ts;\n"
                "L0: mov.u32 %r, 10; bra OUT;\nL1: mov.u32 %r, 20; bra OUT;\nL2: mov.u32 %r, 30;\nOUT:",
                THREADS, by_table);
}

static uint32_t fibonacci(uint32_t i) {
  i %= 11;
  return i < 2 ? i : fibonacci(i - 1) + fibonacci(i - 2);
}

static void test_calls(void **state) {
  (void)state;
  check_threads(".func (.param .b32 out) fib(.param .b32 n) {\n.reg .b32 %a, %b, %c;\n.reg .pred %p;\n"
                "ld.param.b32 %a, [n];\nsetp.lt.u32 %p, %a, 2;\n@%p bra SMALL;\nadd.u32 %b, %a, -1;\n"
                "{ .param .b32 p0; .param .b32 q0; st.param.b32 [p0], %b; call.uni (q0), fib, (p0);"
                " ld.param.b32 %c, [q0]; }\nadd.u32 %b, %a, -2;\n"
                "{ .param .b32 p0; .param .b32 q0; st.param.b32 [p0], %b; call.uni (q0), fib, (p0);"
                " ld.param.b32 %b, [q0]; }\nadd.u32 %a, %b, %c;\nSMALL: st.param.b32 [out], %a;\nret;\n}\n",
                "rem.u32 %t0, %i, 11;\n{ .param .b32 p0; .param .b32 q0; st.param.b32 [p0], %t0;"
                " call.uni (q0), fib, (p0); ld.param.b32 %r, [q0]; }",
                THREADS, fibonacci);
}

static uint32_t butterfly(uint32_t i) { return (i ^ 5) + (i / 8 * 8 + 3) + (i % 32 ? i - 1 : i); }

static void test_shuffles(void **state) {
  (void)state;
  check_threads("",
                "shfl.sync.bfly.b32 %t0, %i, 5, 31, -1;\nshfl.sync.idx.b32 %t1, %i, 3, 0x181f, -1;\n"
                "shfl.sync.up.b32 %t2|%p0, %i, 1, 0, -1;\nadd.u32 %r, %t0, %t1;\nadd.u32 %r, %r, %t2;",
                THREADS, butterfly);
}

static uint32_t votes(uint32_t i) { return 0x0f0f0f0fu + (i / 32 * 32 + 31) + (i % 8 < 4 ? 0x0f0f0f0fu : 0xf0f0f0f0u); }

static void test_votes(void **state) {
  (void)state;
  check_threads("",
                "and.b32 %t0, %i, 4;\nsetp.eq.u32 %p0, %t0, 0;\nvote.sync.ballot.b32 %r, %p0, -1;\n"
                "redux.sync.max.u32 %t1, %i, -1;\nadd.u32 %r, %r, %t1;\nmatch.any.sync.b32 %t2, %t0, -1;\n"
                "add.u32 %r, %r, %t2;",
                THREADS, votes);
}

static uint32_t reversed(uint32_t i) { return 1000 + (THREADS - 1 - i); }

static void test_shared(void **state) {
  (void)state;
  check_threads(".shared .align 4 .b8 buffer[512];",
                "mov.u32 %t0, buffer;\nshl.b32 %t1, %i, 2;\nadd.u32 %t1, %t0, %t1;\nadd.u32 %t2, %i, 1000;\n"
                "st.shared.u32 [%t1], %t2;\nbar.sync 0;\nsub.u32 %t3, 127, %i;\nshl.b32 %t3, %t3, 2;\n"
                "add.u32 %t3, %t0, %t3;\nld.shared.u32 %r, [%t3];",
                THREADS, reversed);
}

static uint32_t counted(uint32_t i) { return (void)i, 64 * 128; }

/* Threads of the same warp wait for each other at a lock. */
static void test_lock(void **state) {
  (void)state;
  check_threads(".shared .align 4 .u32 lock;\n.shared .align 4 .u32 sum;",
                "setp.eq.u32 %p0, %i, 0;\n@%p0 st.shared.u32 [lock], 0;\n@%p0 st.shared.u32 [sum], 0;\nbar.sync 0;\n"
                "AGAIN: atom.shared.acquire.cta.cas.b32 %t0, [lock], 0, 1;\nsetp.ne.u32 %p1, %t0, 0;\n@%p1 bra AGAIN;\n"
                "ld.volatile.shared.u32 %t1, [sum];\nadd.u32 %t1, %t1, 64;\nst.volatile.shared.u32 [sum], %t1;\n"
                "atom.shared.release.cta.exch.b32 %t0, [lock], 0;\nbar.sync 0;\nld.shared.u32 %r, [sum];",
                THREADS, counted);
}

static uint32_t reduced(uint32_t i) { return (void)i, 32 + 1; }

static void test_barrier_reduction(void **state) {
  (void)state;
  check_threads("",
                "and.b32 %t0, %i, 3;\nsetp.eq.u32 %p0, %t0, 0;\nbar.red.popc.u32 %r, 1, %p0;\n"
                "bar.red.or.pred %p1, 2, %p0;\nselp.u32 %t1, 1, 0, %p1;\nadd.u32 %r, %r, %t1;",
                THREADS, reduced);
}

static uint32_t squares(uint32_t i) { return (i * 7 % 16) * (i * 7 % 16) + i; }

static void test_local(void **state) {
  (void)state;
  check_threads("",
                ".local .align 16 .b8 depot[64];\n.reg .b64 %q<4>;\nmov.b64 %q0, depot;\ncvta.local.u64 %q1, %q0;\n"
                "mov.u32 %t0, 0;\nFILL: mul.lo.u32 %t1, %t0, %t0;\nadd.u32 %t1, %t1, %i;\nmul.wide.u32 %q2, %t0, 4;\n"
                "add.u64 %q2, %q1, %q2;\nst.u32 [%q2], %t1;\nadd.u32 %t0, %t0, 1;\nsetp.lt.u32 %p0, %t0, 16;\n"
                "@%p0 bra FILL;\nmul.lo.u32 %t1, %i, 7;\nand.b32 %t1, %t1, 15;\nmul.wide.u32 %q2, %t1, 4;\n"
                "add.u64 %q3, %q0, %q2;\nld.local.u32 %r, [%q3];",
                THREADS, squares);
}

static uint32_t tables(uint32_t i) { return (uint32_t)(7 + i % 3) + 0x3f800000u; }

static void test_initialised_variables(void **state) {
  (void)state;
  check_threads(".const .align 4 .u32 small[3] = {7, 8, 9};\n.global .align 8 .f32 one = 0f3F800000;\n"
                ".global .align 8 .u64 pointer = generic(one);",
                ".reg .b64 %q<3>;\nrem.u32 %t0, %i, 3;\nmov.u64 %q0, small;\nmad.wide.u32 %q1, %t0, 4, %q0;\n"
                "ld.const.u32 %r, [%q1];\nld.global.u64 %q2, [pointer];\nld.u32 %t1, [%q2];\nadd.u32 %r, %r, %t1;",
                THREADS, tables);
}

static uint32_t copied(uint32_t i) { return i * 3 + 5; }

/* mbarrier: one warp produces, the others wait for the phase. */
static void test_mbarrier(void **state) {
  (void)state;
  check_threads(".shared .align 8 .b64 full;\n.shared .align 4 .u32 values[128];",
                ".reg .b64 %s;\nmov.u32 %t0, values;\nmad.lo.u32 %t1, %i, 4, %t0;\nsetp.eq.u32 %p0, %i, 0;\n"
                "@%p0 mbarrier.init.shared::cta.b64 [full], 128;\nbar.sync 0;\nmad.lo.u32 %t2, %i, 3, 5;\n"
                "st.shared.u32 [%t1], %t2;\nmbarrier.arrive.shared::cta.b64 %s, [full];\n"
                "{\nWAIT: mbarrier.try_wait.parity.shared::cta.b64 %p1, [full], 0;\n@!%p1 bra WAIT;\n}\n"
                "xor.b32 %t3, %i, 64;\nmad.lo.u32 %t3, %t3, 4, %t0;\nld.shared.u32 %t4, [%t3];\n"
                "xor.b32 %t5, %i, 64;\nmad.lo.u32 %t5, %t5, 3, 5;\nsub.u32 %t4, %t4, %t5;\nadd.u32 %r, %t2, %t4;",
                THREADS, copied);
}

static uint32_t from_global(uint32_t i) { return (i ^ 1) * 11; }

static void test_async_copies(void **state) {
  (void)state;
  char declarations[2048] = ".shared .align 16 .b8 stage[512];\n.global .align 16 .u32 numbers[128] = {";
  for (int k = 0; k < THREADS; k++)
    snprintf(declarations + strlen(declarations), sizeof declarations - strlen(declarations), "%s%d", k ? "," : "",
             k * 11);
  strcat(declarations, "};");
  check_threads(declarations,
                ".reg .b64 %q<3>;\nmov.u32 %t0, stage;\nmad.lo.u32 %t1, %i, 4, %t0;\nmov.u64 %q0, numbers;\n"
                "mad.wide.u32 %q1, %i, 4, %q0;\ncp.async.ca.shared.global [%t1], [%q1], 4;\ncp.async.commit_group;\n"
                "cp.async.wait_group 0;\nbar.sync 0;\nxor.b32 %t2, %i, 1;\nmad.lo.u32 %t2, %t2, 4, %t0;\n"
                "ld.shared.u32 %r, [%t2];",
                THREADS, from_global);
}

/* Two blocks of a cluster read each other's shared memory, and one signals the other's mbarrier. */
static void test_clusters(void **state) {
  (void)state;
  static const char ptx[] =
      PTX_HEADER ".shared .align 4 .u32 values[32];\n.shared .align 8 .b64 full;\n"
                 ".visible .entry k(.param .u64 out) .reqnctapercluster 2, 1, 1 {\n.reg .b32 %i, %c, %r, %a, %t, %v;\n"
                 ".reg .b64 %x, %y;\n.reg .pred %p;\nmov.u32 %i, %tid.x;\nmov.u32 %c, %ctaid.x;\n"
                 "mov.u32 %r, %cluster_ctarank;\nxor.b32 %r, %r, 1;\nmov.u32 %a, values;\nmad.lo.u32 %a, %i, 4, %a;\n"
                 "mad.lo.u32 %v, %c, 100, %i;\nst.shared.u32 [%a], %v;\nsetp.eq.u32 %p, %i, 0;\n"
                 "@%p mbarrier.init.shared::cta.b64 [full], 32;\nbarrier.cluster.arrive.release.aligned;\n"
                 "barrier.cluster.wait.acquire.aligned;\nmapa.shared::cluster.u32 %t, %a, %r;\n"
                 "ld.shared::cluster.u32 %v, [%t];\nmov.u32 %t, full;\nmapa.shared::cluster.u32 %t, %t, %r;\n"
                 "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%t];\n"
                 "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 %p, [full], 0;\n@!%p bra AGAIN;\n"
                 "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\nld.param.u64 %x, [out];\n"
                 "mad.lo.u32 %t, %c, 32, %i;\nmad.wide.u32 %y, %t, 4, %x;\nst.global.u32 [%y], %v;\nret;\n}\n";
  uint32_t got[128];
  uint64_t arguments[] = {to_device(NULL, sizeof got)};
  run_cleanly(ptx, "k", 4, 32, 0, 1, arguments);
  from_device(got, arguments[0], sizeof got);
  for (uint32_t k = 0; k < 128; k++)
    assert_int_equal(got[k], (k / 32 ^ 1) * 100 + k % 32);
}

static uint32_t stored(uint32_t i) { return 2 * i + 7; }

/* Shared memory goes to global memory in bulk, and is used again after the wait. */
static void test_bulk_stores(void **state) {
  (void)state;
  check_threads(".shared .align 128 .b8 stage[512];\n.global .align 128 .b8 target[512];",
                ".reg .b64 %q<3>;\nmov.u32 %t0, stage;\nmad.lo.u32 %t1, %i, 4, %t0;\nadd.u32 %t2, %i, %i;\n"
                "st.shared.u32 [%t1], %t2;\nfence.proxy.async.shared::cta;\nbar.sync 0;\nsetp.ne.u32 %p0, %i, 0;\n"
                "@%p0 bra REST;\nmov.u64 %q0, target;\n"
                "cp.async.bulk.global.shared::cta.bulk_group [%q0], [%t0], 512;\ncp.async.bulk.commit_group;\n"
                "cp.async.bulk.wait_group.read 0;\nREST: bar.sync 0;\nst.shared.u32 [%t1], 7;\n"
                "ld.shared.u32 %t3, [%t1];\nmov.u64 %q0, target;\nmad.wide.u32 %q1, %i, 4, %q0;\n"
                "ld.global.u32 %r, [%q1];\nadd.u32 %r, %r, %t3;",
                THREADS, stored);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, emulator_begin, emulator_end)
  static const struct CMUnitTest tests[] = {TEST(test_divergence),
                                            TEST(test_reconvergence),
                                            TEST(test_branch_table),
                                            TEST(test_calls),
                                            TEST(test_shuffles),
                                            TEST(test_votes),
                                            TEST(test_shared),
                                            TEST(test_lock),
                                            TEST(test_local),
                                            TEST(test_barrier_reduction),
                                            TEST(test_mbarrier),
                                            TEST(test_async_copies),
                                            TEST(test_initialised_variables),
                                            TEST(test_clusters),
                                            TEST(test_bulk_stores)};
#undef TEST
  return cmocka_run_group_tests(tests, NULL, NULL);
}
