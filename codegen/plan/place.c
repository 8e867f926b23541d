/* Places of temporaries in the arena: largest first, each at the lowest offset that is free while it lives. */
#include <stdlib.h>

#include "codegen/plan/plan.h"

/* Copies that all read before all write, as a sequence: a copy goes before those that overwrite its source; a cycle
 * is cut by a temporary. */
static void sequence_copies(plan *p, plan_instruction *at) {
  uint32_t n = 0, total = at->n_writes;
  uint32_t *to = alpa_arena_new(p->arena, uint32_t, 2 * total + 1);
  uint32_t *from = alpa_arena_new(p->arena, uint32_t, 2 * total + 1);
  bool *done = alpa_arena_new(p->arena, bool, total);
  uint32_t left = 0;
  for (uint32_t i = 0; i < total; i++) {
    done[i] = alpa_plan_find(p, at->reads[i]) == alpa_plan_find(p, at->writes[i]) ||
              !p->slots.items[alpa_plan_find(p, at->writes[i])].bytes;
    left += !done[i];
  }
  while (left) {
    uint32_t ready = total, blocked = total;
    for (uint32_t i = 0; i < total && ready == total; i++) {
      if (done[i])
        continue;
      bool overwrites = false;
      for (uint32_t j = 0; j < total; j++)
        overwrites |= !done[j] && j != i && alpa_plan_find(p, at->reads[j]) == alpa_plan_find(p, at->writes[i]);
      blocked = i;
      ready = overwrites ? total : i;
    }
    if (ready == total) { /* a cycle: save what the blocked copy would overwrite */
      uint32_t lost = alpa_plan_find(p, at->writes[blocked]);
      uint32_t saved = alpa_plan_add_slot(p, ALPA_BUFFER_TEMPORARY, p->slots.items[lost].bytes);
      plan_segment segment = {2 * at->position, 2 * at->position + 2};
      alpa_vec_push(p->arena, &p->slots.items[saved].segments, segment);
      to[n] = saved;
      from[n++] = lost;
      for (uint32_t j = 0; j < total; j++)
        if (!done[j] && alpa_plan_find(p, at->reads[j]) == lost)
          at->reads[j] = saved;
      continue;
    }
    to[n] = at->writes[ready];
    from[n++] = at->reads[ready];
    done[ready] = true;
    left--;
  }
  at->writes = to;
  at->reads = from;
  at->n_writes = at->n_reads = n;
}

static int by_size(const void *a, const void *b, void *user) {
  const plan *p = user;
  int64_t x = p->slots.items[*(const uint32_t *)a].bytes, y = p->slots.items[*(const uint32_t *)b].bytes;
  if (x != y)
    return x > y ? -1 : 1;
  return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static bool live_together(const plan_slot *x, const plan_slot *y) {
  for (size_t i = 0, j = 0; i < x->segments.n && j < y->segments.n;) {
    plan_segment s = x->segments.items[i], t = y->segments.items[j];
    if ((s.start > t.start ? s.start : t.start) < (s.end < t.end ? s.end : t.end))
      return true;
    if (s.end < t.end)
      i++;
    else
      j++;
  }
  return false;
}

static int64_t rounded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

static void place(plan *p, uint32_t *order, uint32_t i, uint32_t *placed) {
  plan_slot *slot = &p->slots.items[order[i]];
  int64_t offset = 0;
  for (uint32_t j = 0; j < i; j++) { /* ascending offsets: take the first gap */
    const plan_slot *other = &p->slots.items[placed[j]];
    if (other->offset + rounded(other->bytes) <= offset || !live_together(slot, other))
      continue;
    if (offset + rounded(slot->bytes) <= other->offset)
      break;
    offset = other->offset + rounded(other->bytes);
  }
  slot->offset = offset;
  uint32_t at = i;
  for (; at > 0 && p->slots.items[placed[at - 1]].offset > offset; at--)
    placed[at] = placed[at - 1];
  placed[at] = order[i];
}

void alpa_plan_place(plan *p) {
  for (size_t i = 0; i < p->by_position.n; i++)
    if (p->by_position.items[i] && p->by_position.items[i]->kind == PLAN_COPY)
      sequence_copies(p, p->by_position.items[i]);
  uint32_t n = 0, *order = alpa_arena_new(p->arena, uint32_t, p->slots.n);
  uint32_t *placed = alpa_arena_new(p->arena, uint32_t, p->slots.n);
  for (uint32_t i = 0; i < p->slots.n; i++)
    if (p->slots.items[i].kind == ALPA_BUFFER_TEMPORARY && alpa_plan_find(p, i) == i)
      order[n++] = i;
  qsort_r(order, n, sizeof *order, by_size, p);
  for (uint32_t i = 0; i < n; i++)
    place(p, order, i, placed);
}
