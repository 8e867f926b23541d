/* Bodies of attention kernels, made cheap: what the program rounds between one product and the next stays in f32, since
 * nobody sees it, and divisions by what is the same for a whole line become products with its reciprocal (at most
 * another 1.5 ULP of f32). */
#include "codegen/fuse/group.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "support/number.h"

typedef struct body {
  alpa_arena *arena;
  alpa_map scores; /* values made of scores -> 1 */
} body;

static bool is_score(const body *b, const alpa_value *value) { return alpa_map_find(&b->scores, (uintptr_t)value); }

static bool is_narrow(const alpa_type *type) { return type->dtype == ALPA_BF16 || type->dtype == ALPA_F16; }

static alpa_value *build(alpa_builder *b, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands,
                         size_t n, const alpa_attr *const *attrs) {
  return alpa_build_typed(b, &alpa_stablehlo_ops[id], type, operands, n, attrs);
}

static void convert_operand(alpa_op *op, uint32_t i, alpa_dtype dtype) {
  alpa_builder b = alpa_builder_before(op);
  alpa_value *value = alpa_op_operand(op, i);
  const alpa_type *type = alpa_type_with_dtype(alpa_op_context(op), value->type, dtype);
  alpa_op_set_operand(op, i, build(&b, STABLEHLO_convert, type, &value, 1, NULL));
}

static void widen(alpa_value *value) {
  if (is_narrow(value->type))
    value->type = alpa_type_with_dtype(alpa_op_context(value->op), value->type, ALPA_F32);
}

/* ---- divisions ---- */

static alpa_value *splat(alpa_builder *b, const alpa_type *type, double value) {
  uint64_t bits = alpa_float_encode(type->dtype, value);
  const alpa_attr *attr = alpa_attr_get_elements(b->module->ctx, type, &bits, true);
  return build(b, STABLEHLO_constant, type, NULL, 0, &attr);
}

/* Whether the kernel finds the value itself, by reducing scores. */
static bool is_found_inside(const alpa_value *value) {
  if (!value->op || stablehlo_is(value->op, STABLEHLO_reduce))
    return value->op != NULL;
  for (uint32_t i = 0; i < value->op->n_operands; i++)
    if (is_found_inside(alpa_op_operand(value->op, i)))
      return true;
  return false;
}

static alpa_value *find_reciprocal(alpa_builder *b, const alpa_value *by) {
  const alpa_attr *constant = alpa_value_find_constant(by);
  if (constant && constant->elements.splat)
    return splat(b, by->type,
                 1 / alpa_float_decode(by->type->dtype, alpa_element_load(by->type->dtype, constant->elements.data)));
  if (!by->op || !stablehlo_is(by->op, STABLEHLO_broadcast_in_dim) || is_found_inside(by))
    return NULL;
  alpa_value *line = alpa_op_operand(by->op, 0);
  alpa_value *inverse =
      build(b, STABLEHLO_divide, line->type, (alpa_value *[]){splat(b, line->type, 1), line}, 2, NULL);
  return build(b, STABLEHLO_broadcast_in_dim, by->type, &inverse, 1, by->op->attrs);
}

static void replace_division(body *all, alpa_op *op) {
  alpa_builder b = alpa_builder_before(op);
  alpa_value *inverse = find_reciprocal(&b, alpa_op_operand(op, 1));
  if (!inverse)
    return;
  alpa_value *product =
      build(&b, STABLEHLO_multiply, op->results[0].type, (alpa_value *[]){alpa_op_operand(op, 0), inverse}, 2, NULL);
  *alpa_map_insert(all->arena, &all->scores, (uintptr_t)product, NULL) = 1;
  alpa_op_replace(op, &product);
}

/* ---- types ---- */

static void relax_product(body *b, alpa_op *op) {
  for (uint32_t i = 0; i < 2; i++)
    if (is_score(b, alpa_op_operand(op, i))) { /* a product that takes scores */
      if (alpa_op_operand_type(op, i)->dtype != alpa_op_operand_type(op, 1 - i)->dtype)
        convert_operand(op, i, alpa_op_operand_type(op, 1 - i)->dtype);
      return;
    }
  widen(&op->results[0]);
  *alpa_map_insert(b->arena, &b->scores, (uintptr_t)&op->results[0], NULL) = 1;
}

static void relax_elementwise(body *b, alpa_op *op) {
  bool any = false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    any |= is_score(b, alpa_op_operand(op, i));
  if (!any)
    return;
  *alpa_map_insert(b->arena, &b->scores, (uintptr_t)&op->results[0], NULL) = 1;
  bool converts = stablehlo_is(op, STABLEHLO_convert);
  for (uint32_t i = 0; i < op->n_operands && !converts; i++)
    if (is_narrow(alpa_op_operand_type(op, i)))
      convert_operand(op, i, ALPA_F32);
  widen(&op->results[0]);
  if (converts && alpa_op_operand_type(op, 0) == op->results[0].type)
    alpa_op_replace(op, (alpa_value *[]){alpa_op_operand(op, 0)});
  else if (stablehlo_is(op, STABLEHLO_divide) && op->results[0].type->dtype == ALPA_F32)
    replace_division(b, op);
}

void alpa_fuse_relax(alpa_op *fused, alpa_arena *arena) {
  body b = {.arena = arena};
  size_t rank;
  alpa_op_i64s(fused, kernel_fused_domain, &rank);
  for (alpa_op *op = alpa_kernel_body(fused)->first, *next; op; op = next) {
    next = op->next;
    if (stablehlo_is(op, STABLEHLO_dot_general))
      relax_product(&b, op);
    else if (op->n_results == 1 && op->results[0].type->rank == rank && alpa_fuse_is_elementwise(op))
      relax_elementwise(&b, op);
  }
}
