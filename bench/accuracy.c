/* accuracy [--stride=N] [function...]: how far machine code is from the exact results, in units of the last place.
 *
 * Unary functions of f32 are measured on every value, or on every N-th one; those of bf16 and f16 on every value; those
 * of f64, and binary functions, on samples: half of them uniform bit patterns, the others uniform in [-30, 30] and in [-1, 1].  The
 * reference is the C library's long double, or a series in long double where it has no such function
 * (accuracy_reference.c); its own error is below 0.01 units in f64.  Prints a table in Markdown: the largest error, and
 * where infinities and NaNs are not what they should be, how many. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"
#include "bench/accuracy_reference.h"
#include "support/number.h"

enum { CHUNK = 1 << 20, SAMPLES = 1 << 22 };

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

static void measure(const accuracy_row *row, const format *f, machine *m, char *const inputs[2], char *output,
                    size_t count, finding *found) {
  size_t bytes = alpa_dtype_get_info(f->dtype)->bytes;
  run(m, (const void *const[]){inputs[0], inputs[1]}, row->binary ? 2 : 1, output);
  for (size_t i = 0; i < count; i++) {
    double x = alpa_float_decode(f->dtype, alpa_element_load(f->dtype, inputs[0] + i * bytes));
    double y = row->binary ? alpa_float_decode(f->dtype, alpa_element_load(f->dtype, inputs[1] + i * bytes)) : 0;
    double got = alpa_float_decode(f->dtype, alpa_element_load(f->dtype, output + i * bytes));
    long double exact = row->binary ? row->binary(x, y) : row->unary(x);
    double error = error_of(f, got, exact);
    found->n_wrong += error < 0;
    if (error > found->worst || (error < 0 && found->n_wrong == 1 && found->worst == 0)) {
      found->worst = error > 0 ? error : found->worst;
      found->at[0] = x;
      found->at[1] = y;
    }
    if (error < 0 && getenv("ACCURACY_VERBOSE") && found->n_wrong < 4)
      fprintf(stderr, "%s %s(%.9g, %.9g) = %.9g, exact %.9Lg\n", alpa_dtype_get_info(f->dtype)->spelling, row->op, x, y,
              got, exact);
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

static finding measure_samples(const accuracy_row *row, const format *f, machine *m, char *const inputs[2],
                               char *output) {
  finding found = {0};
  uint64_t state = 1;
  for (size_t done = 0; done < SAMPLES; done += CHUNK) {
    draw(f, &state, inputs[0]);
    draw(f, &state, inputs[1]);
    measure(row, f, m, inputs, output, CHUNK, &found);
  }
  return found;
}

static finding measure_all(const accuracy_row *row, const format *f, machine *m, char *const inputs[2], char *output,
                           uint64_t stride) {
  finding found = {0};
  size_t bytes = alpa_dtype_get_info(f->dtype)->bytes;
  uint64_t end = UINT64_C(1) << (8 * bytes), bits = 0;
  while (bits < end) {
    size_t n = 0;
    for (; n < CHUNK && bits < end; n++, bits += stride)
      alpa_element_store(f->dtype, inputs[0] + n * bytes, bits);
    measure(row, f, m, inputs, output, n, &found);
  }
  return found;
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

static void measure_row(const accuracy_row *row, uint64_t stride) {
  char *inputs[2] = {calloc(CHUNK, 8), calloc(CHUNK, 8)}, *output = calloc(CHUNK, 8);
  if (!inputs[0] || !inputs[1] || !output)
    check(ALPA_OUT_OF_MEMORY, "memory");
  printf("| %s |", row->op);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    const format *f = &formats[i];
    machine m = open_machine(row, f->dtype);
    bool sampled = row->binary || f->dtype == ALPA_F64;
    finding found = sampled ? measure_samples(row, f, &m, inputs, output)
                            : measure_all(row, f, &m, inputs, output, f->dtype == ALPA_F32 ? stride : 1);
    report(row, &found);
    fflush(stdout);
    close_machine(&m);
  }
  printf("\n");
  free(inputs[0]);
  free(inputs[1]);
  free(output);
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

int main(int argc, char **argv) {
  uint64_t stride = 1;
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], "--stride=", 9) == 0)
      stride = strtoull(argv[i] + 9, NULL, 10);
  printf("Largest error of machine code in units of the last place, and where; 0.5 is perfect.  f32: ");
  printf(stride == 1 ? "all values" : "every %" PRIu64 ". value", stride);
  printf("; bf16, f16: all values; f64 and binary functions: %d samples.\n\"wrong\" counts infinities and NaNs that "
         "should be other ones, or none.\n\n| function | f32 | f64 | bf16 | f16 |\n|---|---|---|---|---|\n",
         SAMPLES);
  for (size_t i = 0; i < accuracy_row_count; i++)
    if (is_chosen(&accuracy_rows[i], argc, argv))
      measure_row(&accuracy_rows[i], stride ? stride : 1);
  return 0;
}
