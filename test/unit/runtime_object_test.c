/* The object loader on what compilers at hand make of small kernels. */
#include "test/unit/runtime_build.h"

#include <unistd.h>

#include "runtime/hal/host/object.h"
#include "support/number.h"

/* Touches every section and kind of relocation that kernels come with. */
static const char source[] =
    "#include <string.h>\n"
    "#include <math.h>\n"
    "extern int helper(int);\n"
    "extern float fmaf(float, float, float);\n"
    "static const float table[5] = {1, 2, 3, 4, 5};\n"
    "static int counter = 40;\n"
    "static char scratch[100000];\n"
    "int shared = 7;\n"
    "static int twice(int x) { return 2 * x; }\n"
    "static int thrice(int x) { return 3 * x; }\n"
    "int (*const functions[])(int) = {twice, thrice};\n"
    "__attribute__((noinline)) int square(int x) { return x * x; }\n"
    "void lookup(char *const *operands, long task) { *(float *)operands[0] = table[task]; }\n"
    "void count(char *const *operands, long task) { (void)task; *(int *)operands[0] = ++counter + shared; }\n"
    "void call(char *const *operands, long task) { *(int *)operands[0] = helper((int)task) + square((int)task); }\n"
    "void indirect(char *const *operands, long task) { *(int *)operands[0] = functions[task & 1]((int)task); }\n"
    "void clear(char *const *operands, long task) {\n"
    "  memset(scratch, 1, (size_t)task); memcpy(operands[0], scratch, (size_t)task); }\n"
    "void product(char *const *operands, long task) {\n"
    "  *(float *)operands[0] = fmaf((float)task, 2.0f, 1.0f) + expf(0); }\n"
    "void choose(char *const *operands, long task) {\n"
    "  const char *s; switch (task) { case 0: s = \"zero\"; break; case 1: s = \"one\"; break; case 2: s = \"two\"; "
    "break;\n"
    "    case 3: s = \"three\"; break; case 4: s = \"four\"; break; default: s = \"many\"; }\n"
    "  memcpy(operands[0], s, 4); }\n";

static const char missing[] =
    "extern void nowhere(void); void kernel(char *const *o, long t) { (void)o; (void)t; nowhere(); }\n";
static const char thread_local_[] =
    "_Thread_local int x = 1; void kernel(char *const *o, long t) { *(int *)o[0] = x += (int)t; }\n";

static const char narrow[] =
    "void bf_single(char *const *o, long t) { *(__bf16 *)o[0] = (__bf16)((float *)o[1])[t]; }\n"
    "void bf_double(char *const *o, long t) { *(__bf16 *)o[0] = (__bf16)((double *)o[1])[t]; }\n"
    "void half_single(char *const *o, long t) { *(_Float16 *)o[0] = (_Float16)((float *)o[1])[t]; }\n"
    "void half_double(char *const *o, long t) { *(_Float16 *)o[0] = (_Float16)((double *)o[1])[t]; }\n"
    "void widen(char *const *o, long t) { *(float *)o[0] = (float)((_Float16 *)o[1])[t]; }\n"
    "void power(char *const *o, long t) { *(double *)o[0] = __builtin_powi(*(double *)o[1], (int)t); }\n";

/* Compiles into the arena; false where the compiler is not there. */
static bool compile(test_context *t, const char *compiler, const char *flags, const char *text,
                    alpa_image_code *out_code) {
  char directory[] = "/tmp/alpa-object-XXXXXX", path[64], command[512];
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof path, "%s/k.c", directory);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  snprintf(command, sizeof command, "%s -c %s -o %s/k.o %s 2>/dev/null", compiler, flags, directory, path);
  bool is_compiled = system(command) == 0;
  unlink(path);
  snprintf(path, sizeof path, "%s/k.o", directory);
  file = is_compiled ? fopen(path, "rb") : NULL;
  if (file) {
    char *data = alpa_arena_alloc(&t->arena, 1 << 20);
    *out_code = (alpa_image_code){data, fread(data, 1, 1 << 20, file)};
    fclose(file);
  }
  unlink(path);
  rmdir(directory);
  return is_compiled;
}

static int helper(int x) { return x + 1000; }

static uint64_t resolve(void *user, const char *name) {
  (void)user;
  return strcmp(name, "helper") == 0 ? (uint64_t)(uintptr_t)helper : 0;
}

static alpa_status load_object(test_context *t, alpa_arena *arena, alpa_image_code code, alpa_host_resolve_fn *resolver,
                               alpa_host_object **out_object) {
  alpa_host_object_source object = {.name = "k.o", .code = code, .resolve = resolver};
  return alpa_host_object_load(arena, &t->diag, &object, out_object);
}

typedef void kernel_fn(char *const *operands, int64_t task);

static void call_kernel(const alpa_host_object *object, const char *name, void *out, int64_t task) {
  kernel_fn *kernel = (kernel_fn *)(uintptr_t)alpa_host_object_find(object, name);
  if (!kernel)
    fail_msg("no '%s'", name);
  char *operands[] = {out};
  kernel(operands, task);
}

static void check_kernels(const alpa_host_object *object) {
  float real = 0;
  int integer = 0;
  char bytes[64] = {0};
  call_kernel(object, "lookup", &real, 3);
  assert_true(real == 4);
  call_kernel(object, "count", &integer, 0);
  call_kernel(object, "count", &integer, 0);
  assert_int_equal(integer, 49);
  call_kernel(object, "call", &integer, 9);
  assert_int_equal(integer, 1090);
  call_kernel(object, "indirect", &integer, 5);
  assert_int_equal(integer, 15);
  call_kernel(object, "clear", bytes, 63);
  assert_int_equal(bytes[62], 1);
  assert_int_equal(bytes[63], 0);
  call_kernel(object, "product", &real, 8);
  assert_true(real == 18);
  call_kernel(object, "choose", bytes, 4);
  assert_memory_equal(bytes, "four", 4);
  assert_null(alpa_host_object_find(object, "twice"));
  assert_null(alpa_host_object_find(object, "helper"));
}

static const char *const compilers[] = {"cc", "clang-19", "gcc"};
static const char *const flag_sets[] = {"-O2 -fPIC", "-O0 -fPIC", "-O2 -fPIC -fno-plt", "-O3 -fPIE -march=native",
                                        "-O2 -fPIC -ffunction-sections -fdata-sections -g"};

static void compiled_kernels_run(void **state) {
  (void)state;
  uint32_t n_loaded = 0;
  for (size_t c = 0; c < countof(compilers); c++)
    for (size_t f = 0; f < countof(flag_sets); f++) {
      test_context t;
      test_begin(&t);
      alpa_image_code code;
      if (compile(&t, compilers[c], flag_sets[f], source, &code)) {
        alpa_host_object *object;
        assert_ok(&t, load_object(&t, &t.arena, code, resolve, &object));
        check_kernels(object);
        alpa_host_object_destroy(object);
        n_loaded++;
      }
      test_end(&t);
    }
  if (n_loaded == 0)
    skip();
}

static void wrong_objects_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image_code code;
  alpa_host_object *object;
  if (!compile(&t, "cc", "-O2 -fPIC", missing, &code))
    skip();
  assert_int_equal(load_object(&t, &t.arena, code, NULL, &object), ALPA_NOT_FOUND);
  assert_message(&t, "calls 'nowhere', which neither the image nor the library has");
  assert_true(compile(&t, "cc", "-O2 -fPIC", thread_local_, &code));
  assert_int_equal(load_object(&t, &t.arena, code, NULL, &object), ALPA_UNSUPPORTED);
  assert_message(&t, "thread-local");
  assert_true(compile(&t, "cc", "-O2 -fno-pic -mcmodel=medium", source, &code));
  assert_int_equal(load_object(&t, &t.arena, code, resolve, &object), ALPA_UNSUPPORTED);
  assert_message(&t, "compile position-independent code");
  assert_int_equal(load_object(&t, &t.arena, (alpa_image_code){"text", 4}, NULL, &object), ALPA_DATA_LOSS);
  assert_message(&t, "not an ELF file");
  test_end(&t);
}

/* Truncated and mutated objects are refused or loaded, but never crash the loader; nothing of them is run. */
static void damaged_objects_are_harmless(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image_code code;
  if (!compile(&t, "cc", "-O2 -fPIC", source, &code))
    skip();
  uint64_t random = 5;
  size_t n_refused = 0;
  char *damaged = alpa_arena_alloc(&t.arena, code.size);
  for (uint32_t round = 0; round < 5000; round++) {
    alpa_arena arena;
    alpa_arena_init(&arena, &t.memory);
    memcpy(damaged, code.data, code.size);
    size_t size = round % 2 ? code.size : test_below(&random, (uint32_t)code.size);
    for (uint32_t i = 0; i < round % 4; i++)
      damaged[test_below(&random, (uint32_t)code.size)] = (char)test_random(&random);
    alpa_host_object *object;
    if (load_object(&t, &arena, (alpa_image_code){damaged, size}, resolve, &object) == ALPA_OK)
      alpa_host_object_destroy(object);
    else
      n_refused++;
    alpa_arena_deinit(&arena);
  }
  assert_true(n_refused > 2000);
  test_end(&t);
}

/* No page of a loaded object is writable and executable. */
static void pages_are_writable_or_executable(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image_code code;
  alpa_host_object *object;
  if (!compile(&t, "cc", "-O2 -fPIC", source, &code))
    skip();
  assert_ok(&t, load_object(&t, &t.arena, code, resolve, &object));
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps && fgets(line, sizeof line, maps))
    assert_null(strstr(line, "rwx"));
  if (maps)
    fclose(maps);
  alpa_host_object_destroy(object);
  test_end(&t);
}

/* Conversions that compilers leave to their library round once, to nearest even. */
static void conversions_round_once(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image_code code;
  alpa_host_object *object;
  if (!compile(&t, "clang-19", "-O2 -fPIC", narrow, &code))
    skip();
  assert_ok(&t, load_object(&t, &t.arena, code, NULL, &object));
  static const char *const names[] = {"bf_single", "bf_double", "half_single", "half_double"};
  uint64_t random = 9;
  for (uint32_t i = 0; i < 40000; i++) {
    bool is_double = i & 1;
    alpa_dtype dtype = i & 2 ? ALPA_F16 : ALPA_BF16;
    uint64_t bits = test_random(&random);
    if (i % 3 == 0) /* close to the middle between two numbers of the narrow type */
      bits = (bits & ~(is_double ? (uint64_t)0xFFFFFFFFFFFFF >> (dtype == ALPA_F16 ? 10 : 7) : 0xFFFF)) |
             (is_double ? (uint64_t)1 << (dtype == ALPA_F16 ? 41 : 44) : 0x8000) | test_below(&random, 2);
    double value = alpa_float_decode(is_double ? ALPA_F64 : ALPA_F32, is_double ? bits : (uint32_t)bits);
    uint16_t actual = 0, expected = (uint16_t)alpa_float_encode(dtype, value);
    char *operands[] = {(char *)&actual, (char *)&bits};
    kernel_fn *kernel = (kernel_fn *)(uintptr_t)alpa_host_object_find(object, names[(i & 1) + (i & 2)]);
    kernel(operands, 0);
    if (value == value && actual != expected)
      fail_msg("%s(%a) is %04x, expects %04x", names[(i & 1) + (i & 2)], value, actual, expected);
  }
  kernel_fn *widen = (kernel_fn *)(uintptr_t)alpa_host_object_find(object, "widen");
  for (uint32_t half = 0; half < 0x7C00; half++) {
    uint16_t in = (uint16_t)half;
    float out;
    widen((char *[]){(char *)&out, (char *)&in}, 0);
    assert_true((double)out == alpa_float_decode(ALPA_F16, half));
  }
  kernel_fn *power = (kernel_fn *)(uintptr_t)alpa_host_object_find(object, "power");
  double base = -3, result;
  power((char *[]){(char *)&result, (char *)&base}, 5);
  assert_true(result == -243);
  power((char *[]){(char *)&result, (char *)&base}, -2);
  assert_true(result == 1.0 / 9);
  alpa_host_object_destroy(object);
  test_end(&t);
}

/* The same through an image. */
static void images_bring_their_code(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image_code code;
  if (!compile(&t, "cc", "-O2 -fPIC", source, &code))
    skip();
  alpa_device_mesh *mesh = test_mesh(&t, 2, 2);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  uint32_t out = build_result(&b, build_tensor(&t.arena, "y", ALPA_I32, 1, 1, 2));
  emit_run(&b, &b.program, "here", build_kernel(&b, "call", 1), out);
  alpa_vec_push(&t.arena, &b.code, code);
  alpa_image image = build_image(&b);
  alpa_str bytes = alpa_image_write(&t.arena, &image);
  alpa_image *read;
  assert_ok(&t, alpa_image_read(&t.arena, &t.diag, "y.image", bytes, &read));
  alpa_symbol symbol = {"helper", (void (*)(void))helper};
  alpa_load_options options = {.symbols = &symbol, .n_symbols = 1};
  alpa_executable *executable;
  assert_ok(&t, alpa_executable_load(mesh, &t.diag, read, &options, &executable));
  alpa_array *y;
  int32_t value;
  assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, &y));
  assert_ok(&t, alpa_array_read(y, &t.diag, true, &value));
  assert_int_equal(value, 1000);
  alpa_array_release(y);
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compiled_kernels_run),         cmocka_unit_test(wrong_objects_are_refused),
      cmocka_unit_test(damaged_objects_are_harmless), cmocka_unit_test(pages_are_writable_or_executable),
      cmocka_unit_test(conversions_round_once),       cmocka_unit_test(images_bring_their_code),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
