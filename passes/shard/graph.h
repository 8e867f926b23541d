/* The sharding problem of a function as a graph: nodes choose, edges pay for changes of state.
 *
 * Nodes are ops (which strategy), arguments and results of the function (which state), loop-carried values (one state
 * for initial value, block argument, yielded value and result), and hubs: a value with several consumers is resharded
 * once and used often, so it has a state between its producer and its consumers.  Every edge prices a reshard of one
 * value; the weight counts how often it happens. */
#ifndef ALPA_PASSES_SHARD_GRAPH_H
#define ALPA_PASSES_SHARD_GRAPH_H

#include "passes/shard/strategies.h"

#define SHARD_NO_NODE UINT32_MAX

typedef enum shard_node_kind { SHARD_ARGUMENT, SHARD_OP, SHARD_HUB, SHARD_CARRIED, SHARD_RESULT } shard_node_kind;

typedef struct shard_node {
  shard_node_kind kind;
  const alpa_op *op;        /* OP */
  const shard_class *class; /* OP */
  const alpa_value *value;  /* all but OP */
  const shard_type *type;   /* all but OP */
  uint32_t n_strategies;
  const uint32_t *states; /* all but OP: [n_strategies] positions in `type` */
  int64_t weight;         /* how often it runs in a step */
} shard_node;

/* Where a value comes from, as its consumers see it. */
typedef struct shard_value {
  const shard_type *type; /* NULL: free, had in any state */
  uint32_t producer;      /* its op, argument or carried node */
  uint32_t hub;           /* or SHARD_NO_NODE */
} shard_value;

typedef struct shard_edge {
  uint32_t from, to;
  uint32_t table;
  const uint32_t *rows, *columns; /* positions in the type, by strategy of from and of to */
  int64_t weight;
} shard_edge;

typedef struct shard_graph {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  shard_types *types;
  shard_classes *classes;
  alpa_op *func;
  uint32_t n_ops, n_values;
  shard_value *values;            /* by value number */
  uint32_t *op_nodes;             /* by op number */
  const alpa_factor_rule **rules; /* by op number */
  ALPA_VEC(shard_node) nodes;
  ALPA_VEC(shard_edge) edges;
  uint32_t *result_nodes;    /* by result of the function: its RESULT node, or that of the argument it is donated to */
  shard_state *free_results; /* by result: the state of one that is a free value and is not donated to */
} shard_graph;

/* Builds the graph of a function whose calls are inlined; numbers its ops and values. */
alpa_status shard_graph_build(shard_graph *graph, alpa_op *func);

/* The state in which a node has a value: an op node's result, or the node's own state. */
uint32_t shard_graph_state(const shard_graph *graph, uint32_t node, const alpa_value *value, uint32_t strategy);

#endif
