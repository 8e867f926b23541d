/* Plans evaluated by the reference interpreter: global tensors are cut into the pieces of the interpreted devices, the
 * partitioned program runs on all of them in lockstep, and the results are put together again. */
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "driver/compile.h"
#include "driver/guard.h"
#include "interp/interp.h"

typedef struct interpret_args {
  alpa_plan *plan;
  bool field;
  uint64_t key;
  const void *const *arguments;
  void *const *results;
  alpa_arena arena;
} interpret_args;

/* The box of a tensor that one device holds, visited in rows along the last dimension. */
typedef struct piece {
  const alpa_image_tensor *tensor;
  const uint32_t *tiles;
  size_t element_bytes;
} piece;

/* Elements of the last dimension that exist in the global tensor. */
static int64_t row_length(const piece *p) {
  uint32_t last = p->tensor->rank - 1;
  int64_t start = p->tiles[last] * p->tensor->local_dims[last], rest = p->tensor->global_dims[last] - start;
  return rest < 0 ? 0 : rest < p->tensor->local_dims[last] ? rest : p->tensor->local_dims[last];
}

/* Copies between the global tensor and a device's piece; padding is left alone. */
static void copy_piece(const piece *p, char *global, char *local, bool to_local) {
  const alpa_image_tensor *t = p->tensor;
  int64_t rows = 1, row = t->rank ? row_length(p) : 1, row_stride = t->rank ? t->local_dims[t->rank - 1] : 1;
  for (uint32_t d = 0; d + 1 < t->rank; d++)
    rows *= t->local_dims[d];
  for (int64_t r = 0; r < rows; r++) {
    int64_t rest = r, offset = 0, stride = t->rank ? t->global_dims[t->rank - 1] : 1;
    bool inside = row > 0;
    if (t->rank)
      offset = p->tiles[t->rank - 1] * t->local_dims[t->rank - 1];
    for (uint32_t d = t->rank ? t->rank - 1 : 0; d-- > 0;) {
      int64_t at = p->tiles[d] * t->local_dims[d] + rest % t->local_dims[d];
      rest /= t->local_dims[d];
      inside = inside && at < t->global_dims[d];
      offset += at * stride;
      stride *= t->global_dims[d];
    }
    if (!inside)
      continue;
    char *there = global + (size_t)offset * p->element_bytes;
    char *here = local + (size_t)(r * row_stride) * p->element_bytes;
    memcpy(to_local ? here : there, to_local ? there : here, (size_t)row * p->element_bytes);
  }
}

static alpa_tensor scatter(interpret_args *args, const alpa_image_tensor *t, uint32_t device,
                           const alpa_tensor *whole) {
  alpa_arith arith = args->field ? ALPA_ARITH_FIELD : ALPA_ARITH_REAL;
  alpa_tensor local = {.dtype = t->dtype, .rank = t->rank, .dims = t->local_dims};
  local.data = alpa_arena_calloc(&args->arena, 1, alpa_tensor_bytes(&local, arith));
  piece p = {t, t->tiles + (size_t)device * t->rank, alpa_arith_element_bytes(arith, t->dtype)};
  copy_piece(&p, whole->data, local.data, true);
  return local;
}

static alpa_status run_partitioned(interpret_args *args) {
  alpa_plan *plan = args->plan;
  const alpa_layout *layout = &plan->layout;
  alpa_arith arith = args->field ? ALPA_ARITH_FIELD : ALPA_ARITH_REAL;
  alpa_op *func = NULL;
  ALPA_TRY(alpa_compile_partition(plan));
  ALPA_TRY(alpa_func_find_main(plan->partitioned->op, &func));
  size_t n_inputs = (size_t)layout->n_devices * layout->n_arguments;
  alpa_tensor *inputs = alpa_arena_new(&args->arena, alpa_tensor, n_inputs);
  alpa_tensor *outputs = alpa_arena_new(&args->arena, alpa_tensor, (size_t)layout->n_devices * layout->n_results);
  for (uint32_t i = 0; i < layout->n_arguments; i++) {
    const alpa_image_tensor *t = &layout->arguments[i];
    alpa_tensor whole = {t->dtype, t->rank, t->global_dims, (void *)args->arguments[i]};
    if (args->field)
      whole = alpa_tensor_to_field(&args->arena, &whole);
    for (uint32_t device = 0; device < layout->n_devices; device++)
      inputs[(size_t)device * layout->n_arguments + i] = scatter(args, t, device, &whole);
  }
  alpa_interp_options options = {.arith = arith, .field_key = args->key, .n_devices = layout->n_devices};
  ALPA_TRY(alpa_interp_run(&options, func, inputs, &args->arena, outputs));
  for (uint32_t i = 0; i < layout->n_results; i++)
    for (uint32_t device = 0; device < layout->n_devices; device++) {
      const alpa_image_tensor *t = &layout->results[i];
      piece p = {t, t->tiles + (size_t)device * t->rank, alpa_arith_element_bytes(arith, t->dtype)};
      copy_piece(&p, args->results[i], outputs[(size_t)device * layout->n_results + i].data, false);
    }
  return ALPA_OK;
}

static alpa_status interpret(void *arguments) {
  interpret_args *args = arguments;
  alpa_arena_init(&args->arena, &args->plan->ctx->memory);
  alpa_status status = run_partitioned(args);
  alpa_arena_deinit(&args->arena);
  return status;
}

alpa_status alpa_plan_interpret(const alpa_plan *plan, bool field, uint64_t key, const void *const *arguments,
                                void *const *results) {
  if (!plan || (!arguments && plan->layout.n_arguments) || (!results && plan->layout.n_results))
    return ALPA_INVALID_ARGUMENT;
  interpret_args args = {
      .plan = (alpa_plan *)plan, .field = field, .key = key, .arguments = arguments, .results = results};
  return alpa_guard(&plan->ctx->memory, interpret, &args);
}
