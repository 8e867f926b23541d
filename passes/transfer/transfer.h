/* Transfers: how a tensor gets from the devices of one submesh to those of another, where it is cut otherwise.
 *
 * Every piece crosses each network link that it must cross once, in parts, so that a host can pass on the first part
 * while it receives the next (a pipelined broadcast), and spreads over the local links of the host that it has reached
 * (each device receives some parts from the network, and the devices exchange them: an all-gather).  Which replica
 * sends a part, and in which order parts go, is chosen so that the network of every host is busy and none has more to
 * do than it must (Zhuang et al., On Optimizing the Communication of Model Parallelism, MLSys'23).  Nothing here knows
 * of IR. */
#ifndef ALPA_PASSES_TRANSFER_TRANSFER_H
#define ALPA_PASSES_TRANSFER_TRANSFER_H

#include "support/arena.h"

/* Boxes of a tensor on devices, one on each; equal or overlapping boxes hold the same elements. */
typedef struct alpa_tiling {
  uint32_t n_devices;
  const uint32_t *devices;         /* numbers in the cluster */
  const int64_t *starts, *extents; /* by place in the list * rank + dimension */
} alpa_tiling;

/* Of a host's network, or of a device's port, in each direction: it carries one copy at a time, for bytes / bandwidth
 * seconds; the latency, after which the copy has arrived, does not keep it from the next one. */
typedef struct alpa_transfer_link {
  double latency_s, bandwidth; /* bytes per second */
} alpa_transfer_link;

typedef struct alpa_transfer_problem {
  uint32_t rank;
  int64_t element_bytes;
  alpa_tiling from, to;
  uint32_t devices_per_host; /* device d is on host d / devices_per_host */
  alpa_transfer_link network, local;
  bool is_direct; /* only devices of `from` send: for memory that all devices share, where nothing is gained by more */
} alpa_transfer_problem;

#define ALPA_NO_COPY UINT32_MAX

/* One box that moves. */
typedef struct alpa_transfer_copy {
  uint32_t from, to;              /* devices of the cluster; equal where a device is on both sides */
  uint32_t after;                 /* the copy, earlier in the list, that brings the box to `from`; or ALPA_NO_COPY */
  uint32_t depth;                 /* how many copies come before it in this way: those of equal depth are independent */
  const int64_t *start, *extents; /* in elements of the tensor */
  double begin_s, end_s;          /* as planned; at the end it has arrived */
} alpa_transfer_copy;

typedef struct alpa_transfer_plan {
  uint32_t n_copies;
  const alpa_transfer_copy *copies; /* in the order of their beginnings */
  double makespan_s;
  double bound_s;        /* no plan is faster: what the network of some host, or the port of some device, must carry */
  int64_t network_bytes; /* that cross between hosts, over all links */
} alpa_transfer_plan;

/* Covers each destination box once, but for elements that no source device has (padding).  In `arena`; the same problem
 * gives the same plan. */
void alpa_transfer_plan_build(alpa_arena *arena, const alpa_transfer_problem *problem, alpa_transfer_plan *out_plan);

#endif
