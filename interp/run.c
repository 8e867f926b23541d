/* Executes compiled blocks: one op after the other, each for all devices that take part. */
#include "interp/machine.h"

#include <string.h>

#include "interp/field.h"

/* ---- frames ---- */

void alpa_frame_init(alpa_machine *machine, alpa_frame *frame, const alpa_program *body) {
  size_t bytes = (size_t)machine->n_devices * body->n_slots * sizeof(alpa_slot);
  *frame = (alpa_frame){.n_slots = body->n_slots, .storage = alpa_buffer_create(machine, bytes)};
  frame->slots = alpa_buffer_data(frame->storage);
  memset(frame->slots, 0, bytes);
}

void alpa_frame_deinit(alpa_machine *machine, alpa_frame *frame) {
  for (size_t i = 0; i < (size_t)machine->n_devices * frame->n_slots; i++)
    alpa_slot_clear(machine, &frame->slots[i]);
  alpa_buffer_release(machine, frame->storage);
}

void alpa_frame_clear(alpa_machine *machine, alpa_frame *frame, const alpa_program *program, alpa_active active) {
  for (uint32_t d = 0; d < active.n; d++) {
    for (uint32_t i = 0; i < program->n_args; i++)
      alpa_slot_clear(machine, alpa_frame_slot(frame, active.devices[d], program->args[i]));
    for (uint32_t i = 0; i < program->n_results; i++) {
      const alpa_value *value = alpa_op_operand(program->block->last, i);
      const alpa_block *home = value->op ? value->op->block : value->block;
      if (home == program->block)
        alpa_slot_clear(machine, alpa_frame_slot(frame, active.devices[d], program->results[i]));
    }
  }
}

/* ---- one op ----------------------------------------------------------------------------------------------------- */

static void set_result_types(alpa_call *call) {
  const alpa_op *op = call->op;
  bool spread = false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    spread |= alpa_call_in(call, i)->rank != 0;
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_type *type = op->results[i].type;
    alpa_tensor *tensor = &call->results[i]->tensor;
    *tensor = (alpa_tensor){.dtype = type->dtype, .rank = type->rank, .dims = type->dims};
    if (call->lanes && spread) {
      tensor->rank = 1;
      tensor->dims = call->lanes;
    }
  }
}

static alpa_status find_operands(alpa_call *call) {
  for (uint32_t i = 0; i < call->op->n_operands; i++) {
    call->operands[i] = alpa_call_slot(call, call->device, call->step->operands[i]);
    if (!call->operands[i]->tensor.data)
      return alpa_op_unsupported(call->op, "uses operand #%u, which is not a tensor", i);
  }
  return ALPA_OK;
}

enum { FEW = 8 };

static alpa_status eval_on_device(alpa_call *call) {
  alpa_slot *few[2 * FEW];
  const alpa_op *op = call->op;
  uint32_t n = op->n_operands + op->n_results;
  call->operands = n <= countof(few) ? few : alpa_call_scratch(call, n * sizeof(alpa_slot *));
  call->results = call->operands + op->n_operands;
  ALPA_TRY(find_operands(call));
  for (uint32_t i = 0; i < op->n_results; i++) {
    call->results[i] = alpa_call_slot(call, call->device, call->step->results[i]);
    alpa_slot_clear(call->machine, call->results[i]);
  }
  set_result_types(call);
  if (call->step->rule->kind == ALPA_EVAL_LOCAL)
    for (uint32_t i = 0; i < op->n_results; i++)
      alpa_slot_allocate(call->machine, call->results[i]);
  return call->step->rule->eval(call);
}

static alpa_status eval_step(alpa_call *call) {
  alpa_active all = call->active;
  if (call->step->rule->kind == ALPA_EVAL_JOINT) {
    alpa_status status = call->step->rule->eval(call);
    alpa_call_release(call, NULL);
    return status;
  }
  for (uint32_t d = 0; d < all.n; d++) {
    call->active = (alpa_active){.devices = &all.devices[d], .n = 1};
    call->device = all.devices[d];
    alpa_status status = eval_on_device(call);
    alpa_call_release(call, NULL);
    ALPA_TRY(status);
  }
  return ALPA_OK;
}

static alpa_status check_step(alpa_machine *machine, const alpa_step *step, alpa_active active) {
  if (step->rule->kind == ALPA_EVAL_NONE)
    return alpa_op_unsupported(step->op, "is not supported by the interpreter");
  machine->n_steps += active.n;
  if (machine->options.max_steps && machine->n_steps > machine->options.max_steps)
    return alpa_op_error(step->op,
                         "is reached after %lld steps, the limit of this run; raise the limit, or look for an "
                         "endless loop",
                         (long long)machine->options.max_steps);
  return ALPA_OK;
}

alpa_status alpa_machine_eval(alpa_machine *machine, alpa_frame *frame, alpa_step *step, alpa_active active,
                              const int64_t *lanes) {
  alpa_call call = {.machine = machine,
                    .step = step,
                    .op = step->op,
                    .frame = frame,
                    .active = active,
                    .device = active.devices[0],
                    .lanes = lanes};
  return eval_step(&call);
}

alpa_status alpa_machine_run(alpa_machine *machine, alpa_frame *frame, alpa_program *program, alpa_active active,
                             const int64_t *lanes) {
  for (uint32_t i = 0; i < program->n_steps; i++) {
    alpa_step *step = &program->steps[i];
    ALPA_TRY(check_step(machine, step, active));
    ALPA_TRY(alpa_machine_eval(machine, frame, step, active, lanes));
    for (uint32_t d = 0; d < active.n; d++)
      for (uint32_t k = 0; k < step->n_dead; k++)
        alpa_slot_clear(machine, alpa_frame_slot(frame, active.devices[d], step->dead[k]));
  }
  return ALPA_OK;
}

/* ---- functions -------------------------------------------------------------------------------------------------- */

static alpa_status check_input(const alpa_op *func, uint32_t index, const alpa_tensor *input) {
  const alpa_type *type = func->regions[0].first->args[index]->type;
  bool same = alpa_type_is_static_tensor(type) && input->dtype == type->dtype && input->rank == type->rank;
  for (uint32_t i = 0; same && i < type->rank; i++)
    same = input->dims[i] == type->dims[i];
  if (same)
    return ALPA_OK;
  alpa_context *ctx = alpa_op_context(func);
  if (!alpa_type_is_static_tensor(type))
    return alpa_op_unsupported(func,
                               "has argument #%u of type '%s'; the interpreter evaluates tensors of known shape only",
                               index, alpa_type_spell(ctx, type));
  const alpa_type *given = alpa_type_get_tensor(ctx, input->dtype, input->rank, input->dims);
  return alpa_op_error(func, "expects argument #%u of type '%s', got a tensor of type '%s'", index,
                       alpa_type_spell(ctx, type), alpa_type_spell(ctx, given));
}

static alpa_status bind_inputs(alpa_machine *machine, alpa_frame *frame, const alpa_program *body, const alpa_op *func,
                               const alpa_tensor *inputs) {
  for (uint32_t d = 0; d < machine->n_devices; d++)
    for (uint32_t i = 0; i < body->n_args; i++) {
      const alpa_tensor *input = &inputs[(size_t)d * body->n_args + i];
      ALPA_TRY(check_input(func, i, input));
      *alpa_frame_slot(frame, d, body->args[i]) = (alpa_slot){.tensor = *input};
    }
  return ALPA_OK;
}

/* A result may be no tensor (a token), or a collective may have left a device out. */
static alpa_status check_outputs(const alpa_machine *machine, const alpa_frame *frame, const alpa_program *body) {
  for (uint32_t d = 0; d < machine->n_devices; d++)
    for (uint32_t i = 0; i < body->n_results; i++)
      if (!alpa_frame_slot(frame, d, body->results[i])->tensor.data)
        return alpa_op_unsupported(body->block->last, "returns as value #%u nothing that is a tensor, on device %u", i,
                                   d);
  return ALPA_OK;
}

static void take_outputs(alpa_machine *machine, const alpa_frame *frame, const alpa_program *body, alpa_arena *arena,
                         alpa_tensor *outputs) {
  for (uint32_t d = 0; d < machine->n_devices; d++)
    for (uint32_t i = 0; i < body->n_results; i++) {
      alpa_tensor *output = &outputs[(size_t)d * body->n_results + i];
      *output = alpa_frame_slot(frame, d, body->results[i])->tensor;
      size_t bytes = alpa_tensor_bytes(output, machine->arith);
      void *data = alpa_arena_alloc_aligned(arena, bytes + 1, 64);
      memcpy(data, output->data, bytes);
      output->data = data;
      output->dims = alpa_arena_copy(arena, output->dims, output->rank * sizeof(int64_t));
    }
}

typedef struct answers {
  alpa_interp_report *report;
  alpa_arena *arena;
  ALPA_VEC(const alpa_op *) constant;
} answers;

static void report_predicates(const alpa_machine *machine, answers *a, const alpa_block *block) {
  const alpa_program *program = alpa_map_get_pointer(&machine->programs, block);
  for (uint32_t i = 0; program && i < program->n_steps; i++) {
    const alpa_step *step = &program->steps[i];
    a->report->n_predicates += step->answers != 0;
    if (step->answers == 1 || step->answers == 2)
      alpa_vec_push(a->arena, &a->constant, step->op);
    for (uint32_t r = 0; r < step->op->n_regions; r++)
      if (step->op->regions[r].first)
        report_predicates(machine, a, step->op->regions[r].first);
  }
}

static int64_t count_special(const alpa_machine *machine, const alpa_tensor *outputs, size_t n) {
  int64_t special = 0;
  for (size_t k = 0; k < n; k++) {
    alpa_number_kind kind = alpa_number_kind_of(machine->arith, outputs[k].dtype);
    int64_t words = kind == ALPA_NUMBER_FIELD ? 1 : kind == ALPA_NUMBER_FIELD_COMPLEX ? 2 : 0;
    for (int64_t i = 0; i < words * alpa_tensor_count(&outputs[k]); i++)
      special += alpa_field_is_special(((const uint64_t *)outputs[k].data)[i]);
  }
  return special;
}

static void fill_report(alpa_machine *machine, alpa_op *func, alpa_arena *arena) {
  alpa_interp_report *report = machine->options.report;
  if (!report)
    return;
  *report = (alpa_interp_report){.n_steps = machine->n_steps, .peak_bytes = machine->peak_bytes};
  answers a = {.report = report, .arena = arena};
  alpa_op *table = alpa_op_symbol_table(func);
  if (!table)
    report_predicates(machine, &a, func->regions[0].first);
  else
    for (const alpa_op *op = table->regions[0].first->first; op; op = op->next)
      if (op->n_regions && op->regions[0].first)
        report_predicates(machine, &a, op->regions[0].first);
  report->constant_predicates = a.constant.items;
  report->n_constant_predicates = (uint32_t)a.constant.n;
}

static alpa_status run_function(alpa_machine *machine, alpa_op *func, const alpa_tensor *inputs, alpa_arena *arena,
                                alpa_tensor *outputs) {
  alpa_program *body;
  ALPA_TRY(alpa_program_compile(machine, func, &body));
  alpa_frame frame;
  alpa_frame_init(machine, &frame, body);
  ALPA_TRY(bind_inputs(machine, &frame, body, func, inputs));
  uint32_t *devices = alpa_arena_new(&machine->arena, uint32_t, machine->n_devices);
  for (uint32_t d = 0; d < machine->n_devices; d++)
    devices[d] = d;
  ALPA_TRY(alpa_machine_run(machine, &frame, body, (alpa_active){devices, machine->n_devices}, NULL));
  ALPA_TRY(check_outputs(machine, &frame, body));
  take_outputs(machine, &frame, body, arena, outputs);
  fill_report(machine, func, arena);
  if (machine->options.report)
    machine->options.report->n_special = count_special(machine, outputs, (size_t)machine->n_devices * body->n_results);
  return ALPA_OK;
}

alpa_status alpa_interp_run(const alpa_interp_options *options, alpa_op *func, const alpa_tensor *inputs,
                            alpa_arena *arena, alpa_tensor *outputs) {
  if (func->n_regions != 1 || !func->regions[0].first)
    return alpa_op_error(func, "has no body to evaluate");
  alpa_machine machine;
  alpa_machine_init(&machine, alpa_op_context(func), options);
  alpa_status status;
  if (machine.n_devices % machine.n_replicas)
    status = alpa_op_error(func, "cannot run on %u devices in %u replicas; devices must divide evenly",
                           machine.n_devices, machine.n_replicas);
  else
    status = run_function(&machine, func, inputs, arena, outputs);
  alpa_machine_deinit(&machine);
  return status;
}
