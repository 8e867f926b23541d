/* A segment tree for range addition and range maximum, stored as a heap. */
#include "passes/solver/slack.h"

#include <string.h>

void alpa_slack_init(alpa_slack *slack, alpa_arena *arena, const alpa_core *core) {
  slack->n_leaves = 1;
  while (slack->n_leaves < core->n_times)
    slack->n_leaves *= 2;
  slack->most = alpa_arena_new(arena, int64_t, 2 * (size_t)slack->n_leaves);
  slack->added = alpa_arena_new(arena, int64_t, 2 * (size_t)slack->n_leaves);
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

void alpa_slack_set(alpa_slack *slack, const alpa_core *core, const int64_t *usage) {
  uint32_t n = slack->n_leaves;
  memset(slack->added, 0, sizeof *slack->added * 2 * n);
  for (uint32_t t = 0; t < n; t++)
    slack->most[n + t] = t < core->n_times ? usage[t] - core->capacity[t] : INT64_MIN / 2;
  for (uint32_t i = n - 1; i > 0; i--)
    slack->most[i] = larger(slack->most[2 * i], slack->most[2 * i + 1]);
}

typedef struct span {
  uint32_t node, low, high; /* the node stands for [low, high) */
} span;

static span left_of(span at) { return (span){2 * at.node, at.low, (at.low + at.high) / 2}; }
static span right_of(span at) { return (span){2 * at.node + 1, (at.low + at.high) / 2, at.high}; }

/* recursion is as deep as the logarithm of the number of times */
static void add_below(alpa_slack *slack, span at, span range, int64_t change) {
  if (range.low >= at.high || range.high <= at.low)
    return;
  if (range.low <= at.low && at.high <= range.high) {
    slack->most[at.node] += change;
    slack->added[at.node] += change;
    return;
  }
  add_below(slack, left_of(at), range, change);
  add_below(slack, right_of(at), range, change);
  slack->most[at.node] = larger(slack->most[2 * at.node], slack->most[2 * at.node + 1]) + slack->added[at.node];
}

static int64_t most_below(const alpa_slack *slack, span at, span range) {
  if (range.low >= at.high || range.high <= at.low)
    return INT64_MIN / 2;
  if (range.low <= at.low && at.high <= range.high)
    return slack->most[at.node];
  return larger(most_below(slack, left_of(at), range), most_below(slack, right_of(at), range)) + slack->added[at.node];
}

void alpa_slack_add(alpa_slack *slack, uint32_t begin, uint32_t end, int64_t change) {
  add_below(slack, (span){1, 0, slack->n_leaves}, (span){0, begin, end}, change);
}

int64_t alpa_slack_most(const alpa_slack *slack, uint32_t begin, uint32_t end) {
  if (begin >= end)
    return INT64_MIN;
  return most_below(slack, (span){1, 0, slack->n_leaves}, (span){0, begin, end});
}
