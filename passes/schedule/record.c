/* The simulated step as a timeline. */
#include "passes/schedule/simulate.h"

static void record_slice(alpa_timeline *timeline, alpa_track track, const char *name, alpa_interval time) {
  if (time.end_s > time.begin_s)
    alpa_timeline_slice(timeline, track, name, "", time.begin_s, time.end_s);
}

static void record_submesh(const alpa_simulation *simulation, uint32_t s, alpa_timeline *timeline) {
  const alpa_schedule *schedule = simulation->schedule;
  const alpa_submesh_time *time = &simulation->submeshes[s];
  const alpa_track track = {s, 0};
  alpa_text name;
  alpa_text_init(&name, timeline->text.arena);
  alpa_text_printf(&name, "submesh %u", s);
  alpa_timeline_label(timeline, track, alpa_text_finish(&name), "compute");
  record_slice(timeline, track, "prologue", time->prologue);
  for (size_t i = 0; i < schedule->lists[s].n; i++) {
    name.size = 0;
    alpa_task_print(&name, &schedule->lists[s].items[i], schedule->map->n_chunks[s] > 1);
    record_slice(timeline, track, alpa_text_finish(&name), time->tasks[i]);
  }
  record_slice(timeline, track, "epilogue", time->epilogue);
  for (size_t i = 0; i < time->memory.n; i++)
    alpa_timeline_number(timeline, s, "memory", time->memory.items[i].time_s, time->memory.items[i].bytes);
}

/* On the track of the destination, in the group of the source. */
static void record_edge(const alpa_simulation *simulation, size_t e, alpa_timeline *timeline) {
  const alpa_schedule *schedule = simulation->schedule;
  const alpa_stage_edge *edge = &simulation->costs->edges[e];
  const alpa_track track = {schedule->map->submesh[edge->from], 1 + schedule->map->submesh[edge->to]};
  alpa_text name;
  alpa_text_init(&name, timeline->text.arena);
  alpa_text_printf(&name, "to submesh %u", schedule->map->submesh[edge->to]);
  alpa_timeline_label(timeline, track, NULL, alpa_text_finish(&name));
  for (uint32_t m = 0; m < schedule->n_microbatches; m++) {
    const alpa_task task = {edge->from_kind, schedule->map->chunk[edge->from], m};
    name.size = 0;
    alpa_task_print(&name, &task, schedule->map->n_chunks[track.process] > 1);
    record_slice(timeline, track, alpa_text_finish(&name), simulation->transfers[e * schedule->n_microbatches + m]);
  }
}

void alpa_simulation_record(const alpa_simulation *simulation, alpa_timeline *timeline) {
  for (uint32_t s = 0; s < simulation->schedule->map->n_submeshes; s++)
    record_submesh(simulation, s, timeline);
  for (size_t e = 0; e < simulation->costs->n_edges; e++)
    if (alpa_simulation_edge_bytes(simulation, e) > 0)
      record_edge(simulation, e, timeline);
}
