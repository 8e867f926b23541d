/* The boxes that the devices of a submesh have of a sharded value. */
#ifndef ALPA_PASSES_TRANSFER_TILING_H
#define ALPA_PASSES_TRANSFER_TILING_H

#include "dialects/sdy/sharding.h"
#include "passes/transfer/transfer.h"

/* Of a value of that global type on the mesh, whose first device has number `first` in the cluster; a box ends where
 * the value ends, so that padding belongs to nobody.  sharding NULL: every device has all of it. */
void alpa_tiling_build(alpa_arena *arena, const alpa_mesh *mesh, const alpa_sharding *sharding, const alpa_type *type,
                       uint32_t first, alpa_tiling *out_tiling);

#endif
