/* Branches, calls, the end of threads. */
#include "decode.h"

#include <stdlib.h>
#include <string.h>

static const emu_operand *label_operand(emu_reader *reader, uint32_t k) {
  const emu_operand *operand = emu_operand_at(reader, k);
  if (operand->kind != EMU_NAME)
    emu_fail(reader, "'%.*s' is no label", (int)operand->name.n, operand->name.text);
  return operand;
}

void emu_decode_bra(emu_reader *reader) {
  emu_expect_operands(reader, 1, 1);
  emu_has(reader, "uni");
  emu_append(reader, emu_run_branch);
  emu_jump(reader, label_operand(reader, 0), reader->function->n_code - 1);
}

void emu_decode_brx(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  emu_has(reader, "uni");
  emu_has(reader, "idx");
  uint32_t index = emu_row(reader, emu_operand_at(reader, 0), EMU_B32);
  emu_append(reader, emu_run_branch_table)->at[0] = index;
  emu_jump(reader, label_operand(reader, 1), reader->function->n_code - 1);
}

void emu_decode_ret(emu_reader *reader) {
  emu_has(reader, "uni");
  emu_append(reader, emu_run_return);
}

void emu_decode_exit(emu_reader *reader) { emu_append(reader, emu_run_exit); }

static void run_trap(emu_warp *w, const emu_instr *i) {
  (void)i;
  emu_report(w, __builtin_ctz(w->mask), EMU_FOUND_TRAP, "the kernel ended itself");
}

void emu_decode_trap(emu_reader *reader) { emu_append(reader, run_trap); }

static void run_nanosleep(emu_warp *w, const emu_instr *i) {
  (void)i;
  w->polls = w->leaves = true;
}

void emu_decode_nanosleep(emu_reader *reader) { emu_append(reader, run_nanosleep); }

/* ---- calls ---- */

/* What is passed: a parameter in the caller's memory, or a register or constant. */
static void read_passed(emu_reader *reader, const emu_operand *list, const emu_symbol *const *formals,
                        uint32_t n_formals, const emu_symbol ***out_symbols, uint32_t **out_rows) {
  emu_arena *arena = &reader->module->arena;
  *out_symbols = emu_arena_alloc(arena, (list->n + 1) * sizeof(void *));
  *out_rows = emu_arena_alloc(arena, (list->n + 1) * sizeof(uint32_t));
  for (uint32_t k = 0; k < list->n; k++) {
    const emu_operand *operand = &reader->statement.elements[list->first + k];
    if (operand->kind == EMU_VARIABLE)
      (*out_symbols)[k] = operand->symbol;
    else if (k < n_formals)
      (*out_rows)[k] = emu_row(reader, operand, formals[k]->type);
  }
}

static void add_callee(emu_function *function, emu_function *callee) {
  for (uint32_t k = 0; k < function->n_callees; k++)
    if (function->callees[k] == callee)
      return;
  function->callees = emu_realloc(function->callees, (function->n_callees + 1) * sizeof(void *));
  function->callees[function->n_callees++] = callee;
}

/* A call under a guard becomes a branch around it, so that the threads that call are a path of their own. */
static uint32_t append_guard(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  if (!statement->guarded)
    return UINT32_MAX;
  statement->negated = !statement->negated;
  emu_append(reader, emu_run_branch);
  statement->guarded = false;
  return reader->function->n_code - 1;
}

void emu_decode_call(emu_reader *reader) {
  emu_expect_operands(reader, 1, 4);
  emu_has(reader, "uni");
  static const emu_operand nothing = {.kind = EMU_LIST};
  bool results = emu_operand_at(reader, 0)->kind == EMU_LIST;
  const emu_operand *name = emu_operand_at(reader, results);
  uint32_t found = name->kind == EMU_NAME ? emu_function_find(reader, name->name) : UINT32_MAX;
  if (found == UINT32_MAX)
    emu_fail(reader, "no function '%.*s' is declared", (int)name->name.n, name->name.text);
  emu_function *callee = reader->module->functions[found];
  bool arguments = reader->statement.n_operands > results + 1u;
  const emu_operand *in = arguments ? emu_operand_at(reader, results + 1u) : &nothing;
  const emu_operand *out = results ? emu_operand_at(reader, 0) : &nothing;
  emu_call *call = emu_arena_alloc(&reader->module->arena, sizeof *call);
  call->callee = callee;
  call->n_arguments = in->n;
  call->n_results = out->n;
  read_passed(reader, in, (const emu_symbol *const *)callee->parameters, callee->n_parameters, &call->arguments,
              &call->argument_rows);
  read_passed(reader, out, (const emu_symbol *const *)callee->results, callee->n_results, &call->results,
              &call->result_rows);
  uint32_t guard = append_guard(reader);
  emu_append(reader, emu_run_call)->extra = call;
  if (guard != UINT32_MAX)
    reader->function->code[guard].target = reader->function->n_code;
  add_callee(reader->function, callee);
}
