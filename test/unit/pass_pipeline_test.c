/* Pipelines as text, options, properties, and the manager, with passes of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "passes/manager.h"

/* ---- passes of the test ---- */

typedef struct sample_options {
  bool flag;
  int64_t count, bounded;
  double ratio;
  const char *text, *choice;
  alpa_strings list;
} sample_options;

#define FIELD(field) offsetof(sample_options, field)
static const char *const colours[] = {"red", "green", NULL};
static const alpa_option_def sample_option_defs[] = {
    {.name = "flag", .help = "f", .kind = ALPA_OPTION_BOOL, .offset = FIELD(flag), .initial = "true"},
    {.name = "count", .help = "c", .kind = ALPA_OPTION_INT, .offset = FIELD(count), .initial = "-7"},
    {.name = "bounded",
     .help = "b",
     .kind = ALPA_OPTION_INT,
     .offset = FIELD(bounded),
     .initial = "2",
     .min = 1,
     .max = 9},
    {.name = "ratio", .help = "r", .kind = ALPA_OPTION_DOUBLE, .offset = FIELD(ratio), .initial = "0.1"},
    {.name = "text", .help = "t", .kind = ALPA_OPTION_STRING, .offset = FIELD(text)},
    {.name = "choice",
     .help = "o",
     .kind = ALPA_OPTION_STRING,
     .offset = FIELD(choice),
     .initial = "red",
     .choices = colours},
    {.name = "list", .help = "l", .kind = ALPA_OPTION_STRINGS, .offset = FIELD(list), .initial = "a,b"},
    {0}};
#undef FIELD

static sample_options seen; /* what the sample pass was last given */

static alpa_status run_sample(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)op;
  seen = *(const sample_options *)options;
  pass->counters[0]++;
  (void)alpa_arena_alloc(pass->arena, 100);
  return ALPA_OK;
}

static const alpa_statistic_def sample_statistics[] = {{"runs", "how often"}, {0}};
static const alpa_pass_def sample = {.name = "sample",
                                     .summary = "s",
                                     .options = sample_option_defs,
                                     .options_size = sizeof(sample_options),
                                     .statistics = sample_statistics,
                                     .preserves = ALPA_HAS_ALL,
                                     .run = run_sample};

/* Leaves a function whose type does not fit its body. */
static alpa_status run_break(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)options;
  (void)pass;
  alpa_context *ctx = alpa_op_context(op);
  const alpa_type *f32 = alpa_type_get_tensor(ctx, ALPA_F32, 0, NULL);
  alpa_op_set_attr(op, "function_type",
                   alpa_attr_get_type(ctx, alpa_type_get_function(ctx, (alpa_types){&f32, 1}, (alpa_types){NULL, 0})));
  return ALPA_OK;
}
static const alpa_pass_def breaking = {.name = "break", .summary = "b", .anchor = "func.func", .run = run_break};

static alpa_status run_silent_failure(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)op;
  (void)options;
  (void)pass;
  return ALPA_UNSUPPORTED;
}
static const alpa_pass_def failing = {.name = "fail", .summary = "f", .run = run_silent_failure};

static alpa_status run_nothing(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)op;
  (void)options;
  (void)pass;
  return ALPA_OK;
}
static const alpa_pass_def needy = {
    .name = "needy", .summary = "n", .requires = ALPA_HAS_STAGES, .preserves = ALPA_HAS_ALL, .run = run_nothing};
static const alpa_pass_def giving = {
    .name = "giving", .summary = "g", .preserves = ALPA_HAS_LAYERS, .establishes = ALPA_HAS_STAGES, .run = run_nothing};

static const alpa_pass_def *const passes[] = {&sample, &breaking, &failing, &needy, &giving};
static const alpa_pass_list list = {passes, countof(passes)};
static const alpa_pass_list *const lists[] = {&list, NULL};
static const alpa_pipeline_def pipelines[] = {{"twice", "t", "sample,sample{count=2}"}, {0}};
static const alpa_pass_registry registry = {lists, pipelines};

/* ---- what every test has ---- */

typedef struct fixture {
  alpa_context ctx;
  alpa_pipeline pipeline;
  char messages[4096];
} fixture;

static void record(void *user, alpa_severity severity, alpa_place place, const char *message) {
  fixture *f = user;
  (void)severity;
  (void)place;
  size_t size = strlen(f->messages);
  snprintf(f->messages + size, sizeof f->messages - size, "%s\n", message);
}

static void setup(fixture *f) {
  *f = (fixture){0};
  alpa_context_init(&f->ctx, NULL, NULL, record, f);
}

static void teardown(fixture *f) {
  alpa_pipeline_deinit(&f->pipeline);
  alpa_context_deinit(&f->ctx);
  assert_int_equal(f->ctx.memory.live_bytes, 0);
}

static alpa_status read_text(fixture *f, const char *text) {
  return alpa_pipeline_read(&f->ctx, &registry, text, &f->pipeline);
}

static const char *print_text(fixture *f) {
  alpa_text text;
  alpa_text_init(&text, &f->ctx.diag.arena);
  alpa_step_print(&text, f->pipeline.root);
  return alpa_text_finish(&text);
}

static alpa_module *empty_function(fixture *f) {
  const alpa_loc *loc = alpa_loc_get_file(&f->ctx, "f.mlir", 1, 1);
  alpa_module *module = alpa_module_create(&f->ctx, loc);
  const alpa_attr *attrs[func_func_attr_count] = {
      [func_func_function_type] =
          alpa_attr_get_type(&f->ctx, alpa_type_get_function(&f->ctx, (alpa_types){0}, (alpa_types){0})),
      [func_func_sym_name] = alpa_attr_get_string(&f->ctx, "main")};
  alpa_op *func = alpa_op_create(
      module, &(alpa_op_state){.def = &alpa_func_ops[FUNC_func], .loc = loc, .attrs = attrs, .n_regions = 1});
  alpa_block *block = alpa_block_create(module);
  alpa_block_append(&func->regions[0], block);
  alpa_op_insert(func, alpa_module_body(module), NULL);
  alpa_op_insert(alpa_op_create(module, &(alpa_op_state){.def = &alpa_func_ops[FUNC_return], .loc = loc}), block, NULL);
  return module;
}

/* ---- tests ---- */

static const char defaults[] = "sample{flag=true count=-7 bounded=2 ratio=0.1 text={} choice=red list={a,b}}";

static void test_prints_what_it_reads(void **state) {
  (void)state;
  static const struct {
    const char *text, *printed;
  } cases[] = {
      {"builtin.module()", "builtin.module()"},
      {" builtin.module( fail , func.func( fail,any(break) ) ) ", "builtin.module(fail,func.func(fail,any(break)))"},
      {"any(func.func())", "any(func.func())"},
      {"builtin.module(sample{count=0x10 flag=0 list=x text={a b} ratio=1e-9 choice=green bounded=9})",
       "builtin.module(sample{flag=false count=16 bounded=9 ratio=1e-09 text={a b} choice=green list={x}})"},
      {"builtin.module(sample{flag text='q' list={} ratio=3})",
       "builtin.module(sample{flag=true count=-7 bounded=2 ratio=3 text=q choice=red list={}})"},
  };
  for (size_t i = 0; i < countof(cases); i++) {
    fixture f;
    setup(&f);
    assert_int_equal(read_text(&f, cases[i].text), ALPA_OK);
    const char *once = print_text(&f);
    assert_string_equal(once, cases[i].printed);
    alpa_pipeline_deinit(&f.pipeline);
    assert_int_equal(read_text(&f, once), ALPA_OK);
    assert_string_equal(print_text(&f), once);
    teardown(&f);
  }
}

static void test_expands_named_pipelines(void **state) {
  (void)state;
  fixture f;
  setup(&f);
  char expected[512];
  snprintf(expected, sizeof expected, "builtin.module(func.func(%s,%s),fail)", defaults,
           "sample{flag=true count=2 bounded=2 ratio=0.1 text={} choice=red list={a,b}}");
  assert_int_equal(read_text(&f, "builtin.module(func.func(twice),fail)"), ALPA_OK);
  assert_string_equal(print_text(&f), expected);
  teardown(&f);
}

static void test_refuses_malformed_text(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "expected pass pipeline to be wrapped with the anchor operation type"},
      {"fail", "expected pass pipeline to be wrapped with the anchor operation type"},
      {"(fail)", "expected pass pipeline to be wrapped with the anchor operation type"},
      {"builtin.module(fail", "expected pass pipeline to be wrapped with the anchor operation type"},
      {"builtin.module(nope)", "'nope' does not refer to a registered pass or pass pipeline"},
      {"builtin.module(fail,)", "'' does not refer to a registered pass or pass pipeline"},
      {"builtin.module(fail))", "encountered extra closing ')'"},
      {"builtin.module(func.func(fail)", "encountered unbalanced parentheses"},
      {"builtin.module(func.func(fail)fail)", "expected ',' after parsing pipeline"},
      {"builtin.module(sample{count=1)", "missing closing '}' while processing pass options"},
      {"builtin.module(twice{a=1})", "'twice' is a pipeline and has no options of its own"},
      {"builtin.module(sample{nope=1})", "no such option nope\nfailed to add `sample` with options `nope=1`"},
      {"builtin.module(fail{x})", "no such option x"},
      {"builtin.module(sample{count})", "for the --count option: requires a value!"},
      {"builtin.module(sample{count=1x})", "'1x' value invalid for integer argument!"},
      {"builtin.module(sample{count=99999999999999999999})", "value invalid for integer argument!"},
      {"builtin.module(sample{bounded=0})", "'0' is not between 1 and 9"},
      {"builtin.module(sample{ratio=q})", "value invalid for floating-point argument!"},
      {"builtin.module(sample{flag=2})", "'2' is invalid value for boolean argument! Try 0 or 1"},
      {"builtin.module(sample{choice=blue})", "'blue' is none of the choices"},
  };
  for (size_t i = 0; i < countof(cases); i++) {
    fixture f;
    setup(&f);
    assert_int_equal(read_text(&f, cases[i].text), ALPA_INVALID_ARGUMENT);
    if (!strstr(f.messages, cases[i].message))
      fail_msg("%s: got '%s', expected '%s'", cases[i].text, f.messages, cases[i].message);
    teardown(&f);
  }
}

static void test_bounds_nesting(void **state) {
  (void)state;
  fixture f;
  setup(&f);
  char text[2048] = "builtin.module(";
  for (int i = 0; i < 100; i++)
    strcat(text, "any(");
  for (int i = 0; i < 100; i++)
    strcat(text, ")");
  strcat(text, ")");
  assert_int_equal(read_text(&f, text), ALPA_INVALID_ARGUMENT);
  assert_non_null(strstr(f.messages, "nested too deeply"));
  teardown(&f);
}

static void test_gives_options_to_the_pass(void **state) {
  (void)state;
  fixture f;
  setup(&f);
  alpa_module *module = empty_function(&f);
  assert_int_equal(read_text(&f, "builtin.module(any(sample{count=5 list=x,y,z text=\"a b\"}),sample)"), ALPA_OK);
  alpa_step *nested = f.pipeline.all.items[2];
  assert_int_equal(alpa_pipeline_apply(&f.pipeline, module, &(alpa_manager_options){0}), ALPA_OK);
  assert_int_equal(nested->counters[0], 1);
  assert_int_equal(nested->n_runs, 1);
  assert_int_equal(seen.count, -7);
  const sample_options *options = nested->options;
  assert_int_equal(options->count, 5);
  assert_int_equal(options->list.n, 3);
  assert_string_equal(options->list.items[2], "z");
  assert_string_equal(options->text, "a b");
  alpa_module_destroy(module);
  teardown(&f);
}

static void run_failing(const char *text, const alpa_manager_options *options, alpa_status status,
                        const char *message) {
  fixture f;
  setup(&f);
  alpa_module *module = empty_function(&f);
  assert_int_equal(read_text(&f, text), ALPA_OK);
  assert_int_equal(alpa_pipeline_apply(&f.pipeline, module, options), status);
  if (message && !strstr(f.messages, message))
    fail_msg("%s: got '%s', expected '%s'", text, f.messages, message);
  alpa_module_destroy(module);
  teardown(&f);
}

static void test_reports_failures_once(void **state) {
  (void)state;
  static const alpa_manager_options plain = {0}, unverified = {.skip_verify = true};
  run_failing("builtin.module(func.func(fail))", &plain, ALPA_UNSUPPORTED,
              "pass 'fail' failed on 'func.func' operation: @main: unsupported");
  run_failing("builtin.module(func.func(break))", &plain, ALPA_INVALID_ARGUMENT,
              "pass 'break' left this on 'func.func' operation: @main");
  run_failing("builtin.module(func.func(break))", &unverified, ALPA_OK, NULL);
  run_failing("builtin.module(break)", &plain, ALPA_INVALID_ARGUMENT,
              "can't run pass 'break', which is restricted to 'func.func', on 'builtin.module' op");
  run_failing("func.func(break)", &plain, ALPA_INVALID_ARGUMENT,
              "can't run 'func.func' pass manager on 'builtin.module' op");
}

static void test_keeps_properties_in_the_module(void **state) {
  (void)state;
  static const alpa_manager_options plain = {0};
  run_failing("builtin.module(needy)", &plain, ALPA_INVALID_ARGUMENT,
              "pass 'needy' requires 'stages', which the module does not have; run 'stage-dp' before it");
  fixture f;
  setup(&f);
  alpa_module *module = empty_function(&f);
  alpa_properties_set(module, ALPA_HAS_LAYERS | ALPA_HAS_TIME);
  assert_int_equal(read_text(&f, "builtin.module(giving,needy)"), ALPA_OK);
  assert_int_equal(alpa_pipeline_apply(&f.pipeline, module, &plain), ALPA_OK);
  assert_int_equal(alpa_properties_get(module), ALPA_HAS_LAYERS | ALPA_HAS_STAGES);
  alpa_properties_set(module, 0);
  assert_null(alpa_op_find_attr(module->op, "alpa.properties"));
  alpa_module_destroy(module);
  teardown(&f);
}

/* ---- the library's own tables ---- */

static void check_defaults(const alpa_pass_def *pass) {
  fixture f;
  setup(&f);
  alpa_arena arena;
  alpa_arena_init(&arena, &f.ctx.memory);
  void *options = alpa_pass_options_create(&arena, pass), *again = alpa_pass_options_create(&arena, pass);
  for (const alpa_option_def *def = pass->options; def && def->name; def++) {
    assert_non_null(def->help);
    assert_true(def->offset < pass->options_size);
    if (!def->initial)
      continue;
    const char *text = alpa_arena_printf(&arena, "%s={%s}", def->name, def->initial);
    assert_int_equal(alpa_pass_options_parse(&f.ctx, &arena, pass, (alpa_str){text, strlen(text)}, again), ALPA_OK);
  }
  alpa_text a, b;
  alpa_text_init(&a, &arena);
  alpa_text_init(&b, &arena);
  alpa_pass_options_print(&a, pass, options);
  alpa_pass_options_print(&b, pass, again);
  assert_string_equal(alpa_text_finish(&a), alpa_text_finish(&b));
  alpa_arena_deinit(&arena);
  teardown(&f);
}

static void test_tables_are_well_formed(void **state) {
  (void)state;
  for (size_t i = 0; i < alpa_passes.n; i++) {
    const alpa_pass_def *pass = alpa_passes.items[i];
    assert_non_null(pass->name);
    assert_non_null(pass->summary);
    assert_non_null(pass->run);
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(pass->name, alpa_passes.items[k]->name);
    check_defaults(pass);
  }
  static const alpa_pass_list *const own[] = {&alpa_passes, NULL};
  const alpa_pass_registry all = {own, alpa_pipelines};
  for (const alpa_pipeline_def *def = alpa_pipelines; def->name; def++) {
    fixture f;
    setup(&f);
    const char *text = alpa_arena_printf(&f.ctx.arena, "builtin.module(%s)", def->text);
    assert_int_equal(alpa_pipeline_read(&f.ctx, &all, text, &f.pipeline), ALPA_OK);
    teardown(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_prints_what_it_reads),           cmocka_unit_test(test_expands_named_pipelines),
      cmocka_unit_test(test_refuses_malformed_text),         cmocka_unit_test(test_bounds_nesting),
      cmocka_unit_test(test_gives_options_to_the_pass),      cmocka_unit_test(test_reports_failures_once),
      cmocka_unit_test(test_keeps_properties_in_the_module), cmocka_unit_test(test_tables_are_well_formed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
