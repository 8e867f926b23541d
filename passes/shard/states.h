/* The states of a value on a mesh, and what it costs to get from one to another (design decision 5).
 *
 * On every mesh axis a value is replicated, split along a dimension, or partial.  A dimension that several axes split
 * is split by the major one first, in the order of the mesh.  Types with the same states share everything: a program
 * of any depth has a few dozen of them. */
#ifndef ALPA_PASSES_SHARD_STATES_H
#define ALPA_PASSES_SHARD_STATES_H

#include "passes/cost/model.h"
#include "passes/solver/problem.h"
#include "support/hash.h"

/* Four bits for each axis, axis 0 lowest: 0 replicated, d + 1 split along dimension d, or one of the partial kinds. */
typedef uint64_t shard_state;

enum { SHARD_REPLICATED = 0, SHARD_MAX_RANK = 12, SHARD_PARTIAL = 13 /* + alpa_partial_kind */ };

static inline uint32_t shard_state_at(shard_state state, uint32_t axis) { return (uint32_t)(state >> (4 * axis)) & 15; }
static inline shard_state shard_state_with(shard_state state, uint32_t axis, uint32_t at) {
  return (state & ~((shard_state)15 << (4 * axis))) | (shard_state)at << (4 * axis);
}

/* A tensor type together with the ways in which its values may be partial. */
typedef struct shard_type {
  const alpa_type *type;
  uint32_t partial_kinds; /* mask of 1 << alpa_partial_kind */
  uint32_t n_states;
  const shard_state *states; /* replicated first; those without partial axes before the others */
  uint32_t n_whole;          /* how many have no partial axis */
  const int64_t *bytes;      /* local size in each state */
  alpa_map index;            /* state -> position */
  uint32_t table;            /* number of its cost table [n_states][n_states] */
  const int64_t *reshard;    /* that table's entries */
} shard_type;

typedef struct shard_types {
  alpa_arena *arena;
  const alpa_cost_model *model;
  bool uneven; /* splits that need padding are allowed */
  ALPA_VEC(shard_type *) items;
  alpa_map index; /* type and kinds -> shard_type */
} shard_types;

void shard_types_init(shard_types *types, alpa_arena *arena, const alpa_cost_model *model, bool uneven);
const shard_type *shard_type_get(shard_types *types, const alpa_type *type, uint32_t partial_kinds);
/* Position of a state, or UINT32_MAX where the type does not have it. */
uint32_t shard_type_find(const shard_type *type, shard_state state);
/* Whether `parts` devices can split a dimension of that size. */
bool shard_can_split(const shard_types *types, int64_t size, int64_t parts);

/* The sharding that a state stands for, every dimension closed; in `arena`. */
void shard_state_decode(alpa_arena *arena, const alpa_mesh *mesh, uint32_t rank, shard_state state,
                        alpa_sharding *out_sharding);
/* The state that a sharding of whole values describes, open dimensions left as they are. */
shard_state shard_state_encode(const alpa_sharding *sharding);
/* Whether a state is one that the (user's) sharding allows: closed dimensions are split just so, open ones at least so.
 */
bool shard_state_satisfies(shard_state state, const alpa_sharding *sharding);

#endif
