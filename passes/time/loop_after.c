/* Ops behind the loop.  Accumulators of narrow floats are f32, and stay so through linear ops up to the convert to f32
 * that a program with a narrow backward pass has at the end of it; where something else wants the narrow type, the
 * complete sum is rounded once. */
#include "passes/time/loop.h"

static alpa_value *wide_of(const alpa_looper *loop, alpa_value *value) {
  return alpa_value_map_get(&loop->after, value);
}

static bool is_wide(const alpa_looper *loop, alpa_value *value) { return wide_of(loop, value)->type != value->type; }

alpa_value *alpa_loop_get_after(alpa_looper *loop, alpa_value *value) {
  alpa_value *wide = wide_of(loop, value);
  if (wide->type == value->type)
    return wide;
  alpa_value *narrow = alpa_map_get_pointer(&loop->narrowed, value);
  if (narrow == NULL) {
    narrow = alpa_emit_convert(&loop->p, wide, value->type->dtype);
    alpa_map_set_pointer(loop->p.arena, &loop->narrowed, value, narrow);
  }
  return narrow;
}

static bool is_narrow_float(const alpa_type *type) {
  return alpa_type_class(type) == ALPA_CLASS_FLOAT && alpa_dtype_get_info(type->dtype)->bits < 32;
}

static const alpa_type *widen(alpa_looper *loop, const alpa_type *type) {
  return is_narrow_float(type) ? alpa_type_with_dtype(loop->p.ctx, type, ALPA_F32) : type;
}

/* A linear op on sums: all narrow floats become f32. */
static void build_wide(alpa_looper *loop, const alpa_op *op) {
  alpa_value **operands = alpa_arena_new(loop->p.arena, alpa_value *, op->n_operands);
  const alpa_type **types = alpa_arena_new(loop->p.arena, const alpa_type *, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    operands[i] = wide_of(loop, alpa_op_operand(op, i));
    if (is_narrow_float(operands[i]->type))
      operands[i] = alpa_emit_convert(&loop->p, operands[i], ALPA_F32);
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    types[i] = widen(loop, op->results[i].type);
  const alpa_op_state state = {.def = op->def,
                               .operands = operands,
                               .n_operands = op->n_operands,
                               .results = types,
                               .n_results = op->n_results,
                               .attrs = op->attrs,
                               .extra = op->extra};
  alpa_op *built = alpa_build(&loop->p.builder, &state);
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_value_map_set(&loop->after, &op->results[i], alpa_op_result(built, i));
}

/* Regions read values of their own types. */
static void narrow_captures(alpa_looper *loop, const alpa_op *op) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = op->regions[r].first ? op->regions[r].first->first : NULL; inner; inner = inner->next) {
      for (uint32_t i = 0; i < inner->n_operands; i++)
        if (is_wide(loop, alpa_op_operand(inner, i)))
          alpa_value_map_set(&loop->after, alpa_op_operand(inner, i),
                             alpa_loop_get_after(loop, alpa_op_operand(inner, i)));
      narrow_captures(loop, inner);
    }
}

static void build_same(alpa_looper *loop, const alpa_op *op) {
  narrow_captures(loop, op);
  alpa_value **operands = alpa_arena_new(loop->p.arena, alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_loop_get_after(loop, alpa_op_operand(op, i));
  alpa_op *copy = alpa_op_clone(loop->p.module, op, &loop->after);
  for (uint32_t i = 0; i < op->n_operands; i++)
    alpa_op_set_operand(copy, i, operands[i]);
  alpa_op_insert(copy, loop->p.builder.block, loop->p.builder.before);
}

void alpa_loop_build_after(alpa_looper *loop, alpa_op *op) {
  loop->p.builder.loc = op->loc;
  bool has_wide = false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    has_wide = has_wide || is_wide(loop, alpa_op_operand(op, i));
  bool is_linear =
      op->n_results > 0 && op->n_regions == 0 && alpa_times_get(loop->times, op->results).kind == ALPA_TIME_PARTIAL;
  if (has_wide && stablehlo_is(op, STABLEHLO_convert) &&
      wide_of(loop, alpa_op_operand(op, 0))->type == op->results->type)
    alpa_value_map_set(&loop->after, op->results, wide_of(loop, alpa_op_operand(op, 0)));
  else if (has_wide && is_linear)
    build_wide(loop, op);
  else
    build_same(loop, op);
}
