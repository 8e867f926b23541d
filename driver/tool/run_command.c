/* alpa run: a program step by step, on the devices of this machine or in the interpreter.
 *
 * Arguments come from --init (the leading ones), then from --input.  An input with one more leading dimension than its
 * argument is a stream, one slice a step; without --steps there are as many steps as the shortest stream has slices.
 * A stream of one slice is that slice.  A donated argument takes the result aliased to it in the next step; every other
 * argument stays as it is. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/tool/command.h"
#include "driver/tool/execution.h"

/* ---- binding inputs ---- */

static bool same_dims(uint32_t rank, const int64_t *a, const int64_t *b) {
  return rank == 0 || memcmp(a, b, rank * sizeof *a) == 0;
}

static bool explain_mismatch(uint32_t index, const alpa_tensor_info *wanted, const alpa_tool_tensor *given) {
  alpa_tool_text expects = {0}, got = {0};
  alpa_tool_tensor_spell(&expects, wanted->dtype, wanted->rank, wanted->dims);
  alpa_tool_tensor_spell(&got, given->dtype, given->rank, given->dims);
  fprintf(stderr, "alpa: error: argument %u%s%s%s expects %s, got %s\n", index, wanted->name[0] ? " '" : "",
          wanted->name, wanted->name[0] ? "'" : "", expects.data, got.data);
  alpa_tool_text_free(&expects);
  alpa_tool_text_free(&got);
  return false;
}

/* Points the argument at its tensor, as a whole or as a stream. */
static bool bind(alpa_tool_execution *e, uint32_t index, const alpa_tool_tensor *given) {
  if (index >= e->n_arguments) {
    fprintf(stderr, "alpa: error: there is an input for argument %u, but the program has %u\n", index, e->n_arguments);
    return false;
  }
  alpa_tool_argument *argument = &e->arguments[index];
  const alpa_tensor_info *wanted = &argument->info;
  bool whole = given->rank == wanted->rank && same_dims(wanted->rank, given->dims, wanted->dims);
  bool stream = given->rank == wanted->rank + 1 && same_dims(wanted->rank, given->dims + 1, wanted->dims);
  if (given->dtype != wanted->dtype || (!whole && !stream))
    return explain_mismatch(index, wanted, given);
  argument->data = given->data;
  argument->slices = stream && given->dims[0] != 1 ? given->dims[0] : 0;
  return true;
}

/* The argument that a tensor is for: its key in a safetensors file, else the next one. */
static bool argument_of(const alpa_tool_tensor *tensor, uint32_t *next, uint32_t *out) {
  char *end;
  if (!tensor->name[0]) {
    *out = (*next)++;
    return true;
  }
  unsigned long number = strtoul(tensor->name, &end, 10);
  if (*end || number > UINT32_MAX) {
    fprintf(stderr, "alpa: error: the key '%s' of an input file is no argument number\n", tensor->name);
    return false;
  }
  *out = (uint32_t)number;
  return true;
}

static bool bind_inputs(alpa_tool_execution *e, const alpa_tool_settings *settings, alpa_tool_tensors *tensors) {
  for (size_t i = 0; i < settings->inputs.n; i++)
    if (!alpa_tool_tensors_read(settings->inputs.items[i], tensors))
      return false;
  uint32_t next = e->n_initialised, index;
  for (size_t i = 0; i < tensors->n; i++)
    if (!argument_of(&tensors->items[i], &next, &index) || !bind(e, index, &tensors->items[i]))
      return false;
  for (uint32_t i = e->n_initialised; i < e->n_arguments; i++)
    if (!e->arguments[i].data) {
      fprintf(stderr, "alpa: error: argument %u '%s' has no input; give it with --input or --init\n", i,
              e->arguments[i].info.name);
      return false;
    }
  return true;
}

static int64_t count_steps(const alpa_tool_execution *e, int64_t asked) {
  int64_t steps = asked;
  for (uint32_t i = 0; i < e->n_arguments && !asked; i++)
    if (e->arguments[i].slices && (!steps || e->arguments[i].slices < steps))
      steps = e->arguments[i].slices;
  return steps ? steps : 1;
}

static bool check_streams(const alpa_tool_execution *e, int64_t steps) {
  for (uint32_t i = 0; i < e->n_arguments; i++)
    if (e->arguments[i].slices && e->arguments[i].slices < steps) {
      fprintf(stderr, "alpa: error: argument %u '%s' has %lld slices, not enough for %lld steps\n", i,
              e->arguments[i].info.name, (long long)e->arguments[i].slices, (long long)steps);
      return false;
    }
  return true;
}

/* ---- reporting ---- */

static void report_scalars(const alpa_tool_execution *e, json_t *scalars) {
  for (uint32_t i = 0; i < e->n_own_results; i++) {
    const alpa_tool_result *result = &e->results[i];
    alpa_tool_tensor value;
    if (result->info.rank != 0 || result->is_donated || !alpa_tool_execution_read(e, i, &value))
      continue;
    if (e->field && value.dtype == ALPA_UI64) {
      char digits[32];
      snprintf(digits, sizeof digits, "%016llx", *(const unsigned long long *)value.data);
      json_object_set_new(scalars, result->info.name, json_string(digits));
    } else {
      double number = alpa_tool_tensor_get(&value, 0);
      json_object_set_new(scalars, result->info.name, isfinite(number) ? json_real(number) : json_null());
    }
    free(value.data);
  }
}

static void print_step(int64_t step, const json_t *scalars, double time_ms) {
  const char *name;
  json_t *value;
  printf("step %lld", (long long)step);
  json_object_foreach((json_t *)(uintptr_t)scalars, name, value) {
    if (json_is_string(value))
      printf("  %s = %s", name, json_string_value(value));
    else if (json_is_null(value))
      printf("  %s = nan", name);
    else
      printf("  %s = %.7g", name, json_real_value(value));
  }
  printf("  %.2f ms\n", time_ms);
  fflush(stdout);
}

static json_t *plan_json(const alpa_tool_session *session, const alpa_tool_execution *e) {
  const alpa_plan_info *info = &session->info;
  return json_pack("{s:s, s:f, s:s, s:f, s:s, s:s, s:i, s:I, s:I}", "cache", info->from_cache ? "hit" : "miss",
                   "plan_ms", 1e3 * info->plan_s, "code_cache", e->info.from_cache ? "hit" : "miss", "compile_ms",
                   1e3 * e->info.compile_s, "cluster", info->cluster, "mesh", info->mesh, "devices",
                   (int)info->n_devices, "temporary_bytes", (json_int_t)e->info.temporary_bytes,
                   "predicted_memory_bytes", (json_int_t)info->memory_bytes);
}

static void print_head(const alpa_tool_session *session, const alpa_tool_execution *e) {
  const alpa_plan_info *info = &session->info;
  printf("%s on %s, mesh %s\n", session->settings->file, info->cluster, info->mesh);
  if (session->package) {
    printf("loaded in %.3f s\n", e->info.compile_s);
    return;
  }
  printf("plan %s in %.3f s", info->from_cache ? "from the cache" : "found", info->plan_s);
  if (e->program)
    printf(", code %s in %.3f s", e->info.from_cache ? "from the cache" : "compiled", e->info.compile_s);
  if (info->searched)
    printf("; %s, %s %.4g ms", info->optimal ? "proven optimal" : "not proven optimal",
           info->n_stages ? "slowest stage" : "predicted step", 1e3 * info->cost_s);
  putchar('\n');
}

/* ---- the run ---- */

static bool run_steps(alpa_tool_session *session, alpa_tool_execution *e, int64_t steps, json_t *list) {
  for (int64_t step = 0; step < steps; step++) {
    double time_ms = 0;
    if (!alpa_tool_execution_step(e, step, &time_ms))
      return false;
    json_t *scalars = json_object();
    report_scalars(e, scalars);
    if (!session->settings->json)
      print_step(step, scalars, time_ms);
    json_array_append_new(list, json_pack("{s:o, s:f}", "scalars", scalars, "time_ms", time_ms));
    if (!alpa_tool_execution_check(e))
      return false;
  }
  return true;
}

static bool write_output(const alpa_tool_execution *e, const char *specification) {
  alpa_tool_tensors results = {0};
  bool ok = true;
  for (uint32_t i = 0; i < e->n_own_results && ok; i++) {
    alpa_tool_tensor value;
    char name[16];
    snprintf(name, sizeof name, "%u", i);
    ok = alpa_tool_execution_read(e, i, &value);
    value.name = alpa_tool_strndup(name, strlen(name));
    if (ok)
      alpa_tool_tensors_push(&results, &value);
  }
  ok = ok && (alpa_processes_get_rank(e->session->processes) > 0 ||
              alpa_tool_tensors_write(specification[0] == '@' ? specification + 1 : specification, &results));
  alpa_tool_tensors_free(&results);
  return ok;
}

/* The steps, recorded where --trace is given. */
static bool run_recorded(alpa_tool_session *session, alpa_tool_execution *e, int64_t steps, json_t *list) {
  const char *path = session->settings->trace;
  alpa_trace *trace = NULL;
  if (!path)
    return run_steps(session, e, steps, list);
  if (alpa_trace_create(e->program, &trace) != ALPA_OK)
    return false;
  e->run.observe = alpa_trace_add;
  e->run.user = trace;
  bool ok = run_steps(session, e, steps, list) && alpa_trace_write(trace, path) == ALPA_OK;
  e->run.observe = NULL;
  alpa_trace_destroy(trace);
  return ok;
}

static bool run(alpa_tool_session *session, alpa_tool_execution *e, alpa_tool_tensors *inputs) {
  const alpa_tool_settings *settings = session->settings;
  if (!alpa_tool_execution_open(e, session) || !bind_inputs(e, settings, inputs))
    return false;
  int64_t steps = count_steps(e, settings->steps);
  if (!check_streams(e, steps))
    return false;
  if (!settings->json)
    print_head(session, e);
  json_t *list = json_array();
  bool ok = run_recorded(session, e, steps, list);
  if (ok && settings->json) {
    json_t *root = json_pack("{s:o, s:o}", "steps", list, "plan", plan_json(session, e));
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(root);
  } else {
    json_decref(list);
  }
  if (ok && settings->output)
    ok = write_output(e, settings->output);
  if (ok && settings->expected)
    ok = alpa_tool_execution_compare(e, settings);
  return ok;
}

static bool check_settings(const alpa_tool_settings *settings) {
  static const char *const backends[] = {"host", "cuda", "interpreter"};
  bool interpreter = settings->backend && strcmp(settings->backend, "interpreter") == 0, known = !settings->backend;
  for (size_t i = 0; i < sizeof backends / sizeof *backends && !known; i++)
    known = strcmp(settings->backend, backends[i]) == 0;
  if (!known)
    fprintf(stderr, "alpa: error: --backend is host, cuda or interpreter, got '%s'\n", settings->backend);
  else if (settings->arith && strcmp(settings->arith, "real") != 0 && strcmp(settings->arith, "field") != 0)
    fprintf(stderr, "alpa: error: --arith is real or field, got '%s'\n", settings->arith);
  else if (settings->arith && settings->arith[0] == 'f' && !interpreter)
    fprintf(stderr, "alpa: error: field arithmetic needs --backend=interpreter\n");
  else if (settings->trace && interpreter)
    fprintf(stderr, "alpa: error: --trace records devices; the interpreter has none\n");
  else
    return true;
  return false;
}

int alpa_tool_run(const alpa_tool_settings *settings) {
  alpa_tool_session session = {0};
  alpa_tool_execution execution = {0};
  alpa_tool_tensors inputs = {0};
  if (!check_settings(settings))
    return ALPA_EXIT_USAGE;
  bool ok = alpa_tool_session_open(settings, &session) && run(&session, &execution, &inputs);
  alpa_tool_execution_close(&execution);
  alpa_tool_tensors_free(&inputs);
  alpa_tool_session_close(&session, !ok);
  return ok ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
}
