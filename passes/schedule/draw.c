/* The picture of a simulated step: the time of a column is the shortest task's by the width that the longest name
 * needs, so that every task can be read; where that is too wide, tasks are single letters. */
#include "passes/schedule/simulate.h"

#include <math.h>
#include <string.h>

typedef struct canvas {
  const alpa_simulation *simulation;
  double column_s;
  uint32_t n_columns;
  bool has_names; /* tasks with their micro-batch, not the letter alone */
} canvas;

static const char *name_of(const canvas *c, alpa_text *text, uint32_t submesh, const alpa_task *task) {
  text->size = 0;
  alpa_task_print(text, task, c->simulation->schedule->map->n_chunks[submesh] > 1);
  if (!c->has_names)
    text->size = 1;
  return alpa_text_finish(text);
}

/* The longest name, and the shortest task that takes time at all. */
static void measure(const canvas *c, alpa_arena *arena, size_t *out_width, double *out_task_s) {
  const alpa_schedule *schedule = c->simulation->schedule;
  alpa_text text;
  alpa_text_init(&text, arena);
  *out_width = 0;
  *out_task_s = INFINITY;
  for (uint32_t s = 0; s < schedule->map->n_submeshes; s++)
    for (size_t i = 0; i < schedule->lists[s].n; i++) {
      const alpa_interval *time = &c->simulation->submeshes[s].tasks[i];
      size_t width = strlen(name_of(c, &text, s, &schedule->lists[s].items[i]));
      *out_width = width > *out_width ? width : *out_width;
      if (time->end_s > time->begin_s && time->end_s - time->begin_s < *out_task_s)
        *out_task_s = time->end_s - time->begin_s;
    }
}

static uint32_t column_at(const canvas *c, double time_s) {
  double column = round(time_s / c->column_s);
  return column < c->n_columns ? (uint32_t)column : c->n_columns;
}

static void fill(const canvas *c, char *line, alpa_interval time, const char *name, char rest) {
  uint32_t begin = column_at(c, time.begin_s), end = column_at(c, time.end_s);
  for (uint32_t i = begin; i < end; i++)
    line[i] = *name ? *name++ : i + 1 < end ? rest : ' ';
}

static void draw_submesh(const canvas *c, uint32_t submesh, alpa_text *out) {
  const alpa_task_list *list = &c->simulation->schedule->lists[submesh];
  const alpa_submesh_time *time = &c->simulation->submeshes[submesh];
  char *line = alpa_arena_alloc(out->arena, c->n_columns + 1);
  alpa_text name;
  alpa_text_init(&name, out->arena);
  memset(line, ' ', c->n_columns);
  fill(c, line, time->prologue, "P", '=');
  for (size_t i = 0; i < list->n; i++)
    fill(c, line, time->tasks[i], name_of(c, &name, submesh, &list->items[i]), '=');
  fill(c, line, time->epilogue, "E", '=');
  uint32_t end = c->n_columns;
  while (end > 0 && line[end - 1] == ' ')
    end--;
  alpa_text_printf(out, "submesh %-2u |%.*s\n", submesh, (int)end, line);
}

void alpa_simulation_draw(const alpa_simulation *simulation, uint32_t columns, alpa_text *text) {
  canvas c = {.simulation = simulation, .has_names = true};
  double task_s;
  size_t width;
  measure(&c, text->arena, &width, &task_s);
  c.column_s = task_s / (double)(width + 1);
  if (simulation->iteration_s / c.column_s > columns) {
    c.has_names = false;
    c.column_s = simulation->iteration_s / columns;
  }
  c.n_columns = (uint32_t)ceil(simulation->iteration_s / c.column_s);
  for (uint32_t s = 0; s < simulation->schedule->map->n_submeshes; s++)
    draw_submesh(&c, s, text);
}
