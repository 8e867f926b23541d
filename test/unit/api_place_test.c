/* The public API where programs meet: prescribed shardings, arrays that go from one program to another, the forms in
 * which a plan prints, and what clusters are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "alpa/alpa.h"

static const char text[] = "func.func public @main(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {\n"
                           "  %0 = stablehlo.add %x, %x : tensor<8x4xf32>\n  return %0 : tensor<8x4xf32>\n}\n";

typedef struct fixture {
  alpa_context *context;
  alpa_devices *devices;
  char message[512];
} fixture;

static void keep(void *user, const alpa_diagnostic *diagnostic) {
  strncpy(((fixture *)user)->message, diagnostic->message, sizeof((fixture *)user)->message - 1);
}

static int set_up(void **state) {
  fixture *f = *state = calloc(1, sizeof *f);
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_devices_options devices = ALPA_DEVICES_OPTIONS_INIT;
  options.diagnostic = keep;
  options.diagnostic_user = f;
  devices.n_devices = 4;
  return alpa_context_create(&options, &f->context) || alpa_devices_create(f->context, &devices, &f->devices);
}

static int tear_down(void **state) {
  fixture *f = *state;
  alpa_devices_destroy(f->devices);
  alpa_context_destroy(f->context);
  free(f);
  return 0;
}

/* The program with its argument and result split so; the shardings are prescribed for a mesh of data=2, model=2. */
static alpa_plan *plan_with(fixture *f, const char *argument, const char *result) {
  alpa_module *module = NULL;
  alpa_plan *plan = NULL;
  alpa_compile_options options = ALPA_COMPILE_OPTIONS_INIT;
  options.cluster = "host:4";
  assert_int_equal(alpa_module_parse(f->context, text, strlen(text), NULL, &module), ALPA_OK);
  assert_int_equal(alpa_module_set_argument_sharding(module, "data=2,model=2", 0, argument), ALPA_OK);
  assert_int_equal(alpa_module_set_result_sharding(module, "data=2,model=2", 0, result), ALPA_OK);
  assert_int_equal(alpa_plan_create(module, &options, &plan), ALPA_OK);
  alpa_module_destroy(module);
  return plan;
}

static void test_prescriptions_decide(void **state) {
  static const char *const shardings[] = {"- | -", "data | model", "data,model | -", "- | data"};
  for (size_t i = 0; i < sizeof shardings / sizeof *shardings; i++) {
    alpa_plan *plan = plan_with(*state, shardings[i], "data | -");
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    assert_int_equal(alpa_plan_get_argument(plan, 0, &info), ALPA_OK);
    assert_string_equal(info.sharding, shardings[i]);
    assert_int_equal(alpa_plan_get_result(plan, 0, &info), ALPA_OK);
    assert_string_equal(info.sharding, "data | -");
    alpa_plan_destroy(plan);
  }
}

static void test_wrong_prescriptions_are_refused(void **state) {
  static const struct {
    const char *mesh, *sharding;
    uint32_t index;
    const char *message;
  } cases[] = {
      {"data=2,model=2", "data", 0, "expects 2 dimensions, got 1"},
      {"data=2,model=2", "pipe | -", 0, "the mesh has no axis 'pipe'"},
      {"data=2,model=2", "data | data", 0, "data"},
      {"data=2,model=2", "model,data | -", 0, "order"},
      {"data=2,model=2", "data | -", 1, "has 1 arguments, no number 1"},
      {"data=3,model=2", "data | -", 0, "mesh"},
  };
  fixture *f = *state;
  alpa_module *module = NULL;
  assert_int_equal(alpa_module_parse(f->context, text, strlen(text), NULL, &module), ALPA_OK);
  assert_int_equal(alpa_module_set_argument_sharding(module, "data=2,model=2", 0, "? | ?"), ALPA_OK);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    f->message[0] = 0;
    assert_int_equal(alpa_module_set_argument_sharding(module, cases[i].mesh, cases[i].index, cases[i].sharding),
                     ALPA_INVALID_ARGUMENT);
    assert_non_null(strstr(f->message, cases[i].message));
  }
  alpa_module_destroy(module);
}

static void test_array_goes_to_another_program(void **state) {
  fixture *f = *state;
  alpa_plan *plans[2] = {plan_with(f, "data | -", "data | -"), plan_with(f, "model | data", "- | -")};
  alpa_program *programs[2];
  alpa_array *arrays[3], *results[2], *last = NULL;
  float in[32], out[32];
  for (int i = 0; i < 32; i++)
    in[i] = (float)i;
  for (int i = 0; i < 2; i++)
    assert_int_equal(alpa_program_create(plans[i], f->devices, &programs[i]), ALPA_OK);
  assert_int_equal(alpa_program_create_array(programs[0], 0, in, &arrays[0]), ALPA_OK);
  assert_int_equal(alpa_program_run(programs[0], arrays, &results[0]), ALPA_OK);
  /* where it lies already it is the same array, elsewhere another one */
  assert_int_equal(alpa_program_place_array(programs[0], 0, results[0], &arrays[1]), ALPA_OK);
  assert_ptr_equal(arrays[1], results[0]);
  assert_int_equal(alpa_program_place_array(programs[1], 0, results[0], &arrays[2]), ALPA_OK);
  assert_ptr_not_equal(arrays[2], results[0]);
  assert_int_equal(alpa_program_run(programs[1], &arrays[2], &last), ALPA_OK);
  assert_int_equal(alpa_program_read_array(programs[1], last, out), ALPA_OK);
  for (int i = 0; i < 32; i++)
    assert_true(out[i] == 4 * in[i]);
  alpa_array_release(last);
  alpa_array_release(results[0]);
  alpa_arrays_release(arrays, 3);
  for (int i = 0; i < 2; i++) {
    alpa_program_destroy(programs[i]);
    alpa_plan_destroy(plans[i]);
  }
}

static alpa_status append(void *user, const char *piece, size_t size) {
  char *buffer = user;
  size_t used = strlen(buffer);
  if (used + size < 16384) {
    memcpy(buffer + used, piece, size);
    buffer[used + size] = 0;
  }
  return ALPA_OK;
}

static void test_forms(void **state) {
  static const char *const forms[][2] = {
      {"sharded", "tensor<8x4xf32>"}, {"partitioned", "tensor<4x2xf32>"}, {"kernels", "kernel.fused"}};
  alpa_plan *plan = plan_with(*state, "data | model", "data | model");
  for (size_t i = 0; i < 3; i++) {
    char buffer[16384] = "";
    assert_int_equal(alpa_plan_print_form(plan, forms[i][0], NULL, append, buffer), ALPA_OK);
    assert_non_null(strstr(buffer, forms[i][1]));
  }
  char buffer[16384] = "";
  assert_int_equal(alpa_plan_print_form(plan, "ptx", NULL, append, buffer), ALPA_INVALID_ARGUMENT);
  alpa_plan_destroy(plan);
}

static void test_clusters(void **state) {
  fixture *f = *state;
  alpa_cluster_info info = ALPA_CLUSTER_INFO_INIT;
  assert_int_equal(alpa_cluster_get_info(f->context, "p3.16xlarge:8", &info), ALPA_OK);
  assert_int_equal(info.n_devices, 64);
  assert_int_equal(info.devices_per_host, 8);
  assert_false(info.is_host);
  assert_string_equal(info.device_name, "V100-SXM2-16GB");
  assert_int_equal(alpa_cluster_get_info(f->context, "host:3", &info), ALPA_OK);
  assert_int_equal(info.n_devices, 3);
  assert_true(info.is_host);
  assert_int_not_equal(alpa_cluster_get_info(f->context, "host:-1", &info), ALPA_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_prescriptions_decide, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_wrong_prescriptions_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_array_goes_to_another_program, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_clusters, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
