/* Shapes of meshes as text. */
#include "passes/cost/mesh.h"

#include <errno.h>
#include <stdlib.h>

#include "dialects/ir/context.h"

static alpa_status wrong_shape(alpa_diag *diag, const char *shape) {
  return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "mesh '%s' must be sizes joined by 'x', as in 2x4",
                    shape);
}

static alpa_status parse_shape(alpa_context *ctx, const char *shape, alpa_mesh *mesh) {
  mesh->n_devices = 1;
  for (const char *at = shape;;) {
    char *end;
    errno = 0;
    long size = strtol(at, &end, 10);
    if (errno || end == at || size < 1 || size > INT16_MAX || mesh->n_axes == ALPA_MAX_AXES)
      return wrong_shape(&ctx->diag, shape);
    mesh->axes[mesh->n_axes].name = alpa_name_n(ctx, (const char[]){(char)('a' + mesh->n_axes)}, 1);
    mesh->axes[mesh->n_axes++].size = size;
    mesh->n_devices *= size;
    if (mesh->n_devices > INT32_MAX || (*end && *end != 'x'))
      return wrong_shape(&ctx->diag, shape);
    if (!*end)
      return ALPA_OK;
    at = end + 1;
  }
}

alpa_status alpa_mesh_ensure(alpa_arena *arena, alpa_op *module, const alpa_cluster *cluster, const char *shape,
                             const alpa_mesh **out_mesh) {
  alpa_context *ctx = alpa_op_context(module);
  const alpa_mesh *mesh = NULL;
  ALPA_TRY(alpa_mesh_find(arena, module, &mesh));
  bool is_new = !mesh;
  if (is_new) {
    alpa_mesh *made = alpa_arena_new(arena, alpa_mesh, 1);
    made->name = alpa_name(ctx, "mesh");
    const char *all = alpa_arena_printf(arena, "%lld", (long long)alpa_cluster_devices(cluster));
    ALPA_TRY(parse_shape(ctx, shape[0] ? shape : all, made));
    mesh = made;
  }
  if (mesh->n_devices != alpa_cluster_devices(cluster))
    return alpa_error(&ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "mesh %s has %lld devices, cluster '%s' has %lld", shape[0] && is_new ? shape : mesh->name,
                      (long long)mesh->n_devices, cluster->name, (long long)alpa_cluster_devices(cluster));
  if (is_new)
    alpa_mesh_declare(module->module, mesh);
  *out_mesh = mesh;
  return ALPA_OK;
}
