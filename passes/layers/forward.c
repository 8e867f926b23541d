/* The forward part: units are its heavy ops and those that the user placed; between two neighbours the cut is made
 * where the fewest bytes of values are alive, as late as possible, so that light ops stay with what they work on. */
#include "dialects/ir/context.h"
#include "passes/layers/assign.h"
#include "passes/layers/cluster.h"

#include <math.h>

typedef struct sequence {
  layer_program *program;
  uint32_t *ops; /* of the forward part, in program order */
  int64_t *cuts; /* bytes alive between ops i and i + 1 */
  uint32_t n;
  uint32_t *units; /* positions in ops */
  uint32_t *gaps;  /* position after which the cut between units i and i + 1 is made */
  uint32_t n_units;
} sequence;

static void collect_ops(sequence *s) {
  const layer_program *p = s->program;
  s->ops = alpa_arena_new(p->arena, uint32_t, p->n_ops);
  for (uint32_t o = 0; o < p->n_ops; o++)
    if (p->ops[o].part == LAYER_FORWARD)
      s->ops[s->n++] = o;
}

/* A value is alive from its op to the last forward op that reads it. */
static void find_cuts(sequence *s) {
  const layer_program *p = s->program;
  s->cuts = alpa_arena_new(p->arena, int64_t, s->n + 1);
  uint32_t *position = alpa_arena_new(p->arena, uint32_t, p->n_ops);
  for (uint32_t i = 0; i < s->n; i++)
    position[s->ops[i]] = i;
  for (uint32_t v = p->n_args; v < p->n_values; v++) {
    const layer_value *value = &p->values[v];
    if (p->ops[value->op].part != LAYER_FORWARD)
      continue;
    uint32_t begin = position[value->op], end = begin;
    for (uint32_t r = value->readers_begin; r < value->readers_end; r++)
      if (p->ops[p->readers[r]].part == LAYER_FORWARD)
        end = position[p->readers[r]];
    s->cuts[begin] += value->bytes;
    s->cuts[end] -= value->bytes;
  }
  for (uint32_t i = 1; i < s->n; i++)
    s->cuts[i] += s->cuts[i - 1];
}

static void find_units(sequence *s) {
  const layer_program *p = s->program;
  s->units = alpa_arena_new(p->arena, uint32_t, s->n);
  s->gaps = alpa_arena_new(p->arena, uint32_t, s->n);
  for (uint32_t i = 0; i < s->n; i++) {
    const layer_op *op = &p->ops[s->ops[i]];
    if (op->flops > 0 || op->hint != LAYER_NONE || op->group != LAYER_NONE)
      s->units[s->n_units++] = i;
  }
  for (uint32_t u = 0; u + 1 < s->n_units; u++) {
    s->gaps[u] = s->units[u];
    for (uint32_t i = s->units[u]; i < s->units[u + 1]; i++)
      if (s->cuts[i] <= s->cuts[s->gaps[u]])
        s->gaps[u] = i;
  }
}

/* What the user wrote must not go down, and says how many layers there are. */
static alpa_status check_hints(const sequence *s, uint32_t *out_layers) {
  const layer_op *before = NULL;
  for (uint32_t u = 0; u < s->n_units; u++) {
    const layer_op *op = &s->program->ops[s->ops[s->units[u]]];
    if (op->hint == LAYER_NONE)
      continue;
    if (before && op->hint < before->hint) {
      alpa_status status = alpa_op_error(
          op->op, "is placed in layer %d, but an op before it in layer %d: layers follow the order of the program",
          op->hint, before->hint);
      alpa_note(&alpa_op_context(op->op)->diag, alpa_loc_place(before->op->loc), "the op in layer %d", before->hint);
      return status;
    }
    before = op;
  }
  *out_layers = before ? (uint32_t)before->hint + 1 : 0;
  return ALPA_OK;
}

static layer_problem make_problem(const sequence *s, const layer_options *options, bool by_hand) {
  alpa_arena *arena = s->program->arena;
  double *weights = alpa_arena_new(arena, double, s->n_units);
  int64_t *cuts = alpa_arena_new(arena, int64_t, s->n_units);
  int32_t *pins = alpa_arena_new(arena, int32_t, s->n_units), *groups = alpa_arena_new(arena, int32_t, s->n_units);
  for (uint32_t u = 0; u < s->n_units; u++) {
    const layer_op *op = &s->program->ops[s->ops[s->units[u]]];
    weights[u] = op->flops;
    pins[u] = op->hint;
    groups[u] = op->group;
    cuts[u] = s->cuts[s->gaps[u]];
  }
  return (layer_problem){.n_units = s->n_units,
                         .weights = weights,
                         .cuts = cuts,
                         .pins = pins,
                         .groups = groups,
                         .imbalance = by_hand ? INFINITY : options->imbalance};
}

static void apply(const sequence *s, const uint32_t *ends) {
  int32_t layer = 0;
  for (uint32_t i = 0; i < s->n; i++) {
    s->program->ops[s->ops[i]].layer = layer;
    uint32_t end = ends[layer];
    if (end < s->n_units && i == s->gaps[end - 1])
      layer++;
  }
}

/* A group of the user's stages may need more layers than balance alone would give: then balance yields. */
static alpa_status solve(const sequence *s, const layer_options *options, uint32_t by_hand, uint32_t *out_layers) {
  alpa_arena *arena = s->program->arena;
  uint32_t *ends = alpa_arena_new(arena, uint32_t, s->n_units);
  layer_problem problem = make_problem(s, options, by_hand > 0);
  int64_t largest;
  if (by_hand)
    *out_layers = alpa_layer_problem_solve(arena, &problem, by_hand, ends, &largest) ? by_hand : 0;
  else
    *out_layers = alpa_layer_problem_choose(arena, &problem, options->min_layers, options->max_layers, ends);
  if (*out_layers == 0)
    return alpa_op_error(s->program->func,
                         "cannot be cut into %u layers as alpa.layer and alpa.stage say; a layer is missing, or an op "
                         "of another stage stands between two of one layer",
                         by_hand ? by_hand : options->max_layers);
  apply(s, ends);
  return ALPA_OK;
}

alpa_status layer_assign_forward(layer_program *program, const layer_options *options, uint32_t *out_layers) {
  sequence s = {.program = program};
  uint32_t by_hand = 0;
  collect_ops(&s);
  find_cuts(&s);
  find_units(&s);
  if (s.n_units == 0)
    return alpa_op_error(program->func, "has no contraction that depends on the batch and the loss on it, so there is "
                                        "nothing to make layers of");
  ALPA_TRY(check_hints(&s, &by_hand));
  return solve(&s, options, by_hand, out_layers);
}
