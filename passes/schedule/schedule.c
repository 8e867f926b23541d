/* Placements, the text of schedules, and what makes one valid: a walk that runs the lists side by side, as the
 * submeshes would, and ends early exactly where they would wait for each other.  Everything is linear in the number of
 * tasks, but for the walk, which visits each list again whenever some other list has moved. */
#include "passes/schedule/schedule.h"

#include <stdlib.h>
#include <string.h>

static const char kind_letters[ALPA_TASK_KINDS] = {'F', 'B', 'W'};

void alpa_stage_map_build(alpa_arena *arena, const uint32_t *submeshes, uint32_t n_stages, alpa_stage_map *out_map) {
  uint32_t n_submeshes = 0, max_chunks = 0;
  for (uint32_t v = 0; v < n_stages; v++)
    n_submeshes = submeshes[v] >= n_submeshes ? submeshes[v] + 1 : n_submeshes;
  uint32_t *chunk = alpa_arena_new(arena, uint32_t, n_stages), *n_chunks = alpa_arena_new(arena, uint32_t, n_submeshes);
  for (uint32_t v = 0; v < n_stages; v++) {
    chunk[v] = n_chunks[submeshes[v]]++;
    max_chunks = chunk[v] >= max_chunks ? chunk[v] + 1 : max_chunks;
  }
  uint32_t *stages = alpa_arena_new(arena, uint32_t, (size_t)n_submeshes * max_chunks);
  for (uint32_t v = 0; v < n_stages; v++)
    stages[submeshes[v] * max_chunks + chunk[v]] = v;
  *out_map = (alpa_stage_map){.n_stages = n_stages,
                              .n_submeshes = n_submeshes,
                              .max_chunks = max_chunks,
                              .submesh = alpa_arena_copy(arena, submeshes, n_stages * sizeof *submeshes),
                              .chunk = chunk,
                              .n_chunks = n_chunks,
                              .stages = stages};
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

void alpa_task_print(alpa_text *text, const alpa_task *task, bool with_chunk) {
  alpa_text_printf(text, "%c%u", kind_letters[task->kind], task->microbatch);
  if (with_chunk)
    alpa_text_printf(text, ".%u", task->chunk);
}

static const char *name_task(alpa_arena *arena, const alpa_schedule *schedule, uint32_t submesh,
                             const alpa_task *task) {
  alpa_text text;
  alpa_text_init(&text, arena);
  alpa_task_print(&text, task, schedule->map->n_chunks[submesh] > 1);
  return alpa_text_finish(&text);
}

const char *alpa_schedule_print(alpa_arena *arena, const alpa_schedule *schedule, uint32_t submesh) {
  const alpa_task_list *list = &schedule->lists[submesh];
  alpa_text text;
  alpa_text_init(&text, arena);
  for (size_t i = 0; i < list->n; i++) {
    if (i > 0)
      alpa_text_char(&text, ' ');
    alpa_task_print(&text, &list->items[i], schedule->map->n_chunks[submesh] > 1);
  }
  return alpa_text_finish(&text);
}

/* Digits of at most nine places; false where there are none. */
static bool parse_number(const char **at, uint32_t *out_number) {
  const char *begin = *at;
  uint32_t number = 0;
  for (; **at >= '0' && **at <= '9' && *at - begin < 9; ++*at)
    number = number * 10 + (uint32_t)(**at - '0');
  *out_number = number;
  return *at > begin;
}

/* Moves `at` behind one task; false where that is none. */
static bool parse_task(const char **at, alpa_task *out_task) {
  const char *letter = **at ? memchr(kind_letters, **at, sizeof kind_letters) : NULL;
  if (letter == NULL)
    return false;
  out_task->kind = (alpa_task_kind)(letter - kind_letters);
  out_task->chunk = 0;
  ++*at;
  if (!parse_number(at, &out_task->microbatch))
    return false;
  if (**at == '.') {
    ++*at;
    if (!parse_number(at, &out_task->chunk))
      return false;
  }
  return **at == ' ' || **at == '\0';
}

static const char *parse_list(alpa_arena *arena, alpa_schedule *schedule, uint32_t submesh, const char *text) {
  const alpa_stage_map *map = schedule->map;
  for (const char *at = text; *at;) {
    const char *begin = at;
    alpa_task task;
    if (*at == ' ') {
      at++;
      continue;
    }
    if (!parse_task(&at, &task))
      return alpa_arena_printf(arena, "has '%.*s' on submesh %u, where a task is F, B or W and a micro-batch: F0, B3.1",
                               (int)strcspn(begin, " "), begin, submesh);
    const char *name = alpa_arena_strndup(arena, begin, (size_t)(at - begin));
    if (task.microbatch >= schedule->n_microbatches)
      return alpa_arena_printf(arena, "has %s on submesh %u, where the step has %u micro-batch%s", name, submesh,
                               schedule->n_microbatches, schedule->n_microbatches == 1 ? "" : "es");
    if (!schedule->kind->has_task[task.kind])
      return alpa_arena_printf(arena, "has %s on submesh %u, where '%s' has no %c", name, submesh, schedule->kind->name,
                               kind_letters[task.kind]);
    if (task.chunk >= map->n_chunks[submesh])
      return alpa_arena_printf(arena, "has %s on submesh %u, which holds %u stage%s", name, submesh,
                               map->n_chunks[submesh], map->n_chunks[submesh] == 1 ? "" : "s");
    alpa_vec_push(arena, &schedule->lists[submesh], task);
  }
  return NULL;
}

const char *alpa_schedule_parse(alpa_arena *arena, alpa_schedule *schedule, const char *const *texts) {
  schedule->lists = alpa_arena_new(arena, alpa_task_list, schedule->map->n_submeshes);
  for (uint32_t s = 0; s < schedule->map->n_submeshes; s++) {
    const char *fault = parse_list(arena, schedule, s, texts[s]);
    if (fault)
      return fault;
  }
  return alpa_schedule_verify(arena, schedule);
}

/* ---- dependences ----------------------------------------------------------------------------------------------- */

uint32_t alpa_task_dependences(const alpa_schedule *schedule, uint32_t submesh, const alpa_task *task,
                               size_t out_numbers[2]) {
  const alpa_stage_map *map = schedule->map;
  uint32_t stage = alpa_stage_map_at(map, submesh, task->chunk), m = task->microbatch, n = 0;
  switch (task->kind) {
  case ALPA_TASK_FORWARD:
    if (stage > 0)
      out_numbers[n++] = alpa_task_number(schedule, ALPA_TASK_FORWARD, stage - 1, m);
    break;
  case ALPA_TASK_BACKWARD:
    out_numbers[n++] = alpa_task_number(schedule, ALPA_TASK_FORWARD, stage, m);
    if (stage + 1 < map->n_stages)
      out_numbers[n++] = alpa_task_number(schedule, ALPA_TASK_BACKWARD, stage + 1, m);
    break;
  case ALPA_TASK_WEIGHT:
    out_numbers[n++] = alpa_task_number(schedule, ALPA_TASK_BACKWARD, stage, m);
    break;
  case ALPA_TASK_KINDS:
    break;
  }
  return n;
}

typedef struct walk {
  const alpa_schedule *schedule;
  bool *is_done; /* by task number */
  size_t *at;    /* by submesh: the next task of its list */
} walk;

static bool is_ready(const walk *w, uint32_t submesh, const alpa_task *task) {
  size_t numbers[2];
  uint32_t n = alpa_task_dependences(w->schedule, submesh, task, numbers);
  for (uint32_t i = 0; i < n; i++)
    if (!w->is_done[numbers[i]])
      return false;
  return true;
}

/* As far as the list of a submesh goes now. */
static size_t advance(walk *w, uint32_t submesh, alpa_task_visit_fn *visit, void *user) {
  const alpa_task_list *list = &w->schedule->lists[submesh];
  size_t *at = &w->at[submesh], begin = *at;
  for (; *at < list->n && is_ready(w, submesh, &list->items[*at]); ++*at) {
    const alpa_task *task = &list->items[*at];
    uint32_t stage = alpa_stage_map_at(w->schedule->map, submesh, task->chunk);
    w->is_done[alpa_task_number(w->schedule, task->kind, stage, task->microbatch)] = true;
    if (visit)
      visit(user, submesh, task);
  }
  return *at - begin;
}

static size_t run_walk(alpa_arena *arena, const alpa_schedule *schedule, alpa_task_visit_fn *visit, void *user,
                       walk *out_walk) {
  walk w = {.schedule = schedule,
            .is_done = alpa_arena_new(arena, bool, alpa_schedule_max_tasks(schedule)),
            .at = alpa_arena_new(arena, size_t, schedule->map->n_submeshes)};
  size_t n = 0, n_before;
  do {
    n_before = n;
    for (uint32_t s = 0; s < schedule->map->n_submeshes; s++)
      n += advance(&w, s, visit, user);
  } while (n > n_before);
  *out_walk = w;
  return n;
}

size_t alpa_schedule_walk(alpa_arena *arena, const alpa_schedule *schedule, alpa_task_visit_fn *visit, void *user) {
  walk w;
  return run_walk(arena, schedule, visit, user, &w);
}

/* ---- properties ------------------------------------------------------------------------------------------------ */

static const char *verify_counts(alpa_arena *arena, const alpa_schedule *schedule) {
  const alpa_stage_map *map = schedule->map;
  uint32_t *counts = alpa_arena_new(arena, uint32_t, alpa_schedule_max_tasks(schedule));
  for (uint32_t s = 0; s < map->n_submeshes; s++)
    for (size_t i = 0; i < schedule->lists[s].n; i++) {
      const alpa_task *task = &schedule->lists[s].items[i];
      uint32_t stage = alpa_stage_map_at(map, s, task->chunk);
      if (counts[alpa_task_number(schedule, task->kind, stage, task->microbatch)]++ > 0)
        return alpa_arena_printf(arena, "has %s twice on submesh %u", name_task(arena, schedule, s, task), s);
    }
  for (int k = 0; k < ALPA_TASK_KINDS; k++)
    for (uint32_t v = 0; v < map->n_stages && schedule->kind->has_task[k]; v++)
      for (uint32_t m = 0; m < schedule->n_microbatches; m++) {
        const alpa_task task = {(alpa_task_kind)k, map->chunk[v], m};
        if (counts[alpa_task_number(schedule, task.kind, v, m)] == 0)
          return alpa_arena_printf(arena, "has no %s on submesh %u", name_task(arena, schedule, map->submesh[v], &task),
                                   map->submesh[v]);
      }
  return NULL;
}

/* The first task of each list that could not be run. */
static const char *describe_wait(alpa_arena *arena, const walk *w) {
  alpa_text text;
  alpa_text_init(&text, arena);
  alpa_text_string(&text, "cannot run to its end:");
  const char *separator = " ";
  for (uint32_t s = 0; s < w->schedule->map->n_submeshes; s++) {
    if (w->at[s] == w->schedule->lists[s].n)
      continue;
    const alpa_task *task = &w->schedule->lists[s].items[w->at[s]];
    alpa_text_printf(&text, "%ssubmesh %u waits in front of %s", separator, s, name_task(arena, w->schedule, s, task));
    separator = ", ";
  }
  return alpa_text_finish(&text);
}

const char *alpa_schedule_verify(alpa_arena *arena, const alpa_schedule *schedule) {
  size_t n = 0;
  walk w;
  const char *fault = verify_counts(arena, schedule);
  if (fault)
    return fault;
  for (uint32_t s = 0; s < schedule->map->n_submeshes; s++)
    n += schedule->lists[s].n;
  return run_walk(arena, schedule, NULL, NULL, &w) == n ? NULL : describe_wait(arena, &w);
}

uint32_t alpa_schedule_in_flight(const alpa_schedule *schedule, uint32_t submesh) {
  const alpa_task_list *list = &schedule->lists[submesh];
  alpa_task_kind last = schedule->kind->has_task[ALPA_TASK_WEIGHT] ? ALPA_TASK_WEIGHT : ALPA_TASK_BACKWARD;
  uint32_t now = 0, peak = 0;
  for (size_t i = 0; i < list->n && schedule->kind->has_task[last]; i++) {
    now += list->items[i].kind == ALPA_TASK_FORWARD;
    peak = now > peak ? now : peak;
    now -= list->items[i].kind == last;
  }
  return peak;
}
