/* Modules, pipelines and the listing of passes in the public API: every entry checks its arguments, enters through the
 * guard, and leaves the work to the layers below. */
#include "driver/api_context.h"

#include "dialects/ir/fingerprint.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"
#include "dialects/ir/verify.h"
#include "passes/manager.h"

/* ---- modules ---- */

typedef struct parse_args {
  alpa_context *ctx;
  alpa_str text;
  alpa_parse_options options;
  bool keeps_text;
  uint32_t first_line;
  alpa_module *module;
} parse_args;

static alpa_status parse_module(void *arguments) {
  parse_args *args = arguments;
  ALPA_TRY(alpa_module_read(args->ctx, args->text, &args->options, &args->module));
  if (args->keeps_text)
    alpa_diag_add_source(&args->ctx->diag, args->options.name, args->text, args->first_line);
  return ALPA_OK;
}

alpa_status alpa_module_parse(alpa_context *context, const char *text, size_t size,
                              const alpa_module_parse_options *given, alpa_module **out_module) {
  alpa_module_parse_options options = ALPA_MODULE_PARSE_OPTIONS_INIT;
  if (!context || (!text && size) || !out_module)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_take(&options, sizeof options, given);
  const char *pipeline = NULL;
  parse_args args = {.ctx = context,
                     .text = {text ? text : "", size},
                     .options = {.name = options.name ? options.name : "-",
                                 .first_line = options.first_line,
                                 .no_verify = options.skip_verify,
                                 .out_reproducer_pipeline = &pipeline},
                     .keeps_text = options.keeps_text,
                     .first_line = options.first_line ? options.first_line : 1};
  size_t n_sources = context->diag.sources.n;
  alpa_status status = alpa_guard(&context->memory, parse_module, &args);
  if (status != ALPA_OK) {
    context->diag.sources.n = n_sources; /* an exhausted parser has left its own */
    return status;
  }
  if (options.out_reproducer_pipeline)
    *options.out_reproducer_pipeline = pipeline;
  *out_module = args.module;
  return ALPA_OK;
}

typedef struct print_args {
  const alpa_op *op;
  const alpa_module_print_options *given;
  alpa_write_fn *write;
  void *user;
} print_args;

static alpa_status print_op(void *arguments) {
  const print_args *args = arguments;
  alpa_module_print_options given = ALPA_MODULE_PRINT_OPTIONS_INIT;
  alpa_api_take(&given, sizeof given, args->given);
  alpa_print_options options = {.generic = given.generic,
                                .debug_info = given.debug_info,
                                .local_scope = given.local_scope,
                                .skip_regions = given.skip_regions,
                                .elide_elements = given.elide_elements,
                                .hex_elements = given.hex_elements};
  alpa_arena arena;
  alpa_text text;
  alpa_arena_init(&arena, &args->op->module->ctx->memory);
  alpa_text_init(&text, &arena);
  const alpa_attr *code = alpa_op_find_attr(args->op, ALPA_CODE_ATTR);
  if (code && code->kind == ALPA_ATTR_STRING)
    alpa_text_append(&text, code->string.data, code->string.size);
  else
    alpa_op_print(&text, args->op, &options);
  alpa_status status = args->write(args->user, alpa_text_finish(&text), text.size);
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_module_print(const alpa_module *module, const alpa_module_print_options *options, alpa_write_fn *write,
                              void *user) {
  if (!module || !write)
    return ALPA_INVALID_ARGUMENT;
  print_args args = {module->op, options, write, user};
  return alpa_guard(&module->ctx->memory, print_op, &args);
}

static alpa_status verify_module(void *module) { return alpa_op_verify(((alpa_module *)module)->op); }

alpa_status alpa_module_verify(alpa_module *module) {
  return module ? alpa_guard(&module->ctx->memory, verify_module, module) : ALPA_INVALID_ARGUMENT;
}

typedef struct fingerprint_args {
  const alpa_op *op;
  alpa_fingerprint *out;
} fingerprint_args;

static alpa_status compute_fingerprint(void *arguments) {
  const fingerprint_args *args = arguments;
  alpa_hash128 hash = alpa_op_fingerprint(args->op);
  *args->out = (alpa_fingerprint){hash.low, hash.high};
  return ALPA_OK;
}

alpa_status alpa_module_get_fingerprint(const alpa_module *module, alpa_fingerprint *out_fingerprint) {
  if (!module || !out_fingerprint)
    return ALPA_INVALID_ARGUMENT;
  fingerprint_args args = {module->op, out_fingerprint};
  return alpa_guard(&module->ctx->memory, compute_fingerprint, &args);
}

/* ---- pipelines ---- */

typedef struct read_args {
  const char *text;
  alpa_pipeline *pipeline;
} read_args;

static alpa_status read_pipeline(void *arguments) {
  const read_args *args = arguments;
  return alpa_pipeline_read(args->pipeline->ctx, &alpa_api_registry, args->text, args->pipeline);
}

alpa_status alpa_pipeline_parse(alpa_context *context, const char *text, alpa_pipeline **out_pipeline) {
  if (!context || !text || !out_pipeline)
    return ALPA_INVALID_ARGUMENT;
  alpa_pipeline *pipeline = context->memory.realloc(context->memory.user, NULL, sizeof *pipeline);
  if (!pipeline)
    return ALPA_OUT_OF_MEMORY;
  *pipeline = (alpa_pipeline){.ctx = context};
  read_args args = {.text = text, .pipeline = pipeline};
  alpa_status status = alpa_guard(&context->memory, read_pipeline, &args);
  if (status == ALPA_OK)
    *out_pipeline = pipeline;
  else
    alpa_pipeline_destroy(pipeline);
  return status;
}

void alpa_pipeline_destroy(alpa_pipeline *pipeline) {
  if (!pipeline)
    return;
  alpa_context *ctx = pipeline->ctx;
  alpa_pipeline_deinit(pipeline);
  ctx->memory.realloc(ctx->memory.user, pipeline, 0);
}

typedef struct spell_args {
  alpa_pipeline *pipeline;
  const alpa_step *step;
  const char *text;
} spell_args;

static alpa_status spell_step(void *arguments) {
  spell_args *args = arguments;
  alpa_text text;
  alpa_text_init(&text, &args->pipeline->arena);
  alpa_step_print(&text, args->step);
  args->text = alpa_text_finish(&text);
  return ALPA_OK;
}

const char *alpa_pipeline_get_text(alpa_pipeline *pipeline) {
  alpa_step_info info = ALPA_STEP_INFO_INIT;
  return alpa_pipeline_get_step(pipeline, 0, &info) == ALPA_OK ? info.text : NULL;
}

typedef struct run_args {
  alpa_pipeline *pipeline;
  alpa_module *module;
  const alpa_pipeline_run_options *given;
} run_args;

static alpa_status run_pipeline(void *arguments) {
  const run_args *args = arguments;
  alpa_pipeline_run_options given = ALPA_PIPELINE_RUN_OPTIONS_INIT;
  alpa_api_take(&given, sizeof given, args->given);
  alpa_pass_observer observer = {0};
  alpa_api_take(&observer, sizeof observer, given.observer);
  alpa_manager_options options = {.skip_verify = given.skip_verify, .observer = &observer};
  return alpa_pipeline_apply(args->pipeline, args->module, &options);
}

alpa_status alpa_pipeline_run(alpa_pipeline *pipeline, alpa_module *module, const alpa_pipeline_run_options *options) {
  if (!pipeline || !module || pipeline->ctx != module->ctx)
    return ALPA_INVALID_ARGUMENT;
  run_args args = {pipeline, module, options};
  return alpa_guard(&module->ctx->memory, run_pipeline, &args);
}

alpa_status alpa_pass_event_print(const alpa_pass_event *event, bool whole_module,
                                  const alpa_module_print_options *options, alpa_write_fn *write, void *user) {
  if (!event || !write)
    return ALPA_INVALID_ARGUMENT;
  print_args args = {whole_module ? event->ir->module->op : event->ir, options, write, user};
  return alpa_guard(&event->ir->module->ctx->memory, print_op, &args);
}

alpa_status alpa_pass_event_get_fingerprint(const alpa_pass_event *event, alpa_fingerprint *out_fingerprint) {
  if (!event || !out_fingerprint)
    return ALPA_INVALID_ARGUMENT;
  fingerprint_args args = {event->ir, out_fingerprint};
  return alpa_guard(&event->ir->module->ctx->memory, compute_fingerprint, &args);
}

alpa_status alpa_pipeline_get_step(alpa_pipeline *pipeline, size_t index, alpa_step_info *out_info) {
  if (!pipeline || !out_info)
    return ALPA_INVALID_ARGUMENT;
  if (index >= pipeline->all.n)
    return ALPA_NOT_FOUND;
  alpa_step *step = pipeline->all.items[index];
  spell_args args = {pipeline, step, NULL};
  ALPA_TRY(alpa_guard(&pipeline->ctx->memory, spell_step, &args));
  for (size_t i = 0; i < step->n_statistics; i++)
    step->statistics[i].value = step->counters[i];
  alpa_step_info info = {.struct_size = sizeof info,
                         .name = step->pass ? step->pass->name : step->anchor,
                         .is_pass = step->pass != NULL,
                         .depth = step->depth,
                         .n_runs = step->n_runs,
                         .seconds = step->seconds,
                         .statistics = step->statistics,
                         .n_statistics = step->n_statistics,
                         .text = args.text};
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}
