/* The known schedules, as one table.
 *
 * Most are one pattern: a submesh runs a number of forwards to warm up, then one F, one B and one W by turns, and what
 * is left over at the end; W may lag behind B.  They differ in the two numbers alone:
 *
 *   gpipe            all F first                                       Huang et al., GPipe, NeurIPS'19
 *   1f1b             S - s - 1 of them                                 Narayanan et al., PipeDream, SOSP'19 (with a
 * flush) interleaved-1f1b 2 (S - s - 1) + (C - 1) G, in groups of G >= S    Narayanan et al., SC'21, section 2.2
 *                    micro-batches that go through all C chunks
 *   zb-h1            S - s - 1, W lags by s: S in flight on each       Qi et al., Zero Bubble, ICLR'24, section 2.1
 *
 * zb-v (ibid., section 6) places two chunks in a V and is made by a list scheduler: in unit time each submesh runs what
 * comes first of F (the later chunk first) while its 2 S activations last, B (the later chunk first), and W, which
 * fills what would be idle.  One activation is kept free for the later chunk, whose W gives all of them back. */
#include <string.h>

#include "passes/schedule/schedule.h"

/* What the numbers of the pattern depend on. */
typedef struct shape {
  uint32_t n_submeshes, n_chunks, n_microbatches;
  uint32_t group; /* the largest number of micro-batches that go through the chunks together */
} shape;

typedef uint32_t submesh_of_fn(uint32_t stage, uint32_t n_stages, uint32_t n_submeshes);
typedef uint32_t count_fn(const shape *shape, uint32_t submesh);
typedef void build_fn(alpa_arena *arena, const shape *shape, alpa_schedule *schedule);

struct alpa_schedule_rule {
  submesh_of_fn *submesh_of;
  const char *needs; /* which placement, as a clause */
  uint32_t min_chunks, max_chunks;
  build_fn *build;
  count_fn *warm_up, *lag; /* of the pattern */
};

/* ---- the pattern ----------------------------------------------------------------------------------------------- */

/* Micro-batches of the i-th group: B / S groups, at least one, of about equal size. */
static uint32_t count_groups(const shape *p) {
  return p->n_microbatches < p->n_submeshes ? 1 : p->n_microbatches / p->n_submeshes;
}

static uint32_t group_size(const shape *p, uint32_t group) {
  uint32_t n = count_groups(p);
  return p->n_microbatches / n + (group < p->n_microbatches % n);
}

/* (chunk, micro-batch) of each forward, in order: group by group, and chunk by chunk in it. */
static alpa_task *order_forwards(alpa_arena *arena, const shape *p) {
  alpa_task *order = alpa_arena_new(arena, alpa_task, (size_t)p->n_chunks * p->n_microbatches);
  size_t n = 0;
  for (uint32_t g = 0, begin = 0; g < count_groups(p); begin += group_size(p, g++))
    for (uint32_t c = 0; c < p->n_chunks; c++)
      for (uint32_t m = begin; m < begin + group_size(p, g); m++)
        order[n++] = (alpa_task){ALPA_TASK_FORWARD, c, m};
  return order;
}

/* The i-th task of a kind; B and W go through the chunks from the last to the first. */
static void push(alpa_arena *arena, alpa_schedule *schedule, const shape *p, uint32_t submesh, alpa_task_kind kind,
                 alpa_task forward) {
  if (!schedule->kind->has_task[kind])
    return;
  uint32_t chunk = kind == ALPA_TASK_FORWARD ? forward.chunk : p->n_chunks - 1 - forward.chunk;
  alpa_vec_push(arena, &schedule->lists[submesh], (alpa_task){kind, chunk, forward.microbatch});
}

static void build_pattern(alpa_arena *arena, const shape *p, alpa_schedule *schedule) {
  const struct alpa_schedule_rule *rule = schedule->kind->rule;
  const alpa_task *order = order_forwards(arena, p);
  size_t n = (size_t)p->n_chunks * p->n_microbatches;
  schedule->lists = alpa_arena_new(arena, alpa_task_list, p->n_submeshes);
  for (uint32_t s = 0; s < p->n_submeshes; s++) {
    size_t warm_up = rule->warm_up(p, s), lag = rule->lag(p, s);
    warm_up = warm_up < n ? warm_up : n;
    for (size_t i = 0; i < n + warm_up + lag; i++) {
      if (i < n)
        push(arena, schedule, p, s, ALPA_TASK_FORWARD, order[i]);
      if (i >= warm_up && i - warm_up < n)
        push(arena, schedule, p, s, ALPA_TASK_BACKWARD, order[i - warm_up]);
      if (i >= warm_up + lag)
        push(arena, schedule, p, s, ALPA_TASK_WEIGHT, order[i - warm_up - lag]);
    }
  }
}

static uint32_t warm_up_all(const shape *p, uint32_t submesh) {
  (void)submesh;
  return p->n_chunks * p->n_microbatches;
}
static uint32_t warm_up_rest(const shape *p, uint32_t submesh) { return p->n_submeshes - submesh - 1; }
static uint32_t warm_up_interleaved(const shape *p, uint32_t submesh) {
  return 2 * (p->n_submeshes - submesh - 1) + (p->n_chunks - 1) * p->group;
}
static uint32_t lag_none(const shape *p, uint32_t submesh) {
  (void)p;
  (void)submesh;
  return 0;
}
static uint32_t lag_submesh(const shape *p, uint32_t submesh) {
  (void)p;
  return submesh;
}

/* ---- the list scheduler ---------------------------------------------------------------------------------------- */

typedef struct lister {
  alpa_arena *arena;
  alpa_schedule *schedule;
  const alpa_task_kind *order;
  uint32_t *next;  /* by kind * V + stage: its next micro-batch */
  uint32_t *end;   /* by task number: when it is done; 0: not yet run */
  uint32_t *alive; /* by submesh: activations held */
  uint32_t limit, now;
} lister;

static bool is_possible(const lister *l, uint32_t submesh, alpa_task_kind kind, uint32_t chunk, alpa_task *out_task) {
  const alpa_stage_map *map = l->schedule->map;
  uint32_t stage = alpa_stage_map_at(map, submesh, chunk);
  size_t numbers[2];
  *out_task = (alpa_task){kind, chunk, l->next[kind * map->n_stages + stage]};
  if (out_task->microbatch == l->schedule->n_microbatches)
    return false;
  uint32_t n_later = map->n_chunks[submesh] - 1 - chunk;
  if (kind == ALPA_TASK_FORWARD && l->alive[submesh] + n_later >= l->limit)
    return false;
  uint32_t n = alpa_task_dependences(l->schedule, submesh, out_task, numbers);
  for (uint32_t i = 0; i < n; i++)
    if (l->end[numbers[i]] == 0 || l->end[numbers[i]] > l->now)
      return false;
  return true;
}

/* The first kind in order that is possible; later chunks first, but for W, of which the oldest is first. */
static bool choose(const lister *l, uint32_t submesh, alpa_task *out_task) {
  bool is_found = false;
  for (int i = 0; i < ALPA_TASK_KINDS && !is_found; i++)
    for (uint32_t c = l->schedule->map->n_chunks[submesh]; c-- > 0;) {
      alpa_task task;
      if (!is_possible(l, submesh, l->order[i], c, &task))
        continue;
      if (!is_found || (task.kind == ALPA_TASK_WEIGHT && task.microbatch < out_task->microbatch))
        *out_task = task;
      is_found = true;
    }
  return is_found;
}

static void append(lister *l, uint32_t submesh, alpa_task task) {
  uint32_t stage = alpa_stage_map_at(l->schedule->map, submesh, task.chunk);
  l->next[task.kind * l->schedule->map->n_stages + stage]++;
  l->end[alpa_task_number(l->schedule, task.kind, stage, task.microbatch)] = l->now + 1;
  l->alive[submesh] += task.kind == ALPA_TASK_FORWARD;
  l->alive[submesh] -= task.kind == ALPA_TASK_WEIGHT;
  alpa_vec_push(l->arena, &l->schedule->lists[submesh], task);
}

/* The lists by one order of kinds; returns the time that they take. */
static uint32_t build_in_order(alpa_arena *arena, const shape *p, const alpa_task_kind *order,
                               alpa_schedule *schedule) {
  const alpa_stage_map *map = schedule->map;
  lister l = {.arena = arena,
              .schedule = schedule,
              .order = order,
              .next = alpa_arena_new(arena, uint32_t, (size_t)ALPA_TASK_KINDS * map->n_stages),
              .end = alpa_arena_new(arena, uint32_t, alpa_schedule_max_tasks(schedule)),
              .alive = alpa_arena_new(arena, uint32_t, p->n_submeshes),
              .limit = p->n_chunks * p->n_submeshes};
  schedule->lists = alpa_arena_new(arena, alpa_task_list, p->n_submeshes);
  /* every task takes one unit of time, so a unit in which none runs could only be followed by more of them */
  for (size_t n = 1; n > 0; l.now++) {
    n = 0;
    for (uint32_t s = 0; s < p->n_submeshes; s++) {
      alpa_task task;
      if (!choose(&l, s, &task))
        continue;
      append(&l, s, task);
      n++;
    }
  }
  return l.now - 1;
}

static void build_list(alpa_arena *arena, const shape *p, alpa_schedule *schedule) {
  static const alpa_task_kind orders[][ALPA_TASK_KINDS] = {
      {ALPA_TASK_FORWARD, ALPA_TASK_BACKWARD, ALPA_TASK_WEIGHT},
      {ALPA_TASK_BACKWARD, ALPA_TASK_WEIGHT, ALPA_TASK_FORWARD},
  };
  uint32_t shortest = UINT32_MAX;
  for (size_t i = 0; i < countof(orders); i++) {
    alpa_schedule next = *schedule;
    uint32_t length = build_in_order(arena, p, orders[i], &next);
    if (length < shortest)
      *schedule = next;
    shortest = length < shortest ? length : shortest;
  }
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static uint32_t submesh_alone(uint32_t stage, uint32_t n_stages, uint32_t n_submeshes) {
  (void)n_stages;
  (void)n_submeshes;
  return stage;
}
static uint32_t submesh_in_turn(uint32_t stage, uint32_t n_stages, uint32_t n_submeshes) {
  (void)n_stages;
  return stage % n_submeshes;
}
static uint32_t submesh_in_v(uint32_t stage, uint32_t n_stages, uint32_t n_submeshes) {
  return stage < n_submeshes ? stage : n_stages - 1 - stage;
}

static const char needs_alone[] = "one stage on each submesh";
static const char needs_turns[] = "several stages on each submesh, stage i on submesh i modulo their number";
static const char needs_in_turn[] = "stage i on submesh i modulo their number";
static const char needs_in_v[] = "stages i and 2 S - 1 - i on submesh i of S";

/* {placement, as a clause, chunks: least, most, how, warm-up, lag of W} */
typedef struct alpa_schedule_rule schedule_rule;
static const schedule_rule gpipe = {submesh_alone, needs_alone, 1, 1, build_pattern, warm_up_all, lag_none};
static const schedule_rule alternate = {submesh_alone, needs_alone, 1, 1, build_pattern, warm_up_rest, lag_none};
static const schedule_rule turns = {submesh_in_turn, needs_turns,         2,       UINT32_MAX,
                                    build_pattern,   warm_up_interleaved, lag_none};
static const schedule_rule zb_h1 = {submesh_alone, needs_alone, 1, 1, build_pattern, warm_up_rest, lag_submesh};
static const schedule_rule zb_v = {submesh_in_v, needs_in_v, 2, 2, build_list, NULL, NULL};
static const schedule_rule infer = {submesh_in_turn, needs_in_turn, 1,       UINT32_MAX,
                                    build_pattern,   warm_up_all,   lag_none};

/* X(name, summary, {F, B, W}: which tasks there are, rule) */
#define KINDS(X)                                                                                                       \
  X("gpipe", "all forwards, then all backwards", ({true, true, false}), gpipe)                                         \
  X("1f1b", "a backward as soon as there is one: at most S - s micro-batches in flight", ({true, true, false}),        \
    alternate)                                                                                                         \
  X("interleaved-1f1b", "1f1b with several stages on each submesh in turn", ({true, true, false}), turns)              \
  X("zb-h1", "1f1b with the gradients of weights put where it would be idle", ({true, true, true}), zb_h1)             \
  X("zb-v", "two stages on each submesh, in a V; no bubble where F, B and W are equal", ({true, true, true}), zb_v)    \
  X("inference", "forwards alone", ({true, false, false}), infer)

#define UNPAREN(...) __VA_ARGS__
#define KIND(name, summary, tasks, rule) {name, summary, UNPAREN tasks, &rule},
const alpa_schedule_kind alpa_schedule_kinds[] = {KINDS(KIND)};
#undef KIND
#undef UNPAREN
#define NAME(name, summary, tasks, rule) name,
const char *const alpa_schedule_kind_names[] = {KINDS(NAME) NULL};
#undef NAME
const size_t alpa_schedule_n_kinds = countof(alpa_schedule_kinds);

const alpa_schedule_kind *alpa_schedule_kind_find(const char *name) {
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++)
    if (strcmp(alpa_schedule_kinds[i].name, name) == 0)
      return &alpa_schedule_kinds[i];
  return NULL;
}

uint32_t alpa_schedule_kind_chunks(const alpa_schedule_kind *kind) { return kind->rule->min_chunks; }

uint32_t *alpa_schedule_kind_place(alpa_arena *arena, const alpa_schedule_kind *kind, uint32_t n_stages,
                                   uint32_t n_submeshes) {
  if (n_stages % n_submeshes || n_stages / n_submeshes > kind->rule->max_chunks)
    return NULL;
  uint32_t *submeshes = alpa_arena_new(arena, uint32_t, n_stages);
  for (uint32_t v = 0; v < n_stages; v++)
    submeshes[v] = kind->rule->submesh_of(v, n_stages, n_submeshes);
  return submeshes;
}

static const char *check_map(alpa_arena *arena, const alpa_schedule_kind *kind, const alpa_stage_map *map) {
  const struct alpa_schedule_rule *rule = kind->rule;
  uint32_t n = map->n_submeshes, n_chunks = map->n_stages / n;
  bool is_right = map->n_stages % n == 0 && n_chunks >= rule->min_chunks && n_chunks <= rule->max_chunks;
  for (uint32_t v = 0; v < map->n_stages && is_right; v++)
    is_right = map->submesh[v] == rule->submesh_of(v, map->n_stages, n);
  if (is_right)
    return NULL;
  alpa_text text;
  alpa_text_init(&text, arena);
  alpa_text_printf(&text, "needs %s; the stages are on submeshes", rule->needs);
  for (uint32_t v = 0; v < map->n_stages; v++)
    alpa_text_printf(&text, " %u", map->submesh[v]);
  return alpa_text_finish(&text);
}

const char *alpa_schedule_build(alpa_arena *arena, const alpa_schedule_kind *kind, const alpa_stage_map *map,
                                uint32_t n_microbatches, alpa_schedule *out_schedule) {
  const char *fault = check_map(arena, kind, map);
  if (fault)
    return fault;
  shape p = {map->n_submeshes, map->max_chunks, n_microbatches, 0};
  p.group = group_size(&p, 0);
  *out_schedule = (alpa_schedule){.kind = kind, .map = map, .n_microbatches = n_microbatches};
  kind->rule->build(arena, &p, out_schedule);
  return NULL;
}
