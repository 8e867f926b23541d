/* Turning a function on whole tensors into the program of one device: values become shards, changes of state become
 * StableHLO collectives and slices at offsets that depend on the partition id.  Internal to passes/partition/ and,
 * where a micro-batch is a shard on a mesh of one axis, to passes/time/. */
#ifndef ALPA_PASSES_PARTITION_PARTITION_H
#define ALPA_PASSES_PARTITION_PARTITION_H

#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/strategy.h"

typedef struct alpa_partition_counts {
  int64_t n_all_reduce, n_all_gather, n_reduce_scatter, n_all_to_all, n_permute, n_slice, n_mask;
} alpa_partition_counts;

/* A scalar of type i32 that a device computes once: scale times its coordinate along axes. */
typedef struct alpa_coordinate {
  uint32_t axes[ALPA_MAX_AXES], n_axes;
  int64_t scale;
  alpa_value *value;
} alpa_coordinate;

typedef struct alpa_partitioner {
  alpa_arena *arena;
  alpa_context *ctx;
  alpa_module *module;
  const alpa_mesh *mesh;
  alpa_op *func;
  alpa_states states;
  alpa_value_map values; /* whole value -> its shard */
  alpa_builder builder;  /* where per-device ops go */
  alpa_block *entry;     /* the new body; coordinates stand at its front */
  alpa_value *partition_id;
  alpa_value *position; /* where the only axis is a loop: the number of the iteration, a scalar of type i32; or NULL */
  ALPA_VEC(alpa_coordinate) coordinates;
  int64_t n_channels;
  alpa_partition_counts *counts;
} alpa_partitioner;

/* Partitions the body of a function whose reshards are explicit (reshards.h), in place.  Arguments and results keep
 * their sdy.sharding and get alpa.global_type. */
alpa_status alpa_partition_func(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func, alpa_partition_counts *counts);

/* ---- one op ---- */

/* An op on its way: what its per-device form begins with. */
typedef struct alpa_local_op {
  alpa_op *op;
  const alpa_factor_rule *rule;
  alpa_strategy strategy;
  alpa_value **operands; /* shards */
  alpa_state *operand_states, *result_states;
  const alpa_type **result_types; /* of shards */
  const alpa_attr **attrs;        /* inherent; the form may change them */
  alpa_value **results;           /* what the form gives */
} alpa_local_op;

typedef alpa_status alpa_form_fn(alpa_partitioner *p, alpa_local_op *local);

/* The per-device form of an op by the factor rule of its row; NULL: the same op on shards. */
alpa_form_fn *alpa_form_find(const alpa_op_def *def);
/* Those of the indexing ops. */
alpa_status alpa_form_gather(alpa_partitioner *p, alpa_local_op *local);
alpa_status alpa_form_scatter(alpa_partitioner *p, alpa_local_op *local);
/* Those of ops with windows. */
alpa_status alpa_form_convolution(alpa_partitioner *p, alpa_local_op *local);
alpa_status alpa_form_reduce_window(alpa_partitioner *p, alpa_local_op *local);
/* The same op with local->operands, ->attrs and ->result_types; fills ->results. */
void alpa_local_build(alpa_partitioner *p, alpa_local_op *local);

/* ---- building ---- */

typedef struct alpa_values {
  alpa_value *const *items;
  size_t n;
} alpa_values;

/* A stablehlo op with one result of that type; attrs by ordinal, or NULL. */
alpa_value *alpa_emit(alpa_partitioner *p, stablehlo_op_id id, const alpa_type *type, alpa_values operands,
                      const alpa_attr *const *attrs);
#define ALPA_VALUES(...)                                                                                               \
  (alpa_values) {                                                                                                      \
    (alpa_value *const[]){__VA_ARGS__}, sizeof((alpa_value *const[]){__VA_ARGS__}) / sizeof(alpa_value *)              \
  }

alpa_value *alpa_emit_constant(alpa_partitioner *p, const alpa_type *type, const void *data, bool splat);
/* An integer in every element; the type is one of integers. */
alpa_value *alpa_emit_integer(alpa_partitioner *p, const alpa_type *type, int64_t value);
/* The neutral element of a kind of partial value, in every element. */
alpa_value *alpa_emit_neutral(alpa_partitioner *p, const alpa_type *type, alpa_partial_kind kind);
/* Whether the value is known to be that everywhere. */
bool alpa_value_is_neutral(const alpa_value *value, alpa_partial_kind kind);
/* A scalar in every element. */
alpa_value *alpa_emit_broadcast(alpa_partitioner *p, alpa_value *scalar, const alpa_type *type);
/* As broadcast_in_dim. */
alpa_value *alpa_emit_broadcast_dims(alpa_partitioner *p, alpa_value *value, const alpa_type *type,
                                     const int64_t *dims);
alpa_value *alpa_emit_convert(alpa_partitioner *p, alpa_value *value, alpa_dtype dtype);
alpa_value *alpa_emit_compare(alpa_partitioner *p, int direction, alpa_value *a, alpa_value *b);
alpa_value *alpa_emit_iota(alpa_partitioner *p, const alpa_type *type, int64_t dim);
/* Elements [0, sizes) of every dimension. */
alpa_value *alpa_emit_crop(alpa_partitioner *p, alpa_value *value, const int64_t *sizes);
/* The elements [starts, starts + sizes); starts[d] NULL is 0. */
alpa_value *alpa_emit_window(alpa_partitioner *p, alpa_value *value, alpa_value *const *starts, const int64_t *sizes);
/* `value` with `part` put at a start along one dimension. */
alpa_value *alpa_emit_update(alpa_partitioner *p, alpa_value *value, alpa_value *part, uint32_t dim, alpa_value *start);
/* Zeros (neutral of a sum) behind every dimension up to the sizes. */
alpa_value *alpa_emit_pad(alpa_partitioner *p, alpa_value *value, const int64_t *sizes);
/* scale * coordinate of the device along the axes, major first; an i32 scalar that is valid everywhere. */
alpa_value *alpa_emit_coordinate(alpa_partitioner *p, const uint32_t *axes, uint32_t n_axes, int64_t scale);

/* ---- collectives over axes (major first) ---- */

typedef struct alpa_axis_list {
  const uint32_t *items;
  uint32_t n;
} alpa_axis_list;

alpa_value *alpa_emit_all_reduce(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, alpa_partial_kind kind);
alpa_value *alpa_emit_all_gather(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, uint32_t dim);
alpa_value *alpa_emit_reduce_scatter(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, uint32_t dim,
                                     alpa_partial_kind kind);
/* From shards along `from` to shards along `to`. */
alpa_value *alpa_emit_all_to_all(alpa_partitioner *p, alpa_value *value, uint32_t axis, uint32_t from, uint32_t to);
/* pairs[n][2] of positions in the mesh: source, target. */
alpa_value *alpa_emit_permute(alpa_partitioner *p, alpa_value *value, const int64_t *pairs, int64_t n);

/* ---- states ---- */

/* Moves a shard of a value of type `whole` from one state to another. */
alpa_value *alpa_emit_reshard(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *from,
                              const alpa_state *to);
/* Replaces padding of operand i along dimensions that the op combines. */
void alpa_local_mask(alpa_partitioner *p, alpa_local_op *local, uint32_t i);
/* The elements that are padding along dimension `dim` replaced by the neutral element of a kind. */
alpa_value *alpa_emit_mask(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *state,
                           uint32_t dim, alpa_partial_kind kind);
/* Windows along a sharded dimension: output i covers inputs [i * stride - low, i * stride - low + window). */
typedef struct alpa_halo {
  uint32_t dim;
  int64_t window, stride, low, n_outputs; /* n_outputs: of one device */
  alpa_value *fill;                       /* a scalar: what stands outside of the tensor */
} alpa_halo;

/* The inputs that the windows of a device cover, (n_outputs - 1) * stride + window of them. */
alpa_value *alpa_emit_halo(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *state,
                           const alpa_halo *halo);
bool alpa_state_is_padded(const alpa_mesh *mesh, const alpa_type *whole, const alpa_state *state, uint32_t dim);

#endif
