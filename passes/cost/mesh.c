/* Meshes for clusters. */
#include "passes/cost/mesh.h"

#include "dialects/ir/context.h"

#include "passes/analysis/mesh_option.h"
#include "passes/outline/submesh.h"

alpa_status alpa_mesh_ensure(alpa_arena *arena, alpa_op *module, const alpa_cluster *cluster, const char *shape,
                             const alpa_mesh **out_mesh) {
  const alpa_mesh *mesh = NULL;
  ALPA_TRY(alpa_mesh_find(arena, module, &mesh));
  int64_t n_stage = alpa_submesh_of(module).n, n = n_stage ? n_stage : alpa_cluster_devices(cluster);
  const char *all = alpa_arena_printf(arena, "%lld", (long long)n);
  bool is_new = !mesh;
  if (is_new)
    ALPA_TRY(alpa_mesh_option_apply(arena, module, shape[0] ? shape : all, &mesh));
  if (mesh->n_devices != n)
    return alpa_error(&alpa_op_context(module)->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "mesh %s has %lld devices, %s '%s' has %lld", shape[0] && is_new ? shape : mesh->name,
                      (long long)mesh->n_devices, n_stage ? "the stage in cluster" : "cluster", cluster->name,
                      (long long)n);
  *out_mesh = mesh;
  return ALPA_OK;
}
