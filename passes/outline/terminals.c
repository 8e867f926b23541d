/* One look at the uses of each argument.  split-loops leaves stacked state so: a slice for every range of layers. */
#include "passes/outline/terminals.h"

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

/* Whether a slice is elements [begin, begin + size) along the dimension and all along the others. */
static bool is_part(const alpa_op *slice, uint32_t dim, int64_t begin, int64_t size) {
  size_t n;
  const int64_t *start = alpa_op_i64s(slice, stablehlo_slice_start_indices, &n);
  const int64_t *limit = alpa_op_i64s(slice, stablehlo_slice_limit_indices, &n);
  const int64_t *stride = alpa_op_i64s(slice, stablehlo_slice_strides, &n);
  const int64_t *dims = alpa_op_operand_type(slice, 0)->dims;
  for (uint32_t d = 0; d < n; d++) {
    int64_t first = d == dim ? begin : 0, last = d == dim ? begin + size : dims[d];
    if (stride[d] != 1 || start[d] != first || limit[d] != last)
      return false;
  }
  return true;
}

static alpa_value *find_slice(const alpa_op *func, const alpa_value *arg, uint32_t dim, int64_t begin, int64_t size) {
  for (const alpa_use *use = arg->uses; use; use = use->next)
    if (use->owner->block == alpa_func_entry(func) && stablehlo_is(use->owner, STABLEHLO_slice) &&
        is_part(use->owner, dim, begin, size))
      return use->owner->results;
  return NULL;
}

static uint32_t count_uses(const alpa_value *value) {
  uint32_t n = 0;
  for (const alpa_use *use = value->uses; use; use = use->next)
    n++;
  return n;
}

/* The concatenation that replaces an argument slice by slice, or NULL. */
static alpa_op *find_join(const alpa_op *func, uint32_t arg) {
  const alpa_block *entry = alpa_func_entry(func);
  const alpa_attr *alias = alpa_func_find_arg_attr(func, arg, "tf.aliasing_output");
  if (!alias || alias->kind != ALPA_ATTR_INTEGER || (uint64_t)alias->integer >= entry->last->n_operands)
    return NULL;
  alpa_op *join = alpa_op_operand(entry->last, (uint32_t)alias->integer)->op;
  if (!join || !stablehlo_is(join, STABLEHLO_concatenate) || !alpa_value_has_one_use(join->results) ||
      join->results->type != entry->args[arg]->type || count_uses(entry->args[arg]) != join->n_operands)
    return NULL;
  uint32_t dim = (uint32_t)alpa_op_int(join, stablehlo_concatenate_dimension, 0);
  int64_t begin = 0;
  for (uint32_t i = 0; i < join->n_operands; i++) {
    int64_t size = alpa_op_operand_type(join, i)->dims[dim];
    if (!find_slice(func, entry->args[arg], dim, begin, size))
      return NULL;
    begin += size;
  }
  return join;
}

static const alpa_attr *make_offset(alpa_arena *arena, const alpa_op *func, const alpa_type *type, uint32_t dim,
                                    int64_t begin) {
  int64_t *starts = alpa_arena_new(arena, int64_t, type->rank);
  starts[dim] = begin;
  return alpa_attr_get_i64s(alpa_op_context(func), starts, type->rank);
}

static void add_slices(alpa_arena *arena, const alpa_op *func, uint32_t arg, alpa_op *join,
                       alpa_terminal_list *arguments, alpa_terminal_list *results) {
  const alpa_value *whole = alpa_func_entry(func)->args[arg];
  uint32_t dim = (uint32_t)alpa_op_int(join, stablehlo_concatenate_dimension, 0);
  uint32_t result = alpa_use_index(join->results->uses);
  int64_t begin = 0;
  for (uint32_t i = 0; i < join->n_operands; i++) {
    int64_t size = alpa_op_operand_type(join, i)->dims[dim];
    const alpa_attr *offset = make_offset(arena, func, whole->type, dim, begin);
    alpa_vec_push(arena, arguments, ((alpa_terminal){find_slice(func, whole, dim, begin, size), arg, offset}));
    alpa_vec_push(arena, results, ((alpa_terminal){alpa_op_operand(join, i), result, offset}));
    begin += size;
  }
}

void alpa_terminals_find(alpa_arena *arena, alpa_op *func, alpa_terminal_list *out_arguments,
                         alpa_terminal_list *out_results) {
  const alpa_block *entry = alpa_func_entry(func);
  bool *is_sliced = alpa_arena_new(arena, bool, entry->last->n_operands);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    alpa_op *join = find_join(func, i);
    if (join) {
      is_sliced[alpa_use_index(join->results->uses)] = true;
      add_slices(arena, func, i, join, out_arguments, out_results);
    } else {
      alpa_vec_push(arena, out_arguments, ((alpa_terminal){.value = entry->args[i], .index = i}));
    }
  }
  for (uint32_t k = 0; k < entry->last->n_operands; k++)
    if (!is_sliced[k])
      alpa_vec_push(arena, out_results, ((alpa_terminal){.value = alpa_op_operand(entry->last, k), .index = k}));
}
