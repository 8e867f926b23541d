/* Per-device forms of ops, by factor rule.  Most ops are themselves on shards; here is what differs: attributes that
 * repeat sizes, positions that start at the shard's offset, padding that would be mixed in, indices into a shard. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "passes/partition/partition.h"

/* ---- masks ---- */

void alpa_local_mask(alpa_partitioner *p, alpa_local_op *local, uint32_t i) {
  const alpa_type *whole = alpa_op_operand_type(local->op, i);
  for (uint32_t f = 0; f < local->rule->n_factors; f++) {
    const alpa_factor *factor = &local->rule->factors[f];
    if (factor->kind == ALPA_FACTOR_REDUCE && factor->operand_dims[i] >= 0 && !(factor->care & ALPA_CARE_INDEX))
      local->operands[i] = alpa_emit_mask(p, local->operands[i], whole, &local->operand_states[i],
                                          (uint32_t)factor->operand_dims[i], factor->partial);
  }
}

static alpa_status form_contraction(alpa_partitioner *p, alpa_local_op *local) {
  alpa_local_mask(p, local, 0);
  alpa_local_mask(p, local, 1);
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_reduce(alpa_partitioner *p, alpa_local_op *local) {
  alpa_local_mask(p, local, 0);
  alpa_local_build(p, local);
  return ALPA_OK;
}

/* ---- sources ---- */

static alpa_status form_constant(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_attr *value = local->attrs[stablehlo_constant_value];
  alpa_state replicated = alpa_state_get_replicated();
  if (value->elements.splat)
    local->results[0] = alpa_emit_constant(p, local->result_types[0], value->elements.data, true);
  else
    local->results[0] = alpa_emit_reshard(p, alpa_emit_constant(p, value->type, value->elements.data, false),
                                          value->type, &replicated, &local->result_states[0]);
  return ALPA_OK;
}

static alpa_status form_iota(alpa_partitioner *p, alpa_local_op *local) {
  uint32_t dim = (uint32_t)alpa_op_int(local->op, stablehlo_iota_iota_dimension, 0), axes[ALPA_MAX_AXES];
  const alpa_type *type = local->result_types[0];
  alpa_local_build(p, local);
  uint32_t n = alpa_state_axes(p->mesh, &local->result_states[0], (int)dim, axes);
  if (n == 0)
    return ALPA_OK;
  alpa_value *offset = alpa_emit_convert(p, alpa_emit_coordinate(p, axes, n, type->dims[dim]), type->dtype);
  local->results[0] =
      alpa_emit(p, STABLEHLO_add, type, ALPA_VALUES(local->results[0], alpa_emit_broadcast(p, offset, type)), NULL);
  return ALPA_OK;
}

/* ---- sizes in attributes ---- */

/* Where `sizes` covers all of a dimension of operand 0, it covers all of the shard. */
static const alpa_attr *shrink_sizes(alpa_partitioner *p, const alpa_local_op *local, int ordinal) {
  const alpa_type *whole = alpa_op_operand_type(local->op, 0), *shard = local->operands[0]->type;
  size_t n;
  const int64_t *sizes = alpa_op_i64s(local->op, ordinal, &n);
  int64_t *shrunk = alpa_arena_copy(p->arena, sizes, n * sizeof *sizes);
  for (size_t d = 0; d < n; d++)
    if (sizes[d] == whole->dims[d])
      shrunk[d] = shard->dims[d];
  return alpa_attr_get_i64s(p->ctx, shrunk, n);
}

static alpa_status form_slice(alpa_partitioner *p, alpa_local_op *local) {
  local->attrs[stablehlo_slice_limit_indices] = shrink_sizes(p, local, stablehlo_slice_limit_indices);
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_dynamic_slice(alpa_partitioner *p, alpa_local_op *local) {
  local->attrs[stablehlo_dynamic_slice_slice_sizes] = shrink_sizes(p, local, stablehlo_dynamic_slice_slice_sizes);
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_broadcast(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_type *type = local->result_types[0];
  local->attrs[stablehlo_broadcast_broadcast_sizes] =
      alpa_attr_get_i64s(p->ctx, type->dims, type->rank - local->operands[0]->type->rank);
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_reshard(alpa_partitioner *p, alpa_local_op *local) {
  (void)p;
  local->results[0] = local->operands[0];
  return ALPA_OK;
}

static alpa_status form_custom_call(alpa_partitioner *p, alpa_local_op *local) {
  if (local->rule->n_factors > 0 || local->rule->n_flows > 0)
    return form_reshard(p, local); /* an annotation */
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_whole(alpa_partitioner *p, alpa_local_op *local) {
  if (local->op->n_regions > 0)
    return alpa_op_unsupported(local->op, "has a region that cannot be partitioned");
  alpa_local_build(p, local);
  return ALPA_OK;
}

static alpa_status form_collective(alpa_partitioner *p, alpa_local_op *local) {
  (void)p;
  return alpa_op_unsupported(local->op, "is a collective already: only programs for one device can be partitioned");
}

static alpa_status form_call(alpa_partitioner *p, alpa_local_op *local) {
  (void)p;
  return alpa_op_unsupported(local->op, "cannot be partitioned: run the pass 'inline' first");
}

/* ---- table
 * ----------------------------------------------------------------------------------------------------------------------
 */

/* X(name of the rule, form): rules that are not listed keep their op. */
#define FORM_TABLE(X)                                                                                                  \
  X(whole, form_whole)                                                                                                 \
  X(collective, form_collective)                                                                                       \
  X(constant, form_constant)                                                                                           \
  X(iota, form_iota)                                                                                                   \
  X(broadcast, form_broadcast)                                                                                         \
  X(slice, form_slice)                                                                                                 \
  X(dynamic_slice, form_dynamic_slice)                                                                                 \
  X(dot, form_contraction)                                                                                             \
  X(dot_general, form_contraction)                                                                                     \
  X(convolution, alpa_form_convolution)                                                                                \
  X(reduce, form_reduce)                                                                                               \
  X(reduce_window, alpa_form_reduce_window)                                                                            \
  X(gather, alpa_form_gather)                                                                                          \
  X(scatter, alpa_form_scatter)                                                                                        \
  X(reshard, form_reshard)                                                                                             \
  X(call, form_call)                                                                                                   \
  X(custom_call, form_custom_call)

static const struct form_row {
  const char *rule;
  alpa_form_fn *form;
} form_rows[] = {
#define X(rule, form) {#rule, form},
    FORM_TABLE(X)
#undef X
};

/* clang-format off */
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [STABLEHLO_##id] = #factors,
static const char *const stablehlo_rules[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [FUNC_##id] = #factors,
static const char *const func_rules[FUNC_OP_COUNT] = {
#include "dialects/func/func_ops.def"
};
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [SDY_##id] = #factors,
static const char *const sdy_rules[SDY_OP_COUNT] = {
#include "dialects/sdy/sdy_ops.def"
};
/* clang-format on */

static const char *rule_name(const alpa_op_def *def) {
  if (def->dialect == &alpa_stablehlo_dialect)
    return stablehlo_rules[def->id];
  if (def->dialect == &alpa_func_dialect)
    return func_rules[def->id];
  if (def->dialect == &alpa_sdy_dialect)
    return sdy_rules[def->id];
  return "";
}

alpa_form_fn *alpa_form_find(const alpa_op_def *def) {
  const char *name = rule_name(def);
  for (size_t i = 0; i < countof(form_rows); i++)
    if (strcmp(form_rows[i].rule, name) == 0)
      return form_rows[i].form;
  return NULL;
}
