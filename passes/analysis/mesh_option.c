/* Reading meshes from pass options. */
#include "passes/analysis/mesh_option.h"

#include <stdlib.h>
#include <string.h>

#include "dialects/ir/context.h"

enum { MAX_DEVICES = 1 << 20 };

static const char *axis_name(alpa_arena *arena, uint32_t axis) {
  return alpa_arena_printf(arena, "%c", 'a' + (int)axis);
}

static alpa_status report(alpa_op *module, const char *text) {
  return alpa_op_error(module, "cannot be given the mesh '%s': expects sizes as in '8', '2x4' or 'data=2,model=4'",
                       text);
}

/* One axis, "2" or "data=2"; *text moves behind it. */
static alpa_status parse_axis(alpa_arena *arena, alpa_op *module, const char *whole, const char **text,
                              alpa_mesh *mesh) {
  const char *at = *text;
  if (mesh->n_axes == ALPA_MAX_AXES)
    return alpa_op_error(module, "cannot be given the mesh '%s': more than %d axes", whole, ALPA_MAX_AXES);
  const char *name = axis_name(arena, mesh->n_axes);
  if (at[strcspn(at, "=,")] == '=') {
    size_t name_size = strcspn(at, "=");
    name = alpa_arena_strndup(arena, at, name_size);
    at += name_size + 1;
    if (name_size == 0)
      return report(module, whole);
  }
  char *end = NULL;
  long long size = *at >= '0' && *at <= '9' ? strtoll(at, &end, 10) : 0;
  if (size < 1 || size > MAX_DEVICES || mesh->n_devices * size > MAX_DEVICES)
    return report(module, whole);
  mesh->axes[mesh->n_axes++] = (alpa_mesh_axis){.name = alpa_name(module->module->ctx, name), .size = size};
  mesh->n_devices *= size;
  *text = end;
  return ALPA_OK;
}

static alpa_status parse_mesh(alpa_arena *arena, alpa_op *module, const char *text, alpa_mesh *mesh) {
  const char *at = text;
  *mesh = (alpa_mesh){.name = alpa_name(module->module->ctx, "mesh"), .n_devices = 1};
  for (;;) {
    ALPA_TRY(parse_axis(arena, module, text, &at, mesh));
    if (*at == '\0')
      return ALPA_OK;
    if (*at != 'x' && *at != ',')
      return report(module, text);
    at++;
  }
}

static bool is_same_shape(const alpa_mesh *a, const alpa_mesh *b) {
  bool is_same = a->n_axes == b->n_axes;
  for (uint32_t i = 0; is_same && i < a->n_axes; i++)
    is_same = a->axes[i].size == b->axes[i].size;
  return is_same;
}

alpa_status alpa_mesh_option_apply(alpa_arena *arena, alpa_op *module, const char *text, const alpa_mesh **out_mesh) {
  const alpa_mesh *declared = NULL;
  ALPA_TRY(alpa_mesh_find(arena, module, &declared));
  if (text[0] == '\0') {
    if (declared == NULL)
      return alpa_op_error(module, "declares no mesh: add 'sdy.mesh' or set the option 'mesh', as in mesh=2x4");
    *out_mesh = declared;
    return ALPA_OK;
  }
  alpa_mesh *mesh = alpa_arena_new(arena, alpa_mesh, 1);
  ALPA_TRY(parse_mesh(arena, module, text, mesh));
  if (declared && !is_same_shape(declared, mesh))
    return alpa_op_error(module, "declares mesh @%s of another shape than the option mesh=%s", declared->name, text);
  if (declared == NULL)
    alpa_mesh_declare(module, mesh);
  *out_mesh = declared ? declared : mesh;
  return ALPA_OK;
}
