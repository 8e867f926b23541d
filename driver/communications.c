/* Collectives of a partitioned program: kind, mesh axes, bytes, and how often they happen. */
#include "driver/communications.h"

#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/trips.h"

/* The axes along which the members of the first group differ. */
static const char *axes_of(alpa_plan *plan, const alpa_attr *groups) {
  alpa_text text;
  alpa_text_init(&text, &plan->arena);
  int64_t n = groups && groups->kind == ALPA_ATTR_ELEMENTS && groups->type->rank == 2 ? groups->type->dims[1] : 0;
  for (uint32_t axis = 0; axis < plan->mesh->n_axes; axis++) {
    alpa_axis_ref whole = {.axis = axis, .pre = 1};
    bool differs = false;
    for (int64_t i = 1; i < n; i++)
      differs =
          differs || alpa_axis_ref_coordinate(plan->mesh, whole, *(const int64_t *)alpa_attr_element(groups, i)) !=
                         alpa_axis_ref_coordinate(plan->mesh, whole, *(const int64_t *)alpa_attr_element(groups, 0));
    if (differs)
      alpa_text_printf(&text, "%s%s", text.size ? "," : "", plan->mesh->axes[axis].name);
  }
  return alpa_text_finish(&text);
}

static const char *where(alpa_plan *plan, const alpa_op *op) {
  const char *name = alpa_loc_find_name(op->loc);
  alpa_place place = alpa_loc_place(op->loc);
  if (name)
    return name;
  return place.file ? alpa_arena_printf(&plan->arena, "%s:%u", place.file, place.line) : "";
}

/* Names are the mnemonics with hyphens: all_reduce is all-reduce. */
static const char *kind_of(alpa_plan *plan, const alpa_op *op) {
  char *kind = alpa_arena_strdup(&plan->arena, strchr(op->def->name, '.') + 1);
  for (char *at = kind; *at; at++)
    *at = *at == '_' ? '-' : *at;
  return kind;
}

static void collect(alpa_plan *plan, const alpa_block *block, double count) {
  for (const alpa_op *op = block->first; op; op = op->next) {
    if (alpa_op_has(op, ALPA_COLLECTIVE)) {
      const alpa_attr *groups = alpa_op_find_attr(op, "replica_groups");
      alpa_communication_info info = {.struct_size = sizeof info,
                                      .kind = kind_of(plan, op),
                                      .axes =
                                          axes_of(plan, groups ? groups : alpa_op_find_attr(op, "source_target_pairs")),
                                      .where = where(plan, op),
                                      .count = count};
      for (uint32_t i = 0; i < op->n_operands; i++)
        info.bytes += alpa_type_bytes(alpa_op_operand_type(op, i));
      alpa_vec_push(&plan->arena, &plan->communications, info);
      continue;
    }
    int64_t trips = stablehlo_is(op, STABLEHLO_while) ? alpa_loop_trips(op) : 1;
    for (uint32_t r = 0; r < op->n_regions; r++)
      if (alpa_region_block(&op->regions[r]))
        collect(plan, alpa_region_block(&op->regions[r]), count * (double)(trips ? trips : 1));
  }
}

void alpa_communications_collect(alpa_plan *plan) {
  if (plan->staged)
    return; /* every stage has a mesh of its own */
  const alpa_block *body = alpa_module_body(plan->partitioned);
  collect(plan, body, 1);
}
