/* Random train steps in stages, with every value sharded at random on the devices of its stage: each is refused with
 * its place, or its tasks, interpreted one by one as a schedule says, give the field elements of the program on one
 * device. Some of them run as machine code as well, for several steps on the arrays of the one before, with memory
 * poisoned.
 *
 * FIRST END field|code: the programs of these seeds, interpreted or by machine code.  SEED any print: its text. */
#include "test/unit/staged_check.h"

#include <math.h>

static void compare_bits(const char *text, const setting *s, const alpa_plan *whole, void **got, void **want) {
  for (uint32_t i = 0; i < alpa_plan_count_results(whole); i++) {
    alpa_tensor_info info = info_of(whole, i, true);
    size_t bytes = count_elements(&info) * (info.dtype == ALPA_F32 ? 8 : 4);
    if (memcmp(got[i], want[i], bytes))
      fail_msg("result %u of program %llu differs\n%s", i, (unsigned long long)s->seed, text);
  }
}

static void compare_field(fixture *f, const char *text, const setting *s, const alpa_plan *whole,
                          const alpa_plan *staged) {
  void **arguments = make_arguments(f, whole, s->seed);
  void **want = make_results(f, whole), **got = make_results(f, whole);
  const void *const *given = (const void *const *)arguments;
  if (alpa_plan_interpret(whole, true, s->seed, given, want) != ALPA_OK ||
      alpa_plan_interpret(staged, true, s->seed, given, got) != ALPA_OK)
    fail_msg("program %llu: %s\n%s", (unsigned long long)s->seed, f->message, text);
  compare_bits(text, s, whole, got, want);
}

/* ---- machine code ------------------------------------------------------------------------------------------------ */

/* The largest number of a list of arguments or results, at least 1; infinity where one is no number. */
static double find_largest(const alpa_plan *whole, void **values, uint32_t n, bool are_results) {
  double largest = 1;
  for (uint32_t k = 0; k < n; k++) {
    alpa_tensor_info info = info_of(whole, k, are_results);
    for (size_t i = 0; info.dtype == ALPA_F32 && i < count_elements(&info); i++) {
      double size = fabs((double)((const float *)values[k])[i]);
      largest = size <= largest ? largest : isnan(size) ? INFINITY : size;
    }
  }
  return largest;
}

static void compare_numbers(const char *text, const setting *s, const alpa_plan *whole, uint32_t index, const void *got,
                            const void *want, double allowed) {
  alpa_tensor_info info = info_of(whole, index, true);
  for (size_t i = 0; i < count_elements(&info); i++) {
    double difference = info.dtype == ALPA_F32
                            ? fabs((double)((const float *)got)[i] - (double)((const float *)want)[i])
                        : ((const int32_t *)got)[i] == ((const int32_t *)want)[i] ? 0
                                                                                  : INFINITY;
    if (!(difference <= allowed) && !isinf(allowed))
      fail_msg("result %u of program %llu differs: element %zu by %g\n%s", index, (unsigned long long)s->seed, i,
               difference, text);
  }
}

/* Numbers that have grown over several steps say nothing. */
static const double LARGEST = 1000;

/* One step on the devices and one by the interpreter from the same arguments; what is donated is replaced. */
static void run_step(fixture *f, const char *text, const setting *s, const alpa_plan *whole, alpa_program *program,
                     const int *aliases, alpa_array **arrays, void **arguments) {
  alpa_array *results[STAGED_MOST_RESULTS] = {NULL};
  void **want = make_results(f, whole), **got = make_results(f, whole);
  uint32_t n = alpa_plan_count_results(whole);
  assert_int_equal(alpa_plan_interpret(whole, false, 1, (const void *const *)arguments, want), ALPA_OK);
  if (alpa_program_run(program, arrays, results) != ALPA_OK)
    fail_msg("program %llu: %s\n%s", (unsigned long long)s->seed, f->message, text);
  double largest = fmax(find_largest(whole, want, n, true), find_largest(whole, arguments, STAGED_N_ARGS, false));
  double allowed = largest <= LARGEST ? 1e-4 * largest : INFINITY;
  for (uint32_t k = 0; k < n; k++) {
    assert_int_equal(alpa_program_read_array(program, results[k], got[k]), ALPA_OK);
    compare_numbers(text, s, whole, k, got[k], want[k], allowed);
  }
  for (int a = 0; a < STAGED_N_ARGS; a++)
    if (aliases[a] >= 0) {
      alpa_array_release(arrays[a]);
      assert_int_equal(alpa_program_place_array(program, (uint32_t)a, results[aliases[a]], &arrays[a]), ALPA_OK);
      arguments[a] = got[aliases[a]];
    }
  alpa_arrays_release(results, n);
}

enum { N_STEPS = 3 };

static void compare_code(fixture *f, const char *text, const setting *s, const alpa_plan *whole,
                         const alpa_plan *staged, const int *aliases) {
  static const uint32_t workers[] = {1, 2, 4};
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  alpa_devices *devices = NULL;
  alpa_program *program = NULL;
  alpa_array *arrays[STAGED_N_ARGS] = {NULL};
  void **arguments = make_arguments(f, whole, s->seed);
  options.n_devices = (uint32_t)s->n_devices;
  options.workers = workers[s->seed % countof(workers)];
  options.poison = true;
  assert_int_equal(alpa_devices_create(f->context, &options, &devices), ALPA_OK);
  if (alpa_program_create(staged, devices, &program) != ALPA_OK)
    fail_msg("program %llu: %s\n%s", (unsigned long long)s->seed, f->message, text);
  for (uint32_t a = 0; a < STAGED_N_ARGS; a++)
    assert_int_equal(alpa_program_create_array(program, a, arguments[a], &arrays[a]), ALPA_OK);
  for (int step = 0; step < N_STEPS; step++)
    run_step(f, text, s, whole, program, aliases, arrays, arguments);
  alpa_arrays_release(arrays, STAGED_N_ARGS);
  alpa_program_destroy(program);
  alpa_devices_destroy(devices);
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

/* What may be said of a program; all of it with a place. */
static const char *const refusals[] = {
    "cannot run in micro-batches:", "stages would wait for each other",
    "but 'alpa.stages' describes", /* all of the last one's ops are dead */
};

static void check_refusal(const fixture *f, const char *text, const setting *s) {
  bool is_known = false;
  for (size_t i = 0; i < countof(refusals); i++)
    is_known |= strstr(f->message, refusals[i]) != NULL;
  if (!is_known || !f->is_located)
    fail_msg("program %llu (%s, %d stages, %d micro-batches): %s%s\n%s", (unsigned long long)s->seed, s->schedule,
             s->n_stages, s->n_microbatches, f->is_located ? "" : "without a place: ", f->message, text);
}

static void print_program(uint64_t seed) {
  fixture f;
  open_fixture(&f);
  setting s = choose_setting(seed);
  staged_program p = write_program(&f, &s, false);
  printf("// %s, remat %s, %d micro-batches\n%s", s.schedule, s.remat, s.n_microbatches, spell_module(&f, &s, &p));
  close_fixture(&f);
}

/* Whether the program was accepted. */
static bool check_program(uint64_t seed, bool with_code) {
  fixture f;
  open_fixture(&f);
  setting s = choose_setting(seed);
  staged_program p = write_program(&f, &s, with_code);
  const char *text = spell_module(&f, &s, &p);
  alpa_module *module = parse(&f, alpa_arena_printf(&f.arena, "module {\n%s}\n", p.func));
  alpa_plan *whole = plan(module, 1), *staged = plan_stages(&f, &s, text);
  assert_non_null(whole);
  if (!staged)
    check_refusal(&f, text, &s);
  if (staged)
    compare_field(&f, text, &s, whole, staged);
  if (staged && with_code)
    compare_code(&f, text, &s, whole, staged, p.aliases);
  bool is_accepted = staged != NULL;
  alpa_plan_destroy(staged);
  alpa_plan_destroy(whole);
  alpa_module_destroy(module);
  close_fixture(&f);
  return is_accepted;
}

static int check_programs(uint64_t first, uint64_t end, bool with_code) {
  int n_accepted = 0;
  for (uint64_t seed = first; seed < end; seed++)
    n_accepted += check_program(seed, with_code);
  print_message("%d of %d programs run in stages\n", n_accepted, (int)(end - first));
  return n_accepted;
}

enum { N_PROGRAMS = 400, N_COMPILED = 20 };

static void test_tasks_interpreted_are_refused_or_equal(void **state) {
  (void)state;
  assert_true(check_programs(0, N_PROGRAMS, false) >= N_PROGRAMS / 3);
}

static void test_machine_code_gives_the_numbers_of_one_device(void **state) {
  (void)state;
  assert_true(check_programs(0, N_COMPILED, true) >= N_COMPILED / 3);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tasks_interpreted_are_refused_or_equal),
      cmocka_unit_test(test_machine_code_gives_the_numbers_of_one_device),
  };
  if (argc == 4 && argv[3][0] == 'p') {
    print_program(strtoull(argv[1], NULL, 10));
    return 0;
  }
  if (argc == 4) {
    check_programs(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), argv[3][0] == 'c');
    return 0;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
