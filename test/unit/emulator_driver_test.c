/* The emulated driver: streams and events, graphs, memory, linking, devices, faults on demand. */
#include "test/unit/emulator_check.h"

/* Adds a number to each of n words, slowly: it first counts to `delay`. */
static const char add_kernel[] = PTX_HEADER
    ".visible .entry add(.param .u64 words, .param .u64 number, .param .u64 delay) {\n.reg .b32 %i, %v, %k, "
    "%d;\n.reg .b64 %x, %y;\n.reg .pred %p;\nmov.u32 %i, %tid.x;\nld.param.u32 %d, [delay];\nmov.u32 %k, 0;\n"
    "LOOP: add.u32 %k, %k, 1;\nsetp.lt.u32 %p, %k, %d;\n@%p bra LOOP;\nld.param.u64 %x, [words];\n"
    "mad.wide.u32 %y, %i, 4, %x;\nld.global.u32 %v, [%y];\nld.param.u32 %k, [number];\nadd.u32 %v, %v, %k;\n"
    "st.global.u32 [%y], %v;\nret;\n}\n";

enum { N = 64, SLOW = 200000 };

static void add(alpa_cuda_function function, alpa_cuda_pointer words, uint64_t number, uint64_t delay,
                alpa_cuda_stream stream) {
  uint64_t pointer = words;
  void *parameters[] = {&pointer, &number, &delay};
  assert_int_equal(cuLaunchKernel(function, 1, 1, 1, N, 1, 1, 0, stream, parameters, NULL), 0);
}

static uint32_t first_word(alpa_cuda_pointer words, alpa_cuda_stream stream) {
  uint32_t got[N];
  assert_int_equal(cuMemcpyDtoHAsync_v2(got, words, sizeof got, stream), 0);
  assert_int_equal(cuStreamSynchronize(stream), 0);
  for (int k = 1; k < N; k++)
    assert_int_equal(got[k], got[0]);
  return got[0];
}

static alpa_cuda_pointer zeros(void) {
  uint32_t words[N] = {0};
  alpa_cuda_pointer pointer = to_device(words, sizeof words);
  assert_int_equal(cuStreamSynchronize(NULL), 0);
  return pointer;
}

/* Streams run next to each other, in order by themselves; events order them. */
static void test_streams(void **state) {
  (void)state;
  alpa_cuda_stream a, b;
  alpa_cuda_event event, start;
  alpa_cuda_function function = load_kernel(add_kernel, "add");
  alpa_cuda_pointer words = zeros();
  assert_int_equal(cuStreamCreate(&a, ALPA_CUDA_STREAM_NON_BLOCKING), 0);
  assert_int_equal(cuStreamCreate(&b, ALPA_CUDA_STREAM_NON_BLOCKING), 0);
  assert_int_equal(cuEventCreate(&event, 0), 0);
  assert_int_equal(cuEventCreate(&start, 0), 0);
  assert_int_equal(cuEventQuery(event), 0); /* never recorded: complete */
  assert_int_equal(cuEventRecord(start, a), 0);
  add(function, words, 5, SLOW, a);
  assert_int_equal(cuEventRecord(event, a), 0);
  assert_int_equal(cuEventQuery(event), ALPA_CUDA_NOT_READY);
  assert_int_equal(cuStreamQuery(a), ALPA_CUDA_NOT_READY);
  assert_int_equal(cuStreamWaitEvent(b, event, 0), 0);
  add(function, words, 7, 0, b);
  assert_int_equal(cuEventRecord(event, a), 0); /* again: what b waits for is the first */
  assert_int_equal(first_word(words, b), 12);
  assert_int_equal(cuEventSynchronize(event), 0);
  float ms = 0;
  assert_int_equal(cuEventElapsedTime(&ms, start, event), 0);
  assert_true(ms > 0);
  assert_int_equal(cuStreamSynchronize(a), 0);
  assert_int_equal(cuStreamQuery(a), 0);
  assert_int_equal(cuEventDestroy_v2(event), 0);
  assert_int_equal(cuEventDestroy_v2(start), 0);
  assert_int_equal(cuStreamDestroy_v2(a), 0);
  assert_int_equal(cuStreamDestroy_v2(b), 0);
}

/* Nodes one behind the other, with parameters that are replaced between launches. */
static void test_graphs(void **state) {
  (void)state;
  alpa_cuda_stream stream;
  alpa_cuda_graph graph;
  alpa_cuda_graph_exec exec;
  alpa_cuda_graph_node nodes[2];
  alpa_cuda_context context;
  alpa_cuda_pointer words = zeros(), copy = zeros(), other = zeros();
  uint64_t pointer = words, number = 1, delay = 0;
  void *parameters[] = {&pointer, &number, &delay};
  alpa_cuda_kernel_node kernel = {
      .function = load_kernel(add_kernel, "add"), .grid = {1, 1, 1}, .block = {N, 1, 1}, .parameters = parameters};
  alpa_cuda_copy_3d moved = {.from = {.memory = ALPA_CUDA_MEMORY_DEVICE, .device = words, .pitch = N * 4},
                             .to = {.memory = ALPA_CUDA_MEMORY_DEVICE, .device = copy, .pitch = N * 4},
                             .width_bytes = N * 4,
                             .height = 1,
                             .depth = 1};
  assert_int_equal(cuDevicePrimaryCtxRetain(&context, 0), 0);
  cuStreamCreate(&stream, ALPA_CUDA_STREAM_NON_BLOCKING);
  assert_int_equal(cuGraphCreate(&graph, 0), 0);
  assert_int_equal(cuGraphAddKernelNode_v2(&nodes[0], graph, NULL, 0, &kernel), 0);
  assert_int_equal(cuGraphAddMemcpyNode(&nodes[1], graph, &nodes[0], 1, &moved, context), 0);
  assert_int_equal(cuGraphInstantiateWithFlags(&exec, graph, 0), 0);
  assert_int_equal(first_word(words, stream), 0);
  delay = SLOW;
  assert_int_equal(cuGraphExecKernelNodeSetParams_v2(exec, nodes[0], &kernel), 0);
  for (int k = 0; k < 3; k++)
    assert_int_equal(cuGraphLaunch(exec, stream), 0);
  number = 100; /* for later launches only, though the others are still under way */
  moved.to.device = other;
  assert_int_equal(cuGraphExecKernelNodeSetParams_v2(exec, nodes[0], &kernel), 0);
  assert_int_equal(cuGraphExecMemcpyNodeSetParams(exec, nodes[1], &moved, context), 0);
  assert_int_equal(cuGraphExecMemcpyNodeSetParams(exec, nodes[0], &moved, context), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(cuGraphLaunch(exec, stream), 0);
  assert_int_equal(cuGraphExecDestroy(exec), 0); /* while it may still run */
  assert_int_equal(cuGraphDestroy(graph), 0);
  assert_int_equal(first_word(words, stream), 103);
  assert_int_equal(first_word(copy, stream), 3);
  assert_int_equal(first_word(other, stream), 103);
  cuStreamDestroy_v2(stream);
  cuDevicePrimaryCtxRelease_v2(0);
}

static void test_memory(void **state) {
  (void)state;
  size_t before, after, total;
  alpa_cuda_pointer pointer, all;
  cuMemGetInfo_v2(&before, &total);
  assert_int_equal(cuMemAlloc_v2(&pointer, 1000), 0);
  assert_int_equal(pointer % 256, 0);
  cuMemGetInfo_v2(&after, &total);
  assert_int_equal(before - after, 1000);
  assert_int_equal(cuMemAlloc_v2(&all, total + 1), ALPA_CUDA_OUT_OF_MEMORY);
  assert_int_equal(cuMemsetD8Async(pointer, 0, 1001, NULL), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(cuMemFree_v2(pointer), 0);
  assert_int_equal(cuMemFree_v2(pointer), ALPA_CUDA_INVALID_VALUE);
}

static void test_copies_of_rows(void **state) {
  (void)state;
  uint8_t from[6 * 8], to[6 * 8] = {0};
  for (int k = 0; k < 48; k++)
    from[k] = (uint8_t)k;
  alpa_cuda_pointer device = to_device(NULL, 100);
  alpa_cuda_copy_2d in = {.from = {.memory = ALPA_CUDA_MEMORY_HOST, .host = from, .pitch = 8, .x_bytes = 2, .y = 1},
                          .to = {.memory = ALPA_CUDA_MEMORY_DEVICE, .device = device, .pitch = 20},
                          .width_bytes = 5,
                          .height = 4};
  alpa_cuda_copy_2d out = {
      .from = in.to, .to = {.memory = ALPA_CUDA_MEMORY_HOST, .host = to, .pitch = 8}, .width_bytes = 5, .height = 4};
  assert_int_equal(cuMemcpy2DAsync_v2(&in, NULL), 0);
  assert_int_equal(cuMemcpy2DAsync_v2(&out, NULL), 0);
  assert_int_equal(cuStreamSynchronize(NULL), 0);
  for (int k = 0; k < 20; k++)
    assert_int_equal(to[k / 5 * 8 + k % 5], (k / 5 + 1) * 8 + 2 + k % 5);
}

/* PTX is linked to a binary for this device, which is refused when it is damaged. */
static void test_linking(void **state) {
  (void)state;
  alpa_cuda_link link;
  alpa_cuda_module module;
  alpa_cuda_function function;
  void *cubin;
  size_t size;
  assert_int_equal(cuLinkCreate_v2(0, NULL, NULL, &link), 0);
  assert_int_equal(
      cuLinkAddData_v2(link, ALPA_CUDA_LINK_PTX, (void *)(uintptr_t)add_kernel, sizeof add_kernel, "k", 0, NULL, NULL),
      0);
  assert_int_equal(cuLinkComplete(link, &cubin, &size), 0);
  assert_int_equal(cuModuleLoadDataEx(&module, cubin, 0, NULL, NULL), 0);
  assert_int_equal(cuModuleGetFunction(&function, module, "add"), 0);
  assert_int_equal(cuModuleGetFunction(&function, module, "other"), ALPA_CUDA_NOT_FOUND);
  ((char *)cubin)[size / 2] ^= 1;
  assert_int_equal(cuModuleLoadDataEx(&module, cubin, 0, NULL, NULL), ALPA_CUDA_INVALID_IMAGE);
  assert_int_equal(cuLinkDestroy(link), 0);
}

static void test_launch_limits(void **state) {
  (void)state;
  alpa_cuda_function function = load_kernel(add_kernel, "add");
  void *parameters[3] = {parameters, parameters, parameters};
#define LAUNCH(blocks, threads, shared)                                                                                \
  cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared, NULL, parameters, NULL)
  assert_int_equal(LAUNCH(1, 1025, 0), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(LAUNCH(0, 1, 0), ALPA_CUDA_INVALID_VALUE);
  assert_int_equal(LAUNCH(1, 1, 65536), ALPA_CUDA_INVALID_VALUE);
#undef LAUNCH
  assert_int_equal(cuFuncSetAttribute(function, ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES, 300000),
                   ALPA_CUDA_INVALID_VALUE);
}

static void test_faults(void **state) {
  (void)state;
  alpa_cuda_pointer pointer;
  setenv("ALPA_EMULATOR_FAIL", "cuMemAlloc_v2:2:2,cuStreamSynchronize:1:719", 1);
  assert_int_equal(cuInit(0), 0);
  assert_int_equal(cuMemAlloc_v2(&pointer, 16), 0);
  assert_int_equal(cuMemAlloc_v2(&pointer, 16), ALPA_CUDA_OUT_OF_MEMORY);
  assert_int_equal(cuMemAlloc_v2(&pointer, 16), 0);
  assert_int_equal(cuStreamSynchronize(NULL), 719);
  assert_int_equal(cuStreamSynchronize(NULL), 0);
  unsetenv("ALPA_EMULATOR_FAIL");
  assert_int_equal(cuInit(0), 0);
}

/* Kernels may use the memory of other devices. */
static void test_devices(void **state) {
  (void)state;
  int n;
  alpa_cuda_context first, second;
  assert_int_equal(cuDeviceGetCount(&n), 0);
  assert_int_equal(n, 3);
  alpa_cuda_pointer words = zeros();
  assert_int_equal(cuDevicePrimaryCtxRetain(&first, 0), 0);
  assert_int_equal(cuDevicePrimaryCtxRetain(&second, 2), 0);
  assert_int_equal(cuCtxSetCurrent(second), 0);
  add(load_kernel(add_kernel, "add"), words, 9, 0, NULL);
  assert_int_equal(first_word(words, NULL), 9);
  assert_int_equal(cuDevicePrimaryCtxRelease_v2(2), 0);
  assert_int_equal(cuCtxSetCurrent(first), 0);
  assert_int_equal(cuDevicePrimaryCtxRelease_v2(0), 0);
}

int main(void) {
  setenv("ALPA_EMULATOR_DEVICES", "3", 1);
#define TEST(name) cmocka_unit_test_setup_teardown(name, emulator_begin, emulator_end)
  static const struct CMUnitTest tests[] = {TEST(test_streams),        TEST(test_graphs),  TEST(test_memory),
                                            TEST(test_copies_of_rows), TEST(test_linking), TEST(test_launch_limits),
                                            TEST(test_faults),         TEST(test_devices)};
#undef TEST
  return cmocka_run_group_tests(tests, NULL, NULL);
}
