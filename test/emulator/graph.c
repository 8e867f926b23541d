/* Graphs by stream capture.  A graph is the list of its operations in the order of capture, which respects every
 * dependency; a launch carries them out one after the other. */
#include "state.h"

#include <stdlib.h>

bool emu_graph_join(alpa_cuda_graph graph, alpa_cuda_stream stream) {
  if (stream->capture == graph)
    return true;
  if (stream->capture || graph->n_streams == (int)countof(graph->streams))
    return false;
  stream->capture = graph;
  graph->streams[graph->n_streams++] = stream;
  return true;
}

alpa_cuda_result cuStreamBeginCapture_v2(alpa_cuda_stream stream, unsigned mode) {
  EMU_ENTER(cuStreamBeginCapture_v2, true);
  if (!stream || stream->capture || mode > 2)
    return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_graph graph = emu_alloc(sizeof *graph);
  graph->last = &graph->first;
  emu_graph_join(graph, stream);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamEndCapture(alpa_cuda_stream stream, alpa_cuda_graph *out_graph) {
  EMU_ENTER(cuStreamEndCapture, true);
  alpa_cuda_graph graph = stream ? stream->capture : NULL;
  if (!graph || graph->streams[0] != stream)
    return ALPA_CUDA_INVALID_VALUE;
  for (int k = 0; k < graph->n_streams; k++)
    graph->streams[k]->capture = NULL;
  graph->n_streams = 0;
  *out_graph = graph;
  return ALPA_CUDA_SUCCESS;
}

static void destroy_ops(emu_op *op) {
  while (op) {
    emu_op *next = op->next;
    emu_op_destroy(op);
    op = next;
  }
}

alpa_cuda_result cuGraphDestroy(alpa_cuda_graph graph) {
  EMU_ENTER(cuGraphDestroy, false);
  destroy_ops(graph->first);
  free(graph);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphInstantiateWithFlags(alpa_cuda_graph_exec *out_exec, alpa_cuda_graph graph,
                                             unsigned long long flags) {
  EMU_ENTER(cuGraphInstantiateWithFlags, true);
  if (flags)
    return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_graph_exec exec = emu_alloc(sizeof *exec);
  exec->references = 1;
  emu_op **last = &exec->first;
  for (const emu_op *op = graph->first; op; op = op->next) {
    *last = emu_op_clone(op);
    last = &(*last)->next;
  }
  *out_exec = exec;
  return ALPA_CUDA_SUCCESS;
}

void emu_graph_exec_release(alpa_cuda_graph_exec exec) {
  if (--exec->references)
    return;
  destroy_ops(exec->first);
  free(exec);
}

static void run_graph(const emu_op *launch, alpa_cuda_context device) {
  for (const emu_op *op = launch->graph->first; op; op = op->next)
    op->run(op, device);
}

alpa_cuda_result cuGraphLaunch(alpa_cuda_graph_exec exec, alpa_cuda_stream stream) {
  EMU_ENTER(cuGraphLaunch, true);
  emu_enqueue(emu_stream(stream), &(emu_op){.run = run_graph, .graph = exec});
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphExecDestroy(alpa_cuda_graph_exec exec) {
  EMU_ENTER(cuGraphExecDestroy, false);
  emu_graph_exec_release(exec);
  return ALPA_CUDA_SUCCESS;
}
