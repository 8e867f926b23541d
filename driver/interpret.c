/* Plans evaluated by the reference interpreter: global tensors are cut into the pieces of the interpreted devices, the
 * partitioned program runs on all of them in lockstep, and the results are put together again. */
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "driver/guard.h"
#include "driver/interpret.h"

/* The box of a tensor that one device holds, visited in rows along the last dimension. */
typedef struct piece {
  const alpa_image_tensor *tensor;
  const uint32_t *tiles;
  size_t element_bytes;
} piece;

/* Elements of the last dimension that exist in the global tensor. */
static int64_t row_length(const piece *p) {
  uint32_t last = p->tensor->rank - 1;
  int64_t start = p->tiles[last] * p->tensor->local_dims[last];
  int64_t rest = alpa_image_tensor_part_dim(p->tensor, last) - start;
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
      offset = alpa_image_tensor_part_start(t, t->rank - 1) + p->tiles[t->rank - 1] * t->local_dims[t->rank - 1];
    for (uint32_t d = t->rank ? t->rank - 1 : 0; d-- > 0;) {
      int64_t at = p->tiles[d] * t->local_dims[d] + rest % t->local_dims[d];
      rest /= t->local_dims[d];
      inside = inside && at < alpa_image_tensor_part_dim(t, d);
      offset += (alpa_image_tensor_part_start(t, d) + at) * stride;
      stride *= t->global_dims[d];
    }
    if (!inside)
      continue;
    char *there = global + (size_t)offset * p->element_bytes;
    char *here = local + (size_t)(r * row_stride) * p->element_bytes;
    memcpy(to_local ? here : there, to_local ? there : here, (size_t)row * p->element_bytes);
  }
}

alpa_tensor alpa_interpretation_scatter(alpa_interpretation *in, const alpa_image_tensor *t, uint32_t device,
                                        const alpa_tensor *whole) {
  alpa_tensor local = {.dtype = t->dtype, .rank = t->rank, .dims = t->local_dims};
  local.data = alpa_arena_calloc(&in->arena, 1, alpa_tensor_bytes(&local, in->arith));
  piece p = {t, alpa_image_tensor_tile(t, device), alpa_arith_element_bytes(in->arith, t->dtype)};
  copy_piece(&p, whole->data, local.data, true);
  return local;
}

void alpa_interpretation_gather(alpa_interpretation *in, const alpa_image_tensor *t, uint32_t device,
                                const alpa_tensor *local, void *whole) {
  piece p = {t, alpa_image_tensor_tile(t, device), alpa_arith_element_bytes(in->arith, t->dtype)};
  copy_piece(&p, whole, local->data, false);
}

alpa_tensor alpa_interpretation_argument(alpa_interpretation *in, const alpa_image_tensor *t, uint32_t index) {
  alpa_tensor whole = {t->dtype, t->rank, t->global_dims, (void *)(uintptr_t)in->arguments[index]};
  return in->arith == ALPA_ARITH_FIELD ? alpa_tensor_to_field(&in->arena, &whole) : whole;
}

static alpa_status run_partitioned(alpa_interpretation *in) {
  const alpa_layout *layout = &in->plan->layout;
  alpa_op *func = NULL;
  ALPA_TRY(alpa_func_find_main(in->plan->partitioned->op, &func));
  size_t n_inputs = (size_t)layout->n_devices * layout->n_arguments;
  alpa_tensor *inputs = alpa_arena_new(&in->arena, alpa_tensor, n_inputs);
  alpa_tensor *outputs = alpa_arena_new(&in->arena, alpa_tensor, (size_t)layout->n_devices * layout->n_results);
  for (uint32_t i = 0; i < layout->n_arguments; i++) {
    const alpa_image_tensor *t = &layout->arguments[i];
    alpa_tensor whole = alpa_interpretation_argument(in, t, i);
    for (uint32_t device = 0; device < layout->n_devices; device++)
      inputs[(size_t)device * layout->n_arguments + i] = alpa_interpretation_scatter(in, t, device, &whole);
  }
  alpa_interp_options options = {.arith = in->arith, .field_key = in->key, .n_devices = layout->n_devices};
  ALPA_TRY(alpa_interp_run(&options, func, inputs, &in->arena, outputs));
  for (uint32_t i = 0; i < layout->n_results; i++)
    for (uint32_t device = 0; device < layout->n_devices; device++)
      alpa_interpretation_gather(in, &layout->results[i], device, &outputs[(size_t)device * layout->n_results + i],
                                 in->results[i]);
  return ALPA_OK;
}

static alpa_status interpret(void *arguments) {
  alpa_interpretation *in = arguments;
  alpa_arena_init(&in->arena, &in->plan->ctx->memory);
  alpa_status status = alpa_compile_partition(in->plan);
  if (status == ALPA_OK)
    status = in->plan->staged ? alpa_interpretation_run_stages(in) : run_partitioned(in);
  alpa_arena_deinit(&in->arena);
  return status;
}

alpa_status alpa_plan_interpret(const alpa_plan *plan, bool field, uint64_t key, const void *const *arguments,
                                void *const *results) {
  if (!plan || (!arguments && plan->layout.n_arguments) || (!results && plan->layout.n_results))
    return ALPA_INVALID_ARGUMENT;
  alpa_interpretation in = {.plan = (alpa_plan *)(uintptr_t)plan,
                            .arith = field ? ALPA_ARITH_FIELD : ALPA_ARITH_REAL,
                            .key = key,
                            .arguments = arguments,
                            .results = results};
  return alpa_guard(&plan->ctx->memory, interpret, &in);
}
