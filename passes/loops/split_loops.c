/* split-loops: a counted loop over layers becomes loops over consecutive ranges of them, so that stages can have
 * different layers.
 *
 * Each range works on slices of the stacked tensors (stacks.h) and counts from zero, so that equal ranges are equal
 * programs; what is carried otherwise, the activations, goes from loop to loop.  What follows from the slices that a
 * loop writes stays in pieces (pieces.h): the forward loop's residuals meet the backward loop's ranges, and the
 * optimizer updates range by range.  The result computes the same elements.  Linear in the size of the program times
 * the number of ranges. */
#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/cost/flops.h"
#include "passes/loops/pieces.h"
#include "passes/loops/stacks.h"
#include "passes/pass.h"
#include "support/number.h"

typedef struct split_options {
  int64_t ranges;
} split_options;

enum { LOOPS, RANGES };
static const alpa_statistic_def statistics[] = {
    [LOOPS] = {"loops", "loops that were cut"}, [RANGES] = {"ranges", "loops made of them"}, {0}};

typedef struct splitter {
  alpa_arena *arena;
  alpa_op *func;
  alpa_pieces pieces;
  ALPA_VEC(alpa_stacked_loop) loops;
  int64_t n_ranges;
} splitter;

/* One loop to be, over iterations [begin, end) of another. */
typedef struct range {
  const alpa_stacked_loop *loop;
  int64_t begin, end;
  alpa_value **carried; /* what it begins with, by number of the carried value */
  alpa_value_map values;
  alpa_value *count; /* in the body, from 0 */
} range;

/* ---- building ---------------------------------------------------------------------------------------------------- */

static alpa_value *build_integer(alpa_builder *builder, const alpa_type *type, int64_t value) {
  char element[16] = {0};
  alpa_integer_store(type->dtype, element, value);
  const alpa_attr *attrs[] = {alpa_attr_get_elements(builder->module->ctx, type, element, true)};
  return alpa_build_value(builder, &alpa_stablehlo_ops[STABLEHLO_constant], NULL, 0, attrs);
}

static alpa_value *build_binary(alpa_builder *builder, stablehlo_op_id id, alpa_value *a, alpa_value *b) {
  alpa_value *operands[] = {a, b};
  return alpa_build_value(builder, &alpa_stablehlo_ops[id], operands, 2, NULL);
}

static alpa_value *convert(alpa_builder *builder, alpa_value *value, const alpa_type *type) {
  if (value->type == type)
    return value;
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_convert],
                               .operands = &value,
                               .n_operands = 1,
                               .results = &type,
                               .n_results = 1};
  return alpa_build(builder, &state)->results;
}

/* A block with what is carried as arguments. */
static alpa_block *add_block(const range *r, alpa_op *made, alpa_region *region) {
  alpa_block *block = alpa_block_create(made->module);
  alpa_block_append(region, block);
  for (uint32_t j = 0; j < made->n_operands; j++)
    (void)alpa_block_add_arg(block, made->module, r->carried[j]->type, r->loop->op->loc);
  return block;
}

static void build_condition(const range *r, alpa_op *made) {
  const alpa_block *from = alpa_region_block(&r->loop->op->regions[0]);
  const alpa_op *compare = alpa_op_operand(from->last, 0)->op;
  alpa_block *block = add_block(r, made, &made->regions[0]);
  alpa_builder builder = alpa_builder_at_end(made->module, block, compare->loc);
  alpa_value *count = block->args[r->loop->counter.carry];
  alpa_value *operands[] = {count, build_integer(&builder, count->type, r->end - r->begin)};
  const alpa_attr **attrs = alpa_arena_copy(r->values.arena, compare->attrs, compare->def->n_attrs * sizeof *attrs);
  attrs[stablehlo_compare_comparison_direction] =
      alpa_attr_get_enum(made->module->ctx, &alpa_stablehlo_attr_comparison_direction, STABLEHLO_LT);
  alpa_value *is_left = alpa_build_value(&builder, compare->def, operands, 2, attrs);
  alpa_op *end = alpa_op_clone(made->module, from->last, &(alpa_value_map){.arena = r->values.arena});
  alpa_op_set_operand(end, 0, is_left);
  alpa_op_insert(end, block, NULL);
}

/* The index of an access in the slice of its stack: the number of the iteration, or what is left of them. */
static void set_index(const range *r, const alpa_stack *stack, const alpa_op *access) {
  bool is_write = stablehlo_is(access, STABLEHLO_dynamic_update_slice);
  uint32_t at = 1 + is_write + stack->dim;
  alpa_op *clone = alpa_value_map_get(&r->values, access->results)->op;
  alpa_builder builder = alpa_builder_before(clone);
  const alpa_type *type = alpa_op_operand_type(clone, at);
  alpa_value *index = convert(&builder, r->count, type);
  if (r->end - r->begin == 1)
    index = build_integer(&builder, type, 0);
  else if (stack->is_reversed)
    index = build_binary(&builder, STABLEHLO_subtract, build_integer(&builder, type, r->end - r->begin - 1), index);
  alpa_op_set_operand(clone, at, index);
  if (is_write)
    clone->results->type = alpa_op_operand_type(clone, 0);
}

static void map_arguments(range *r, const alpa_block *from, const alpa_block *block) {
  alpa_builder builder = alpa_builder_at_end(r->loop->op->module, (alpa_block *)block, r->loop->op->loc);
  const alpa_loop_counter *counter = &r->loop->counter;
  for (uint32_t j = 0; j < from->n_args; j++)
    alpa_value_map_set(&r->values, from->args[j], block->args[j]);
  r->count = block->args[counter->carry];
  if (counter->begin + r->begin == 0)
    return;
  alpa_value *offset = build_integer(&builder, r->count->type, counter->begin + r->begin);
  alpa_value_map_set(&r->values, from->args[counter->carry], build_binary(&builder, STABLEHLO_add, r->count, offset));
}

static void build_body(range *r, alpa_op *made) {
  const alpa_block *from = alpa_region_block(&r->loop->op->regions[1]);
  alpa_block *block = add_block(r, made, &made->regions[1]);
  map_arguments(r, from, block);
  for (alpa_op *op = from->first; op; op = op->next)
    alpa_op_insert(alpa_op_clone(made->module, op, &r->values), block, NULL);
  for (size_t i = 0; i < r->loop->stacks.n; i++)
    for (size_t k = 0; k < r->loop->stacks.items[i].accesses.n; k++)
      set_index(r, &r->loop->stacks.items[i], r->loop->stacks.items[i].accesses.items[k]);
  alpa_builder builder = alpa_builder_before(block->last);
  alpa_value *one = build_integer(&builder, r->count->type, 1);
  alpa_op_set_operand(block->last, r->loop->counter.carry, build_binary(&builder, STABLEHLO_add, r->count, one));
}

static alpa_op *build_loop(range *r, alpa_builder *builder) {
  const alpa_op *op = r->loop->op;
  const alpa_type **types = alpa_arena_new(r->values.arena, const alpa_type *, op->n_operands);
  for (uint32_t j = 0; j < op->n_operands; j++)
    types[j] = r->carried[j]->type;
  alpa_op *made = alpa_build(builder, &(alpa_op_state){.def = op->def,
                                                       .operands = r->carried,
                                                       .n_operands = op->n_operands,
                                                       .results = types,
                                                       .n_results = op->n_operands,
                                                       .attrs = op->attrs,
                                                       .extra = op->extra,
                                                       .n_regions = 2});
  build_condition(r, made);
  build_body(r, made);
  return made;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

/* Equal ranges where there can be half as many as wanted, or more. */
static int64_t choose_count(int64_t trips, int64_t wanted) {
  int64_t most = wanted < trips ? wanted : trips, n = most;
  while (trips % n)
    n--;
  return 2 * n >= most ? n : most;
}

/* Where range i of the layers begins.  They are counted the way most stacks are, so that a loop that runs from the last
 * layer to the first one is cut where the other one is. */
static int64_t begin_of(const alpa_stacked_loop *loop, int64_t i, int64_t n) {
  size_t n_reversed = 0;
  for (size_t k = 0; k < loop->stacks.n; k++)
    n_reversed += loop->stacks.items[k].is_reversed;
  int64_t trips = loop->counter.trips;
  return 2 * n_reversed > loop->stacks.n ? trips - (n - i) * trips / n : i * trips / n;
}

/* The slices of stacks for the range's iterations. */
static void cut_stacks(splitter *s, range *r) {
  for (size_t i = 0; i < r->loop->stacks.n; i++) {
    const alpa_stack *stack = &r->loop->stacks.items[i];
    int64_t begin = r->begin, end = r->end;
    alpa_stack_range(stack, &begin, &end);
    alpa_value *slice = alpa_pieces_get(&s->pieces, stack->value, stack->dim, begin, end);
    if (stack->carry < 0)
      alpa_value_map_set(&r->values, stack->inside, slice);
    else
      r->carried[stack->carry] = slice;
  }
}

static void add_piece(splitter *s, const range *r, const alpa_stack *stack, alpa_op *made, alpa_piece_list *parts) {
  alpa_piece piece = {.dim = stack->dim, .begin = r->begin, .end = r->end, .value = &made->results[stack->carry]};
  alpa_stack_range(stack, &piece.begin, &piece.end);
  alpa_vec_push(s->arena, parts, piece);
  if (!stack->is_reversed)
    return;
  for (size_t i = parts->n - 1; i > 0; i--)
    parts->items[i] = parts->items[i - 1];
  parts->items[0] = piece;
}

/* What the first range begins with, and what all of them capture. */
static void begin_ranges(splitter *s, range *r) {
  const alpa_op *op = r->loop->op;
  const alpa_loop_counter *counter = &r->loop->counter;
  for (uint32_t j = 0; j < op->n_operands; j++)
    r->carried[j] = alpa_pieces_join(&s->pieces, alpa_op_operand(op, j));
  for (size_t i = 0; i < r->loop->captured.n; i++) {
    alpa_value *value = r->loop->captured.items[i];
    alpa_value_map_set(&r->values, value, alpa_pieces_join(&s->pieces, value));
  }
  r->carried[counter->carry] = build_integer(&s->pieces.builder, op->results[counter->carry].type, 0);
}

static void end_ranges(splitter *s, const range *r, const alpa_piece_list *parts) {
  const alpa_op *op = r->loop->op;
  const alpa_loop_counter *counter = &r->loop->counter;
  alpa_value *count = r->carried[counter->carry];
  r->carried[counter->carry] = build_integer(&s->pieces.builder, count->type, counter->begin + counter->trips);
  for (uint32_t j = 0; j < op->n_results; j++) {
    alpa_piece_list whole = {0};
    alpa_vec_push(s->arena, &whole, ((alpa_piece){.value = r->carried[j]}));
    alpa_pieces_set(&s->pieces, &op->results[j], parts[j].n ? &parts[j] : &whole);
  }
}

static void split_loop(splitter *s, const alpa_stacked_loop *loop, int64_t n) {
  alpa_op *op = loop->op;
  alpa_piece_list *parts = alpa_arena_new(s->arena, alpa_piece_list, op->n_operands);
  range r = {.loop = loop, .carried = alpa_arena_new(s->arena, alpa_value *, op->n_operands)};
  alpa_value_map_init(&r.values, s->arena);
  begin_ranges(s, &r);
  alpa_value *zero = r.carried[loop->counter.carry];
  for (int64_t i = 0; i < n; i++) {
    r.begin = begin_of(loop, i, n);
    r.end = begin_of(loop, i + 1, n);
    r.carried[loop->counter.carry] = zero;
    cut_stacks(s, &r);
    alpa_op *made = build_loop(&r, &s->pieces.builder);
    for (uint32_t j = 0; j < made->n_results; j++)
      r.carried[j] = &made->results[j];
    for (size_t k = 0; k < loop->stacks.n; k++)
      if (loop->stacks.items[k].carry >= 0)
        add_piece(s, &r, &loop->stacks.items[k], made, &parts[loop->stacks.items[k].carry]);
  }
  end_ranges(s, &r, parts);
}

/* ---- the pass ---------------------------------------------------------------------------------------------------- */

static void find_loops(splitter *s, uint32_t n_values) {
  const bool *is_weight = alpa_weights_find(s->arena, s->func, n_values);
  for (alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next) {
    alpa_stacked_loop loop;
    if (!stablehlo_is(op, STABLEHLO_while) || alpa_op_flops(op) == 0)
      continue;
    const char *obstacle = alpa_stacks_find(s->arena, op, is_weight, &loop);
    if (obstacle)
      alpa_op_remark(op, "stays one loop, and its layers in one stage: %s", obstacle);
    else if (loop.counter.trips > 1)
      alpa_vec_push(s->arena, &s->loops, loop);
  }
}

static const alpa_stacked_loop *find_loop(const splitter *s, const alpa_op *op) {
  for (size_t i = 0; i < s->loops.n; i++)
    if (s->loops.items[i].op == op)
      return &s->loops.items[i];
  return NULL;
}

/* In program order, so that what is built for one op serves those behind it; replaced ops go at the end. */
static void split_all(splitter *s, alpa_pass_context *pass) {
  ALPA_VEC(alpa_op *) replaced = {0};
  for (alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next) {
    const alpa_stacked_loop *loop = find_loop(s, op);
    s->pieces.builder = alpa_builder_before(op);
    if (loop) {
      int64_t n = choose_count(loop->counter.trips, s->n_ranges);
      split_loop(s, loop, n);
      pass->counters[LOOPS]++;
      pass->counters[RANGES] += n;
    } else if (!alpa_pieces_spread(&s->pieces, op)) {
      alpa_pieces_use(&s->pieces, op);
      continue;
    }
    alpa_vec_push(s->arena, &replaced, op);
  }
  while (replaced.n > 0)
    alpa_op_erase(replaced.items[--replaced.n]);
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  const split_options *options = given;
  splitter s = {.arena = pass->arena, .n_ranges = options->ranges, .pieces = {.arena = pass->arena}};
  uint32_t n_values;
  ALPA_TRY(alpa_func_find_main(module, &s.func));
  alpa_op_number(s.func, NULL, &n_values);
  find_loops(&s, n_values);
  if (s.loops.n > 0 && s.n_ranges > 1)
    split_all(&s, pass);
  return ALPA_OK;
}

#define FIELD(field) offsetof(split_options, field)
static const alpa_option_def options[] = {{"ranges", "the most ranges; equal ones where there can be half as many",
                                           ALPA_OPTION_INT, FIELD(ranges), "8", 1, 4096, NULL},
                                          {0}};
#undef FIELD

extern const alpa_pass_def alpa_pass_split_loops;
const alpa_pass_def alpa_pass_split_loops = {
    .name = "split-loops",
    .summary = "cuts counted loops over layers into ranges, with slices of stacked tensors",
    .anchor = "builtin.module",
    .options = options,
    .options_size = sizeof(split_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_SHARDINGS,
    .run = run,
};
