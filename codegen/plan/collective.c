/* Collectives: StableHLO's ops as the image's. */
#include "codegen/monoid.h"
#include "codegen/plan/plan.h"
#include "dialects/stablehlo/stablehlo.h"

/* Groups of devices; dense<[[...]]> of any integer type. */
static alpa_status set_groups(plan *p, alpa_op *op, const alpa_attr *groups, alpa_image_collective *out) {
  if (!groups || groups->kind != ALPA_ATTR_ELEMENTS || groups->type->rank != 2)
    return alpa_op_unsupported(op, "expects its groups as a dense attribute of two dimensions");
  out->n_groups = (uint32_t)groups->type->dims[0];
  out->group_size = (uint32_t)groups->type->dims[1];
  uint32_t n = out->n_groups * out->group_size, *devices = alpa_arena_new(p->arena, uint32_t, n);
  for (uint32_t i = 0; i < n; i++) {
    int64_t device = *(const int64_t *)alpa_attr_element(groups, i);
    if (device < 0 || device >= p->n_devices)
      return alpa_op_error(op, "names device %lld, but the program runs on %u devices", (long long)device,
                           p->n_devices);
    devices[i] = (uint32_t)device;
  }
  out->groups = devices;
  return ALPA_OK;
}

static int64_t product(const alpa_type *type, uint32_t begin, uint32_t end) {
  int64_t count = 1;
  for (uint32_t d = begin; d < end; d++)
    count *= type->dims[d];
  return count;
}

static alpa_status set_reduction(alpa_op *op, alpa_image_collective *out) {
  if (!alpa_block_find_monoid(op->regions[0].first, &out->reduction))
    return alpa_op_unsupported(op, "expects a computation of one op: add, multiply, maximum, minimum, and, or, xor");
  return ALPA_OK;
}

static alpa_status describe_all_reduce(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out) {
  out->kind = ALPA_COLLECTIVE_ALL_REDUCE;
  out->outer = 1;
  out->chunk = alpa_type_count(type);
  ALPA_TRY(set_reduction(op, out));
  return set_groups(p, op, alpa_op_attr(op, stablehlo_all_reduce_replica_groups), out);
}

static alpa_status describe_all_gather(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out) {
  uint32_t dim = (uint32_t)alpa_op_int(op, stablehlo_all_gather_all_gather_dim, 0);
  out->kind = ALPA_COLLECTIVE_ALL_GATHER;
  out->outer = product(type, 0, dim);
  out->chunk = product(type, dim, type->rank);
  return set_groups(p, op, alpa_op_attr(op, stablehlo_all_gather_replica_groups), out);
}

static alpa_status describe_reduce_scatter(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out) {
  uint32_t dim = (uint32_t)alpa_op_int(op, stablehlo_reduce_scatter_scatter_dimension, 0);
  out->kind = ALPA_COLLECTIVE_REDUCE_SCATTER;
  ALPA_TRY(set_reduction(op, out));
  ALPA_TRY(set_groups(p, op, alpa_op_attr(op, stablehlo_reduce_scatter_replica_groups), out));
  out->outer = product(type, 0, dim);
  out->chunk = product(type, dim, type->rank) / out->group_size;
  return ALPA_OK;
}

/* Split and concat dimension 0 of extent n: what the fuse pass makes of all others. */
static alpa_status describe_all_to_all(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out) {
  out->kind = ALPA_COLLECTIVE_ALL_TO_ALL;
  ALPA_TRY(set_groups(p, op, alpa_op_attr(op, stablehlo_all_to_all_replica_groups), out));
  if (alpa_op_int(op, stablehlo_all_to_all_split_dimension, 0) ||
      alpa_op_int(op, stablehlo_all_to_all_concat_dimension, 0) || !type->rank || type->dims[0] != out->group_size)
    return alpa_op_unsupported(op,
                               "expects dimension 0, of the group's size, to be split and joined; run 'fuse' first");
  out->outer = 1;
  out->chunk = alpa_type_count(type) / out->group_size;
  return ALPA_OK;
}

static alpa_status describe_permute(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out) {
  out->kind = ALPA_COLLECTIVE_PERMUTE;
  out->outer = 1;
  out->chunk = alpa_type_count(type);
  return set_groups(p, op, alpa_op_attr(op, stablehlo_collective_permute_source_target_pairs), out);
}

static const struct {
  stablehlo_op_id id;
  alpa_status (*describe)(plan *p, alpa_op *op, const alpa_type *type, alpa_image_collective *out);
} rows[] = {
    {STABLEHLO_all_reduce, describe_all_reduce},         {STABLEHLO_all_gather, describe_all_gather},
    {STABLEHLO_reduce_scatter, describe_reduce_scatter}, {STABLEHLO_all_to_all, describe_all_to_all},
    {STABLEHLO_collective_permute, describe_permute},
};

static uint32_t slot_of(const plan *p, const alpa_value *value) {
  return (uint32_t)*alpa_map_find(&p->values, (uintptr_t)value) - 1;
}

alpa_status alpa_plan_collective(plan *p, plan_list *list, alpa_op *op) {
  size_t row = 0;
  while (row < countof(rows) && !stablehlo_is(op, rows[row].id))
    row++;
  if (row == countof(rows))
    return alpa_op_unsupported(op, "has no collective of the runtime");
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_type *type = alpa_op_operand_type(op, i);
    alpa_image_collective collective = {.dtype = type->dtype};
    ALPA_TRY(rows[row].describe(p, op, type, &collective));
    uint32_t result = alpa_plan_add_slot(p, ALPA_BUFFER_TEMPORARY, alpa_type_bytes(op->results[i].type));
    alpa_plan_set_value(p, &op->results[i], result);
    plan_instruction *instruction = alpa_plan_append(p, list, PLAN_COLLECTIVE, op);
    instruction->collective = (uint32_t)p->collectives.n;
    instruction->reads = alpa_arena_new(p->arena, uint32_t, 1);
    instruction->writes = alpa_arena_new(p->arena, uint32_t, 1);
    instruction->reads[instruction->n_reads++] = slot_of(p, alpa_op_operand(op, i));
    instruction->writes[instruction->n_writes++] = result;
    alpa_vec_push(p->arena, &p->collectives, collective);
  }
  return ALPA_OK;
}
