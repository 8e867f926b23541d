/* Plans in stages, edited at random as text: each is refused with its place, or it is still a plan, which is
 * interpreted and linked without a fault of ours.  Edits are of what wires stages together: names, numbers, phases,
 * levels, types, shardings and whole segments.
 *
 * FIRST END: the edits of these seeds.  SEED any print: the edited plan. */
#include "test/unit/staged_check.h"

static alpa_status append(void *user, const char *text, size_t size) {
  alpa_text_append(user, text, size);
  return ALPA_OK;
}

static char *print_plan(fixture *f, const alpa_plan *of) {
  alpa_text text;
  alpa_text_init(&text, &f->arena);
  assert_int_equal(alpa_plan_print(of, NULL, append, &text), ALPA_OK);
  return text.data ? alpa_arena_strdup(&f->arena, alpa_text_finish(&text)) : NULL;
}

/* ---- edits --- */

/* Where in the text one of the marks occurs: the i-th of all occurrences of it, or NULL. */
static char *find_any(staged_writer *dice, char *text, const char *mark) {
  int n = 0;
  for (char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
    n++;
  int chosen = n ? staged_below(dice, n) : 0;
  for (char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
    if (chosen-- == 0)
      return at;
  return NULL;
}

/* The text with n characters at a place replaced. */
static char *replace(fixture *f, const char *text, const char *at, size_t n, const char *by) {
  return (char *)(uintptr_t)alpa_arena_printf(&f->arena, "%.*s%s%s", (int)(at - text), text, by, at + n);
}

/* The end of "name = value", or of a word. */
static const char *end_of_entry(const char *at) {
  int depth = 0;
  for (bool is_string = false; *at; at++) {
    is_string ^= *at == '"';
    if (is_string)
      continue;
    if (strchr("<[{(", *at))
      depth++;
    if (strchr(">]})", *at) && depth-- == 0)
      break;
    if (*at == ',' && depth == 0)
      break;
  }
  return at;
}

/* The end of the block that begins behind the place. */
static const char *end_of_block(const char *at) {
  int depth = 0;
  for (at = strchr(at, '{'); at && *at; at++) {
    depth += (*at == '{') - (*at == '}');
    if (depth == 0 && at[1] == '\n')
      return at + 1;
  }
  return at;
}

static const char *const marks[] = {
    "alpa.receive = ", "alpa.send = ",   "alpa.local = ",        "alpa.argument = ",      "alpa.result = ",
    "alpa.phase = ",   "alpa.level = ",  "alpa.microbatch",      "tf.aliasing_output = ", "alpa.devices = ",
    "sdy.sharding = ", "module @",       "alpa.microbatches = ", "alpa.schedule = ",      "stages = [@",
    "sdy.mesh @",      "alpa.offset = ", "alpa.stages = ",       "func.func public",
};

/* What may stand instead of an entry of that name. */
static const char *const values[] = {
    "\"t0\"",
    "\"t1\"",
    "\"t2\"",
    "\"c1\"",
    "\"c2\"",
    "\"m9\"",
    "\"p3\"",
    "\"body\"",
    "\"forward\"",
    "\"backward\"",
    "\"prologue\"",
    "\"epilogue\"",
    "\"\"",
    "0 : i64",
    "1 : i64",
    "2 : i64",
    "7 : i64",
    "-1 : i64",
    "9223372036854775807 : i64",
    "0 : i32",
    "99 : i32",
    "unit",
    "array<i64: 0, 1>",
    "array<i64: 1, 1>",
    "array<i64: 6, 0>",
    "array<i64: 0, 64>",
    "array<i64: -1, 1>",
    "array<i64>",
    "[]",
    "{}",
    "1.0 : f32",
    "#sdy.sharding<@mesh, [{}, {}]>",
    "#sdy.sharding<@mesh, [{\"a\"}, {}]>",
    "#sdy.sharding<@mesh, []>",
};

static char *replace_value(fixture *f, staged_writer *dice, char *text, const char *mark) {
  char *at = find_any(dice, text, mark);
  if (!at)
    return text;
  at += strlen(mark);
  return replace(f, text, at, (size_t)(end_of_entry(at) - at), values[staged_below(dice, (int)countof(values))]);
}

static char *exchange_values(fixture *f, staged_writer *dice, char *text, const char *mark) {
  char *at = find_any(dice, text, mark), *other = find_any(dice, text, mark);
  if (!at)
    return text;
  at += strlen(mark);
  other += strlen(mark);
  const char *taken = alpa_arena_printf(&f->arena, "%.*s", (int)(end_of_entry(other) - other), other);
  return replace(f, text, at, (size_t)(end_of_entry(at) - at), taken);
}

static char *erase_entry(fixture *f, staged_writer *dice, char *text, const char *mark) {
  char *at = find_any(dice, text, mark);
  if (!at)
    return text;
  const char *end = end_of_entry(at);
  return replace(f, text, at, (size_t)(end - at) + (*end == ',' ? 2 : 0), *end == ',' ? "" : "x");
}

static char *erase_module(fixture *f, staged_writer *dice, char *text, const char *mark) {
  (void)mark;
  char *at = find_any(dice, text, "module @");
  return at ? replace(f, text, at, (size_t)(end_of_block(at) - at), "") : text;
}

static char *repeat_module(fixture *f, staged_writer *dice, char *text, const char *mark) {
  (void)mark;
  char *at = find_any(dice, text, "    module @");
  if (!at)
    return text;
  const char *block = alpa_arena_printf(&f->arena, "%.*s\n", (int)(end_of_block(at) - at), at);
  return replace(f, text, at, 0, block);
}

static char *rename_module(fixture *f, staged_writer *dice, char *text, const char *mark) {
  static const char *const names[] = {"stage0", "stage1", "forward", "epilogue", "weight"};
  (void)mark;
  char *at = find_any(dice, text, "module @");
  if (!at)
    return text;
  at += strlen("module @");
  return replace(f, text, at, strcspn(at, " {"), names[staged_below(dice, (int)countof(names))]);
}

static char *rename_stage(fixture *f, staged_writer *dice, char *text, const char *mark) {
  static const char *const names[] = {"@stage0", "@stage1", "@main", "@nothing", "@stage1, @stage0"};
  (void)mark;
  char *at = find_any(dice, text, "stages = [@");
  at = at ? strchr(at, '@') : NULL;
  return at ? replace(f, text, at, strcspn(at, ",]"), names[staged_below(dice, (int)countof(names))]) : text;
}

/* All types of the sort: what is then computed is another program, or none. */
static char *change_type(fixture *f, staged_writer *dice, char *text, const char *mark) {
  static const char *const types[] = {"tensor<6x6xf32>", "tensor<4x6xf32>", "tensor<6xf32>",  "tensor<f32>",
                                      "tensor<i32>",     "tensor<2x6xf32>", "tensor<1x6xf32>"};
  (void)mark;
  const char *from = types[staged_below(dice, (int)countof(types))];
  char *at = find_any(dice, text, from);
  return at ? replace(f, text, at, strlen(from), types[staged_below(dice, (int)countof(types))]) : text;
}

typedef char *edit_fn(fixture *f, staged_writer *dice, char *text, const char *mark);
static edit_fn *const edits[] = {replace_value, replace_value, exchange_values, exchange_values, erase_entry,
                                 erase_module,  repeat_module, rename_module,   rename_stage,    change_type};

/* ---- the test ---- */

/* The plan of a program that is accepted, near the seed. */
static char *write_plan(fixture *f, uint64_t seed, int *out_devices) {
  for (;; seed++) {
    setting s = choose_setting(seed);
    staged_program p = write_program(f, &s, false);
    alpa_plan *staged = s.n_stages > 1 ? plan_stages(f, &s, spell_module(f, &s, &p)) : NULL;
    char *text = staged ? print_plan(f, staged) : NULL;
    alpa_plan_destroy(staged);
    f->message[0] = 0;
    *out_devices = s.n_devices;
    if (text)
      return text;
  }
}

static char *edit(fixture *f, uint64_t seed, int *out_devices) {
  staged_writer dice = {.seed = seed * 7 + 3};
  char *text = write_plan(f, seed / 16 * 3, out_devices);
  int n = 1 + staged_below(&dice, 2);
  for (int i = 0; i < n; i++) {
    edit_fn *chosen = edits[staged_below(&dice, (int)countof(edits))];
    text = chosen(f, &dice, text, marks[staged_below(&dice, (int)countof(marks))]);
  }
  return text;
}

/* What has been compiled runs to its end. */
static void run_program(fixture *f, alpa_program *program, const alpa_plan *of) {
  alpa_array *arrays[STAGED_N_ARGS] = {NULL}, *results[STAGED_MOST_RESULTS] = {NULL};
  void **arguments = make_arguments(f, of, 1);
  uint32_t n = alpa_program_count_arguments(program);
  for (uint32_t a = 0; a < n; a++)
    assert_int_equal(alpa_program_create_array(program, a, arguments[a], &arrays[a]), ALPA_OK);
  if (alpa_program_run(program, arrays, results) != ALPA_OK)
    fail_msg("an edited plan does not run: %s", f->message);
  alpa_arrays_release(arrays, n);
  alpa_arrays_release(results, alpa_program_count_results(program));
}

/* Runs the plan as far as it goes. */
static alpa_status try_plan(fixture *f, const char *text, int n_devices) {
  alpa_module *module = NULL;
  alpa_plan *edited = NULL;
  alpa_program *program = NULL;
  alpa_devices *devices = NULL;
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  options.n_devices = (uint32_t)n_devices;
  options.workers = 2;
  options.deadline_s = 20;
  assert_int_equal(alpa_devices_create(f->context, &options, &devices), ALPA_OK);
  alpa_module_parse_options named = ALPA_MODULE_PARSE_OPTIONS_INIT;
  named.name = "edited";
  alpa_status status = alpa_module_parse(f->context, text, strlen(text), &named, &module);
  if (status == ALPA_OK) {
    edited = plan(module, n_devices);
    status = edited ? ALPA_OK : ALPA_INVALID_ARGUMENT;
  }
  if (status == ALPA_OK)
    status = alpa_plan_interpret(edited, true, 1, (const void *const *)make_arguments(f, edited, 1),
                                 make_results(f, edited));
  if (status == ALPA_OK)
    status = alpa_program_create(edited, devices, &program);
  if (status == ALPA_OK)
    run_program(f, program, edited);
  alpa_program_destroy(program);
  alpa_plan_destroy(edited);
  alpa_module_destroy(module);
  alpa_devices_destroy(devices);
  return status;
}

static bool check_edit(uint64_t seed) {
  fixture f;
  int n_devices = 0;
  open_fixture(&f);
  const char *text = edit(&f, seed, &n_devices);
  bool is_refused = try_plan(&f, text, n_devices) != ALPA_OK;
  if (is_refused && !f.is_located)
    fail_msg("edit %llu: without a place: %s", (unsigned long long)seed, f.message);
  close_fixture(&f);
  return is_refused;
}

enum { N_EDITS = 150 };

static void test_edited_plans_are_refused_or_run(void **state) {
  (void)state;
  int n_refused = 0;
  for (uint64_t seed = 0; seed < N_EDITS; seed++)
    n_refused += check_edit(seed);
  print_message("%d of %d edited plans are refused\n", n_refused, N_EDITS);
  assert_true(n_refused > N_EDITS / 4);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_edited_plans_are_refused_or_run)};
  if (argc == 4) {
    fixture f;
    int n_devices;
    open_fixture(&f);
    printf("%s", edit(&f, strtoull(argv[1], NULL, 10), &n_devices));
    close_fixture(&f);
    return 0;
  }
  for (uint64_t seed = argc == 3 ? strtoull(argv[1], NULL, 10) : 0, end = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
       seed < end; seed++)
    print_message("%s\n", check_edit(seed) ? "refused" : "runs");
  return argc == 3 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
