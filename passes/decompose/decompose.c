/* decompose: ops that consist of others become these, so that planning sees the parts and nothing behind it needs to
 * know the whole: deprecated products and selections, batch normalisation, random numbers without a state, and
 * broadcasting ops.  An op with unknown sizes or of a form that has no parts stays.  Linear in the number of ops. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/sdy/sharding.h"
#include "passes/decompose/parts.h"
#include "passes/pass.h"

enum { DECOMPOSED };

static const struct row {
  const char *name;
  alpa_decompose_fn *decompose;
} rows[] = {
#define X(name, function) {name, alpa_decompose_##function},
    ALPA_DECOMPOSE_TABLE(X)
#undef X
};

static bool is_named(const char *row, const char *name) {
  size_t n = strlen(row);
  return row[n - 1] == '_' ? strncmp(row, name, n) == 0 : strcmp(row, name) == 0;
}

static bool is_candidate(const alpa_op *op) {
  for (size_t i = 0; i < countof(rows); i++)
    if (is_named(rows[i].name, op->def->name))
      return alpa_op_is_static(op);
  return false;
}

typedef struct candidates {
  alpa_arena *arena;
  ALPA_VEC(alpa_op *) ops;
} candidates;

static alpa_status collect(void *user, alpa_op *op) {
  candidates *c = user;
  if (is_candidate(op))
    alpa_vec_push(c->arena, &c->ops, op);
  return ALPA_OK;
}

/* What the user said about the results holds for the values that take their place. */
static void keep_shardings(const alpa_op *op, alpa_value *const *results) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_attr *sharding = alpa_value_find_sharding(&op->results[i]);
    if (sharding && results[i]->op)
      alpa_value_set_sharding(results[i], sharding);
  }
}

static bool decompose(alpa_parts *p, alpa_op *op) {
  alpa_value **results = alpa_arena_new(p->arena, alpa_value *, op->n_results);
  p->builder = alpa_builder_before(op);
  for (size_t i = 0; i < countof(rows); i++)
    if (is_named(rows[i].name, op->def->name) && rows[i].decompose(p, op, results)) {
      keep_shardings(op, results);
      alpa_op_replace(op, results);
      return true;
    }
  return false;
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  candidates c = {.arena = pass->arena};
  ALPA_TRY(alpa_op_walk(module, collect, &c));
  alpa_parts p = {.arena = pass->arena, .ctx = alpa_op_context(module)};
  for (size_t i = 0; i < c.ops.n; i++, p.number++)
    pass->counters[DECOMPOSED] += decompose(&p, c.ops.items[i]);
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {[DECOMPOSED] = {"decomposed", "ops replaced by their parts"}, {0}};

const alpa_pass_def alpa_pass_decompose = {
    .name = "decompose",
    .summary = "replace ops that consist of others by these",
    .anchor = "builtin.module",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
