/* Liveness of slots over the tree of instructions.
 *
 * Lists are scanned backward with the set of live slots; the body of a loop is scanned until the set at its start does
 * not grow any more, then once more to record segments. */
#include <stdlib.h>
#include <string.h>

#include "codegen/plan/plan.h"

typedef struct scan {
  plan *plan;
  bool record;
  bool *live;
  uint32_t *ends; /* where the open segment of a live slot ends */
  uint32_t n;
} scan;

static void add_segment(plan *p, uint32_t slot, uint32_t start, uint32_t end) {
  plan_slot *s = &p->slots.items[slot];
  if (start < end)
    alpa_vec_push(p->arena, &s->segments, (plan_segment){start, end});
}

/* Backward: the slot is live before `end`. */
static void make_live(scan *s, uint32_t slot, uint32_t end) {
  if (s->live[slot])
    return;
  s->live[slot] = true;
  s->ends[slot] = end;
}

/* Backward: the slot is not live before `start`. */
static void make_dead(scan *s, uint32_t slot, uint32_t start, bool was_written) {
  if (s->record && s->live[slot])
    add_segment(s->plan, slot, start, s->ends[slot]);
  else if (s->record && was_written)
    add_segment(s->plan, slot, start, start + 1);
  s->live[slot] = false;
}

static void scan_list(scan *s, const plan_list *list);

/* Ends the open segments and opens them again at another place: where control comes together. */
static void cut_all(scan *s, uint32_t start, uint32_t end, const bool *next) {
  for (uint32_t i = 0; i < s->n; i++) {
    if (s->live[i] && s->record)
      add_segment(s->plan, i, start, s->ends[i]);
    s->live[i] = next[i];
    s->ends[i] = end;
  }
}

static void scan_while(scan *s, const plan_instruction *loop) {
  plan *p = s->plan;
  uint32_t after = 2 * loop->lists[1].end + 1, start = 2 * loop->lists[0].start;
  bool *live_out = alpa_arena_new(p->arena, bool, s->n), *top = alpa_arena_new(p->arena, bool, s->n);
  memcpy(live_out, s->live, s->n * sizeof *live_out);
  bool record = s->record, changed = true;
  cut_all(s, after, after, live_out);
  uint32_t *ends = alpa_arena_copy(p->arena, s->ends, s->n * sizeof *ends);
  s->record = false;
  while (changed || record != s->record) {
    if (!changed)
      s->record = record;
    bool was_recording = s->record;
    memcpy(s->live, top, s->n * sizeof *top); /* at the end of the body: what the next iteration needs */
    memcpy(s->ends, ends, s->n * sizeof *ends);
    scan_list(s, &loop->lists[1]);
    uint32_t middle = 2 * loop->lists[0].end + 1;
    bool *both = alpa_arena_new(p->arena, bool, s->n);
    for (uint32_t i = 0; i < s->n; i++)
      both[i] = s->live[i] || live_out[i];
    for (uint32_t i = 0; i < s->n; i++) /* live after the loop: through the body too, unless it is written there */
      if (s->record && live_out[i] && !s->live[i])
        add_segment(p, i, middle, middle + 1);
    cut_all(s, middle, middle, both);
    make_live(s, loop->lists[0].result, middle);
    scan_list(s, &loop->lists[0]);
    changed = false;
    for (uint32_t i = 0; i < s->n; i++) {
      changed |= s->live[i] && !top[i];
      top[i] |= s->live[i];
    }
    if (was_recording)
      break;
    if (!changed && !record)
      break;
  }
  s->record = record;
  cut_all(s, start, start, s->live);
}

static void scan_branch(scan *s, const plan_instruction *branch) {
  plan *p = s->plan;
  uint32_t after = 2 * branch->lists[branch->n_lists - 1].end + 1;
  bool *live_out = alpa_arena_copy(p->arena, s->live, s->n * sizeof *live_out);
  bool *before = alpa_arena_new(p->arena, bool, s->n);
  for (uint32_t i = 0; i < s->n; i++)
    if (s->live[i] && s->record)
      add_segment(p, i, after, s->ends[i]);
  for (uint32_t r = branch->n_lists; r-- > 0;) {
    const plan_list *list = &branch->lists[r];
    for (uint32_t i = 0; i < s->n; i++) {
      s->live[i] = live_out[i];
      s->ends[i] = 2 * list->end + 1;
    }
    scan_list(s, list);
    for (uint32_t i = 0; i < s->n; i++) {
      before[i] |= s->live[i];
      if (s->live[i] && s->record) /* values that pass by stay apart from what other branches do: cover everything */
        add_segment(p, i, 2 * branch->position, s->ends[i]);
    }
  }
  for (uint32_t i = 0; i < s->n; i++) {
    s->live[i] = before[i];
    s->ends[i] = 2 * branch->position + 1;
  }
}

static void scan_list(scan *s, const plan_list *list) {
  for (size_t i = list->items.n; i-- > 0;) {
    const plan_instruction *at = list->items.items[i];
    uint32_t position = at->position;
    if (at->kind == PLAN_WHILE)
      scan_while(s, at);
    else if (at->kind == PLAN_BRANCH)
      scan_branch(s, at);
    for (uint32_t k = 0; k < at->n_writes; k++)
      if (at->updates && k < at->op->n_results)
        make_live(s, at->writes[k], 2 * position + 2);
      else
        make_dead(s, at->writes[k], 2 * position + 1, true);
    for (uint32_t k = 0; k < at->n_reads; k++)
      make_live(s, at->reads[k], 2 * position + 2);
  }
}

static int by_start(const void *a, const void *b) {
  const plan_segment *x = a, *y = b;
  return (x->start > y->start) - (x->start < y->start);
}

/* Sorts and joins what overlaps or touches. */
static void normalise(plan_slot *slot) {
  if (!slot->segments.n)
    return;
  qsort(slot->segments.items, slot->segments.n, sizeof *slot->segments.items, by_start);
  size_t kept = 0;
  for (size_t i = 1; i < slot->segments.n; i++) {
    plan_segment *last = &slot->segments.items[kept], next = slot->segments.items[i];
    if (next.start <= last->end)
      last->end = next.end > last->end ? next.end : last->end;
    else
      slot->segments.items[++kept] = next;
  }
  slot->segments.n = kept + 1;
}

void alpa_plan_live(plan *p) {
  scan s = {.plan = p, .record = true, .n = (uint32_t)p->slots.n};
  s.live = alpa_arena_new(p->arena, bool, s.n);
  s.ends = alpa_arena_new(p->arena, uint32_t, s.n);
  const plan_instruction *last = p->program.items.items[p->program.items.n - 1];
  for (uint32_t i = 0; i < last->n_writes; i++)
    make_live(&s, last->writes[i], UINT32_MAX);
  scan_list(&s, &p->program);
  for (uint32_t i = 0; i < s.n; i++) { /* arguments and constants are there from the beginning */
    if (s.live[i])
      add_segment(p, i, 0, s.ends[i]);
    if (p->slots.items[i].is_fixed) {
      p->slots.items[i].segments.n = 0;
      add_segment(p, i, 0, UINT32_MAX);
    }
    normalise(&p->slots.items[i]);
  }
}
