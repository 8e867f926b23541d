/* Kernels that nvcc compiles, an author of PTX independent of ours, on the emulated driver.  Skipped where nvcc is not
 * installed. */
#include "test/unit/emulator_check.h"

#include <math.h>

static const char source[] =
    "#include <cuda_fp16.h>\n"
    "extern \"C\" __global__ void reduce(float *out, const float *x, long n) {\n"
    "  __shared__ float sums[32];\n"
    "  float v = 0;\n"
    "  for (long i = blockIdx.x * (long)blockDim.x + threadIdx.x; i < n; i += (long)gridDim.x * blockDim.x) v += "
    "x[i];\n"
    "  for (int o = 16; o; o >>= 1) v += __shfl_down_sync(~0u, v, o);\n"
    "  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;\n"
    "  __syncthreads();\n"
    "  if (threadIdx.x < 32) {\n"
    "    v = threadIdx.x < blockDim.x / 32 ? sums[threadIdx.x] : 0;\n"
    "    for (int o = 16; o; o >>= 1) v += __shfl_down_sync(~0u, v, o);\n"
    "    if (threadIdx.x == 0) atomicAdd(out, v);\n"
    "  }\n"
    "}\n"
    "__device__ __noinline__ long collatz(long n) {\n"
    "  long k = 0;\n"
    "  while (n != 1) { n = n & 1 ? 3 * n + 1 : n / 2; k++; }\n"
    "  return k;\n"
    "}\n"
    "__device__ __noinline__ int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n"
    "extern \"C\" __global__ void diverge(long *out, long n) {\n"
    "  long i = blockIdx.x * (long)blockDim.x + threadIdx.x;\n"
    "  if (i >= n) return;\n"
    "  long v = collatz(i + 1) * 1000 + fib(i % 13);\n"
    "  switch (i % 7) {\n"
    "  case 0: v += 5; break;\n"
    "  case 1: v *= 2; break;\n"
    "  case 2: v -= 3; break;\n"
    "  case 3: v ^= 77; break;\n"
    "  case 4: v = -v; break;\n"
    "  case 5: v <<= 2; break;\n"
    "  default: v |= 1;\n"
    "  }\n"
    "  out[i] = v;\n"
    "}\n"
    "extern \"C\" __global__ void functions(double *out, const double *in) {\n"
    "  double v = in[threadIdx.x]; float f = (float)v;\n"
    "  double *o = out + 8 * threadIdx.x;\n"
    "  o[0] = exp(v); o[1] = log(fabs(v)); o[2] = sin(v); o[3] = pow(fabs(v), 0.3);\n"
    "  o[4] = expf(f); o[5] = tanhf(f); o[6] = erff(f); o[7] = sinf(f * 100);\n"
    "}\n"
    "extern \"C\" __global__ void locked(int *lock, long *sum) {\n"
    "  for (int k = 0; k < 3; k++)\n"
    "    for (bool done = false; !done;)\n"
    "      if (atomicCAS(lock, 0, 1) == 0) {\n"
    "        *(volatile long *)sum = *(volatile long *)sum + threadIdx.x;\n"
    "        __threadfence();\n"
    "        atomicExch(lock, 0);\n"
    "        done = true;\n"
    "      }\n"
    "}\n"
    "extern \"C\" __global__ void halves(__half2 *out, const __half2 *in) {\n"
    "  __half2 v = in[threadIdx.x];\n"
    "  out[threadIdx.x] = __hmax2(__hfma2(v, v, __hneg2(v)), __floats2half2_rn(0.25f, -1.0f));\n"
    "}\n";

static char *ptx;

static const char *find_nvcc(void) {
  static const char *const paths[] = {"/usr/local/cuda/bin/nvcc", "/usr/bin/nvcc", "/opt/cuda/bin/nvcc"};
  for (size_t k = 0; k < sizeof paths / sizeof *paths; k++)
    if (access(paths[k], X_OK) == 0)
      return paths[k];
  return NULL;
}

static int compile(void **state) {
  (void)state;
  char path[64], command[256];
  const char *nvcc = find_nvcc();
  if (!nvcc)
    return 0;
  snprintf(path, sizeof path, "/tmp/emulator-nvcc-%d.cu", (int)getpid());
  FILE *file = fopen(path, "w");
  if (!file || fputs(source, file) < 0 || fclose(file))
    return 1;
  snprintf(command, sizeof command, "%s -ptx -arch=sm_80 -o - %s", nvcc, path);
  FILE *pipe = popen(command, "r");
  ptx = calloc(1, 1 << 20);
  size_t n = pipe && ptx ? fread(ptx, 1, (1 << 20) - 1, pipe) : 0;
  int failed = !pipe || pclose(pipe);
  unlink(path);
  return failed || !n;
}

static int discard(void **state) {
  (void)state;
  free(ptx);
  return 0;
}

#define SKIP_WITHOUT_NVCC()                                                                                            \
  if (!ptx)                                                                                                            \
  skip()

static void test_reduction(void **state) {
  (void)state;
  SKIP_WITHOUT_NVCC();
  enum { N = 5000 };
  static float x[N];
  float sum = 0, expected = 0;
  for (int i = 0; i < N; i++)
    expected += x[i] = (float)(i % 17) - 8;
  uint64_t arguments[] = {to_device(&sum, 4), to_device(x, sizeof x), N};
  run_cleanly(ptx, "reduce", 4, 256, 0, 3, arguments);
  from_device(&sum, arguments[0], 4);
  assert_true(sum == expected);
}

static long expected_number(long i) {
  long n = i + 1, steps = 0, f[14] = {0, 1};
  for (; n != 1; steps++)
    n = n & 1 ? 3 * n + 1 : n / 2;
  for (int k = 2; k < 14; k++)
    f[k] = f[k - 1] + f[k - 2];
  long v = steps * 1000 + f[i % 13];
  const long results[] = {v + 5, v * 2, v - 3, v ^ 77, -v, v * 4, v | 1};
  return results[i % 7];
}

static void test_divergence(void **state) {
  (void)state;
  SKIP_WITHOUT_NVCC();
  enum { N = 500 };
  long got[N] = {0};
  uint64_t arguments[] = {to_device(got, sizeof got), N};
  run_cleanly(ptx, "diverge", 4, 128, 0, 2, arguments);
  from_device(got, arguments[0], sizeof got);
  for (long i = 0; i < N; i++)
    assert_int_equal(got[i], expected_number(i));
}

static void test_functions(void **state) {
  (void)state;
  SKIP_WITHOUT_NVCC();
  static double in[64], out[64][8];
  for (int i = 0; i < 64; i++)
    in[i] = i * 0.37 - 9;
  uint64_t arguments[] = {to_device(NULL, sizeof out), to_device(in, sizeof in)};
  run_cleanly(ptx, "functions", 1, 64, 0, 2, arguments);
  from_device(out, arguments[0], sizeof out);
  for (int i = 0; i < 64; i++) {
    double v = in[i], f = (double)(float)v;
    const double expected[] = {exp(v), log(fabs(v)), sin(v), pow(fabs(v), 0.3),
                               exp(f), tanh(f),      erf(f), sin((double)((float)f * 100))};
    for (int k = 0; k < 8; k++)
      if (fabs(out[i][k] - expected[k]) > (k < 4 ? 1e-15 : 3e-7) * fabs(expected[k]))
        fail_msg("function %d of %g: got %.17g, expected %.17g", k, v, out[i][k], expected[k]);
  }
}

static void test_lock(void **state) {
  (void)state;
  SKIP_WITHOUT_NVCC();
  int lock = 0;
  long sum = 0;
  uint64_t arguments[] = {to_device(&lock, sizeof lock), to_device(&sum, sizeof sum)};
  run_cleanly(ptx, "locked", 2, 64, 0, 2, arguments);
  from_device(&sum, arguments[1], sizeof sum);
  assert_int_equal(sum, 2 * 3 * 64 * 63 / 2);
}

static void test_halves(void **state) {
  (void)state;
  SKIP_WITHOUT_NVCC();
  static const uint16_t in[] = {0x3c00, 0x4000, 0xbc00, 0x3800, 0xc200, 0x4400, 0, 0x8000}; /* 1 2 -1 .5 -3 4 0 -0 */
  static const uint16_t expected[] = {0x3400, 0x4000, 0x4000, 0xb400, 0x4a00, 0x4a00, 0x3400, 0}; /* v*v-v, limited */
  uint16_t out[8];
  uint64_t arguments[] = {to_device(NULL, sizeof out), to_device(in, sizeof in)};
  run_cleanly(ptx, "halves", 1, 4, 0, 2, arguments);
  from_device(out, arguments[0], sizeof out);
  for (int k = 0; k < 8; k++)
    assert_int_equal(out[k], expected[k]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, emulator_begin, emulator_end)
  static const struct CMUnitTest tests[] = {TEST(test_reduction), TEST(test_divergence), TEST(test_functions),
                                            TEST(test_lock), TEST(test_halves)};
#undef TEST
  return cmocka_run_group_tests(tests, compile, discard);
}
