/* sharded [--seeds=N] [--first=SEED] [--no-jit]: reads names of programs, one per line, and says of each whether random
 * shardings of its values on four devices compute what one device computes.
 *
 * A program is planned for one device and interpreted in field arithmetic; then its values are sharded at random (the
 * pass shard-random: uneven and partial states too) N times, partitioned, and
 *   - interpreted in field arithmetic on four devices: the results must have the same bits;
 *   - compiled and run on four devices, with padding and unwritten memory poisoned: its own checks must pass.
 * Prints per program a line "name<TAB>ok" or "name<TAB>what went wrong", as soon as it is known: whoever feeds names
 * knows which one a crash belongs to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"

enum { N_DEVICES = 4, MAX_TEXT = 2000 };

static const char *const meshes[] = {"2x2", "4"};

typedef struct options {
  long n_seeds, first;
  bool jit;
} options;

/* One program on its way. */
typedef struct check {
  const options *options;
  alpa_context *context;
  alpa_module *module;
  alpa_devices *devices;
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

static bool run_field(check *c, const alpa_plan *plan, const char *where, values *out) {
  *out = create_values(plan);
  alpa_status status = alpa_plan_interpret(plan, true, 1, NULL, out->data);
  return status == ALPA_OK || refuse(c, where, status);
}

static bool interpret_one_device(check *c, values *out) {
  alpa_plan *plan = NULL;
  alpa_status status = alpa_plan_create(c->module, NULL, &plan);
  bool ok = status == ALPA_OK ? run_field(c, plan, "one device", out) : refuse(c, "one device", status);
  alpa_plan_destroy(plan);
  return ok;
}

static bool compare_field(check *c, const alpa_plan *plan, const values *expected) {
  values actual;
  bool ok = run_field(c, plan, "field", &actual);
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

static bool run_jit(check *c, const alpa_plan *plan) {
  alpa_program *program = NULL;
  uint32_t n = alpa_plan_count_results(plan);
  alpa_array **results = allocate(n * sizeof(alpa_array *));
  alpa_status status = alpa_program_create(plan, c->devices, &program);
  if (status == ALPA_OK)
    status = alpa_program_run(program, NULL, results);
  bool ok = status == ALPA_OK ? run_checks(c, plan, program, results) : refuse(c, "jit", status);
  for (uint32_t i = 0; i < n; i++)
    alpa_array_release(results[i]);
  free(results);
  alpa_program_destroy(program);
  return ok;
}

static bool check_sharding(check *c, long seed, const values *expected) {
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
  bool ok = status == ALPA_OK && compare_field(c, plan, expected) && (!c->options->jit || run_jit(c, plan));
  alpa_plan_destroy(plan);
  return ok || refuse(c, variant, status);
}

static bool check_shardings(check *c) {
  values expected = {0};
  bool ok = interpret_one_device(c, &expected);
  for (long i = 0; ok && i < c->options->n_seeds; i++)
    ok = check_sharding(c, c->options->first + i, &expected);
  free_values(&expected);
  return ok;
}

static bool open_check(check *c) {
  alpa_context_options context = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  context.diagnostic = keep_first_error;
  context.diagnostic_user = c;
  devices.n_devices = N_DEVICES;
  devices.workers = 1;
  devices.poison = true;
  alpa_status status = alpa_context_create(&context, &c->context);
  if (status == ALPA_OK && c->options->jit)
    status = alpa_devices_create(c->context, &devices, &c->devices);
  return status == ALPA_OK || refuse(c, "devices", status);
}

static void check_program(const options *how, const char *path) {
  check c = {.options = how};
  bool ok = open_check(&c) && read_program(&c, path) && check_shardings(&c);
  c.message[strcspn(c.message, "\n")] = 0;
  printf("%s\t%s\n", path, ok ? "ok" : c.message);
  fflush(stdout);
  alpa_devices_destroy(c.devices);
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
    else
      return fprintf(stderr, "usage: sharded [--seeds=N] [--first=SEED] [--no-jit] < names\n"), 2;
  }
  char path[4096];
  while (fgets(path, sizeof path, stdin)) {
    path[strcspn(path, "\n")] = 0;
    check_program(&how, path);
  }
  return 0;
}
