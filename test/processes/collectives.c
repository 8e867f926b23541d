/* Every collective between four processes by MPI, against one process with four devices: started by mpirun. */
#include "test/unit/collective_cases.h"

static void collectives_are_those_of_one_process(void **state) {
  test_context t;
  test_begin(&t);
  alpa_processes *processes = *state;
  for (size_t i = 0; i < countof(collective_cases); i++) {
    image_build b = {.arena = &t.arena, .n_devices = CASE_DEVICES};
    alpa_image image = build_case(&b, &collective_cases[i]);
    alpa_device_mesh_options one = {.n_devices = CASE_DEVICES, .n_workers = 1}, several = one;
    several.processes = processes;
    const char *expected = run_case(&t, &one, &image), *got = run_case(&t, &several, &image);
    assert_memory_equal(got, expected, (size_t)alpa_image_tensor_global_bytes(&image.results[0]));
  }
  test_end(&t);
}

int main(void) {
  test_context t;
  test_begin(&t);
  alpa_processes *processes = NULL;
  if (alpa_processes_join(&t.diag, "mpi", &processes) != ALPA_OK || processes->n != CASE_DEVICES) {
    fprintf(stderr, "%s; start 4 processes by mpirun\n", t.message);
    return 2;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(collectives_are_those_of_one_process, processes)};
  int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
  processes->vtable->close(processes, n_failed > 0);
  test_end(&t);
  return n_failed > 0;
}
