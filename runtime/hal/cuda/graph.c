/* Graphs: straight lists of launches and copies that the driver takes as one.
 *
 * Between two operations that need the host (collectives, transfers, tests, loops) everything is known when the program
 * is loaded but for addresses of arguments and results.  The first time a device comes to such a list it issues the
 * operations one by one, since most programs that run once are not worth a graph; then it makes a chain of nodes, and
 * from then on launches that.  Where addresses have moved, the nodes that have them get new parameters.  What the
 * driver refuses is issued one by one for ever; the reason is kept. */
#include <stdio.h>
#include <string.h>

#include "runtime/hal/cuda/engine.h"

enum { LEAST_NODES = 2, MOST_NODES = ALPA_FLIGHT_ENTRIES / 2 };

/* ---- loading ---------------------------------------------------------------------------------------------------- */

/* Where operations are that are jumped to. */
static bool *find_targets(alpa_executable *e) {
  const alpa_operations *program = &e->program;
  bool *is_target = alpa_arena_new(&e->arena, bool, program->n_operations + 1);
  for (size_t i = 0; i < program->n_operations; i++) {
    const alpa_operation *operation = &program->operations[i];
    if (operation->kind == ALPA_OPERATION_BRANCH)
      for (uint32_t t = 0; t < operation->index; t++)
        is_target[program->targets[operation->target + t]] = true;
    else
      is_target[operation->target] = true;
  }
  return is_target;
}

static bool is_straight(const alpa_operation *operation) {
  return operation->kind == ALPA_OPERATION_RUN || (operation->kind == ALPA_OPERATION_COPY && operation->count > 0);
}

static void add_list(alpa_executable *e, uint32_t first, uint32_t n) {
  alpa_cuda_code *code = e->code;
  const alpa_operation *last = &e->program.operations[first + n - 1];
  uint32_t first_ref = e->program.operations[first].first_ref;
  if (n < LEAST_NODES)
    return;
  code->operations[first].list = (uint32_t)code->lists.n + 1;
  alpa_cuda_list list = {first, n, first_ref, last->first_ref + last->n_refs - first_ref};
  alpa_vec_push(&e->arena, &code->lists, list);
}

void alpa_cuda_graphs_load(alpa_executable *e) {
  alpa_cuda_code *code = e->code;
  const alpa_cuda_engine *engine = e->mesh->engine;
  const bool *is_target = find_targets(e);
  uint32_t first = 0, n_operations = (uint32_t)e->program.n_operations;
  for (uint32_t i = 0; i < n_operations; i++) {
    bool is_in = is_straight(&e->program.operations[i]);
    if (is_in && !is_target[i] && i - first < MOST_NODES)
      continue;
    if (i > first)
      add_list(e, first, i - first);
    first = is_in ? i : i + 1;
  }
  code->graphs = alpa_arena_new(&e->arena, alpa_cuda_graph_use *, engine->n_gpus);
  for (uint32_t d = 0; d < engine->n_gpus; d++) {
    code->graphs[d] = alpa_arena_new(&e->arena, alpa_cuda_graph_use, code->lists.n);
    for (size_t l = 0; l < code->lists.n && alpa_device_mesh_is_local(e->mesh, d); l++) {
      code->graphs[d][l].nodes = alpa_arena_new(&e->arena, alpa_cuda_graph_node, code->lists.items[l].n);
      code->graphs[d][l].addresses = alpa_arena_new(&e->arena, char *, code->lists.items[l].n_refs);
    }
  }
  if (e->mesh->no_graphs)
    snprintf(code->no_graphs, sizeof code->no_graphs, "they are turned off");
}

static void destroy(const alpa_cuda_driver *driver, alpa_cuda_graph_use *use) {
  if (use->exec)
    driver->cuGraphExecDestroy(use->exec);
  if (use->graph)
    driver->cuGraphDestroy(use->graph);
  use->exec = NULL;
  use->graph = NULL;
}

void alpa_cuda_graphs_unload(alpa_cuda_engine *engine, alpa_cuda_code *code) {
  for (uint32_t d = 0; code->graphs && d < engine->n_gpus; d++)
    for (size_t l = 0; l < code->lists.n; l++)
      destroy(&engine->driver, &code->graphs[d][l]);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------ */

/* What a node stands for: a copy, or a launch. */
typedef struct node_source {
  const alpa_operation *operation;
  alpa_cuda_kernel_node kernel;
  alpa_cuda_copy_3d copy;
} node_source;

static alpa_cuda_result describe(alpa_cuda_gpu *gpu, uint32_t at, node_source *out) {
  const alpa_operation *operation = &gpu->engine->executable->program.operations[at];
  char *const *operands = gpu->operands + operation->first_ref;
  *out = (node_source){.operation = operation};
  if (operation->kind == ALPA_OPERATION_RUN)
    return alpa_cuda_gpu_describe(gpu, at, &out->kernel);
  size_t bytes = (size_t)operation->count;
  out->copy = (alpa_cuda_copy_3d){
      .from = {.memory = ALPA_CUDA_MEMORY_DEVICE, .device = (uintptr_t)operands[1], .pitch = bytes, .height = 1},
      .to = {.memory = ALPA_CUDA_MEMORY_DEVICE, .device = (uintptr_t)operands[0], .pitch = bytes, .height = 1},
      .width_bytes = bytes,
      .height = 1,
      .depth = 1};
  return operands[0] == operands[1] ? ALPA_CUDA_INVALID_VALUE : ALPA_CUDA_SUCCESS;
}

static alpa_cuda_result add_node(alpa_cuda_gpu *gpu, alpa_cuda_graph_use *use, const alpa_cuda_list *list, uint32_t i) {
  const alpa_cuda_driver *driver = &gpu->engine->driver;
  const alpa_cuda_graph_node *before = i ? &use->nodes[i - 1] : NULL;
  node_source source;
  alpa_cuda_result result = describe(gpu, list->first + i, &source);
  if (result != ALPA_CUDA_SUCCESS)
    return result;
  if (source.operation->kind == ALPA_OPERATION_RUN)
    return driver->cuGraphAddKernelNode_v2(&use->nodes[i], use->graph, before, i > 0, &source.kernel);
  return driver->cuGraphAddMemcpyNode(&use->nodes[i], use->graph, before, i > 0, &source.copy, gpu->context);
}

static alpa_cuda_result build(alpa_cuda_gpu *gpu, alpa_cuda_graph_use *use, const alpa_cuda_list *list) {
  const alpa_cuda_driver *driver = &gpu->engine->driver;
  alpa_cuda_result result = driver->cuGraphCreate(&use->graph, 0);
  for (uint32_t i = 0; i < list->n && result == ALPA_CUDA_SUCCESS; i++)
    result = add_node(gpu, use, list, i);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuGraphInstantiateWithFlags(&use->exec, use->graph, 0);
  if (result == ALPA_CUDA_SUCCESS)
    memcpy(use->addresses, gpu->operands + list->first_ref, list->n_refs * sizeof(char *));
  else
    destroy(driver, use);
  return result;
}

/* Gives the nodes whose operands have moved their new parameters. */
static alpa_cuda_result update(alpa_cuda_gpu *gpu, alpa_cuda_graph_use *use, const alpa_cuda_list *list) {
  const alpa_cuda_driver *driver = &gpu->engine->driver;
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  if (memcmp(use->addresses, gpu->operands + list->first_ref, list->n_refs * sizeof(char *)) == 0)
    return result;
  for (uint32_t i = 0; i < list->n && result == ALPA_CUDA_SUCCESS; i++) {
    const alpa_operation *operation = &gpu->engine->executable->program.operations[list->first + i];
    char *const *now = gpu->operands + operation->first_ref;
    char **then = use->addresses + (operation->first_ref - list->first_ref);
    node_source source;
    if (memcmp(now, then, operation->n_refs * sizeof(char *)) == 0)
      continue;
    result = describe(gpu, list->first + i, &source);
    if (result == ALPA_CUDA_SUCCESS)
      result = operation->kind == ALPA_OPERATION_RUN
                   ? driver->cuGraphExecKernelNodeSetParams_v2(use->exec, use->nodes[i], &source.kernel)
                   : driver->cuGraphExecMemcpyNodeSetParams(use->exec, use->nodes[i], &source.copy, gpu->context);
    memcpy(then, now, operation->n_refs * sizeof(char *));
  }
  if (result != ALPA_CUDA_SUCCESS)
    destroy(driver, use);
  return result;
}

void alpa_cuda_graphs_describe(const alpa_executable *e, alpa_graph_use *out_use) {
  const alpa_cuda_code *code = e->code;
  const alpa_device_range local = e->mesh->local;
  *out_use = (alpa_graph_use){.reason = code->no_graphs};
  for (uint32_t d = local.first; d < local.first + local.n; d++)
    for (size_t l = 0; l < code->lists.n; l++) {
      const alpa_cuda_graph_use *use = &code->graphs[d][l];
      out_use->n_launches += use->n_launches;
      out_use->n_operations += use->n_launches * code->lists.items[l].n;
      out_use->reason = use->hindrance ? use->hindrance : out_use->reason;
    }
}

/* ---- in a step -------------------------------------------------------------------------------------------------- */

/* Why nothing is a graph in this step, or NULL. */
static const char *find_hindrance(const alpa_cuda_gpu *gpu, const alpa_cuda_list *list) {
  const alpa_cuda_engine *engine = gpu->engine;
  uint64_t issued = atomic_load(&gpu->issued);
  if (engine->options.trace)
    return "operations are timed one by one";
  if (engine->mesh->poison)
    return "with --poison operations run one by one";
  if (gpu->fault_at >= issued && gpu->fault_at - issued < list->n)
    return "a fault is injected";
  return NULL;
}

static void refuse(const alpa_cuda_gpu *gpu, alpa_cuda_graph_use *use, alpa_cuda_result result) {
  alpa_cuda_code *code = gpu->engine->executable->code;
  const char *name = NULL;
  gpu->engine->driver.cuGetErrorName(result, &name);
  use->is_refused = true;
  pthread_mutex_lock(&gpu->engine->lock);
  snprintf(code->no_graphs, sizeof code->no_graphs, "the driver refuses one: %s", name ? name : "unknown error");
  pthread_mutex_unlock(&gpu->engine->lock);
}

const alpa_cuda_list *alpa_cuda_graph_prepare(alpa_cuda_gpu *gpu) {
  alpa_cuda_code *code = gpu->engine->executable->code;
  uint32_t number = code->operations[gpu->at].list;
  if (number == 0 || gpu->engine->mesh->no_graphs)
    return NULL;
  const alpa_cuda_list *list = &code->lists.items[number - 1];
  alpa_cuda_graph_use *use = &code->graphs[gpu->number][number - 1];
  const char *hindrance = find_hindrance(gpu, list);
  if (hindrance || use->is_refused || use->n_runs++ == 0) {
    use->hindrance = hindrance;
    return NULL;
  }
  alpa_cuda_result result = use->exec ? update(gpu, use, list) : ALPA_CUDA_SUCCESS;
  if (!use->exec)
    result = build(gpu, use, list);
  if (result != ALPA_CUDA_SUCCESS)
    refuse(gpu, use, result);
  return result == ALPA_CUDA_SUCCESS ? list : NULL;
}

alpa_cuda_result alpa_cuda_graph_launch(alpa_cuda_gpu *gpu, const alpa_cuda_list *list) {
  alpa_cuda_code *code = gpu->engine->executable->code;
  alpa_cuda_graph_use *use = &code->graphs[gpu->number][list - code->lists.items];
  use->n_launches++;
  return gpu->engine->driver.cuGraphLaunch(use->exec, gpu->stream);
}
