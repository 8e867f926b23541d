/* What does each schedule cost in time and memory?
 *
 * All known schedules on S submeshes and B micro-batches, in units of a forward (the backward of a stage takes two, of
 * which one is the gradient of its weights; a submesh with several stages divides its work among them evenly): the time
 * of a step, the bubble beside that of 1f1b, the activations of the submesh that holds most (in micro-batches of a
 * submesh), and a picture.  Usage: schedules [S [B [chunks [columns]]]] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "passes/schedule/simulate.h"

typedef struct setting {
  uint32_t n_submeshes, n_microbatches, n_chunks, columns;
} setting;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* As many chunks as the kind can have, of those wanted. */
static bool build(alpa_arena *arena, const alpa_schedule_kind *kind, const setting *s, alpa_stage_map *map,
                  alpa_schedule *schedule) {
  for (uint32_t n_chunks = s->n_chunks; n_chunks > 0; n_chunks--) {
    uint32_t n = s->n_submeshes * n_chunks;
    const uint32_t *submeshes = alpa_schedule_kind_place(arena, kind, n, s->n_submeshes);
    if (submeshes == NULL)
      continue;
    alpa_stage_map_build(arena, submeshes, n, map);
    if (alpa_schedule_build(arena, kind, map, s->n_microbatches, schedule) == NULL)
      return true;
  }
  return false;
}

static void simulate(alpa_arena *arena, const alpa_schedule *schedule, alpa_schedule_costs *costs,
                     alpa_simulation *simulation) {
  alpa_stage_cost *stages = alpa_arena_new(arena, alpa_stage_cost, schedule->map->n_stages);
  double part = 1.0 / schedule->map->max_chunks;
  bool is_split = schedule->kind->has_task[ALPA_TASK_WEIGHT];
  for (uint32_t v = 0; v < schedule->map->n_stages; v++)
    stages[v] = (alpa_stage_cost){.task_s = {part, is_split ? part : 2 * part, part}};
  *costs = (alpa_schedule_costs){.stages = stages};
  alpa_schedule_simulate(arena, schedule, costs, simulation);
}

static void print_kind(alpa_arena *arena, const alpa_schedule_kind *kind, const setting *s) {
  alpa_stage_map map;
  alpa_schedule schedule;
  alpa_schedule_costs costs;
  alpa_simulation simulation;
  double begin = now();
  if (!build(arena, kind, s, &map, &schedule)) {
    printf("%-16s needs more chunks\n\n", kind->name);
    return;
  }
  double took = now() - begin;
  simulate(arena, &schedule, &costs, &simulation);
  uint32_t in_flight = 0;
  for (uint32_t i = 0; i < s->n_submeshes; i++)
    in_flight = alpa_schedule_in_flight(&schedule, i) > in_flight ? alpa_schedule_in_flight(&schedule, i) : in_flight;
  double one = (s->n_submeshes - 1.0) / (s->n_microbatches + s->n_submeshes - 1.0);
  printf("%-16s time %7.2f   bubble %6.4f (%.3f of 1f1b's)   activations %6.2f   built in %.3f ms\n", kind->name,
         simulation.iteration_s, simulation.bubble, one > 0 ? simulation.bubble / one : 0,
         (double)in_flight / map.max_chunks, took * 1e3);
  alpa_text text;
  alpa_text_init(&text, arena);
  alpa_simulation_draw(&simulation, s->columns, &text);
  printf("%s\n", alpa_text_finish(&text));
}

static uint32_t number(int argc, char **argv, int i, uint32_t initial) {
  unsigned long value = argc > i ? strtoul(argv[i], NULL, 10) : initial;
  return value > 0 && value < 10000 ? (uint32_t)value : initial;
}

int main(int argc, char **argv) {
  alpa_memory memory;
  alpa_arena arena = {0};
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  const setting s = {number(argc, argv, 1, 4), number(argc, argv, 2, 8), number(argc, argv, 3, 2),
                     number(argc, argv, 4, 200)};
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++)
    print_kind(&arena, &alpa_schedule_kinds[i], &s);
  alpa_arena_deinit(&arena);
  return 0;
}
