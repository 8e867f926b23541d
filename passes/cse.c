/* Common subexpressions: an op is replaced by an equal one that dominates it.
 *
 * Ops are equal that have the same definition, attributes (discardable ones too), operands (the first two of a
 * commutative op in any order), result types, and regions that are equal up to the names of what they define.  A block
 * sees what is above it in its own block and in the blocks around it; ops that are isolated from above start afresh.
 * Only pure ops take part, and dead ones are erased on the way.  Expected time is linear: a table from hashes to chains
 * of ops, with entries taken back at the end of their scope. */
#include "dialects/ir/context.h"
#include "passes/pass.h"

enum { MERGED, ERASED };

typedef struct entry {
  alpa_op *op;
  uint64_t hash;
  size_t below; /* 1 + the entry with the same hash that this one hides, or 0 */
} entry;

typedef struct cse {
  alpa_pass_context *pass;
  alpa_map heads; /* hash -> 1 + newest entry, or 0 */
  ALPA_VEC(entry) entries;
} cse;

/* ---- hashing and equality ---- */

static uint64_t hash_pointer(uint64_t hash, const void *pointer) { return alpa_hash_mix(hash, (uintptr_t)pointer); }

static uint64_t hash_operands(uint64_t hash, const alpa_op *op) {
  uint32_t first = 0;
  if (alpa_op_has(op, ALPA_COMMUTATIVE) && op->n_operands >= 2) {
    uintptr_t a = (uintptr_t)alpa_op_operand(op, 0), b = (uintptr_t)alpa_op_operand(op, 1);
    hash = alpa_hash_mix(hash, a < b ? a : b);
    hash = alpa_hash_mix(hash, a < b ? b : a);
    first = 2;
  }
  for (uint32_t i = first; i < op->n_operands; i++)
    hash = hash_pointer(hash, alpa_op_operand(op, i));
  return hash;
}

static uint64_t hash_attributes(uint64_t hash, const alpa_op *op) {
  hash = hash_pointer(hash, op->def);
  for (uint32_t i = 0; i < op->def->n_attrs; i++)
    hash = hash_pointer(hash, op->attrs[i]);
  hash = hash_pointer(hash, op->extra);
  return hash_pointer(hash, op->properties);
}

/* What is inside counts by its kind alone: its operands may be defined inside too. */
static uint64_t hash_regions(uint64_t hash, const alpa_op *op) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        hash = hash_regions(hash_attributes(hash, inner), inner);
  return hash;
}

static uint64_t hash_op(const alpa_op *op) {
  uint64_t hash = hash_regions(hash_operands(hash_attributes(op->n_results, op), op), op);
  for (uint32_t i = 0; i < op->n_results; i++)
    hash = hash_pointer(hash, op->results[i].type);
  return hash;
}

/* Values inside the first op's regions and what corresponds to them inside the second's. */
typedef struct pairing {
  alpa_arena *arena;
  alpa_map inner;
} pairing;

static bool are_paired(const pairing *pairs, const alpa_value *a, const alpa_value *b) {
  const alpa_value *other = alpa_map_get_pointer(&pairs->inner, a);
  return other ? other == b : a == b;
}

static void pair(pairing *pairs, const alpa_value *a, alpa_value *b) {
  alpa_map_set_pointer(pairs->arena, &pairs->inner, a, b);
}

static bool same_operands(const pairing *pairs, const alpa_op *a, const alpa_op *b) {
  uint32_t first = 0;
  if (alpa_op_has(a, ALPA_COMMUTATIVE) && a->n_operands >= 2) {
    const alpa_value *a0 = alpa_op_operand(a, 0), *a1 = alpa_op_operand(a, 1);
    const alpa_value *b0 = alpa_op_operand(b, 0), *b1 = alpa_op_operand(b, 1);
    bool straight = are_paired(pairs, a0, b0) && are_paired(pairs, a1, b1);
    if (!straight && !(are_paired(pairs, a0, b1) && are_paired(pairs, a1, b0)))
      return false;
    first = 2;
  }
  for (uint32_t i = first; i < a->n_operands; i++)
    if (!are_paired(pairs, alpa_op_operand(a, i), alpa_op_operand(b, i)))
      return false;
  return true;
}

static bool same_ops(pairing *pairs, alpa_op *a, alpa_op *b);

static bool same_blocks(pairing *pairs, const alpa_block *a, const alpa_block *b) {
  if (a->n_args != b->n_args)
    return false;
  for (uint32_t i = 0; i < a->n_args; i++) {
    if (a->args[i]->type != b->args[i]->type)
      return false;
    pair(pairs, a->args[i], b->args[i]);
  }
  alpa_op *x = a->first, *y = b->first;
  for (; x && y; x = x->next, y = y->next)
    if (!same_ops(pairs, x, y))
      return false;
  return !x && !y;
}

/* Regions of several blocks are never equal: their ops may refer to blocks and to values that come later. */
static bool same_regions(pairing *pairs, const alpa_op *a, const alpa_op *b) {
  for (uint32_t r = 0; r < a->n_regions; r++) {
    const alpa_block *x = a->regions[r].first, *y = b->regions[r].first;
    if (!x || !y) {
      if (x != y)
        return false;
      continue;
    }
    if (x->next || y->next || !same_blocks(pairs, x, y))
      return false;
  }
  return true;
}

/* Everything but operands and regions. */
static bool same_heads(const alpa_op *a, const alpa_op *b) {
  if (a->def != b->def || a->extra != b->extra || a->properties != b->properties || a->n_operands != b->n_operands ||
      a->n_results != b->n_results || a->n_regions != b->n_regions || a->n_successors || b->n_successors)
    return false;
  for (uint32_t i = 0; i < a->def->n_attrs; i++)
    if (a->attrs[i] != b->attrs[i])
      return false;
  for (uint32_t i = 0; i < a->n_results; i++)
    if (a->results[i].type != b->results[i].type)
      return false;
  return true;
}

static bool same_ops(pairing *pairs, alpa_op *a, alpa_op *b) {
  if (!same_heads(a, b) || !same_operands(pairs, a, b) || !same_regions(pairs, a, b))
    return false;
  for (uint32_t i = 0; i < a->n_results; i++)
    pair(pairs, &a->results[i], &b->results[i]);
  return true;
}

static bool are_equal(alpa_arena *arena, alpa_op *a, alpa_op *b) {
  pairing pairs = {.arena = arena};
  if (a->n_regions == 0) /* nothing to pair: no table is made */
    return same_heads(a, b) && same_operands(&pairs, a, b);
  return same_ops(&pairs, a, b);
}

/* ---- the walk ---- */

static bool is_dead(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (op->results[i].uses)
      return false;
  return true;
}

static alpa_op *find_equal(cse *in, alpa_op *op, uint64_t hash) {
  const uint64_t *head = alpa_map_find(&in->heads, hash);
  for (size_t at = head ? *head : 0; at; at = in->entries.items[at - 1].below)
    if (are_equal(in->pass->arena, in->entries.items[at - 1].op, op))
      return in->entries.items[at - 1].op;
  return NULL;
}

static void remember(cse *in, alpa_op *op, uint64_t hash) {
  uint64_t *head = alpa_map_insert(in->pass->arena, &in->heads, hash, NULL);
  alpa_vec_push(in->pass->arena, &in->entries, (entry){op, hash, *head});
  *head = in->entries.n;
}

static void forget_from(cse *in, size_t n) {
  while (in->entries.n > n) {
    const entry *last = &in->entries.items[--in->entries.n];
    *alpa_map_find(&in->heads, last->hash) = last->below;
  }
}

static void merge(cse *in, alpa_op *op, alpa_op *equal) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_value *kept = &equal->results[i];
    if (!kept->name)
      kept->name = op->results[i].name;
    alpa_value_replace(&op->results[i], kept);
  }
  alpa_op_erase(op);
  in->pass->counters[MERGED]++;
}

static void visit_regions(cse *in, alpa_op *op);

static void visit(cse *in, alpa_op *op) {
  bool takes_part = !alpa_op_has(op, ALPA_TERMINATOR) && alpa_op_is_pure(op);
  if (takes_part && is_dead(op)) {
    alpa_op_erase(op);
    in->pass->counters[ERASED]++;
    return;
  }
  visit_regions(in, op);
  if (!takes_part)
    return;
  uint64_t hash = hash_op(op);
  alpa_op *equal = find_equal(in, op, hash);
  if (equal)
    merge(in, op, equal);
  else
    remember(in, op, hash);
}

/* Regions nest at most ALPA_MAX_NESTING deep, so the recursion is bounded. */
static void visit_regions(cse *in, alpa_op *op) {
  cse fresh = {.pass = in->pass};
  cse *inner = alpa_op_has(op, ALPA_ISOLATED) ? &fresh : in;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next) {
      size_t n = inner->entries.n;
      for (alpa_op *at = block->first, *next; at; at = next) {
        next = at->next;
        visit(inner, at);
      }
      forget_from(inner, n);
    }
}

static alpa_status run(alpa_op *root, const void *options, alpa_pass_context *pass) {
  (void)options;
  cse in = {.pass = pass};
  visit_regions(&in, root);
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {
    [MERGED] = {"merged", "ops replaced by an equal one"}, [ERASED] = {"erased", "dead ops erased"}, {0}};

const alpa_pass_def alpa_pass_cse = {
    .name = "cse",
    .summary = "replace ops by equal ones that dominate them",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
