/* A stage on n devices is a mesh of n / k replicas of an axis of k devices.  What happens on the axis is solved layer
 * by layer (intra.h), once for each class of layers; replicas split the batch further and meet in their gradients, with
 * or without sharing out optimizer state and weights (ZeRO).  A range of layers adds up its layers. */
#include "passes/stages/fronts.h"

#include <math.h>

enum {
  REPEATS = 16,           /* micro-batches that the intra-operator problem weighs the body with */
  MOST_WAYS = 256,        /* of one range on one submesh */
  DISPATCH_PS = 200000000 /* of running one stage on one micro-batch */
};

static const double PS = 1e12;

static const char *const zero_names[] = {
#define X(ID, spelling) spelling,
    ALPA_ZERO_TABLE(X)
#undef X
};

const char *alpa_zero_name(alpa_zero zero) { return zero_names[zero]; }

uint32_t stage_way_pack(const stage_way *way) {
  return (uint32_t)way->replicas << 17 | (uint32_t)way->axis << 4 | (uint32_t)way->boundary << 3 |
         (uint32_t)way->zero << 1 | way->remat;
}

stage_way stage_way_unpack(uint32_t tag) {
  return (stage_way){tag >> 17, tag >> 4 & 0x1fff, (stage_boundary)(tag >> 3 & 1), (alpa_zero)(tag >> 1 & 3), tag & 1};
}

/* ---- what layers have ---- */

static void find_state(stage_planner *planner) {
  const layer_program *p = planner->source->program;
  const layer_owners *owners = planner->source->owners;
  for (uint32_t v = 0; v < p->n_values; v++) {
    layer_range owner = owners->owners[owners->value_component[v]];
    if (p->values[v].is_held && p->values[v].source == LAYER_OF_WEIGHTS && owner.last != LAYER_NONE)
      planner->state_bytes[owner.first] += p->values[v].bytes;
  }
}

static void find_crossing(stage_planner *planner) {
  const layer_program *p = planner->source->program;
  for (uint32_t v = p->n_args; v < p->n_values; v++) {
    const layer_op *op = &p->ops[p->values[v].op];
    int32_t first = op->layer, last = op->layer;
    for (uint32_t r = p->values[v].readers_begin; layer_op_is_body(op) && r < p->values[v].readers_end; r++) {
      const layer_op *reader = &p->ops[p->readers[r]];
      if (!layer_op_is_body(reader))
        continue;
      first = reader->layer < first ? reader->layer : first;
      last = reader->layer > last ? reader->layer : last;
    }
    for (int32_t l = first; l < last; l++)
      planner->crossing[l] += p->values[v].bytes;
  }
}

void stage_planner_init(stage_planner *planner) {
  planner->state_bytes = alpa_arena_new(planner->arena, int64_t, planner->n_layers);
  planner->crossing = alpa_arena_new(planner->arena, int64_t, planner->n_layers);
  find_state(planner);
  find_crossing(planner);
}

/* ---- one layer on one axis ---- */

/* NULL in *out where the batch cannot be cut so. */
static alpa_status solve_layer(stage_planner *planner, uint32_t kind, uint32_t layer, const stage_way *way,
                               int64_t part, int64_t repeats, const stage_cost **out) {
  const alpa_cluster *cluster = &planner->clusters[kind];
  uint64_t key = (uint64_t)planner->classes[layer] << 50 | (uint64_t)kind << 48 | (uint64_t)way->axis << 36 |
                 (uint64_t)(repeats > 1) << 35 | (uint64_t)way->boundary << 34 | (uint64_t)part;
  bool is_new;
  uint64_t *slot = alpa_map_insert(planner->arena, &planner->solved, key, &is_new);
  *out = (const stage_cost *)(uintptr_t)*slot;
  if (!is_new)
    return ALPA_OK;
  alpa_arena scratch;
  alpa_arena_init(&scratch, planner->arena->memory);
  stage_body body;
  stage_cost cost;
  alpa_status status = ALPA_OK;
  if (stage_body_build(&scratch, planner->source, (int32_t)layer, part, &body)) {
    const stage_intra problem = {.source = planner->source,
                                 .body = &body,
                                 .axis = {&cluster->device, way->axis, alpa_cluster_link(cluster, 1, way->axis)},
                                 .boundary = way->boundary,
                                 .is_model_parallel = planner->limits.keep_all && way->boundary == STAGE_REPLICATED,
                                 .is_like_osdi22 = planner->limits.like_osdi22,
                                 .repeats = repeats,
                                 .state_bytes = planner->state_bytes[layer]};
    status = stage_intra_solve(&scratch, &problem, planner->diag, &cost);
    if (status == ALPA_OK)
      *out = alpa_arena_copy(planner->arena, &cost, sizeof cost);
    alpa_module_destroy(body.module);
    planner->n_solved++;
  }
  alpa_arena_deinit(&scratch);
  *alpa_map_insert(planner->arena, &planner->solved, key, NULL) = (uintptr_t)*out;
  return status;
}

/* ---- ranges ---- */

/* The sum of a range of layers. */
typedef struct range_cost {
  stage_cost sum;
  int64_t most_residuals, most_copies; /* of one layer */
} range_cost;

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static void add_cost(range_cost *range, const stage_cost *c) {
  stage_cost *s = &range->sum;
  s->forward += c->forward;
  s->backward += c->backward;
  s->once += c->once;
  s->update += c->update;
  s->state += c->state;
  s->copies += c->copies;
  s->weights += c->weights;
  s->gradients += c->gradients;
  s->sync += c->sync;
  s->boundary += c->boundary;
  s->residuals += c->residuals;
  s->work = larger(s->work, c->work);
  range->most_residuals = larger(range->most_residuals, c->residuals);
  range->most_copies = larger(range->most_copies, c->copies + c->weights);
}

/* A collective over the replicas; `traffic` 2 for an all-reduce, 1 for a gather or scatter. */
static int64_t collective(const alpa_cluster *cluster, const stage_way *way, double traffic, int64_t bytes) {
  if (way->replicas == 1 || bytes == 0)
    return 0;
  alpa_link link = alpa_cluster_link(cluster, way->axis, way->replicas);
  double n = (double)way->replicas;
  return (int64_t)(PS * (link.latency_s + traffic * (n - 1) / n * (double)bytes / link.bandwidth));
}

static int64_t memory_time(const alpa_cluster *cluster, int64_t bytes) {
  const alpa_device_kind *d = &cluster->device;
  return (int64_t)(PS * (double)bytes / (d->memory_bandwidth * d->memory_efficiency));
}

static alpa_stage_option make_option(const stage_planner *planner, uint32_t kind, const range_cost *range,
                                     const stage_way *way, int64_t n_micro_batches) {
  const alpa_cluster *cluster = &planner->clusters[kind];
  const stage_cost *c = &range->sum;
  int64_t held = c->copies + c->weights, n = way->replicas;
  int64_t gradients = n_micro_batches == 1 || planner->limits.narrow ? c->sync : c->gradients;
  bool is_shared = way->zero != ALPA_ZERO_NONE;
  alpa_stage_option o = {.time = c->forward + c->backward + (way->remat ? c->forward : 0) + DISPATCH_PS,
                         .once = c->once + c->update / (is_shared ? n : 1),
                         .tag = stage_way_pack(way)};
  if (n_micro_batches > 1)
    o.time += memory_time(cluster, c->sync + 2 * gradients);
  if (way->zero == ALPA_ZERO_WEIGHTS)
    o.time += collective(cluster, way, way->remat ? 3 : 2, held) + collective(cluster, way, 1, c->sync);
  else
    o.once += collective(cluster, way, is_shared && !planner->limits.whole ? 1 : 2, c->sync) +
              (is_shared ? collective(cluster, way, 1, held) : 0);
  o.in_flight = way->remat ? c->boundary : c->boundary + c->residuals;
  o.fixed = c->work + (way->remat ? range->most_residuals : 0);
  if (way->zero == ALPA_ZERO_WEIGHTS)
    o.fixed += (c->state + c->copies + gradients) / n + 2 * range->most_copies;
  else
    o.fixed += c->state / (is_shared ? n : 1) + c->copies + gradients + (is_shared ? c->weights : 0);
  return o;
}

typedef struct builder {
  stage_planner *planner;
  alpa_arena *arena;
  alpa_stage_problem *problem;
  alpa_stage_front *fronts;
} builder;

static bool is_size_allowed(const stage_limits *limits, int64_t n_devices) {
  for (size_t i = 0; i < limits->n_devices; i++)
    if (limits->devices[i] == n_devices)
      return true;
  return limits->n_devices == 0;
}

static bool is_allowed(const stage_limits *limits, const stage_way *way) {
  return (!limits->replicas || limits->replicas == way->replicas) && (!limits->axis || limits->axis == way->axis) &&
         (!limits->most_axis || way->axis <= limits->most_axis) && is_size_allowed(limits, way->replicas * way->axis);
}

/* Whether layers `first` to `last` on a submesh are within the tolerated imbalance. */
static bool is_balanced(const builder *b, uint32_t first, uint32_t last, uint32_t submesh) {
  double all = 0, own = 0, n_all = 0, factor = 1 + b->planner->limits.imbalance;
  if (isinf(factor))
    return true;
  for (uint32_t l = 0; l < b->problem->n_layers; l++) {
    all += b->planner->flops[l];
    own += l >= first && l <= last ? b->planner->flops[l] : 0;
  }
  for (uint32_t k = 0; k < b->problem->n_kinds; k++)
    n_all += (double)b->problem->available[k];
  double devices = (double)b->problem->submeshes[submesh].n_devices / n_all, flops = own / all;
  return devices <= flops * factor && flops <= devices * factor;
}

static void add_ways(const builder *b, uint32_t kind, const range_cost *range, stage_way way,
                     alpa_stage_option *options, uint32_t *n) {
  const stage_limits *limits = &b->planner->limits;
  for (int zero = 0; zero < ALPA_ZERO_COUNT; zero++)
    for (int remat = limits->need_remat; remat <= limits->allow_remat; remat++) {
      way.zero = (alpa_zero)zero;
      way.remat = remat;
      if (way.replicas == 1 ? zero != ALPA_ZERO_NONE : !(limits->zero >> zero & 1))
        continue;
      alpa_stage_option o = make_option(b->planner, kind, range, &way, b->problem->n_micro_batches);
      if (o.fixed + o.in_flight <= b->planner->memory[kind] && *n < MOST_WAYS)
        options[(*n)++] = o;
    }
}

/* All ranges that begin with a layer, on one submesh, for one axis and boundary. */
static alpa_status extend_ranges(const builder *b, uint32_t kind, uint32_t first, stage_way way, int64_t part,
                                 alpa_stage_option **options, uint32_t *counts) {
  range_cost range = {0};
  for (uint32_t last = first; last < b->problem->n_layers; last++) {
    const stage_cost *cost;
    ALPA_TRY(solve_layer(b->planner, kind, last, &way, part, b->problem->n_micro_batches > 1 ? REPEATS : 1, &cost));
    if (!cost)
      return ALPA_OK;
    add_cost(&range, cost);
    uint32_t before = counts[last];
    add_ways(b, kind, &range, way, options[last], &counts[last]);
    if (counts[last] == before && range.sum.state / way.replicas > b->planner->memory[kind])
      return ALPA_OK; /* a longer range is larger still */
  }
  return ALPA_OK;
}

static alpa_status build_submesh(const builder *b, uint32_t submesh) {
  uint32_t n_layers = b->problem->n_layers, kind = b->problem->submeshes[submesh].kind;
  int64_t n = b->problem->submeshes[submesh].n_devices, batch = b->planner->source->batch;
  alpa_arena scratch;
  alpa_arena_init(&scratch, b->arena->memory);
  alpa_stage_option **options = alpa_arena_new(&scratch, alpa_stage_option *, n_layers);
  for (uint32_t l = 0; l < n_layers; l++)
    options[l] = alpa_arena_new(&scratch, alpa_stage_option, MOST_WAYS);
  alpa_status status = ALPA_OK;
  for (uint32_t first = 0; first < n_layers && status == ALPA_OK; first++) {
    uint32_t *counts = alpa_arena_new(&scratch, uint32_t, n_layers);
    for (int64_t axis = 1; axis <= n && axis <= b->planner->clusters[kind].devices_per_host; axis++) {
      stage_way way = {.replicas = n / axis, .axis = axis};
      int64_t pieces = b->problem->n_micro_batches * way.replicas;
      if (n % axis || batch % pieces || !is_allowed(&b->planner->limits, &way))
        continue;
      for (int boundary = 0; boundary <= (axis > 1) && status == ALPA_OK; boundary++) {
        way.boundary = (stage_boundary)boundary;
        status = extend_ranges(b, kind, first, way, batch / pieces, options, counts);
      }
    }
    for (uint32_t last = first; last < n_layers; last++) {
      if (!is_balanced(b, first, last, submesh))
        continue;
      uint32_t kept = b->planner->limits.keep_all ? counts[last] : alpa_stages_prune(options[last], counts[last]);
      b->fronts[((size_t)first * n_layers + last) * b->problem->n_submeshes + submesh] =
          (alpa_stage_front){alpa_arena_copy(b->arena, options[last], kept * sizeof **options), kept};
    }
  }
  alpa_arena_deinit(&scratch);
  return status;
}

/* ---- submeshes and links ---- */

static bool is_possible(const stage_planner *planner, int64_t n, int64_t per_host, int64_t n_micro_batches) {
  for (int64_t axis = 1; axis <= n && axis <= per_host; axis++) {
    const stage_way way = {.replicas = n / axis, .axis = axis};
    if (n % axis == 0 && planner->source->batch % (n_micro_batches * way.replicas) == 0 &&
        is_allowed(&planner->limits, &way))
      return true;
  }
  return false;
}

/* Of every kind any number of devices of one host, or any number of whole hosts. */
static void list_submeshes(const stage_planner *planner, alpa_arena *arena, alpa_stage_problem *problem) {
  ALPA_VEC(alpa_submesh) submeshes = {0};
  for (uint32_t kind = 0; kind < planner->n_clusters; kind++) {
    int64_t per_host = planner->clusters[kind].devices_per_host, n_all = alpa_cluster_devices(&planner->clusters[kind]);
    for (int64_t n = 1; n <= n_all; n += n < per_host ? 1 : per_host)
      if (is_possible(planner, n, per_host, problem->n_micro_batches))
        alpa_vec_push(arena, &submeshes, (alpa_submesh){kind, n});
  }
  problem->submeshes = submeshes.items;
  problem->n_submeshes = (uint32_t)submeshes.n;
}

static int64_t count_hosts(const alpa_cluster *c, int64_t n) {
  return (n + c->devices_per_host - 1) / c->devices_per_host;
}

int64_t stage_planner_link_time(const stage_planner *planner, uint32_t boundary, const alpa_submesh *from,
                                const alpa_submesh *to, bool is_inside, int64_t n_micro_batches) {
  const alpa_cluster *a = &planner->clusters[from->kind], *b = &planner->clusters[to->kind];
  int64_t n = from->n_devices < to->n_devices ? from->n_devices : to->n_devices;
  double latency = is_inside ? a->intra.latency_s : fmax(a->inter.latency_s, b->inter.latency_s);
  double network = fmin(a->inter.bandwidth * (double)count_hosts(a, from->n_devices),
                        b->inter.bandwidth * (double)count_hosts(b, to->n_devices));
  double bandwidth = is_inside ? a->pair * (double)n : network;
  double bytes = (double)planner->crossing[boundary] / (double)n_micro_batches;
  return (int64_t)(PS * (2 * latency + bytes / bandwidth)) + DISPATCH_PS;
}

/* Before stages are placed two submeshes are sure to be in one host only where there is no other. */
static bool is_one_host(const stage_planner *planner, const alpa_submesh *a, const alpa_submesh *b) {
  return a->kind == b->kind && planner->clusters[a->kind].hosts == 1;
}

static void list_links(const stage_planner *planner, alpa_arena *arena, alpa_stage_problem *problem) {
  uint32_t n = problem->n_submeshes;
  int64_t *links = alpa_arena_new(arena, int64_t, (size_t)problem->n_layers * n * n);
  for (uint32_t l = 0; l < problem->n_layers; l++)
    for (uint32_t i = 0; i < n * n; i++)
      links[l * n * n + i] = stage_planner_link_time(
          planner, l, &problem->submeshes[i / n], &problem->submeshes[i % n],
          is_one_host(planner, &problem->submeshes[i / n], &problem->submeshes[i % n]), problem->n_micro_batches);
  problem->links = links;
}

alpa_status stage_planner_build(stage_planner *planner, alpa_arena *arena, int64_t n_micro_batches,
                                alpa_stage_problem *out_problem) {
  uint32_t n_kinds = planner->n_clusters;
  int64_t *available = alpa_arena_new(arena, int64_t, n_kinds), *per_host = alpa_arena_new(arena, int64_t, n_kinds);
  for (uint32_t k = 0; k < n_kinds; k++) {
    available[k] = alpa_cluster_devices(&planner->clusters[k]);
    per_host[k] = planner->clusters[k].devices_per_host;
  }
  *out_problem = (alpa_stage_problem){.n_layers = planner->n_layers,
                                      .n_kinds = n_kinds,
                                      .available = available,
                                      .limits = planner->memory,
                                      .n_micro_batches = n_micro_batches,
                                      .devices_per_host = per_host};
  list_submeshes(planner, arena, out_problem);
  size_t n_fronts = (size_t)planner->n_layers * planner->n_layers * out_problem->n_submeshes;
  builder b = {planner, arena, out_problem, alpa_arena_new(arena, alpa_stage_front, n_fronts)};
  out_problem->fronts = b.fronts;
  for (uint32_t m = 0; m < out_problem->n_submeshes; m++)
    ALPA_TRY(build_submesh(&b, m));
  list_links(planner, arena, out_problem);
  return ALPA_OK;
}
