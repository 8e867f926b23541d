/* The state of a value: where it is on every axis of the mesh.  The compact form of an sdy sharding whose axes are
 * whole and whose dimensions are closed; what strategies, reshards and partitioning compute with. */
#ifndef ALPA_PASSES_ANALYSIS_STATE_H
#define ALPA_PASSES_ANALYSIS_STATE_H

#include "dialects/sdy/sharding.h"
#include "support/hash.h"

enum { ALPA_REPLICATED = -1, ALPA_PARTIAL = -2 };

typedef struct alpa_state {
  int8_t place[ALPA_MAX_AXES];  /* by axis: the dimension it shards, ALPA_REPLICATED or ALPA_PARTIAL */
  uint8_t order[ALPA_MAX_AXES]; /* by axis: axes of one dimension nest by ascending order, the smallest is major */
  alpa_partial_kind kind;       /* of all partial axes */
} alpa_state;

/* Replicated on every axis; axes are ordered as in the mesh. */
alpa_state alpa_state_get_replicated(void);

/* Parts of axes have no state: reported at `at`, ALPA_UNSUPPORTED. */
alpa_status alpa_state_read(const alpa_sharding *sharding, const alpa_op *at, alpa_state *out_state);
/* A closed sharding of a value of that rank; in `arena`. */
alpa_sharding alpa_state_write(alpa_arena *arena, const alpa_mesh *mesh, uint32_t rank, const alpa_state *state);

/* The axes that shard `dim`, major first; returns their number. */
uint32_t alpa_state_axes(const alpa_mesh *mesh, const alpa_state *state, int dim, uint32_t axes[ALPA_MAX_AXES]);
/* Product of the sizes of those axes. */
int64_t alpa_state_parts(const alpa_mesh *mesh, const alpa_state *state, int dim);
bool alpa_state_is_partial(const alpa_mesh *mesh, const alpa_state *state);
/* What a value in state `have` must become for a user that needs it in state `need`: a replicated value is a partial
 * maximum or minimum as it is, so only sums are ever made partial. */
alpa_state alpa_state_adapt(const alpa_mesh *mesh, const alpa_state *need, const alpa_state *have);
bool alpa_state_is_equal(const alpa_mesh *mesh, const alpa_state *a, const alpa_state *b);
uint64_t alpa_state_hash(const alpa_mesh *mesh, const alpa_state *state);
/* The type of one device's shard: every dimension ceil(size / parts). */
const alpa_type *alpa_state_local_type(alpa_context *ctx, const alpa_mesh *mesh, const alpa_type *type,
                                       const alpa_state *state);

/* The sharding that an op of the sdy dialect gives its result (reshard, constraint, collective), as the name of the
 * attribute; NULL for any other op. */
const char *alpa_op_reshard_attr(const alpa_op *op);
static inline bool alpa_op_is_reshard(const alpa_op *op) { return alpa_op_reshard_attr(op) != NULL; }

/* States of the values of one module, read from its attributes through a cache. */
typedef struct alpa_states {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_map by_attr; /* attribute -> alpa_state * */
} alpa_states;

/* The state that the IR gives to a value, through the op that ties it where it is an argument of a region.
 * *out_state is NULL where nothing is said. */
alpa_status alpa_states_find(alpa_states *states, const alpa_value *value, const alpa_state **out_state);
/* The same for a function's result. */
alpa_status alpa_states_find_result(alpa_states *states, const alpa_op *func, uint32_t index,
                                    const alpa_state **out_state);
void alpa_states_set(alpa_states *states, alpa_value *value, const alpa_state *state);
/* The #sdy.sharding of a state. */
const alpa_attr *alpa_states_encode(alpa_states *states, alpa_context *ctx, uint32_t rank, const alpa_state *state);

#endif
