/* Control flow.  The devices that execute a block are a set; predicates split it, so devices may take different ways as
 * long as no collective needs the ones that are absent. */
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"

enum { MAX_DEPTH = 200 };

static alpa_slot *result_slot(const alpa_call *call, uint32_t device, uint32_t i) {
  return alpa_call_slot(call, device, call->step->results[i]);
}

static alpa_slot *operand_slot(const alpa_call *call, uint32_t device, uint32_t i) {
  return alpa_call_slot(call, device, call->step->operands[i]);
}

static alpa_status check_operands(const alpa_call *call) {
  for (uint32_t i = 0; i < call->op->n_operands; i++)
    if (!operand_slot(call, call->device, i)->tensor.data)
      return alpa_op_unsupported(call->op, "uses operand #%u, which is not a tensor", i);
  return ALPA_OK;
}

/* The results of a block become those of the op. */
static void take_results(alpa_call *call, alpa_frame *from, const alpa_program *program, alpa_active active) {
  for (uint32_t d = 0; d < active.n; d++)
    for (uint32_t i = 0; i < program->n_results; i++)
      alpa_slot_copy(call->machine, result_slot(call, active.devices[d], i),
                     alpa_frame_slot(from, active.devices[d], program->results[i]));
}

/* ---- while ------------------------------------------------------------------------------------------------------ */

/* The carry lives in the result slots of the op; a block gets it in its argument slots, the last one for keeps. */
static void pass_carry(alpa_call *call, const alpa_program *program, alpa_active active, bool keep) {
  for (uint32_t d = 0; d < active.n; d++)
    for (uint32_t i = 0; i < program->n_args; i++) {
      alpa_slot *carry = result_slot(call, active.devices[d], i);
      alpa_slot *arg = alpa_call_slot(call, active.devices[d], program->args[i]);
      alpa_slot_copy(call->machine, arg, carry);
      if (!keep)
        alpa_slot_clear(call->machine, carry);
    }
}

/* Evaluates the condition and keeps the devices where it holds. */
static alpa_status split_by_condition(alpa_call *call, alpa_program *cond, uint32_t *devices, uint32_t *n) {
  alpa_active active = {devices, *n};
  pass_carry(call, cond, active, true);
  ALPA_TRY(alpa_machine_run(call->machine, call->frame, cond, active, NULL));
  uint32_t kept = 0, was = *n;
  uint32_t *before = alpa_call_scratch(call, was * sizeof *before);
  memcpy(before, devices, was * sizeof *before);
  for (uint32_t d = 0; d < was; d++)
    if (*(const uint8_t *)alpa_call_slot(call, before[d], cond->results[0])->tensor.data)
      devices[kept++] = before[d];
  alpa_frame_clear(call->machine, call->frame, cond, (alpa_active){before, was});
  *n = kept;
  return ALPA_OK;
}

static alpa_status run_loop(alpa_call *call, alpa_program *cond, alpa_program *body) {
  uint32_t n = call->active.n;
  uint32_t *devices = alpa_call_scratch(call, n * sizeof *devices);
  memcpy(devices, call->active.devices, n * sizeof *devices);
  for (alpa_buffer *mark = call->scratch;; alpa_call_release(call, mark)) {
    ALPA_TRY(split_by_condition(call, cond, devices, &n));
    if (!n)
      return ALPA_OK;
    alpa_active active = {devices, n};
    pass_carry(call, body, active, false);
    ALPA_TRY(alpa_machine_run(call->machine, call->frame, body, active, NULL));
    take_results(call, call->frame, body, active);
    alpa_frame_clear(call->machine, call->frame, body, active);
  }
}

alpa_status alpa_eval_while(alpa_call *call) {
  alpa_program *cond = alpa_program_find(call->machine, &call->op->regions[0]);
  alpa_program *body = alpa_program_find(call->machine, &call->op->regions[1]);
  if (!cond || !body)
    return alpa_op_error(call->op, "expects two regions with a block each");
  ALPA_TRY(check_operands(call));
  for (uint32_t d = 0; d < call->active.n; d++)
    for (uint32_t i = 0; i < call->op->n_operands; i++)
      alpa_slot_copy(call->machine, result_slot(call, call->active.devices[d], i),
                     operand_slot(call, call->active.devices[d], i));
  return run_loop(call, cond, body);
}

/* ---- branches --------------------------------------------------------------------------------------------------- */

/* Runs each region for the devices that chose it. */
static alpa_status run_branches(alpa_call *call, const int64_t *chosen) {
  for (uint32_t r = 0; r < call->op->n_regions; r++) {
    uint32_t n = 0, *devices = alpa_call_scratch(call, call->active.n * sizeof *devices);
    for (uint32_t d = 0; d < call->active.n; d++)
      if (chosen[d] == (int64_t)r)
        devices[n++] = call->active.devices[d];
    if (!n)
      continue;
    alpa_program *branch = alpa_program_find(call->machine, &call->op->regions[r]);
    if (!branch)
      return alpa_op_error(call->op, "has an empty region #%u", r);
    alpa_active active = {devices, n};
    ALPA_TRY(alpa_machine_run(call->machine, call->frame, branch, active, NULL));
    take_results(call, call->frame, branch, active);
    alpa_frame_clear(call->machine, call->frame, branch, active);
  }
  return ALPA_OK;
}

alpa_status alpa_eval_if(alpa_call *call) {
  ALPA_TRY(check_operands(call));
  int64_t *chosen = alpa_call_scratch(call, call->active.n * sizeof *chosen);
  for (uint32_t d = 0; d < call->active.n; d++)
    chosen[d] = *(const uint8_t *)operand_slot(call, call->active.devices[d], 0)->tensor.data ? 0 : 1;
  return run_branches(call, chosen);
}

alpa_status alpa_eval_case(alpa_call *call) {
  ALPA_TRY(check_operands(call));
  int64_t *chosen = alpa_call_scratch(call, call->active.n * sizeof *chosen);
  int64_t n = call->op->n_regions;
  for (uint32_t d = 0; d < call->active.n; d++) {
    int64_t index = alpa_tensor_integer(&operand_slot(call, call->active.devices[d], 0)->tensor, 0);
    chosen[d] = index >= 0 && index < n ? index : n - 1;
  }
  return run_branches(call, chosen);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static alpa_status run_callee(alpa_call *call, alpa_op *callee) {
  alpa_machine *machine = call->machine;
  alpa_program *body;
  ALPA_TRY(alpa_program_compile(machine, callee, &body));
  if (body->n_args != call->op->n_operands || body->n_results != call->op->n_results)
    return alpa_op_error(call->op, "passes %u values for %u results to a function of %u arguments and %u results",
                         call->op->n_operands, call->op->n_results, body->n_args, body->n_results);
  alpa_frame frame;
  alpa_frame_init(machine, &frame, body);
  for (uint32_t d = 0; d < call->active.n; d++)
    for (uint32_t i = 0; i < body->n_args; i++)
      alpa_slot_copy(machine, alpa_frame_slot(&frame, call->active.devices[d], body->args[i]),
                     operand_slot(call, call->active.devices[d], i));
  ALPA_TRY(alpa_machine_run(machine, &frame, body, call->active, NULL));
  take_results(call, &frame, body, call->active);
  alpa_frame_deinit(machine, &frame);
  return ALPA_OK;
}

static alpa_status call_symbol(alpa_call *call, const char *name, size_t size) {
  alpa_op *table = alpa_op_symbol_table(call->op);
  alpa_op *callee = table ? alpa_symbol_find(table, alpa_name_n(alpa_op_context(call->op), name, size)) : NULL;
  if (!callee || !func_is(callee, FUNC_func) || !callee->regions[0].first)
    return alpa_op_error(call->op, "calls '@%.*s', which is not a function with a body in this module", (int)size,
                         name);
  if (call->machine->depth == MAX_DEPTH)
    return alpa_op_error(call->op, "is nested in %d calls; the interpreter stops there", MAX_DEPTH);
  call->machine->depth++;
  alpa_status status = run_callee(call, callee);
  call->machine->depth--;
  return status;
}

alpa_status alpa_eval_call(alpa_call *call) {
  ALPA_TRY(check_operands(call));
  const alpa_attr *callee = alpa_op_attr(call->op, func_call_callee);
  return call_symbol(call, callee->string.data, callee->string.size);
}

alpa_status alpa_eval_composite(alpa_call *call) {
  ALPA_TRY(check_operands(call));
  const alpa_attr *callee = alpa_op_attr(call->op, stablehlo_composite_decomposition);
  return call_symbol(call, callee->string.data, callee->string.size);
}

/* A region that is run once, its arguments the operands. */
alpa_status alpa_eval_named_computation(alpa_call *call) {
  ALPA_TRY(check_operands(call));
  alpa_program *body = alpa_program_find(call->machine, &call->op->regions[0]);
  if (!body)
    return alpa_op_error(call->op, "has no body to evaluate");
  for (uint32_t d = 0; d < call->active.n; d++)
    for (uint32_t i = 0; i < body->n_args; i++)
      alpa_slot_copy(call->machine, alpa_call_slot(call, call->active.devices[d], body->args[i]),
                     operand_slot(call, call->active.devices[d], i));
  ALPA_TRY(alpa_machine_run(call->machine, call->frame, body, call->active, NULL));
  take_results(call, call->frame, body, call->active);
  alpa_frame_clear(call->machine, call->frame, body, call->active);
  return ALPA_OK;
}

/* ---- custom calls ----------------------------------------------------------------------------------------------- */

/* Annotations that leave their operands as they are. */
static const char *const identities[] = {"Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape",
                                         "annotate_device_placement"};

static bool is_identity(const alpa_call *call, alpa_str target) {
  bool found = false;
  for (size_t i = 0; i < countof(identities); i++)
    found |= strlen(identities[i]) == target.size && !memcmp(identities[i], target.data, target.size);
  if (!found || call->op->n_operands != call->op->n_results)
    return false;
  for (uint32_t i = 0; i < call->op->n_results; i++)
    if (alpa_op_operand_type(call->op, i) != call->op->results[i].type)
      return false;
  return true;
}

alpa_status alpa_eval_custom_call(alpa_call *call) {
  const alpa_op *op = call->op;
  alpa_str target = alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string;
  if (is_identity(call, target)) {
    for (uint32_t i = 0; i < op->n_results; i++)
      memcpy(call->results[i]->tensor.data, call->operands[i]->tensor.data,
             alpa_tensor_bytes(&call->results[i]->tensor, call->machine->arith));
    return ALPA_OK;
  }
  alpa_status status = ALPA_NOT_FOUND;
  if (call->machine->options.custom_call) {
    alpa_tensor *tensors = alpa_call_scratch(call, (op->n_operands + op->n_results) * sizeof *tensors);
    for (uint32_t i = 0; i < op->n_operands; i++)
      tensors[i] = *alpa_call_in(call, i);
    for (uint32_t i = 0; i < op->n_results; i++)
      tensors[op->n_operands + i] = *alpa_call_out(call, i);
    status = call->machine->options.custom_call(call->machine->options.custom_call_user, op, tensors,
                                                tensors + op->n_operands);
  }
  if (status != ALPA_NOT_FOUND)
    return status;
  return alpa_op_unsupported(op, "calls '%.*s', which the interpreter does not know", (int)target.size, target.data);
}
