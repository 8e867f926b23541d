/* Compiles the blocks of a function: every value gets a slot of the function's frame, and every op the list of slots
 * whose last use it is (one backward scan per block; a use inside a region counts for the op that holds the region). */
#include "interp/machine.h"

#include <string.h>

typedef struct compiler {
  alpa_machine *machine;
  alpa_map slots; /* value -> slot + 1 */
  uint32_t n_slots;
} compiler;

static uint32_t slot_of(compiler *c, const alpa_value *value) {
  uint64_t *slot = alpa_map_insert(&c->machine->arena, &c->slots, (uint64_t)(uintptr_t)value, NULL);
  if (!*slot)
    *slot = ++c->n_slots;
  return (uint32_t)*slot - 1;
}

typedef struct scan {
  compiler *c;
  const alpa_block *block;
  alpa_map seen; /* values of the block with a use behind the scan */
  ALPA_VEC(uint32_t) dead;
} scan;

static void note_use(scan *s, const alpa_value *value) {
  const alpa_block *home = value->op ? value->op->block : value->block;
  if (home != s->block)
    return;
  bool first;
  alpa_map_insert(&s->c->machine->arena, &s->seen, (uint64_t)(uintptr_t)value, &first);
  if (first)
    alpa_vec_push(&s->c->machine->arena, &s->dead, slot_of(s->c, value));
}

static void note_uses(scan *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    note_use(s, alpa_op_operand(op, i));
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        note_uses(s, inner);
}

static alpa_status check_types(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_type *type = op->results[i].type;
    if (alpa_type_is_tensor(type) && !alpa_type_is_static_tensor(type))
      return alpa_op_unsupported(op,
                                 "has result #%u of type '%s'; the interpreter evaluates tensors of known shape only",
                                 i, alpa_type_spell(alpa_op_context(op), type));
    if (alpa_type_is_tensor(type) && type->rank > ALPA_MAX_RANK)
      return alpa_op_unsupported(op, "has result #%u of rank %u; the interpreter stops at rank %d", i, type->rank,
                                 ALPA_MAX_RANK);
  }
  return ALPA_OK;
}

static uint32_t *operand_slots(compiler *c, const alpa_op *op) {
  uint32_t *slots = alpa_arena_new(&c->machine->arena, uint32_t, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    slots[i] = slot_of(c, alpa_op_operand(op, i));
  return slots;
}

static alpa_status compile_block(compiler *c, const alpa_block *block, alpa_program **out_program);

static alpa_status compile_step(compiler *c, alpa_op *op, alpa_step *step) {
  alpa_arena *arena = &c->machine->arena;
  ALPA_TRY(check_types(op));
  uint32_t *results = alpa_arena_new(arena, uint32_t, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = slot_of(c, alpa_op_result(op, i));
  *step = (alpa_step){.op = op, .rule = alpa_rule_find(op->def), .operands = operand_slots(c, op), .results = results};
  for (uint32_t r = 0; r < op->n_regions; r++) {
    const alpa_block *block = op->regions[r].first;
    if (block && block->next)
      return alpa_op_unsupported(op, "has a region of several blocks; the interpreter evaluates single blocks only");
    alpa_program *inner;
    if (block)
      ALPA_TRY(compile_block(c, block, &inner));
  }
  return ALPA_OK;
}

/* From the last op to the first: what is used here and nowhere behind is dead after it. */
static void find_dead(compiler *c, alpa_program *program) {
  alpa_arena *arena = &c->machine->arena;
  scan s = {.c = c, .block = program->block};
  if (program->block->last)
    note_uses(&s, program->block->last);
  for (uint32_t i = program->n_steps; i-- > 0;) {
    alpa_step *step = &program->steps[i];
    s.dead.n = 0;
    note_uses(&s, step->op);
    for (uint32_t k = 0; k < step->op->n_results; k++)
      note_use(&s, alpa_op_result(step->op, k)); /* never used */
    step->n_dead = (uint32_t)s.dead.n;
    step->dead = alpa_arena_copy(arena, s.dead.items, s.dead.n * sizeof(uint32_t));
  }
}

static alpa_status compile_block(compiler *c, const alpa_block *block, alpa_program **out_program) {
  alpa_arena *arena = &c->machine->arena;
  alpa_program *program = alpa_arena_new(arena, alpa_program, 1);
  program->block = block;
  program->elementwise = true;
  uint32_t *args = alpa_arena_new(arena, uint32_t, block->n_args);
  for (uint32_t i = 0; i < block->n_args; i++) {
    args[i] = slot_of(c, block->args[i]);
    const alpa_type *type = block->args[i]->type;
    program->elementwise &= alpa_type_is_scalar_tensor(type);
  }
  program->args = args;
  program->n_args = block->n_args;
  size_t n = 0;
  for (alpa_op *op = block->first; op; op = op->next)
    n++;
  program->steps = alpa_arena_new(arena, alpa_step, n);
  for (alpa_op *op = block->first; op && op != block->last; op = op->next) {
    ALPA_TRY(compile_step(c, op, &program->steps[program->n_steps++]));
    program->elementwise &=
        alpa_op_has(op, ALPA_ELEMENTWISE | ALPA_CONSTANT) && alpa_type_is_scalar_tensor(alpa_op_type(op));
  }
  if (block->last) {
    program->results = operand_slots(c, block->last);
    program->n_results = block->last->n_operands;
  }
  find_dead(c, program);
  alpa_map_set_pointer(arena, &c->machine->programs, block, program);
  *out_program = program;
  return ALPA_OK;
}

alpa_status alpa_program_compile(alpa_machine *machine, alpa_op *func, alpa_program **out_program) {
  const alpa_block *body = func->regions[0].first;
  alpa_program *program = alpa_map_get_pointer(&machine->programs, body);
  if (!program) {
    compiler c = {.machine = machine};
    ALPA_TRY(compile_block(&c, body, &program));
    program->n_slots = c.n_slots;
  }
  *out_program = program;
  return ALPA_OK;
}
