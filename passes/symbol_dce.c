/* Erases private symbols that nothing reachable refers to.  Reachable are the symbols that are not private, whatever is
 * no symbol, and what these refer to; a reference is a symbol anywhere in the attributes of an op, in text of unknown
 * attributes too. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "passes/pass.h"

enum { ERASED };

typedef struct symbols {
  alpa_arena *arena;
  alpa_map by_name; /* interned name -> op */
  alpa_map reached; /* op -> 1 */
  ALPA_VEC(alpa_op *) work;
  alpa_context *ctx;
} symbols;

static bool is_private(const alpa_op *op) {
  const alpa_attr *visibility = alpa_op_has(op, ALPA_SYMBOL) ? alpa_op_find_attr(op, "sym_visibility") : NULL;
  return visibility && visibility->kind == ALPA_ATTR_STRING && strcmp(visibility->string.data, "private") == 0;
}

static void reach(symbols *in, alpa_op *op) {
  bool is_new;
  *alpa_map_insert(in->arena, &in->reached, (uintptr_t)op, &is_new) = 1;
  if (is_new)
    alpa_vec_push(in->arena, &in->work, op);
}

static void reach_name(symbols *in, const char *name, size_t size) {
  alpa_op *op = alpa_map_get_pointer(&in->by_name, alpa_name_n(in->ctx, name, size));
  if (op)
    reach(in, op);
}

/* "@name" and "@\"any name\"" in the text of attributes that are kept as text. */
static void reach_in_text(symbols *in, alpa_str text) {
  const char *end = text.data + text.size;
  for (const char *at = text.data; (at = memchr(at, '@', (size_t)(end - at)));) {
    at++;
    bool quoted = at < end && *at == '"';
    const char *from = at += quoted;
    while (at < end &&
           (quoted ? *at != '"'
                   : strchr("$._-", *at) || (*at >= '0' && *at <= '9') || ((*at | 32) >= 'a' && (*at | 32) <= 'z')))
      at++;
    reach_name(in, from, (size_t)(at - from));
  }
}

/* Attributes nest as deeply as the parser lets them, so the recursion is bounded. */
static void reach_in_attr(symbols *in, const alpa_attr *attr) {
  if (!attr)
    return;
  if (attr->kind == ALPA_ATTR_SYMBOL) {
    const char *nested = strstr(attr->string.data, "::");
    reach_name(in, attr->string.data, nested ? (size_t)(nested - attr->string.data) : attr->string.size);
  } else if (attr->kind == ALPA_ATTR_OPAQUE) {
    reach_in_text(in, attr->string);
  } else if (attr->kind == ALPA_ATTR_ARRAY || attr->kind == ALPA_ATTR_STRUCT) {
    for (size_t i = 0; i < attr->array.n; i++)
      reach_in_attr(in, attr->array.items[i]);
  } else if (attr->kind == ALPA_ATTR_DICT) {
    for (size_t i = 0; i < attr->dict.n; i++)
      reach_in_attr(in, attr->dict.items[i].value);
  }
}

static alpa_status reach_in_op(void *user, alpa_op *op) {
  for (uint32_t i = 0; i < op->def->n_attrs; i++)
    reach_in_attr(user, op->attrs[i]);
  reach_in_attr(user, op->extra);
  reach_in_attr(user, op->properties);
  return ALPA_OK;
}

static alpa_status run(alpa_op *table, const void *options, alpa_pass_context *pass) {
  (void)options;
  if (!alpa_op_has(table, ALPA_SYMBOL_TABLE))
    return alpa_op_error(table, "was scheduled to run under symbol-dce, but does not define a symbol table");
  symbols in = {.arena = pass->arena, .ctx = alpa_op_context(table)};
  alpa_block *body = alpa_region_block(&table->regions[0]);
  for (alpa_op *op = body->first; op; op = op->next) {
    const char *name = alpa_symbol_name(op);
    if (name)
      alpa_map_set_pointer(in.arena, &in.by_name, alpa_name(in.ctx, name), op);
  }
  for (alpa_op *op = body->first; op; op = op->next)
    if (!is_private(op))
      reach(&in, op);
  while (in.work.n)
    (void)alpa_op_walk(in.work.items[--in.work.n], reach_in_op, &in);
  for (alpa_op *op = body->first, *next; op; op = next) {
    next = op->next;
    if (alpa_map_find(&in.reached, (uintptr_t)op))
      continue;
    alpa_op_erase(op);
    pass->counters[ERASED]++;
  }
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {[ERASED] = {"erased", "symbols erased"}, {0}};

const alpa_pass_def alpa_pass_symbol_dce = {
    .name = "symbol-dce",
    .summary = "erase private symbols that nothing refers to",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
