/* Submeshes of stages. */
#include "passes/outline/submesh.h"

#include "dialects/ir/context.h"
#include "passes/analysis/mesh_option.h"

static const char stages_attr[] = "alpa.stages", devices_attr[] = "alpa.devices";

static alpa_status read_stage(alpa_op *module, size_t index, const alpa_attr *stage, alpa_submesh *out) {
  const alpa_attr *devices = stage->kind == ALPA_ATTR_DICT ? alpa_attr_find(stage, "devices") : NULL;
  const alpa_attr *mesh = stage->kind == ALPA_ATTR_DICT ? alpa_attr_find(stage, "mesh") : NULL;
  if (!devices || devices->kind != ALPA_ATTR_NUMBERS || !mesh || mesh->kind != ALPA_ATTR_STRING)
    return alpa_op_error(module, "expects 'devices', an array of numbers, and 'mesh', a shape, of stage %zu in '%s'",
                         index, stages_attr);
  size_t n;
  const int64_t *numbers = alpa_attr_i64s(devices, &n);
  for (size_t i = 0; i < n; i++)
    if (numbers[i] < 0 || numbers[i] != numbers[0] + (int64_t)i)
      return alpa_op_error(module, "has stage %zu on devices that are not consecutive", index);
  if (n == 0)
    return alpa_op_error(module, "has stage %zu without devices", index);
  *out = (alpa_submesh){.shape = mesh->string.data, .first = numbers[0], .n = (int64_t)n};
  return ALPA_OK;
}

/* Stages share all of their devices, as chunks of a submesh, or none. */
static alpa_status check_devices(alpa_op *module, const alpa_submesh *submeshes, size_t n) {
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b < a; b++) {
      const alpa_submesh *x = &submeshes[a], *y = &submeshes[b];
      bool is_same = x->first == y->first && x->n == y->n;
      if (!is_same && x->first < y->first + y->n && y->first < x->first + x->n)
        return alpa_op_unsupported(module, "has stages %zu and %zu, which share some of their devices but not all", b,
                                   a);
    }
  return ALPA_OK;
}

alpa_status alpa_submeshes_read(alpa_arena *arena, alpa_op *module, uint32_t n_stages,
                                const alpa_submesh **out_submeshes) {
  const alpa_attr *stages = alpa_op_find_attr(module, stages_attr);
  if (!stages || stages->kind != ALPA_ATTR_ARRAY)
    return alpa_op_error(module, "does not say on which devices its stages run: expects '%s', as 'stages' writes it",
                         stages_attr);
  if (stages->array.n != n_stages)
    return alpa_op_error(module, "has ops of %u stages, but '%s' describes %zu", n_stages, stages_attr,
                         stages->array.n);
  alpa_submesh *submeshes = alpa_arena_new(arena, alpa_submesh, n_stages);
  for (size_t i = 0; i < n_stages; i++)
    ALPA_TRY(read_stage(module, i, stages->array.items[i], &submeshes[i]));
  ALPA_TRY(check_devices(module, submeshes, n_stages));
  *out_submeshes = submeshes;
  return ALPA_OK;
}

alpa_status alpa_submesh_declare(alpa_arena *arena, alpa_op *stage, const alpa_submesh *submesh) {
  const alpa_mesh *mesh = NULL;
  ALPA_TRY(alpa_mesh_option_apply(arena, stage, submesh->shape, &mesh));
  if (mesh->n_devices != submesh->n)
    return alpa_op_error(stage, "has a mesh of shape %s on %lld devices", submesh->shape, (long long)submesh->n);
  const int64_t range[] = {submesh->first, submesh->n};
  alpa_op_set_attr(stage, devices_attr, alpa_attr_get_i64s(alpa_op_context(stage), range, 2));
  return ALPA_OK;
}

alpa_submesh alpa_submesh_of(const alpa_op *stage) {
  const alpa_attr *attr = alpa_op_find_attr(stage, devices_attr);
  size_t n = 0;
  const int64_t *range = attr && attr->kind == ALPA_ATTR_NUMBERS ? alpa_attr_i64s(attr, &n) : NULL;
  return n == 2 ? (alpa_submesh){.first = range[0], .n = range[1]} : (alpa_submesh){0};
}
