/* stages: layers become stages without a search: of equal numbers of devices, with balanced flops, or as the user says.
 * By hand, stages have any numbers of layers and devices; what fills hosts goes first (search.h).
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
#include "passes/stages/search.h"
#include "passes/stages/stages.h"

typedef struct stages_options {
  int64_t count, chunks;
  alpa_strings of_layer, plan;
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

/* The last stage that is written anywhere, or ALPA_NOWHERE. */
static int32_t find_last(const maker *m) {
  int32_t last = ALPA_NOWHERE;
  for (uint32_t l = 0; l < m->layers.n_layers; l++)
    last = m->layers.stages[l] > last ? m->layers.stages[l] : last;
  return last;
}

static alpa_status check_count(const maker *m) {
  int32_t last = find_last(m);
  if (last >= (int32_t)m->n_stages)
    return alpa_op_error(m->func, "has ops in stage %d, but the option count says %u stages", last, m->n_stages);
  if (m->n_stages > m->layers.n_layers)
    return alpa_op_error(
        m->func,
        "has %u layers, which cannot make %u stages: ask 'cluster-layers' for more layers, or for fewer "
        "stages",
        m->layers.n_layers, m->n_stages);
  return ALPA_OK;
}

/* How many stages there shall be: the option, else one more than the last that is written anywhere. */
static alpa_status find_count(maker *m) {
  int32_t last = find_last(m);
  m->n_stages = m->options->count ? (uint32_t)m->options->count : last >= 0 ? (uint32_t)last + 1 : 1;
  return check_count(m);
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

/* The one of the option, which is read into `read`, or of the compilation; NULL where there is none. */
static alpa_status find_cluster(const maker *m, alpa_cluster *read, const alpa_cluster **out) {
  *out = m->pass->services->cluster;
  if (!m->options->cluster[0])
    return ALPA_OK;
  *out = read;
  return alpa_cluster_read(m->pass->arena, m->pass->diag, m->options->cluster, read);
}

/* Of each submesh. */
static alpa_status count_devices(const maker *m, uint32_t n_submeshes, int64_t *out_n) {
  const alpa_cluster *cluster = NULL;
  alpa_cluster read;
  ALPA_TRY(find_cluster(m, &read, &cluster));
  int64_t n_all = cluster ? alpa_cluster_devices(cluster) : n_submeshes;
  if (n_all % n_submeshes)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "%lld devices cannot be divided equally among %u submeshes; choose another number of stages, or "
                      "'stage-dp', which can leave devices out",
                      (long long)n_all, n_submeshes);
  *out_n = n_all / n_submeshes;
  return ALPA_OK;
}

/* The product of sizes joined by 'x', 0 where the text is something else. */
static int64_t read_shape(const char *text) {
  int64_t product = 1;
  for (const char *at = text;; at++) {
    char *end;
    long size = strtol(at, &end, 10);
    if (end == at || size < 1 || product > INT32_MAX / size || (*end && *end != 'x'))
      return 0;
    product *= size;
    at = end;
    if (!*end)
      return product;
  }
}

/* The shape of every stage's mesh. */
static alpa_status find_shape(const maker *m, int64_t n_devices, const char **out_shape) {
  const char *text = m->options->mesh;
  if (!text[0]) {
    *out_shape = alpa_arena_printf(m->pass->arena, "%lld", (long long)n_devices);
    return ALPA_OK;
  }
  int64_t product = read_shape(text);
  if (product == 0 || n_devices % product)
    return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "option 'mesh' of stages must be sizes joined by 'x' whose product divides the %lld devices of a "
                      "stage, got '%s'",
                      (long long)n_devices, text);
  int64_t copies = n_devices / product;
  *out_shape = copies == 1 ? text : alpa_arena_printf(m->pass->arena, "%lldx%s", (long long)copies, text);
  return ALPA_OK;
}

static alpa_status place_stages(const maker *m, uint32_t n_submeshes, const uint32_t **out_submeshes) {
  *out_submeshes =
      alpa_schedule_kind_place(m->pass->arena, alpa_schedule_kind_find(m->options->schedule), m->n_stages, n_submeshes);
  if (*out_submeshes)
    return ALPA_OK;
  return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "schedule '%s' cannot run %u stages on each submesh; interleaved-1f1b runs any number of them",
                    m->options->schedule, m->n_stages / n_submeshes);
}

static void set_devices(const maker *m, alpa_stage_plan *stage, int64_t first, int64_t n) {
  int64_t *devices = alpa_arena_new(m->pass->arena, int64_t, n);
  for (int64_t i = 0; i < n; i++)
    devices[i] = first + i;
  stage->devices = devices;
  stage->n_devices = (uint32_t)n;
}

static alpa_status divide_devices(maker *m) {
  int64_t n = 0;
  uint32_t n_submeshes = 0;
  const uint32_t *submeshes = NULL;
  const char *shape = NULL;
  ALPA_TRY(count_submeshes(m, &n_submeshes));
  ALPA_TRY(count_devices(m, n_submeshes, &n));
  ALPA_TRY(find_shape(m, n, &shape));
  ALPA_TRY(place_stages(m, n_submeshes, &submeshes));
  for (uint32_t s = 0; s < m->n_stages; s++) {
    set_devices(m, &m->stages[s], submeshes[s] * n, n);
    m->stages[s].mesh = shape;
  }
  return ALPA_OK;
}

/* ---- by hand ---- */

static alpa_status wrong_plan(const maker *m, const char *text) {
  return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "option 'plan' of stages must give layers and mesh of each stage, as 6:2x4,6:8, or meshes alone, as "
                    "*:2x4,*:8, got '%s'",
                    text);
}

/* "6:2x4": the next six layers on a mesh of 2x4; "*:2x4": layers that are still to be found, in every stage. */
static alpa_status read_stage(const maker *m, const char *text, int64_t *at, alpa_stage_plan *out) {
  bool is_open = text[0] == '*';
  char *end = (char *)text + is_open;
  long n = is_open ? 0 : strtol(text, &end, 10);
  int64_t n_devices = *end == ':' ? read_shape(end + 1) : 0;
  if (end == text || n < !is_open || n > INT16_MAX || n_devices == 0 || is_open != (m->options->plan.items[0][0] == '*'))
    return wrong_plan(m, text);
  *out = (alpa_stage_plan){.first_layer = (int32_t)*at,
                           .last_layer = (int32_t)(*at + n - 1),
                           .mesh = end + 1,
                           .n_devices = (uint32_t)n_devices};
  *at += n;
  return ALPA_OK;
}

static alpa_status check_written(const maker *m) {
  for (uint32_t s = 0; s < m->n_stages; s++)
    for (int32_t l = m->stages[s].first_layer; l <= m->stages[s].last_layer; l++)
      if (m->layers.stages[l] != ALPA_NOWHERE && m->layers.stages[l] != (int32_t)s)
        return alpa_op_error(m->func, "has ops of layer %d that are placed in stage %d, but the option plan says %u", l,
                             m->layers.stages[l], s);
  return ALPA_OK;
}

/* Stages on one submesh have the same devices. */
static alpa_status size_submeshes(const maker *m, const uint32_t *submeshes, int64_t *sizes) {
  for (uint32_t s = 0; s < m->n_stages; s++) {
    int64_t *size = &sizes[submeshes[s]];
    if (*size && *size != m->stages[s].n_devices)
      return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "schedule '%s' runs stage %u on the submesh of a stage of %lld devices, but the option plan "
                        "gives it %u",
                        m->options->schedule, s, (long long)*size, m->stages[s].n_devices);
    *size = m->stages[s].n_devices;
  }
  return ALPA_OK;
}

/* Where each submesh begins: where there is a cluster, so that none spans hosts without filling them. */
static alpa_status place_submeshes(const maker *m, const int64_t *sizes, uint32_t n, int64_t *firsts) {
  const alpa_cluster *cluster = NULL;
  alpa_cluster read;
  int64_t n_needed = 0;
  bool fills_hosts = true;
  ALPA_TRY(find_cluster(m, &read, &cluster));
  for (uint32_t i = 0; i < n; i++) {
    firsts[i] = n_needed;
    n_needed += sizes[i];
    fills_hosts &= !cluster || sizes[i] < cluster->devices_per_host || sizes[i] % cluster->devices_per_host == 0;
  }
  if (!cluster || (fills_hosts && alpa_stages_place(m->pass->arena, sizes, n, alpa_cluster_devices(cluster),
                                                    cluster->devices_per_host, firsts)))
    return ALPA_OK;
  return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "option 'plan' of stages needs %lld devices, which do not fit into the %lld of the cluster: a stage "
                    "has devices of one host, or whole hosts of %lld",
                    (long long)n_needed, (long long)alpa_cluster_devices(cluster),
                    (long long)cluster->devices_per_host);
}

/* Layers as the plan says, or found where it leaves them open. */
static alpa_status take_layers(maker *m, int64_t n_layers, alpa_stage_plan *given) {
  m->stages = given;
  if (n_layers == m->layers.n_layers)
    return check_written(m);
  if (n_layers)
    return alpa_op_error(m->func, "has %u layers, but the option plan speaks of %lld", m->layers.n_layers,
                         (long long)n_layers);
  ALPA_TRY(check_count(m));
  ALPA_TRY(divide_layers(m));
  for (uint32_t s = 0; s < m->n_stages; s++) {
    given[s].first_layer = m->stages[s].first_layer;
    given[s].last_layer = m->stages[s].last_layer;
  }
  m->stages = given;
  return ALPA_OK;
}

static alpa_status read_plan(maker *m) {
  const alpa_strings *plan = &m->options->plan;
  int64_t n_layers = 0;
  uint32_t n_submeshes = 0;
  const uint32_t *submeshes = NULL;
  m->n_stages = (uint32_t)plan->n;
  alpa_stage_plan *given = alpa_arena_new(m->pass->arena, alpa_stage_plan, m->n_stages);
  for (uint32_t s = 0; s < m->n_stages; s++)
    ALPA_TRY(read_stage(m, plan->items[s], &n_layers, &given[s]));
  ALPA_TRY(take_layers(m, n_layers, given));
  ALPA_TRY(count_submeshes(m, &n_submeshes));
  ALPA_TRY(place_stages(m, n_submeshes, &submeshes));
  int64_t *sizes = alpa_arena_new(m->pass->arena, int64_t, n_submeshes);
  int64_t *firsts = alpa_arena_new(m->pass->arena, int64_t, n_submeshes);
  ALPA_TRY(size_submeshes(m, submeshes, sizes));
  ALPA_TRY(place_submeshes(m, sizes, n_submeshes, firsts));
  for (uint32_t s = 0; s < m->n_stages; s++)
    set_devices(m, &m->stages[s], firsts[submeshes[s]], m->stages[s].n_devices);
  return ALPA_OK;
}

static alpa_status divide(maker *m) {
  if (m->options->plan.n)
    return read_plan(m);
  if (m->options->of_layer.n)
    ALPA_TRY(read_list(m));
  ALPA_TRY(find_count(m));
  ALPA_TRY(divide_layers(m));
  return divide_devices(m);
}

/* What the option plan says, others must not say too. */
static alpa_status check_options(const maker *m) {
  const stages_options *o = m->options;
  if (!o->plan.n || (!o->count && !o->of_layer.n && !o->mesh[0]))
    return ALPA_OK;
  return alpa_error(m->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "option 'plan' of stages says what 'count', 'of-layer' and 'mesh' say, too: give it alone");
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  maker m = {.pass = pass, .options = given};
  ALPA_TRY(alpa_func_find_main(module, &m.func));
  ALPA_TRY(alpa_layer_list_read(pass->arena, m.func, &m.layers));
  ALPA_TRY(check_options(&m));
  ALPA_TRY(divide(&m));
  alpa_stages_write(pass->arena, module, m.func, m.stages, m.n_stages);
  pass->counters[STAGES] += m.n_stages;
  return ALPA_OK;
}

#define FIELD(field) offsetof(stages_options, field)
static const alpa_option_def options[] = {
    {"count", "number of stages; 0: as many as alpa.stage and of-layer say, or one", ALPA_OPTION_INT, FIELD(count), "0",
     0, 4096, NULL},
    {"of-layer", "the stage of each layer, as 0,0,1,1", ALPA_OPTION_STRINGS, FIELD(of_layer), "", 0, 0, NULL},
    {"plan", "layers and mesh of each stage, as 6:2x4,6:8; or meshes alone, as *:2x4,*:8", ALPA_OPTION_STRINGS, FIELD(plan), "", 0, 0, NULL},
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
