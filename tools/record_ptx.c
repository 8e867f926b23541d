/* Records what a GPU does, so that the emulated one can be compared with it anywhere.
 *
 *   record_ptx FILE            runs every case on GPU 0 and writes inputs and outputs
 *   record_ptx --replay FILE   runs the cases of a recording on the driver at hand and compares; also a directory
 *
 * Needs nothing but a C compiler and libcuda.so.1:
 *   cc -I. -o record_ptx tools/record_ptx.c tools/record_ptx_cases.c -ldl -lm
 * A recording is text: for every case a line `case NAME`, its launch, its PTX, inputs and outputs as hexadecimal words.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/hal/cuda/driver.h"
#include "tools/record_ptx.h"

static alpa_cuda_driver cuda;
static int device_arch;

static _Noreturn void fail(const char *what, unsigned error) {
  const char *name = NULL;
  if (error && cuda.cuGetErrorName)
    cuda.cuGetErrorName(error, &name);
  fprintf(stderr, "record_ptx: %s%s%s\n", what, name ? ": " : "", name ? name : "");
  exit(1);
}

static void check(unsigned error, const char *what) {
  if (error)
    fail(what, error);
}

static void open_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  int major, minor;
  alpa_cuda_context context;
  if (!library)
    fail(dlerror(), 0);
#define X(name, parameters)                                                                                            \
  {                                                                                                                    \
    void *address = dlsym(library, #name);                                                                             \
    if (!address)                                                                                                      \
      fail("the driver lacks " #name, 0);                                                                              \
    memcpy(&cuda.name, &address, sizeof address);                                                                      \
  }
#include "runtime/hal/cuda/driver.def"
#undef X
  check(cuda.cuInit(0), "cuInit");
  check(cuda.cuDevicePrimaryCtxRetain(&context, 0), "cuDevicePrimaryCtxRetain");
  check(cuda.cuCtxSetCurrent(context), "cuCtxSetCurrent");
  cuda.cuDeviceGetAttribute(&major, ALPA_CUDA_ATTRIBUTE_CAPABILITY_MAJOR, 0);
  cuda.cuDeviceGetAttribute(&minor, ALPA_CUDA_ATTRIBUTE_CAPABILITY_MINOR, 0);
  device_arch = major * 10 + minor;
}

/* ---- inputs ---- */

static uint64_t next_random(void) {
  static uint64_t state = 88172645463325252u; /* xorshift64 (Marsaglia 2003) */
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static uint16_t small_half(const char *element, int value) {
  static const uint16_t f16[] = {0, 0x3c00, 0x4000, 0x4200, 0x4400};
  uint16_t magnitude = strcmp(element, "f16") ? (uint16_t)(float_bits((float)abs(value)) >> 16) : f16[abs(value)];
  return (uint16_t)(magnitude | (value < 0 ? 0x8000 : 0));
}

static uint32_t mixed_half(int32_t random) { return float_bits((float)random * 0x1p-29f) >> 16; }

static uint32_t input_word(record_inputs kind, const char *element) {
  static const uint32_t floats[] = {0,          0x80000000, 0x3f800000, 0xbf800000, 0x00000001,
                                    0x807fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000,
                                    0x7fc00000, 0x3f000000, 0x33000001, 0x477ff000, 0x387fc000};
  static const uint16_t halves[] = {0, 0x8000, 0x3c00, 0xbc00, 1, 0x3ff, 0x400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x3f80};
  uint64_t random = next_random();
  int value = (int)(random >> 40 & 7) - 3, other = (int)(random >> 50 & 7) - 3;
  switch (kind) {
  case RECORD_BITS:
    return random % 4 == 0 ? (uint32_t)(random >> 32) % 40 : (uint32_t)(random >> 32);
  case RECORD_F32:
    return random % 4 == 0   ? floats[(random >> 32) % (sizeof floats / sizeof *floats)]
           : random % 4 == 1 ? (uint32_t)(random >> 32)
                             : float_bits(((float)(int32_t)(random >> 32)) * 0x1p-20f);
  case RECORD_ANGLE:
    return float_bits((float)(int32_t)(random >> 32) * (3.14159f * 0x1p-31f));
  case RECORD_HALF:
    return random % 4 == 0 ? (uint32_t)halves[(random >> 32) % 12] | (uint32_t)halves[(random >> 40) % 12] << 16
                           : (uint32_t)(random >> 32);
  case RECORD_SMALL:
    return !strcmp(element, "f32") ? float_bits((float)value)
                                   : small_half(element, value) | (uint32_t)small_half(element, other) << 16;
  case RECORD_MIXED:
    return !strcmp(element, "f32") ? float_bits((float)(int32_t)(random >> 32) * 0x1p-29f)
                                   : mixed_half((int32_t)(random >> 32)) | mixed_half((int32_t)random) << 16;
  }
  return 0;
}

/* ---- running ---- */

static void run(const record_kernel *kernel, const uint32_t *in, uint32_t *out) {
  static char text[70000];
  alpa_cuda_module module;
  alpa_cuda_function function;
  alpa_cuda_pointer in_pointer, out_pointer;
  _Alignas(128) alpa_cuda_tensor_map map = {{0}};
  snprintf(text, sizeof text, ".version 8.5\n.target sm_%s\n.address_size 64\n%s", device_arch == 90 ? "90a" : "80",
           kernel->ptx);
  unsigned error = cuda.cuModuleLoadDataEx(&module, text, 0, NULL, NULL);
  if (error)
    fprintf(stderr, "%s\n", kernel->name);
  check(error, "cuModuleLoadDataEx");
  check(cuda.cuModuleGetFunction(&function, module, "k"), "cuModuleGetFunction");
  check(cuda.cuMemAlloc_v2(&in_pointer, kernel->in_bytes), "cuMemAlloc");
  check(cuda.cuMemAlloc_v2(&out_pointer, kernel->out_bytes), "cuMemAlloc");
  check(cuda.cuMemcpyHtoDAsync_v2(in_pointer, in, kernel->in_bytes, NULL), "cuMemcpyHtoDAsync");
  const record_map *shape = &kernel->map;
  uint64_t dims[] = {shape->columns, shape->rows}, strides[] = {shape->columns * 2};
  uint32_t box[] = {shape->box_columns, shape->box_rows}, ones[] = {1, 1};
  if (shape->rows)
    check(cuda.cuTensorMapEncodeTiled(&map, ALPA_CUDA_MAP_BFLOAT16, 2, (void *)(uintptr_t)in_pointer, dims, strides,
                                      box, ones, 0, shape->swizzle, 0, 0),
          "cuTensorMapEncodeTiled");
  void *parameters[] = {&out_pointer, &in_pointer, &map};
  check(cuda.cuLaunchKernel(function, 1, 1, 1, kernel->threads, 1, 1, kernel->shared_bytes, NULL, parameters, NULL),
        "cuLaunchKernel");
  check(cuda.cuMemcpyDtoHAsync_v2(out, out_pointer, kernel->out_bytes, NULL), "cuMemcpyDtoHAsync");
  check(cuda.cuStreamSynchronize(NULL), kernel->name);
  cuda.cuMemFree_v2(in_pointer);
  cuda.cuMemFree_v2(out_pointer);
  cuda.cuModuleUnload(module);
}

/* ---- recording ---- */

static void write_words(FILE *file, const char *what, const uint32_t *words, size_t bytes) {
  fprintf(file, "%s", what);
  for (size_t k = 0; k < bytes / 4; k++)
    fprintf(file, "%s%x", k % 16 ? " " : "\n", words[k]);
  fprintf(file, "\n");
}

static void record(FILE *file, const record_kernel *kernel) {
  static uint32_t in[1 << 14], out[1 << 14];
  for (size_t k = 0; k < kernel->in_bytes / 4; k++)
    in[k] = input_word(kernel->inputs, kernel->element);
  run(kernel, in, out);
  const record_map *map = &kernel->map;
  fprintf(file, "case %s\nlaunch %d %u %u %zu %zu %g\nmap %llu %llu %u %u %u\nptx\n%send\n", kernel->name, kernel->arch,
          kernel->threads, kernel->shared_bytes, kernel->in_bytes, kernel->out_bytes, kernel->tolerance,
          (unsigned long long)map->columns, (unsigned long long)map->rows, map->box_columns, map->box_rows,
          map->swizzle, kernel->ptx);
  write_words(file, "in", in, kernel->in_bytes);
  write_words(file, "out", out, kernel->out_bytes);
}

/* A kernel around one instruction: operands lie in words of 4 bytes, three times two of them for each thread. */
static void wrap(const record_instruction *instruction, record_kernel *kernel) {
  enum { THREADS = 128 };
  memset(kernel, 0, sizeof *kernel);
  snprintf(kernel->name, sizeof kernel->name, "%s", instruction->text);
  kernel->arch = instruction->arch;
  kernel->threads = THREADS;
  kernel->in_bytes = THREADS * 24;
  kernel->out_bytes = THREADS * 8;
  kernel->inputs = instruction->inputs;
  kernel->element = "b32";
  kernel->tolerance = instruction->tolerance;
  snprintf(
      kernel->ptx, sizeof kernel->ptx,
      ".visible .entry k(.param .u64 out, .param .u64 in, .param .align 64 .b8 map[128]) {\n"
      ".reg .b%d d;\n.reg .b%d a;\n.reg .b%d b;\n.reg .b%d c;\n.reg .b32 i;\n.reg .b64 x, y;\nmov.u32 i, %%tid.x;\n"
      "ld.param.u64 x, [in];\nmad.wide.u32 x, i, 24, x;\nld.param.u64 y, [out];\nmad.wide.u32 y, i, 8, y;\n"
      "ld.global.b%d a, [x];\nld.global.b%d b, [x+8];\nld.global.b%d c, [x+16];\n%s%s\nst.global.b64 [y], 0;\n"
      "st.global.b%d [y], d;\nret;\n}\n",
      8 * instruction->d, 8 * instruction->a, 8 * instruction->b, 8 * instruction->c, 8 * instruction->a,
      8 * instruction->b, 8 * instruction->c, instruction->text, instruction->text[0] == '{' ? "" : ";",
      8 * instruction->d);
}

static void record_all(const char *path) {
  static record_kernel kernel;
  FILE *file = fopen(path, "w");
  char name[256] = "";
  if (!file)
    fail(path, 0);
  cuda.cuDeviceGetName(name, sizeof name, 0);
  fprintf(file, "device %s, sm_%d\n", name, device_arch);
  for (size_t k = 0; k < record_n_instructions; k++) {
    wrap(&record_instructions[k], &kernel);
    if (kernel.arch <= device_arch)
      record(file, &kernel);
  }
  for (size_t k = 0; record_kernel_write(k, &kernel); k++)
    if (kernel.arch <= device_arch)
      record(file, &kernel);
  if (fclose(file))
    fail(path, 0);
}

/* ---- replaying ---- */

static void read_words(FILE *file, uint32_t *words, size_t bytes, const char *path) {
  for (size_t k = 0; k < bytes / 4; k++)
    if (bytes > 1 << 16 || fscanf(file, "%x", &words[k]) != 1)
      fail(path, 0);
}

static int read_case(FILE *file, record_kernel *kernel, const char *path) {
  char line[4096];
  memset(kernel, 0, sizeof *kernel);
  if (fscanf(file, " case %95[^\n] ", kernel->name) != 1)
    return 0;
  record_map *map = &kernel->map;
  unsigned long long columns, rows;
  if (fscanf(file, "launch %d %u %u %zu %zu %lg ", &kernel->arch, &kernel->threads, &kernel->shared_bytes,
             &kernel->in_bytes, &kernel->out_bytes, &kernel->tolerance) != 6 ||
      fscanf(file, "map %llu %llu %u %u %u ptx ", &columns, &rows, &map->box_columns, &map->box_rows, &map->swizzle) !=
          5)
    fail(path, 0);
  map->columns = columns;
  map->rows = rows;
  while (fgets(line, sizeof line, file) && strcmp(line, "end\n") != 0)
    strncat(kernel->ptx, line, sizeof kernel->ptx - strlen(kernel->ptx) - 1);
  return 1;
}

static int is_near(uint32_t got, uint32_t expected, double tolerance) {
  float a, b;
  memcpy(&a, &got, 4);
  memcpy(&b, &expected, 4);
  if (got == expected || (isnan(a) && isnan(b)))
    return 1;
  return tolerance > 0 && fabs((double)a - (double)b) <= tolerance * fmax(fabs((double)b), 1e-2);
}

static int compare(const record_kernel *kernel, const uint32_t *in, const uint32_t *got, const uint32_t *expected) {
  size_t n_out = kernel->out_bytes / 4, in_words = kernel->in_bytes / kernel->threads / 4;
  for (size_t k = 0; k < n_out; k++) {
    size_t thread = k / (n_out / kernel->threads);
    if (is_near(got[k], expected[k], kernel->tolerance))
      continue;
    fprintf(stderr, "%s: thread %zu word %zu: got %08x, recorded %08x; inputs", kernel->name, thread,
            k % (n_out / kernel->threads), got[k], expected[k]);
    for (size_t w = 0; w < in_words && w < 6; w++)
      fprintf(stderr, " %08x", in[thread * in_words + w]);
    fprintf(stderr, "\n");
    return 1;
  }
  return 0;
}

static int replay(const char *path) {
  static record_kernel kernel;
  static uint32_t in[1 << 14], expected[1 << 14], got[1 << 14];
  FILE *file = fopen(path, "r");
  int n = 0, n_wrong = 0;
  char device[256];
  if (!file || fscanf(file, "device %255[^\n] ", device) != 1)
    fail(path, 0);
  while (read_case(file, &kernel, path)) {
    if (fscanf(file, " in") != 0)
      fail(path, 0);
    read_words(file, in, kernel.in_bytes, path);
    if (fscanf(file, " out") != 0)
      fail(path, 0);
    read_words(file, expected, kernel.out_bytes, path);
    if (kernel.arch > device_arch)
      continue;
    run(&kernel, in, got);
    n_wrong += compare(&kernel, in, got, expected);
    n++;
  }
  fclose(file);
  printf("%s: %s: %d cases, %d differ\n", path, device, n, n_wrong);
  return n_wrong;
}

static int replay_all(const char *path) {
  DIR *directory = opendir(path);
  int n_wrong = 0;
  if (!directory)
    return replay(path);
  for (struct dirent *entry; (entry = readdir(directory));) {
    char file[1024];
    size_t n = strlen(entry->d_name);
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    if (n > 4 && !strcmp(entry->d_name + n - 4, ".txt"))
      n_wrong += replay(file);
  }
  closedir(directory);
  return n_wrong;
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "--replay")) {
    open_driver();
    return replay_all(argv[2]) != 0;
  }
  if (argc != 2 || argv[1][0] == '-') {
    fprintf(stderr, "usage: record_ptx FILE | record_ptx --replay FILE-OR-DIRECTORY\n");
    return 2;
  }
  open_driver();
  record_all(argv[1]);
  return 0;
}
