/* Places of a pipeline's variables, against a replay of every byte.
 *
 * Random chains of stages run schedules of every kind, as built or with tasks exchanged, with values of random sizes
 * that skip stages.  The lists of the linker are run by devices that choose by chance, transfers take place at any time
 * that both ends allow, and every byte remembers whose it is: what a task reads must be its own, and nobody waits for
 * ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codegen/link/live.h"
#include "dialects/ir/context.h"
#include "passes/schedule/schedule.h"
#include "test/unit/schedule_shuffle.h"

enum { MOST_STAGES = 8, MOST_WIRES = 24, MOST_VARIABLES = 128, MOST_TRANSFERS = 64, KINDS = ALPA_TASK_KINDS };

typedef struct chain {
  alpa_context ctx;
  alpa_arena arena;
  uint64_t seed;
  uint32_t n_stages, n_microbatches;
  alpa_schedule schedule;
  alpa_stage_map map;
  alpa_image images[MOST_STAGES * KINDS];
  alpa_wire arguments[MOST_STAGES * KINDS][MOST_WIRES], results[MOST_STAGES * KINDS][MOST_WIRES];
  alpa_link_segment segments[MOST_STAGES * KINDS];
  alpa_link_variable variables[MOST_VARIABLES];
  alpa_link_transfer transfers[MOST_TRANSFERS];
  alpa_link_submesh submeshes[MOST_STAGES];
  alpa_link_problem problem;
} chain;

static uint32_t below(chain *c, uint32_t n) {
  c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((c->seed >> 33) % n);
}

/* ---- a chain of stages ------------------------------------------------------------------------------------------- */

static uint32_t segment_of(uint32_t stage, alpa_task_kind kind) { return stage * KINDS + kind; }

static uint32_t add_variable(chain *c, int64_t bytes, bool per_microbatch) {
  assert_true(c->problem.n_variables < MOST_VARIABLES);
  c->variables[c->problem.n_variables] = (alpa_link_variable){bytes, per_microbatch};
  return c->problem.n_variables++;
}

static void give(chain *c, uint32_t segment, uint32_t variable) {
  assert_true(c->images[segment].n_results < MOST_WIRES);
  c->results[segment][c->images[segment].n_results++] = (alpa_wire){ALPA_WIRE_VARIABLE, variable};
}

static void take(chain *c, uint32_t segment, uint32_t variable) {
  assert_true(c->images[segment].n_arguments < MOST_WIRES);
  c->arguments[segment][c->images[segment].n_arguments++] = (alpa_wire){ALPA_WIRE_VARIABLE, variable};
}

static void send(chain *c, uint32_t from, uint32_t to, int64_t bytes) {
  uint32_t out = add_variable(c, bytes, true), in = add_variable(c, bytes, true);
  give(c, from, out);
  take(c, to, in);
  c->transfers[c->problem.n_transfers++] = (alpa_link_transfer){.from = out, .to = in};
}

/* What one segment keeps for a later one of its stage. */
static void keep(chain *c, uint32_t from, uint32_t to, int64_t bytes) {
  uint32_t variable = add_variable(c, bytes, true);
  give(c, from, variable);
  take(c, to, variable);
}

typedef struct sizes {
  int64_t kept, sent; /* 0: random */
  int n_exchanges;    /* of tasks in the lists */
} sizes;

static int64_t choose(chain *c, int64_t bytes) { return bytes ? bytes : 1 + below(c, 400); }

static void add_stage(chain *c, uint32_t s, const sizes *of) {
  const bool *has = c->schedule.kind->has_task;
  uint32_t forward = segment_of(s, ALPA_TASK_FORWARD), backward = segment_of(s, ALPA_TASK_BACKWARD);
  if (s + 1 < c->n_stages)
    send(c, forward, segment_of(s + 1, ALPA_TASK_FORWARD), choose(c, of->sent));
  if (!of->kept && s + 2 < c->n_stages && below(c, 2))
    send(c, forward, segment_of(s + 2, has[ALPA_TASK_BACKWARD] && below(c, 2) ? ALPA_TASK_BACKWARD : ALPA_TASK_FORWARD),
         choose(c, 0));
  if (!has[ALPA_TASK_BACKWARD])
    return;
  keep(c, forward, backward, choose(c, of->kept));
  if (s > 0)
    send(c, backward, segment_of(s - 1, ALPA_TASK_BACKWARD), choose(c, of->sent));
  if (has[ALPA_TASK_WEIGHT])
    keep(c, backward, segment_of(s, ALPA_TASK_WEIGHT), choose(c, of->kept));
}

static void add_lists(chain *c) {
  for (uint32_t m = 0; m < c->map.n_submeshes; m++) {
    const alpa_task_list *list = &c->schedule.lists[m];
    alpa_link_task *tasks = alpa_arena_new(&c->arena, alpa_link_task, list->n);
    for (size_t i = 0; i < list->n; i++)
      tasks[i] = (alpa_link_task){segment_of(alpa_stage_map_at(&c->map, m, list->items[i].chunk), list->items[i].kind),
                                  list->items[i].microbatch};
    c->submeshes[m] = (alpa_link_submesh){{m, 1}, tasks, (uint32_t)list->n};
  }
}

static void build_chain(chain *c, const char *kind, uint32_t n_stages, uint32_t n_submeshes, uint32_t n_microbatches,
                        const sizes *of) {
  uint64_t seed = c->seed;
  memset(c, 0, sizeof *c);
  c->seed = seed;
  c->n_stages = n_stages;
  c->n_microbatches = n_microbatches;
  alpa_context_init(&c->ctx, NULL, NULL, NULL, NULL);
  alpa_arena_init(&c->arena, &c->ctx.memory);
  const alpa_schedule_kind *found = alpa_schedule_kind_find(kind);
  uint32_t *submeshes = alpa_schedule_kind_place(&c->arena, found, n_stages, n_submeshes);
  assert_non_null(submeshes);
  alpa_stage_map_build(&c->arena, submeshes, n_stages, &c->map);
  assert_null(alpa_schedule_build(&c->arena, found, &c->map, n_microbatches, &c->schedule));
  for (uint32_t s = 0; s < n_stages; s++)
    add_stage(c, s, of);
  for (uint32_t i = 0; i < n_stages * KINDS; i++)
    c->segments[i] = (alpa_link_segment){&c->images[i], c->arguments[i], c->results[i]};
  schedule_shuffle(&c->arena, &c->schedule, c->seed, of->n_exchanges);
  add_lists(c);
  c->problem.n_devices = c->problem.n_submeshes = n_submeshes;
  c->problem.n_microbatches = n_microbatches;
  c->problem.n_segments = n_stages * KINDS;
  c->problem.submeshes = c->submeshes;
  c->problem.segments = c->segments;
  c->problem.variables = c->variables;
  c->problem.transfers = c->transfers;
}

static void close_chain(chain *c) {
  alpa_arena_deinit(&c->arena);
  alpa_context_deinit(&c->ctx);
}

/* ---- the replay -------------------------------------------------------------------------------------------------- */

typedef enum move_state { IDLE, SENT, DONE } move_state;

typedef struct replay {
  chain *c;
  const alpa_link_live *live;
  uint32_t **owners; /* by submesh and byte: instance + 1 */
  uint32_t *next;    /* task, by submesh */
  move_state *moves;
  char *is_posted; /* by move */
} replay;

static void write_instance(replay *r, uint32_t index) {
  const alpa_link_instance *at = &r->live->instances[index];
  for (int64_t b = 0; b < at->bytes; b++)
    r->owners[at->submesh][at->offset + b] = index + 1;
}

static void read_instance(replay *r, uint32_t index) {
  const alpa_link_instance *at = &r->live->instances[index];
  for (int64_t b = 0; b < at->bytes; b++)
    if (r->owners[at->submesh][at->offset + b] != index + 1)
      fail_msg("a byte of variable instance %u is overwritten while it is needed", index);
}

/* Whether the submesh goes on in front of its next task: memory that is given away has been read, what is awaited is
 * there.  Room is made for what comes as soon as the memory is free. */
static bool goes_on(replay *r, uint32_t submesh) {
  for (size_t i = 0; i < r->live->moves.n; i++) {
    const alpa_link_move *move = &r->live->moves.items[i];
    bool is_from = r->live->instances[move->from].submesh == submesh;
    if (is_from && move->released == r->next[submesh] && r->moves[i] != DONE)
      return false;
  }
  for (size_t i = 0; i < r->live->moves.n; i++)
    if (r->live->instances[r->live->moves.items[i].to].submesh == submesh &&
        r->live->moves.items[i].posted == r->next[submesh])
      r->is_posted[i] = 1;
  for (size_t i = 0; i < r->live->moves.n; i++) {
    const alpa_link_move *move = &r->live->moves.items[i];
    if (r->live->instances[move->to].submesh == submesh && move->awaited == r->next[submesh] && r->moves[i] != DONE)
      return false;
  }
  return true;
}

static void run_task(replay *r, uint32_t submesh) {
  const alpa_link_task *task = &r->c->submeshes[submesh].tasks[r->next[submesh]];
  const alpa_link_segment *segment = &r->c->segments[task->segment];
  for (uint32_t i = 0; i < segment->image->n_arguments; i++)
    read_instance(r, alpa_link_instance_of(r->live, segment->arguments[i].index, task->microbatch));
  for (uint32_t i = 0; i < segment->image->n_results; i++)
    write_instance(r, alpa_link_instance_of(r->live, segment->results[i].index, task->microbatch));
  for (uint32_t i = 0; i < segment->image->n_arguments; i++)
    read_instance(r, alpa_link_instance_of(r->live, segment->arguments[i].index, task->microbatch));
  for (size_t i = 0; i < r->live->moves.n; i++)
    if (r->live->instances[r->live->moves.items[i].from].submesh == submesh &&
        r->live->moves.items[i].sent == r->next[submesh])
      r->moves[i] = SENT;
  r->next[submesh]++;
}

/* One thing that can happen, chosen by chance: a task or a transfer.  False where there is none. */
static bool step(replay *r) {
  uint32_t n_submeshes = r->c->map.n_submeshes, n = n_submeshes + (uint32_t)r->live->moves.n;
  for (uint32_t m = 0; m < n_submeshes; m++)
    (void)goes_on(r, m);
  for (uint32_t i = 0, first = below(r->c, n); i < n; i++) {
    uint32_t at = (first + i) % n;
    if (at < n_submeshes && r->next[at] < r->c->submeshes[at].n_tasks && goes_on(r, at)) {
      run_task(r, at);
      return true;
    }
    uint32_t x = at - n_submeshes;
    if (at >= n_submeshes && r->moves[x] == SENT && r->is_posted[x]) {
      read_instance(r, r->live->moves.items[x].from);
      write_instance(r, r->live->moves.items[x].to);
      r->moves[x] = DONE;
      return true;
    }
  }
  return false;
}

static void run_replay(chain *c, const alpa_link_live *live) {
  replay r = {.c = c,
              .live = live,
              .owners = alpa_arena_new(&c->arena, uint32_t *, c->map.n_submeshes),
              .next = alpa_arena_new(&c->arena, uint32_t, c->map.n_submeshes),
              .moves = alpa_arena_new(&c->arena, move_state, live->moves.n),
              .is_posted = alpa_arena_new(&c->arena, char, live->moves.n)};
  for (uint32_t m = 0; m < c->map.n_submeshes; m++)
    r.owners[m] = alpa_arena_new(&c->arena, uint32_t, (size_t)live->slots_bytes[m]);
  while (step(&r))
    ;
  for (uint32_t m = 0; m < c->map.n_submeshes; m++)
    if (r.next[m] < c->submeshes[m].n_tasks)
      fail_msg("submesh %u waits for ever in front of its task %u", m, r.next[m]);
}

/* Whether any two that live at one time share a byte. */
static void check_apart(const alpa_link_live *live) {
  for (uint32_t a = 0; a < live->n_instances; a++)
    for (uint32_t b = 0; b < a; b++) {
      const alpa_link_instance *x = &live->instances[a], *y = &live->instances[b];
      bool is_together =
          x->submesh == y->submesh && x->submesh != ALPA_NO_INDEX && x->first <= y->last && y->first <= x->last;
      if (is_together && x->offset < y->offset + y->bytes && y->offset < x->offset + x->bytes)
        fail_msg("instances %u and %u share bytes", a, b);
    }
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

static void check_chain(chain *c, alpa_link_live *live) {
  *live = (alpa_link_live){.arena = &c->arena, .problem = &c->problem};
  assert_int_equal(alpa_link_live_find(live, &c->ctx.diag), ALPA_OK);
  check_apart(live);
}

static void test_every_byte_is_kept_until_it_is_read(void **state) {
  (void)state;
  static chain c;
  for (uint64_t seed = 0; seed < 200; seed++) {
    c.seed = seed * 31 + 7;
    const alpa_schedule_kind *kind = &alpa_schedule_kinds[below(&c, (uint32_t)alpa_schedule_n_kinds)];
    uint32_t n_submeshes = 1 + below(&c, 4), n_stages = n_submeshes * alpa_schedule_kind_chunks(kind);
    alpa_link_live live;
    build_chain(&c, kind->name, n_stages, n_submeshes, 1 + below(&c, 7), &(sizes){.n_exchanges = seed % 3 ? 100 : 0});
    check_chain(&c, &live);
    for (int run = 0; run < 5; run++)
      run_replay(&c, &live);
    close_chain(&c);
  }
}

static void test_1f1b_keeps_as_many_micro_batches_as_are_in_flight(void **state) {
  (void)state;
  static chain c;
  enum { STAGES = 4, MICROBATCHES = 8, KEPT = 64 * 1024, SENT_BYTES = 64 };
  alpa_link_live live;
  build_chain(&c, "1f1b", STAGES, STAGES, MICROBATCHES, &(sizes){KEPT, SENT_BYTES, 0});
  check_chain(&c, &live);
  for (uint32_t s = 0; s < STAGES; s++) {
    assert_true(live.slots_bytes[s] >= (STAGES - s) * KEPT);
    assert_true(live.slots_bytes[s] <= (STAGES - s) * KEPT + 4 * MICROBATCHES * SENT_BYTES);
  }
  close_chain(&c);
}

static void test_tasks_that_wait_in_a_circle_are_refused(void **state) {
  (void)state;
  static chain c;
  build_chain(&c, "1f1b", 2, 2, 2, &(sizes){0});
  alpa_link_task *tasks = (alpa_link_task *)(uintptr_t)c.submeshes[0].tasks;
  alpa_link_task first = tasks[0];
  tasks[0] = tasks[c.submeshes[0].n_tasks - 1];
  tasks[c.submeshes[0].n_tasks - 1] = first;
  alpa_link_live live = {.arena = &c.arena, .problem = &c.problem};
  assert_int_equal(alpa_link_live_find(&live, &c.ctx.diag), ALPA_INVALID_ARGUMENT);
  close_chain(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_byte_is_kept_until_it_is_read),
      cmocka_unit_test(test_1f1b_keeps_as_many_micro_batches_as_are_in_flight),
      cmocka_unit_test(test_tasks_that_wait_in_a_circle_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
