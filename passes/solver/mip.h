/* A mixed-integer program and the solver that takes it: a module that is opened on first use, so that only programs
 * that need it load it. */
#ifndef ALPA_PASSES_SOLVER_MIP_H
#define ALPA_PASSES_SOLVER_MIP_H

#include "support/arena.h"
#include "support/status.h"

/* Minimise objective * x for lower <= x <= upper, row_lower <= A x <= row_upper; A by columns. */
typedef struct alpa_mip {
  int n_columns, n_rows;
  const int *starts; /* [n_columns + 1] into rows and values */
  const int *rows;
  const double *values;
  const double *lower, *upper, *objective; /* [n_columns] */
  const double *row_lower, *row_upper;     /* [n_rows] */
  int n_integers;                          /* the first columns are integer */
  const int *start_columns;                /* columns that are 1 in a known solution, or NULL */
  int n_start;
  double cutoff;  /* only solutions below are wanted; infinite: any */
  int most_nodes; /* of branch and bound */
  double seconds; /* 0: no limit */
} alpa_mip;

typedef struct alpa_mip_answer {
  double *solution; /* [n_columns], the caller's */
  bool has_solution, is_optimal, is_infeasible;
  double bound;
  int n_nodes;
} alpa_mip_answer;

/* What a module exports under the name alpa_mip_solver. */
typedef struct alpa_mip_solver {
  const char *name;
  alpa_status (*solve)(const alpa_mip *mip, alpa_mip_answer *answer);
} alpa_mip_solver_module;

/* The solver in alpa-cbc.so of a directory (NULL: `alpa/` beside the object that contains this function), or NULL and
 * in *out_reason (in the arena) why not. */
const alpa_mip_solver_module *alpa_mip_load(const char *directory, alpa_arena *arena, const char **out_reason);

#endif
