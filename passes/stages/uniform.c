/* stages: layers become stages without a search: of equal numbers of devices, with balanced flops, or as the user says.
 *
 * Stages are contiguous ranges of layers; the sum of squared differences from the average is least
 * (passes/layers/cluster.h, where a cut costs nothing).  A mesh written for k devices on m * k devices is replicated m
 * times, as EPL does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/analysis/placement.h"
#include "passes/cost/cluster.h"
#include "passes/layers/cluster.h"
#include "passes/pass.h"
#include "passes/schedule/schedule.h"
#include "passes/stages/stages.h"

typedef struct stages_options {
  int64_t count, chunks;
  alpa_strings of_layer;
  const char *cluster, *mesh, *schedule;
} stages_options;

enum { STAGES };

typedef struct maker {
  alpa_pass_context *pass;
  const stages_options *options;
  alpa_op *func;
  alpa_layer_list layers;
  alpa_stage_plan *stages;
  uint32_t n_stages;
} maker;

/* ---- which layers ---- */

static alpa_status wrong_list(const maker *m, const char *text) {
  return alpa_error(
      m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
      "option 'of-layer' of stages must give the stage of each of the %u layers, 0 first and none left out "
      "(as 0,0,1,1), got '%s'",
      m->layers.n_layers, text);
}

/* The user's list, as if it were written on the ops. */
static alpa_status read_list(maker *m) {
  alpa_strings list = m->options->of_layer;
  if (list.n != m->layers.n_layers)
    return wrong_list(m, list.items[list.n - 1]);
  int32_t before = 0;
  for (uint32_t l = 0; l < list.n; l++) {
    char *end;
    long stage = strtol(list.items[l], &end, 10);
    if (end == list.items[l] || *end || stage < before || stage > before + (l > 0) || (l == 0 && stage != 0))
      return wrong_list(m, list.items[l]);
    if (m->layers.stages[l] != ALPA_NOWHERE && m->layers.stages[l] != stage)
      return alpa_op_error(m->func, "has ops of layer %u that are placed in stage %d, but the option of-layer says %ld",
                           l, m->layers.stages[l], stage);
    m->layers.stages[l] = before = (int32_t)stage;
  }
  return ALPA_OK;
}

/* How many stages there shall be: the option, else one more than the last that is written anywhere. */
static alpa_status find_count(maker *m) {
  int32_t last = ALPA_NOWHERE;
  for (uint32_t l = 0; l < m->layers.n_layers; l++)
    last = m->layers.stages[l] > last ? m->layers.stages[l] : last;
  m->n_stages = m->options->count ? (uint32_t)m->options->count : last >= 0 ? (uint32_t)last + 1 : 1;
  if (last >= (int32_t)m->n_stages)
    return alpa_op_error(m->func, "has ops in stage %d, but the option count says %u stages", last, m->n_stages);
  if (m->n_stages > m->layers.n_layers)
    return alpa_op_error(
        m->func,
        "has %u layer%s, which cannot make %u stages: ask 'cluster-layers' for more layers, or for fewer "
        "stages",
        m->layers.n_layers, m->layers.n_layers == 1 ? "" : "s", m->n_stages);
  return ALPA_OK;
}

static alpa_status divide_layers(maker *m) {
  alpa_arena *arena = m->pass->arena;
  uint32_t n = m->layers.n_layers, *ends = alpa_arena_new(arena, uint32_t, m->n_stages);
  int32_t *no_groups = alpa_arena_new(arena, int32_t, n);
  memset(no_groups, 0xff, n * sizeof *no_groups);
  const layer_problem problem = {.n_units = n,
                                 .weights = m->layers.flops,
                                 .cuts = alpa_arena_new(arena, int64_t, n),
                                 .pins = m->layers.stages,
                                 .groups = no_groups,
                                 .imbalance = INFINITY};
  int64_t largest;
  if (!alpa_layer_problem_solve(arena, &problem, m->n_stages, ends, &largest))
    return alpa_op_error(m->func,
                         "cannot be cut into %u stages as alpa.stage says: stages follow the order of the layers, "
                         "and none may be empty",
                         m->n_stages);
  m->stages = alpa_arena_new(arena, alpa_stage_plan, m->n_stages);
  for (uint32_t s = 0; s < m->n_stages; s++) {
    m->stages[s].first_layer = s ? (int32_t)ends[s - 1] : 0;
    m->stages[s].last_layer = (int32_t)ends[s] - 1;
  }
  return ALPA_OK;
}

/* ---- which devices ---- */

/* Submeshes that hold `chunks` stages each. */
static alpa_status count_submeshes(const maker *m, uint32_t *out_n) {
  uint32_t chunks = (uint32_t)m->options->chunks;
  if (m->n_stages % chunks)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "%u stages cannot be divided among submeshes of %u stages each", m->n_stages, chunks);
  *out_n = m->n_stages / chunks;
  return ALPA_OK;
}

/* Of each submesh. */
static alpa_status count_devices(const maker *m, uint32_t n_submeshes, int64_t *out_n) {
  const alpa_cluster *cluster = m->pass->services->cluster;
  alpa_cluster read;
  if (m->options->cluster[0]) {
    ALPA_TRY(alpa_cluster_read(m->pass->arena, m->pass->diag, m->options->cluster, &read));
    cluster = &read;
  }
  int64_t n_all = cluster ? alpa_cluster_devices(cluster) : n_submeshes;
  if (n_all % n_submeshes)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "%lld devices cannot be divided equally among %u submeshes; choose another number of stages, or "
                      "'stage-dp', which can leave devices out",
                      (long long)n_all, n_submeshes);
  *out_n = n_all / n_submeshes;
  return ALPA_OK;
}

/* The shape of every stage's mesh. */
static alpa_status find_shape(const maker *m, int64_t n_devices, const char **out_shape) {
  const char *text = m->options->mesh;
  int64_t product = 1;
  if (!text[0]) {
    *out_shape = alpa_arena_printf(m->pass->arena, "%lld", (long long)n_devices);
    return ALPA_OK;
  }
  for (const char *at = text;; at++) {
    char *end;
    long size = strtol(at, &end, 10);
    bool is_wrong = end == at || size < 1 || product > INT32_MAX / size || (*end && *end != 'x');
    product *= is_wrong ? 0 : size;
    at = end;
    if (is_wrong || !*end)
      break;
  }
  if (product == 0 || n_devices % product)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "option 'mesh' of stages must be sizes joined by 'x' whose product divides the %lld devices of a "
                      "stage, got '%s'",
                      (long long)n_devices, text);
  int64_t copies = n_devices / product;
  *out_shape = copies == 1 ? text : alpa_arena_printf(m->pass->arena, "%lldx%s", (long long)copies, text);
  return ALPA_OK;
}

static alpa_status divide_devices(maker *m) {
  int64_t n = 0;
  uint32_t n_submeshes = 0;
  const char *shape = NULL;
  ALPA_TRY(count_submeshes(m, &n_submeshes));
  ALPA_TRY(count_devices(m, n_submeshes, &n));
  ALPA_TRY(find_shape(m, n, &shape));
  const uint32_t *submeshes =
      alpa_schedule_kind_place(m->pass->arena, alpa_schedule_kind_find(m->options->schedule), m->n_stages, n_submeshes);
  if (submeshes == NULL)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "schedule '%s' cannot run %u stages on each submesh; interleaved-1f1b runs any number of them",
                      m->options->schedule, m->n_stages / n_submeshes);
  for (uint32_t s = 0; s < m->n_stages; s++) {
    int64_t *devices = alpa_arena_new(m->pass->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++)
      devices[i] = submeshes[s] * n + i;
    m->stages[s].devices = devices;
    m->stages[s].n_devices = (uint32_t)n;
    m->stages[s].mesh = shape;
  }
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  maker m = {.pass = pass, .options = given};
  ALPA_TRY(alpa_func_find_main(module, &m.func));
  ALPA_TRY(alpa_layer_list_read(pass->arena, m.func, &m.layers));
  if (m.options->of_layer.n)
    ALPA_TRY(read_list(&m));
  ALPA_TRY(find_count(&m));
  ALPA_TRY(divide_layers(&m));
  ALPA_TRY(divide_devices(&m));
  alpa_stages_write(pass->arena, module, m.func, m.stages, m.n_stages);
  pass->counters[STAGES] += m.n_stages;
  return ALPA_OK;
}

#define FIELD(field) offsetof(stages_options, field)
static const alpa_option_def options[] = {
    {"count", "number of stages; 0: as many as alpa.stage and of-layer say, or one", ALPA_OPTION_INT, FIELD(count), "0",
     0, 4096, NULL},
    {"of-layer", "the stage of each layer, as 0,0,1,1", ALPA_OPTION_STRINGS, FIELD(of_layer), "", 0, 0, NULL},
    {"cluster",
     "preset with a count, as host:8 or p3.16xlarge:2, or a JSON file; without one each stage has one device",
     ALPA_OPTION_STRING, FIELD(cluster), "", 0, 0, NULL},
    {"chunks", "stages on each submesh, for schedules that run several", ALPA_OPTION_INT, FIELD(chunks), "1", 1, 4096,
     NULL},
    {"schedule", "which submesh has which stages: as this schedule runs them", ALPA_OPTION_STRING, FIELD(schedule),
     "interleaved-1f1b", 0, 0, alpa_schedule_kind_names},
    {"mesh", "shape of each stage's mesh, as 2x1; by default one axis of its devices", ALPA_OPTION_STRING, FIELD(mesh),
     "", 0, 0, NULL},
    {0}};
#undef FIELD

static const alpa_statistic_def statistics[] = {[STAGES] = {"stages", "stages made"}, {0}};

extern const alpa_pass_def alpa_pass_stages;
const alpa_pass_def alpa_pass_stages = {
    .name = "stages",
    .summary = "makes stages of layers: equal numbers of devices, balanced flops, or by hand",
    .anchor = "builtin.module",
    .options = options,
    .options_size = sizeof(stages_options),
    .statistics = statistics,
    .requires = ALPA_HAS_LAYERS,
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_STAGES,
    .run = run,
};
