/* The pass manager.  A pass sees its options, an arena that is freed behind it and its counters; around it the manager
 * checks what the pass requires, verifies what it leaves, records what it establishes, and tells the observer. */
#include "passes/manager.h"

#include <string.h>
#include <time.h>

#include "dialects/ir/verify.h"

typedef struct run {
  alpa_pipeline *pipeline;
  alpa_module *module;
  const alpa_manager_options *options;
  const alpa_pass_services *services;
  alpa_arena *scratch;
  ALPA_VEC(const char *) path; /* op names and symbols, outermost first; in the pipeline's arena */
} run;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* "'func.func' operation: @main" */
static const char *describe(alpa_context *ctx, const alpa_op *op) {
  const char *symbol = alpa_symbol_name(op);
  return symbol ? alpa_arena_printf(&ctx->diag.arena, "'%s' operation: @%s", op->def->name, symbol)
                : alpa_arena_printf(&ctx->diag.arena, "'%s' operation", op->def->name);
}

static alpa_status check_requirements(const alpa_pass_def *pass, const alpa_op *op) {
  uint32_t missing = pass->
                       requires
  & ~alpa_properties_get(op->module);
  for (uint32_t bit = 0; bit < ALPA_PROPERTY_COUNT; bit++)
    if (missing & 1u << bit)
      return alpa_error(&op->module->ctx->diag, alpa_loc_place(op->loc), ALPA_INVALID_ARGUMENT,
                        "pass '%s' requires '%s', which the module does not have; run '%s' before it, or write it into "
                        "the module's alpa.properties",
                        pass->name, alpa_property_defs[bit].name, alpa_property_defs[bit].pass);
  return ALPA_OK;
}

static alpa_status check_anchor(const alpa_pass_def *pass, const alpa_op *op) {
  alpa_diag *diag = &op->module->ctx->diag;
  if (pass->anchor && strcmp(pass->anchor, op->def->name) != 0)
    return alpa_error(diag, alpa_loc_place(op->loc), ALPA_INVALID_ARGUMENT,
                      "can't run pass '%s', which is restricted to '%s', on '%s' op; nest it as '%s(%s)'", pass->name,
                      pass->anchor, op->def->name, pass->anchor, pass->name);
  return ALPA_OK;
}

static alpa_status verify_after(const run *in, const alpa_pass_def *pass, alpa_op *op) {
  if (in->options->skip_verify)
    return ALPA_OK;
  alpa_status status = alpa_op_verify(op);
  if (status != ALPA_OK)
    alpa_note(&in->module->ctx->diag, alpa_loc_place(op->loc), "pass '%s' left this on %s", pass->name,
              describe(in->module->ctx, op));
  return status;
}

static alpa_status run_checked(run *in, alpa_step *step, alpa_op *op) {
  const alpa_pass_def *pass = step->pass;
  alpa_diag *diag = &in->module->ctx->diag;
  ALPA_TRY(check_anchor(pass, op));
  ALPA_TRY(check_requirements(pass, op));
  alpa_pass_context context = {in->scratch, diag, step->counters, in->services};
  size_t n_errors = diag->n_errors;
  double start = now();
  alpa_status status = pass->run(op, step->options, &context);
  step->seconds += now() - start;
  step->n_runs++;
  alpa_arena_reset(in->scratch);
  if (status == ALPA_OK)
    status = verify_after(in, pass, op);
  if (status != ALPA_OK && diag->n_errors == n_errors)
    return alpa_error(diag, alpa_loc_place(op->loc), status, "pass '%s' failed on %s: %s", pass->name,
                      describe(in->module->ctx, op), alpa_status_name(status));
  if (status == ALPA_OK)
    alpa_properties_set(in->module, (alpa_properties_get(in->module) & pass->preserves) | pass->establishes);
  return status;
}

static alpa_status run_pass(run *in, size_t number, alpa_op *op) {
  alpa_step *step = in->pipeline->all.items[number];
  const alpa_pass_observer *observer = in->options->observer;
  alpa_pass_event event = {.struct_size = sizeof event,
                           .step = number,
                           .pass = step->pass->name,
                           .op = op->def->name,
                           .symbol = alpa_symbol_name(op),
                           .path = in->path.items,
                           .path_length = in->path.n / 2,
                           .ir = op};
  if (observer && observer->before)
    observer->before(observer->user, &event);
  event.status = run_checked(in, step, op);
  event.symbol = alpa_symbol_name(op);
  if (observer && observer->after)
    observer->after(observer->user, &event);
  return event.status;
}

static bool is_anchored(const alpa_step *step, const alpa_op *op) {
  if (strcmp(step->anchor, "any") == 0)
    return alpa_op_has(op, ALPA_ISOLATED);
  return strcmp(step->anchor, op->def->name) == 0;
}

static alpa_status run_steps(run *in, size_t number, alpa_op *op);

static alpa_status run_nested(run *in, size_t number, alpa_op *op) {
  const alpa_step *step = in->pipeline->all.items[number];
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next)
      for (alpa_op *inner = block->first, *next; inner; inner = next) {
        next = inner->next;
        if (is_anchored(step, inner))
          ALPA_TRY(run_steps(in, number, inner));
      }
  return ALPA_OK;
}

/* The number of the element behind this one and what is inside it. */
static size_t number_behind(const alpa_pipeline *pipeline, size_t number) {
  uint32_t depth = pipeline->all.items[number]->depth;
  do
    number++;
  while (number < pipeline->all.n && pipeline->all.items[number]->depth > depth);
  return number;
}

/* Runs the elements of a nested pipeline on one op. */
static alpa_status run_steps(run *in, size_t number, alpa_op *op) {
  alpa_step *step = in->pipeline->all.items[number];
  double start = now();
  size_t end = number_behind(in->pipeline, number), path = in->path.n;
  alpa_vec_push(&in->pipeline->arena, &in->path, op->def->name);
  alpa_vec_push(&in->pipeline->arena, &in->path, alpa_symbol_name(op));
  alpa_status status = ALPA_OK;
  for (size_t i = number + 1; i < end && status == ALPA_OK; i = number_behind(in->pipeline, i))
    status = in->pipeline->all.items[i]->pass ? run_pass(in, i, op) : run_nested(in, i, op);
  in->path.n = path;
  step->seconds += now() - start;
  step->n_runs++;
  return status;
}

static void clear_counts(alpa_pipeline *pipeline) {
  for (size_t i = 0; i < pipeline->all.n; i++) {
    alpa_step *step = pipeline->all.items[i];
    step->n_runs = 0;
    step->seconds = 0;
    for (size_t k = 0; k < step->n_statistics; k++)
      step->counters[k] = 0;
  }
}

alpa_status alpa_pipeline_apply(alpa_pipeline *pipeline, alpa_module *module, const alpa_manager_options *options) {
  static const alpa_pass_services no_services = {0};
  clear_counts(pipeline);
  if (!is_anchored(pipeline->root, module->op))
    return alpa_error(&module->ctx->diag, alpa_loc_place(module->op->loc), ALPA_INVALID_ARGUMENT,
                      "can't run '%s' pass manager on '%s' op", pipeline->root->anchor, module->op->def->name);
  /* In the arena, not on the stack: it is released after an unwinding past this frame. */
  alpa_arena *scratch = alpa_arena_new(&pipeline->arena, alpa_arena, 1);
  alpa_arena_init(scratch, &module->ctx->memory);
  run in = {.pipeline = pipeline,
            .module = module,
            .options = options,
            .services = options->services ? options->services : &no_services,
            .scratch = scratch};
  alpa_status status = run_steps(&in, 0, module->op);
  alpa_arena_deinit(scratch);
  return status;
}
