/* The sdy dialect: op ids, attribute ordinals, attribute definitions.  sharding.h has meshes and shardings as data. */
#ifndef ALPA_DIALECTS_SDY_SDY_H
#define ALPA_DIALECTS_SDY_SDY_H

#include "dialects/ir/op.h"

/* SDY_mesh, ... */
typedef enum sdy_op_id {
#define OP(id, ...) SDY_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/sdy/sdy_ops.def"
  SDY_OP_COUNT
} sdy_op_id;

/* sdy_reshard_sharding == 0, ... */
/* clang-format off */
#define OP(id, ...)       enum { sdy_##id##_no_attr = -1,
#define ATTR(id, name, ...)      sdy_##id##_##name,
#define ATTR_OF(id, name, ...)   sdy_##id##_##name,
#define END(id)                  sdy_##id##_attr_count };
#include "dialects/sdy/sdy_ops.def"
/* clang-format on */

extern const alpa_op_def alpa_sdy_ops[SDY_OP_COUNT];
extern const alpa_dialect_def alpa_sdy_dialect;

static inline bool sdy_is(const alpa_op *op, sdy_op_id id) { return op->def == &alpa_sdy_ops[id]; }

/* Cases of the enum attributes. */
enum { SDY_NONE, SDY_FORWARD, SDY_BACKWARD, SDY_BOTH };

/* Fields of the struct attributes, as ordinals for alpa_attr_field.  Lists of axes are ARRAYs of axis_ref. */
enum { SDY_MESH_AXIS_NAME, SDY_MESH_AXIS_SIZE };
enum { SDY_MESH_AXES, SDY_MESH_DEVICE_IDS };           /* device ids NULL: 0, 1, 2, ... */
enum { SDY_AXIS_NAME, SDY_AXIS_PRE, SDY_AXIS_SIZE };   /* pre and size NULL: the whole axis */
enum { SDY_DIM_AXES, SDY_DIM_OPEN, SDY_DIM_PRIORITY }; /* open: UNIT or NULL; priority NULL: not given */
enum {
  SDY_SHARDING_MESH,          /* SYMBOL, or a mesh */
  SDY_SHARDING_DIMS,          /* ARRAY of dimension_sharding */
  SDY_SHARDING_REPLICATED,    /* NULL where empty */
  SDY_SHARDING_UNREDUCED,     /* NULL where empty */
  SDY_SHARDING_UNREDUCED_KIND /* reduction_kind; NULL for a sum */
};
enum { SDY_LIST_ITEMS }; /* of sharding_per_value, manual_axes (STRINGs), axis_ref_list, ..., each an ARRAY */
enum { SDY_MOVE_AXES, SDY_MOVE_FROM, SDY_MOVE_TO }; /* of all_to_all_param */

/* Definitions of the dialect's attributes: X(name). */
#define SDY_ATTR_TABLE(X)                                                                                              \
  X(propagation_direction)                                                                                             \
  X(reduction_kind)                                                                                                    \
  X(mesh_axis)                                                                                                         \
  X(mesh)                                                                                                              \
  X(axis_ref)                                                                                                          \
  X(dimension_sharding)                                                                                                \
  X(sharding)                                                                                                          \
  X(sharding_per_value)                                                                                                \
  X(manual_axes)                                                                                                       \
  X(axis_ref_list)                                                                                                     \
  X(list_of_axis_ref_lists)                                                                                            \
  X(all_to_all_param)                                                                                                  \
  X(all_to_all_param_list)

#define X(name) extern const alpa_attr_def alpa_sdy_attr_##name;
SDY_ATTR_TABLE(X)
#undef X

#endif
