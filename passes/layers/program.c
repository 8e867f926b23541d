/* Collecting @main in a few linear walks: uses, sources from the front, the loss's slice from the back, and the parts.
 */
#include "passes/layers/program.h"

#include <string.h>

#include "dialects/func/func.h"
#include "passes/cost/flops.h"
#include "passes/analysis/time.h"
#include "passes/layers/batch.h"
#include "passes/outline/terminals.h"

/* ---- ops, values, uses ---- */

typedef struct collector {
  layer_program *program;
  uint32_t *seen; /* by value of the program: the last op that reads it, plus 1 */
  ALPA_VEC(uint32_t) reads;
  uint32_t op;
} collector;

static void add_value(collector *c, alpa_value *value, uint32_t op) {
  layer_program *p = c->program;
  c->program->numbers[value->number] = p->n_values;
  p->values[p->n_values++] = (layer_value){
      .value = value, .op = op, .is_scalar = alpa_type_count(value->type) <= 1, .bytes = alpa_type_bytes(value->type)};
}

static void add_reads(collector *c, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    uint32_t value = c->program->numbers[alpa_op_operand(op, i)->number];
    if (value == UINT32_MAX || c->seen[value] == c->op + 1)
      continue;
    c->seen[value] = c->op + 1;
    alpa_vec_push(c->program->arena, &c->reads, value);
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        add_reads(c, inner);
}

static void invert_reads(layer_program *p) {
  uint32_t *count = alpa_arena_new(p->arena, uint32_t, p->n_values + 1);
  uint32_t n_reads = p->n_ops ? p->ops[p->n_ops - 1].reads_end : 0;
  for (uint32_t i = 0; i < n_reads; i++)
    count[p->reads[i] + 1]++;
  for (uint32_t v = 0; v < p->n_values; v++) {
    count[v + 1] += count[v];
    p->values[v].readers_begin = p->values[v].readers_end = count[v];
  }
  p->readers = alpa_arena_new(p->arena, uint32_t, n_reads);
  for (uint32_t o = 0; o < p->n_ops; o++)
    for (uint32_t i = p->ops[o].reads_begin; i < p->ops[o].reads_end; i++)
      p->readers[p->values[p->reads[i]].readers_end++] = o;
}

static alpa_status check_op(const alpa_op *op) {
  if (func_is(op, FUNC_call))
    return alpa_op_error(op, "belongs to no layer; run 'inline' before 'cluster-layers'");
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!alpa_type_is_static_tensor(op->results[i].type))
      return alpa_op_unsupported(op, "has a result of type '%s', only tensors of static shape belong to layers",
                                 alpa_type_spell(alpa_op_context(op), op->results[i].type));
  return ALPA_OK;
}

static alpa_status collect_ops(collector *c, alpa_block *entry) {
  layer_program *p = c->program;
  for (uint32_t i = 0; i < entry->n_args; i++)
    add_value(c, entry->args[i], LAYER_NO_OP);
  p->n_args = p->n_values;
  for (alpa_op *op = entry->first; op != alpa_block_terminator(entry); op = op->next) {
    ALPA_TRY(check_op(op));
    layer_op *o = &p->ops[p->n_ops];
    *o = (layer_op){.op = op,
                    .reads_begin = (uint32_t)c->reads.n,
                    .results = p->n_values,
                    .flops = alpa_op_flops(op),
                    .hint = LAYER_NONE,
                    .group = LAYER_NONE,
                    .layer = LAYER_NONE};
    c->op = p->n_ops;
    add_reads(c, op);
    o->reads_end = (uint32_t)c->reads.n;
    for (uint32_t i = 0; i < op->n_results; i++)
      add_value(c, alpa_op_result(op, i), p->n_ops);
    p->n_ops++;
  }
  p->reads = c->reads.items;
  return ALPA_OK;
}

/* ---- wires ---- */

static void find_wires(layer_program *p) {
  alpa_terminal_list arguments = {0}, results = {0};
  alpa_terminals_find(p->arena, p->func, &arguments, &results);
  for (size_t i = 0; i < arguments.n; i++) {
    layer_value *value = &p->values[p->numbers[arguments.items[i].value->number]];
    value->is_held = true;
    if (arguments.items[i].offset)
      p->ops[value->op].wire = LAYER_TAKES;
  }
  for (size_t i = 0; i < results.n; i++) {
    const alpa_value *whole = alpa_op_operand(alpa_func_entry(p->func)->last, results.items[i].index);
    if (results.items[i].offset)
      p->ops[p->values[p->numbers[whole->number]].op].wire = LAYER_RETURNS;
  }
}

/* ---- sources ---- */

static void find_sources(layer_program *p) {
  for (uint32_t v = 0; v < p->n_args; v++) {
    layer_value *value = &p->values[v];
    value->source = value->value->type->rank == 0                      ? LAYER_OF_CONSTANTS
                    : alpa_arg_is_batch(p->func, value->value->index) ? LAYER_OF_BATCH
                                                                       : LAYER_OF_WEIGHTS;
  }
  for (uint32_t o = 0; o < p->n_ops; o++) {
    layer_op *op = &p->ops[o];
    layer_source most = LAYER_OF_CONSTANTS;
    bool are_scalar = true;
    for (uint32_t i = op->reads_begin; i < op->reads_end; i++) {
      const layer_value *read = &p->values[p->reads[i]];
      most = read->source > most ? read->source : most;
      are_scalar = are_scalar && read->is_scalar;
    }
    for (uint32_t v = op->results; v < op->results + op->op->n_results; v++) {
      p->values[v].source = most;
      p->values[v].is_scalar = p->values[v].is_scalar || are_scalar;
    }
  }
}

/* ---- the loss ---- */

static bool is_state_result(const layer_program *p, uint32_t result) {
  for (uint32_t i = 0; i < p->n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(p->func, i, "tf.aliasing_output");
    if (alias && alias->integer == result)
      return true;
  }
  return false;
}

static bool has_state(const layer_program *p) {
  for (uint32_t i = 0; i < p->n_args; i++)
    if (alpa_func_find_arg_attr(p->func, i, "tf.aliasing_output"))
      return true;
  return false;
}

static bool may_be_loss(const layer_program *p, uint32_t result) {
  const alpa_value *value = alpa_op_operand(alpa_block_terminator(alpa_func_entry(p->func)), result);
  return value->type->rank == 0 && alpa_type_class(value->type) == ALPA_CLASS_FLOAT && !is_state_result(p, result) &&
         p->values[p->numbers[value->number]].source == LAYER_OF_BATCH;
}

/* The result that is named, or the only one that may be the loss. */
static alpa_status find_loss(layer_program *p, int64_t named) {
  const alpa_op *end = alpa_block_terminator(alpa_func_entry(p->func));
  uint32_t n_found = 0, found = 0;
  for (uint32_t i = 0; i < end->n_operands; i++) {
    if (!may_be_loss(p, i) || (named >= 0 && named != i))
      continue;
    found = i;
    n_found++;
  }
  if (named >= 0 && n_found == 0)
    return alpa_op_error(p->func,
                         "result #%lld cannot be the loss: it is no scalar float that depends on the batch and "
                         "takes the place of no argument (tf.aliasing_output)",
                         (long long)named);
  if (n_found != 1 && !has_state(p)) {
    p->loss = LAYER_NO_LOSS;
    return ALPA_OK;
  }
  if (n_found != 1)
    return alpa_op_error(p->func,
                         "has %u results that may be the loss, layers need one: a scalar float that depends on the "
                         "batch and takes the place of no argument (tf.aliasing_output); the option loss says which",
                         n_found);
  p->loss = p->numbers[alpa_op_operand(end, found)->number];
  return ALPA_OK;
}

/* ---- parts ---- */

static bool depends_on(const layer_program *p, const layer_op *op, layer_source source) {
  for (uint32_t i = 0; i < op->op->n_results; i++)
    if (p->values[op->results + i].source == source)
      return true;
  return false;
}

/* Everything that the loss depends on. */
static bool *find_slice(const layer_program *p) {
  bool *in_slice = alpa_arena_new(p->arena, bool, p->n_ops);
  uint32_t value = p->loss;
  if (value == LAYER_NO_LOSS) {
    memset(in_slice, true, p->n_ops);
    return in_slice;
  }
  if (p->values[value].op == LAYER_NO_OP)
    return in_slice;
  in_slice[p->values[value].op] = true;
  for (uint32_t o = p->values[value].op + 1; o-- > 0;)
    for (uint32_t i = p->ops[o].reads_begin; in_slice[o] && i < p->ops[o].reads_end; i++)
      if (p->values[p->reads[i]].op != LAYER_NO_OP)
        in_slice[p->values[p->reads[i]].op] = true;
  return in_slice;
}

/* The body reads a divided value, or makes something for an op that does. */
static bool *find_body(const layer_program *p) {
  bool *is_body = alpa_arena_new(p->arena, bool, p->n_ops);
  for (uint32_t o = p->n_ops; o-- > 0;) {
    const layer_op *op = &p->ops[o];
    if (!depends_on(p, op, LAYER_OF_BATCH))
      continue;
    for (uint32_t i = op->reads_begin; !is_body[o] && i < op->reads_end; i++)
      is_body[o] = p->dims[p->values[p->reads[i]].value->number] >= 0;
    for (uint32_t i = op->reads_begin; is_body[o] && i < op->reads_end; i++)
      if (p->values[p->reads[i]].op != LAYER_NO_OP)
        is_body[p->values[p->reads[i]].op] = true;
  }
  return is_body;
}

static void find_parts(layer_program *p) {
  const bool *in_loss = find_slice(p), *is_body = find_body(p);
  for (uint32_t o = 0; o < p->n_ops; o++) {
    layer_op *op = &p->ops[o];
    if (depends_on(p, op, LAYER_OF_BATCH))
      op->part = !is_body[o] ? LAYER_UPDATE : in_loss[o] ? LAYER_FORWARD : LAYER_BACKWARD;
    else if (depends_on(p, op, LAYER_OF_WEIGHTS))
      op->part = in_loss[o] ? LAYER_WEIGHTS : LAYER_UPDATE;
    else
      op->part = LAYER_REPEATED;
  }
}

static alpa_status check_args(const alpa_op *func) {
  const alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++)
    if (!alpa_type_is_static_tensor(entry->args[i]->type))
      return alpa_op_unsupported(func, "argument #%u has type '%s', only tensors of static shape belong to layers", i,
                                 alpa_type_spell(alpa_op_context(func), entry->args[i]->type));
  return ALPA_OK;
}

alpa_status layer_program_init(layer_program *program, alpa_arena *arena, alpa_op *func, int64_t loss) {
  ALPA_TRY(check_args(func));
  uint32_t n_ops, n_values;
  alpa_op_number(func, &n_ops, &n_values);
  *program = (layer_program){.arena = arena,
                             .func = func,
                             .ops = alpa_arena_new(arena, layer_op, n_ops),
                             .values = alpa_arena_new(arena, layer_value, n_values),
                             .numbers = alpa_arena_alloc(arena, sizeof(uint32_t) * n_values),
                             .dims = layer_batch_find(arena, func, n_values)};
  collector c = {.program = program, .seen = alpa_arena_new(arena, uint32_t, n_values)};
  memset(program->numbers, 0xff, sizeof(uint32_t) * n_values);
  ALPA_TRY(collect_ops(&c, alpa_func_entry(func)));
  invert_reads(program);
  find_wires(program);
  find_sources(program);
  ALPA_TRY(find_loss(program, loss));
  find_parts(program);
  return ALPA_OK;
}
