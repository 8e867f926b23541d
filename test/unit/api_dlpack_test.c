/* Arrays in and out of the library by DLPack, and the checks of what comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"
#include "driver/dlpack.h"

static const char text[] = "func.func public @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {\n"
                           "  %0 = stablehlo.add %x, %x : tensor<2x4xf32>\n  return %0 : tensor<2x4xf32>\n}\n";

typedef struct fixture {
  alpa_context *context;
  alpa_module *module;
  alpa_plan *plan;
  alpa_devices *devices;
  alpa_program *program;
} fixture;

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  alpa_compile_options compile = ALPA_COMPILE_OPTIONS_INIT;
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  compile.cluster = "host:2";
  devices.n_devices = 2;
  *state = f;
  return alpa_context_create(NULL, &f->context) ||
         alpa_module_parse(f->context, text, strlen(text), NULL, &f->module) ||
         alpa_plan_create(f->module, &compile, &f->plan) || alpa_devices_create(f->context, &devices, &f->devices) ||
         alpa_program_create(f->plan, f->devices, &f->program);
}

static int tear_down(void **state) {
  fixture *f = *state;
  alpa_program_destroy(f->program);
  alpa_devices_destroy(f->devices);
  alpa_plan_destroy(f->plan);
  alpa_module_destroy(f->module);
  alpa_context_destroy(f->context);
  free(f);
  return 0;
}

static int n_deleted;
static void count_deleted(DLManagedTensorVersioned *self) {
  (void)self;
  n_deleted++;
}

static DLManagedTensorVersioned tensor_of(float *data, int64_t *shape) {
  DLManagedTensorVersioned t = {.deleter = count_deleted};
  t.version.major = DLPACK_MAJOR;
  t.dl_tensor.data = data;
  t.dl_tensor.device.type = DLPACK_CPU;
  t.dl_tensor.ndim = 2;
  t.dl_tensor.dtype.code = 2;
  t.dl_tensor.dtype.bits = 32;
  t.dl_tensor.dtype.lanes = 1;
  t.dl_tensor.shape = shape;
  return t;
}

static void imports_runs_and_exports(void **state) {
  fixture *f = *state;
  float data[] = {1, 2, 3, 4, 5, 6, 7, 8};
  int64_t shape[] = {2, 4};
  DLManagedTensorVersioned in = tensor_of(data, shape), *out = NULL;
  alpa_array *argument = NULL, *result = NULL;
  n_deleted = 0;
  assert_int_equal(alpa_program_import_array(f->program, 0, &in, &argument), ALPA_OK);
  assert_int_equal(n_deleted, 1);
  assert_int_equal(alpa_program_run(f->program, &argument, &result), ALPA_OK);
  assert_int_equal(alpa_program_export_array(f->program, result, &out), ALPA_OK);
  alpa_array_release(argument);
  alpa_array_release(result); /* the export holds what it needs */
  assert_int_equal(out->dl_tensor.ndim, 2);
  assert_int_equal(out->dl_tensor.shape[1], 4);
  assert_int_equal((uintptr_t)out->dl_tensor.data % 64, 0);
  for (int i = 0; i < 8; i++)
    assert_true(((const float *)out->dl_tensor.data)[i] == 2 * data[i]);
  out->deleter(out);
}

static void refuses_what_does_not_fit(void **state) {
  fixture *f = *state;
  float data[8] = {0};
  int64_t shape[] = {2, 4}, other[] = {4, 2}, strides[] = {1, 2};
  alpa_array *array = NULL;
  n_deleted = 0;
  DLManagedTensorVersioned t = tensor_of(data, other);
  assert_int_equal(alpa_program_import_array(f->program, 0, &t, &array), ALPA_INVALID_ARGUMENT);
  t = tensor_of(data, shape);
  t.dl_tensor.dtype.bits = 16;
  assert_int_equal(alpa_program_import_array(f->program, 0, &t, &array), ALPA_INVALID_ARGUMENT);
  t = tensor_of(data, shape);
  t.dl_tensor.strides = strides;
  assert_int_equal(alpa_program_import_array(f->program, 0, &t, &array), ALPA_INVALID_ARGUMENT);
  t = tensor_of(data, shape);
  t.dl_tensor.device.type = 2;
  assert_int_equal(alpa_program_import_array(f->program, 0, &t, &array), ALPA_INVALID_ARGUMENT);
  t = tensor_of(data, shape);
  t.version.major = 2;
  assert_int_equal(alpa_program_import_array(f->program, 0, &t, &array), ALPA_INVALID_ARGUMENT);
  t = tensor_of(data, shape);
  assert_int_equal(alpa_program_import_array(f->program, 1, &t, &array), ALPA_INVALID_ARGUMENT);
  assert_int_equal(n_deleted, 0);
  assert_null(array);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(imports_runs_and_exports, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown(refuses_what_does_not_fit, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
