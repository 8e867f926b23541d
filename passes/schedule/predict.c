/* simulate: replays the module's schedule with the durations of the cost model and writes what comes out:
 *
 *   alpa.simulation = {bubble = 0.2, busy_ps = array<i64: ...>, iteration_ps = 100, peak_bytes = array<i64: ...>,
 *                      sent_bytes = 4096}
 *
 * with one number per submesh.  Requires outline, insert-collectives in every segment, and schedule. */
#include <math.h>

#include "dialects/ir/context.h"
#include "passes/pass.h"
#include "passes/schedule/costs.h"

typedef struct simulate_options {
  const char *cluster;
} simulate_options;

#define FIELD(field) offsetof(simulate_options, field)
static const alpa_option_def option_defs[] = {
    {"cluster", "preset with a count, as host:8 or p3.16xlarge:2, or a JSON file", ALPA_OPTION_STRING, FIELD(cluster),
     "", .choices = NULL},
    {0},
};
#undef FIELD

static alpa_status find_cluster(const simulate_options *options, alpa_pass_context *pass, alpa_cluster *out_cluster) {
  if (options->cluster[0])
    return alpa_cluster_read(pass->arena, pass->diag, options->cluster, out_cluster);
  if (pass->services->cluster == NULL)
    return alpa_error(pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "simulate needs a cluster, as in simulate{cluster=host:8}");
  *out_cluster = *pass->services->cluster;
  return ALPA_OK;
}

static void write_figures(alpa_arena *arena, alpa_op *module, const alpa_simulation *simulation) {
  alpa_context *ctx = alpa_op_context(module);
  uint32_t n = simulation->schedule->map->n_submeshes;
  int64_t *busy = alpa_arena_new(arena, int64_t, n), *peaks = alpa_arena_new(arena, int64_t, n), sent = 0;
  for (uint32_t s = 0; s < n; s++) {
    busy[s] = llround(simulation->submeshes[s].busy_s * 1e12);
    peaks[s] = simulation->submeshes[s].peak_bytes;
  }
  for (size_t e = 0; e < simulation->costs->n_edges; e++)
    sent += alpa_simulation_edge_bytes(simulation, e);
  const alpa_named_attr figures[] = {
      {"bubble", alpa_attr_get_float(ctx, alpa_type_get_scalar(ctx, ALPA_F64), simulation->bubble)},
      {"busy_ps", alpa_attr_get_i64s(ctx, busy, n)},
      {"iteration_ps", alpa_attr_get_i64(ctx, llround(simulation->iteration_s * 1e12))},
      {"peak_bytes", alpa_attr_get_i64s(ctx, peaks, n)},
      {"sent_bytes", alpa_attr_get_i64(ctx, sent)},
  };
  alpa_op_set_attr(module, "alpa.simulation", alpa_attr_get_dict(ctx, figures, countof(figures)));
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  alpa_cluster cluster;
  alpa_schedule schedule;
  alpa_schedule_costs costs;
  alpa_simulation simulation;
  ALPA_TRY(find_cluster(options, pass, &cluster));
  ALPA_TRY(alpa_schedule_read(pass->arena, module, &schedule));
  ALPA_TRY(alpa_schedule_costs_read(pass->arena, module, &cluster, &schedule, &costs));
  alpa_schedule_simulate(pass->arena, &schedule, &costs, &simulation);
  write_figures(pass->arena, module, &simulation);
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_simulate = {
    .name = "simulate",
    .summary = "replays the schedule with the cost model's durations and writes time, bubble and memory",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(simulate_options),
    .requires = ALPA_HAS_OUTLINED,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
