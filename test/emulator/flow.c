/* Labels become positions, and every branch learns where its paths meet again: at the immediate post-dominator.
 *
 * Post-dominators of basic blocks by the iterative algorithm of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance
 * Algorithm" (2001), on the reversed graph, whose root is the end of the function. */
#include "machine.h"
#include "parse.h"

#include <stdlib.h>
#include <string.h>

static uint32_t find_label(emu_reader *reader, emu_word name, uint32_t scope) {
  for (;;) {
    for (uint32_t k = 0; k < reader->n_labels; k++)
      if (reader->labels[k].scope == scope && emu_word_same(reader->labels[k].name, name))
        return reader->labels[k].position;
    if (scope == 0)
      emu_fail(reader, "no label '%.*s' in '%s'", (int)name.n, name.text, reader->function->name);
    scope = reader->scope_parents[scope];
  }
}

/* A branch by index finds its table by name; its list is the positions. */
static void link_table(emu_reader *reader, emu_instr *instr, emu_label jump) {
  for (uint32_t k = 0; k < reader->n_tables; k++) {
    const struct emu_table *table = &reader->tables[k];
    if (!emu_word_same(table->name, jump.name))
      continue;
    uint32_t *targets = emu_arena_alloc(&reader->module->arena, table->n * sizeof *targets);
    for (uint32_t t = 0; t < table->n; t++)
      targets[t] = find_label(reader, table->targets[t], jump.scope);
    instr->list = targets;
    instr->n_list = table->n;
    return;
  }
  emu_fail(reader, "no branch targets '%.*s'", (int)jump.name.n, jump.name.text);
}

typedef struct graph {
  const emu_function *function;
  uint32_t *block_of, *first, n;     /* block n is the end */
  uint32_t *order, *number, n_order; /* reverse postorder of the reversed graph, and its inverse */
  uint32_t *parents;                 /* immediate post-dominators */
  uint32_t *sources, *source_begin;  /* predecessors, by block */
} graph;

static bool ends_block(const emu_instr *instr) {
  return instr->run == emu_run_branch || instr->run == emu_run_branch_table || instr->run == emu_run_return ||
         instr->run == emu_run_exit;
}

/* The blocks that may follow block b, by index k; UINT32_MAX when there is none. */
static uint32_t successor(const graph *g, uint32_t b, uint32_t k) {
  const emu_function *function = g->function;
  uint32_t last = g->first[b + 1] - 1;
  const emu_instr *instr = &function->code[last];
  uint32_t next = g->block_of[last + 1];
  bool falls = !ends_block(instr) || instr->guarded;
  if (falls && k == 0)
    return next;
  k -= falls;
  if (instr->run == emu_run_branch)
    return k == 0 ? g->block_of[instr->target] : UINT32_MAX;
  if (instr->run == emu_run_branch_table)
    return k < instr->n_list ? g->block_of[instr->list[k]] : UINT32_MAX;
  return ends_block(instr) && k == 0 ? g->n : UINT32_MAX;
}

static void find_blocks(graph *g, emu_arena *arena) {
  const emu_function *function = g->function;
  uint32_t n = function->n_code;
  g->block_of = emu_arena_alloc(arena, (n + 1) * sizeof(uint32_t));
  g->block_of[0] = 1;
  for (uint32_t k = 0; k < n; k++) {
    const emu_instr *instr = &function->code[k];
    if (!ends_block(instr))
      continue;
    g->block_of[k + 1] = 1;
    if (instr->run == emu_run_branch)
      g->block_of[instr->target] = 1;
    for (uint32_t t = 0; instr->run == emu_run_branch_table && t < instr->n_list; t++)
      g->block_of[instr->list[t]] = 1;
  }
  g->first = emu_arena_alloc(arena, (n + 2) * sizeof(uint32_t));
  for (uint32_t k = 0; k < n; k++) {
    if (g->block_of[k])
      g->first[g->n++] = k;
    g->block_of[k] = g->n - 1;
  }
  g->block_of[n] = g->n;
  g->first[g->n] = n;
}

static void find_sources(graph *g, emu_arena *arena) {
  g->source_begin = emu_arena_alloc(arena, (g->n + 2) * sizeof(uint32_t));
  for (uint32_t b = 0; b < g->n; b++)
    for (uint32_t k = 0, to; (to = successor(g, b, k)) != UINT32_MAX; k++)
      g->source_begin[to + 1]++;
  for (uint32_t b = 0; b <= g->n; b++)
    g->source_begin[b + 1] += g->source_begin[b];
  g->sources = emu_arena_alloc(arena, (g->source_begin[g->n + 1] + 1) * sizeof(uint32_t));
  uint32_t *filled = emu_arena_alloc(arena, (g->n + 1) * sizeof(uint32_t));
  for (uint32_t b = 0; b < g->n; b++)
    for (uint32_t k = 0, to; (to = successor(g, b, k)) != UINT32_MAX; k++)
      g->sources[g->source_begin[to] + filled[to]++] = b;
}

/* Depth first from the end, along edges backwards. */
static void find_order(graph *g, emu_arena *arena) {
  uint32_t n = g->n + 1, depth = 1, filled = n;
  uint32_t *stack = emu_arena_alloc(arena, n * sizeof *stack), *at = emu_arena_alloc(arena, n * sizeof *at);
  bool *seen = emu_arena_alloc(arena, n);
  g->order = emu_arena_alloc(arena, n * sizeof *g->order);
  g->number = emu_arena_alloc(arena, n * sizeof *g->number);
  stack[0] = g->n;
  seen[g->n] = true;
  while (depth) {
    uint32_t b = stack[depth - 1], k = g->source_begin[b] + at[b]++;
    if (k == g->source_begin[b + 1]) {
      g->order[--filled] = b;
      depth--;
    } else if (!seen[g->sources[k]]) {
      seen[g->sources[k]] = true;
      stack[depth++] = g->sources[k];
    }
  }
  g->n_order = n - filled;
  memmove(g->order, g->order + filled, g->n_order * sizeof *g->order);
  for (uint32_t k = 0; k < n; k++)
    g->number[k] = UINT32_MAX;
  for (uint32_t k = 0; k < g->n_order; k++)
    g->number[g->order[k]] = k;
}

static uint32_t meet(const graph *g, uint32_t a, uint32_t b) {
  while (a != b)
    if (g->number[a] > g->number[b])
      a = g->parents[a];
    else
      b = g->parents[b];
  return a;
}

/* Blocks from which the end cannot be reached (endless loops) meet at the end. */
static void find_parents(graph *g, emu_arena *arena) {
  g->parents = emu_arena_alloc(arena, (g->n + 1) * sizeof(uint32_t));
  for (uint32_t b = 0; b <= g->n; b++)
    g->parents[b] = b == g->n || g->number[b] == UINT32_MAX ? g->n : UINT32_MAX;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t k = 1; k < g->n_order; k++) {
      uint32_t b = g->order[k], parent = UINT32_MAX;
      for (uint32_t s = 0, to; (to = successor(g, b, s)) != UINT32_MAX; s++)
        if (g->number[to] != UINT32_MAX && g->parents[to] != UINT32_MAX)
          parent = parent == UINT32_MAX ? to : meet(g, parent, to);
      changed |= parent != g->parents[b];
      g->parents[b] = parent;
    }
  }
}

void emu_link(emu_reader *reader) {
  emu_function *function = reader->function;
  for (uint32_t k = 0; k < reader->n_jumps; k++) {
    emu_instr *instr = &function->code[reader->jumps[k].position];
    if (instr->run == emu_run_branch_table)
      link_table(reader, instr, reader->jumps[k]);
    else
      instr->target = find_label(reader, reader->jumps[k].name, reader->jumps[k].scope);
  }
  if (!function->n_code)
    return;
  emu_arena scratch = {0};
  graph g = {.function = function};
  find_blocks(&g, &scratch);
  find_sources(&g, &scratch);
  find_order(&g, &scratch);
  find_parents(&g, &scratch);
  for (uint32_t k = 0; k < function->n_code; k++)
    function->code[k].reconverge = g.first[g.parents[g.block_of[k]]];
  emu_arena_deinit(&scratch);
}
