/* The integer program of intra-operator parallelism: problem in, assignment and certified bound out.
 *
 * Choose one strategy s_i for every node i so that
 *
 *     sum_i cost_i[s_i]  +  sum_e weight_e * table_e[rows_e[s_from], columns_e[s_to]]          is least, and
 *     sum over the segments alive at t of usage[s_i]  <=  limit                                at every time t.
 *
 * The form is that of the contest of ASPLOS 2025 (IOPDDL).  The solver knows nothing of tensors.  It is deterministic:
 * budgets are counted in sweeps, steps and nodes, and ties are broken by index; only the benchmark passes a clock. */
#ifndef ALPA_PASSES_SOLVER_PROBLEM_H
#define ALPA_PASSES_SOLVER_PROBLEM_H

#include "support/arena.h"
#include "support/diag.h"

__extension__ typedef __int128 alpa_int128;

/* A cost (of a strategy, or an entry of a table) of at least this much forbids the choice. */
#define ALPA_SOLVER_INFINITE INT64_C(1000000000000000000)
/* The limit of a problem without one. */
#define ALPA_SOLVER_UNLIMITED INT64_MAX

/* Usage over the half-open interval [begin, end) of times; begin >= end uses nothing. */
typedef struct alpa_solver_segment {
  int64_t begin, end;
  const int64_t *usage; /* [n_strategies of the node], each >= 0 */
} alpa_solver_segment;

typedef struct alpa_solver_node {
  uint32_t n_strategies; /* at least 1 */
  uint32_t n_segments;
  const int64_t *costs; /* [n_strategies], may be negative */
  const alpa_solver_segment *segments;
} alpa_solver_node;

/* A table of costs that any number of edges share; share them: the solver's work is counted in distinct tables. */
typedef struct alpa_solver_table {
  uint32_t n_rows, n_columns;
  const int64_t *costs; /* [n_rows][n_columns], may be negative */
} alpa_solver_table;

/* Parallel edges between the same two nodes add up. */
typedef struct alpa_solver_edge {
  uint32_t from, to; /* different nodes */
  uint32_t table;
  const uint32_t *rows;    /* [strategies of from]: the row of each; NULL: row s for strategy s */
  const uint32_t *columns; /* [strategies of to], likewise */
  int64_t weight;          /* at least 1: multiplies the finite entries (trip counts) */
} alpa_solver_edge;

/* Borrowed by the solver.  The sum over nodes and edges of their largest finite magnitude must stay below
 * a quarter of ALPA_SOLVER_INFINITE, so that no sum overflows; usages likewise below 2^62. */
typedef struct alpa_solver_problem {
  const alpa_solver_node *nodes;
  const alpa_solver_table *tables;
  const alpa_solver_edge *edges;
  uint32_t n_nodes, n_tables, n_edges;
  int64_t limit; /* on the usage at any time; ALPA_SOLVER_UNLIMITED for none */
} alpa_solver_problem;

/* X(id, name, what it does) */
#define ALPA_SOLVER_REDUCTION_TABLE(X)                                                                                 \
  X(CONSISTENCY, "consistency", "drops strategies that are forbidden or have no finite partner on some edge")          \
  X(PARALLEL, "parallel", "adds parallel edges up, moves row and column minima into the nodes, drops constant edges")  \
  X(CONTRACT, "contract",                                                                                              \
    "merges a node into its neighbour where each strategy of that admits exactly one of its own")                      \
  X(DOMINATE, "dominate", "drops strategies that another one beats on every edge and in every segment")                \
  X(TIME, "time", "keeps only times at which the limit can be broken and no other time is always worse")               \
  X(ELIMINATE, "eliminate", "eliminates nodes of degree at most two that use nothing")                                 \
  X(FOLD, "fold", "solves identical components that use nothing once")

typedef enum alpa_solver_reduction {
#define X(id, name, summary) ALPA_SOLVER_##id,
  ALPA_SOLVER_REDUCTION_TABLE(X)
#undef X
      ALPA_SOLVER_REDUCTION_COUNT
} alpa_solver_reduction;

/* The fraction of the time budget that is gone; at least 1 stops the solver soon.  Called from any thread. */
typedef double alpa_solver_clock_fn(void *user);

typedef struct alpa_solver_options {
  uint32_t reductions;       /* mask of 1 << alpa_solver_reduction */
  uint32_t n_threads;        /* 1 or 2 */
  uint32_t n_sweeps;         /* of message passing in the problem without limit */
  uint32_t n_dual_steps;     /* of the multipliers of the limit */
  uint32_t n_neighbourhoods; /* per thread, in the search under the limit */
  uint32_t n_branch_nodes;   /* of branch and bound on the dual */
  uint32_t branch_size;   /* finite pairs up to which the rest is branched on; eight times as many below 1000 nodes */
  uint32_t n_exact_nodes; /* branch-and-bound nodes of one call of Cbc; 0: never call it */
  uint32_t exact_size;    /* finite pairs up to which Cbc then gets what is still open */
  double gap;             /* relative; the search ends where (cost - bound) / |cost| is at most this; 0: optimal */
  uint64_t seed;
  const char *module_directory; /* of alpa-cbc.so; NULL: `alpa/` beside the object that contains the solver */
  alpa_solver_clock_fn *clock;  /* NULL: none, and the result depends on the input alone; else it replaces the counts */
  void *clock_user;
  double clock_seconds; /* that one unit of the clock stands for */
  alpa_place place;     /* where diagnostics point */
} alpa_solver_options;

typedef struct alpa_solver_stats {
  uint32_t n_core_nodes, n_core_edges; /* with a choice left after reduction */
  uint32_t n_core_tables;              /* distinct */
  uint32_t n_core_times;               /* at which the limit can be broken */
  uint64_t n_core_pairs;               /* finite pairs over the edges */
  uint32_t n_sweeps, n_dual_steps, n_neighbourhoods, n_accepted;
  uint32_t n_branch_nodes;
  uint32_t n_exact_calls, n_exact_nodes, n_exact_rows; /* of Cbc */
} alpa_solver_stats;

typedef struct alpa_solver_result {
  uint32_t *assignment;    /* [n_nodes], in the arena of the call */
  alpa_int128 cost, bound; /* bound <= every feasible cost, proven in integer arithmetic unless `exact` */
  bool optimal;            /* cost == bound */
  bool exact;              /* the bound is Cbc's, which is proven to about 1e-9 of the cost */
  alpa_solver_stats stats;
} alpa_solver_result;

/* All reductions, one thread, budgets that suit a problem of the `shard` pass. */
void alpa_solver_options_init(alpa_solver_options *options);

/* Checks what the comments above demand; reports the first violation. */
ALPA_MUST_USE alpa_status alpa_solver_verify(const alpa_solver_problem *problem, alpa_diag *diag, alpa_place place);

/* The exact cost; at least ALPA_SOLVER_INFINITE where a forbidden choice was made. */
alpa_int128 alpa_solver_cost(const alpa_solver_problem *problem, const uint32_t *assignment);

/* The highest usage at any time, and (out_time may be NULL) the first time it occurs; scratch for temporaries. */
int64_t alpa_solver_peak(const alpa_solver_problem *problem, const uint32_t *assignment, alpa_arena *scratch,
                         int64_t *out_time);

/* Solves the problem; diag and options are borrowed during the call, scratch memory comes from arena->memory.
 * ALPA_INFEASIBLE where no assignment is finite and within the limit, with a diagnostic that says which node or by how
 * much; ALPA_INVALID_ARGUMENT as verify.  ALPA_DEADLINE_EXCEEDED where the budget ended before a feasible assignment
 * was found.  A missing Cbc is a remark, never an error. */
ALPA_MUST_USE alpa_status alpa_solver_solve(const alpa_solver_problem *problem, const alpa_solver_options *options,
                                            alpa_diag *diag, alpa_arena *arena, alpa_solver_result *out_result);

#endif
