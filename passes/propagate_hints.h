/* What the user said about the sharding of a value, in whichever of the forms it was written. */
#ifndef ALPA_PASSES_PROPAGATE_HINTS_H
#define ALPA_PASSES_PROPAGATE_HINTS_H

#include "dialects/sdy/sharding.h"

/* As an #sdy.sharding, from sdy.sharding, the sharding of a constraint, mhlo.sharding (a GSPMD string, on an argument
 * or a custom_call @Sharding), or of the op's attributes
 *   alpa.replicate = "axis"   the first dimension, the batch, is split along the axis and no other one
 *   alpa.split = "axis"       the last dimension is, the first ones stay open
 * *out_attr is NULL where nothing was said.  Contradictions and forms that are not understood are reported. */
alpa_status alpa_hint_find(alpa_arena *arena, const alpa_mesh *mesh, const alpa_value *value,
                           const alpa_attr **out_attr);
alpa_status alpa_hint_find_result(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *func, uint32_t index,
                                  const alpa_attr **out_attr);

/* A GSPMD sharding ("{devices=[2,1,4]<=[4,2]T(1,0) last_tile_dim_replicate}") in terms of the mesh; closed.
 * {unknown} and {manual} say nothing: *out_attr is NULL. */
alpa_status alpa_gspmd_parse(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, alpa_str text, uint32_t rank,
                             const alpa_attr **out_attr);

#endif
