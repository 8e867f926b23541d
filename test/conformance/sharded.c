/* sharded [--seeds=N] [--first=SEED] [--no-jit] [--compare]: reads names of programs, one per line, and says of each
 * whether random shardings of its values on four devices compute what one device computes.
 *
 * A program is planned for one device and interpreted in field arithmetic; then its values are sharded at random (the
 * pass shard-random: uneven and partial states too) N times, partitioned, and
 *   - interpreted in field arithmetic on four devices: the results must have the same bits;
 *   - compiled and run on four devices, with padding and unwritten memory poisoned: its own checks must pass.
 * With --compare a program has no checks: machine code, on one device and on four, must give the numbers of the
 * interpreter, within what each result's jax.result_info says ("tolerance=1e-5").
 * Prints per program a line "name<TAB>ok" or "name<TAB>what went wrong", as soon as it is known: whoever feeds names
 * knows which one a crash belongs to. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"
#include "support/number.h"

enum { N_DEVICES = 4, MAX_TEXT = 2000 };

static const char *const meshes[] = {"2x2", "4"};

typedef struct options {
  long n_seeds, first;
  bool jit, compare;
} options;

/* One program on its way. */
typedef struct check {
  const options *options;
  alpa_context *context;
  alpa_module *module;
  alpa_devices *one, *four; /* four: N_DEVICES */
  char *text;
  char message[MAX_TEXT]; /* the first error */
} check;

/* Results of a plan in dense memory. */
typedef struct values {
  size_t n;
  size_t *bytes;
  void **data;
} values;

static void *allocate(size_t size) {
  void *memory = calloc(1, size ? size : 1);
  if (!memory) {
    fputs("sharded: out of memory\n", stderr);
    exit(2);
  }
  return memory;
}

static void keep_first_error(void *user, const alpa_diagnostic *diagnostic) {
  check *c = user;
  if (diagnostic->severity == ALPA_ERROR && !c->message[0])
    snprintf(c->message, sizeof c->message, "%u: %s", diagnostic->line, diagnostic->message);
}

/* Prefixes the message with where it happened; always false, for `return refuse(...)`. */
static bool refuse(check *c, const char *where, alpa_status status) {
  char message[MAX_TEXT];
  snprintf(message, sizeof message, "%s: %.1800s", where, c->message[0] ? c->message : alpa_status_name(status));
  memcpy(c->message, message, sizeof message);
  return false;
}

/* ---- values ---- */

/* A float is 8 bytes in field arithmetic, a complex number 16: room for either. */
static values create_values(const alpa_plan *plan) {
  values v = {.n = alpa_plan_count_results(plan)};
  v.bytes = allocate(v.n * sizeof *v.bytes);
  v.data = allocate(v.n * sizeof *v.data);
  for (uint32_t i = 0; i < v.n; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    if (alpa_plan_get_result(plan, i, &info) != ALPA_OK)
      abort();
    v.bytes[i] = 16;
    for (uint32_t d = 0; d < info.rank; d++)
      v.bytes[i] *= (size_t)info.dims[d];
    v.data[i] = allocate(v.bytes[i]);
  }
  return v;
}

static void free_values(values *v) {
  for (size_t i = 0; i < v->n; i++)
    free(v->data[i]);
  free(v->data);
  free(v->bytes);
}

/* ---- comparing numbers ---- */

/* Rounding errors add up in other orders than the generator thought of. */
static const double safety = 32;

static double part_of(alpa_dtype dtype, const char *at) {
  if (alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT)
    return alpa_float_decode(dtype, alpa_element_load(dtype, at));
  return (double)alpa_integer_load(dtype, at);
}

static bool is_near(double a, double b, double tolerance) {
  return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= safety * tolerance;
}

/* Integers have no tolerance, and 64 bits of them do not fit into a double. */
static bool compare_result(check *c, const alpa_tensor_info *info, uint32_t result, const char *actual,
                           const char *expected, size_t bytes) {
  const char *note = strstr(info->name, "tolerance=");
  double tolerance = note ? strtod(note + strlen("tolerance="), NULL) : 0;
  bool is_complex = alpa_dtype_get_info(info->dtype)->class_ == ALPA_CLASS_COMPLEX;
  alpa_dtype dtype = is_complex ? alpa_complex_part(info->dtype) : info->dtype;
  bool is_float = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT;
  size_t step = alpa_dtype_get_info(dtype)->bytes;
  for (size_t at = 0; at < bytes; at += step) {
    double a = part_of(dtype, actual + at), b = part_of(dtype, expected + at);
    if (is_float ? is_near(a, b, tolerance) : memcmp(actual + at, expected + at, step) == 0)
      continue;
    snprintf(c->message, sizeof c->message, "result %" PRIu32 ", element %zu of %zu: %.17g, expected %.17g", result,
             at / step, bytes / step, a, b);
    return false;
  }
  return true;
}

/* ---- one program ---- */

static bool read_program(check *c, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END))
    return refuse(c, "cannot be read", ALPA_IO_ERROR);
  size_t size = (size_t)ftell(file);
  c->text = allocate(size + 1);
  rewind(file);
  bool is_read = fread(c->text, 1, size, file) == size;
  fclose(file);
  alpa_status status = is_read ? alpa_module_parse(c->context, c->text, size, NULL, &c->module) : ALPA_IO_ERROR;
  return status == ALPA_OK || refuse(c, "parse", status);
}

static bool interpret(check *c, const alpa_plan *plan, bool field, const char *where, values *out) {
  *out = create_values(plan);
  alpa_status status = alpa_plan_interpret(plan, field, 1, NULL, out->data);
  return status == ALPA_OK || refuse(c, where, status);
}

static bool compare_field(check *c, const alpa_plan *plan, const values *expected) {
  values actual;
  bool ok = interpret(c, plan, true, "field", &actual);
  for (size_t i = 0; ok && i < expected->n; i++)
    if (memcmp(actual.data[i], expected->data[i], expected->bytes[i]) != 0) {
      snprintf(c->message, sizeof c->message, "result %zu has other field elements than on one device", i);
      ok = false;
    }
  free_values(&actual);
  return ok;
}

static bool read_result(check *c, const alpa_program *program, alpa_array *const *results, uint32_t i, void **out) {
  *out = allocate((size_t)alpa_array_global_bytes(results[i]));
  alpa_status status = alpa_program_read_array(program, results[i], *out);
  return status == ALPA_OK || refuse(c, "read", status);
}

static bool run_checks(check *c, const alpa_plan *plan, const alpa_program *program, alpa_array *const *results) {
  bool ok = true;
  for (uint32_t i = 0; ok && i < alpa_plan_count_checks(plan); i++) {
    alpa_check_info info = ALPA_CHECK_INFO_INIT;
    void *actual = NULL, *expected = NULL;
    ok = alpa_plan_get_check(plan, i, &info) == ALPA_OK && read_result(c, program, results, info.actual, &actual) &&
         read_result(c, program, results, info.expected, &expected);
    alpa_status status = ok ? alpa_plan_run_check(plan, i, actual, expected) : ALPA_OK;
    ok = ok && (status == ALPA_OK || refuse(c, "jit", status));
    free(actual);
    free(expected);
  }
  return ok;
}

static bool compare_results(check *c, const alpa_plan *plan, const alpa_program *program, alpa_array *const *results,
                            const values *expected) {
  bool ok = true;
  for (uint32_t i = 0; ok && i < expected->n; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    void *actual = NULL;
    ok = alpa_plan_get_result(plan, i, &info) == ALPA_OK && read_result(c, program, results, i, &actual) &&
         (compare_result(c, &info, i, actual, expected->data[i], (size_t)alpa_array_global_bytes(results[i])) ||
          refuse(c, "jit", ALPA_CHECK_FAILED));
    free(actual);
  }
  return ok;
}

/* `expected`: the interpreter's numbers, or NULL where the program checks itself. */
static bool run_jit(check *c, const alpa_plan *plan, alpa_devices *devices, const values *expected) {
  alpa_program *program = NULL;
  uint32_t n = alpa_plan_count_results(plan);
  alpa_array **results = allocate(n * sizeof(alpa_array *));
  alpa_status status = alpa_program_create(plan, devices, &program);
  if (status == ALPA_OK)
    status = alpa_program_run(program, NULL, results);
  bool ok = status != ALPA_OK ? refuse(c, "jit", status)
            : expected        ? compare_results(c, plan, program, results, expected)
                              : run_checks(c, plan, program, results);
  for (uint32_t i = 0; i < n; i++)
    alpa_array_release(results[i]);
  free(results);
  alpa_program_destroy(program);
  return ok;
}

/* What one device computes. */
typedef struct reference {
  values field, real; /* real: empty unless it is compared with */
} reference;

static bool run_one_device(check *c, reference *out) {
  alpa_plan *plan = NULL;
  alpa_compile_options how = ALPA_COMPILE_OPTIONS_INIT;
  how.cores = how.compile_threads = 1;
  alpa_status status = alpa_plan_create(c->module, &how, &plan);
  bool ok = status == ALPA_OK ? interpret(c, plan, true, "field", &out->field) : refuse(c, "plan", status);
  if (ok && c->options->compare)
    ok = interpret(c, plan, false, "real", &out->real) && run_jit(c, plan, c->one, &out->real);
  alpa_plan_destroy(plan);
  return ok || refuse(c, "one device", status);
}

static bool check_sharding(check *c, long seed, const reference *expected) {
  alpa_compile_options how = ALPA_COMPILE_OPTIONS_INIT;
  alpa_plan *plan = NULL;
  char cluster[20], pipeline[80], variant[80];
  snprintf(cluster, sizeof cluster, "host:%d", N_DEVICES);
  snprintf(pipeline, sizeof pipeline, "builtin.module(shard-random{seed=%ld})", seed);
  how.cluster = cluster;
  how.mesh = meshes[(size_t)seed % (sizeof meshes / sizeof *meshes)];
  how.pipeline = pipeline;
  how.cores = how.compile_threads = 1;
  snprintf(variant, sizeof variant, "seed %ld on %s", seed, how.mesh);
  alpa_status status = alpa_plan_create(c->module, &how, &plan);
  const values *real = c->options->compare ? &expected->real : NULL;
  bool ok = status == ALPA_OK && compare_field(c, plan, &expected->field) &&
            (!c->options->jit || run_jit(c, plan, c->four, real));
  alpa_plan_destroy(plan);
  return ok || refuse(c, variant, status);
}

static bool check_shardings(check *c) {
  reference expected = {0};
  bool ok = run_one_device(c, &expected);
  for (long i = 0; ok && i < c->options->n_seeds; i++)
    ok = check_sharding(c, c->options->first + i, &expected);
  free_values(&expected.field);
  free_values(&expected.real);
  return ok;
}

static bool open_check(check *c) {
  alpa_context_options context = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  context.diagnostic = keep_first_error;
  context.diagnostic_user = c;
  devices.workers = 1;
  devices.poison = true;
  alpa_status status = alpa_context_create(&context, &c->context);
  if (status == ALPA_OK && c->options->compare)
    status = alpa_devices_create(c->context, &devices, &c->one);
  devices.n_devices = N_DEVICES;
  if (status == ALPA_OK && c->options->jit)
    status = alpa_devices_create(c->context, &devices, &c->four);
  return status == ALPA_OK || refuse(c, "devices", status);
}

static void check_program(const options *how, const char *path) {
  check c = {.options = how};
  bool ok = open_check(&c) && read_program(&c, path) && check_shardings(&c);
  c.message[strcspn(c.message, "\n")] = 0;
  printf("%s\t%s\n", path, ok ? "ok" : c.message);
  fflush(stdout);
  alpa_devices_destroy(c.four);
  alpa_devices_destroy(c.one);
  alpa_module_destroy(c.module);
  alpa_context_destroy(c.context);
  free(c.text);
}

int main(int argc, char **argv) {
  options how = {.n_seeds = 3, .jit = true};
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--seeds=", 8) == 0)
      how.n_seeds = strtol(argv[i] + 8, NULL, 10);
    else if (strncmp(argv[i], "--first=", 8) == 0)
      how.first = strtol(argv[i] + 8, NULL, 10);
    else if (strcmp(argv[i], "--no-jit") == 0)
      how.jit = false;
    else if (strcmp(argv[i], "--compare") == 0)
      how.compare = true;
    else
      return fprintf(stderr, "usage: sharded [--seeds=N] [--first=SEED] [--no-jit] [--compare] < names\n"), 2;
  }
  char path[4096];
  while (fgets(path, sizeof path, stdin)) {
    path[strcspn(path, "\n")] = 0;
    check_program(&how, path);
  }
  return 0;
}
