/* The stages of a plan in the public API, and what each has of arguments and results. */
#include "driver/api_context.h"
#include "driver/compile.h"

alpa_status alpa_plan_get_stage(const alpa_plan *plan, uint32_t index, alpa_stage_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  const alpa_staged *staged = plan->staged;
  if (index >= (staged ? staged->n_stages : 1))
    return ALPA_NOT_FOUND;
  alpa_stage_info info = {.struct_size = sizeof info, .mesh = plan->info.mesh, .n_devices = plan->layout.n_devices};
  if (staged) {
    info.mesh = plan->stage_meshes[index];
    info.first_device = staged->stages[index].devices.first;
    info.n_devices = staged->stages[index].devices.n;
  }
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}

static void give_part(const alpa_image_tensor *tensor, uint32_t stage, const char *sharding, alpa_part_info *out_info) {
  static const int64_t zeros[ALPA_MAX_RANK];
  bool is_slice = tensor->part_dims != NULL;
  alpa_part_info info = {.struct_size = sizeof info,
                         .stage = stage,
                         .sharding = sharding,
                         .start = is_slice ? tensor->part_start : zeros,
                         .dims = is_slice ? tensor->part_dims : tensor->global_dims,
                         .local_dims = tensor->local_dims};
  alpa_api_give(out_info, &info, sizeof info);
}

/* Part `part` of those that belong to argument (result) `index`. */
static alpa_status find_part(const alpa_staged_part *parts, size_t n_parts, uint32_t index, uint32_t part,
                             alpa_part_info *out_info) {
  for (size_t i = 0; i < n_parts; i++)
    if (parts[i].index == index && part-- == 0) {
      give_part(&parts[i].tensor, parts[i].stage, parts[i].sharding, out_info);
      return ALPA_OK;
    }
  return ALPA_NOT_FOUND;
}

alpa_status alpa_plan_get_argument_part(const alpa_plan *plan, uint32_t index, uint32_t part,
                                        alpa_part_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  if (plan->staged)
    return find_part(plan->staged->arguments.items, plan->staged->arguments.n, index, part, out_info);
  if (index >= plan->layout.n_arguments || part)
    return ALPA_NOT_FOUND;
  give_part(&plan->layout.arguments[index], 0, plan->layout.argument_shardings[index], out_info);
  return ALPA_OK;
}

alpa_status alpa_plan_get_result_part(const alpa_plan *plan, uint32_t index, uint32_t part, alpa_part_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  if (plan->staged)
    return find_part(plan->staged->results.items, plan->staged->results.n, index, part, out_info);
  if (index >= plan->layout.n_results || part)
    return ALPA_NOT_FOUND;
  give_part(&plan->layout.results[index], 0, plan->layout.result_shardings[index], out_info);
  return ALPA_OK;
}
