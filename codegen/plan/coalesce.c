/* The merging of slots: what is copied, or computed in place, need not be moved. */
#include <stdlib.h>

#include "codegen/plan/plan.h"
#include "dialects/kernel/kernel.h"

static bool is_in(const plan *p, const uint32_t *slots, uint32_t n, uint32_t class_) {
  for (uint32_t i = 0; i < n; i++)
    if (alpa_plan_find(p, slots[i]) == class_)
      return true;
  return false;
}

static bool is_pair(const alpa_op *fused, uint32_t result, uint32_t operand) {
  const alpa_attr *pairs = fused->attrs[kernel_fused_in_place];
  int64_t n = pairs ? pairs->type->dims[0] : 0;
  for (int64_t i = 0; i < n; i++)
    if (*(const int64_t *)alpa_attr_element(pairs, 2 * i) == (int64_t)result &&
        *(const int64_t *)alpa_attr_element(pairs, 2 * i + 1) == (int64_t)operand)
      return true;
  return false;
}

/* Whether everything read in one class may be overwritten by what is written in the other. */
static bool may_share(const plan_instruction *at, const plan *p, uint32_t from, uint32_t to) {
  for (uint32_t r = 0; r < at->n_reads; r++)
    for (uint32_t w = 0; w < at->n_writes; w++) {
      if (alpa_plan_find(p, at->reads[r]) != from || alpa_plan_find(p, at->writes[w]) != to)
        continue;
      if ((at->kind == PLAN_COPY || at->kind == PLAN_COLLECTIVE) && r != w)
        return false;
      if (at->kind == PLAN_COLLECTIVE && p->collectives.items[at->collective].kind != ALPA_COLLECTIVE_ALL_REDUCE)
        return false;
      if (at->kind != PLAN_RUN)
        continue;
      if (w >= at->op->n_results)
        return false;
      for (uint32_t k = 0; k < at->op->n_operands; k++)
        if (at->refs[k] == at->reads[r] && !is_pair(at->op, w, k))
          return false;
    }
  return true;
}

/* Two classes that meet only where an instruction reads one for the last time and writes the other, and may do so in
 * place. */
static bool meets_in_place(const plan *p, uint32_t position, uint32_t from, uint32_t to) {
  const plan_instruction *at = position / 2 < p->by_position.n ? p->by_position.items[position / 2] : NULL;
  if (!at || position % 2 == 0)
    return false;
  return is_in(p, at->reads, at->n_reads, from) && is_in(p, at->writes, at->n_writes, to) && may_share(at, p, from, to);
}

static bool overlap(const plan *p, uint32_t a, uint32_t b) {
  const plan_slot *x = &p->slots.items[a], *y = &p->slots.items[b];
  for (size_t i = 0, j = 0; i < x->segments.n && j < y->segments.n;) {
    plan_segment s = x->segments.items[i], t = y->segments.items[j];
    uint32_t start = s.start > t.start ? s.start : t.start, end = s.end < t.end ? s.end : t.end;
    bool in_place = end - start == 1 && ((s.end == end && meets_in_place(p, start, a, b)) ||
                                         (t.end == end && meets_in_place(p, start, b, a)));
    if (start < end && !in_place)
      return true;
    if (s.end < t.end)
      i++;
    else
      j++;
  }
  return false;
}

/* ---- merging ---- */

static bool can_merge_kinds(const plan_slot *a, const plan_slot *b) {
  if (a->is_fixed || b->is_fixed || a->bytes != b->bytes)
    return false;
  return a->kind == ALPA_BUFFER_TEMPORARY || b->kind == ALPA_BUFFER_TEMPORARY;
}

static void unite(plan *p, uint32_t into, uint32_t from) {
  plan_slot *a = &p->slots.items[into], *b = &p->slots.items[from];
  plan_segment *all = alpa_arena_new(p->arena, plan_segment, a->segments.n + b->segments.n);
  size_t n = 0, i = 0, j = 0;
  while (i < a->segments.n || j < b->segments.n) {
    bool first = j >= b->segments.n || (i < a->segments.n && a->segments.items[i].start <= b->segments.items[j].start);
    plan_segment next = first ? a->segments.items[i++] : b->segments.items[j++];
    if (n && next.start <= all[n - 1].end)
      all[n - 1].end = next.end > all[n - 1].end ? next.end : all[n - 1].end;
    else
      all[n++] = next;
  }
  a->segments.items = all;
  a->segments.n = a->segments.cap = n;
  b->parent = into;
}

static void try_merge(plan *p, uint32_t x, uint32_t y) {
  uint32_t a = alpa_plan_find(p, x), b = alpa_plan_find(p, y);
  if (a == b || !can_merge_kinds(&p->slots.items[a], &p->slots.items[b]) || overlap(p, a, b))
    return;
  if (p->slots.items[a].kind == ALPA_BUFFER_TEMPORARY)
    unite(p, b, a);
  else
    unite(p, a, b);
}

/* Kernels that may work in place save memory and cache. */
static void merge_run(plan *p, const plan_instruction *at) {
  const alpa_attr *pairs = at->op->attrs[kernel_fused_in_place];
  int64_t n = pairs && !at->updates ? pairs->type->dims[0] : 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t result = *(const int64_t *)alpa_attr_element(pairs, 2 * i);
    int64_t operand = *(const int64_t *)alpa_attr_element(pairs, 2 * i + 1);
    try_merge(p, at->refs[at->op->n_operands + (uint32_t)result], at->refs[operand]);
  }
}

static void merge_copies(plan *p, const plan_instruction *at) {
  for (uint32_t i = 0; i < at->n_writes; i++)
    try_merge(p, at->writes[i], at->reads[i]);
}

void alpa_plan_coalesce(plan *p) {
  for (size_t i = p->by_position.n; i-- > 0;) /* results first: they cannot move */
    if (p->by_position.items[i] && p->by_position.items[i]->kind == PLAN_COPY)
      merge_copies(p, p->by_position.items[i]);
  for (size_t i = 0; i < p->by_position.n; i++) {
    const plan_instruction *at = p->by_position.items[i];
    if (at && at->kind == PLAN_RUN)
      merge_run(p, at);
    else if (at && at->kind == PLAN_COLLECTIVE &&
             p->collectives.items[at->collective].kind == ALPA_COLLECTIVE_ALL_REDUCE)
      merge_copies(p, at);
  }
}
