/* Whether what a staged program says of itself fits together: every variable is given before it is taken, every result
 * once, devices belong to one submesh, and what is replaced in place is replaced by its next value.  Plans that the
 * passes made do; edited ones need not.
 *
 * The tasks are run without values, in turns, as far as their lists go: O(tasks * their arguments and results). */
#include <string.h>

#include "dialects/func/func.h"
#include "driver/staged.h"

/* ---- devices ----------------------------------------------------------------------------------------------------- */

static alpa_status verify_devices(const alpa_staged *p) {
  for (uint32_t s = 0; s < p->n_stages; s++)
    for (uint32_t r = 0; r < s; r++) {
      const alpa_staged_stage *a = &p->stages[r], *b = &p->stages[s];
      bool is_same = a->devices.first == b->devices.first && a->devices.n == b->devices.n;
      bool is_apart =
          a->devices.first + a->devices.n <= b->devices.first || b->devices.first + b->devices.n <= a->devices.first;
      if (a->module == b->module)
        return alpa_op_error(p->func, "has the same module as stage %u and as stage %u", r, s);
      if (a->submesh == b->submesh ? !is_same : !is_apart)
        return alpa_op_error(b->module, "is stage %u on devices that stage %u, %s, %s", s, r,
                             a->submesh == b->submesh ? "of the same submesh" : "of another submesh",
                             a->submesh == b->submesh ? "does not have" : "has too");
    }
  return ALPA_OK;
}

/* ---- what is given and taken ------------------------------------------------------------------------------------- */

static alpa_status verify_segment(const alpa_staged *p, const alpa_staged_segment *segment, char *is_given) {
  static const char kinds[ALPA_PHASE_COUNT] = {[ALPA_PHASE_FORWARD] = 1 + ALPA_TASK_FORWARD,
                                               [ALPA_PHASE_BACKWARD] = 1 + ALPA_TASK_BACKWARD,
                                               [ALPA_PHASE_WEIGHT] = 1 + ALPA_TASK_WEIGHT};
  char kind = kinds[segment->phase];
  if (kind && !p->schedule.kind->has_task[kind - 1])
    return alpa_op_error(segment->module, "is of phase '%s', of which schedule '%s' has no tasks",
                         alpa_phase_name(segment->phase), p->schedule.kind->name);
  for (uint32_t i = 0; i < segment->layout.n_arguments; i++) {
    const alpa_image_tensor *tensor = &segment->layout.arguments[i];
    alpa_dtype_class class_ = alpa_dtype_get_info(tensor->dtype)->class_;
    bool is_number = tensor->rank == 0 && (class_ == ALPA_CLASS_INT || class_ == ALPA_CLASS_UINT);
    if (segment->arguments[i].kind == ALPA_WIRE_MICROBATCH && !is_number)
      return alpa_op_error(segment->module, "has argument %u, the number of the micro-batch, which is no integer", i);
  }
  for (uint32_t i = 0; i < segment->layout.n_results; i++)
    if (segment->results[i].kind == ALPA_WIRE_RESULT && is_given[segment->results[i].index]++)
      return alpa_op_error(segment->module, "gives result %u of the program, which another segment gives",
                           p->results.items[segment->results[i].index].index);
  return ALPA_OK;
}

/* Whether stages hold all of an argument or result, whole or in slices. */
static bool is_held(const alpa_staged *p, const alpa_staged_part *parts, size_t n, uint32_t index) {
  const alpa_image_tensor **own = alpa_arena_new(p->arena, const alpa_image_tensor *, n);
  uint32_t n_own = 0;
  for (size_t i = 0; i < n; i++)
    if (parts[i].index == index)
      own[n_own++] = &parts[i].tensor;
  return alpa_image_tensors_are_whole(own, n_own);
}

static alpa_status verify_slices(const alpa_staged *p) {
  for (size_t i = 0; i < p->arguments.n; i++)
    if (p->arguments.items[i].tensor.part_dims &&
        !is_held(p, p->arguments.items, p->arguments.n, p->arguments.items[i].index))
      return alpa_op_error(p->func, "has argument %u, of which the slices on all stages do not make one whole",
                           p->arguments.items[i].index);
  for (size_t i = 0; i < p->results.n; i++)
    if (p->results.items[i].tensor.part_dims && !is_held(p, p->results.items, p->results.n, p->results.items[i].index))
      return alpa_op_error(p->func, "has result %u, of which the slices on all stages do not make one whole",
                           p->results.items[i].index);
  return ALPA_OK;
}

/* Each result of the program has a giver, and takes the place of one argument at most. */
static alpa_status verify_results(const alpa_staged *p) {
  size_t n = alpa_func_type(p->func)->results.n;
  char *is_given = alpa_arena_new(p->arena, char, n);
  for (size_t i = 0; i < p->results.n; i++)
    is_given[p->results.items[i].index] = 1;
  for (size_t k = 0; k < n; k++)
    if (!is_given[k])
      return alpa_op_error(p->func, "has result %zu, which no stage gives", k);
  for (uint32_t i = 0; i < alpa_func_type(p->func)->inputs.n; i++) {
    int64_t k = alpa_func_find_donation(p->func, i);
    if (k >= 0 && (size_t)k < n && is_given[k]++ > 1)
      return alpa_op_error(p->func, "has argument %u replaced by result %lld, which replaces another one", i,
                           (long long)k);
  }
  return ALPA_OK;
}

/* Where a segment writes a result into the memory of an argument, both must be the same for the pipeline. */
static alpa_status verify_donations(const alpa_staged *p, const alpa_staged_segment *segment) {
  for (uint32_t i = 0; i < segment->layout.n_arguments; i++) {
    int64_t k = segment->layout.donations[i];
    if (k < 0)
      continue;
    if (k >= segment->layout.n_results)
      return alpa_op_error(segment->module, "has argument %u replaced by result %lld of %u", i, (long long)k,
                           segment->layout.n_results);
    alpa_wire from = segment->arguments[i], to = segment->results[k];
    bool is_right = from.kind == ALPA_WIRE_VARIABLE && to.kind == ALPA_WIRE_VARIABLE && from.index == to.index;
    bool is_part = from.kind == ALPA_WIRE_ARGUMENT && to.kind == ALPA_WIRE_RESULT;
    if (is_part)
      is_right =
          alpa_func_find_donation(p->func, p->arguments.items[from.index].index) ==
              (int64_t)p->results.items[to.index].index &&
          alpa_image_tensor_is_same_part(&p->arguments.items[from.index].tensor, &p->results.items[to.index].tensor);
    if (!is_right)
      return alpa_op_error(segment->module, "has argument %u replaced by result %lld, which is wired elsewhere", i,
                           (long long)k);
  }
  return ALPA_OK;
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

typedef struct rehearsal {
  alpa_staged *p;
  char *is_there;         /* by variable * number of micro-batches + micro-batch */
  uint32_t *first, *next; /* transfers by the variable they leave, as lists; ALPA_NO_INDEX: the end */
  uint32_t *n_run;        /* by submesh */
} rehearsal;

static char *variable_at(const rehearsal *r, uint32_t variable, uint32_t microbatch) {
  uint32_t at = r->p->variables.items[variable].per_microbatch ? microbatch : 0;
  return &r->is_there[(size_t)variable * r->p->n_microbatches + at];
}

/* The first argument that is not there; the number of arguments where all are. */
static uint32_t find_missing(const rehearsal *r, const alpa_link_task *task) {
  const alpa_staged_segment *segment = &r->p->segments.items[task->segment];
  for (uint32_t i = 0; i < segment->layout.n_arguments; i++)
    if (segment->arguments[i].kind == ALPA_WIRE_VARIABLE &&
        !*variable_at(r, segment->arguments[i].index, task->microbatch))
      return i;
  return segment->layout.n_arguments;
}

static void run_task(rehearsal *r, const alpa_link_task *task) {
  const alpa_staged_segment *segment = &r->p->segments.items[task->segment];
  for (uint32_t i = 0; i < segment->layout.n_results; i++) {
    alpa_wire wire = segment->results[i];
    if (wire.kind != ALPA_WIRE_VARIABLE)
      continue;
    *variable_at(r, wire.index, task->microbatch) = 1;
    for (uint32_t x = r->first[wire.index]; x != ALPA_NO_INDEX; x = r->next[x])
      *variable_at(r, r->p->transfers.items[x].to, task->microbatch) = 1;
  }
  alpa_vec_push(r->p->arena, &r->p->order, *task);
}

static bool run_turn(rehearsal *r, uint32_t submesh) {
  if (r->n_run[submesh] == r->p->tasks[submesh].n)
    return false;
  const alpa_link_task *task = &r->p->tasks[submesh].items[r->n_run[submesh]];
  if (find_missing(r, task) < r->p->segments.items[task->segment].layout.n_arguments)
    return false;
  run_task(r, task);
  r->n_run[submesh]++;
  return true;
}

static alpa_status report_waiting(const rehearsal *r, uint32_t submesh) {
  const alpa_link_task *task = &r->p->tasks[submesh].items[r->n_run[submesh]];
  const alpa_staged_segment *segment = &r->p->segments.items[task->segment];
  uint32_t missing = find_missing(r, task);
  return alpa_op_error(segment->module, "waits for ever in micro-batch %u: nothing before gives its argument %u, '%s'",
                       task->microbatch, missing, r->p->variables.items[segment->arguments[missing].index].name);
}

static alpa_status find_order(alpa_staged *p) {
  uint32_t n_submeshes = p->schedule.map->n_submeshes;
  rehearsal r = {.p = p,
                 .is_there = alpa_arena_new(p->arena, char, p->variables.n * p->n_microbatches),
                 .first = alpa_arena_new(p->arena, uint32_t, p->variables.n),
                 .next = alpa_arena_new(p->arena, uint32_t, p->transfers.n),
                 .n_run = alpa_arena_new(p->arena, uint32_t, n_submeshes)};
  memset(r.first, 0xFF, p->variables.n * sizeof *r.first);
  for (uint32_t x = 0; x < p->transfers.n; x++) {
    r.next[x] = r.first[p->transfers.items[x].from];
    r.first[p->transfers.items[x].from] = x;
  }
  for (bool has_run = true; has_run;) {
    has_run = false;
    for (uint32_t m = 0; m < n_submeshes; m++)
      has_run |= run_turn(&r, m);
  }
  for (uint32_t m = 0; m < n_submeshes; m++)
    if (r.n_run[m] < p->tasks[m].n)
      return report_waiting(&r, m);
  return ALPA_OK;
}

alpa_status alpa_staged_verify(alpa_staged *p) {
  char *is_given = alpa_arena_new(p->arena, char, p->results.n);
  ALPA_TRY(verify_devices(p));
  ALPA_TRY(verify_slices(p));
  ALPA_TRY(verify_results(p));
  for (size_t i = 0; i < p->segments.n; i++) {
    ALPA_TRY(verify_segment(p, &p->segments.items[i], is_given));
    ALPA_TRY(verify_donations(p, &p->segments.items[i]));
  }
  return find_order(p);
}
