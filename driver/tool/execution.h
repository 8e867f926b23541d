/* A program being executed by a command: where its arguments come from and where its results are. */
#ifndef ALPA_DRIVER_TOOL_EXECUTION_H
#define ALPA_DRIVER_TOOL_EXECUTION_H

#include "driver/tool/command.h"

typedef struct alpa_tool_argument {
  alpa_tensor_info info;
  const void *data;  /* dense, borrowed; NULL where --init or a donation provides it */
  int64_t slices;    /* of a stream; 0: the same data every step */
  alpa_array *array; /* host backend: what the next step takes */
  void *memory;      /* interpreter: the same, owned */
} alpa_tool_argument;

typedef struct alpa_tool_result {
  alpa_tensor_info info;
  bool is_donated; /* takes an argument's place */
  uint32_t argument;
  alpa_array *array; /* host backend */
  void *memory;      /* interpreter */
} alpa_tool_result;

typedef struct alpa_tool_execution {
  const alpa_tool_session *session;
  alpa_devices *devices; /* NULL for the interpreter */
  alpa_program *program;
  alpa_program_info info;
  bool field;
  uint32_t n_arguments, n_results, n_initialised; /* arguments that --init provided */
  uint32_t n_own_results;                         /* the leading ones; the others are there for checks */
  alpa_tool_argument *arguments;
  alpa_tool_result *results;
  alpa_program_run_options run; /* host backend: how steps are run */
} alpa_tool_execution;

/* Compiles the session's plan, and runs --init where it is given. */
bool alpa_tool_execution_open(alpa_tool_execution *execution, const alpa_tool_session *session);
void alpa_tool_execution_close(alpa_tool_execution *execution);
/* One step on slice `step` of every stream; results of the step before are released or become arguments. */
bool alpa_tool_execution_step(alpa_tool_execution *execution, int64_t step, double *out_time_ms);
/* Arguments of zeros serve where no input is given: time does not depend on values. */
void alpa_tool_execution_fill(alpa_tool_execution *execution);
/* n steps after two to get warm: milliseconds, ascending. */
bool alpa_tool_execution_measure(alpa_tool_execution *execution, double *times, size_t n);
/* The value of a result after a step; data is the caller's.  Field elements of floats are of type ui64. */
bool alpa_tool_execution_read(const alpa_tool_execution *execution, uint32_t result, alpa_tool_tensor *out_value);
/* Runs the program's checks on the last step's results; all of them, though one fails.  Not in field arithmetic. */
bool alpa_tool_execution_check(const alpa_tool_execution *execution);
/* Compares the last step's results with --expected_output; explains the first difference of each. */
bool alpa_tool_execution_compare(const alpa_tool_execution *execution, const alpa_tool_settings *settings);

#endif
