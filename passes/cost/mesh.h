/* Laying a logical mesh over the devices of a cluster. */
#ifndef ALPA_PASSES_COST_MESH_H
#define ALPA_PASSES_COST_MESH_H

#include "dialects/sdy/sharding.h"
#include "passes/cost/cluster.h"

/* The mesh that the module declares; where it declares none, one of the shape ("2x4", axes a, b, ...; "" is one axis of
 * all devices) is declared.  A mesh that has not as many devices as the cluster is an error. */
alpa_status alpa_mesh_ensure(alpa_arena *arena, alpa_op *module, const alpa_cluster *cluster, const char *shape,
                             const alpa_mesh **out_mesh);

#endif
