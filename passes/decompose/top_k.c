/* ApproxTopK, the custom call of jax.lax.approx_max_k and approx_min_k: a sort by the comparison that it names, of which
 * the first elements are kept.  All are found: exact is allowed wherever approximate is. */
#include <string.h>

#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "passes/decompose/parts.h"

typedef struct top_k {
  const alpa_op *comparison; /* the function */
  int64_t dim;
} top_k;

/* False where the call is another one, or not as jax writes it. */
static bool read_call(alpa_op *op, top_k *out) {
  static const char target[] = "ApproxTopK";
  const alpa_str name = alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string;
  const alpa_attr *called = alpa_op_attr(op, stablehlo_custom_call_called_computations);
  const alpa_attr *config = alpa_op_find_attr(op, "mhlo.backend_config");
  if (name.size != strlen(target) || memcmp(name.data, target, name.size) != 0 || !called || !config ||
      called->array.n != 1 || op->n_operands != 2 * op->n_results || !op->n_results)
    return false;
  const alpa_attr *dim = alpa_attr_find(config, "reduction_dim");
  out->comparison = alpa_symbol_find(alpa_op_symbol_table(op), called->array.items[0]->string.data);
  out->dim = dim ? dim->integer : -1;
  return out->comparison && out->dim >= 0 && out->dim < alpa_op_operand_type(op, 0)->rank;
}

/* The function's body as a region, which returns as regions do. */
static void copy_comparison(alpa_parts *p, const alpa_op *func, alpa_op *sort) {
  alpa_value_map map;
  alpa_value_map_init(&map, p->arena);
  alpa_region_clone(sort->module, &func->regions[0], &sort->regions[0], &map);
  alpa_op *last = sort->regions[0].first->last;
  if (stablehlo_is(last, STABLEHLO_return))
    return;
  alpa_builder b = alpa_builder_before(last);
  alpa_value *answer = alpa_op_operand(last, 0);
  alpa_build(&b, &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_return], .operands = &answer, .n_operands = 1});
  alpa_op_erase(last);
}

static alpa_value *take_first(alpa_parts *p, alpa_value *x, const alpa_type *type) {
  int64_t *starts = alpa_arena_new(p->arena, int64_t, type->rank + 1);
  int64_t *strides = alpa_arena_new(p->arena, int64_t, type->rank + 1);
  for (uint32_t d = 0; d < type->rank; d++)
    strides[d] = 1;
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {0};
  attrs[stablehlo_slice_start_indices] = alpa_attr_get_i64s(p->ctx, starts, type->rank);
  attrs[stablehlo_slice_limit_indices] = alpa_attr_get_i64s(p->ctx, type->dims, type->rank);
  attrs[stablehlo_slice_strides] = alpa_attr_get_i64s(p->ctx, strides, type->rank);
  return alpa_part_build(p, STABLEHLO_slice, type, &x, 1, attrs);
}

bool alpa_decompose_approx_top_k(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  top_k call;
  if (!read_call(op, &call))
    return false;
  const alpa_type **types = alpa_arena_new(p->arena, const alpa_type *, op->n_results);
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++) {
    operands[i] = alpa_op_operand(op, i);
    types[i] = operands[i]->type;
  }
  const alpa_attr *attrs[stablehlo_sort_attr_count] = {0};
  attrs[stablehlo_sort_dimension] = alpa_attr_get_i64(p->ctx, call.dim);
  attrs[stablehlo_sort_is_stable] = alpa_attr_get_bool(p->ctx, true);
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_sort],
                               .loc = op->loc,
                               .operands = operands,
                               .n_operands = op->n_results,
                               .results = types,
                               .n_results = op->n_results,
                               .attrs = attrs,
                               .n_regions = 1};
  alpa_op *sort = alpa_build(&p->builder, &state);
  copy_comparison(p, call.comparison, sort);
  for (uint32_t i = 0; i < op->n_results; i++)
    out_results[i] = take_first(p, alpa_op_result(sort, i), op->results[i].type);
  return true;
}
