/* remat: in the backward part of every stage, what is not kept of the forward part is computed again.
 *
 * Runs between split-stages and shardings, so that the memory and the time that this changes are planned with.  What a
 * tracer computes beside the forward part for the backward part alone goes to its first user, so that it does not live
 * from the beginning.  Copies stand in front of the first backward op that needs them and live from there; they are of
 * the backward phase, so outline keeps them there.  What is kept: remat.h.  Linear in the number of ops, but for the
 * cut. */
#include <string.h>

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/walk.h"
#include "passes/outline/ownership.h"
#include "passes/outline/remat.h"
#include "passes/pass.h"

typedef struct remat_options {
  const char *what;
} remat_options;

enum { COPIES };
static const alpa_statistic_def statistics[] = {[COPIES] = {"copies", "ops that are computed again"}, {0}};

typedef struct rewriter {
  const alpa_segments *s;
  const bool *kept;
  alpa_value_map copies; /* of values of the forward part */
  ALPA_VEC(alpa_op *) waiting;
  alpa_op *user;
  int64_t n_copies;
} rewriter;

static bool is_computed_again(const rewriter *r, const alpa_value *value) {
  return value->op && value->op->block == r->s->body && r->s->phase[value->op->number] == ALPA_PHASE_FORWARD &&
         !r->kept[value->number];
}

static bool has_copy(const rewriter *r, alpa_value *value) { return alpa_value_map_get(&r->copies, value) != value; }

/* An op whose copy the copy of `op` needs first, or NULL. */
static alpa_op *find_missing(const rewriter *r, alpa_op *op) {
  alpa_outer_values used = {0};
  alpa_op_outer_values(r->s->arena, op, &used);
  for (size_t i = 0; i < used.n; i++)
    if (is_computed_again(r, used.items[i]) && !has_copy(r, used.items[i]))
      return used.items[i]->op;
  return NULL;
}

/* Copies what `value` is computed by, in front of the user. */
static void copy_chain(rewriter *r, alpa_op *op) {
  alpa_vec_push(r->s->arena, &r->waiting, op);
  while (r->waiting.n) {
    alpa_op *next = r->waiting.items[r->waiting.n - 1], *missing = find_missing(r, next);
    if (missing) {
      alpa_vec_push(r->s->arena, &r->waiting, missing);
      continue;
    }
    r->waiting.n--;
    if (has_copy(r, &next->results[0]))
      continue;
    alpa_op *copy = alpa_op_clone(r->s->func->module, next, &r->copies);
    alpa_op_set_attr(copy, "alpa.forward", NULL);
    alpa_op_insert(copy, r->s->body, r->user);
    r->n_copies++;
  }
}

/* In the user and what is inside it. */
static alpa_status use_copies(void *user, alpa_op *op) {
  rewriter *r = user;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *value = alpa_op_operand(op, i);
    if (is_computed_again(r, value))
      alpa_op_set_operand(op, i, alpa_value_map_get(&r->copies, value));
  }
  return ALPA_OK;
}

static alpa_status rewrite_user(rewriter *r, alpa_op *op) {
  alpa_outer_values used = {0};
  r->user = op;
  alpa_op_outer_values(r->s->arena, op, &used);
  for (size_t i = 0; i < used.n; i++)
    if (is_computed_again(r, used.items[i]))
      copy_chain(r, used.items[i]->op);
  return alpa_op_walk(op, use_copies, r);
}

/* ---- what comes early -------------------------------------------------------------------------------------------- */

/* Ops that were moved in front of one that was not stand there in their old order. */
typedef struct place {
  uint32_t anchor; /* number of the op that was not moved */
  alpa_op *first;  /* by number of an anchor: what stands in front of it, or itself */
} place;

static uint32_t find_anchor(const alpa_segments *s, const place *places, const alpa_op *op) {
  uint32_t anchor = UINT32_MAX;
  for (uint32_t i = 0; i < op->n_results; i++)
    for (const alpa_use *use = op->results[i].uses; use; use = use->next) {
      const alpa_op *user = use->owner;
      while (user->block != s->body)
        user = alpa_op_parent(user);
      anchor = places[user->number].anchor < anchor ? places[user->number].anchor : anchor;
    }
  return anchor;
}

/* Backward ops among the forward ones go to their first user: users are placed before what they use. */
static void sink_early(const alpa_segments *s) {
  place *places = alpa_arena_new(s->arena, place, s->n_ops);
  uint32_t last_forward = 0;
  for (const alpa_op *op = s->body->first; op; op = op->next)
    last_forward = s->phase[op->number] == ALPA_PHASE_FORWARD ? op->number : last_forward;
  for (alpa_op *op = s->body->last, *before; op; op = before) {
    before = op->previous;
    places[op->number] = (place){op->number, op};
    bool is_early = s->phase[op->number] == ALPA_PHASE_BACKWARD && op->number < last_forward;
    uint32_t anchor = is_early ? find_anchor(s, places, op) : UINT32_MAX;
    if (anchor == UINT32_MAX)
      continue;
    places[op->number].anchor = anchor;
    alpa_op_remove(op);
    alpa_op_insert(op, s->body, places[anchor].first);
    places[anchor].first = op;
  }
}

static alpa_status rewrite_stage(alpa_op *stage, alpa_remat remat, alpa_pass_context *pass) {
  alpa_op *func = NULL;
  alpa_segments segments;
  ALPA_TRY(alpa_func_find_main(stage, &func));
  ALPA_TRY(alpa_segments_find(pass->arena, func, false, &segments));
  if (!segments.loop)
    return ALPA_OK;
  rewriter r = {.s = &segments, .kept = alpa_remat_find_kept(&segments, remat)};
  sink_early(&segments);
  if (remat == ALPA_REMAT_NONE)
    return ALPA_OK;
  alpa_value_map_init(&r.copies, pass->arena);
  /* Copies go in front of the op that is visited; the new ones have no numbers and are not visited. */
  for (alpa_op *op = segments.body->first; op != segments.body->last; op = op->next)
    if (segments.phase[op->number] == ALPA_PHASE_BACKWARD)
      ALPA_TRY(rewrite_user(&r, op));
  pass->counters[COPIES] += r.n_copies;
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  const remat_options *options = given;
  alpa_remat remat = ALPA_REMAT_NONE;
  while (strcmp(alpa_remat_names[remat], options->what))
    remat++;
  for (alpa_op *op = alpa_region_block(&module->regions[0])->first; op; op = op->next)
    if (alpa_op_find_attr(op, "alpa.devices"))
      ALPA_TRY(rewrite_stage(op, alpa_remat_resolve(remat, op), pass));
  return ALPA_OK;
}

#define FIELD(field) offsetof(remat_options, field)
static const alpa_option_def options[] = {
    {"what", "what of the forward pass is computed again: nothing, most that is cheap, all inside a layer, all",
     ALPA_OPTION_STRING, FIELD(what), "auto", 0, 0, alpa_remat_names},
    {0}};
#undef FIELD

extern const alpa_pass_def alpa_pass_remat;
const alpa_pass_def alpa_pass_remat = {.name = "remat",
                                       .summary =
                                           "computes parts of the forward pass again in the backward pass of stages",
                                       .anchor = "builtin.module",
                                       .options = options,
                                       .options_size = sizeof(remat_options),
                                       .statistics = statistics,
                                       .preserves = ALPA_HAS_ALL,
                                       .run = run};
