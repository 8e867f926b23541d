/* Steps on the host mesh or in the interpreter, behind one interface. */
#include "driver/tool/execution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static size_t whole_bytes(const alpa_tensor_info *info) {
  size_t bytes = alpa_dtype_get_info(info->dtype)->bytes;
  for (uint32_t d = 0; d < info->rank; d++)
    bytes *= (size_t)info->dims[d];
  return bytes;
}

/* How a result lies in memory: in field arithmetic a float is a ui64, and a complex number a pair of them. */
static alpa_tensor_info stored_as(const alpa_tool_execution *e, const alpa_tensor_info *info, int64_t *dims) {
  alpa_dtype_class class = alpa_dtype_get_info(info->dtype)->class_;
  alpa_tensor_info stored = *info;
  memcpy(dims, info->dims, info->rank * sizeof *dims);
  if (!e->field || (class != ALPA_CLASS_FLOAT && class != ALPA_CLASS_COMPLEX))
    return stored;
  if (class == ALPA_CLASS_COMPLEX)
    dims[stored.rank++] = 2;
  stored.dtype = ALPA_UI64;
  stored.dims = dims;
  return stored;
}

static size_t result_bytes(const alpa_tool_execution *e, const alpa_tensor_info *info) {
  int64_t dims[ALPA_TOOL_MAX_RANK + 1];
  alpa_tensor_info stored = stored_as(e, info, dims);
  return whole_bytes(&stored);
}

/* ---- opening ---- */

/* A program knows its arguments and results; for the interpreter there is only the plan. */
static alpa_status get_argument(const alpa_tool_execution *e, uint32_t index, alpa_tensor_info *out_info) {
  return e->program ? alpa_program_get_argument(e->program, index, out_info)
                    : alpa_plan_get_argument(e->session->plan, index, out_info);
}

static alpa_status get_result(const alpa_tool_execution *e, uint32_t index, alpa_tensor_info *out_info) {
  return e->program ? alpa_program_get_result(e->program, index, out_info)
                    : alpa_plan_get_result(e->session->plan, index, out_info);
}

static bool describe(alpa_tool_execution *e) {
  const alpa_plan *plan = e->session->plan;
  e->n_arguments = e->program ? alpa_program_count_arguments(e->program) : alpa_plan_count_arguments(plan);
  e->n_results = e->program ? alpa_program_count_results(e->program) : alpa_plan_count_results(plan);
  e->n_own_results = e->n_results - e->session->info.n_check_results;
  e->arguments = alpa_tool_realloc(NULL, (e->n_arguments + 1) * sizeof *e->arguments);
  e->results = alpa_tool_realloc(NULL, (e->n_results + 1) * sizeof *e->results);
  for (uint32_t i = 0; i < e->n_results; i++)
    e->results[i] = (alpa_tool_result){.info = ALPA_TENSOR_INFO_INIT};
  for (uint32_t i = 0; i < e->n_arguments; i++)
    e->arguments[i] = (alpa_tool_argument){.info = ALPA_TENSOR_INFO_INIT};
  for (uint32_t i = 0; i < e->n_results; i++)
    if (get_result(e, i, &e->results[i].info) != ALPA_OK)
      return false;
  for (uint32_t i = 0; i < e->n_arguments; i++) {
    if (get_argument(e, i, &e->arguments[i].info) != ALPA_OK)
      return false;
    int64_t result = e->arguments[i].info.donated_to;
    if (result >= 0 && result < e->n_results) {
      e->results[result].is_donated = true;
      e->results[result].argument = i;
    }
  }
  return true;
}

static bool load_program(alpa_tool_execution *e) {
  alpa_tool_progress("compiling");
  e->info = (alpa_program_info)ALPA_PROGRAM_INFO_INIT;
  const alpa_tool_session *session = e->session;
  alpa_status status = session->package
                           ? alpa_program_load(session->package, ALPA_PART_PROGRAM, e->devices, &e->program)
                           : alpa_program_create(session->plan, e->devices, &e->program);
  return status == ALPA_OK && alpa_program_get_info(e->program, &e->info) == ALPA_OK;
}

static bool open_devices(alpa_tool_execution *e) {
  const alpa_tool_settings *settings = e->session->settings;
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  options.n_devices = e->session->info.n_devices;
  options.workers = (uint32_t)settings->workers;
  options.deadline_s = settings->deadline ? strtod(settings->deadline, NULL) : 0;
  options.poison = settings->poison;
  options.no_graphs = settings->no_cuda_graphs;
  options.backend = e->session->backend;
  options.processes = e->session->processes;
  options.cache_directory = alpa_tool_cache_directory(settings);
  return alpa_devices_create(e->session->context, &options, &e->devices) == ALPA_OK && load_program(e);
}

/* ---- the initial program ---- */

static bool init_fits(const alpa_tool_execution *e, const alpa_plan *init) {
  uint32_t n = alpa_plan_count_results(init);
  if (alpa_plan_count_arguments(init) != 0 || n > e->n_arguments) {
    fprintf(stderr,
            "alpa: error: the program of --init must have no arguments and at most %u results, it has %u and %u\n",
            e->n_arguments, alpa_plan_count_arguments(init), n);
    return false;
  }
  for (uint32_t i = 0; i < n; i++) {
    alpa_tensor_info result = ALPA_TENSOR_INFO_INIT;
    const alpa_tensor_info *wanted = &e->arguments[i].info;
    if (alpa_plan_get_result(init, i, &result) != ALPA_OK)
      return false;
    if (result.dtype == wanted->dtype && result.rank == wanted->rank &&
        (result.rank == 0 || memcmp(result.dims, wanted->dims, result.rank * sizeof *result.dims) == 0))
      continue;
    alpa_tool_text expects = {0}, got = {0};
    alpa_tool_tensor_spell(&expects, wanted->dtype, wanted->rank, wanted->dims);
    alpa_tool_tensor_spell(&got, result.dtype, result.rank, result.dims);
    fprintf(stderr, "alpa: error: argument %u expects %s, result %u of --init is %s\n", i, expects.data, i, got.data);
    alpa_tool_text_free(&expects);
    alpa_tool_text_free(&got);
    return false;
  }
  return true;
}

static bool run_init_on_devices(alpa_tool_execution *e, alpa_program *program) {
  uint32_t n = alpa_program_count_results(program);
  alpa_array **results = alpa_tool_realloc(NULL, (n + 1) * sizeof(alpa_array *));
  bool has_run = alpa_program_run(program, NULL, results) == ALPA_OK, ok = has_run;
  for (uint32_t i = 0; ok && i < n; i++)
    ok = alpa_program_place_array(e->program, i, results[i], &e->arguments[i].array) == ALPA_OK;
  if (has_run)
    alpa_arrays_release(results, n);
  e->n_initialised = n;
  free(results);
  return ok;
}

static bool run_init_interpreted(alpa_tool_execution *e, const alpa_plan *init) {
  uint32_t n = alpa_plan_count_results(init);
  void **results = alpa_tool_realloc(NULL, (n + 1) * sizeof *results);
  for (uint32_t i = 0; i < n; i++)
    results[i] = e->arguments[i].memory = alpa_tool_realloc(NULL, whole_bytes(&e->arguments[i].info) + 1);
  e->n_initialised = n;
  bool ok = alpa_plan_interpret(init, false, 0, NULL, results) == ALPA_OK;
  free(results);
  return ok;
}

static bool run_init_program(alpa_tool_execution *e) {
  alpa_tool_init init = {0};
  alpa_program *program = NULL;
  bool ok = alpa_tool_init_open(e->session, &init) && init_fits(e, init.plan);
  if (ok && !e->devices)
    ok = run_init_interpreted(e, init.plan);
  else if (ok)
    ok = alpa_program_create(init.plan, e->devices, &program) == ALPA_OK && run_init_on_devices(e, program);
  alpa_program_destroy(program);
  alpa_tool_init_close(&init);
  return ok;
}

/* The package was checked when it was made: the results of its initial program fit. */
static bool run_init_part(alpa_tool_execution *e) {
  alpa_program *program = NULL;
  bool ok = alpa_program_load(e->session->package, ALPA_PART_INIT, e->devices, &program) == ALPA_OK &&
            run_init_on_devices(e, program);
  alpa_program_destroy(program);
  return ok;
}

static bool run_init(alpa_tool_execution *e) {
  alpa_package_info info = ALPA_PACKAGE_INFO_INIT;
  if (!e->session->package)
    return !e->session->settings->init || run_init_program(e);
  return alpa_package_get_info(e->session->package, &info) == ALPA_OK && (!info.has_init || run_init_part(e));
}

bool alpa_tool_execution_open(alpa_tool_execution *execution, const alpa_tool_session *session) {
  const alpa_tool_settings *settings = session->settings;
  bool interpreted = strcmp(session->backend, "interpreter") == 0;
  *execution = (alpa_tool_execution){.session = session, .run = ALPA_PROGRAM_RUN_OPTIONS_INIT};
  execution->field = settings->arith && strcmp(settings->arith, "field") == 0;
  return (interpreted || open_devices(execution)) && describe(execution) && run_init(execution);
}

void alpa_tool_execution_close(alpa_tool_execution *execution) {
  for (uint32_t i = 0; i < execution->n_arguments; i++) {
    alpa_array_release(execution->arguments[i].array);
    free(execution->arguments[i].memory);
  }
  for (uint32_t i = 0; i < execution->n_results; i++) {
    alpa_array_release(execution->results[i].array);
    free(execution->results[i].memory);
  }
  free(execution->arguments);
  free(execution->results);
  alpa_program_destroy(execution->program);
  alpa_devices_destroy(execution->devices);
}

/* ---- steps ---- */

static const void *slice(const alpa_tool_argument *argument, int64_t step) {
  size_t offset = argument->slices ? (size_t)step * whole_bytes(&argument->info) : 0;
  return (const char *)argument->data + offset;
}

/* A result of the step before becomes the argument that was donated for it. */
static void take_donations(alpa_tool_execution *e) {
  for (uint32_t i = 0; i < e->n_results; i++) {
    alpa_tool_result *result = &e->results[i];
    if (result->is_donated && (result->array || result->memory)) {
      alpa_tool_argument *argument = &e->arguments[result->argument];
      alpa_array_release(argument->array);
      free(argument->memory);
      argument->array = result->array;
      argument->memory = result->memory;
      argument->data = NULL;
    } else {
      alpa_array_release(result->array);
      free(result->memory);
    }
    result->array = NULL;
    result->memory = NULL;
  }
}

static bool step_on_devices(alpa_tool_execution *e, int64_t step, double *out_time_ms) {
  alpa_array **arguments = alpa_tool_realloc(NULL, (e->n_arguments + 1) * sizeof(alpa_array *));
  alpa_array **results = alpa_tool_realloc(NULL, (e->n_results + 1) * sizeof(alpa_array *));
  bool ok = true;
  for (uint32_t i = 0; i < e->n_arguments && ok; i++) {
    alpa_tool_argument *argument = &e->arguments[i];
    if (argument->data && (argument->slices || !argument->array || argument->info.donated_to >= 0)) {
      alpa_array_release(argument->array);
      argument->array = NULL;
      ok = alpa_program_create_array(e->program, i, slice(argument, step), &argument->array) == ALPA_OK;
    }
    arguments[i] = argument->array;
  }
  double start = now_ms();
  ok = ok && alpa_program_run_with(e->program, &e->run, arguments, results) == ALPA_OK;
  *out_time_ms = now_ms() - start;
  for (uint32_t i = 0; i < e->n_results && ok; i++)
    e->results[i].array = results[i];
  free(arguments);
  free(results);
  return ok;
}

static bool step_interpreted(alpa_tool_execution *e, int64_t step, double *out_time_ms) {
  const void **arguments = alpa_tool_realloc(NULL, (e->n_arguments + 1) * sizeof(void *));
  void **results = alpa_tool_realloc(NULL, (e->n_results + 1) * sizeof(void *));
  for (uint32_t i = 0; i < e->n_arguments; i++)
    arguments[i] = e->arguments[i].memory ? e->arguments[i].memory : slice(&e->arguments[i], step);
  for (uint32_t i = 0; i < e->n_results; i++)
    results[i] = e->results[i].memory = alpa_tool_realloc(NULL, result_bytes(e, &e->results[i].info) + 1);
  double start = now_ms();
  bool ok = alpa_plan_interpret(e->session->plan, e->field, 1, arguments, results) == ALPA_OK;
  *out_time_ms = now_ms() - start;
  free(arguments);
  free(results);
  return ok;
}

bool alpa_tool_execution_step(alpa_tool_execution *execution, int64_t step, double *out_time_ms) {
  if (step > 0 && execution->field) {
    fputs("alpa: error: field arithmetic runs one step: its results are no numbers that a second one could take\n",
          stderr);
    return false;
  }
  take_donations(execution);
  return execution->devices ? step_on_devices(execution, step, out_time_ms)
                            : step_interpreted(execution, step, out_time_ms);
}

bool alpa_tool_execution_read(const alpa_tool_execution *execution, uint32_t index, alpa_tool_tensor *out_value) {
  const alpa_tool_result *result = &execution->results[index];
  int64_t dims[ALPA_TOOL_MAX_RANK + 1];
  alpa_tensor_info stored = stored_as(execution, &result->info, dims);
  *out_value = (alpa_tool_tensor){.dtype = stored.dtype, .rank = stored.rank, .bytes = whole_bytes(&stored)};
  memcpy(out_value->dims, stored.dims, stored.rank * sizeof *stored.dims);
  out_value->data = alpa_tool_realloc(NULL, out_value->bytes + 1);
  if (!execution->devices) {
    memcpy(out_value->data, result->memory, out_value->bytes);
    return true;
  }
  if (alpa_program_read_array(execution->program, result->array, out_value->data) == ALPA_OK)
    return true;
  free(out_value->data);
  return false;
}

/* ---- comparing ---- */

static bool run_check(const alpa_tool_execution *e, uint32_t index) {
  alpa_check_info check = ALPA_CHECK_INFO_INIT;
  alpa_tool_tensor actual, expected;
  const alpa_plan *plan = e->session->plan;
  alpa_status status =
      e->program ? alpa_program_get_check(e->program, index, &check) : alpa_plan_get_check(plan, index, &check);
  if (status != ALPA_OK || !alpa_tool_execution_read(e, check.actual, &actual))
    return false;
  bool ok = alpa_tool_execution_read(e, check.expected, &expected);
  if (ok) {
    status = e->program ? alpa_program_run_check(e->program, index, actual.data, expected.data)
                        : alpa_plan_run_check(plan, index, actual.data, expected.data);
    ok = status == ALPA_OK;
    free(expected.data);
  }
  free(actual.data);
  return ok;
}

bool alpa_tool_execution_check(const alpa_tool_execution *execution) {
  bool ok = true;
  uint32_t n = execution->program ? alpa_program_count_checks(execution->program)
                                  : alpa_plan_count_checks(execution->session->plan);
  for (uint32_t i = 0; !execution->field && i < n; i++)
    ok = run_check(execution, i) && ok;
  return ok;
}

static bool differs(double a, double b, double rtol, double atol) {
  if (isnan(a) || isnan(b))
    return isnan(a) != isnan(b);
  return a != b && !(fabs(a - b) <= atol + rtol * fabs(b));
}

static bool compare_one(const alpa_tool_result *result, const alpa_tool_tensor *value, const alpa_tool_tensor *expected,
                        double rtol, double atol) {
  size_t count = alpa_tool_tensor_count(expected), n_different = 0, first = 0;
  double worst = 0;
  if (value->dtype != expected->dtype || count != alpa_tool_tensor_count(value)) {
    fprintf(stderr, "alpa: error: %s has another type than the expected one\n", result->info.name);
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    double a = alpa_tool_tensor_get(value, i), b = alpa_tool_tensor_get(expected, i);
    if (!differs(a, b, rtol, atol))
      continue;
    first = n_different++ ? first : i;
    worst = fmax(worst, fabs(a - b));
  }
  if (n_different)
    fprintf(stderr,
            "alpa: error: %s differs in %zu of %zu elements, first at %zu: %.9g, expected %.9g; at most by %.3g\n",
            result->info.name, n_different, count, first, alpa_tool_tensor_get(value, first),
            alpa_tool_tensor_get(expected, first), worst);
  return n_different == 0;
}

bool alpa_tool_execution_compare(const alpa_tool_execution *execution, const alpa_tool_settings *settings) {
  double rtol = settings->rtol ? strtod(settings->rtol, NULL) : 1e-5;
  double atol = settings->atol ? strtod(settings->atol, NULL) : 1e-6;
  alpa_tool_tensors expected = {0};
  bool ok = alpa_tool_tensors_read(settings->expected, &expected);
  size_t n_compared = 0;
  for (size_t i = 0; i < expected.n && expected.items[i].data; i++) {
    unsigned long index = expected.items[i].name[0] ? strtoul(expected.items[i].name, NULL, 10) : i;
    alpa_tool_tensor value;
    if (index >= execution->n_results || !alpa_tool_execution_read(execution, (uint32_t)index, &value)) {
      fprintf(stderr, "alpa: error: there is no result %lu to compare\n", index);
      ok = false;
      continue;
    }
    ok = compare_one(&execution->results[index], &value, &expected.items[i], rtol, atol) && ok;
    free(value.data);
    n_compared++;
  }
  if (ok && !settings->json)
    printf("%zu results as expected (rtol %g, atol %g)\n", n_compared, rtol, atol);
  alpa_tool_tensors_free(&expected);
  return ok;
}

/* ---- measuring ---- */

static int compare_times(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

void alpa_tool_execution_fill(alpa_tool_execution *e) {
  for (uint32_t i = e->n_initialised; i < e->n_arguments; i++) {
    const alpa_tensor_info *info = &e->arguments[i].info;
    size_t bytes = alpa_dtype_get_info(info->dtype)->bytes;
    for (uint32_t d = 0; d < info->rank; d++)
      bytes *= (size_t)info->dims[d];
    e->arguments[i].memory = alpa_tool_realloc(NULL, bytes + 1);
    memset(e->arguments[i].memory, 0, bytes + 1);
    e->arguments[i].data = e->arguments[i].memory;
  }
}

bool alpa_tool_execution_measure(alpa_tool_execution *e, double *times, size_t n) {
  double warm;
  for (int i = 0; i < 2; i++)
    if (!alpa_tool_execution_step(e, 0, &warm))
      return false;
  for (size_t i = 0; i < n; i++)
    if (!alpa_tool_execution_step(e, 0, &times[i]))
      return false;
  qsort(times, n, sizeof *times, compare_times);
  return true;
}
