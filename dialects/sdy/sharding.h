/* Meshes and shardings as data: decoded from and encoded to the attributes of the sdy dialect (openxla/shardy).
 *
 *   sdy.mesh @mesh = <["x"=2, "y"=4]>
 *   #sdy.sharding<@mesh, [{"x"}, {"y", ?}p1], replicated={"z"}, unreduced={"w"}>
 *
 * A value on a mesh axis is sharded along a dimension, replicated, or partial (`unreduced`: still to be summed; a
 * reduction other than a sum is written unreduced=max{"w"}). */
#ifndef ALPA_DIALECTS_SDY_SHARDING_H
#define ALPA_DIALECTS_SDY_SHARDING_H

#include "dialects/ir/op.h"

enum { ALPA_MAX_AXES = 16 };

typedef struct alpa_mesh_axis {
  const char *name; /* interned */
  int64_t size;
} alpa_mesh_axis;

typedef struct alpa_mesh {
  const char *name; /* symbol, interned */
  uint32_t n_axes;
  alpa_mesh_axis axes[ALPA_MAX_AXES]; /* major first */
  int64_t n_devices;
  const int64_t *device_ids; /* n_devices, or NULL for 0, 1, 2, ... */
} alpa_mesh;

/* A whole axis (pre 1, size 0), or the part of it that spans `size` after `pre` ("y":(pre)size). */
typedef struct alpa_axis_ref {
  uint32_t axis; /* number in the mesh */
  int64_t pre, size;
} alpa_axis_ref;

typedef struct alpa_axis_refs {
  const alpa_axis_ref *items;
  size_t n;
} alpa_axis_refs;

typedef struct alpa_dim_sharding {
  alpa_axis_refs axes; /* major first */
  bool open;           /* propagation may add axes */
  int32_t priority;    /* 0 is the highest and the default */
} alpa_dim_sharding;

/* X(ID, spelling): how partial values combine. */
#define ALPA_PARTIAL_TABLE(X)                                                                                          \
  X(SUM, "sum")                                                                                                        \
  X(MAX, "max")                                                                                                        \
  X(MIN, "min")

typedef enum alpa_partial_kind {
#define X(ID, spelling) ALPA_PARTIAL_##ID,
  ALPA_PARTIAL_TABLE(X)
#undef X
} alpa_partial_kind;

typedef struct alpa_sharding {
  const alpa_mesh *mesh;
  uint32_t rank;
  alpa_dim_sharding *dims;   /* rank of them */
  alpa_axis_refs replicated; /* explicitly: propagation may not use them */
  alpa_axis_refs partial;    /* `unreduced` */
  alpa_partial_kind partial_kind;
} alpa_sharding;

/* The mesh that an sdy.mesh op declares; in `arena`. */
alpa_status alpa_mesh_decode(alpa_arena *arena, const alpa_op *mesh_op, const alpa_mesh **out_mesh);
/* The only mesh of a module that has axes, or NULL where there is none; more than one is an error. */
alpa_status alpa_mesh_find(alpa_arena *arena, alpa_op *module, const alpa_mesh **out_mesh);
/* The same names and sizes in the same order. */
bool alpa_mesh_has_same_axes(const alpa_mesh *a, const alpa_mesh *b);
/* Adds an sdy.mesh op at the front of a module, which may be nested. */
void alpa_mesh_declare(alpa_op *module, const alpa_mesh *mesh);

/* From #sdy.sharding; axes are resolved against `mesh`.  Reports unknown and repeated axes at `at`. */
alpa_status alpa_sharding_decode(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *attr,
                                 alpa_sharding *out_sharding);
/* The same with the mesh that the attribute names, looked up from `at`. */
alpa_status alpa_sharding_decode_at(alpa_arena *arena, const alpa_op *at, const alpa_attr *attr,
                                    alpa_sharding *out_sharding);
/* Whether the op is inside a symbol table, so that the mesh of a sharding can be looked up. */
bool alpa_op_sees_symbols(const alpa_op *op);
/* Checks that the attribute is a sharding of a value of that type; of a detached op nothing. */
alpa_status alpa_sharding_verify(const alpa_op *at, const alpa_attr *attr, const alpa_type *type);
const alpa_attr *alpa_sharding_encode(alpa_context *ctx, const alpa_sharding *sharding);
/* An ARRAY of #sdy.axis_ref; NULL is empty.  Reports unknown and repeated axes at `at`. */
alpa_status alpa_axis_refs_decode(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *array,
                                  alpa_axis_refs *out_refs);

/* The #sdy.sharding attribute of a value: from arg_attrs of the enclosing function, or the per-value list of the
 * defining op, or what a defining sdy op shards its result by; NULL where there is none. */
const alpa_attr *alpa_value_find_sharding(const alpa_value *value);
/* The value is an argument of a function or a result.  Results of the same op that have none become open. */
void alpa_value_set_sharding(alpa_value *value, const alpa_attr *sharding);
/* The #sdy.sharding of result i of a function, from res_attrs. */
const alpa_attr *alpa_func_find_result_sharding(const alpa_op *func, uint32_t index);
void alpa_func_set_result_sharding(alpa_op *func, uint32_t index, const alpa_attr *sharding);

/* Number of devices along an axis reference, and along all of a list. */
int64_t alpa_axis_ref_size(const alpa_mesh *mesh, alpa_axis_ref ref);
int64_t alpa_axis_refs_size(const alpa_mesh *mesh, alpa_axis_refs refs);
/* Reports axes that are not in the order of the mesh; `what` names the list. */
alpa_status alpa_axis_refs_check_order(const alpa_mesh *mesh, const alpa_op *at, alpa_axis_refs refs, const char *what);
/* Whether one of the list shares a part of an axis with `ref`, or contains all of it. */
bool alpa_axis_refs_overlap(const alpa_mesh *mesh, alpa_axis_refs refs, alpa_axis_ref ref);
bool alpa_axis_refs_contain(const alpa_mesh *mesh, alpa_axis_refs refs, alpa_axis_ref ref);
/* The coordinate of a device (by position in the mesh, row-major) along an axis reference. */
int64_t alpa_axis_ref_coordinate(const alpa_mesh *mesh, alpa_axis_ref ref, int64_t device);
/* Local size of a dimension: ceil(size / parts). */
int64_t alpa_local_size(int64_t size, int64_t parts);

#endif
