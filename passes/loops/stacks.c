/* The index of an access is computed for each iteration in turn, whatever arithmetic makes it from the counter; it must
 * go up or down by one.  A captured value is a stack where the body only slices it so; a carried one where each
 * iteration replaces the slice that it may have read, and all of it is replaced in the end.  Linear in the number of
 * accesses times that of iterations. */
#include "passes/loops/stacks.h"

#include "dialects/func/func.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "support/hash.h"
#include "support/number.h"

/* ---- weights ----------------------------------------------------------------------------------------------------- */

typedef struct origin {
  bool of_weights, of_batch;
} origin;

typedef struct origins {
  const alpa_block *entry;
  origin *items; /* by number of value */
  origin most;   /* of what the op at hand reads */
} origins;

static alpa_status read_operands(void *user, alpa_op *op) {
  origins *o = user;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    origin read = o->items[alpa_op_operand(op, i)->number];
    o->most.of_weights |= read.of_weights;
    o->most.of_batch |= read.of_batch;
  }
  return ALPA_OK;
}

bool *alpa_weights_find(alpa_arena *arena, const alpa_op *func, uint32_t n_values) {
  origins o = {.entry = alpa_func_entry(func), .items = alpa_arena_new(arena, origin, n_values)};
  bool *is_weight = alpa_arena_new(arena, bool, n_values);
  for (uint32_t i = 0; i < o.entry->n_args; i++) {
    bool is_state = alpa_func_find_arg_attr(func, i, "tf.aliasing_output") != NULL;
    bool is_tensor = o.entry->args[i]->type->rank > 0;
    o.items[o.entry->args[i]->number] = (origin){is_state && is_tensor, !is_state && is_tensor};
  }
  for (alpa_op *op = o.entry->first; op; op = op->next) {
    o.most = (origin){0};
    alpa_status status = alpa_op_walk(op, read_operands, &o);
    (void)status; /* the visitor does not fail */
    for (uint32_t i = 0; i < op->n_results; i++)
      o.items[op->results[i].number] = o.most;
  }
  for (uint32_t v = 0; v < n_values; v++)
    is_weight[v] = o.items[v].of_weights && !o.items[v].of_batch;
  return is_weight;
}

/* ---- indices ----------------------------------------------------------------------------------------------------- */

enum { MAX_DEPTH = 16 };

typedef struct evaluation {
  const alpa_value *counter;
  int64_t at; /* the counter's value */
  uint32_t depth;
} evaluation;

static bool evaluate(evaluation *e, const alpa_value *value, int64_t *out);

static bool compare(const alpa_op *op, int64_t a, int64_t b) {
  switch (alpa_op_int(op, stablehlo_compare_comparison_direction, STABLEHLO_EQ)) {
  case STABLEHLO_EQ:
    return a == b;
  case STABLEHLO_NE:
    return a != b;
  case STABLEHLO_GE:
    return a >= b;
  case STABLEHLO_GT:
    return a > b;
  case STABLEHLO_LE:
    return a <= b;
  }
  return a < b;
}

static bool compute(const alpa_op *op, const int64_t *x, int64_t *out) {
  if (stablehlo_is(op, STABLEHLO_add))
    return !__builtin_add_overflow(x[0], x[1], out);
  if (stablehlo_is(op, STABLEHLO_subtract))
    return !__builtin_sub_overflow(x[0], x[1], out);
  if (stablehlo_is(op, STABLEHLO_compare))
    *out = compare(op, x[0], x[1]);
  else if (stablehlo_is(op, STABLEHLO_select))
    *out = x[0] ? x[1] : x[2];
  else if (stablehlo_is(op, STABLEHLO_convert) || stablehlo_is(op, STABLEHLO_reshape))
    *out = x[0];
  else
    return false;
  return true;
}

static bool is_integer(const alpa_type *type) {
  alpa_dtype_class class = alpa_type_class(type);
  return class == ALPA_CLASS_INT || class == ALPA_CLASS_UINT || class == ALPA_CLASS_BOOL;
}

static bool evaluate_op(evaluation *e, const alpa_op *op, int64_t *out) {
  int64_t operands[3];
  bool is_known = op->n_operands > 0 && op->n_operands <= 3 && ++e->depth <= MAX_DEPTH;
  for (uint32_t i = 0; is_known && i < op->n_operands; i++)
    is_known = evaluate(e, alpa_op_operand(op, i), &operands[i]);
  e->depth--;
  return is_known && compute(op, operands, out);
}

static bool evaluate(evaluation *e, const alpa_value *value, int64_t *out) {
  *out = e->at;
  if (value == e->counter)
    return true;
  if (!is_integer(value->type) || alpa_type_count(value->type) != 1)
    return false;
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (constant && constant->kind == ALPA_ATTR_ELEMENTS) {
    *out = alpa_integer_load(constant->type->dtype, alpa_attr_element(constant, 0));
    return true;
  }
  return value->op && evaluate_op(e, value->op, out);
}

/* Whether the value is first, first + 1, ... or first, first - 1, ... within [0, size). */
static bool find_sequence(const alpa_stacked_loop *loop, const alpa_value *index, int64_t size, alpa_stack *out) {
  evaluation e = {.counter = alpa_region_block(&loop->op->regions[1])->args[loop->counter.carry]};
  int64_t at = 0, step = 0;
  for (int64_t k = 0; k < loop->counter.trips; k++) {
    int64_t before = at;
    e.at = loop->counter.begin + k * loop->counter.step;
    if (!evaluate(&e, index, &at) || at < 0 || at >= size)
      return false;
    if (k == 0)
      out->first = at;
    else if (k == 1)
      step = at - before;
    if (k > 0 && (at - before != step || (step != 1 && step != -1)))
      return false;
  }
  out->is_reversed = step < 0;
  return true;
}

/* ---- accesses ---------------------------------------------------------------------------------------------------- */

/* What an access takes of the tensor: one element of one dimension, all of the others. */
static bool find_dim(const alpa_op *access, const alpa_type *part, uint32_t *out_dim) {
  const alpa_type *whole = alpa_op_operand_type(access, 0);
  uint32_t n_cut = 0;
  for (uint32_t d = 0; d < whole->rank; d++)
    if (part->dims[d] != whole->dims[d]) {
      *out_dim = d;
      n_cut += part->dims[d] == 1 ? 1 : 2;
    }
  return n_cut == 1;
}

static bool is_update(const alpa_op *op) { return stablehlo_is(op, STABLEHLO_dynamic_update_slice); }

/* Adds an access that fits to those before it. */
static bool add_access(alpa_arena *arena, const alpa_stacked_loop *loop, alpa_op *op, alpa_stack *stack) {
  bool is_write = is_update(op);
  if (!is_write && !stablehlo_is(op, STABLEHLO_dynamic_slice))
    return false;
  alpa_stack found = {0};
  const alpa_type *part = is_write ? alpa_op_operand_type(op, 1) : op->results->type;
  if (!find_dim(op, part, &found.dim) ||
      !find_sequence(loop, alpa_op_operand(op, 1 + is_write + found.dim), stack->value->type->dims[found.dim], &found))
    return false;
  bool is_same = stack->dim == found.dim && stack->first == found.first && stack->is_reversed == found.is_reversed;
  if (stack->accesses.n > 0 && !is_same)
    return false;
  stack->dim = found.dim;
  stack->first = found.first;
  stack->is_reversed = found.is_reversed;
  alpa_vec_push(arena, &stack->accesses, op);
  return true;
}

static bool is_inside(const alpa_op *op, const alpa_op *loop) {
  for (; op; op = alpa_op_parent(op))
    if (op == loop)
      return true;
  return false;
}

/* Every use in the loop is an access of its body's own block. */
static bool find_accesses(alpa_arena *arena, const alpa_stacked_loop *loop, alpa_stack *stack) {
  const alpa_block *body = alpa_region_block(&loop->op->regions[1]);
  for (const alpa_use *use = stack->inside->uses; use; use = use->next) {
    if (use->owner == loop->op || !is_inside(use->owner, loop->op))
      continue;
    if (use->owner->block != body || alpa_use_index(use) != 0 || !add_access(arena, loop, use->owner, stack))
      return false;
  }
  return stack->accesses.n > 0;
}

static bool is_captured(const alpa_stacked_loop *loop, alpa_stack *stack, alpa_arena *arena) {
  if (!alpa_type_is_static_tensor(stack->value->type) || !find_accesses(arena, loop, stack))
    return false;
  for (size_t i = 0; i < stack->accesses.n; i++)
    if (is_update(stack->accesses.items[i]))
      return false;
  return true;
}

/* One update, which is what the next iteration gets; all elements are replaced. */
static bool is_written(const alpa_stacked_loop *loop, alpa_stack *stack, alpa_arena *arena) {
  const alpa_block *body = alpa_region_block(&loop->op->regions[1]);
  const alpa_value *next = alpa_op_operand(body->last, (uint32_t)stack->carry);
  if (!alpa_type_is_static_tensor(stack->value->type) || !next->op || !is_update(next->op) ||
      !alpa_value_has_one_use(next) || alpa_region_block(&loop->op->regions[0])->args[stack->carry]->uses ||
      !find_accesses(arena, loop, stack))
    return false;
  uint32_t n_updates = 0;
  for (size_t i = 0; i < stack->accesses.n; i++)
    n_updates += is_update(stack->accesses.items[i]);
  return n_updates == 1 && alpa_op_operand(next->op, 0) == stack->inside &&
         stack->value->type->dims[stack->dim] == loop->counter.trips;
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

typedef struct capture_walk {
  alpa_arena *arena;
  const alpa_op *loop;
  alpa_map seen;
  ALPA_VEC(alpa_value *) values;
} capture_walk;

static alpa_status add_captures(void *user, alpa_op *op) {
  capture_walk *w = user;
  for (uint32_t i = 0; op != w->loop && i < op->n_operands; i++) {
    alpa_value *value = alpa_op_operand(op, i);
    bool is_new, is_own = is_inside(value->op ? alpa_op_parent(value->op) : value->block->region->op, w->loop);
    (void)alpa_map_insert(w->arena, &w->seen, (uintptr_t)value, &is_new);
    if (is_new && !is_own)
      alpa_vec_push(w->arena, &w->values, value);
  }
  return ALPA_OK;
}

const char *alpa_stacks_find(alpa_arena *arena, alpa_op *loop, const bool *is_weight, alpa_stacked_loop *out) {
  capture_walk captures = {.arena = arena, .loop = loop};
  bool has_weights = false;
  *out = (alpa_stacked_loop){.op = loop};
  if (!alpa_loop_find_counter(loop, &out->counter))
    return "how often it runs is not known";
  if (out->counter.step != 1)
    return "its counter goes up by more than one";
  alpa_status status = alpa_op_walk(loop, add_captures, &captures);
  (void)status; /* the visitor does not fail */
  for (size_t i = 0; i < captures.values.n; i++) {
    alpa_value *value = captures.values.items[i];
    alpa_stack stack = {.value = value, .inside = value, .carry = -1};
    bool is_stack = is_captured(out, &stack, arena);
    if (is_weight[value->number] && !is_stack && alpa_type_count(value->type) > 1)
      return "its iterations do not each take weights of their own";
    has_weights |= is_stack && is_weight[value->number];
    if (is_stack)
      alpa_vec_push(arena, &out->stacks, stack);
    else
      alpa_vec_push(arena, &out->captured, value);
  }
  for (uint32_t j = 0; j < loop->n_operands; j++) {
    alpa_stack stack = {
        .value = alpa_op_operand(loop, j), .inside = alpa_region_block(&loop->regions[1])->args[j], .carry = j};
    if (is_written(out, &stack, arena))
      alpa_vec_push(arena, &out->stacks, stack);
  }
  return has_weights ? NULL : "it takes no weights by its counter from stacked tensors";
}

void alpa_stack_range(const alpa_stack *stack, int64_t *begin, int64_t *end) {
  int64_t first = *begin, last = *end;
  *begin = stack->is_reversed ? stack->first - last + 1 : stack->first + first;
  *end = *begin + last - first;
}
