/* The verifier.  Everything it checks comes from the op's table row, its inference and its hook; no op is named. */
#include "dialects/ir/verify.h"

#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "support/hash.h"

static alpa_status verify_count(const alpa_op *op, const char *what, alpa_arity arity, uint32_t n) {
  if (n >= arity.min && (n <= arity.max || arity.max == ALPA_VARIADIC))
    return ALPA_OK;
  return alpa_op_error(op, "expects %s%u %s%s, got %u", arity.min == arity.max ? "" : "at least ", arity.min, what,
                       arity.min == 1 ? "" : "s", n);
}

static bool is_integer_of(const alpa_attr *attr, alpa_dtype dtype) {
  return attr->kind == ALPA_ATTR_INTEGER && attr->type->kind == ALPA_TYPE_SCALAR && attr->type->dtype == dtype;
}

static bool is_numbers_of(const alpa_attr *attr, alpa_dtype dtype) {
  return attr->kind == ALPA_ATTR_NUMBERS && attr->type->kind == ALPA_TYPE_SCALAR && attr->type->dtype == dtype;
}

static bool are_enums_of(const alpa_attr *attr, const alpa_attr_def *def) {
  if (attr->kind != ALPA_ATTR_ARRAY)
    return false;
  for (size_t i = 0; i < attr->array.n; i++)
    if (attr->array.items[i]->kind != ALPA_ATTR_ENUM || attr->array.items[i]->def != def)
      return false;
  return true;
}

static bool fits(const alpa_attr *attr, const alpa_field_def *field);

static bool are_fields_of(const alpa_attr *attr, const alpa_attr_def *def) {
  if (attr->kind != ALPA_ATTR_STRUCT || attr->def != def)
    return false;
  for (int i = 0; def->fields[i].name; i++) {
    const alpa_attr *value = alpa_attr_field(attr, i);
    if (value ? !fits(value, &def->fields[i]) : def->fields[i].required)
      return false;
  }
  return true;
}

static bool fits(const alpa_attr *attr, const alpa_field_def *field) {
  switch (field->kind) {
  case ALPA_FIELD_ANY:
    return true;
  case ALPA_FIELD_UNIT:
    return attr->kind == ALPA_ATTR_UNIT;
  case ALPA_FIELD_BOOL:
    return is_integer_of(attr, ALPA_I1);
  case ALPA_FIELD_I32:
    return is_integer_of(attr, ALPA_I32);
  case ALPA_FIELD_I64:
    return is_integer_of(attr, ALPA_I64);
  case ALPA_FIELD_FLOAT:
    return attr->kind == ALPA_ATTR_FLOAT;
  case ALPA_FIELD_STR:
    return attr->kind == ALPA_ATTR_STRING;
  case ALPA_FIELD_SYM:
    return attr->kind == ALPA_ATTR_SYMBOL;
  case ALPA_FIELD_TYPE:
    return attr->kind == ALPA_ATTR_TYPE;
  case ALPA_FIELD_I64S:
    return is_numbers_of(attr, ALPA_I64);
  case ALPA_FIELD_BOOLS:
    return is_numbers_of(attr, ALPA_I1);
  case ALPA_FIELD_ELEMENTS:
    return attr->kind == ALPA_ATTR_ELEMENTS || attr->kind == ALPA_ATTR_OPAQUE;
  case ALPA_FIELD_PAIRS:
    return attr->kind == ALPA_ATTR_ELEMENTS && attr->type->rank == 2 && attr->type->dtype == ALPA_I64;
  case ALPA_FIELD_ENUM:
    return attr->kind == ALPA_ATTR_ENUM && attr->def == field->def;
  case ALPA_FIELD_ENUMS:
    return are_enums_of(attr, field->def);
  case ALPA_FIELD_STRUCT:
    return are_fields_of(attr, field->def);
  case ALPA_FIELD_ARRAY:
    return attr->kind == ALPA_ATTR_ARRAY;
  case ALPA_FIELD_DICT:
    return attr->kind == ALPA_ATTR_DICT;
  }
  return false;
}

static const char *field_kind_name(alpa_field_kind kind) {
  static const char *const names[] = {
      [ALPA_FIELD_ANY] = "an attribute",
      [ALPA_FIELD_UNIT] = "a unit attribute",
      [ALPA_FIELD_BOOL] = "a bool",
      [ALPA_FIELD_I32] = "a 32-bit integer",
      [ALPA_FIELD_I64] = "a 64-bit integer",
      [ALPA_FIELD_FLOAT] = "a float",
      [ALPA_FIELD_STR] = "a string",
      [ALPA_FIELD_SYM] = "a symbol reference",
      [ALPA_FIELD_TYPE] = "a type",
      [ALPA_FIELD_I64S] = "an array<i64>",
      [ALPA_FIELD_BOOLS] = "an array<i1>",
      [ALPA_FIELD_ELEMENTS] = "a dense constant",
      [ALPA_FIELD_PAIRS] = "a dense constant of type tensor<NxMxi64>",
      [ALPA_FIELD_ENUM] = "an enum",
      [ALPA_FIELD_ENUMS] = "an array of enums",
      [ALPA_FIELD_STRUCT] = "a struct",
      [ALPA_FIELD_ARRAY] = "an array",
      [ALPA_FIELD_DICT] = "a dictionary",
  };
  return names[kind];
}

static alpa_status verify_attrs(const alpa_op *op) {
  for (uint32_t i = 0; i < op->def->n_attrs; i++) {
    const alpa_field_def *field = &op->def->attrs[i];
    const alpa_attr *attr = op->attrs[i];
    if (!attr && field->required)
      return alpa_op_error(op, "requires attribute '%s'", field->name);
    if (!attr || fits(attr, field))
      continue;
    alpa_text text;
    alpa_text_init(&text, &alpa_op_context(op)->diag.arena);
    alpa_attr_print(&text, attr);
    const char *of = field->def ? field->def->mnemonic : "";
    return alpa_op_error(op, "expects attribute '%s' to be %s%s%s, got %.200s", field->name,
                         field_kind_name(field->kind), field->def ? " of #" : "", of, alpa_text_finish(&text));
  }
  return ALPA_OK;
}

static alpa_status verify_regions(const alpa_op *op) {
  if (op->def->regions != ALPA_VARIADIC && op->n_regions != op->def->regions)
    return alpa_op_error(op, "expects %u region%s, got %u", op->def->regions, op->def->regions == 1 ? "" : "s",
                         op->n_regions);
  if (op->def->traits & ALPA_NO_TERMINATOR)
    return ALPA_OK;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      if (!block->last)
        return alpa_op_error(op, "expects the blocks of region #%u to end in a terminator, got an empty block", r);
      else if (block->last->def->dialect && !alpa_op_has(block->last, ALPA_TERMINATOR))
        return alpa_op_error(block->last, "is the last op of a block of '%s', expects a terminator there",
                             op->def->name);
  return ALPA_OK;
}

/* Sizes that are not known, encodings, and ways to quantize do not contradict a type. */
static bool compatible(const alpa_type *a, const alpa_type *b) {
  if (a == b)
    return true;
  if (a->kind != ALPA_TYPE_TENSOR || b->kind != ALPA_TYPE_TENSOR)
    return a->kind == ALPA_TYPE_OPAQUE || b->kind == ALPA_TYPE_OPAQUE;
  bool quantized = a->element->kind != ALPA_TYPE_SCALAR && b->element->kind != ALPA_TYPE_SCALAR;
  if ((a->element != b->element && !quantized) || a->rank != b->rank)
    return false;
  for (uint32_t i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i] && a->dims[i] != ALPA_DYNAMIC && b->dims[i] != ALPA_DYNAMIC)
      return false;
  return true;
}

static alpa_status verify_inferred(alpa_op *op) {
  if (!op->def->infer)
    return ALPA_OK;
  alpa_arena scratch;
  alpa_arena_init(&scratch, op->module->arena.memory);
  alpa_infer infer = {.arena = &scratch};
  alpa_status status = op->def->infer(op, &infer);
  alpa_context *ctx = alpa_op_context(op);
  if (status == ALPA_OK && infer.types.n != op->n_results)
    status =
        alpa_op_error(op, "expects %zu result%s, got %u", infer.types.n, infer.types.n == 1 ? "" : "s", op->n_results);
  for (uint32_t i = 0; status == ALPA_OK && i < op->n_results; i++)
    if (!compatible(infer.types.items[i], op->results[i].type))
      status = alpa_op_error(op, "expects result #%u of type '%s', got '%s'", i,
                             alpa_type_spell(ctx, infer.types.items[i]), alpa_type_spell(ctx, op->results[i].type));
  alpa_arena_deinit(&scratch);
  return status;
}

static alpa_status verify_same_type(const alpa_op *op) {
  if (!alpa_op_has(op, ALPA_SAME_TYPE))
    return ALPA_OK;
  for (uint32_t i = 1; i < op->n_operands; i++)
    if (!compatible(alpa_op_operand_type(op, i), alpa_op_operand_type(op, 0))) {
      alpa_context *ctx = alpa_op_context(op);
      return alpa_op_error(op, "expects all operands to have one type, got '%s' and '%s'",
                           alpa_type_spell(ctx, alpa_op_operand_type(op, 0)),
                           alpa_type_spell(ctx, alpa_op_operand_type(op, i)));
    }
  return ALPA_OK;
}

/* Discardable attributes belong to the dialect that their name begins with. */
static alpa_status verify_extra(alpa_op *op) {
  for (size_t i = 0; op->extra && i < op->extra->dict.n; i++) {
    const alpa_named_attr *attr = &op->extra->dict.items[i];
    const char *dot = strchr(attr->name, '.');
    size_t n = dot ? (size_t)(dot - attr->name) : 0;
    for (size_t d = 0; dot && d < ALPA_DIALECT_COUNT; d++)
      if (alpa_dialects[d]->verify_attr && strncmp(alpa_dialects[d]->name, attr->name, n) == 0 &&
          alpa_dialects[d]->name[n] == 0)
        ALPA_TRY(alpa_dialects[d]->verify_attr(op, attr));
  }
  return ALPA_OK;
}

alpa_status alpa_op_verify_alone(alpa_op *op) {
  ALPA_TRY(verify_count(op, "operand", op->def->operands, op->n_operands));
  ALPA_TRY(verify_count(op, "result", op->def->results, op->n_results));
  ALPA_TRY(verify_attrs(op));
  ALPA_TRY(verify_regions(op));
  if (alpa_op_has(op, ALPA_TERMINATOR) && op->block && op->next)
    return alpa_op_error(op, "must be the last op of its block");
  ALPA_TRY(verify_same_type(op));
  ALPA_TRY(verify_inferred(op));
  ALPA_TRY(verify_extra(op));
  return op->def->verify ? op->def->verify(op) : ALPA_OK;
}

/* The ancestor of `op` (itself included) in `region`, or NULL where there is none or an isolated op stands between. */
static const alpa_op *ancestor_in(const alpa_op *op, const alpa_region *region) {
  while (op && op->block && op->block->region != region) {
    op = alpa_op_parent(op);
    if (op && alpa_op_has(op, ALPA_ISOLATED))
      return NULL;
  }
  return op && op->block ? op : NULL;
}

/* A value dominates what comes after it in its block and everything nested there.  Between blocks of one region any
 * order is accepted: nothing that this compiler reads has more than one block in a region that it computes with. */
static alpa_status verify_dominance(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *value = op->operands[i].value;
    const alpa_block *block = value->op ? value->op->block : value->block;
    const alpa_op *at = block ? ancestor_in(op, block->region) : NULL;
    bool dominates = at && (at->block != block || !value->op || value->op->number < at->number);
    if (!dominates) {
      alpa_status status = alpa_op_error(op, "operand #%u does not dominate this use", i);
      if (value->op)
        alpa_note(&alpa_op_context(op)->diag, alpa_loc_place(value->op->loc), "operand defined here");
      return status;
    }
  }
  return ALPA_OK;
}

static alpa_status verify_symbols(alpa_op *table) {
  if (!alpa_op_has(table, ALPA_SYMBOL_TABLE))
    return ALPA_OK;
  alpa_context *ctx = alpa_op_context(table);
  alpa_arena scratch;
  alpa_arena_init(&scratch, &ctx->memory);
  alpa_map seen = {0};
  alpa_status status = ALPA_OK;
  for (alpa_block *block = table->regions[0].first; block; block = block->next)
    for (alpa_op *op = block->first; op && status == ALPA_OK; op = op->next) {
      const char *symbol = alpa_symbol_name(op);
      if (!symbol)
        continue;
      const char *name = alpa_name(ctx, symbol);
      const alpa_op *before = alpa_map_get_pointer(&seen, name);
      if (before) {
        status = alpa_op_error(op, "redefinition of symbol named '%s'", name);
        alpa_note(&ctx->diag, alpa_loc_place(before->loc), "see existing symbol definition here");
      }
      alpa_map_set_pointer(&scratch, &seen, name, op);
    }
  alpa_arena_deinit(&scratch);
  return status;
}

typedef struct verification {
  alpa_status status;
} verification;

static alpa_status visit(void *user, alpa_op *op) {
  verification *v = user;
  alpa_status status = alpa_op_verify_alone(op);
  if (status == ALPA_OK)
    status = verify_dominance(op);
  if (status == ALPA_OK)
    status = verify_symbols(op);
  if (v->status == ALPA_OK)
    v->status = status;
  return status == ALPA_OK || status == ALPA_INVALID_ARGUMENT ? ALPA_OK : status;
}

alpa_status alpa_op_verify(alpa_op *root) {
  verification v = {ALPA_OK};
  alpa_op_number(root, NULL, NULL);
  ALPA_TRY(alpa_op_walk(root, visit, &v));
  return v.status;
}
