/* accuracy [--stride=N] [--threads=N] [function...]: how far machine code is from the exact results, in units of the
 * last place.
 *
 * Unary functions of f32 are measured on every value, or on every N-th one; those of bf16 and f16 on every value; those
 * of f64, and binary functions, on samples: half of them uniform bit patterns, the others uniform in [-30, 30] and in
 * [-1, 1].  The reference is the C library's long double, or a series in long double where it has no such function
 * (accuracy_reference.c); its own error is below 0.01 units in f64.  For f32 it is the C library's double, within 4e-6
 * units, which every CHECKED-th value compares with the long double.  Prints a table in Markdown: the largest
 * error, and where infinities and NaNs are not what they should be, how many. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"
#include "bench/accuracy_reference.h"
#include "support/number.h"

enum { CHUNK = 1 << 18, SAMPLES = 1 << 22, CHECKED = 997, MAX_THREADS = 256 };

typedef struct format {
  alpa_dtype dtype;
  int mantissa_bits, least_exponent; /* of the subnormals' unit */
} format;

static const format formats[] = {
    {ALPA_F32, 23, -149}, {ALPA_F64, 52, -1074}, {ALPA_BF16, 7, -133}, {ALPA_F16, 10, -24}};

/* What was found of one function in one format. */
typedef struct finding {
  double worst;
  double at[2];
  uint64_t n_wrong; /* infinities, NaNs and zeros that are not where they should be */
} finding;

typedef struct machine {
  alpa_context *context;
  alpa_devices *devices;
  alpa_program *program;
  alpa_module *module;
  alpa_plan *plan;
} machine;

static void check(alpa_status status, const char *what) {
  if (status == ALPA_OK)
    return;
  fprintf(stderr, "accuracy: %s: %s\n", what, alpa_status_name(status));
  exit(1);
}

static void show(void *user, const alpa_diagnostic *diagnostic) {
  (void)user;
  fputs(diagnostic->rendered, stderr);
}

/* ---- programs ---- */

static machine open_machine(const accuracy_row *row, alpa_dtype dtype) {
  machine m = {0};
  char type[64], text[512];
  alpa_context_options context = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  alpa_compile_options how = ALPA_COMPILE_OPTIONS_INIT;
  context.diagnostic = show;
  devices.workers = how.cores = 1;
  snprintf(type, sizeof type, "tensor<%dx%s>", CHUNK, alpa_dtype_get_info(dtype)->spelling);
  int n = row->binary
              ? snprintf(text, sizeof text,
                         "func.func @main(%%x: %s, %%y: %s) -> %s {\n  %%0 = \"%s\"(%%x, %%y) : (%s, %s) -> %s\n"
                         "  return %%0 : %s\n}\n",
                         type, type, type, row->op, type, type, type, type)
              : snprintf(text, sizeof text,
                         "func.func @main(%%x: %s) -> %s {\n  %%0 = \"%s\"(%%x) : (%s) -> %s\n  return %%0 : %s\n}\n",
                         type, type, row->op, type, type, type);
  check(alpa_context_create(&context, &m.context), "context");
  check(alpa_module_parse(m.context, text, (size_t)n, NULL, &m.module), row->op);
  check(alpa_plan_create(m.module, &how, &m.plan), row->op);
  check(alpa_devices_create(m.context, &devices, &m.devices), "devices");
  check(alpa_program_create(m.plan, m.devices, &m.program), row->op);
  return m;
}

static void close_machine(machine *m) {
  alpa_program_destroy(m->program);
  alpa_devices_destroy(m->devices);
  alpa_plan_destroy(m->plan);
  alpa_module_destroy(m->module);
  alpa_context_destroy(m->context);
}

static void run(machine *m, const void *const inputs[2], uint32_t n_inputs, void *output) {
  alpa_array *arguments[2], *result;
  for (uint32_t i = 0; i < n_inputs; i++)
    check(alpa_program_create_array(m->program, i, inputs[i], &arguments[i]), "argument");
  check(alpa_program_run(m->program, arguments, &result), "run");
  check(alpa_program_read_array(m->program, result, output), "result");
  for (uint32_t i = 0; i < n_inputs; i++)
    alpa_array_release(arguments[i]);
  alpa_array_release(result);
}

/* ---- errors ---- */

static double largest(const format *f) {
  return alpa_float_decode(f->dtype, alpa_float_encode(f->dtype, INFINITY) - 1);
}

/* The distance in units of the last place of the exact result; -1 where one is special and the other is not. */
static double error_of(const format *f, double got, long double exact) {
  if (isnan(exact) || isnan(got))
    return isnan(exact) && isnan(got) ? 0 : -1;
  int exponent;
  (void)frexpl(exact, &exponent);
  int unit = exponent - 1 - f->mantissa_bits;
  if (exact == 0 || unit < f->least_exponent)
    unit = f->least_exponent;
  long double limit = (long double)largest(f);
  if (fabsl(exact) > limit) { /* beyond the largest number infinity is right, and up to half a unit that number */
    bool rounds_down = fabsl(exact) < limit + ldexpl(1, unit - 1);
    return isinf(got) ? ((got > 0) == (exact > 0) ? 0 : -1) : rounds_down || !isinf(exact) ? 1 : -1;
  }
  if (isinf(got))
    return fabsl(exact) >= limit - 4 * ldexpl(1, unit) ? 1 : -1;
  return (double)fabsl(ldexpl((long double)got - exact, -unit));
}

/* The same for f32: cheaper. */
static double error_of_f32(const format *f, double got, double exact) {
  if ((isnan(got) && isnan(exact)) || (got == INFINITY && exact > 2. * FLT_MAX) || (got == -INFINITY && exact < -2. * FLT_MAX))
    return 0;
  if (!(fabs(got) <= FLT_MAX && fabs(exact) <= FLT_MAX))
    return error_of(f, got, exact);
  if (fabs(exact) < FLT_MIN)
    return fabs(got - exact) * 0x1p149;
  uint64_t bits;
  memcpy(&bits, &exact, sizeof bits);
  bits = ((UINT64_C(2046) + 23) << 52) - (bits & UINT64_C(0x7FF) << 52); /* 2^(23 - exponent) */
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  return fabs(got - exact) * scale;
}

static double load(const format *f, const char *from, size_t i) {
  if (f->dtype == ALPA_F32) {
    float x;
    memcpy(&x, from + i * sizeof x, sizeof x);
    return x;
  }
  return alpa_float_decode(f->dtype, alpa_element_load(f->dtype, from + i * alpa_dtype_get_info(f->dtype)->bytes));
}

/* Compares the reference in double with the one in long double. */
static void check_reference(const accuracy_row *row, double x) {
  double close = row->close(x);
  long double exact = row->unary(x);
  if (close == (double)exact || (isnan(close) && isnan(exact)) ||
      fabsl(close - exact) <= fabsl(exact) * 0x1p-42L + 0x1p-200L) /* far below what an f32 can be */
    return;
  fprintf(stderr, "accuracy: the reference of %s is off at %.9g: %.17g, exact %.21Lg\n", row->op, x, close, exact);
  exit(1);
}

static void measure(const accuracy_row *row, const format *f, machine *m, char *const inputs[2], char *output,
                    size_t count, finding *found) {
  run(m, (const void *const[]){inputs[0], inputs[1]}, row->binary ? 2 : 1, output);
  for (size_t i = 0; i < count; i++) {
    double x = load(f, inputs[0], i), y = row->binary ? load(f, inputs[1], i) : 0, got = load(f, output, i), error;
    bool is_close = f->dtype == ALPA_F32 && row->close;
    if (is_close && i % CHECKED == 0)
      check_reference(row, x);
    if (is_close)
      error = error_of_f32(f, got, row->close(x));
    else
      error = error_of(f, got, row->binary ? row->binary(x, y) : row->unary(x));
    found->n_wrong += error < 0;
    if (error > found->worst || (error < 0 && found->n_wrong == 1 && found->worst == 0)) {
      found->worst = error > 0 ? error : found->worst;
      found->at[0] = x;
      found->at[1] = y;
    }
    if (error < 0 && getenv("ACCURACY_VERBOSE") && found->n_wrong < 4)
      fprintf(stderr, "%s %s(%.9g, %.9g) = %.9g\n", alpa_dtype_get_info(f->dtype)->spelling, row->op, x, y, got);
  }
}

/* ---- values ---- */

static uint64_t next_random(uint64_t *state) {
  *state += 0x9E3779B97F4A7C15u;
  uint64_t z = (*state ^ (*state >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static void draw(const format *f, uint64_t *state, char *out) {
  size_t bytes = alpa_dtype_get_info(f->dtype)->bytes;
  for (size_t i = 0; i < CHUNK; i++) {
    uint64_t bits = next_random(state);
    double unit = (double)(bits >> 11) * 0x1p-53 - 0.5;
    if (i % 2)
      bits = alpa_float_encode(f->dtype, unit * (i % 4 == 1 ? 60 : 2));
    alpa_element_store(f->dtype, out + i * bytes, bits);
  }
}

/* What one thread measures: values first, first + stride, ... below end; or samples, where the stride is 0. */
typedef struct task {
  const accuracy_row *row;
  const format *format;
  uint64_t first, end, stride;
  finding found;
} task;

static void measure_samples(task *t, machine *m, char *const inputs[2], char *output) {
  uint64_t state = 1;
  for (size_t done = 0; done < SAMPLES; done += CHUNK) {
    draw(t->format, &state, inputs[0]);
    draw(t->format, &state, inputs[1]);
    measure(t->row, t->format, m, inputs, output, CHUNK, &t->found);
  }
}

static void measure_all(task *t, machine *m, char *const inputs[2], char *output) {
  size_t bytes = alpa_dtype_get_info(t->format->dtype)->bytes;
  uint64_t bits = t->first;
  while (bits < t->end) {
    size_t n = 0;
    for (; n < CHUNK && bits < t->end; n++, bits += t->stride)
      alpa_element_store(t->format->dtype, inputs[0] + n * bytes, bits);
    measure(t->row, t->format, m, inputs, output, n, &t->found);
  }
}

static void *run_task(void *argument) {
  task *t = argument;
  char *inputs[2] = {calloc(CHUNK, 8), calloc(CHUNK, 8)}, *output = calloc(CHUNK, 8);
  if (!inputs[0] || !inputs[1] || !output)
    check(ALPA_OUT_OF_MEMORY, "memory");
  machine m = open_machine(t->row, t->format->dtype);
  (t->stride ? measure_all : measure_samples)(t, &m, inputs, output);
  close_machine(&m);
  free(inputs[0]);
  free(inputs[1]);
  free(output);
  return NULL;
}

static void merge(finding *into, const finding *found) {
  uint64_t n_wrong = into->n_wrong + found->n_wrong;
  if (found->worst > into->worst)
    *into = *found;
  into->n_wrong = n_wrong;
}

/* All values of a format, in as many parts as there are threads. */
static finding measure_in_parts(const task *whole, size_t n_threads) {
  task tasks[MAX_THREADS];
  pthread_t threads[MAX_THREADS];
  uint64_t part = (whole->end / whole->stride / n_threads + 1) * whole->stride;
  for (size_t i = 0; i < n_threads; i++) {
    tasks[i] = *whole;
    tasks[i].first = i * part;
    tasks[i].end = (i + 1) * part < whole->end ? (i + 1) * part : whole->end;
    check(pthread_create(&threads[i], NULL, run_task, &tasks[i]) ? ALPA_UNAVAILABLE : ALPA_OK, "thread");
  }
  finding found = {0};
  for (size_t i = 0; i < n_threads; i++) {
    pthread_join(threads[i], NULL);
    merge(&found, &tasks[i].found);
  }
  return found;
}

static finding measure_format(const accuracy_row *row, const format *f, uint64_t stride, size_t n_threads) {
  task t = {.row = row, .format = f};
  if (row->binary || f->dtype == ALPA_F64) {
    run_task(&t);
    return t.found;
  }
  t.end = UINT64_C(1) << (8 * alpa_dtype_get_info(f->dtype)->bytes);
  t.stride = f->dtype == ALPA_F32 ? stride : 1;
  return measure_in_parts(&t, f->dtype == ALPA_F32 ? n_threads : 1);
}

static void report(const accuracy_row *row, const finding *found) {
  if (row->binary)
    printf(" %.2f (%.6g, %.6g)", found->worst, found->at[0], found->at[1]);
  else
    printf(" %.2f (%.6g)", found->worst, found->at[0]);
  if (found->n_wrong)
    printf(", %" PRIu64 " wrong", found->n_wrong);
  printf(" |");
}

static void measure_row(const accuracy_row *row, uint64_t stride, size_t n_threads) {
  printf("| %s |", row->op);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    finding found = measure_format(row, &formats[i], stride, n_threads);
    report(row, &found);
    fflush(stdout);
  }
  printf("\n");
}

static bool is_chosen(const accuracy_row *row, int argc, char **argv) {
  bool any = false;
  for (int i = 1; i < argc; i++) {
    any |= argv[i][0] != '-';
    if (strcmp(argv[i], row->op) == 0)
      return true;
  }
  return !any;
}

/* The number behind `name=` on the command line, at least 1. */
static uint64_t read_option(int argc, char **argv, const char *name) {
  uint64_t value = 1;
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], name, strlen(name)) == 0)
      value = strtoull(argv[i] + strlen(name), NULL, 10);
  return value ? value : 1;
}

int main(int argc, char **argv) {
  uint64_t stride = read_option(argc, argv, "--stride="), n_threads = read_option(argc, argv, "--threads=");
  printf("Largest error of machine code in units of the last place, and where; 0.5 is perfect.  f32: ");
  printf(stride == 1 ? "all values" : "every %" PRIu64 ". value", stride);
  printf("; bf16, f16: all values; f64 and binary functions: %d samples.\n\"wrong\" counts infinities and NaNs that "
         "should be other ones, or none.\n\n| function | f32 | f64 | bf16 | f16 |\n|---|---|---|---|---|\n",
         SAMPLES);
  for (size_t i = 0; i < accuracy_row_count; i++)
    if (is_chosen(&accuracy_rows[i], argc, argv))
      measure_row(&accuracy_rows[i], stride, n_threads < MAX_THREADS ? n_threads : MAX_THREADS);
  return 0;
}
