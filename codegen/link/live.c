/* Lifetimes and places of variables.
 *
 * Tasks are first put into one order in which all could run.  The memory of what is sent is kept until the receiver has
 * made room for it in that order; so that order runs without anybody waiting for ever, and since nobody chooses, so
 * does every other.  Places are then given largest first, each at the lowest offset that is free while it lives. */
#include "codegen/link/live.h"

#include <stdlib.h>

static const alpa_link_task *task_at(const alpa_link_live *live, uint32_t submesh, uint32_t t) {
  return &live->problem->submeshes[submesh].tasks[t];
}

static uint32_t earlier(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- uses -------------------------------------------------------------------------------------------------------- */

static void create_instances(alpa_link_live *live) {
  const alpa_link_problem *p = live->problem;
  live->first_instance = alpa_arena_new(live->arena, uint32_t, p->n_variables);
  for (uint32_t v = 0; v < p->n_variables; v++) {
    live->first_instance[v] = live->n_instances;
    live->n_instances += p->variables[v].per_microbatch ? p->n_microbatches : 1;
  }
  live->instances = alpa_arena_new(live->arena, alpa_link_instance, live->n_instances);
  for (uint32_t v = 0; v < p->n_variables; v++)
    for (uint32_t i = alpa_link_instance_of(live, v, 0); i <= alpa_link_instance_of(live, v, p->n_microbatches - 1);
         i++)
      live->instances[i] = (alpa_link_instance){.submesh = ALPA_NO_INDEX,
                                                .first = ALPA_NO_INDEX,
                                                .first_use = ALPA_NO_INDEX,
                                                .defined = ALPA_NO_INDEX,
                                                .bytes = p->variables[v].bytes};
}

static void note_wire(alpa_link_live *live, uint32_t submesh, uint32_t t, alpa_wire wire, bool is_written) {
  if (wire.kind != ALPA_WIRE_VARIABLE)
    return;
  alpa_link_instance *instance =
      &live->instances[alpa_link_instance_of(live, wire.index, task_at(live, submesh, t)->microbatch)];
  instance->submesh = submesh;
  instance->first = earlier(instance->first, t);
  instance->last = t > instance->last ? t : instance->last;
  if (is_written)
    instance->defined = earlier(instance->defined, t);
  else
    instance->first_use = earlier(instance->first_use, t);
}

static void note_uses(alpa_link_live *live) {
  for (uint32_t s = 0; s < live->problem->n_submeshes; s++)
    for (uint32_t t = 0; t < live->problem->submeshes[s].n_tasks; t++) {
      const alpa_link_segment *segment = &live->problem->segments[task_at(live, s, t)->segment];
      for (uint32_t i = 0; i < segment->image->n_arguments; i++)
        note_wire(live, s, t, segment->arguments[i], false);
      for (uint32_t i = 0; i < segment->image->n_results; i++)
        note_wire(live, s, t, segment->results[i], true);
    }
}

static void collect_moves(alpa_link_live *live) {
  const alpa_link_problem *p = live->problem;
  for (uint32_t x = 0; x < p->n_transfers; x++) {
    const alpa_link_transfer *transfer = &p->transfers[x];
    uint32_t n = p->variables[transfer->from].per_microbatch ? p->n_microbatches : 1;
    for (uint32_t b = 0; b < n; b++) {
      alpa_link_move move = {.transfer = x,
                             .from = alpa_link_instance_of(live, transfer->from, b),
                             .to = alpa_link_instance_of(live, transfer->to, b)};
      if (live->instances[move.to].first_use == ALPA_NO_INDEX || live->instances[move.from].defined == ALPA_NO_INDEX)
        continue;
      move.sent = live->instances[move.from].defined;
      move.awaited = live->instances[move.to].first_use;
      move.posted = move.awaited ? move.awaited - 1 : 0;
      alpa_vec_push(live->arena, &live->moves, move);
    }
  }
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

/* Whether everything that task t of the submesh waits for has been sent. */
static bool can_run(const alpa_link_live *live, uint32_t submesh, uint32_t t, const uint32_t *n_run) {
  for (size_t i = 0; i < live->moves.n; i++) {
    const alpa_link_move *move = &live->moves.items[i];
    if (live->instances[move->to].submesh == submesh && move->awaited == t &&
        n_run[live->instances[move->from].submesh] <= move->sent)
      return false;
  }
  return true;
}

static alpa_status find_order(alpa_link_live *live, alpa_diag *diag) {
  const alpa_link_problem *p = live->problem;
  uint32_t n_ordered = 0, n_before, *n_run = alpa_arena_new(live->arena, uint32_t, p->n_submeshes);
  live->order = alpa_arena_new(live->arena, uint32_t *, p->n_submeshes);
  for (uint32_t s = 0; s < p->n_submeshes; s++)
    live->order[s] = alpa_arena_new(live->arena, uint32_t, p->submeshes[s].n_tasks);
  do {
    n_before = n_ordered;
    for (uint32_t s = 0; s < p->n_submeshes; s++)
      if (n_run[s] < p->submeshes[s].n_tasks && can_run(live, s, n_run[s], n_run))
        live->order[s][n_run[s]++] = n_ordered++;
  } while (n_ordered != n_before);
  for (uint32_t s = 0; s < p->n_submeshes; s++)
    if (n_run[s] < p->submeshes[s].n_tasks)
      return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "the tasks of the pipeline wait for each other: submesh %u cannot run its task %u", s,
                        n_run[s]);
  return ALPA_OK;
}

static void extend_lifetimes(alpa_link_live *live) {
  for (size_t i = 0; i < live->moves.n; i++) {
    alpa_link_move *move = &live->moves.items[i];
    alpa_link_instance *from = &live->instances[move->from], *to = &live->instances[move->to];
    uint32_t n_tasks = live->problem->submeshes[from->submesh].n_tasks;
    uint32_t posted = live->order[to->submesh][move->posted];
    move->released = move->sent + 1;
    while (move->released < n_tasks && live->order[from->submesh][move->released] <= posted)
      move->released++;
    to->first = earlier(to->first, move->posted);
    from->last = move->released - 1 > from->last ? move->released - 1 : from->last;
  }
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b, void *user) {
  const alpa_link_live *live = user;
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  int64_t p = live->instances[x].bytes, q = live->instances[y].bytes;
  return p != q ? (p > q ? -1 : 1) : (x > y) - (x < y);
}

static int64_t end_of(const alpa_link_instance *instance) {
  return instance->offset + (instance->bytes + 63) / 64 * 64;
}

/* `placed` by ascending offsets. */
static void place(alpa_link_live *live, uint32_t *placed, uint32_t n_placed, uint32_t index) {
  alpa_link_instance *own = &live->instances[index];
  for (uint32_t i = 0; i < n_placed; i++) {
    const alpa_link_instance *other = &live->instances[placed[i]];
    bool is_apart = other->last < own->first || own->last < other->first || end_of(other) <= own->offset;
    if (is_apart)
      continue;
    if (end_of(own) <= other->offset)
      break;
    own->offset = end_of(other);
  }
  uint32_t at = n_placed;
  for (; at > 0 && live->instances[placed[at - 1]].offset > own->offset; at--)
    placed[at] = placed[at - 1];
  placed[at] = index;
}

static void place_all(alpa_link_live *live) {
  live->slots_bytes = alpa_arena_new(live->arena, int64_t, live->problem->n_submeshes);
  uint32_t *placed = alpa_arena_new(live->arena, uint32_t, live->n_instances);
  uint32_t *order = alpa_arena_new(live->arena, uint32_t, live->n_instances);
  for (uint32_t s = 0; s < live->problem->n_submeshes; s++) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < live->n_instances; i++)
      if (live->instances[i].submesh == s)
        order[n++] = i;
    qsort_r(order, n, sizeof *order, by_size, live);
    for (uint32_t i = 0; i < n; i++) {
      place(live, placed, i, order[i]);
      int64_t end = end_of(&live->instances[order[i]]);
      live->slots_bytes[s] = end > live->slots_bytes[s] ? end : live->slots_bytes[s];
    }
  }
}

alpa_status alpa_link_live_find(alpa_link_live *live, alpa_diag *diag) {
  create_instances(live);
  note_uses(live);
  collect_moves(live);
  ALPA_TRY(find_order(live, diag));
  extend_lifetimes(live);
  place_all(live);
  return ALPA_OK;
}
