/* Model programs as JAX exports them: machine code against the results that JAX computed.
 *
 * Without arguments: every model under models/ whose first step's results are stored.  With a folder: that model, its
 * losses over all steps, and the time of compilation and of a step. */
#include "test/unit/codegen_check.h"

#include <jansson.h>
#include <math.h>

#include "support/number.h"
#include "test/unit/read_file.h"

/* ---- safetensors ---- */

typedef struct tensors {
  char *bytes, *data;
  json_t *header;
} tensors;

static bool tensors_open(tensors *t, const char *folder, const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  *t = (tensors){.bytes = read_file(path, NULL)};
  if (!t->bytes)
    return false;
  uint64_t size;
  memcpy(&size, t->bytes, 8);
  t->header = json_loadb(t->bytes + 8, size, 0, NULL);
  assert_non_null(t->header);
  t->data = t->bytes + 8 + size;
  return true;
}

static void tensors_close(tensors *t) {
  json_decref(t->header);
  free(t->bytes);
}

/* The data of the tensor with a number as key; NULL where there is none. */
static const void *tensors_get(const tensors *t, uint32_t key, size_t *out_bytes) {
  char name[16];
  snprintf(name, sizeof name, "%u", key);
  json_t *entry = t->header ? json_object_get(t->header, name) : NULL;
  if (!entry)
    return NULL;
  json_t *offsets = json_object_get(entry, "data_offsets");
  size_t begin = (size_t)json_integer_value(json_array_get(offsets, 0));
  if (out_bytes)
    *out_bytes = (size_t)json_integer_value(json_array_get(offsets, 1)) - begin;
  return t->data + begin;
}

/* ---- comparison ---- */

static double element(alpa_dtype dtype, const void *data, int64_t i) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  const char *at = (const char *)data + i * info->bytes;
  return info->class_ == ALPA_CLASS_FLOAT ? alpa_float_decode(dtype, alpa_element_load(dtype, at))
                                          : (double)alpa_integer_load(dtype, at);
}

typedef struct verdict {
  double rtol, atol, worst; /* worst: largest |difference| / allowed */
} verdict;

static void compare(const char *what, uint32_t index, const alpa_tensor *got, const void *want, verdict *v) {
  int64_t n = alpa_tensor_count(got);
  for (int64_t i = 0; i < n; i++) {
    double a = element(got->dtype, got->data, i), b = element(got->dtype, want, i);
    double ratio = a == b || (isnan(a) && isnan(b)) ? 0 : fabs(a - b) / (v->atol + v->rtol * fabs(b) + 1e-300);
    if (!(ratio <= 1))
      fail_msg("%s: result %u, element %lld of %lld: got %.9g, want %.9g", what, index, (long long)i, (long long)n, a,
               b);
    v->worst = ratio > v->worst ? ratio : v->worst;
  }
}

/* ---- models ---- */

static uint32_t n_cores = 2;

static void open_program(codegen_check *c, const char *folder, const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  char *text = read_file(path, NULL);
  assert_non_null(text);
  if (codegen_read(c, path, text) != ALPA_OK || codegen_compile(c, NULL, n_cores) != ALPA_OK)
    fail_msg("%s: %s", path, c->message);
  free(text);
}

typedef struct model {
  const char *folder;
  json_t *json;
  codegen_check step, init;
  bool has_init;
  tensors batches, expected, state;
  alpa_tensor *inputs, *outputs;
  uint32_t n_state;
} model;

/* The state before the first step: from init.mlir, compared with the file where there is one. */
static void start_state(model *m) {
  verdict v = {.rtol = 2e-5, .atol = 1e-6};
  m->has_init = json_object_get(m->json, "init") != NULL;
  if (!m->has_init)
    return;
  open_program(&m->init, m->folder, "init.mlir");
  alpa_tensor *state = alpa_arena_new(&m->init.arena, alpa_tensor, m->n_state + 1);
  if (codegen_run(&m->init, NULL, state) != ALPA_OK)
    fail_msg("%s/init.mlir: %s", m->folder, m->init.message);
  for (uint32_t i = 0; i < m->n_state; i++) {
    const void *want = tensors_get(&m->state, i, NULL);
    if (want)
      compare("init", i, &state[i], want, &v);
    m->inputs[i] = state[i];
    if (want)
      m->inputs[i].data = (void *)(uintptr_t)want;
  }
}

static void bind_batch(model *m, int64_t step, bool streams) {
  for (uint32_t i = m->n_state; i < m->step.image->n_arguments; i++) {
    const alpa_image_tensor *tensor = &m->step.image->arguments[i];
    size_t bytes = alpa_dtype_get_info(tensor->dtype)->bytes;
    for (uint32_t d = 0; d < tensor->rank; d++)
      bytes *= (size_t)tensor->global_dims[d];
    const char *data = tensors_get(&m->batches, i, NULL);
    assert_non_null(data);
    m->inputs[i].data = (void *)(uintptr_t)(data + (streams ? (size_t)step * bytes : 0));
  }
}

static void check_losses(model *m, int64_t n_steps, bool timed) {
  json_t *losses = json_object_get(m->json, "losses");
  double rtol = json_number_value(json_object_get(m->json, "rtol"));
  double best = INFINITY;
  uint32_t n_arguments = m->step.image->n_arguments, n_results = m->step.image->n_results;
  alpa_array *arguments[1024], *results[1024];
  codegen_check *c = &m->step;
  for (uint32_t i = 0; i < n_arguments; i++)
    if (i < m->n_state)
      assert_int_equal(
          alpa_array_create(c->mesh, &c->ctx.diag, &c->image->arguments[i], m->inputs[i].data, &arguments[i]), ALPA_OK);
  for (int64_t step = 0; step < n_steps; step++) {
    bind_batch(m, step % (int64_t)json_array_size(losses), true);
    for (uint32_t i = m->n_state; i < n_arguments; i++)
      assert_int_equal(
          alpa_array_create(c->mesh, &c->ctx.diag, &c->image->arguments[i], m->inputs[i].data, &arguments[i]), ALPA_OK);
    double start = codegen_now();
    if (alpa_executable_run(c->executable, &c->ctx.diag, arguments, NULL, results) != ALPA_OK)
      fail_msg("%s: %s", m->folder, c->message);
    double seconds = codegen_now() - start;
    best = seconds < best ? seconds : best;
    float loss;
    assert_int_equal(alpa_array_read(results[n_results - 1], &c->ctx.diag, true, &loss), ALPA_OK);
    double want = json_number_value(json_array_get(losses, (size_t)step));
    if (timed)
      print_message("step %lld: loss %.6f (JAX %.6f), %.3f ms\n", (long long)step, (double)loss, want, seconds * 1e3);
    if (step < (int64_t)json_array_size(losses) && !(fabs((double)loss - want) <= 3 * rtol * fabs(want) + 1e-12))
      fail_msg("%s: loss of step %lld is %.7g, JAX has %.7g", m->folder, (long long)step, (double)loss, want);
    for (uint32_t i = 0; i < n_arguments; i++)
      alpa_array_release(arguments[i]);
    for (uint32_t i = 0; i < n_results; i++)
      if (i < m->n_state)
        arguments[i] = results[i];
      else
        alpa_array_release(results[i]);
  }
  for (uint32_t i = 0; i < m->n_state; i++)
    alpa_array_release(arguments[i]);
  if (timed)
    print_message("compile %.3f s, best step %.3f ms\n", c->compile_s, best * 1e3);
}

/* The first step in the interpreter, for models without stored results: slow. */
static void check_interpreted(model *m, verdict *v) {
  codegen_check c;
  char path[512];
  snprintf(path, sizeof path, "%s/%s", m->folder, json_string_value(json_object_get(m->json, "program")));
  char *text = read_file(path, NULL);
  assert_int_equal(codegen_read(&c, path, text), ALPA_OK);
  free(text);
  alpa_tensor *want = alpa_arena_new(&c.arena, alpa_tensor, m->step.image->n_results + 1);
  const alpa_block *entry = alpa_func_entry(c.func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_type *type = entry->args[i]->type;
    m->inputs[i] = (alpa_tensor){type->dtype, type->rank, type->dims, m->inputs[i].data};
  }
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL};
  assert_int_equal(alpa_interp_run(&options, c.func, m->inputs, &c.arena, want), ALPA_OK);
  assert_int_equal(codegen_run(&m->step, m->inputs, m->outputs), ALPA_OK);
  for (uint32_t i = 0; i < m->step.image->n_results; i++)
    compare(m->folder, i, &m->outputs[i], want[i].data, v);
  codegen_close(&c);
}

static bool interpreted;

static void check_model(const char *folder, bool timed) {
  model m = {.folder = folder};
  char path[512];
  snprintf(path, sizeof path, "%s/model.json", folder);
  m.json = json_load_file(path, 0, NULL);
  assert_non_null(m.json);
  m.n_state = (uint32_t)json_integer_value(json_object_get(m.json, "n_state"));
  bool streams = tensors_open(&m.batches, folder, "batches.safetensors");
  if (!streams)
    assert_true(tensors_open(&m.batches, folder, "inputs.safetensors"));
  (void)tensors_open(&m.state, folder, "state.safetensors");
  open_program(&m.step, folder, json_string_value(json_object_get(m.json, "program")));
  print_message("%s: %zu kernels in %.2f s, arena %.1f MB\n", folder, (size_t)m.step.image->n_kernels, m.step.compile_s,
                (double)m.step.image->arena_bytes / 1e6);
  m.inputs = alpa_arena_new(&m.step.arena, alpa_tensor, m.step.image->n_arguments + 1);
  m.outputs = alpa_arena_new(&m.step.arena, alpa_tensor, m.step.image->n_results + 1);
  start_state(&m);
  bind_batch(&m, 0, streams);
  if (tensors_open(&m.expected, folder, "expected.safetensors")) {
    verdict v = {.rtol = json_number_value(json_object_get(m.json, "rtol")),
                 .atol = json_number_value(json_object_get(m.json, "atol"))};
    double start = codegen_now();
    if (codegen_run(&m.step, m.inputs, m.outputs) != ALPA_OK)
      fail_msg("%s: %s", folder, m.step.message);
    for (uint32_t i = 0; i < m.step.image->n_results; i++)
      compare(folder, i, &m.outputs[i], tensors_get(&m.expected, i, NULL), &v);
    print_message("%s: %.3f of the tolerance, first run %.1f ms\n", folder, v.worst, (codegen_now() - start) * 1e3);
    tensors_close(&m.expected);
  }
  if (interpreted)
    check_interpreted(&m, &(verdict){.rtol = 1e-3, .atol = 1e-5});
  if (json_object_get(m.json, "losses"))
    check_losses(&m, timed ? 20 : (int64_t)json_array_size(json_object_get(m.json, "losses")), timed);
  if (m.has_init)
    codegen_close(&m.init);
  codegen_close(&m.step);
  tensors_close(&m.batches);
  if (m.state.bytes)
    tensors_close(&m.state);
  json_decref(m.json);
}

static const char *folder_argument;
static void test_one(void **state) { (void)state, check_model(folder_argument, true); }

#define MODEL(id, name)                                                                                                \
  static void test_##id(void **state) { (void)state, check_model("models/" name, false); }
MODEL(mlp, "mlp")
MODEL(mlp_exact, "mlp-exact")
MODEL(lstm, "lstm")
MODEL(gpt_scan, "gpt-scan")
MODEL(gpt_generate, "gpt-generate")
MODEL(gpt_bf16, "gpt-bf16-dropout")
MODEL(moe, "moe")
MODEL(wresnet, "wresnet")
#undef MODEL

int main(int argc, char **argv) {
  static const struct CMUnitTest one[] = {cmocka_unit_test(test_one)};
  static const struct CMUnitTest all[] = {
      cmocka_unit_test(test_mlp),      cmocka_unit_test(test_mlp_exact),    cmocka_unit_test(test_lstm),
      cmocka_unit_test(test_gpt_scan), cmocka_unit_test(test_gpt_generate), cmocka_unit_test(test_gpt_bf16),
      cmocka_unit_test(test_moe),      cmocka_unit_test(test_wresnet),
  };
  if (argc > 2)
    n_cores = (uint32_t)atoi(argv[2]);
  interpreted = argc > 3;
  folder_argument = argc > 1 ? argv[1] : NULL;
  return argc > 1 ? cmocka_run_group_tests(one, NULL, NULL) : cmocka_run_group_tests(all, NULL, NULL);
}
