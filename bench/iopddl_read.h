/* Reads an instance of the IOPDDL contest (ASPLOS 2025): JSON, plain or compressed by gzip. */
#ifndef ALPA_BENCH_IOPDDL_READ_H
#define ALPA_BENCH_IOPDDL_READ_H

#include "passes/solver/problem.h"

/* The problem lives in the arena; equal cost lists become one table.  Errors are located in the file. */
ALPA_MUST_USE alpa_status iopddl_read(const char *path, alpa_arena *arena, alpa_diag *diag,
                                      alpa_solver_problem *out_problem);

#endif
