/* Checks of a program, separated before planning. */
#include "driver/checks.h"

#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct separation {
  alpa_arena *arena;
  alpa_op *func;
  ALPA_VEC(alpa_value *) results; /* operands that the return shall have */
  alpa_checks *checks;
} separation;

static uint64_t limit(const alpa_op *op, const char *name, uint64_t absent) {
  const alpa_attr *value = alpa_op_find_attr(op, name);
  return value && value->kind == ALPA_ATTR_INTEGER ? (uint64_t)value->integer : absent;
}

static bool find_comparison(const alpa_op *op, alpa_comparison *out) {
  if (!stablehlo_is(op, STABLEHLO_custom_call) ||
      !alpa_comparison_find(alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string, out))
    return false;
  const alpa_attr *tolerance = alpa_op_find_attr(op, "tolerance");
  out->min_ulps = limit(op, "min_ulp_difference", out->min_ulps);
  out->max_ulps = limit(op, "max_ulp_difference", out->max_ulps);
  if (tolerance && tolerance->kind == ALPA_ATTR_FLOAT)
    out->tolerance = alpa_attr_number(tolerance);
  return true;
}

static uint32_t result_of(separation *s, alpa_value *value) {
  for (uint32_t i = 0; i < s->results.n; i++)
    if (s->results.items[i] == value)
      return i;
  alpa_vec_push(s->arena, &s->results, value);
  s->checks->n_results++;
  return (uint32_t)s->results.n - 1;
}

static alpa_status separate(separation *s, alpa_op *op, const alpa_comparison *comparison) {
  if (op->n_operands != 2 || op->n_results != 0)
    return alpa_op_error(op, "is a check: it expects 2 operands and no results, got %u and %u", op->n_operands,
                         op->n_results);
  if (alpa_op_operand_type(op, 0) != alpa_op_operand_type(op, 1) ||
      !alpa_type_is_static_tensor(alpa_op_operand_type(op, 0)))
    return alpa_op_error(op, "is a check: it expects two tensors of one type and known size");
  alpa_check check = {.comparison = *comparison,
                      .name = alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string.data,
                      .place = alpa_loc_place(op->loc),
                      .actual = result_of(s, alpa_op_operand(op, 0)),
                      .expected = result_of(s, alpa_op_operand(op, 1))};
  alpa_vec_push(s->arena, &s->checks->items, check);
  alpa_op_erase(op);
  return ALPA_OK;
}

static void hide_results(alpa_arena *arena, alpa_op *call) {
  alpa_value **values = alpa_arena_new(arena, alpa_value *, call->n_results);
  const alpa_type **types = alpa_arena_new(arena, const alpa_type *, call->n_results);
  for (uint32_t i = 0; i < call->n_results; i++) {
    values[i] = &call->results[i];
    types[i] = call->results[i].type;
  }
  alpa_op *barrier =
      alpa_op_create(call->module, &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_optimization_barrier],
                                                    .loc = call->loc,
                                                    .operands = values,
                                                    .n_operands = call->n_results,
                                                    .results = types,
                                                    .n_results = call->n_results});
  alpa_op_insert(barrier, call->block, call->next);
  for (uint32_t i = 0; i < call->n_results; i++) {
    alpa_value_replace(&call->results[i], &barrier->results[i]);
    alpa_op_set_operand(barrier, i, &call->results[i]);
  }
}

/* ---- as an attribute of the module: plans that are written and read again keep their checks ---- */

static const char attr_name[] = "alpa.checks";

enum { NAME, ACTUAL, EXPECTED, MIN_ULPS, MAX_ULPS, TOLERANCE, SOURCE, LINE, COLUMN, N_FIELDS };

static const char *const field_names[N_FIELDS] = {
    [NAME] = "name",         [ACTUAL] = "actual",     [EXPECTED] = "expected",
    [MIN_ULPS] = "min_ulps", [MAX_ULPS] = "max_ulps", [TOLERANCE] = "tolerance",
    [SOURCE] = "file",       [LINE] = "line",         [COLUMN] = "column"};

static const alpa_attr *encode(alpa_context *ctx, const alpa_check *check) {
  alpa_place place = check->place;
  const alpa_attr *values[N_FIELDS] = {
      [NAME] = alpa_attr_get_string(ctx, check->name),
      [ACTUAL] = alpa_attr_get_i64(ctx, check->actual),
      [EXPECTED] = alpa_attr_get_i64(ctx, check->expected),
      [MIN_ULPS] = alpa_attr_get_i64(ctx, (int64_t)check->comparison.min_ulps),
      [MAX_ULPS] = alpa_attr_get_i64(ctx, (int64_t)check->comparison.max_ulps),
      [TOLERANCE] = alpa_attr_get_float(ctx, alpa_type_get_scalar(ctx, ALPA_F64), check->comparison.tolerance),
      [SOURCE] = alpa_attr_get_string(ctx, place.file ? place.file : ""),
      [LINE] = alpa_attr_get_i64(ctx, place.line),
      [COLUMN] = alpa_attr_get_i64(ctx, place.column)};
  alpa_named_attr fields[N_FIELDS];
  for (size_t i = 0; i < N_FIELDS; i++)
    fields[i] = (alpa_named_attr){alpa_name(ctx, field_names[i]), values[i]};
  return alpa_attr_get_dict(ctx, fields, N_FIELDS);
}

static void write_checks(alpa_arena *arena, alpa_module *module, const alpa_checks *checks) {
  const alpa_attr **items = alpa_arena_new(arena, const alpa_attr *, checks->items.n);
  for (size_t i = 0; i < checks->items.n; i++)
    items[i] = encode(module->ctx, &checks->items.items[i]);
  alpa_op_set_attr(module->op, attr_name, alpa_attr_get_array(module->ctx, items, checks->items.n));
}

static bool decode(const alpa_attr *dict, alpa_check *out) {
  const alpa_attr *values[N_FIELDS];
  if (dict->kind != ALPA_ATTR_DICT)
    return false;
  for (size_t i = 0; i < N_FIELDS; i++) {
    alpa_attr_kind kind = i == NAME || i == SOURCE ? ALPA_ATTR_STRING
                          : i == TOLERANCE         ? ALPA_ATTR_FLOAT
                                                   : ALPA_ATTR_INTEGER;
    values[i] = alpa_attr_find(dict, field_names[i]);
    if (!values[i] || values[i]->kind != kind)
      return false;
  }
  out->name = values[NAME]->string.data;
  out->actual = (uint32_t)values[ACTUAL]->integer;
  out->expected = (uint32_t)values[EXPECTED]->integer;
  out->place =
      (alpa_place){values[SOURCE]->string.data, (uint32_t)values[LINE]->integer, (uint32_t)values[COLUMN]->integer};
  bool known = alpa_comparison_find(values[NAME]->string, &out->comparison);
  out->comparison.min_ulps = (uint64_t)values[MIN_ULPS]->integer;
  out->comparison.max_ulps = (uint64_t)values[MAX_ULPS]->integer;
  out->comparison.tolerance = alpa_attr_number(values[TOLERANCE]);
  return known;
}

/* The last results that carry their name are those that only checks compare. */
static uint32_t count_results(const alpa_op *func) {
  uint32_t n = (uint32_t)alpa_func_type(func)->results.n, count = 0;
  while (count < n) {
    const alpa_attr *info = alpa_func_find_result_attr(func, n - 1 - count, "jax.result_info");
    if (!info || info->kind != ALPA_ATTR_STRING || strcmp(info->string.data, "check") != 0)
      break;
    count++;
  }
  return count;
}

static alpa_status read_checks(separation *s, const alpa_attr *list, const alpa_module *module) {
  uint64_t n_results = alpa_func_type(s->func)->results.n;
  for (size_t i = 0; list->kind == ALPA_ATTR_ARRAY && i < list->array.n; i++) {
    alpa_check check = {0};
    if (!decode(list->array.items[i], &check) || check.actual >= n_results || check.expected >= n_results)
      return alpa_op_error(module->op, "has an entry in '%s' that is no check of its results", attr_name);
    alpa_vec_push(s->arena, &s->checks->items, check);
  }
  s->checks->n_results = count_results(s->func);
  return ALPA_OK;
}

alpa_status alpa_checks_separate(alpa_arena *arena, alpa_module *module, alpa_checks *out_checks) {
  separation s = {.arena = arena, .checks = out_checks};
  alpa_comparison comparison;
  *out_checks = (alpa_checks){0};
  ALPA_TRY(alpa_func_find_main(module->op, &s.func));
  alpa_block *body = alpa_func_entry(s.func);
  const alpa_attr *written = alpa_op_find_attr(module->op, attr_name);
  if (!body || !body->last)
    return ALPA_OK;
  if (written)
    return read_checks(&s, written, module);
  for (uint32_t i = 0; i < body->last->n_operands; i++)
    alpa_vec_push(arena, &s.results, alpa_op_operand(body->last, i));
  for (alpa_op *op = body->first, *next; op; op = next) {
    next = op->next;
    if (find_comparison(op, &comparison))
      ALPA_TRY(separate(&s, op, &comparison));
  }
  if (out_checks->items.n == 0)
    return ALPA_OK;
  alpa_op_set_operands(body->last, s.results.items, s.results.n);
  alpa_func_update_type(s.func);
  for (uint32_t i = (uint32_t)s.results.n - out_checks->n_results; i < s.results.n; i++)
    alpa_func_set_result_attr(s.func, i, "jax.result_info", alpa_attr_get_string(module->ctx, "check"));
  for (alpa_op *op = body->first; op; op = op->next)
    if (func_is(op, FUNC_call) && op->n_operands == 0 && op->n_results > 0)
      hide_results(arena, op);
  write_checks(arena, module, out_checks);
  return ALPA_OK;
}
