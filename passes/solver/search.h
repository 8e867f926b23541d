/* Large-neighbourhood search under the hard limit: free a few hundred nodes, solve them for scaled prices by
 * conditioned elimination, keep what is feasible and cheaper.
 *
 * Source of the scheme: P. Shaw, Using constraint programming and local search methods to solve vehicle routing
 * problems, CP 1998; the prices stand in for the constraint inside a neighbourhood. */
#ifndef ALPA_PASSES_SOLVER_SEARCH_H
#define ALPA_PASSES_SOLVER_SEARCH_H

#include "passes/solver/bucket.h"
#include "passes/solver/slack.h"

typedef struct alpa_search_change {
  uint32_t node, label;
} alpa_search_change;

typedef struct alpa_search_event {
  uint32_t time;
  int64_t change;
} alpa_search_event;

/* What the dual knows; copied. */
typedef struct alpa_search_guide {
  const double *prices;  /* [n_times] */
  const double *margins; /* [n_places] what each state costs at least over the bound */
  double gap;            /* of the best labelling to the bound */
} alpa_search_guide;

/* Exact neighbourhoods come in kinds, from those with few states left to those with nearly all. */
enum { ALPA_SEARCH_KINDS = 4 };

typedef struct alpa_search {
  const alpa_core *core;
  alpa_arena *arena;
  alpa_bucket *bucket;
  alpa_random random;
  uint32_t *labels; /* [n_nodes] always feasible */
  int64_t gained;   /* cost taken off since the labels were set */
  alpa_slack slack;
  double *priced;  /* [n_places] usage at the prices */
  double *costs;   /* [n_places] scratch */
  uint32_t *trial; /* [n_nodes] scratch, equal to labels between tries */
  uint32_t *freed; /* [n_nodes] the neighbourhood */
  uint32_t n_freed;
  bool *is_freed;
  uint32_t *seeds; /* nodes with a choice */
  uint32_t n_seeds;
  int64_t *usage; /* [n_times] scratch */
  int64_t *steps; /* [n_times + 1] scratch */
  ALPA_VEC(alpa_search_change) changes, best_changes, log;
  ALPA_VEC(uint32_t) ends; /* of each accepted set in the log */
  ALPA_VEC(alpa_search_event) events;
  double *prices;  /* [n_times] */
  double *sums;    /* [n_times + 1] of them */
  double *margins; /* [n_places] */
  double gap;
  bool *keep;                      /* [n_places] scratch */
  double sizes[ALPA_SEARCH_KINDS]; /* nodes of an exact neighbourhood, adapted to what can be closed */
  uint32_t n_tries, n_accepted;
} alpa_search;

void alpa_search_init(alpa_search *search, alpa_arena *arena, const alpa_core *core, uint64_t seed);
/* Starts from feasible labels. */
void alpa_search_set_labels(alpa_search *search, const uint32_t *labels);
void alpa_search_follow(alpa_search *search, const alpa_search_guide *guide);

/* One neighbourhood; whether the labels got cheaper. */
bool alpa_search_try(alpa_search *search);

/* One neighbourhood, by branch and bound with a few nodes and the clock; whether the labels got cheaper. */
bool alpa_search_try_exact(alpa_search *search, const alpa_solver_options *options, double until);

/* The best mixture of the labels and others that are feasible too, by branch and bound over the nodes where they differ;
 * whether the labels got cheaper. */
bool alpa_search_mix(alpa_search *search, const uint32_t *others, const alpa_solver_options *options, double until);

/* Applies the sets of changes of another search's log, each if it still is feasible and gains; clears nothing. */
void alpa_search_replay(alpa_search *search, const alpa_search *other);
void alpa_search_clear_log(alpa_search *search);

#endif
