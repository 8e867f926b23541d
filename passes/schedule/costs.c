/* Collects the segments of every stage (dialects/alpa/alpa.h has the wiring), prices their ops, and plans each
 * transfer. The life of a value that passes between segments of a stage follows from the phases that make and use it.
 */
#include "passes/schedule/costs.h"

#include <math.h>
#include <string.h>

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "passes/cost/local.h"
#include "passes/outline/segments.h"
#include "passes/outline/submesh.h"
#include "passes/transfer/tiling.h"
#include "support/hash.h"

/* A value that segments of a stage share, or that they have as an argument of the program. */
typedef struct wire {
  int64_t bytes;
  uint32_t made, used; /* bits of phases; received is made where it is first used */
  bool is_fixed;       /* argument of the program */
} wire;

/* A value that leaves or enters a stage. */
typedef struct port {
  const alpa_attr *name;
  const alpa_op *func;
  const alpa_attr *sharding;
  const alpa_type *type; /* global */
  uint32_t stage;
  alpa_phase phase;
  bool in_body;
} port;

typedef struct stage {
  const alpa_mesh *mesh;
  alpa_submesh submesh;
  alpa_cost_model model;
  alpa_map numbers; /* name (interned attribute) -> 1 + number of its wire */
  ALPA_VEC(wire) wires;
} stage;

typedef struct collector {
  alpa_arena *arena;
  const alpa_cluster *cluster;
  const alpa_schedule *schedule;
  stage *stages;
  alpa_stage_cost *costs;
  ALPA_VEC(port) sends, receives;
  ALPA_VEC(alpa_stage_edge) edges;
} collector;

/* ---- segments ---------------------------------------------------------------------------------------------------- */

static wire *get_wire(collector *c, stage *at, const alpa_attr *name, const alpa_type *type) {
  bool is_new;
  uint64_t *number = alpa_map_insert(c->arena, &at->numbers, (uintptr_t)name, &is_new);
  if (is_new) {
    alpa_vec_push(c->arena, &at->wires, (wire){.bytes = alpa_type_bytes(type)});
    *number = at->wires.n;
  }
  return &at->wires.items[*number - 1];
}

/* The type before it was made local. */
static const alpa_type *global_type(const alpa_attr *attr, const alpa_type *local) {
  return attr && attr->kind == ALPA_ATTR_TYPE ? attr->type : local;
}

static bool is_body(const alpa_attr *phase) {
  return phase && phase->kind == ALPA_ATTR_STRING && phase->string.size == 4 &&
         memcmp(phase->string.data, "body", 4) == 0;
}

static void read_argument(collector *c, uint32_t s, alpa_phase phase, const alpa_op *func, uint32_t i) {
  stage *at = &c->stages[s];
  const alpa_value *value = alpa_func_entry(func)->args[i];
  const alpa_attr *argument = alpa_func_find_arg_attr(func, i, ALPA_ARGUMENT);
  const alpa_attr *receive = alpa_func_find_arg_attr(func, i, ALPA_RECEIVE);
  const alpa_attr *offset = alpa_func_find_arg_attr(func, i, ALPA_OFFSET);
  const alpa_attr *const slice[] = {argument, offset};
  if (offset)
    argument = alpa_attr_get_array(alpa_op_context(func), slice, 2);
  const alpa_attr *name = argument ? argument : receive ? receive : alpa_func_find_arg_attr(func, i, ALPA_LOCAL);
  if (name == NULL)
    return;
  wire *w = get_wire(c, at, name, value->type);
  bool is_first = w->made == 0 && w->used == 0;
  w->used |= 1u << phase;
  w->is_fixed = w->is_fixed || argument;
  if (receive == NULL || !is_first)
    return;
  w->made |= 1u << phase;
  alpa_vec_push(c->arena, &c->receives,
                (port){.name = receive,
                       .func = func,
                       .sharding = alpa_value_find_sharding(value),
                       .type = global_type(alpa_func_find_arg_attr(func, i, "alpa.global_type"), value->type),
                       .stage = s,
                       .phase = phase,
                       .in_body = is_body(alpa_func_find_arg_attr(func, i, "alpa.phase"))});
}

static void read_result(collector *c, uint32_t s, alpa_phase phase, const alpa_op *func, uint32_t i) {
  const alpa_type *type = alpa_func_type(func)->results.items[i];
  const alpa_attr *send = alpa_func_find_result_attr(func, i, ALPA_SEND);
  const alpa_attr *local = alpa_func_find_result_attr(func, i, ALPA_LOCAL);
  if (local)
    get_wire(c, &c->stages[s], local, type)->made |= 1u << phase;
  if (send)
    alpa_vec_push(c->arena, &c->sends,
                  (port){.name = send,
                         .func = func,
                         .sharding = alpa_func_find_result_sharding(func, i),
                         .type = global_type(alpa_func_find_result_attr(func, i, "alpa.global_type"), type),
                         .stage = s,
                         .phase = phase,
                         .in_body = is_body(alpa_func_find_result_attr(func, i, "alpa.phase"))});
}

/* The kind of task that runs the segments of a phase of the loop's body. */
static alpa_task_kind kind_of(const collector *c, alpa_phase phase) {
  if (phase == ALPA_PHASE_FORWARD)
    return ALPA_TASK_FORWARD;
  bool is_weight = phase == ALPA_PHASE_WEIGHT && c->schedule->kind->has_task[ALPA_TASK_WEIGHT];
  return is_weight ? ALPA_TASK_WEIGHT : ALPA_TASK_BACKWARD;
}

static void price(collector *c, uint32_t s, alpa_phase phase, const alpa_op *func) {
  const stage *at = &c->stages[s];
  alpa_stage_cost *cost = &c->costs[s];
  int64_t ticks = 0, work = alpa_local_work_bytes(c->arena, alpa_func_entry(func));
  for (const alpa_op *op = alpa_func_entry(func)->first; op; op = op->next)
    ticks += alpa_local_cost(&at->model, at->mesh, op);
  double seconds = (double)ticks * 1e-12;
  if (phase == ALPA_PHASE_PROLOGUE || phase == ALPA_PHASE_EPILOGUE) {
    *(phase == ALPA_PHASE_PROLOGUE ? &cost->prologue_s : &cost->epilogue_s) += seconds;
    return;
  }
  alpa_task_kind kind = kind_of(c, phase);
  cost->task_s[kind] += seconds;
  cost->task_bytes[kind] = work > cost->task_bytes[kind] ? work : cost->task_bytes[kind];
}

static alpa_status find_phase(const alpa_op *segment, alpa_phase *out_phase) {
  const alpa_attr *attr = alpa_op_find_attr(segment, "alpa.phase");
  for (int p = 0; attr && attr->kind == ALPA_ATTR_STRING && p < ALPA_PHASE_COUNT; p++) {
    const char *name = alpa_phase_name((alpa_phase)p);
    if (attr->string.size == strlen(name) && memcmp(attr->string.data, name, attr->string.size) == 0) {
      *out_phase = (alpa_phase)p;
      return ALPA_OK;
    }
  }
  return alpa_op_error(segment, "expects alpa.phase to be the phase of a segment, as outline writes it");
}

static alpa_status read_segment(collector *c, uint32_t s, alpa_op *segment) {
  alpa_phase phase = ALPA_PHASE_PROLOGUE;
  alpa_op *func = NULL;
  ALPA_TRY(find_phase(segment, &phase));
  ALPA_TRY(alpa_func_find_main(segment, &func));
  for (uint32_t i = 0; i < alpa_func_entry(func)->n_args; i++)
    read_argument(c, s, phase, func, i);
  for (uint32_t i = 0; i < alpa_func_type(func)->results.n; i++)
    read_result(c, s, phase, func, i);
  price(c, s, phase, func);
  return ALPA_OK;
}

static bool is_module(const alpa_op *op) { return strcmp(op->def->name, "builtin.module") == 0; }

static alpa_status read_stage(collector *c, alpa_op *module) {
  int64_t s = alpa_op_find_integer(module, "alpa.stage", -1);
  if (s < 0 || s >= c->schedule->map->n_stages)
    return alpa_op_error(module, "is stage %lld, where the schedule has %u", (long long)s, c->schedule->map->n_stages);
  stage *at = &c->stages[s];
  ALPA_TRY(alpa_mesh_find(c->arena, module, &at->mesh));
  if (at->mesh == NULL)
    return alpa_op_error(module, "declares no mesh");
  at->submesh = alpa_submesh_of(module);
  alpa_cost_model_init(&at->model, c->cluster, at->mesh);
  for (alpa_op *op = alpa_region_block(&module->regions[0])->first; op; op = op->next)
    if (is_module(op))
      ALPA_TRY(read_segment(c, (uint32_t)s, op));
  return ALPA_OK;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void add_wire(alpa_stage_cost *cost, const wire *w) {
  const uint32_t forward = 1u << ALPA_PHASE_FORWARD, weight = 1u << ALPA_PHASE_WEIGHT;
  const uint32_t body = forward | 1u << ALPA_PHASE_BACKWARD | weight;
  if (w->is_fixed || !(w->made & body) || (w->made & ~body) || (w->used & ~body)) {
    cost->fixed_bytes += w->bytes; /* state, accumulators, what is computed once */
    return;
  }
  cost->activation_bytes += w->made & forward && w->used & ~forward ? w->bytes : 0;
  cost->weight_bytes += !(w->made & weight) && w->used & weight ? w->bytes : 0;
}

/* ---- transfers --------------------------------------------------------------------------------------------------- */

static alpa_status find_tiling(collector *c, const port *p, alpa_tiling *out_tiling) {
  const stage *at = &c->stages[p->stage];
  alpa_sharding sharding;
  if (p->sharding)
    ALPA_TRY(alpa_sharding_decode(c->arena, at->mesh, p->func, p->sharding, &sharding));
  alpa_tiling_build(c->arena, at->mesh, p->sharding ? &sharding : NULL, p->type, (uint32_t)at->submesh.first,
                    out_tiling);
  return ALPA_OK;
}

static alpa_status add_edge(collector *c, const port *from, const port *to) {
  const alpa_cluster *cluster = c->cluster;
  alpa_transfer_problem problem = {.rank = from->type->rank,
                                   .element_bytes = alpa_dtype_get_info(from->type->dtype)->bytes,
                                   .devices_per_host = (uint32_t)cluster->devices_per_host,
                                   .network = {cluster->inter.latency_s, cluster->inter.bandwidth},
                                   .local = {cluster->intra.latency_s, cluster->intra.bandwidth},
                                   .is_direct = cluster->is_host};
  alpa_transfer_plan plan;
  ALPA_TRY(find_tiling(c, from, &problem.from));
  ALPA_TRY(find_tiling(c, to, &problem.to));
  alpa_transfer_plan_build(c->arena, &problem, &plan);
  int64_t bytes = alpa_type_bytes(from->type);
  double latency_s = (plan.network_bytes ? cluster->inter : cluster->intra).latency_s,
         sent_s = plan.makespan_s - latency_s;
  const alpa_stage_edge edge = {.from = from->stage,
                                .to = to->stage,
                                .from_kind = kind_of(c, from->phase),
                                .to_kind = kind_of(c, to->phase),
                                .bytes = bytes,
                                .latency_s = plan.makespan_s > 0 ? latency_s : 0,
                                .bandwidth = sent_s > 0 ? (double)bytes / sent_s : INFINITY};
  alpa_vec_push(c->arena, &c->edges, edge);
  return ALPA_OK;
}

static alpa_status connect(collector *c, bool *out_barrier) {
  alpa_map senders = {0}; /* name -> 1 + number of the port */
  for (size_t i = 0; i < c->sends.n; i++)
    *alpa_map_insert(c->arena, &senders, (uintptr_t)c->sends.items[i].name, NULL) = i + 1;
  for (size_t i = 0; i < c->receives.n; i++) {
    const port *to = &c->receives.items[i];
    const uint64_t *number = alpa_map_find(&senders, (uintptr_t)to->name);
    if (number == NULL)
      return alpa_op_error(to->func, "receives '%.*s', which no stage sends", (int)to->name->string.size,
                           to->name->string.data);
    *out_barrier = *out_barrier || !to->in_body;
    if (to->in_body)
      ALPA_TRY(add_edge(c, &c->sends.items[*number - 1], to));
  }
  return ALPA_OK;
}

/* ---- the costs --------------------------------------------------------------------------------------------------- */

alpa_status alpa_schedule_costs_read(alpa_arena *arena, alpa_op *module, const alpa_cluster *cluster,
                                     const alpa_schedule *schedule, alpa_schedule_costs *out_costs) {
  uint32_t n = schedule->map->n_stages, n_found = 0;
  bool has_barrier = false;
  collector c = {.arena = arena,
                 .cluster = cluster,
                 .schedule = schedule,
                 .stages = alpa_arena_new(arena, stage, n),
                 .costs = alpa_arena_new(arena, alpa_stage_cost, n)};
  for (alpa_op *op = alpa_region_block(&module->regions[0])->first; op; op = op->next)
    if (is_module(op)) {
      ALPA_TRY(read_stage(&c, op));
      n_found++;
    }
  if (n_found != n)
    return alpa_op_error(module, "has programs for %u stages, where the schedule has %u", n_found, n);
  for (uint32_t s = 0; s < n; s++)
    for (size_t i = 0; i < c.stages[s].wires.n; i++)
      add_wire(&c.costs[s], &c.stages[s].wires.items[i]);
  ALPA_TRY(connect(&c, &has_barrier));
  *out_costs = (alpa_schedule_costs){
      .stages = c.costs, .edges = c.edges.items, .n_edges = c.edges.n, .has_barrier = has_barrier};
  return ALPA_OK;
}
