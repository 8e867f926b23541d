/* Dynamic program over suffixes of the layers, with labels (sum, max, once) of which none beats another: exact, since
 * the objective grows in each.  A place is (first layer, devices used of each kind, submesh of the first stage); stages
 * are added in front, so their number says what is in flight, and which options fit.  A label is dropped when what the
 * stages in front take at least (bounds.h) leaves it no better than the bound: which cannot lose the optimum. */
#include "passes/stages/search.h"

#include <stdlib.h>
#include <string.h>

#include "passes/stages/bounds.h"

typedef struct label {
  int64_t sum, max, once;
  alpa_stage_part part;
  const struct label *behind; /* the stages after this one */
} label;

typedef ALPA_VEC(label) label_list;

typedef struct search {
  alpa_arena *arena;
  const alpa_stage_problem *problem;
  int64_t n_used; /* combinations of devices used */
  int64_t *strides;
  int64_t n_all;                  /* devices of all kinds */
  const alpa_stage_front *fronts; /* of the stage that is added: what fits */
  const int64_t *times;           /* the least of its time (bounds.h) */
  stage_bounds bounds;            /* of the stages in front of it */
  int64_t below;
  uint32_t width; /* 0: no limit */
  const label *best;
} search;

/* ---- fronts ---- */

static int compare_options(const void *a, const void *b) {
  const alpa_stage_option *x = a, *y = b;
  const int64_t keys[][2] = {
      {x->time, y->time}, {x->once, y->once}, {x->fixed, y->fixed}, {x->in_flight, y->in_flight}, {x->tag, y->tag}};
  for (size_t i = 0; i < countof(keys); i++)
    if (keys[i][0] != keys[i][1])
      return keys[i][0] < keys[i][1] ? -1 : 1;
  return 0;
}

static bool beats(const alpa_stage_option *a, const alpa_stage_option *b) {
  return a->time <= b->time && a->once <= b->once && a->fixed <= b->fixed && a->in_flight <= b->in_flight;
}

uint32_t alpa_stages_prune(alpa_stage_option *options, uint32_t n) {
  uint32_t kept = 0;
  qsort(options, n, sizeof *options, compare_options);
  for (uint32_t i = 0; i < n; i++) {
    bool is_beaten = false;
    for (uint32_t k = 0; k < kept && !is_beaten; k++)
      is_beaten = beats(&options[k], &options[i]);
    if (!is_beaten)
      options[kept++] = options[i];
  }
  return kept;
}

/* ---- hosts ---- */

bool alpa_stages_place(alpa_arena *arena, const int64_t *sizes, uint32_t n, int64_t n_devices, int64_t per_host,
                       int64_t *out_first) {
  int64_t n_hosts = n_devices / per_host, *room = alpa_arena_new(arena, int64_t, n_hosts);
  for (int64_t h = 0; h < n_hosts; h++)
    room[h] = per_host;
  int64_t next = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (sizes[i] < per_host)
      continue;
    out_first[i] = next * per_host;
    for (int64_t h = 0; h < sizes[i] / per_host; h++)
      if (next < n_hosts)
        room[next++] = 0;
      else
        return false;
  }
  for (int64_t size = per_host - 1; size > 0; size--)
    for (uint32_t i = 0; i < n; i++) {
      if (sizes[i] != size)
        continue;
      int64_t h = 0;
      while (h < n_hosts && room[h] < size)
        h++;
      if (h == n_hosts)
        return false;
      out_first[i] = (h + 1) * per_host - room[h];
      room[h] -= size;
    }
  return true;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* Of everything, INT64_MAX where there is no way. */
static int64_t total(const search *s, int64_t sum, int64_t max, int64_t once) {
  if (sum >= STAGE_NEVER || max >= STAGE_NEVER)
    return INT64_MAX;
  return sum + (s->problem->n_micro_batches - 1) * max + once;
}

/* What any completion of stages takes at least that begin with the layer `first`, given how many devices are left. */
static int64_t bound(const search *s, const label *l, uint32_t first, int64_t n_left) {
  size_t at = (size_t)first * (size_t)(s->bounds.n_devices + 1) + (size_t)n_left;
  return total(s, l->sum + s->bounds.sum[at], larger(l->max, s->bounds.max[at]), larger(l->once, s->bounds.once[at]));
}

/* ---- labels ---- */

static bool label_beats(const label *a, const label *b) {
  return a->sum <= b->sum && a->max <= b->max && a->once <= b->once;
}

static bool is_better(const search *s, const label *a, const label *b) {
  return total(s, a->sum, a->max, a->once) < total(s, b->sum, b->max, b->once);
}

static void keep_label(const search *s, label_list *list, const label *next) {
  for (size_t i = 0; i < list->n; i++)
    if (label_beats(&list->items[i], next))
      return;
  size_t kept = 0;
  for (size_t i = 0; i < list->n; i++)
    if (!label_beats(next, &list->items[i]))
      list->items[kept++] = list->items[i];
  list->n = kept;
  if (s->width == 0 || list->n < s->width) {
    alpa_vec_push(s->arena, list, *next);
    return;
  }
  size_t worst = 0;
  for (size_t i = 1; i < list->n; i++)
    worst = is_better(s, &list->items[i], &list->items[worst]) ? worst : i;
  if (is_better(s, next, &list->items[worst]))
    list->items[worst] = *next;
}

/* Whether the submeshes of each kind fit into its hosts. */
static bool has_room(const search *s, const label *l, uint32_t n_stages) {
  const alpa_stage_problem *p = s->problem;
  int64_t *sizes = alpa_arena_new(s->arena, int64_t, n_stages), *first = alpa_arena_new(s->arena, int64_t, n_stages);
  for (uint32_t k = 0; p->devices_per_host && k < p->n_kinds; k++) {
    uint32_t n = 0;
    for (const label *at = l; at; at = at->behind)
      if (p->submeshes[at->part.submesh].kind == k)
        sizes[n++] = p->submeshes[at->part.submesh].n_devices;
    if (!alpa_stages_place(s->arena, sizes, n, p->available[k], p->devices_per_host[k], first))
      return false;
  }
  return true;
}

static void finish(search *s, const label *l, uint32_t n_stages) {
  int64_t time = total(s, l->sum, l->max, l->once);
  if (time >= s->below || (s->problem->n_stages && s->problem->n_stages != n_stages) || !has_room(s, l, n_stages))
    return;
  s->below = time;
  s->best = alpa_arena_copy(s->arena, l, sizeof *l);
}

/* ---- the walk ---- */

typedef struct level {
  label_list *lists; /* [first layer][used][submesh] */
} level;

static label_list *list_at(const search *s, const level *l, uint32_t first, int64_t used, uint32_t submesh) {
  return &l->lists[((size_t)first * (size_t)s->n_used + (size_t)used) * s->problem->n_submeshes + submesh];
}

static int64_t count_left(const search *s, int64_t used) {
  int64_t n = s->n_all;
  for (uint32_t k = 0; k < s->problem->n_kinds; k++)
    n -= used / s->strides[k] % (s->problem->available[k] + 1);
  return n;
}

static bool is_available(const search *s, int64_t used, const alpa_submesh *m) {
  int64_t n = used / s->strides[m->kind] % (s->problem->available[m->kind] + 1);
  return n + m->n_devices <= s->problem->available[m->kind];
}

typedef struct extension {
  const level *to;
  const label *behind; /* NULL: the last stage */
  int64_t used;        /* by the stages behind */
  uint32_t n_behind, end;
} extension;

/* The label with a stage in front, its time and what is behind the same link away. */
static label make_label(const search *s, const extension *e, uint32_t first, uint32_t submesh) {
  const alpa_stage_problem *p = s->problem;
  const alpa_submesh *m = &p->submeshes[submesh];
  label next = {.behind = e->behind, .part = {first, e->end - 1, submesh, m->kind, m->n_devices, {0}}};
  if (e->behind) {
    int64_t link =
        p->links[((size_t)(e->end - 1) * p->n_submeshes + submesh) * p->n_submeshes + e->behind->part.submesh];
    next.sum = e->behind->sum + link;
    next.max = larger(e->behind->max, link);
    next.once = e->behind->once;
  }
  return next;
}

/* All options of one range of layers on one submesh; they ascend in time, so that none behind a hopeless one that
 * takes no more once than what is behind has hope. */
static void add_options(search *s, const extension *e, uint32_t first, uint32_t submesh,
                        const alpa_stage_front *front) {
  const alpa_submesh *m = &s->problem->submeshes[submesh];
  const label base = make_label(s, e, first, submesh);
  int64_t used = e->used + s->strides[m->kind] * m->n_devices, n_left = count_left(s, used);
  for (uint32_t o = 0; o < front->n; o++) {
    const alpa_stage_option *option = &front->options[o];
    label next = base;
    next.sum += option->time;
    next.max = larger(next.max, option->time);
    if (bound(s, &next, first, n_left) >= s->below)
      return;
    next.once = larger(next.once, option->once);
    next.part.option = *option;
    if (bound(s, &next, first, n_left) >= s->below)
      continue;
    if (first == 0)
      finish(s, &next, e->n_behind + 1);
    else
      keep_label(s, list_at(s, e->to, first, used, submesh), &next);
  }
}

/* Whether any stage with layers from `first` or before to the end of the extension can be better than the bound. */
static bool has_hope(const search *s, const extension *e, uint32_t first) {
  int64_t time = s->times[(size_t)first * s->problem->n_layers + e->end - 1];
  const label *l = e->behind;
  return l ? total(s, l->sum + time, larger(l->max, time), l->once) < s->below : total(s, time, time, 0) < s->below;
}

static void extend(search *s, const extension *e) {
  const alpa_stage_problem *p = s->problem;
  for (uint32_t first = e->end; first-- > 0 && has_hope(s, e, first);)
    for (uint32_t m = 0; m < p->n_submeshes; m++) {
      const alpa_stage_front *front = &s->fronts[((size_t)first * p->n_layers + e->end - 1) * p->n_submeshes + m];
      if (front->n && is_available(s, e->used, &p->submeshes[m]))
        add_options(s, e, first, m, front);
    }
}

/* Adds a stage in front of every label of a level, which is then empty; whether there was any. */
static bool walk_level(search *s, const level *from, const level *to, uint32_t n_behind) {
  bool is_any = false;
  for (uint32_t first = 1; first < s->problem->n_layers; first++)
    for (int64_t used = 0; used < s->n_used; used++)
      for (uint32_t m = 0; m < s->problem->n_submeshes; m++) {
        label_list *list = list_at(s, from, first, used, m);
        for (size_t i = 0; i < list->n; i++) {
          is_any = true;
          extend(s, &(extension){to, &list->items[i], used, n_behind, first});
        }
        *list = (label_list){0};
      }
  return is_any;
}

static int64_t in_flight(const search *s, uint32_t n_behind) {
  return (int64_t)n_behind + 1 < s->problem->n_micro_batches ? (int64_t)n_behind + 1 : s->problem->n_micro_batches;
}

/* What the stage that is added may be, and what those in front of it take at least: with what is in flight where the
 * number of stages was last a power of two. */
static void enter_level(search *s, uint32_t n_behind) {
  uint32_t n = n_behind + 1;
  if (n_behind == 0 || in_flight(s, n_behind) != in_flight(s, n_behind - 1)) {
    s->fronts = stage_fronts_fit(s->arena, s->problem, in_flight(s, n_behind));
    s->times = stage_times_find(s->arena, s->problem, s->fronts);
  }
  if ((n & (n - 1)) == 0 && (n == 1 || in_flight(s, n) != in_flight(s, n / 2)))
    s->bounds = stage_bounds_find(s->arena, s->problem, stage_fronts_fit(s->arena, s->problem, in_flight(s, n)));
}

static void init_search(search *s) {
  const alpa_stage_problem *p = s->problem;
  s->strides = alpa_arena_new(s->arena, int64_t, p->n_kinds);
  s->n_used = 1;
  for (uint32_t k = 0; k < p->n_kinds; k++) {
    s->strides[k] = s->n_used;
    s->n_used *= p->available[k] + 1;
    s->n_all += p->available[k];
  }
}

static void write_solution(const search *s, alpa_arena *arena, alpa_stage_solution *out) {
  uint32_t n = 0;
  for (const label *l = s->best; l; l = l->behind)
    n++;
  alpa_stage_part *stages = alpa_arena_new(arena, alpa_stage_part, n);
  *out = (alpa_stage_solution){.time = s->below, .n_stages = n, .stages = stages};
  for (const label *l = s->best; l; l = l->behind)
    *stages++ = l->part;
}

int64_t alpa_stages_bound(alpa_arena *arena, const alpa_stage_problem *p) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, arena->memory);
  stage_bounds b = stage_bounds_find(&scratch, p, stage_fronts_fit(&scratch, p, 1));
  size_t at = ((size_t)p->n_layers + 1) * (size_t)(b.n_devices + 1) - 1;
  search s = {.problem = p};
  int64_t time = total(&s, b.sum[at], b.max[at], b.once[at]);
  alpa_arena_deinit(&scratch);
  return time;
}

int64_t alpa_stages_time(const alpa_stage_solution *solution, const int64_t *links, int64_t n_micro_batches,
                         bool overlap) {
  int64_t sum = 0, most = 0, once = 0, before = 0;
  for (uint32_t s = 0; s < solution->n_stages; s++) {
    const alpa_stage_option *option = &solution->stages[s].option;
    int64_t behind = s + 1 < solution->n_stages ? links[s] : 0;
    sum += option->time + behind;
    most = larger(most, overlap ? larger(option->time, behind) : option->time + (before + behind) / 2);
    once = larger(once, option->once);
    before = behind;
  }
  return sum + (n_micro_batches - 1) * most + once;
}

bool alpa_stages_search(alpa_arena *arena, const alpa_stage_problem *problem, int64_t below, uint32_t width,
                        alpa_stage_solution *out_solution) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, arena->memory);
  search s = {.arena = &scratch, .problem = problem, .below = below, .width = width};
  init_search(&s);
  size_t n_lists = (size_t)problem->n_layers * (size_t)s.n_used * problem->n_submeshes;
  level from = {alpa_arena_new(&scratch, label_list, n_lists)};
  level to = {alpa_arena_new(&scratch, label_list, n_lists)};
  enter_level(&s, 0);
  extend(&s, &(extension){.to = &from, .end = problem->n_layers});
  uint32_t most = problem->n_stages ? problem->n_stages : problem->n_layers;
  for (uint32_t n_behind = 1; n_behind < most; n_behind++) {
    enter_level(&s, n_behind);
    if (!walk_level(&s, &from, &to, n_behind))
      break;
    level walked = from;
    from = to;
    to = walked;
  }
  if (s.best)
    write_solution(&s, arena, out_solution);
  alpa_arena_deinit(&scratch);
  return s.best != NULL;
}
