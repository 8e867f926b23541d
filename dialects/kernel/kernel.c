/* The op table of the kernel dialect and its verification. */
#include "dialects/kernel/kernel.h"

#include "dialects/ir/context.h"

static const char *const kind_names[] = {
#define X(ID, name, meaning) name,
    KERNEL_KIND_TABLE(X)
#undef X
        NULL};
const alpa_attr_def alpa_kernel_attr_kind = {.dialect = "kernel", .mnemonic = "kind", .cases = kind_names};

static const alpa_attr_def *const attr_defs[] = {&alpa_kernel_attr_kind, NULL};

static alpa_status infer_nothing(alpa_op *op, alpa_infer *out) {
  (void)op, (void)out;
  return ALPA_OK;
}

static alpa_status verify_fused(alpa_op *op) {
  const alpa_block *body = alpa_kernel_body(op);
  if (!body || !body->last || body->next)
    return alpa_op_error(op, "expects one block that ends in 'kernel.yield'");
  if (body->n_args != op->n_operands)
    return alpa_op_error(op, "has %u operands, but its block has %u arguments", op->n_operands, body->n_args);
  for (uint32_t i = 0; i < body->n_args; i++)
    if (body->args[i]->type != alpa_op_operand_type(op, i))
      return alpa_op_error(op, "operand %u has type '%s', but the block's argument has '%s'", i,
                           alpa_type_spell(alpa_op_context(op), alpa_op_operand_type(op, i)),
                           alpa_type_spell(alpa_op_context(op), body->args[i]->type));
  return ALPA_OK;
}

static alpa_status verify_yield(alpa_op *op) {
  const alpa_op *fused = alpa_op_parent(op);
  if (!fused || !kernel_is(fused, KERNEL_fused))
    return alpa_op_error(op, "expects parent op 'kernel.fused'%s%s%s", fused ? ", got '" : "",
                         fused ? fused->def->name : "", fused ? "'" : "");
  if (op->n_operands != fused->n_results)
    return alpa_op_error(op, "yields %u values, but the kernel has %u results", op->n_operands, fused->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_op_operand_type(op, i) != fused->results[i].type)
      return alpa_op_error(op, "yields '%s' as result %u, but the kernel's type is '%s'",
                           alpa_type_spell(alpa_op_context(op), alpa_op_operand_type(op, i)), i,
                           alpa_type_spell(alpa_op_context(op), fused->results[i].type));
  return ALPA_OK;
}

#define alpa_kernel_infer_none NULL
#define alpa_kernel_infer_nothing infer_nothing
#define alpa_kernel_verify_fused verify_fused
#define alpa_kernel_verify_yield verify_yield

#define OPS "dialects/kernel/kernel_ops.def"
#define DIALECT "kernel"
#define SUMMARY "ops grouped into kernels: what codegen compiles"
#define D(name) alpa_kernel_##name
#define ROW(id) KERNEL_##id
#define ID ALPA_DIALECT_KERNEL
#define ATTRS attr_defs
#include "dialects/ir/op_table.def"
