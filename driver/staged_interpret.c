/* Staged plans evaluated by the reference interpreter: every task runs its segment's partitioned function on the
 * devices of its stage in lockstep, as soon as what it waits for is there; transfers put a value together and cut it
 * anew. */
#include <string.h>

#include "dialects/func/func.h"
#include "driver/interpret.h"

/* The pieces of one value on the devices of its stage; NULL where it does not exist yet. */
typedef alpa_tensor *pieces;

typedef struct stage_run {
  alpa_interpretation *in;
  const alpa_staged *staged;
  alpa_op **functions;         /* by segment */
  pieces *variables;           /* by variable * number of micro-batches + micro-batch */
  pieces *arguments, *results; /* by part */
} stage_run;

static pieces *variable_at(stage_run *r, uint32_t variable, uint32_t microbatch) {
  uint32_t at = r->staged->variables.items[variable].per_microbatch ? microbatch : 0;
  return &r->variables[(size_t)variable * r->staged->n_microbatches + at];
}

static alpa_tensor put_together(stage_run *r, const alpa_image_tensor *tensor, const alpa_tensor *locals) {
  alpa_tensor whole = {.dtype = tensor->dtype, .rank = tensor->rank, .dims = tensor->global_dims};
  whole.data = alpa_arena_calloc(&r->in->arena, 1, alpa_tensor_bytes(&whole, r->in->arith));
  for (uint32_t d = 0; d < tensor->holders.n; d++)
    alpa_interpretation_gather(r->in, tensor, tensor->holders.first + d, &locals[d], whole.data);
  return whole;
}

static pieces cut(stage_run *r, const alpa_image_tensor *tensor, const alpa_tensor *whole) {
  pieces locals = alpa_arena_new(&r->in->arena, alpa_tensor, tensor->holders.n);
  for (uint32_t d = 0; d < tensor->holders.n; d++)
    locals[d] = alpa_interpretation_scatter(r->in, tensor, tensor->holders.first + d, whole);
  return locals;
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

static pieces number_microbatch(stage_run *r, const alpa_image_tensor *tensor, uint32_t microbatch, uint32_t n) {
  pieces locals = alpa_arena_new(&r->in->arena, alpa_tensor, n);
  for (uint32_t d = 0; d < n; d++) {
    locals[d] = (alpa_tensor){.dtype = tensor->dtype, .rank = 0};
    locals[d].data = alpa_arena_calloc(&r->in->arena, 1, 8);
    memcpy(locals[d].data, &(uint64_t){microbatch}, alpa_dtype_get_info(tensor->dtype)->bytes);
  }
  return locals;
}

/* What an argument of the task's segment is. */
static pieces find_input(stage_run *r, const alpa_link_task *task, uint32_t index) {
  const alpa_staged_segment *segment = &r->staged->segments.items[task->segment];
  alpa_wire wire = segment->arguments[index];
  switch (wire.kind) {
  case ALPA_WIRE_ARGUMENT:
    return r->arguments[wire.index];
  case ALPA_WIRE_VARIABLE:
    return *variable_at(r, wire.index, task->microbatch);
  case ALPA_WIRE_MICROBATCH:
    return number_microbatch(r, &segment->layout.arguments[index], task->microbatch, segment->layout.n_devices);
  case ALPA_WIRE_RESULT:
    break;
  }
  return NULL;
}

static void send(stage_run *r, uint32_t variable, uint32_t microbatch) {
  for (size_t i = 0; i < r->staged->transfers.n; i++) {
    const alpa_staged_transfer *transfer = &r->staged->transfers.items[i];
    if (transfer->from != variable)
      continue;
    alpa_tensor whole =
        put_together(r, &r->staged->variables.items[variable].tensor, *variable_at(r, variable, microbatch));
    *variable_at(r, transfer->to, microbatch) = cut(r, &r->staged->variables.items[transfer->to].tensor, &whole);
  }
}

static void take_output(stage_run *r, const alpa_link_task *task, uint32_t index, const alpa_tensor *outputs) {
  const alpa_staged_segment *segment = &r->staged->segments.items[task->segment];
  alpa_wire wire = segment->results[index];
  pieces locals = alpa_arena_new(&r->in->arena, alpa_tensor, segment->layout.n_devices);
  for (uint32_t d = 0; d < segment->layout.n_devices; d++)
    locals[d] = outputs[(size_t)d * segment->layout.n_results + index];
  if (wire.kind == ALPA_WIRE_RESULT) {
    r->results[wire.index] = locals;
    return;
  }
  *variable_at(r, wire.index, task->microbatch) = locals;
  send(r, wire.index, task->microbatch);
}

static void collect_inputs(stage_run *r, const alpa_link_task *task, alpa_tensor *inputs) {
  const alpa_layout *layout = &r->staged->segments.items[task->segment].layout;
  for (uint32_t i = 0; i < layout->n_arguments; i++) {
    pieces locals = find_input(r, task, i);
    for (uint32_t d = 0; d < layout->n_devices; d++)
      inputs[(size_t)d * layout->n_arguments + i] = locals[d];
  }
}

static alpa_status run_task(stage_run *r, const alpa_link_task *task) {
  const alpa_layout *layout = &r->staged->segments.items[task->segment].layout;
  alpa_arena *arena = &r->in->arena;
  alpa_tensor *inputs = alpa_arena_new(arena, alpa_tensor, (size_t)layout->n_devices * layout->n_arguments);
  alpa_tensor *outputs = alpa_arena_new(arena, alpa_tensor, (size_t)layout->n_devices * layout->n_results);
  collect_inputs(r, task, inputs);
  alpa_interp_options options = {.arith = r->in->arith, .field_key = r->in->key, .n_devices = layout->n_devices};
  ALPA_TRY(alpa_interp_run(&options, r->functions[task->segment], inputs, arena, outputs));
  for (uint32_t i = 0; i < layout->n_results; i++)
    take_output(r, task, i, outputs);
  return ALPA_OK;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static alpa_status begin(stage_run *r) {
  const alpa_staged *staged = r->staged;
  alpa_arena *arena = &r->in->arena;
  r->functions = alpa_arena_new(arena, alpa_op *, staged->segments.n);
  r->variables = alpa_arena_new(arena, pieces, staged->variables.n * staged->n_microbatches);
  r->arguments = alpa_arena_new(arena, pieces, staged->arguments.n);
  r->results = alpa_arena_new(arena, pieces, staged->results.n);
  alpa_staged_find_segments(staged, r->in->plan->partitioned->op, r->functions);
  for (size_t i = 0; i < staged->segments.n; i++)
    ALPA_TRY(alpa_func_find_main(r->functions[i], &r->functions[i]));
  for (size_t i = 0; i < staged->arguments.n; i++) {
    const alpa_staged_part *part = &staged->arguments.items[i];
    alpa_tensor whole = alpa_interpretation_argument(r->in, &part->tensor, part->index);
    r->arguments[i] = cut(r, &part->tensor, &whole);
  }
  return ALPA_OK;
}

/* The same of a result on an earlier stage must be the same elements. */
static bool is_contradicted(const stage_run *r, const alpa_tensor *wholes, size_t i) {
  const alpa_staged_part *part = &r->staged->results.items[i], *other = r->staged->results.items;
  for (size_t k = 0; k < i; k++, other++)
    if (other->index == part->index && alpa_image_tensor_is_same_part(&other->tensor, &part->tensor) &&
        memcmp(wholes[k].data, wholes[i].data, alpa_tensor_bytes(&wholes[i], r->in->arith)) != 0)
      return true;
  return false;
}

static alpa_status end(stage_run *r) {
  alpa_tensor *wholes = alpa_arena_new(&r->in->arena, alpa_tensor, r->staged->results.n);
  for (size_t i = 0; i < r->staged->results.n; i++) {
    const alpa_staged_part *part = &r->staged->results.items[i];
    wholes[i] = put_together(r, &part->tensor, r->results[i]);
    if (is_contradicted(r, wholes, i))
      return alpa_op_error(r->staged->func, "has another result %u on stage %u than on the one before", part->index,
                           part->stage);
    for (uint32_t d = 0; d < part->tensor.holders.n; d++)
      alpa_interpretation_gather(r->in, &part->tensor, part->tensor.holders.first + d, &r->results[i][d],
                                 r->in->results[part->index]);
  }
  return ALPA_OK;
}

alpa_status alpa_interpretation_run_stages(alpa_interpretation *in) {
  stage_run run = {.in = in, .staged = in->plan->staged};
  ALPA_TRY(begin(&run));
  for (size_t i = 0; i < run.staged->order.n; i++)
    ALPA_TRY(run_task(&run, &run.staged->order.items[i]));
  return end(&run);
}
