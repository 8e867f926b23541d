/* Slices are pushed up through elementwise ops and broadcasts, so that what is computed of a stacked tensor (a cast of
 * weights, the optimizer) is computed piece by piece, and are down to a slice of an argument in the end; pieces are
 * pushed down through the same ops and into reductions, and joined where an op wants all of them.  Each piece is built
 * once. */
#include "passes/loops/pieces.h"

#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"

enum { MAX_CHAIN = 64 };

typedef struct alpa_cut_value {
  alpa_piece_list parts;  /* set: all of the value, in order */
  alpa_piece_list slices; /* built on demand */
  alpa_value *joined;
} alpa_cut_value;

static alpa_context *context_of(const alpa_pieces *p) { return p->builder.module->ctx; }

static alpa_cut_value *find_cut(const alpa_pieces *p, const alpa_value *value) {
  return alpa_map_get_pointer(&p->cut, value);
}

static alpa_cut_value *get_cut(alpa_pieces *p, const alpa_value *value) {
  alpa_cut_value *cut = find_cut(p, value);
  if (cut)
    return cut;
  cut = alpa_arena_new(p->arena, alpa_cut_value, 1);
  alpa_map_set_pointer(p->arena, &p->cut, value, cut);
  return cut;
}

void alpa_pieces_set(alpa_pieces *p, const alpa_value *value, const alpa_piece_list *parts) {
  get_cut(p, value)->parts = *parts;
}

const alpa_piece_list *alpa_pieces_find(const alpa_pieces *p, const alpa_value *value) {
  const alpa_cut_value *cut = find_cut(p, value);
  return cut && cut->parts.n ? &cut->parts : NULL;
}

/* ---- slices ------------------------------------------------------------------------------------------------------ */

static const alpa_type *cut_type(const alpa_pieces *p, const alpa_type *type, uint32_t dim, int64_t size) {
  int64_t *dims = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *dims);
  dims[dim] = size;
  return alpa_type_with_dims(context_of(p), type, type->rank, dims);
}

static alpa_value *build_slice(alpa_pieces *p, alpa_value *value, const alpa_piece *piece) {
  uint32_t rank = value->type->rank;
  int64_t *start = alpa_arena_new(p->arena, int64_t, rank), *stride = alpa_arena_new(p->arena, int64_t, rank);
  int64_t *limit = alpa_arena_copy(p->arena, value->type->dims, rank * sizeof *limit);
  for (uint32_t d = 0; d < rank; d++)
    stride[d] = 1;
  start[piece->dim] = piece->begin;
  limit[piece->dim] = piece->end;
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {
      [stablehlo_slice_start_indices] = alpa_attr_get_i64s(context_of(p), start, rank),
      [stablehlo_slice_limit_indices] = alpa_attr_get_i64s(context_of(p), limit, rank),
      [stablehlo_slice_strides] = alpa_attr_get_i64s(context_of(p), stride, rank)};
  return alpa_build_value(&p->builder, &alpa_stablehlo_ops[STABLEHLO_slice], &value, 1, attrs);
}

/* ---- upwards ----------------------------------------------------------------------------------------------------- */

static alpa_value *get(alpa_pieces *p, alpa_value *value, const alpa_piece *piece, uint32_t depth);

static alpa_value *cut_constant(alpa_pieces *p, const alpa_attr *constant, const alpa_piece *piece) {
  const alpa_type *type = cut_type(p, constant->type, piece->dim, piece->end - piece->begin);
  const alpa_attr *attrs[] = {alpa_attr_get_elements(context_of(p), type, constant->elements.data, true)};
  return alpa_build_value(&p->builder, &alpa_stablehlo_ops[STABLEHLO_constant], NULL, 0, attrs);
}

/* One result, and operands of its shape or single elements. */
static bool is_elementwise(const alpa_op *op) {
  bool fits = alpa_op_has(op, ALPA_ELEMENTWISE) && op->n_results == 1 && op->n_regions == 0;
  for (uint32_t i = 0; fits && i < op->n_operands; i++)
    fits = alpa_op_operand_type(op, i)->rank == op->results->type->rank || alpa_op_operand_type(op, i)->rank == 0;
  return fits && op->n_operands > 0 && op->results->type->rank > 0;
}

static alpa_value *cut_elementwise(alpa_pieces *p, const alpa_op *op, const alpa_piece *piece, uint32_t depth) {
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_op_operand_type(op, i)->rank == 0 ? alpa_pieces_join(p, alpa_op_operand(op, i))
                                                         : get(p, alpa_op_operand(op, i), piece, depth + 1);
  const alpa_type *type = cut_type(p, op->results->type, piece->dim, piece->end - piece->begin);
  const alpa_op_state state = {.def = op->def,
                               .loc = op->loc,
                               .operands = operands,
                               .n_operands = op->n_operands,
                               .results = &type,
                               .n_results = 1,
                               .attrs = op->attrs,
                               .extra = op->extra};
  return alpa_build(&p->builder, &state)->results;
}

/* The operand has the dimension, and is cut too, or does not have it, and serves all pieces. */
static alpa_value *cut_broadcast(alpa_pieces *p, const alpa_op *op, const alpa_piece *piece, uint32_t depth) {
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  alpa_value *operand = alpa_op_operand(op, 0);
  alpa_piece of_operand = *piece;
  bool is_mapped = false;
  for (size_t i = 0; i < n && !is_mapped; i++)
    if (dims[i] == piece->dim && operand->type->dims[i] > 1) {
      of_operand.dim = (uint32_t)i;
      is_mapped = true;
    }
  operand = is_mapped ? get(p, operand, &of_operand, depth + 1) : alpa_pieces_join(p, operand);
  const alpa_type *type = cut_type(p, op->results->type, piece->dim, piece->end - piece->begin);
  const alpa_op_state state = {.def = op->def,
                               .loc = op->loc,
                               .operands = &operand,
                               .n_operands = 1,
                               .results = &type,
                               .n_results = 1,
                               .attrs = op->attrs,
                               .extra = op->extra};
  return alpa_build(&p->builder, &state)->results;
}

static alpa_value *build_piece(alpa_pieces *p, alpa_value *value, const alpa_piece *piece, uint32_t depth) {
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (constant && constant->kind == ALPA_ATTR_ELEMENTS && constant->elements.splat)
    return cut_constant(p, constant, piece);
  if (value->op && depth < MAX_CHAIN && is_elementwise(value->op))
    return cut_elementwise(p, value->op, piece, depth);
  if (value->op && depth < MAX_CHAIN && stablehlo_is(value->op, STABLEHLO_broadcast_in_dim))
    return cut_broadcast(p, value->op, piece, depth);
  return build_slice(p, alpa_pieces_join(p, value), piece);
}

static alpa_value *find_piece(const alpa_piece_list *list, const alpa_piece *wanted) {
  for (size_t i = 0; i < list->n; i++) {
    const alpa_piece *piece = &list->items[i];
    if (piece->dim == wanted->dim && piece->begin == wanted->begin && piece->end == wanted->end)
      return piece->value;
  }
  return NULL;
}

static alpa_value *get(alpa_pieces *p, alpa_value *value, const alpa_piece *piece, uint32_t depth) {
  alpa_cut_value *cut = get_cut(p, value);
  alpa_value *found = find_piece(&cut->parts, piece);
  if (!found)
    found = find_piece(&cut->slices, piece);
  if (found)
    return found;
  alpa_piece built = *piece;
  built.value = cut->parts.n ? build_slice(p, alpa_pieces_join(p, value), piece) : build_piece(p, value, piece, depth);
  alpa_vec_push(p->arena, &cut->slices, built);
  return built.value;
}

alpa_value *alpa_pieces_get(alpa_pieces *p, alpa_value *value, uint32_t dim, int64_t begin, int64_t end) {
  return get(p, value, &(alpa_piece){.dim = dim, .begin = begin, .end = end}, 0);
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

alpa_value *alpa_pieces_join(alpa_pieces *p, alpa_value *value) {
  alpa_cut_value *cut = find_cut(p, value);
  if (!cut || cut->parts.n == 0)
    return value;
  if (!cut->joined && cut->parts.n == 1)
    cut->joined = cut->parts.items[0].value;
  if (cut->joined)
    return cut->joined;
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, cut->parts.n);
  for (size_t i = 0; i < cut->parts.n; i++)
    operands[i] = cut->parts.items[i].value;
  const alpa_attr *attrs[] = {alpa_attr_get_i64(context_of(p), cut->parts.items[0].dim)};
  cut->joined =
      alpa_build_value(&p->builder, &alpa_stablehlo_ops[STABLEHLO_concatenate], operands, cut->parts.n, attrs);
  return cut->joined;
}

static alpa_status use_joined(void *user, alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *value = alpa_op_operand(op, i), *joined = alpa_pieces_join(user, value);
    if (joined != value)
      alpa_op_set_operand(op, i, joined);
  }
  return ALPA_OK;
}

void alpa_pieces_use(alpa_pieces *p, alpa_op *op) {
  alpa_status status = alpa_op_walk(op, use_joined, p);
  (void)status; /* the visitor does not fail */
}

/* ---- downwards --------------------------------------------------------------------------------------------------- */

static alpa_op *reduce_piece(alpa_pieces *p, const alpa_op *op, alpa_value *piece, alpa_value *init) {
  alpa_value_map none;
  alpa_value_map_init(&none, p->arena);
  alpa_op *clone = alpa_op_clone(p->builder.module, op, &none);
  alpa_op_set_operand(clone, 0, piece);
  alpa_op_set_operand(clone, 1, init);
  alpa_op_insert(clone, p->builder.block, p->builder.before);
  return clone;
}

/* To a single element, piece by piece, each beginning with the result of the one before; along other dimensions, to
 * pieces. */
static bool spread_reduce(alpa_pieces *p, const alpa_op *op, const alpa_piece_list *parts) {
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_reduce_dimensions, &n);
  uint32_t dim = parts->items[0].dim, kept = dim;
  bool is_reduced = false, is_single = op->results->type->rank == 0;
  for (size_t i = 0; i < n; i++) {
    is_reduced |= dims[i] == dim;
    kept -= dims[i] < dim;
  }
  if (op->n_results != 1 || (is_reduced && !is_single))
    return false;
  alpa_piece_list results = {0};
  alpa_piece made = {.value = alpa_pieces_join(p, alpa_op_operand(op, 1))};
  alpa_value *init = made.value;
  for (size_t i = 0; i < parts->n; i++) {
    const alpa_piece *part = &parts->items[i];
    alpa_value *value = reduce_piece(p, op, part->value, is_single ? made.value : init)->results;
    if (!is_single)
      value->type = cut_type(p, op->results->type, kept, part->end - part->begin);
    made = (alpa_piece){kept, part->begin, part->end, value};
    if (!is_single || i + 1 == parts->n)
      alpa_vec_push(p->arena, &results, made);
  }
  alpa_pieces_set(p, op->results, &results);
  return true;
}

/* Elementwise ops in the pieces of an operand; broadcasts in those of theirs, wherever the dimension goes. */
static void spread_op(alpa_pieces *p, const alpa_op *op, const alpa_piece_list *parts) {
  alpa_piece_list results = {0};
  bool is_broadcast = stablehlo_is(op, STABLEHLO_broadcast_in_dim);
  size_t n;
  for (size_t i = 0; i < parts->n; i++) {
    alpa_piece piece = parts->items[i];
    if (is_broadcast)
      piece.dim = (uint32_t)alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n)[piece.dim];
    piece.value = is_broadcast ? cut_broadcast(p, op, &piece, 0) : cut_elementwise(p, op, &piece, 0);
    alpa_vec_push(p->arena, &results, piece);
  }
  alpa_pieces_set(p, op->results, &results);
}

bool alpa_pieces_spread(alpa_pieces *p, const alpa_op *op) {
  const alpa_piece_list *parts = NULL;
  for (uint32_t i = 0; i < op->n_operands && (!parts || parts->n < 2); i++)
    parts = alpa_pieces_find(p, alpa_op_operand(op, i));
  if (!parts || parts->n < 2)
    return false;
  if (stablehlo_is(op, STABLEHLO_reduce))
    return spread_reduce(p, op, parts);
  if (!is_elementwise(op) && !stablehlo_is(op, STABLEHLO_broadcast_in_dim))
    return false;
  spread_op(p, op, parts);
  return true;
}
