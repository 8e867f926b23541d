/* The inter-operator problem: layers to stages to submeshes, without IR.
 *
 * A pipeline of S stages runs B micro-batches in
 *
 *     sum over stages and links of t  +  (B - 1) * max over stages and links of t  +  max over stages of once
 *
 * (1F1B; a link, forward and backward transfer, overlaps like a stage of its own).  Stage s, counted from the last,
 * which is 1, holds min(B, s) micro-batches in flight. */
#ifndef ALPA_PASSES_STAGES_SEARCH_H
#define ALPA_PASSES_STAGES_SEARCH_H

#include "support/arena.h"

/* One way to run a range of layers on a submesh: times in picoseconds, memory of one device in bytes. */
typedef struct alpa_stage_option {
  int64_t time, once;
  int64_t fixed, in_flight; /* memory: once, and for each micro-batch in flight */
  uint32_t tag;             /* the caller's */
} alpa_stage_option;

typedef struct alpa_stage_front {
  const alpa_stage_option *options;
  uint32_t n;
} alpa_stage_front;

typedef struct alpa_submesh {
  uint32_t kind; /* of its devices */
  int64_t n_devices;
} alpa_submesh;

typedef struct alpa_stage_problem {
  uint32_t n_layers, n_submeshes, n_kinds;
  const alpa_submesh *submeshes;
  const int64_t *available;       /* [n_kinds] devices; not all need be used */
  const int64_t *limits;          /* [n_kinds] memory of a device */
  const alpa_stage_front *fronts; /* [first][last][submesh] */
  const int64_t *links;           /* [boundary][from][to]: of the boundary behind that layer */
  int64_t n_micro_batches;
  uint32_t n_stages;               /* exactly so many; 0: any number */
  const int64_t *devices_per_host; /* [n_kinds] solutions whose submeshes do not fit into hosts are left out; NULL: all
                                      fit */
} alpa_stage_problem;

typedef struct alpa_stage_part {
  uint32_t first, last, submesh;
  uint32_t kind; /* of the submesh */
  int64_t n_devices;
  alpa_stage_option option;
} alpa_stage_part;

typedef struct alpa_stage_solution {
  int64_t time;
  uint32_t n_stages;
  const alpa_stage_part *stages; /* [n_stages] */
} alpa_stage_solution;

static inline const alpa_stage_front *alpa_stage_front_at(const alpa_stage_problem *p, uint32_t first, uint32_t last,
                                                          uint32_t submesh) {
  return &p->fronts[((size_t)first * p->n_layers + last) * p->n_submeshes + submesh];
}

/* The first device of each submesh, of `n_devices` in hosts: what fills hosts goes first, then the rest by size, each
 * into the first host that has room.  False where one finds no room. */
bool alpa_stages_place(alpa_arena *arena, const int64_t *sizes, uint32_t n, int64_t n_devices, int64_t per_host,
                       int64_t *out_first);

/* The time of a solution whose links [n_stages - 1] take so long. Where transfers do not overlap with computation each
 * stage also waits for what it receives, the one half of each of its links. */
int64_t alpa_stages_time(const alpa_stage_solution *solution, const int64_t *links, int64_t n_micro_batches,
                         bool overlap);

/* Keeps the options that no other one beats in all four numbers; returns how many, in ascending time. */
uint32_t alpa_stages_prune(alpa_stage_option *options, uint32_t n);

/* What every solution takes at least; INT64_MAX where there is none. */
int64_t alpa_stages_bound(alpa_arena *arena, const alpa_stage_problem *problem);

/* The best solution that takes less than `below`, exactly (up to hosts: where all sizes up to a host divide one
 * another, everything fits that there are devices for), and the sooner the tighter `below` is; with a width, the best
 * that keeps that many partial solutions at each place.  False where there is none. */
bool alpa_stages_search(alpa_arena *arena, const alpa_stage_problem *problem, int64_t below, uint32_t width,
                        alpa_stage_solution *out_solution);

#endif
