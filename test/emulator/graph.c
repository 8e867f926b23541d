/* Graphs made node by node.  A graph is the list of its nodes in the order in which they were added, which respects
 * every dependency, since a node can only depend on earlier ones; a launch queues them one after the other. */
#include "state.h"

#include <stdlib.h>

alpa_cuda_result cuGraphCreate(alpa_cuda_graph *out_graph, unsigned flags) {
  EMU_ENTER(cuGraphCreate, false);
  if (flags)
    return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_graph graph = emu_alloc(sizeof *graph);
  graph->last = &graph->first;
  *out_graph = graph;
  return ALPA_CUDA_SUCCESS;
}

static void destroy_nodes(alpa_cuda_graph_node node) {
  while (node) {
    alpa_cuda_graph_node next = node->next;
    emu_op_destroy(node->op);
    free(node);
    node = next;
  }
}

alpa_cuda_result cuGraphDestroy(alpa_cuda_graph graph) {
  EMU_ENTER(cuGraphDestroy, false);
  destroy_nodes(graph->first);
  free(graph);
  return ALPA_CUDA_SUCCESS;
}

static alpa_cuda_graph_node find_node(alpa_cuda_graph_node first, uint32_t number) {
  while (first && first->number != number)
    first = first->next;
  return first;
}

static alpa_cuda_result add_node(alpa_cuda_graph graph, const alpa_cuda_graph_node *dependencies, size_t n,
                                 const emu_op *op, alpa_cuda_graph_node *out_node) {
  for (size_t k = 0; k < n; k++)
    if (find_node(graph->first, dependencies[k]->number) != dependencies[k])
      return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_graph_node node = emu_alloc(sizeof *node);
  node->number = graph->n_nodes++;
  node->op = emu_op_clone(op);
  *graph->last = node;
  graph->last = &node->next;
  *out_node = node;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphAddKernelNode_v2(alpa_cuda_graph_node *out_node, alpa_cuda_graph graph,
                                         const alpa_cuda_graph_node *dependencies, size_t n_dependencies,
                                         const alpa_cuda_kernel_node *kernel) {
  EMU_ENTER(cuGraphAddKernelNode_v2, true);
  emu_op op;
  alpa_cuda_result result = emu_kernel_op(kernel, &op);
  if (result)
    return result;
  result = add_node(graph, dependencies, n_dependencies, &op, out_node);
  free(op.parameters);
  return result;
}

alpa_cuda_result cuGraphAddMemcpyNode(alpa_cuda_graph_node *out_node, alpa_cuda_graph graph,
                                      const alpa_cuda_graph_node *dependencies, size_t n_dependencies,
                                      const alpa_cuda_copy_3d *copy, alpa_cuda_context context) {
  EMU_ENTER(cuGraphAddMemcpyNode, true);
  emu_op op;
  alpa_cuda_result result = context ? emu_copy_op(copy, &op) : ALPA_CUDA_INVALID_VALUE;
  return result ? result : add_node(graph, dependencies, n_dependencies, &op, out_node);
}

alpa_cuda_result cuGraphInstantiateWithFlags(alpa_cuda_graph_exec *out_exec, alpa_cuda_graph graph,
                                             unsigned long long flags) {
  EMU_ENTER(cuGraphInstantiateWithFlags, true);
  if (flags)
    return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_graph_exec exec = emu_alloc(sizeof *exec);
  alpa_cuda_graph_node *last = &exec->first;
  for (alpa_cuda_graph_node from = graph->first; from; from = from->next) {
    *last = emu_alloc(sizeof **last);
    (*last)->number = from->number;
    (*last)->op = emu_op_clone(from->op);
    last = &(*last)->next;
  }
  *out_exec = exec;
  return ALPA_CUDA_SUCCESS;
}

/* Launches that are queued keep what they were launched with. */
static alpa_cuda_result replace(alpa_cuda_graph_exec exec, alpa_cuda_graph_node node, const emu_op *op) {
  alpa_cuda_graph_node at = find_node(exec->first, node->number);
  if (!at || at->op->run != op->run || at->op->function != op->function)
    return ALPA_CUDA_INVALID_VALUE;
  emu_op_destroy(at->op);
  at->op = emu_op_clone(op);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphExecKernelNodeSetParams_v2(alpa_cuda_graph_exec exec, alpa_cuda_graph_node node,
                                                   const alpa_cuda_kernel_node *kernel) {
  EMU_ENTER(cuGraphExecKernelNodeSetParams_v2, true);
  emu_op op;
  alpa_cuda_result result = emu_kernel_op(kernel, &op);
  if (result)
    return result;
  result = replace(exec, node, &op);
  free(op.parameters);
  return result;
}

alpa_cuda_result cuGraphExecMemcpyNodeSetParams(alpa_cuda_graph_exec exec, alpa_cuda_graph_node node,
                                                const alpa_cuda_copy_3d *copy, alpa_cuda_context context) {
  EMU_ENTER(cuGraphExecMemcpyNodeSetParams, true);
  emu_op op;
  alpa_cuda_result result = context ? emu_copy_op(copy, &op) : ALPA_CUDA_INVALID_VALUE;
  return result ? result : replace(exec, node, &op);
}

alpa_cuda_result cuGraphLaunch(alpa_cuda_graph_exec exec, alpa_cuda_stream stream) {
  EMU_ENTER(cuGraphLaunch, true);
  for (alpa_cuda_graph_node node = exec->first; node; node = node->next)
    emu_enqueue(emu_stream(stream), node->op);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphExecDestroy(alpa_cuda_graph_exec exec) {
  EMU_ENTER(cuGraphExecDestroy, false);
  destroy_nodes(exec->first);
  free(exec);
  return ALPA_CUDA_SUCCESS;
}
