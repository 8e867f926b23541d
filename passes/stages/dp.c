/* stage-dp: finds stages, their submeshes, how each uses its devices, and the number of micro-batches (design §6).
 *
 * Every range of layers on every submesh has a Pareto front of ways to run it (fronts.h); a dynamic program chooses
 * (search.h).  Numbers of micro-batches are the divisors of the batch; all are searched exactly below a bound that is
 * raised until a plan is found, so that the result is the best over all.  Requires layers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/analysis/placement.h"
#include "passes/layers/batch.h"
#include "passes/layers/classes.h"
#include "passes/pass.h"
#include "passes/stages/fronts.h"
#include "passes/stages/stages.h"

typedef struct dp_options {
  const char *cluster, *remat, *zero;
  double memory_gib;
  double headroom, imbalance;
  int64_t micro_batches, stages, replicas, axis, most_axis, loss, least_micro_batches;
  bool narrow, overlap, whole;
  const char *place;
  alpa_strings devices, plan;
} dp_options;

enum { STAGES, SOLVED, COUNTS };

static const char *const remat_choices[] = {"auto", "none", "layer", NULL};
static const char *const place_choices[] = {"time", "alpa-osdi22", NULL};
static const char *const zero_choices[] = {"auto",
#define X(ID, spelling) spelling,
                                           ALPA_ZERO_TABLE(X)
#undef X
                                               NULL};

typedef struct dp {
  alpa_pass_context *pass;
  const dp_options *options;
  alpa_op *module, *func;
  layer_program program;
  layer_owners owners;
  stage_source source;
  ALPA_VEC(alpa_cluster) clusters; /* one for each kind of device */
  int64_t *memory;
  stage_planner planner;
  alpa_stage_solution best;
  int64_t n_micro_batches; /* of the best */
  bool is_found;
} dp;

/* ---- collect ---- */

enum { MOST_KINDS = 4 };

/* Clusters of different devices are joined by +. */
static alpa_status read_clusters(dp *d) {
  alpa_arena *arena = d->pass->arena;
  const char *text = d->options->cluster;
  if (!text[0] && !d->pass->services->cluster)
    return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "stage-dp needs a cluster, as in stage-dp{cluster=p3.16xlarge:8}");
  if (!text[0])
    alpa_vec_push(arena, &d->clusters, *d->pass->services->cluster);
  while (text[0]) {
    size_t size = strcspn(text, "+");
    alpa_cluster cluster;
    ALPA_TRY(alpa_cluster_read(arena, d->pass->diag, alpa_arena_strndup(arena, text, size), &cluster));
    alpa_vec_push(arena, &d->clusters, cluster);
    text += size + (text[size] != 0);
  }
  if (d->clusters.n > MOST_KINDS)
    return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "stage-dp joins %d clusters at most, got %zu", MOST_KINDS, d->clusters.n);
  if (!(d->options->headroom >= 0 && d->options->headroom < 1))
    return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "headroom=%g is not a share of the memory: at least 0, below 1", d->options->headroom);
  if (!(d->options->imbalance >= 0))
    return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "option 'imbalance' of stage-dp must not be negative");
  d->memory = alpa_arena_new(arena, int64_t, d->clusters.n);
  for (size_t k = 0; k < d->clusters.n; k++)
    d->memory[k] = d->options->memory_gib > 0 ? (int64_t)(d->options->memory_gib * 1073741824.0)
                                              : d->clusters.items[k].device.memory_bytes;
  return ALPA_OK;
}

/* The numbers of devices that stages may have. */
static alpa_status read_sizes(const dp *d, const int64_t **out_sizes) {
  const alpa_strings *texts = &d->options->devices;
  int64_t *sizes = alpa_arena_new(d->pass->arena, int64_t, texts->n);
  for (size_t i = 0; i < texts->n; i++) {
    char *end;
    sizes[i] = strtol(texts->items[i], &end, 10);
    if (end == texts->items[i] || *end || sizes[i] < 1)
      return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "option 'devices' of stage-dp must be numbers of devices, as 1,2,4, got '%s'", texts->items[i]);
  }
  *out_sizes = sizes;
  return ALPA_OK;
}

static alpa_status read_layers(dp *d, uint32_t *out_n, const double **out_flops) {
  alpa_layer_list list;
  ALPA_TRY(alpa_layer_list_read(d->pass->arena, d->func, &list));
  ALPA_TRY(layer_program_init(&d->program, d->pass->arena, d->func, d->options->loss));
  for (uint32_t o = 0; o < d->program.n_ops; o++)
    ALPA_TRY(alpa_placement_get(d->program.ops[o].op, ALPA_LAYER_ATTR, &d->program.ops[o].layer));
  layer_owners_find(&d->program, &d->owners);
  *out_n = list.n_layers;
  *out_flops = list.flops;
  return ALPA_OK;
}

static int64_t batch_size(const dp *d) {
  for (uint32_t v = 0; v < d->program.n_args; v++)
    if (d->program.values[v].source == LAYER_OF_BATCH)
      return d->program.values[v].value->type->dims[0];
  return 1;
}

static uint32_t zero_mask(const char *name) {
  for (int zero = 0; zero < ALPA_ZERO_COUNT; zero++)
    if (strcmp(name, alpa_zero_name((alpa_zero)zero)) == 0)
      return 1u << zero;
  return UINT32_MAX;
}

static alpa_status collect(dp *d) {
  uint32_t n_layers = 0;
  const int64_t *sizes = NULL;
  const double *flops = NULL;
  ALPA_TRY(read_clusters(d));
  ALPA_TRY(read_sizes(d, &sizes));
  ALPA_TRY(read_layers(d, &n_layers, &flops));
  alpa_arena *arena = d->pass->arena;
  uint32_t *classes = alpa_arena_new(arena, uint32_t, n_layers);
  (void)layer_classes_find(&d->program, n_layers, classes);
  d->source = (stage_source){&d->program, &d->owners, batch_size(d)};
  const char *remat = d->options->remat;
  d->planner = (stage_planner){.arena = arena,
                               .diag = d->pass->diag,
                               .source = &d->source,
                               .clusters = d->clusters.items,
                               .memory = d->memory,
                               .n_clusters = (uint32_t)d->clusters.n,
                               .n_layers = n_layers,
                               .classes = classes,
                               .flops = flops,
                               .limits = {.replicas = d->options->replicas,
                                          .axis = d->options->axis,
                                          .most_axis = d->options->most_axis,
                                          .devices = sizes,
                                          .n_devices = d->options->devices.n,
                                          .imbalance = d->options->imbalance,
                                          .allow_remat = remat[0] != 'n',
                                          .need_remat = remat[0] == 'l',
                                          .zero = zero_mask(d->options->zero),
                                          .narrow = d->options->narrow,
                                          .whole = d->options->whole,
                                          .like_osdi22 = d->options->place[0] == 'a',
                                          .keep_all = d->options->plan.n > 0}};
  stage_planner_init(&d->planner);
  return ALPA_OK;
}

/* ---- a plan by hand ---- */

/* "6:2x4" is six layers on two replicas of four devices which all have the same activations and parts of each weight,
 * "6:8" on eight devices in any way. */
typedef struct given_stage {
  int64_t n_layers, replicas, axis, devices;
} given_stage;

static bool parse_stage(const char *text, given_stage *out) {
  char *end;
  *out = (given_stage){.n_layers = strtol(text, &end, 10)};
  if (end == text || *end != ':' || out->n_layers < 1)
    return false;
  const char *at = end + 1;
  int64_t first = strtol(at, &end, 10);
  if (end == at || first < 1 || first > INT16_MAX)
    return false;
  out->devices = first;
  if (*end != 'x')
    return !*end;
  at = end + 1;
  out->replicas = first;
  out->axis = strtol(at, &end, 10);
  out->devices = first * out->axis;
  return end != at && !*end && out->axis >= 1 && out->axis <= INT16_MAX;
}

static alpa_status check_plan(const dp *d) {
  int64_t n_layers = 0;
  for (size_t i = 0; i < d->options->plan.n; i++) {
    given_stage stage;
    if (!parse_stage(d->options->plan.items[i], &stage))
      return alpa_error(d->pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "option 'plan' of stage-dp must give layers and devices of each stage, as 6:2x4,6:8, got '%s'",
                        d->options->plan.items[i]);
    n_layers += stage.n_layers;
  }
  if (d->options->plan.n && n_layers != d->planner.n_layers)
    return alpa_op_error(d->func, "has %u layers, but the option plan speaks of %lld", d->planner.n_layers,
                         (long long)n_layers);
  return ALPA_OK;
}

static bool is_as_given(const given_stage *stage, uint32_t tag) {
  stage_way way = stage_way_unpack(tag);
  if (way.replicas * way.axis != stage->devices)
    return false;
  return !stage->axis || (stage->axis == way.axis && way.boundary == STAGE_REPLICATED);
}

/* Leaves only the options of the plan, in arrays of their own. */
static void keep_plan(const dp *d, alpa_arena *arena, alpa_stage_problem *problem) {
  uint32_t n = problem->n_layers, first = 0;
  alpa_stage_front *fronts = alpa_arena_new(arena, alpa_stage_front, (size_t)n * n * problem->n_submeshes);
  for (size_t i = 0; i < d->options->plan.n; i++) {
    given_stage stage;
    (void)parse_stage(d->options->plan.items[i], &stage);
    uint32_t last = first + (uint32_t)stage.n_layers - 1;
    for (uint32_t m = 0; m < problem->n_submeshes; m++) {
      const alpa_stage_front *all = alpa_stage_front_at(problem, first, last, m);
      alpa_stage_option *kept = alpa_arena_new(arena, alpa_stage_option, all->n);
      uint32_t n_kept = 0;
      for (uint32_t o = 0; o < all->n; o++)
        if (is_as_given(&stage, all->options[o].tag))
          kept[n_kept++] = all->options[o];
      fronts[((size_t)first * n + last) * problem->n_submeshes + m] = (alpa_stage_front){kept, n_kept};
    }
    first = last + 1;
  }
  problem->fronts = fronts;
}

/* ---- where stages are ---- */

/* The first device of each stage; clusters are numbered one after the other. */
static int64_t *place_stages(const dp *d, const alpa_stage_solution *solution) {
  alpa_arena *arena = d->pass->arena;
  uint32_t n = solution->n_stages, *members = alpa_arena_new(arena, uint32_t, n);
  int64_t *sizes = alpa_arena_new(arena, int64_t, n), *at = alpa_arena_new(arena, int64_t, n);
  int64_t *first = alpa_arena_new(arena, int64_t, n), offset = 0;
  for (uint32_t k = 0; k < d->clusters.n; k++) {
    const alpa_cluster *cluster = &d->clusters.items[k];
    uint32_t n_members = 0;
    for (uint32_t s = 0; s < n; s++)
      if (solution->stages[s].kind == k) {
        sizes[n_members] = solution->stages[s].n_devices;
        members[n_members++] = s;
      }
    (void)alpa_stages_place(arena, sizes, n_members, alpa_cluster_devices(cluster), cluster->devices_per_host, at);
    for (uint32_t i = 0; i < n_members; i++)
      first[members[i]] = offset + at[i];
    offset += alpa_cluster_devices(cluster);
  }
  return first;
}

/* The host in which a stage lies, counted in its cluster, or -1 where it has several. */
static int64_t host_of(const dp *d, const alpa_stage_part *part, int64_t first) {
  for (uint32_t k = 0; k < part->kind; k++)
    first -= alpa_cluster_devices(&d->clusters.items[k]);
  int64_t per_host = d->clusters.items[part->kind].devices_per_host, host = first / per_host;
  return host == (first + part->n_devices - 1) / per_host ? host : -1;
}

/* The time of a solution in the hosts that it is placed in. */
static int64_t price_placed(const dp *d, const alpa_stage_solution *solution, int64_t n_micro_batches) {
  const int64_t *first = place_stages(d, solution);
  int64_t *links = alpa_arena_new(d->pass->arena, int64_t, solution->n_stages);
  for (uint32_t s = 0; s + 1 < solution->n_stages; s++) {
    const alpa_stage_part *from = &solution->stages[s], *to = &solution->stages[s + 1];
    int64_t host = host_of(d, from, first[s]);
    bool is_inside = from->kind == to->kind && host >= 0 && host == host_of(d, to, first[s + 1]);
    const alpa_submesh ends[] = {{from->kind, from->n_devices}, {to->kind, to->n_devices}};
    links[s] = stage_planner_link_time(&d->planner, from->last, &ends[0], &ends[1], is_inside, n_micro_batches);
  }
  return alpa_stages_time(solution, links, n_micro_batches, d->options->overlap);
}

/* ---- solve ---- */

/* The problem for one number of micro-batches. */
typedef struct candidate {
  int64_t n_micro_batches;
  int64_t bound; /* no plan takes less */
  alpa_stage_problem problem;
} candidate;

typedef ALPA_VEC(candidate) candidate_list;

static alpa_status add_candidate(dp *d, alpa_arena *arena, int64_t n_micro_batches, candidate_list *list) {
  candidate next = {.n_micro_batches = n_micro_batches};
  ALPA_TRY(stage_planner_build(&d->planner, arena, n_micro_batches, &next.problem));
  next.problem.n_stages = (uint32_t)d->options->stages;
  if (d->options->plan.n)
    keep_plan(d, arena, &next.problem);
  next.bound = alpa_stages_bound(arena, &next.problem);
  if (next.bound < INT64_MAX)
    alpa_vec_push(arena, list, next);
  return ALPA_OK;
}

static int compare_candidates(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->bound != y->bound)
    return x->bound < y->bound ? -1 : 1;
  return x->n_micro_batches > y->n_micro_batches ? -1 : 1;
}

/* The most promising first. */
static alpa_status list_candidates(dp *d, alpa_arena *arena, candidate_list *list) {
  int64_t batch = d->source.batch, given = d->options->micro_batches;
  if (given && batch % given)
    return alpa_op_error(d->func, "has a batch of %lld, which cannot be divided into %lld micro-batches",
                         (long long)batch, (long long)given);
  for (int64_t n = given ? given : batch; n >= (given ? given : d->options->least_micro_batches); n--)
    if (batch % n == 0)
      ALPA_TRY(add_candidate(d, arena, n, list));
  if (list->n)
    qsort(list->items, list->n, sizeof *list->items, compare_candidates);
  return ALPA_OK;
}

/* The best plan that takes less than `below`, if there is one. */
static void search_below(dp *d, const candidate_list *list, int64_t below, uint32_t width) {
  for (size_t i = 0; i < list->n && list->items[i].bound < below; i++) {
    alpa_stage_solution solution;
    if (!alpa_stages_search(d->pass->arena, &list->items[i].problem, below, width, &solution))
      continue;
    d->best = solution;
    d->n_micro_batches = list->items[i].n_micro_batches;
    d->is_found = true;
    below = solution.time;
  }
}

/* A tight bound makes a search short, and one that finds nothing proves that there is nothing below it. */
static alpa_status search(dp *d, uint32_t width) {
  static const double bounds[] = {1.01, 1.05, 1.2, 2, INFINITY};
  alpa_arena arena;
  alpa_arena_init(&arena, d->pass->arena->memory);
  candidate_list list = {0};
  alpa_status status = list_candidates(d, &arena, &list);
  for (size_t i = 0; i < countof(bounds) && status == ALPA_OK && list.n && !d->is_found; i++) {
    double below = (double)list.items[0].bound * bounds[i];
    search_below(d, &list, below < 9e18 ? (int64_t)below : INT64_MAX, width);
  }
  alpa_arena_deinit(&arena);
  return status;
}

/* Leaves as much of `headroom` free as a plan can, in quarters. */
static alpa_status search_with_headroom(dp *d) {
  int64_t full[MOST_KINDS];
  memcpy(full, d->memory, d->clusters.n * sizeof *full);
  for (int quarters = d->options->headroom > 0 ? 4 : 0; quarters >= 0 && !d->is_found; quarters--) {
    for (size_t k = 0; k < d->clusters.n; k++)
      d->memory[k] = (int64_t)((1 - d->options->headroom * quarters / 4) * (double)full[k]);
    ALPA_TRY(search(d, 0));
  }
  memcpy(d->memory, full, d->clusters.n * sizeof *full);
  return ALPA_OK;
}

/* ---- no plan fits ---- */

static alpa_status try_memory(dp *d, int64_t memory) {
  for (size_t k = 0; k < d->clusters.n; k++)
    d->memory[k] = memory;
  d->is_found = false;
  return search(d, 1);
}

/* The least memory, to one part in a hundred, for which the narrow search finds a plan. */
static alpa_status report_memory(dp *d) {
  int64_t given = d->memory[0], below = given, enough = given;
  do {
    enough *= 2;
    ALPA_TRY(try_memory(d, enough));
  } while (!d->is_found && enough < INT64_MAX / 4);
  while (d->is_found && enough - below > enough / 100) {
    int64_t middle = below + (enough - below) / 2;
    ALPA_TRY(try_memory(d, middle));
    *(d->is_found ? &enough : &below) = middle;
    d->is_found = true;
  }
  if (!d->is_found)
    return alpa_op_error(d->func,
                         "has no plan with these numbers of stages, replicas and devices, whatever memory there is");
  return alpa_error(
      d->pass->diag, alpa_loc_place(d->func->loc), ALPA_INFEASIBLE,
      "no plan fits the %.4g GiB of memory of a device of '%s'; the smallest one that was found needs %.4g GiB: allow "
      "that much, or use more devices, more layers or smaller micro-batches",
      (double)given / 1073741824.0, d->clusters.items[0].name, (double)enough / 1073741824.0);
}

/* ---- apply ---- */

static const alpa_attr *integers(alpa_context *ctx, int64_t value) { return alpa_attr_get_i64(ctx, value); }

static void apply(dp *d) {
  alpa_arena *arena = d->pass->arena;
  alpa_context *ctx = alpa_op_context(d->module);
  uint32_t n = d->best.n_stages;
  alpa_stage_plan *plans = alpa_arena_new(arena, alpa_stage_plan, n);
  int64_t most = 0, *first = place_stages(d, &d->best);
  for (uint32_t s = 0; s < n; s++) {
    const alpa_stage_part *part = &d->best.stages[s];
    stage_way way = stage_way_unpack(part->option.tag);
    int64_t n_devices = part->n_devices, in_flight = n - s < d->n_micro_batches ? n - s : d->n_micro_batches;
    int64_t *devices = alpa_arena_new(arena, int64_t, n_devices);
    for (int64_t i = 0; i < n_devices; i++)
      devices[i] = first[s] + i;
    int64_t memory = part->option.fixed + in_flight * part->option.in_flight;
    most = memory > most ? memory : most;
    plans[s] =
        (alpa_stage_plan){.first_layer = (int32_t)part->first,
                          .last_layer = (int32_t)part->last,
                          .mesh = alpa_arena_printf(arena, "%lldx%lld", (long long)way.replicas, (long long)way.axis),
                          .devices = devices,
                          .n_devices = (uint32_t)n_devices,
                          .zero = alpa_zero_name(way.zero),
                          .remat = way.remat,
                          .memory_bytes = memory,
                          .in_flight_bytes = (in_flight - 1) * part->option.in_flight,
                          .time_ps = part->option.time,
                          .once_ps = part->option.once};
  }
  alpa_stages_write(arena, d->module, d->func, plans, n);
  alpa_op_set_attr(d->module, ALPA_MICROBATCHES_ATTR, integers(ctx, d->n_micro_batches));
  const alpa_named_attr figures[] = {{"memory_bytes", integers(ctx, most)},
                                     {"micro_batches", integers(ctx, d->n_micro_batches)},
                                     {"step_ps", integers(ctx, d->best.time)}};
  alpa_op_set_attr(d->module, "alpa.stage_plan", alpa_attr_get_dict(ctx, figures, countof(figures)));
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  dp d = {.pass = pass, .options = given, .module = module};
  ALPA_TRY(alpa_func_find_main(module, &d.func));
  ALPA_TRY(collect(&d));
  ALPA_TRY(check_plan(&d));
  ALPA_TRY(search_with_headroom(&d));
  if (!d.is_found)
    return report_memory(&d);
  if (d.options->plan.n)
    d.best.time = price_placed(&d, &d.best, d.n_micro_batches);
  apply(&d);
  pass->counters[STAGES] += d.best.n_stages;
  pass->counters[SOLVED] += d.planner.n_solved;
  pass->counters[COUNTS] += d.n_micro_batches;
  return ALPA_OK;
}

#define FIELD(field) offsetof(dp_options, field)
static const alpa_option_def options[] = {
    {"cluster", "preset with a count, as host:8 or p3.16xlarge:2, or a JSON file; different ones joined by +",
     ALPA_OPTION_STRING, FIELD(cluster), "", 0, 0, NULL},
    {"memory", "GiB that a device may use; 0: what the cluster says", ALPA_OPTION_DOUBLE, FIELD(memory_gib), "0", 0, 0,
     NULL},
    {"headroom", "share of the memory that stays free, or as much of it as a plan can leave, in quarters",
     ALPA_OPTION_DOUBLE, FIELD(headroom), "0", 0, 0, NULL},
    {"micro-batches", "number of micro-batches; 0: any divisor of the batch", ALPA_OPTION_INT, FIELD(micro_batches),
     "0", 0, INT32_MAX, NULL},
    {"least-micro-batches", "the fewest that are searched", ALPA_OPTION_INT, FIELD(least_micro_batches), "1", 1,
     INT32_MAX, NULL},
    {"remat", "whether the backward part computes what is inside a layer again", ALPA_OPTION_STRING, FIELD(remat),
     "auto", 0, 0, remat_choices},
    {"zero", "what replicas of a stage share out: nothing, the state of the optimizer, the weights too",
     ALPA_OPTION_STRING, FIELD(zero), "auto", 0, 0, zero_choices},
    {"stages", "number of stages; 0: any", ALPA_OPTION_INT, FIELD(stages), "0", 0, 4096, NULL},
    {"replicas", "data-parallel replicas in each stage; 0: any", ALPA_OPTION_INT, FIELD(replicas), "0", 0, 4096, NULL},
    {"axis", "devices that share the ops of each replica; 0: any", ALPA_OPTION_INT, FIELD(axis), "0", 0, 4096, NULL},
    {"most-axis", "the most of these; 0: any number", ALPA_OPTION_INT, FIELD(most_axis), "0", 0, 4096, NULL},
    {"devices", "numbers of devices that a stage may have, as 1,2,4; none: any", ALPA_OPTION_STRINGS, FIELD(devices),
     "", 0, 0, NULL},
    {"imbalance", "a stage's shares of the devices and of the flops are equal up to a factor of one more than this",
     ALPA_OPTION_DOUBLE, FIELD(imbalance), "inf", 0, 0, NULL},
    {"loss", "the result that is the loss, as in cluster-layers", ALPA_OPTION_INT, FIELD(loss), "-1", -1, INT32_MAX,
     NULL},
    {"narrow-accumulators", "price gradients in their own type instead of f32 at least, as other systems do",
     ALPA_OPTION_BOOL, FIELD(narrow), "false", 0, 0, NULL},
    {"whole-gradients", "reduce gradients whole also where replicas share out their use, as other systems do",
     ALPA_OPTION_BOOL, FIELD(whole), "false", 0, 0, NULL},
    {"overlap-transfers", "whether stages compute while they receive; if not, the plan that is found is priced so",
     ALPA_OPTION_BOOL, FIELD(overlap), "true", 0, 0, NULL},
    {"place", "what places the ops on an axis: least time, or least communication by the formulas of Alpa",
     ALPA_OPTION_STRING, FIELD(place), "time", 0, 0, place_choices},
    {"plan", "layers and devices of each stage, as 6:2x4,6:8 (two replicas of four devices; eight in any way)",
     ALPA_OPTION_STRINGS, FIELD(plan), "", 0, 0, NULL},
    {0}};
#undef FIELD

static const alpa_statistic_def statistics[] = {[STAGES] = {"stages", "stages made"},
                                                [SOLVED] = {"solved", "intra-operator problems solved"},
                                                [COUNTS] = {"micro-batches", "micro-batches of the plan"},
                                                {0}};

extern const alpa_pass_def alpa_pass_stage_dp;
const alpa_pass_def alpa_pass_stage_dp = {
    .name = "stage-dp",
    .summary = "finds stages, their devices and the number of micro-batches by a dynamic program",
    .anchor = "builtin.module",
    .options = options,
    .options_size = sizeof(dp_options),
    .statistics = statistics,
    .requires = ALPA_HAS_LAYERS,
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_STAGES,
    .run = run,
};
