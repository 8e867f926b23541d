/* Schedules as nobody would build them, which can still be run. */
#ifndef ALPA_TEST_UNIT_SCHEDULE_SHUFFLE_H
#define ALPA_TEST_UNIT_SCHEDULE_SHUFFLE_H

#include "passes/schedule/schedule.h"

/* Exchanges neighbours in the lists n times, wherever the lists can still be run then. */
static inline void schedule_shuffle(alpa_arena *arena, alpa_schedule *schedule, uint64_t seed, int n) {
  for (int i = 0; i < n; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    alpa_task_list *list = &schedule->lists[(seed >> 33) % schedule->map->n_submeshes];
    if (list->n < 2)
      continue;
    size_t at = (size_t)(seed >> 40) % (list->n - 1);
    alpa_task task = list->items[at];
    list->items[at] = list->items[at + 1];
    list->items[at + 1] = task;
    if (!alpa_schedule_verify(arena, schedule))
      continue;
    list->items[at + 1] = list->items[at];
    list->items[at] = task;
  }
}

#endif
