/* Regions as functions of elements: the body of a reduce, a comparator, a map.  A body of elementwise ops runs on many
 * lanes at once, each rank-0 value a vector; any other body runs lane by lane. */
#include "interp/machine.h"

#include <string.h>

#include "interp/convert.h"

/* Lanes at a time: intermediates of a body stay in the cache. */
enum { LANE_BLOCK = 4096 };

static alpa_tensor part(const alpa_machine *machine, const alpa_tensor *tensor, int64_t first) {
  alpa_tensor view = *tensor;
  view.data = (char *)tensor->data + (size_t)first * alpa_arith_element_bytes(machine->arith, tensor->dtype);
  return view;
}

/* The argument's slot becomes a view of the caller's elements, or of converted ones. */
static void bind(alpa_call *call, const alpa_program *program, uint32_t i, alpa_tensor view, int64_t lanes) {
  alpa_machine *machine = call->machine;
  alpa_dtype dtype = program->block->args[i]->type->dtype;
  alpa_slot *slot = alpa_call_slot(call, call->device, program->args[i]);
  alpa_slot_clear(machine, slot);
  *slot = (alpa_slot){.tensor = view};
  if (dtype == view.dtype)
    return;
  slot->tensor.dtype = dtype;
  slot->buffer = alpa_buffer_create(machine, (size_t)lanes * alpa_call_element_bytes(call, dtype));
  slot->tensor.data = alpa_buffer_data(slot->buffer);
  alpa_elements_convert(machine, &view, (size_t)lanes, &slot->tensor);
}

/* Copies the result out, spreading it where all lanes share one value. */
static alpa_status take(alpa_call *call, const alpa_program *program, uint32_t i, alpa_tensor to, int64_t lanes) {
  const alpa_tensor *from = &alpa_call_slot(call, call->device, program->results[i])->tensor;
  if (from->dtype != to.dtype)
    return alpa_op_error(call->op, "expects its region to return '%s' as result #%u, got '%s'",
                         alpa_dtype_get_info(to.dtype)->spelling, i, alpa_dtype_get_info(from->dtype)->spelling);
  size_t bytes = alpa_call_element_bytes(call, to.dtype);
  bool spread = from->rank != 0;
  if (spread)
    memmove(to.data, from->data, (size_t)lanes * bytes);
  for (int64_t k = 0; !spread && k < lanes; k++)
    memcpy((char *)to.data + (size_t)k * bytes, from->data, bytes);
  return ALPA_OK;
}

typedef struct application {
  alpa_program *program;
  const alpa_tensor *args, *results;
} application;

/* One run of the program from element `first` on: on `lanes` lanes, or on rank-0 values where lanes is 0. */
static alpa_status apply_block(alpa_call *call, const application *a, int64_t first, int64_t lanes) {
  alpa_program *program = a->program;
  int64_t n = lanes ? lanes : 1;
  for (uint32_t i = 0; i < program->n_args; i++) {
    alpa_tensor view = part(call->machine, &a->args[i], first);
    view.rank = lanes ? 1 : 0;
    view.dims = &lanes;
    bind(call, program, i, view, n);
  }
  alpa_active active = {.devices = &call->device, .n = 1};
  ALPA_TRY(alpa_machine_run(call->machine, call->frame, program, active, lanes ? &lanes : NULL));
  for (uint32_t i = 0; i < program->n_results; i++)
    ALPA_TRY(take(call, program, i, part(call->machine, &a->results[i], first), n));
  alpa_frame_clear(call->machine, call->frame, program, active);
  return ALPA_OK;
}

alpa_status alpa_call_apply(alpa_call *call, uint32_t region, const alpa_tensor *args, int64_t lanes,
                            const alpa_tensor *results) {
  alpa_program *program = alpa_program_find(call->machine, &call->op->regions[region]);
  if (!program)
    return alpa_op_error(call->op, "has an empty region #%u", region);
  int64_t block = program->elementwise ? LANE_BLOCK : 1;
  for (int64_t first = 0; first < lanes; first += block) {
    int64_t n = lanes - first < block ? lanes - first : block;
    ALPA_TRY(apply_block(call, &(application){program, args, results}, first, program->elementwise ? n : 0));
  }
  return ALPA_OK;
}

const alpa_op *alpa_region_single_op(const alpa_region *region) {
  const alpa_block *block = region->first;
  if (!block || block->n_args != 2 || !block->first || block->first == block->last || block->first->next != block->last)
    return NULL;
  const alpa_op *op = block->first, *last = block->last;
  if (!alpa_op_has(op, ALPA_ELEMENTWISE) || op->n_operands != 2 || last->n_operands != 1 ||
      alpa_op_operand(last, 0) != alpa_op_result(op, 0))
    return NULL;
  bool straight = alpa_op_operand(op, 0) == block->args[0] && alpa_op_operand(op, 1) == block->args[1];
  bool reversed = alpa_op_operand(op, 0) == block->args[1] && alpa_op_operand(op, 1) == block->args[0];
  return straight || (reversed && alpa_op_has(op, ALPA_COMMUTATIVE)) ? op : NULL;
}
