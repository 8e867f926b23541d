/* Meshes and shardings between their attributes and plain data, and the arithmetic of axes. */
#include "dialects/sdy/sharding.h"

#include <inttypes.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"

/* ---- meshes ------------------------------------------------------------------------------------------------------ */

static alpa_status decode_axes(const alpa_op *at, const alpa_attr *axes, alpa_mesh *mesh) {
  if (axes->array.n > ALPA_MAX_AXES)
    return alpa_op_unsupported(at, "a mesh of %zu axes is not supported, at most %d are", axes->array.n, ALPA_MAX_AXES);
  for (size_t i = 0; i < axes->array.n; i++) {
    const alpa_attr *axis = axes->array.items[i];
    const char *name = alpa_name(alpa_op_context(at), alpa_attr_field(axis, SDY_MESH_AXIS_NAME)->string.data);
    int64_t size = alpa_attr_field(axis, SDY_MESH_AXIS_SIZE)->integer;
    if (size < 1)
      return alpa_op_error(at, "expects axis \"%s\" to have a size of at least 1, got %" PRId64, name, size);
    for (size_t j = 0; j < i; j++)
      if (mesh->axes[j].name == name)
        return alpa_op_error(at, "names axis \"%s\" twice", name);
    if (__builtin_mul_overflow(mesh->n_devices, size, &mesh->n_devices))
      return alpa_op_error(at, "has more devices than 64 bits can count");
    mesh->axes[mesh->n_axes++] = (alpa_mesh_axis){name, size};
  }
  return ALPA_OK;
}

static alpa_status check_permutation(const alpa_op *at, alpa_arena *arena, const int64_t *ids, int64_t n) {
  bool *seen = alpa_arena_new(arena, bool, n);
  for (int64_t i = 0; i < n; i++) {
    if (ids[i] < 0 || ids[i] >= n)
      return alpa_op_error(at, "expects device_ids to be in [0, %" PRId64 "), got %" PRId64, n, ids[i]);
    if (seen[ids[i]])
      return alpa_op_error(at, "names device %" PRId64 " twice in device_ids", ids[i]);
    seen[ids[i]] = true;
  }
  return ALPA_OK;
}

static alpa_status decode_ids(alpa_arena *arena, const alpa_op *at, const alpa_attr *list, alpa_mesh *mesh) {
  size_t n;
  const int64_t *ids = alpa_attr_i64s(list, &n);
  if (!list)
    return ALPA_OK;
  mesh->device_ids = ids;
  if ((int64_t)n != mesh->n_devices)
    return alpa_op_error(at, "expects as many device_ids as the axes have devices (%" PRId64 "), got %zu",
                         mesh->n_devices, n);
  if (mesh->n_axes == 0) /* one device with a number of its own */
    return ids[0] >= 0 ? ALPA_OK : alpa_op_error(at, "expects a device id of at least 0, got %" PRId64, ids[0]);
  return check_permutation(at, arena, ids, mesh->n_devices);
}

static alpa_status decode_mesh(alpa_arena *arena, const alpa_op *at, const alpa_attr *attr, const char *name,
                               const alpa_mesh **out_mesh) {
  alpa_mesh *mesh = alpa_arena_new(arena, alpa_mesh, 1);
  mesh->name = name;
  mesh->n_devices = 1;
  ALPA_TRY(decode_axes(at, alpa_attr_field(attr, SDY_MESH_AXES), mesh));
  ALPA_TRY(decode_ids(arena, at, alpa_attr_field(attr, SDY_MESH_DEVICE_IDS), mesh));
  *out_mesh = mesh;
  return ALPA_OK;
}

alpa_status alpa_mesh_decode(alpa_arena *arena, const alpa_op *mesh_op, const alpa_mesh **out_mesh) {
  const char *name = alpa_name(alpa_op_context(mesh_op), alpa_symbol_name(mesh_op));
  const alpa_attr *mesh = mesh_op->attrs[sdy_mesh_mesh];
  if (!mesh || mesh->kind != ALPA_ATTR_STRUCT || mesh->def != &alpa_sdy_attr_mesh)
    return alpa_op_error(mesh_op, "requires a #sdy.mesh attribute 'mesh'");
  return decode_mesh(arena, mesh_op, mesh, name, out_mesh);
}

static bool has_axes(const alpa_op *mesh_op) {
  return alpa_attr_field(mesh_op->attrs[sdy_mesh_mesh], SDY_MESH_AXES)->array.n > 0;
}

alpa_status alpa_mesh_find(alpa_arena *arena, alpa_op *module, const alpa_mesh **out_mesh) {
  const alpa_op *found = NULL;
  for (const alpa_op *op = module->regions[0].first->first; op; op = op->next) {
    if (!sdy_is(op, SDY_mesh) || !has_axes(op))
      continue;
    if (found)
      return alpa_op_error(op, "is a second mesh, after @%s; one mesh for each module is supported",
                           alpa_symbol_name(found));
    found = op;
  }
  if (found)
    return alpa_mesh_decode(arena, found, out_mesh);
  *out_mesh = NULL;
  return ALPA_OK;
}

bool alpa_mesh_has_same_axes(const alpa_mesh *a, const alpa_mesh *b) {
  bool same = a->n_axes == b->n_axes;
  for (uint32_t i = 0; same && i < a->n_axes; i++)
    same = a->axes[i].name == b->axes[i].name && a->axes[i].size == b->axes[i].size;
  return same;
}

static const alpa_attr *encode_mesh(alpa_context *ctx, const alpa_mesh *mesh) {
  const alpa_attr *axes[ALPA_MAX_AXES], *fields[2] = {0};
  for (uint32_t i = 0; i < mesh->n_axes; i++) {
    const alpa_attr *axis[2] = {alpa_attr_get_string(ctx, mesh->axes[i].name),
                                alpa_attr_get_i64(ctx, mesh->axes[i].size)};
    axes[i] = alpa_attr_get_struct(ctx, &alpa_sdy_attr_mesh_axis, axis);
  }
  fields[SDY_MESH_AXES] = alpa_attr_get_array(ctx, axes, mesh->n_axes);
  if (mesh->device_ids)
    fields[SDY_MESH_DEVICE_IDS] = alpa_attr_get_i64s(ctx, mesh->device_ids, (size_t)mesh->n_devices);
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_mesh, fields);
}

void alpa_mesh_declare(alpa_op *module, const alpa_mesh *mesh) {
  alpa_context *ctx = alpa_op_context(module);
  const alpa_attr *attrs[sdy_mesh_attr_count] = {0};
  attrs[sdy_mesh_mesh] = encode_mesh(ctx, mesh);
  attrs[sdy_mesh_sym_name] = alpa_attr_get_string(ctx, mesh->name);
  alpa_op_state state = {.def = &alpa_sdy_ops[SDY_mesh], .loc = module->loc, .attrs = attrs};
  alpa_block *body = alpa_region_block(&module->regions[0]);
  alpa_op_insert(alpa_op_create(module->module, &state), body, body->first);
}

/* ---- axis references ------------------------------------------------------------------------------------------- */

int64_t alpa_axis_ref_size(const alpa_mesh *mesh, alpa_axis_ref ref) {
  return ref.size ? ref.size : mesh->axes[ref.axis].size;
}

int64_t alpa_axis_refs_size(const alpa_mesh *mesh, alpa_axis_refs refs) {
  int64_t size = 1;
  for (size_t i = 0; i < refs.n; i++)
    size *= alpa_axis_ref_size(mesh, refs.items[i]);
  return size;
}

int64_t alpa_axis_ref_coordinate(const alpa_mesh *mesh, alpa_axis_ref ref, int64_t device) {
  int64_t minor = 1;
  for (uint32_t i = mesh->n_axes; i-- > ref.axis + 1;)
    minor *= mesh->axes[i].size;
  int64_t full = mesh->axes[ref.axis].size, along = device / minor % full;
  return ref.size ? along / (full / (ref.pre * ref.size)) % ref.size : along;
}

int64_t alpa_local_size(int64_t size, int64_t parts) { return size / parts + (size % parts != 0); }

static int64_t ref_pre(alpa_axis_ref ref) { return ref.size ? ref.pre : 1; }

/* Whether two references share a part of an axis: their spans [pre, pre * size) meet. */
static bool overlaps(const alpa_mesh *mesh, alpa_axis_ref a, alpa_axis_ref b) {
  if (a.axis != b.axis)
    return false;
  int64_t a_end = ref_pre(a) * alpa_axis_ref_size(mesh, a), b_end = ref_pre(b) * alpa_axis_ref_size(mesh, b);
  return ref_pre(a) < b_end && ref_pre(b) < a_end;
}

bool alpa_axis_refs_overlap(const alpa_mesh *mesh, alpa_axis_refs refs, alpa_axis_ref ref) {
  for (size_t i = 0; i < refs.n; i++)
    if (overlaps(mesh, refs.items[i], ref))
      return true;
  return false;
}

bool alpa_axis_refs_contain(const alpa_mesh *mesh, alpa_axis_refs refs, alpa_axis_ref ref) {
  int64_t pre = ref_pre(ref), end = pre * alpa_axis_ref_size(mesh, ref);
  for (size_t i = 0; i < refs.n; i++) {
    alpa_axis_ref other = refs.items[i];
    if (other.axis == ref.axis && ref_pre(other) <= pre && end <= ref_pre(other) * alpa_axis_ref_size(mesh, other))
      return true;
  }
  return false;
}

/* ---- shardings from attributes ----------------------------------------------------------------------------------- */

static alpa_status decode_sub_axis(const alpa_op *at, const alpa_mesh_axis *axis, alpa_axis_ref *ref) {
  int64_t end;
  if (ref->pre < 1 || ref->size < 2)
    return alpa_op_error(at,
                         "expects a sub-axis of \"%s\" to have a pre-size of at least 1 and a size of at least 2, "
                         "got (%" PRId64 ")%" PRId64,
                         axis->name, ref->pre, ref->size);
  if (__builtin_mul_overflow(ref->pre, ref->size, &end) || axis->size % end)
    return alpa_op_error(at,
                         "expects the pre-size times the size of a sub-axis to divide the size of axis \"%s\" (%" PRId64
                         "), got (%" PRId64 ")%" PRId64,
                         axis->name, axis->size, ref->pre, ref->size);
  if (ref->size == axis->size)
    return alpa_op_error(at, "names all of axis \"%s\" as a sub-axis, (%" PRId64 ")%" PRId64 "; write the axis alone",
                         axis->name, ref->pre, ref->size);
  return ALPA_OK;
}

static alpa_status decode_ref(const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *attr, alpa_axis_ref *out_ref) {
  const char *name = alpa_attr_field(attr, SDY_AXIS_NAME)->string.data;
  alpa_axis_ref ref = {.pre = 1};
  while (ref.axis < mesh->n_axes && strcmp(mesh->axes[ref.axis].name, name) != 0)
    ref.axis++;
  if (ref.axis == mesh->n_axes)
    return alpa_op_error(at, "names axis \"%s\", which mesh @%s does not have", name, mesh->name);
  if (alpa_attr_field(attr, SDY_AXIS_SIZE)) {
    ref.pre = alpa_attr_field(attr, SDY_AXIS_PRE)->integer;
    ref.size = alpa_attr_field(attr, SDY_AXIS_SIZE)->integer;
    ALPA_TRY(decode_sub_axis(at, &mesh->axes[ref.axis], &ref));
  }
  *out_ref = ref;
  return ALPA_OK;
}

alpa_status alpa_axis_refs_decode(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *array,
                                  alpa_axis_refs *out_refs) {
  size_t n = array ? array->array.n : 0;
  alpa_axis_ref *refs = alpa_arena_new(arena, alpa_axis_ref, n);
  for (size_t i = 0; i < n; i++) {
    ALPA_TRY(decode_ref(mesh, at, array->array.items[i], &refs[i]));
    if (alpa_axis_refs_overlap(mesh, (alpa_axis_refs){refs, i}, refs[i]))
      return alpa_op_error(at, "uses axis \"%s\" twice", mesh->axes[refs[i].axis].name);
    if (i > 0 && refs[i].axis == refs[i - 1].axis && refs[i].pre == refs[i - 1].pre * refs[i - 1].size)
      return alpa_op_error(at, "splits axis \"%s\" into sub-axes that follow each other; write them as one",
                           mesh->axes[refs[i].axis].name);
  }
  *out_refs = (alpa_axis_refs){refs, n};
  return ALPA_OK;
}

static alpa_status check_unused(const alpa_sharding *sharding, const alpa_op *at, uint32_t n_dims,
                                alpa_axis_refs refs) {
  for (size_t i = 0; i < refs.n; i++)
    for (uint32_t d = 0; d < n_dims; d++)
      if (alpa_axis_refs_overlap(sharding->mesh, sharding->dims[d].axes, refs.items[i]))
        return alpa_op_error(at, "uses axis \"%s\" twice", sharding->mesh->axes[refs.items[i].axis].name);
  return ALPA_OK;
}

alpa_status alpa_axis_refs_check_order(const alpa_mesh *mesh, const alpa_op *at, alpa_axis_refs refs,
                                       const char *what) {
  for (size_t i = 1; i < refs.n; i++) {
    alpa_axis_ref a = refs.items[i - 1], b = refs.items[i];
    if (a.axis > b.axis || (a.axis == b.axis && a.pre > b.pre))
      return alpa_op_error(at, "expects the %s axes in the order of mesh @%s, got \"%s\" before \"%s\"", what,
                           mesh->name, mesh->axes[a.axis].name, mesh->axes[b.axis].name);
  }
  return ALPA_OK;
}

static alpa_status decode_dim(alpa_arena *arena, const alpa_op *at, const alpa_attr *attr, uint32_t d,
                              alpa_sharding *sharding) {
  alpa_dim_sharding *dim = &sharding->dims[d];
  const alpa_attr *priority = alpa_attr_field(attr, SDY_DIM_PRIORITY);
  ALPA_TRY(alpa_axis_refs_decode(arena, sharding->mesh, at, alpa_attr_field(attr, SDY_DIM_AXES), &dim->axes));
  ALPA_TRY(check_unused(sharding, at, d, dim->axes));
  dim->open = alpa_attr_field(attr, SDY_DIM_OPEN) != NULL;
  if (!priority)
    return ALPA_OK;
  if (!dim->open && dim->axes.n == 0)
    return alpa_op_error(at, "gives a priority to dimension %u, which is closed and has no axes", d);
  dim->priority = (int32_t)priority->integer;
  return ALPA_OK;
}

static alpa_status decode_others(alpa_arena *arena, const alpa_op *at, const alpa_attr *attr, alpa_sharding *sharding) {
  const alpa_mesh *mesh = sharding->mesh;
  const alpa_attr *kind = alpa_attr_field(attr, SDY_SHARDING_UNREDUCED_KIND);
  sharding->partial_kind = kind ? (alpa_partial_kind)kind->integer : ALPA_PARTIAL_SUM;
  ALPA_TRY(
      alpa_axis_refs_decode(arena, mesh, at, alpa_attr_field(attr, SDY_SHARDING_REPLICATED), &sharding->replicated));
  ALPA_TRY(alpa_axis_refs_decode(arena, mesh, at, alpa_attr_field(attr, SDY_SHARDING_UNREDUCED), &sharding->partial));
  ALPA_TRY(check_unused(sharding, at, sharding->rank, sharding->replicated));
  ALPA_TRY(check_unused(sharding, at, sharding->rank, sharding->partial));
  for (size_t i = 0; i < sharding->partial.n; i++)
    if (alpa_axis_refs_overlap(mesh, sharding->replicated, sharding->partial.items[i]))
      return alpa_op_error(at, "uses axis \"%s\" twice", mesh->axes[sharding->partial.items[i].axis].name);
  ALPA_TRY(alpa_axis_refs_check_order(mesh, at, sharding->replicated, "replicated"));
  return alpa_axis_refs_check_order(mesh, at, sharding->partial, "unreduced");
}

alpa_status alpa_sharding_decode(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *attr,
                                 alpa_sharding *out_sharding) {
  if (attr->kind != ALPA_ATTR_STRUCT || attr->def != &alpa_sdy_attr_sharding)
    return alpa_op_error(at, "expects a #sdy.sharding attribute");
  const alpa_attr *dims = alpa_attr_field(attr, SDY_SHARDING_DIMS), *of = alpa_attr_field(attr, SDY_SHARDING_MESH);
  alpa_sharding sharding = {.rank = (uint32_t)dims->array.n};
  if (of->kind == ALPA_ATTR_STRUCT)
    ALPA_TRY(decode_mesh(arena, at, of, "", &mesh));
  else if (!mesh || strcmp(of->string.data, mesh->name) != 0)
    return alpa_op_error(at, "has a sharding over mesh @%s, which is not %s%s", of->string.data,
                         mesh ? "the mesh of this module, @" : "declared", mesh ? mesh->name : "");
  sharding.mesh = mesh;
  sharding.dims = alpa_arena_new(arena, alpa_dim_sharding, sharding.rank);
  for (uint32_t d = 0; d < sharding.rank; d++)
    ALPA_TRY(decode_dim(arena, at, dims->array.items[d], d, &sharding));
  ALPA_TRY(decode_others(arena, at, attr, &sharding));
  *out_sharding = sharding;
  return ALPA_OK;
}

bool alpa_op_sees_symbols(const alpa_op *op) {
  return op->block && op->block->region && alpa_op_symbol_table(op->block->region->op);
}

alpa_status alpa_sharding_decode_at(alpa_arena *arena, const alpa_op *at, const alpa_attr *attr,
                                    alpa_sharding *out_sharding) {
  const alpa_mesh *mesh = NULL;
  if (attr->kind == ALPA_ATTR_STRUCT && attr->def == &alpa_sdy_attr_sharding &&
      alpa_attr_field(attr, SDY_SHARDING_MESH)->kind == ALPA_ATTR_SYMBOL) {
    const alpa_op *table = alpa_op_sees_symbols(at) ? alpa_op_symbol_table(at->block->region->op) : NULL;
    const char *name = alpa_attr_field(attr, SDY_SHARDING_MESH)->string.data;
    const alpa_op *found = table ? alpa_symbol_find(table, name) : NULL;
    if (!found || !sdy_is(found, SDY_mesh))
      return alpa_op_error(at, "has a sharding over @%s, which is not a mesh of this module", name);
    ALPA_TRY(alpa_mesh_decode(arena, found, &mesh));
  }
  return alpa_sharding_decode(arena, mesh, at, attr, out_sharding);
}

static alpa_status check_for_type(const alpa_op *at, const alpa_sharding *sharding, const alpa_type *type) {
  alpa_context *ctx = alpa_op_context(at);
  if (type->kind == ALPA_TYPE_TUPLE && type->inputs.n == 1) /* the sharding is of its only element */
    type = type->inputs.items[0];
  if (sharding->rank != (alpa_type_is_tensor(type) ? type->rank : 0))
    return alpa_op_error(at, "has a sharding of %u dimensions for '%s'", sharding->rank, alpa_type_spell(ctx, type));
  if (!alpa_type_is_tensor(type) && (sharding->replicated.n || sharding->partial.n))
    return alpa_op_error(at, "has a sharding with axes for '%s', which is no tensor", alpa_type_spell(ctx, type));
  return ALPA_OK;
}

/* Whether an axis is manual in a computation. */
static bool is_bound(const alpa_op *computation, const char *axis) {
  const alpa_attr *manual = computation->attrs[sdy_manual_computation_manual_axes];
  const alpa_attr *names = manual && manual->kind == ALPA_ATTR_STRUCT ? alpa_attr_field(manual, SDY_LIST_ITEMS) : NULL;
  for (size_t i = 0; names && i < names->array.n; i++)
    if (!strcmp(names->array.items[i]->string.data, axis))
      return true;
  return false;
}

static alpa_status check_free(const alpa_op *at, const alpa_op *computation, const alpa_mesh *mesh,
                              alpa_axis_refs refs) {
  for (size_t i = 0; i < refs.n; i++)
    if (is_bound(computation, mesh->axes[refs.items[i].axis].name))
      return alpa_op_error(at, "shards over axis \"%s\", which is manual in the computation around it",
                           mesh->axes[refs.items[i].axis].name);
  return ALPA_OK;
}

/* Inside a manual computation its axes are gone. */
static alpa_status check_not_manual(const alpa_op *at, const alpa_sharding *sharding) {
  for (const alpa_op *op = alpa_op_parent(at); op; op = alpa_op_parent(op)) {
    if (!sdy_is(op, SDY_manual_computation))
      continue;
    for (uint32_t d = 0; d < sharding->rank; d++)
      ALPA_TRY(check_free(at, op, sharding->mesh, sharding->dims[d].axes));
    ALPA_TRY(check_free(at, op, sharding->mesh, sharding->replicated));
    ALPA_TRY(check_free(at, op, sharding->mesh, sharding->partial));
  }
  return ALPA_OK;
}

alpa_status alpa_sharding_verify(const alpa_op *at, const alpa_attr *attr, const alpa_type *type) {
  if (!alpa_op_sees_symbols(at))
    return ALPA_OK; /* detached: its mesh cannot be found */
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(at)->memory);
  alpa_sharding sharding;
  alpa_status status = alpa_sharding_decode_at(&scratch, at, attr, &sharding);
  if (status == ALPA_OK)
    status = check_for_type(at, &sharding, type);
  if (status == ALPA_OK)
    status = check_not_manual(at, &sharding);
  alpa_arena_deinit(&scratch);
  return status;
}

/* ---- attributes from shardings ---- */

static const alpa_attr *encode_ref(alpa_context *ctx, const alpa_mesh *mesh, alpa_axis_ref ref) {
  const alpa_attr *fields[3] = {0};
  fields[SDY_AXIS_NAME] = alpa_attr_get_string(ctx, mesh->axes[ref.axis].name);
  if (alpa_axis_ref_size(mesh, ref) != mesh->axes[ref.axis].size) {
    fields[SDY_AXIS_PRE] = alpa_attr_get_i64(ctx, ref.pre);
    fields[SDY_AXIS_SIZE] = alpa_attr_get_i64(ctx, ref.size);
  }
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_axis_ref, fields);
}

static const alpa_attr *encode_refs(alpa_context *ctx, alpa_arena *arena, const alpa_mesh *mesh, alpa_axis_refs refs) {
  const alpa_attr **items = alpa_arena_new(arena, const alpa_attr *, refs.n);
  for (size_t i = 0; i < refs.n; i++)
    items[i] = encode_ref(ctx, mesh, refs.items[i]);
  return alpa_attr_get_array(ctx, items, refs.n);
}

static const alpa_attr *encode_dim(alpa_context *ctx, alpa_arena *arena, const alpa_mesh *mesh,
                                   const alpa_dim_sharding *dim) {
  const alpa_attr *fields[3] = {0};
  fields[SDY_DIM_AXES] = encode_refs(ctx, arena, mesh, dim->axes);
  fields[SDY_DIM_OPEN] = dim->open ? alpa_attr_get_unit(ctx) : NULL;
  fields[SDY_DIM_PRIORITY] = dim->priority ? alpa_attr_get_i64(ctx, dim->priority) : NULL;
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_dimension_sharding, fields);
}

const alpa_attr *alpa_sharding_encode(alpa_context *ctx, const alpa_sharding *sharding) {
  const alpa_mesh *mesh = sharding->mesh;
  const alpa_attr *fields[5] = {0};
  alpa_arena scratch;
  alpa_arena_init(&scratch, &ctx->memory);
  const alpa_attr **dims = alpa_arena_new(&scratch, const alpa_attr *, sharding->rank);
  for (uint32_t d = 0; d < sharding->rank; d++)
    dims[d] = encode_dim(ctx, &scratch, mesh, &sharding->dims[d]);
  fields[SDY_SHARDING_MESH] = mesh->name[0] ? alpa_attr_get_symbol(ctx, mesh->name) : encode_mesh(ctx, mesh);
  fields[SDY_SHARDING_DIMS] = alpa_attr_get_array(ctx, dims, sharding->rank);
  if (sharding->replicated.n)
    fields[SDY_SHARDING_REPLICATED] = encode_refs(ctx, &scratch, mesh, sharding->replicated);
  if (sharding->partial.n)
    fields[SDY_SHARDING_UNREDUCED] = encode_refs(ctx, &scratch, mesh, sharding->partial);
  if (sharding->partial.n && sharding->partial_kind != ALPA_PARTIAL_SUM)
    fields[SDY_SHARDING_UNREDUCED_KIND] =
        alpa_attr_get_enum(ctx, &alpa_sdy_attr_reduction_kind, (int64_t)sharding->partial_kind);
  alpa_arena_deinit(&scratch);
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_sharding, fields);
}
