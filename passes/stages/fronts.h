/* From layers to the inter-operator problem: every range of layers on every submesh, in every way that is worth it. */
#ifndef ALPA_PASSES_STAGES_FRONTS_H
#define ALPA_PASSES_STAGES_FRONTS_H

#include "passes/cost/cluster.h"
#include "passes/stages/intra.h"
#include "passes/stages/search.h"

/* X(ID, spelling): what replicas of a stage share out among themselves */
#define ALPA_ZERO_TABLE(X)                                                                                             \
  X(NONE, "none")           /* nothing: gradients are all-reduced */                                                   \
  X(OPTIMIZER, "optimizer") /* the state; weights are gathered once in a step */                                       \
  X(WEIGHTS, "weights")     /* the weights, too: gathered for each micro-batch */

typedef enum alpa_zero {
#define X(ID, spelling) ALPA_ZERO_##ID,
  ALPA_ZERO_TABLE(X)
#undef X
      ALPA_ZERO_COUNT
} alpa_zero;

/* How a stage is run; packed into the tag of an option. */
typedef struct stage_way {
  int64_t replicas, axis; /* the mesh is replicas x axis */
  stage_boundary boundary;
  alpa_zero zero;
  bool remat;
} stage_way;

uint32_t stage_way_pack(const stage_way *way);
stage_way stage_way_unpack(uint32_t tag);
const char *alpa_zero_name(alpa_zero zero);

/* What the search may choose from; 0 leaves a number free. */
typedef struct stage_limits {
  int64_t replicas, axis; /* of every stage */
  int64_t most_axis;      /* of any stage */
  const int64_t *devices; /* [n_devices] numbers of them that a stage may have; none: any */
  size_t n_devices;
  double imbalance; /* a stage's share of the devices is its share of the flops, up to a factor of 1 + imbalance */
  bool allow_remat, need_remat;
  uint32_t zero;    /* mask of 1 << alpa_zero: what replicas may share out */
  bool whole;       /* gradients are reduced whole also where their use is shared out */
  bool like_osdi22; /* ops are placed as Alpa places them */
  bool narrow;      /* gradients are accumulated in their own type, not in f32 at least */
  bool keep_all;    /* options that others beat, too: the user chooses among them */
} stage_limits;

typedef struct stage_planner {
  alpa_arena *arena;
  alpa_diag *diag;
  const stage_source *source;
  const alpa_cluster *clusters; /* one for each kind of device */
  const int64_t *memory;        /* [n_clusters] of a device */
  uint32_t n_clusters;
  uint32_t n_layers;
  const uint32_t *classes; /* by layer */
  const double *flops;     /* by layer */
  int64_t *state_bytes;    /* by layer */
  int64_t *crossing;       /* by boundary: bytes of the whole batch, forward and backward */
  stage_limits limits;
  alpa_map solved; /* kind, class, axis, part, boundary -> stage_cost */
  int64_t n_solved;
} stage_planner;

/* The layers' classes are given; finds their state and what crosses. */
void stage_planner_init(stage_planner *planner);
/* Of what crosses a boundary in one micro-batch, forward and backward.  Inside a host each sender has a link of its
 * own; else they share the hosts' networks. */
int64_t stage_planner_link_time(const stage_planner *planner, uint32_t boundary, const alpa_submesh *from,
                                const alpa_submesh *to, bool is_inside, int64_t n_micro_batches);
/* The problem for a number of micro-batches, in `arena`; submeshes are those that divide the work at all. */
alpa_status stage_planner_build(stage_planner *planner, alpa_arena *arena, int64_t n_micro_batches,
                                alpa_stage_problem *out_problem);

#endif
