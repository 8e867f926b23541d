/* Rewrites before fusion: ops that are compositions of others, and reductions that are too long for one task.
 *
 *   rng_bit_generator             its next state is arithmetic; the bits stay
 *   all_to_all                    with dimension 0 split and joined, between transposes
 *   other collectives             trees of permutes (collectives.c), where the runtime has no operation for them
 *   reduce of several dimensions  in two steps, so that the first has enough results to share out
 *
 * Blocks inside control flow get constants of their own, which kernels then know. */
#include "codegen/fuse/prepare.h"

#include <string.h>

#include "codegen/fuse/class.h"
#include "codegen/monoid.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

static alpa_value *build(alpa_builder *b, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands,
                         size_t n, const alpa_attr *const *attrs) {
  return alpa_build_typed(b, &alpa_stablehlo_ops[id], type, operands, n, attrs);
}

/* ---- reductions ---- */

static const alpa_attr *i64s(alpa_builder *b, const int64_t *values, size_t n) {
  return alpa_attr_get_i64s(b->module->ctx, values, n);
}

static bool is_reduced(const alpa_op *op, int64_t dim) {
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_reduce_dimensions, &n);
  for (size_t i = 0; i < n; i++)
    if (dims[i] == dim)
      return true;
  return false;
}

static alpa_value *constant_of(alpa_builder *b, const alpa_type *type, const void *bytes) {
  const alpa_attr *value = alpa_attr_get_elements(b->module->ctx, type, bytes, true);
  return build(b, STABLEHLO_constant, type, NULL, 0, &value);
}

/* A copy of the reduce on other operands, dimensions and result. */
static alpa_op *copy_reduce(alpa_builder *b, alpa_op *op, alpa_value *operand, alpa_value *init, const int64_t *dims,
                            size_t n_dims) {
  const alpa_type *type = operand->type;
  int64_t kept[64];
  uint32_t rank = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    bool reduced = false;
    for (size_t i = 0; i < n_dims; i++)
      reduced |= dims[i] == (int64_t)d;
    if (!reduced)
      kept[rank++] = type->dims[d];
  }
  const alpa_type *result = alpa_type_with_dims(b->module->ctx, type, rank, kept);
  const alpa_attr *attrs[stablehlo_reduce_attr_count] = {[stablehlo_reduce_dimensions] = i64s(b, dims, n_dims)};
  alpa_op_state state = {.def = op->def,
                         .loc = op->loc,
                         .operands = (alpa_value *[]){operand, init},
                         .n_operands = 2,
                         .results = &result,
                         .n_results = 1,
                         .attrs = attrs,
                         .n_regions = 1};
  alpa_op *copy = alpa_op_create(b->module, &state);
  alpa_value_map map;
  alpa_value_map_init(&map, &b->module->arena);
  alpa_region_clone(b->module, &op->regions[0], &copy->regions[0], &map);
  alpa_op_insert(copy, b->block, b->before);
  return copy;
}

enum { LONG_REDUCE = 16384, ENOUGH_RESULTS = 64, MANY_RESULTS = 32768 };

/* Largest divisor of n between 16 and 256; 0 where there is none. */
static int64_t find_divisor(int64_t n) {
  for (int64_t d = 256; d >= 16; d--)
    if (n % d == 0)
      return d;
  return 0;
}

/* The operand with its reduced leading dimension in two parts, where the reduction is along one long dimension. */
static alpa_value *split_dimension(alpa_builder *b, alpa_value *operand, int64_t dim) {
  const alpa_type *type = operand->type;
  int64_t parts = find_divisor(type->dims[dim]), dims[64];
  if (!parts || type->dims[dim] / parts < 16 || type->rank >= 30)
    return NULL;
  uint32_t rank = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    if ((int64_t)d == dim)
      dims[rank++] = parts;
    dims[rank++] = (int64_t)d == dim ? type->dims[d] / parts : type->dims[d];
  }
  return build(b, STABLEHLO_reshape, alpa_type_with_dims(b->module->ctx, type, rank, dims), &operand, 1, NULL);
}

static void split_reduce(alpa_op *op) {
  alpa_reduction reduction;
  if (op->n_results != 1 || !alpa_block_find_monoid(op->regions[0].first, &reduction))
    return;
  alpa_value *operand = alpa_op_operand(op, 0);
  const alpa_type *type = operand->type;
  int64_t from = alpa_type_count(type), to = alpa_type_count(op->results[0].type);
  if (to < 1 || from < LONG_REDUCE || from / to < 64 || to > MANY_RESULTS)
    return;
  int64_t first = -1, rest[64], left[64];
  size_t n_rest = 0, n_left = 0;
  bool columns = !is_reduced(op, (int64_t)type->rank - 1);
  if (!columns && to >= ENOUGH_RESULTS)
    return;
  for (uint32_t d = 0; d < type->rank; d++)
    if (is_reduced(op, d) && type->dims[d] > 1) {
      if (first < 0)
        first = d;
      else
        rest[n_rest++] = d;
    }
  alpa_builder b = alpa_builder_before(op);
  if (!n_rest) { /* one dimension */
    operand = split_dimension(&b, operand, first);
    if (!operand)
      return;
    rest[n_rest++] = first + 1;
  } else if (type->dims[first] < 8) {
    return;
  }
  int64_t place = first; /* of the kept part among the first step's results */
  for (int64_t d = 0; d < first; d++)
    place -= operand->type->dims[d] == 1 && is_reduced(op, d);
  for (uint32_t d = 0; d < type->rank; d++) /* extents of 1 go with the first step */
    if (is_reduced(op, d) && type->dims[d] == 1)
      rest[n_rest++] = operand == alpa_op_operand(op, 0) || (int64_t)d < first ? d : d + 1;
  char identity[16];
  alpa_monoid_identity(reduction, type->dtype, identity);
  const alpa_type *scalar = alpa_type_with_dims(b.module->ctx, type, 0, NULL);
  alpa_op *inner = copy_reduce(&b, op, operand, constant_of(&b, scalar, identity), rest, n_rest);
  left[n_left++] = place;
  alpa_op *outer = copy_reduce(&b, op, &inner->results[0], alpa_op_operand(op, 1), left, n_left);
  alpa_op_replace(op, (alpa_value *[]){&outer->results[0]});
}

/* ---- collectives ---- */

static alpa_value *transpose(alpa_builder *b, alpa_value *value, const int64_t *permutation) {
  int64_t dims[64];
  for (uint32_t d = 0; d < value->type->rank; d++)
    dims[d] = value->type->dims[permutation[d]];
  const alpa_attr *attr = i64s(b, permutation, value->type->rank);
  return build(b, STABLEHLO_transpose, alpa_type_with_dims(b->module->ctx, value->type, value->type->rank, dims),
               &value, 1, &attr);
}

static alpa_value *reshape(alpa_builder *b, alpa_value *value, uint32_t rank, const int64_t *dims) {
  return build(b, STABLEHLO_reshape, alpa_type_with_dims(b->module->ctx, value->type, rank, dims), &value, 1, NULL);
}

/* Inserts n in front of dimension dim, moves it between there and the front. */
static void move_dim(int64_t *permutation, uint32_t rank, uint32_t from, uint32_t to) {
  uint32_t next = 0;
  for (uint32_t d = 0; d < rank; d++) {
    if (d == to) {
      permutation[d] = from;
      continue;
    }
    next += next == from;
    permutation[d] = next++;
  }
}

static void expand_all_to_all(alpa_op *op) {
  uint32_t split = (uint32_t)alpa_op_int(op, stablehlo_all_to_all_split_dimension, 0);
  uint32_t concat = (uint32_t)alpa_op_int(op, stablehlo_all_to_all_concat_dimension, 0);
  int64_t n = alpa_op_int(op, stablehlo_all_to_all_split_count, 1);
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if (op->n_results != 1 || (!split && !concat && type->dims[0] == n))
    return;
  alpa_builder b = alpa_builder_before(op);
  int64_t dims[64], permutation[64];
  uint32_t rank = type->rank + 1;
  for (uint32_t d = 0; d < rank; d++)
    dims[d] = d < split ? type->dims[d] : d == split ? n : type->dims[d - 1] / (d - 1 == split ? n : 1);
  alpa_value *value = reshape(&b, alpa_op_operand(op, 0), rank, dims);
  move_dim(permutation, rank, split, 0);
  value = transpose(&b, value, permutation);
  alpa_context *ctx = b.module->ctx;
  const alpa_attr *attrs[stablehlo_all_to_all_attr_count];
  memcpy(attrs, op->attrs, sizeof attrs);
  attrs[stablehlo_all_to_all_split_dimension] = alpa_attr_get_i64(ctx, 0);
  attrs[stablehlo_all_to_all_concat_dimension] = alpa_attr_get_i64(ctx, 0);
  value = build(&b, STABLEHLO_all_to_all, value->type, &value, 1, attrs);
  move_dim(permutation, rank, 0, concat);
  value = transpose(&b, value, permutation);
  value = reshape(&b, value, type->rank, op->results[0].type->dims);
  alpa_op_replace(op, &value);
}

/* ---- random bits ---- */

/* Element i of the state, as a tensor of one. */
static alpa_value *state_word(alpa_builder *b, alpa_value *state, int64_t i) {
  const int64_t start[] = {i}, limit[] = {i + 1}, stride[] = {1}, dims[] = {1};
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {[stablehlo_slice_start_indices] = i64s(b, start, 1),
                                                        [stablehlo_slice_limit_indices] = i64s(b, limit, 1),
                                                        [stablehlo_slice_strides] = i64s(b, stride, 1)};
  return build(b, STABLEHLO_slice, alpa_type_with_dims(b->module->ctx, state->type, 1, dims), &state, 1, attrs);
}

/* Counters that the generator uses up for its result. */
static int64_t count_counters(const alpa_op *op, const alpa_type *bits) {
  int64_t count = alpa_type_count(bits);
  bool wide = alpa_dtype_get_info(bits->dtype)->bits == 64;
  if (alpa_op_attr(op, stablehlo_rng_bit_generator_rng_algorithm)->integer != STABLEHLO_THREE_FRY)
    return wide ? (count + 1) / 2 : (count + 3) / 4;
  if (wide || !bits->rank)
    return count;
  uint32_t split = 0;
  for (uint32_t d = 0; d < bits->rank; d++) {
    split = bits->dims[d] % 2 == 0 || bits->dims[d] > bits->dims[split] ? d : split;
    if (bits->dims[d] % 2 == 0)
      break;
  }
  return bits->dims[split] ? count / bits->dims[split] * ((bits->dims[split] + 1) / 2) : 0;
}

/* The next state becomes arithmetic: the counter moves on, with a carry into a third word. */
static void expand_rng_bit_generator(alpa_op *op) {
  alpa_value *state = alpa_op_operand(op, 0);
  const alpa_type *type = state->type;
  if (!op->results[0].uses || type->dtype != ALPA_UI64 || type->rank != 1 || type->dims[0] < 2 || type->dims[0] > 3)
    return;
  alpa_builder b = alpa_builder_before(op);
  alpa_value *words[3] = {NULL};
  for (int64_t i = 0; i < type->dims[0]; i++)
    words[i] = state_word(&b, state, i);
  const alpa_type *word = words[0]->type;
  int64_t step = count_counters(op, op->results[1].type);
  alpa_value *moved = build(&b, STABLEHLO_add, word, (alpa_value *[]){words[1], constant_of(&b, word, &step)}, 2, NULL);
  if (words[2]) {
    alpa_context *ctx = b.module->ctx;
    const alpa_attr *attrs[stablehlo_compare_attr_count] = {
        [stablehlo_compare_comparison_direction] =
            alpa_attr_get_enum(ctx, &alpa_stablehlo_attr_comparison_direction, STABLEHLO_LT)};
    alpa_value *wraps = build(&b, STABLEHLO_compare, alpa_type_with_dtype(ctx, word, ALPA_I1),
                              (alpa_value *[]){moved, words[1]}, 2, attrs);
    alpa_value *carry = build(&b, STABLEHLO_convert, word, &wraps, 1, NULL);
    words[2] = build(&b, STABLEHLO_add, word, (alpa_value *[]){words[2], carry}, 2, NULL);
  }
  words[1] = moved;
  const alpa_attr *dim = alpa_attr_get_i64(b.module->ctx, 0);
  alpa_value *next = build(&b, STABLEHLO_concatenate, type, words, (size_t)type->dims[0], &dim);
  alpa_value_replace(&op->results[0], next);
}

/* ---- dispatch ---- */

static const struct {
  stablehlo_op_id id;
  void (*expand)(alpa_op *op);
} rows[] = {
    {STABLEHLO_reduce, split_reduce},
    {STABLEHLO_all_to_all, expand_all_to_all},
    {STABLEHLO_all_reduce, alpa_expand_all_reduce},
    {STABLEHLO_reduce_scatter, alpa_expand_reduce_scatter},
    {STABLEHLO_collective_broadcast, alpa_expand_collective_broadcast},
    {STABLEHLO_collective_reduce, alpa_expand_collective_reduce},
    {STABLEHLO_rng_bit_generator, expand_rng_bit_generator},
};

static void copy_constants(alpa_block *block) {
  alpa_arena arena;
  alpa_value_map map;
  alpa_arena_init(&arena, &block->region->op->module->ctx->memory);
  alpa_value_map_init(&map, &arena);
  for (alpa_op *op = block->first; op; op = op->next)
    for (uint32_t i = 0; i < op->n_operands; i++) {
      alpa_value *value = alpa_op_operand(op, i);
      if (!value->op || value->op->block == block || !alpa_fuse_is_splat(value->op))
        continue;
      if (alpa_value_map_get(&map, value) == value)
        alpa_op_insert(alpa_op_clone(op->module, value->op, &map), block, block->first);
      alpa_op_set_operand(op, i, alpa_value_map_get(&map, value));
    }
  alpa_arena_deinit(&arena);
}

void alpa_fuse_prepare(alpa_block *block) {
  copy_constants(block);
  for (alpa_op *op = block->first, *next; op; op = next) {
    next = op->next;
    for (size_t i = 0; i < countof(rows); i++)
      if (stablehlo_is(op, rows[i].id)) {
        rows[i].expand(op);
        break;
      }
  }
}
