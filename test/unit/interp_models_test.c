/* The small models: one step of each on the stored state and batch, compared with what JAX computed (within the
 * tolerances of model.json, bit for bit where they are 0); and in field arithmetic, where a step is a function of its
 * inputs and its key alone. */
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "interp/element.h"
#include "test/unit/interp_check.h"

/* A safetensors file: an 8-byte length, a JSON header, data. */
typedef struct tensors {
  json_t *header;
  char *file;
  const char *data;
} tensors;

static char *read_file(const char *folder, const char *name, size_t *out_size) {
  char path[256];
  snprintf(path, sizeof path, "models/%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  *out_size = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(*out_size + 1);
  assert_int_equal(fread(data, 1, *out_size, file), *out_size);
  data[*out_size] = 0;
  fclose(file);
  return data;
}

static bool tensors_open(const char *folder, const char *name, tensors *out) {
  size_t size;
  *out = (tensors){.file = read_file(folder, name, &size)};
  if (!out->file)
    return false;
  uint64_t header;
  memcpy(&header, out->file, sizeof header);
  out->header = json_loadb(out->file + 8, header, 0, NULL);
  out->data = out->file + 8 + header;
  return true;
}

static void tensors_close(tensors *t) {
  json_decref(t->header);
  free(t->file);
}

/* The bytes of tensor number i; fails where it is absent. */
static void *tensors_get(const tensors *t, size_t i) {
  char key[24];
  snprintf(key, sizeof key, "%zu", i);
  json_t *offsets = json_object_get(json_object_get(t->header, key), "data_offsets");
  assert_non_null(offsets);
  return (void *)(uintptr_t)(t->data + json_integer_value(json_array_get(offsets, 0)));
}

typedef struct model {
  check c;
  json_t *description;
  char *text;
  tensors state, batch, expected;
  size_t n_state, n_args;
  alpa_tensor *inputs;
} model;

/* The first step's inputs; a batch file has one more leading dimension, of which the first entry counts. */
static void model_open(model *m, const char *folder) {
  size_t size;
  memset(m, 0, sizeof *m);
  char *json = read_file(folder, "model.json", &size);
  m->description = json_loads(json, 0, NULL);
  free(json);
  m->n_state = (size_t)json_integer_value(json_object_get(m->description, "n_state"));
  m->text = read_file(folder, json_string_value(json_object_get(m->description, "program")), &size);
  check_open(&m->c, m->text);
  if (m->n_state)
    assert_true(tensors_open(folder, "state.safetensors", &m->state));
  assert_true(tensors_open(folder, m->n_state ? "batches.safetensors" : "inputs.safetensors", &m->batch));
  assert_true(tensors_open(folder, "expected.safetensors", &m->expected));
  alpa_block *entry = alpa_func_entry(m->c.func);
  m->n_args = entry->n_args;
  m->inputs = alpa_arena_new(&m->c.arena, alpa_tensor, m->n_args);
  for (size_t i = 0; i < m->n_args; i++) {
    m->inputs[i] = alpa_tensor_create(&m->c.arena, ALPA_ARITH_REAL, entry->args[i]->type);
    m->inputs[i].data = tensors_get(i < m->n_state ? &m->state : &m->batch, i);
  }
}

static void model_close(model *m) {
  json_decref(m->description);
  if (m->n_state)
    tensors_close(&m->state);
  tensors_close(&m->batch);
  tensors_close(&m->expected);
  check_close(&m->c);
  free(m->text);
}

static double number_at(const alpa_tensor *tensor, const void *data, int64_t i) {
  size_t bytes = alpa_arith_element_bytes(ALPA_ARITH_REAL, tensor->dtype);
  alpa_tensor view = *tensor;
  view.data = (void *)(uintptr_t)data;
  if (alpa_number_kind_of(ALPA_ARITH_REAL, tensor->dtype) != ALPA_NUMBER_FLOAT)
    return (double)alpa_tensor_integer(&view, i);
  double value;
  alpa_elements_load(ALPA_ARITH_REAL, tensor->dtype, (const char *)data + (size_t)i * bytes, 1, &value);
  return value;
}

static void compare_result(const model *m, size_t index, const alpa_tensor *got) {
  double rtol = json_number_value(json_object_get(m->description, "rtol"));
  double atol = json_number_value(json_object_get(m->description, "atol"));
  const void *expected = tensors_get(&m->expected, index);
  int64_t n = alpa_tensor_count(got);
  for (int64_t i = 0; i < n; i++) {
    double x = number_at(got, got->data, i), y = number_at(got, expected, i);
    if (!(fabs(x - y) <= atol + rtol * fabs(y)))
      fail_msg("result %zu, element %lld: %.9g, expected %.9g", index, (long long)i, x, y);
  }
}

static void agree_with_jax(const char *folder) {
  model m;
  model_open(&m, folder);
  alpa_interp_options options = {.max_steps = 1000000};
  const alpa_tensor *outputs = check_run(&m.c, &options, m.inputs);
  for (uint32_t i = 0; i < check_n_results(&m.c); i++)
    compare_result(&m, i, &outputs[i]);
  model_close(&m);
}

/* Random elements in place of floats: two runs agree, and another key gives other results. */
static void field_is_a_function(const char *folder) {
  model m;
  model_open(&m, folder);
  for (size_t i = 0; i < m.n_args; i++) {
    m.inputs[i] = alpa_tensor_to_field(&m.c.arena, &m.inputs[i]);
    if (alpa_number_kind_of(ALPA_ARITH_FIELD, m.inputs[i].dtype) == ALPA_NUMBER_FIELD)
      alpa_tensor_randomize(&m.inputs[i], ALPA_ARITH_FIELD, i, 0);
  }
  alpa_interp_report report;
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = 1, .report = &report};
  const alpa_tensor *once = check_run(&m.c, &options, m.inputs), *again = check_run(&m.c, &options, m.inputs);
  options.field_key = 2;
  const alpa_tensor *other = check_run(&m.c, &options, m.inputs);
  uint32_t loss = check_n_results(&m.c) - 1;
  for (uint32_t i = 0; i <= loss; i++)
    assert_true(check_equal(&once[i], &again[i], ALPA_ARITH_FIELD));
  assert_false(check_equal(&once[loss], &other[loss], ALPA_ARITH_FIELD));
  assert_int_equal(report.n_special, 0);
  model_close(&m);
}

static void real_models(void **unused) {
  (void)unused;
  const char *const folders[] = {"mlp-exact", "mlp",      "lstm",         "moe",
                                 "wresnet",   "gpt-scan", "gpt-generate", "gpt-bf16-dropout"};
  for (size_t i = 0; i < countof(folders); i++)
    agree_with_jax(folders[i]);
}

static void field_models(void **unused) {
  (void)unused;
  field_is_a_function("mlp");
  field_is_a_function("lstm");
  field_is_a_function("wresnet");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(real_models), cmocka_unit_test(field_models)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
