/* The devices of the stages, as the module's attribute says:
 *
 *   alpa.stages = [{devices = array<i64: 0, 1>, mesh = "2x1"}, ...]
 *
 * A stage's devices are consecutive; in the stage's own module they are numbered from 0, in the order of its mesh. */
#ifndef ALPA_PASSES_OUTLINE_SUBMESH_H
#define ALPA_PASSES_OUTLINE_SUBMESH_H

#include "dialects/ir/op.h"
#include "support/arena.h"

typedef struct alpa_submesh {
  const char *shape; /* "2x1" */
  int64_t first, n;  /* devices of the cluster */
} alpa_submesh;

/* One for each stage, in `arena`.  Reported: no attribute, another number of stages, devices that are not consecutive
 * or partly in another stage. */
alpa_status alpa_submeshes_read(alpa_arena *arena, alpa_op *module, uint32_t n_stages,
                                const alpa_submesh **out_submeshes);
/* Declares the mesh in a stage's module, and says which devices of the cluster it is. */
alpa_status alpa_submesh_declare(alpa_arena *arena, alpa_op *stage, const alpa_submesh *submesh);
/* The devices that a stage's module says it has; n 0 where it is no stage. */
alpa_submesh alpa_submesh_of(const alpa_op *stage);

#endif
