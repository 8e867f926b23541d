/* Making, linking and changing ops; uses and symbols. */
#include "dialects/ir/op.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dialects/ir/context.h"

void alpa_infer_push(alpa_infer *infer, const alpa_type *type) { alpa_vec_push(infer->arena, &infer->types, type); }

/* ---- uses ---- */

static void use_link(alpa_use *use, alpa_value *value) {
  use->value = value;
  use->next = value->uses;
  use->link = &value->uses;
  if (use->next)
    use->next->link = &use->next;
  value->uses = use;
}

static void use_unlink(alpa_use *use) {
  if (!use->value)
    return;
  *use->link = use->next;
  if (use->next)
    use->next->link = use->link;
  use->value = NULL;
}

void alpa_op_set_operand(alpa_op *op, uint32_t index, alpa_value *value) {
  use_unlink(&op->operands[index]);
  use_link(&op->operands[index], value);
}

void alpa_op_set_operands(alpa_op *op, alpa_value *const *values, size_t n) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    use_unlink(&op->operands[i]);
  if (n > op->n_operands)
    op->operands = alpa_arena_new(&op->module->arena, alpa_use, n);
  op->n_operands = (uint32_t)n;
  for (size_t i = 0; i < n; i++) {
    op->operands[i].owner = op;
    use_link(&op->operands[i], values[i]);
  }
}

void alpa_value_replace(alpa_value *value, alpa_value *by) {
  if (value == by)
    return;
  while (value->uses) {
    alpa_use *use = value->uses;
    use_unlink(use);
    use_link(use, by);
  }
}

const alpa_attr *alpa_value_find_constant(const alpa_value *value) {
  return value->op && alpa_op_has(value->op, ALPA_CONSTANT) ? alpa_op_find_attr(value->op, "value") : NULL;
}

/* ---- creation ---- */

void alpa_op_set_results(alpa_op *op, const alpa_type *const *types, size_t n) {
  op->results = alpa_arena_new(&op->module->arena, alpa_value, n);
  op->n_results = (uint32_t)n;
  for (uint32_t i = 0; i < n; i++)
    op->results[i] = (alpa_value){.type = types[i], .op = op, .index = i};
}

static alpa_op *create_without_results(alpa_module *module, const alpa_op_state *state) {
  alpa_arena *arena = &module->arena;
  alpa_op *op = alpa_arena_new(arena, alpa_op, 1);
  op->def = state->def;
  op->module = module;
  op->loc = state->loc;
  op->extra = state->extra;
  if (state->n_operands)
    alpa_op_set_operands(op, state->operands, state->n_operands);
  if (state->def->n_attrs)
    op->attrs = state->attrs ? alpa_arena_copy(arena, state->attrs, state->def->n_attrs * sizeof *state->attrs)
                             : alpa_arena_calloc(arena, state->def->n_attrs, sizeof *state->attrs);
  op->n_successors = (uint32_t)state->n_successors;
  if (state->n_successors)
    op->successors = alpa_arena_copy(arena, state->successors, state->n_successors * sizeof *state->successors);
  op->n_regions = (uint32_t)state->n_regions;
  if (state->n_regions)
    op->regions = alpa_arena_new(arena, alpa_region, state->n_regions);
  for (uint32_t i = 0; i < op->n_regions; i++)
    op->regions[i].op = op;
  return op;
}

alpa_op *alpa_op_create(alpa_module *module, const alpa_op_state *state) {
  alpa_op *op = create_without_results(module, state);
  if (state->n_results)
    alpa_op_set_results(op, state->results, state->n_results);
  return op;
}

alpa_status alpa_op_create_inferred(alpa_module *module, const alpa_op_state *state, alpa_region *regions,
                                    alpa_op **out_op) {
  alpa_op *op = create_without_results(module, state);
  for (size_t i = 0; regions && i < state->n_regions; i++)
    alpa_region_take(&op->regions[i], &regions[i]);
  alpa_infer infer = {.arena = &module->arena};
  assert(state->def->infer && "result types of this op must be given");
  ALPA_TRY(state->def->infer(op, &infer));
  alpa_op_set_results(op, infer.types.items, infer.types.n);
  *out_op = op;
  return ALPA_OK;
}

/* ---- linking ---- */

void alpa_op_insert(alpa_op *op, alpa_block *block, alpa_op *before) {
  assert(!op->block);
  op->block = block;
  op->next = before;
  op->previous = before ? before->previous : block->last;
  *(op->previous ? &op->previous->next : &block->first) = op;
  *(before ? &before->previous : &block->last) = op;
}

void alpa_op_remove(alpa_op *op) {
  if (!op->block)
    return;
  *(op->previous ? &op->previous->next : &op->block->first) = op->next;
  *(op->next ? &op->next->previous : &op->block->last) = op->previous;
  op->block = NULL;
  op->previous = op->next = NULL;
}

/* Regions nest at most ALPA_MAX_NESTING deep, so this recursion is bounded. */
static void drop_uses(alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    use_unlink(&op->operands[i]);
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next)
      for (alpa_op *inner = block->first; inner; inner = inner->next)
        drop_uses(inner);
}

void alpa_op_erase(alpa_op *op) {
  alpa_op_remove(op);
  drop_uses(op);
}

void alpa_op_replace(alpa_op *op, alpa_value *const *values) {
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_value_replace(&op->results[i], values[i]);
  alpa_op_erase(op);
}

/* ---- attributes and traits ---- */

int64_t alpa_op_int(const alpa_op *op, int ordinal, int64_t absent) {
  return op->attrs[ordinal] ? op->attrs[ordinal]->integer : absent;
}

static int find_ordinal(const alpa_op_def *def, const char *name) {
  for (int i = 0; i < def->n_attrs; i++)
    if (strcmp(def->attrs[i].name, name) == 0)
      return i;
  return -1;
}

const alpa_attr *alpa_op_find_attr(const alpa_op *op, const char *name) {
  int ordinal = find_ordinal(op->def, name);
  if (ordinal >= 0)
    return op->attrs[ordinal];
  const alpa_attr *attr = alpa_attr_find(op->properties, name);
  return attr ? attr : alpa_attr_find(op->extra, name);
}

void alpa_op_set_attr(alpa_op *op, const char *name, const alpa_attr *value) {
  int ordinal = find_ordinal(op->def, name);
  if (ordinal >= 0)
    op->attrs[ordinal] = value;
  else
    op->extra = alpa_attr_dict_set(op->module->ctx, op->extra, name, value);
}

bool alpa_op_is_pure(const alpa_op *op) {
  if (alpa_op_has(op, ALPA_PURE))
    return true;
  if (!alpa_op_has(op, ALPA_REGION_PURE))
    return false;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next)
      for (alpa_op *inner = block->first; inner; inner = inner->next)
        if (!alpa_op_is_pure(inner))
          return false;
  return true;
}

bool alpa_op_is_static(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (!alpa_type_is_static_tensor(alpa_op_operand_type(op, i)))
      return false;
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!alpa_type_is_static_tensor(op->results[i].type))
      return false;
  return true;
}

bool alpa_op_is_before(const alpa_op *a, const alpa_op *b) { return a->number < b->number; }

alpa_op *alpa_op_symbol_table(alpa_op *op) {
  while (op && !alpa_op_has(op, ALPA_SYMBOL_TABLE))
    op = alpa_op_parent(op);
  return op;
}

/* ---- diagnostics ---- */

static void emit(const alpa_op *op, alpa_severity severity, const char *format, va_list args) {
  char message[3072];
  vsnprintf(message, sizeof message, format, args);
  alpa_diag *diag = &op->module->ctx->diag;
  alpa_place place = alpa_loc_place(op->loc);
  if (severity == ALPA_ERROR)
    (void)alpa_error(diag, place, ALPA_INVALID_ARGUMENT, "'%s' op %s", op->def->name, message);
  else
    alpa_remark(diag, place, "'%s' op %s", op->def->name, message);
}

alpa_status alpa_op_error(const alpa_op *op, const char *format, ...) {
  va_list args;
  va_start(args, format);
  emit(op, ALPA_ERROR, format, args);
  va_end(args);
  return ALPA_INVALID_ARGUMENT;
}

alpa_status alpa_op_unsupported(const alpa_op *op, const char *format, ...) {
  va_list args;
  va_start(args, format);
  emit(op, ALPA_ERROR, format, args);
  va_end(args);
  return ALPA_UNSUPPORTED;
}

void alpa_op_remark(const alpa_op *op, const char *format, ...) {
  va_list args;
  va_start(args, format);
  emit(op, ALPA_REMARK, format, args);
  va_end(args);
}
