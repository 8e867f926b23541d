/* Verification of the collectives of sdy.  Each op says which axes leave the dimensions of its operand (`gone`), which
 * ones come to the dimensions of its result (`come`), which partial axes it reduces and which it makes.  That must fit
 * out_sharding, and the operand's sharding where it is known: in every dimension out + gone = in + come, sub-axes that
 * follow each other being merged. */
#include <inttypes.h>

#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sdy_hooks.h"
#include "dialects/sdy/sharding.h"

typedef struct collective {
  const alpa_op *op;
  alpa_arena *arena;
  alpa_sharding in, out;
  bool in_known;               /* and over the mesh of `out` */
  alpa_axis_refs *gone, *come; /* per dimension */
  alpa_axis_refs reduced, made;
} collective;

typedef alpa_status read_fn(collective *c);

static const char *axis_name(const collective *c, alpa_axis_ref ref) { return c->out.mesh->axes[ref.axis].name; }

/* ---- what the op says -------------------------------------------------------------------------------------------- */

/* Axis lists for each dimension, all of them different; *out_all receives them together (may be NULL). */
static alpa_status read_lists(collective *c, int ordinal, alpa_axis_refs *lists, alpa_axis_refs *out_all) {
  const alpa_attr *attrs = alpa_attr_field(c->op->attrs[ordinal], SDY_LIST_ITEMS);
  if (attrs->array.n != c->out.rank)
    return alpa_op_error(c->op, "expects a list of axes for each of the %u dimensions, got %zu", c->out.rank,
                         attrs->array.n);
  ALPA_VEC(alpa_axis_ref) all = {0};
  for (uint32_t d = 0; d < c->out.rank; d++) {
    const alpa_attr *axes = alpa_attr_field(attrs->array.items[d], SDY_LIST_ITEMS);
    ALPA_TRY(alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, axes, &lists[d]));
    for (size_t i = 0; i < lists[d].n; i++) {
      if (alpa_axis_refs_overlap(c->out.mesh, (alpa_axis_refs){all.items, all.n - i}, lists[d].items[i]))
        return alpa_op_error(c->op, "uses axis \"%s\" twice", axis_name(c, lists[d].items[i]));
      alpa_vec_push(c->arena, &all, lists[d].items[i]);
    }
  }
  if (out_all)
    *out_all = (alpa_axis_refs){all.items, all.n};
  return ALPA_OK;
}

static alpa_status read_list(collective *c, int ordinal, alpa_axis_refs *out_refs) {
  const alpa_attr *axes = alpa_attr_field(c->op->attrs[ordinal], SDY_LIST_ITEMS);
  ALPA_TRY(alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, axes, out_refs));
  return alpa_axis_refs_check_order(c->out.mesh, c->op, *out_refs, "reduced");
}

static alpa_status read_all_gather(collective *c) {
  return read_lists(c, sdy_all_gather_gathering_axes, c->gone, NULL);
}

static alpa_status read_all_slice(collective *c) { return read_lists(c, sdy_all_slice_slicing_axes, c->come, NULL); }

static alpa_status read_reduce_scatter(collective *c) {
  return read_lists(c, sdy_reduce_scatter_reduce_scatter_axes, c->come, &c->reduced);
}

static alpa_status read_sharded_to_unreduced(collective *c) {
  return read_lists(c, sdy_sharded_to_unreduced_axes, c->gone, &c->made);
}

static alpa_status read_replicated_to_unreduced(collective *c) {
  ALPA_TRY(read_list(c, sdy_replicated_to_unreduced_axes, &c->made));
  return c->made.n ? ALPA_OK : alpa_op_error(c->op, "expects axes to make unreduced, got none");
}

static alpa_status read_all_reduce(collective *c) {
  ALPA_TRY(read_list(c, sdy_all_reduce_reduction_axes, &c->reduced));
  for (size_t i = 0; i < c->reduced.n; i++)
    for (uint32_t d = 0; d < c->out.rank; d++)
      if (alpa_axis_refs_overlap(c->out.mesh, c->out.dims[d].axes, c->reduced.items[i]))
        return alpa_op_error(c->op, "expects out_sharding not to have axis \"%s\" in a dimension",
                             axis_name(c, c->reduced.items[i]));
  return ALPA_OK;
}

static alpa_status read_collective_permute(collective *c) {
  (void)c;
  return ALPA_OK;
}

/* A dimension gives axes or takes some, once. */
static alpa_status read_move(collective *c, const alpa_attr *move, int64_t *previous) {
  int64_t from = alpa_attr_field(move, SDY_MOVE_FROM)->integer, to = alpa_attr_field(move, SDY_MOVE_TO)->integer;
  if (from < 0 || from >= c->out.rank || to < 0 || to >= c->out.rank || from == to)
    return alpa_op_error(c->op, "expects axes to move between two dimensions in [0, %u), got %" PRId64 "->%" PRId64,
                         c->out.rank, from, to);
  if (from < *previous)
    return alpa_op_error(
        c->op, "expects the dimensions that axes move from in ascending order, got %" PRId64 " before %" PRId64,
        *previous, from);
  *previous = from;
  if (c->gone[from].n || c->come[from].n || c->gone[to].n || c->come[to].n)
    return alpa_op_error(c->op, "moves axes of a dimension twice, in %" PRId64 "->%" PRId64, from, to);
  ALPA_TRY(alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, alpa_attr_field(move, SDY_MOVE_AXES), &c->gone[from]));
  if (c->gone[from].n == 0)
    return alpa_op_error(c->op, "expects axes to move from dimension %" PRId64 " to %" PRId64 ", got none", from, to);
  c->come[to] = c->gone[from];
  return ALPA_OK;
}

static alpa_status read_all_to_all(collective *c) {
  const alpa_attr *moves = alpa_attr_field(c->op->attrs[sdy_all_to_all_params], SDY_LIST_ITEMS);
  if (moves->array.n == 0)
    return alpa_op_error(c->op, "expects axes to move, got none");
  int64_t previous = -1;
  for (size_t i = 0; i < moves->array.n; i++)
    ALPA_TRY(read_move(c, moves->array.items[i], &previous));
  return ALPA_OK;
}

/* ---- what the result must be ------------------------------------------------------------------------------------- */

static bool comes_somewhere(const collective *c, alpa_axis_ref ref) {
  for (uint32_t d = 0; d < c->out.rank; d++)
    if (alpa_axis_refs_contain(c->out.mesh, c->come[d], ref))
      return true;
  return false;
}

static alpa_status check_dim(const collective *c, uint32_t d) {
  for (size_t i = 0; i < c->come[d].n; i++)
    if (!alpa_axis_refs_contain(c->out.mesh, c->out.dims[d].axes, c->come[d].items[i]))
      return alpa_op_error(c->op, "expects out_sharding to have axis \"%s\" in dimension %u",
                           axis_name(c, c->come[d].items[i]), d);
  for (size_t i = 0; i < c->gone[d].n; i++)
    for (uint32_t e = 0; e < c->out.rank && !comes_somewhere(c, c->gone[d].items[i]); e++)
      if (alpa_axis_refs_overlap(c->out.mesh, c->out.dims[e].axes, c->gone[d].items[i]))
        return alpa_op_error(c->op, "expects out_sharding not to have axis \"%s\" in a dimension",
                             axis_name(c, c->gone[d].items[i]));
  return ALPA_OK;
}

static alpa_status check_out(const collective *c) {
  for (uint32_t d = 0; d < c->out.rank; d++)
    ALPA_TRY(check_dim(c, d));
  for (size_t i = 0; i < c->reduced.n; i++)
    if (alpa_axis_refs_overlap(c->out.mesh, c->out.partial, c->reduced.items[i]))
      return alpa_op_error(c->op, "expects out_sharding not to have axis \"%s\" among its unreduced axes",
                           axis_name(c, c->reduced.items[i]));
  for (size_t i = 0; i < c->made.n; i++)
    if (!alpa_axis_refs_contain(c->out.mesh, c->out.partial, c->made.items[i]))
      return alpa_op_error(c->op, "expects out_sharding to have axis \"%s\" among its unreduced axes",
                           axis_name(c, c->made.items[i]));
  if (c->made.n && c->out.partial_kind != ALPA_PARTIAL_SUM)
    return alpa_op_error(c->op, "makes axes unreduced that can only be summed, out_sharding says otherwise");
  return ALPA_OK;
}

/* ---- how the operand becomes it ---- */

/* Two lists one after the other, with sub-axes merged where they follow each other. */
static alpa_axis_refs join(const collective *c, alpa_axis_refs a, alpa_axis_refs b) {
  alpa_axis_ref *refs = alpa_arena_new(c->arena, alpa_axis_ref, a.n + b.n);
  size_t n = 0;
  for (size_t i = 0; i < a.n + b.n; i++) {
    alpa_axis_ref ref = i < a.n ? a.items[i] : b.items[i - a.n], *last = n ? &refs[n - 1] : NULL;
    if (last && last->axis == ref.axis && last->size && ref.size && last->pre * last->size == ref.pre)
      last->size *= ref.size;
    else
      refs[n++] = ref;
    last = &refs[n - 1];
    if (last->size == c->out.mesh->axes[last->axis].size)
      *last = (alpa_axis_ref){.axis = last->axis, .pre = 1};
  }
  return (alpa_axis_refs){refs, n};
}

static bool is_same(alpa_axis_refs a, alpa_axis_refs b) {
  bool same = a.n == b.n;
  for (size_t i = 0; same && i < a.n; i++)
    same = a.items[i].axis == b.items[i].axis && a.items[i].pre == b.items[i].pre && a.items[i].size == b.items[i].size;
  return same;
}

static alpa_status check_dims(const collective *c) {
  for (uint32_t d = 0; d < c->out.rank; d++)
    if (!is_same(join(c, c->out.dims[d].axes, c->gone[d]), join(c, c->in.dims[d].axes, c->come[d])))
      return alpa_op_error(c->op, "does not lead from the operand's sharding to out_sharding in dimension %u", d);
  return ALPA_OK;
}

/* Permuting devices keeps the number of shards. */
static alpa_status check_shards(const collective *c) {
  for (uint32_t d = 0; d < c->out.rank; d++) {
    int64_t before = alpa_axis_refs_size(c->in.mesh, c->in.dims[d].axes);
    int64_t after = alpa_axis_refs_size(c->out.mesh, c->out.dims[d].axes);
    if (before != after)
      return alpa_op_error(c->op, "expects dimension %u to stay in %" PRId64 " shards, got %" PRId64, d, before, after);
  }
  return ALPA_OK;
}

static alpa_status check_kind(const collective *c) {
  const alpa_attr *kind = alpa_op_find_attr(c->op, "reduction_kind");
  int64_t ordinal = kind ? kind->integer : ALPA_PARTIAL_SUM;
  for (size_t i = 0; i < c->reduced.n; i++)
    if (alpa_axis_refs_overlap(c->out.mesh, c->in.partial, c->reduced.items[i]) &&
        ordinal != (int64_t)c->in.partial_kind)
      return alpa_op_error(c->op, "reduces axis \"%s\" by '%s', which the operand leaves to '%s'",
                           axis_name(c, c->reduced.items[i]), alpa_sdy_attr_reduction_kind.cases[ordinal],
                           alpa_sdy_attr_reduction_kind.cases[c->in.partial_kind]);
  return ALPA_OK;
}

static alpa_status check_partial(const collective *c) {
  const alpa_mesh *mesh = c->out.mesh;
  ALPA_TRY(check_kind(c));
  for (size_t i = 0; i < c->made.n; i++)
    if (alpa_axis_refs_overlap(mesh, c->in.partial, c->made.items[i]))
      return alpa_op_error(c->op, "makes axis \"%s\" unreduced, which it is already", axis_name(c, c->made.items[i]));
  for (size_t i = 0; i < c->out.partial.n; i++)
    if (!alpa_axis_refs_overlap(mesh, c->in.partial, c->out.partial.items[i]) &&
        !alpa_axis_refs_overlap(mesh, c->made, c->out.partial.items[i]))
      return alpa_op_error(c->op, "does not make axis \"%s\" unreduced, as out_sharding has it",
                           axis_name(c, c->out.partial.items[i]));
  for (size_t i = 0; i < c->in.partial.n; i++)
    if (!alpa_axis_refs_overlap(mesh, c->out.partial, c->in.partial.items[i]) &&
        !alpa_axis_refs_overlap(mesh, c->reduced, c->in.partial.items[i]))
      return alpa_op_error(c->op, "does not reduce axis \"%s\", which out_sharding lacks",
                           axis_name(c, c->in.partial.items[i]));
  return ALPA_OK;
}

static alpa_status read_operand(collective *c) {
  const alpa_attr *attr = alpa_value_find_sharding(alpa_op_operand(c->op, 0));
  if (!attr)
    return ALPA_OK;
  ALPA_TRY(alpa_sharding_decode_at(c->arena, c->op, attr, &c->in));
  if (c->in.rank != c->out.rank)
    return ALPA_OK; /* reported where it is written */
  c->in_known = true;
  bool permutes = sdy_is(c->op, SDY_collective_permute);
  if (!alpa_mesh_has_same_axes(c->in.mesh, c->out.mesh) || (c->in.mesh->name != c->out.mesh->name && !permutes))
    return alpa_op_error(c->op, "has an operand sharded over mesh @%s and out_sharding over @%s", c->in.mesh->name,
                         c->out.mesh->name);
  return ALPA_OK;
}

static alpa_status check_collective(collective *c, read_fn *read) {
  c->gone = alpa_arena_new(c->arena, alpa_axis_refs, c->out.rank);
  c->come = alpa_arena_new(c->arena, alpa_axis_refs, c->out.rank);
  ALPA_TRY(read(c));
  ALPA_TRY(check_out(c));
  ALPA_TRY(read_operand(c));
  if (!c->in_known)
    return ALPA_OK;
  ALPA_TRY(sdy_is(c->op, SDY_collective_permute) ? check_shards(c) : check_dims(c));
  return check_partial(c);
}

static alpa_status verify_collective(const alpa_op *op, int out_sharding, read_fn *read) {
  if (!alpa_op_sees_symbols(op))
    return ALPA_OK; /* detached: its mesh cannot be found */
  const alpa_attr *attr = op->attrs[out_sharding];
  ALPA_TRY(alpa_sharding_verify(op, attr, alpa_op_type(op)));
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  collective c = {.op = op, .arena = &scratch};
  alpa_status status = alpa_sharding_decode_at(&scratch, op, attr, &c.out);
  if (status == ALPA_OK)
    status = check_collective(&c, read);
  alpa_arena_deinit(&scratch);
  return status;
}

/* clang-format off */
#define X(name)                                                                                                        \
  alpa_status alpa_sdy_verify_##name(alpa_op *op) {                                                                    \
    return verify_collective(op, sdy_##name##_out_sharding, read_##name);                                              \
  }
X(all_gather)
X(all_slice)
X(all_to_all)
X(collective_permute)
X(all_reduce)
X(reduce_scatter)
X(sharded_to_unreduced)
X(replicated_to_unreduced)
#undef X
/* clang-format on */
