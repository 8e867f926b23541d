/* Which arguments carry the batch. */
#include <stdlib.h>
#include <string.h>

#include "dialects/func/func.h"
#include "passes/analysis/time.h"

static const alpa_value *argument(const alpa_op *func, uint32_t i) { return alpa_func_entry(func)->args[i]; }

bool alpa_arg_is_batch(const alpa_op *func, uint32_t i) {
  const alpa_type *type = argument(func, i)->type;
  const alpa_attr *said = alpa_func_find_arg_attr(func, i, ALPA_BATCH_ATTR);
  if (said && said->kind == ALPA_ATTR_INTEGER)
    return said->integer && type->rank > 0;
  return alpa_type_is_static_tensor(type) && type->rank > 0 &&
         !alpa_func_find_arg_attr(func, i, "tf.aliasing_output") &&
         !alpa_func_find_arg_attr(func, i, "jax.buffer_donor");
}

/* The argument that the text before `end` names, by number or by the name that the source gives to it; or the number of
 * arguments. */
static uint32_t find_argument(const alpa_op *func, const char *text, size_t size) {
  uint32_t n = alpa_func_entry(func)->n_args;
  char *end = NULL;
  unsigned long number = strtoul(text, &end, 10);
  if (size > 0 && end == text + size)
    return number < n ? (uint32_t)number : n;
  for (uint32_t i = 0; i < n; i++) {
    const char *name = alpa_loc_find_name(argument(func, i)->loc);
    if (name && strlen(name) == size && memcmp(name, text, size) == 0)
      return i;
  }
  return n;
}

static alpa_status read_argument(const alpa_op *func, const char *text, int64_t dim, alpa_batch *batch) {
  const char *colon = strrchr(text, ':');
  char *end = NULL;
  size_t size = colon ? (size_t)(colon - text) : strlen(text);
  uint32_t i = find_argument(func, text, size);
  if (i == alpa_func_entry(func)->n_args)
    return alpa_op_error(func, "has no argument '%.*s' to be the batch: expects the number of an argument, 0 to %u",
                         (int)size, text, alpa_func_entry(func)->n_args - 1);
  if (colon)
    dim = strtol(colon + 1, &end, 10);
  const alpa_type *type = argument(func, i)->type;
  if ((colon && (*end || end == colon + 1)) || dim < 0 || dim >= type->rank)
    return alpa_op_error(func, "has no dimension '%s' of argument %u to be the batch: it is of rank %u",
                         colon ? colon + 1 : "of that number", i, type->rank);
  batch->dims[i] = (int8_t)dim;
  return ALPA_OK;
}

/* Sizes that differ: which argument is the batch cannot be told. */
static alpa_status report_sizes(alpa_arena *arena, const alpa_op *func, const alpa_batch *batch) {
  enum { MOST_LISTED = 4 };
  const char *list = "";
  uint32_t n = 0;
  for (uint32_t i = 0; i < alpa_func_entry(func)->n_args; i++) {
    if (batch->dims[i] == ALPA_NO_DIM || n++ >= MOST_LISTED)
      continue;
    const alpa_type *type = argument(func, i)->type;
    list = alpa_arena_printf(arena, "%s%sargument %u has %lld", list, *list ? ", " : "", i,
                             (long long)type->dims[batch->dims[i]]);
  }
  return alpa_op_error(func,
                       "is ambiguous: the arguments that are neither state nor scalar should carry one batch along "
                       "dimension 0, but %s%s: name the batch with the option 'batch' (batch=7), or donate the state",
                       list, n > MOST_LISTED ? ", ..." : "");
}

alpa_status alpa_batch_find(alpa_arena *arena, const alpa_op *func, const alpa_batch_options *options,
                            alpa_batch *out_batch) {
  uint32_t n = alpa_func_entry(func)->n_args;
  alpa_batch batch = {.dims = alpa_arena_alloc(arena, n + 1)};
  memset(batch.dims, ALPA_NO_DIM, n + 1);
  for (size_t k = 0; k < options->n_args; k++)
    ALPA_TRY(read_argument(func, options->args[k], options->dim, &batch));
  for (uint32_t i = 0; i < n && options->n_args == 0; i++)
    if (alpa_arg_is_batch(func, i) && options->dim < argument(func, i)->type->rank)
      batch.dims[i] = (int8_t)options->dim;
  for (uint32_t i = 0; i < n; i++) {
    if (batch.dims[i] == ALPA_NO_DIM)
      continue;
    int64_t size = argument(func, i)->type->dims[batch.dims[i]];
    if (batch.size && batch.size != size)
      return report_sizes(arena, func, &batch);
    batch.size = size;
  }
  if (batch.size == 0)
    return alpa_op_error(func, "has no batch: every argument is a scalar or state that a result takes the place of "
                               "(tf.aliasing_output); name the batch with the option 'batch'");
  *out_batch = batch;
  return ALPA_OK;
}
