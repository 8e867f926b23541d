/* Replaces sharding constraints over a mesh without axes by what they constrain: they say nothing.  JAX writes them
 * around typed PRNG keys. */
#include "dialects/ir/walk.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sharding.h"
#include "passes/pass.h"

enum { DROPPED };

typedef struct dropping {
  alpa_arena *arena;
  ALPA_VEC(alpa_op *) found;
} dropping;

static alpa_status collect(void *user, alpa_op *op) {
  dropping *d = user;
  alpa_sharding sharding;
  if (!sdy_is(op, SDY_sharding_constraint))
    return ALPA_OK;
  ALPA_TRY(alpa_sharding_decode_at(d->arena, op, op->attrs[sdy_sharding_constraint_sharding], &sharding));
  if (sharding.mesh->n_axes == 0 && !sharding.mesh->device_ids)
    alpa_vec_push(d->arena, &d->found, op);
  return ALPA_OK;
}

static alpa_status run(alpa_op *root, const void *options, alpa_pass_context *pass) {
  (void)options;
  dropping d = {.arena = pass->arena};
  ALPA_TRY(alpa_op_walk(root, collect, &d));
  for (size_t i = 0; i < d.found.n; i++) {
    alpa_value_replace(alpa_op_result(d.found.items[i], 0), alpa_op_operand(d.found.items[i], 0));
    alpa_op_erase(d.found.items[i]);
    pass->counters[DROPPED]++;
  }
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {[DROPPED] = {"dropped", "constraints replaced by their operand"}, {0}};

const alpa_pass_def alpa_pass_drop_vacuous = {
    .name = "drop-vacuous",
    .summary = "replace sharding constraints over meshes without axes by their operands",
    .anchor = "builtin.module",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
