/* The commands of `alpa`: one settings structure, one function each. */
#ifndef ALPA_DRIVER_TOOL_COMMAND_H
#define ALPA_DRIVER_TOOL_COMMAND_H

#include "driver/tool/tensors.h"

typedef struct alpa_tool_specifications {
  const char **items;
  size_t n, cap;
} alpa_tool_specifications;

/* What the command line said; zeroed is its default. */
typedef struct alpa_tool_settings {
  const char *file;
  const char *cluster, *mesh, *method, *pipeline, *memory; /* memory in GiB */
  const char *schedule, *remat, *stage_options, *batch;
  const char *plan, *init, *output, *expected, *rtol, *atol, *backend, *arith, *cache, *deadline, *target, *processes;
  const char *trace;
  alpa_tool_specifications inputs;
  int64_t steps, workers, repetitions, stages, micro_batches, layers;
  bool local_statistics, json, no_cache, no_cuda_graphs, profile, verify, poison, verbose, help, version, simulate;
} alpa_tool_settings;

/* Exit statuses of the tool. */
enum { ALPA_EXIT_OK, ALPA_EXIT_FAILURE, ALPA_EXIT_USAGE };

int alpa_tool_plan(const alpa_tool_settings *settings);
int alpa_tool_compile(const alpa_tool_settings *settings);
int alpa_tool_run(const alpa_tool_settings *settings);
int alpa_tool_bench(const alpa_tool_settings *settings);
int alpa_tool_cache(const alpa_tool_settings *settings);
int alpa_tool_calibrate(const alpa_tool_settings *settings);
int alpa_tool_devices(const alpa_tool_settings *settings);

/* ---- what the commands share (session.c) ---- */

/* A context, the program read from a file, and its plan; or a package and what it says of its plan. */
typedef struct alpa_tool_session {
  const alpa_tool_settings *settings;
  alpa_context *context;
  alpa_tool_text text; /* of the file, for messages */
  alpa_module *module;
  alpa_plan *plan;
  alpa_package *package;     /* then module and plan are NULL */
  const char *backend;       /* that executes: "host", "cuda" or "interpreter" */
  alpa_processes *processes; /* of the job that runs it; NULL: this one alone */
  alpa_plan_info info;
} alpa_tool_session;

/* The program of --init, planned so that its results lie where the session's plan wants its leading arguments. */
typedef struct alpa_tool_init {
  alpa_tool_text text;
  alpa_module *module;
  alpa_plan *plan;
} alpa_tool_init;

/* A context whose messages go to stderr. */
alpa_context *alpa_tool_context_create(void);
/* Opens the file (or the plan file in its stead) and plans it; a package is only read. */
bool alpa_tool_session_open(const alpa_tool_settings *settings, alpa_tool_session *session);
/* The same for a program in memory, which messages call `name`. */
bool alpa_tool_session_open_text(const alpa_tool_settings *settings, const char *name, const char *text,
                                 alpa_tool_session *session);
/* `failed` ends the other processes of the job, too. */
void alpa_tool_session_close(alpa_tool_session *session, bool failed);
bool alpa_tool_init_open(const alpa_tool_session *session, alpa_tool_init *init);
void alpa_tool_init_close(alpa_tool_init *init);
bool alpa_tool_module_read(alpa_context *context, const char *path, alpa_tool_text *text, alpa_module **out_module);
/* The options that the settings mean; method NULL takes the settings' own. */
alpa_compile_options alpa_tool_compile_options(const alpa_tool_settings *settings, const char *method);
/* $XDG_CACHE_HOME/alpa, ~/.cache/alpa, --cache; NULL where caching is off. */
const char *alpa_tool_cache_directory(const alpa_tool_settings *settings);
/* Progress for a person who looks on: printed to stderr where that is a terminal. */
void alpa_tool_progress(const char *what);
/* "1.5 GiB" and the like; `buffer` holds 32. */
const char *alpa_tool_bytes(int64_t bytes, char *buffer);

#endif
