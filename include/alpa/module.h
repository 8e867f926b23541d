/* alpa: programs as modules of the IR, and the passes that change them. */
#ifndef ALPA_MODULE_H
#define ALPA_MODULE_H

#include "alpa/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- modules ------------------------------------------------------------------------------------------------- */

/* A program: MLIR's builtin.module. */
typedef struct alpa_module alpa_module;

/* Receives text in pieces; a status other than ALPA_OK ends the operation with that status. */
typedef alpa_status alpa_write_fn(void *user, const char *text, size_t size);

typedef struct alpa_module_parse_options {
  size_t struct_size;
  const char *name;    /* of the text, for messages; NULL: "-" */
  uint32_t first_line; /* the number of its first line; 0: 1 */
  bool skip_verify;    /* the caller verifies */
  /* Receives the pipeline of the text's {-# mlir_reproducer #-} trailer, or NULL where it has none; lives as long as
   * the context.  May be NULL. */
  const char **out_reproducer_pipeline;
  bool keeps_text; /* the caller keeps the text as long as the context: later messages show its lines too */
} alpa_module_parse_options;
#define ALPA_MODULE_PARSE_OPTIONS_INIT {sizeof(alpa_module_parse_options), NULL, 0, false, NULL, false}

/* Reads MLIR text, pretty or generic form, and verifies it.  options may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_parse(alpa_context *context, const char *text, size_t size,
                                                     const alpa_module_parse_options *options,
                                                     alpa_module **out_module);
/* module may be NULL. */
ALPA_API void alpa_module_destroy(alpa_module *module);

typedef struct alpa_module_print_options {
  size_t struct_size;
  bool generic;           /* the form that every MLIR tool reads */
  bool debug_info;        /* with locations */
  bool local_scope;       /* locations in place instead of aliases at the end */
  bool skip_regions;      /* ops without what is inside them */
  int64_t elide_elements; /* constants of more elements print as dense_resource<__elided__>; 0: never */
  int64_t hex_elements;   /* constants of more elements print as hexadecimal digits; 0: the default, 100 */
} alpa_module_print_options;
#define ALPA_MODULE_PRINT_OPTIONS_INIT {sizeof(alpa_module_print_options), false, false, false, false, 0, 0}

/* A module that has been through the pass `codegen` is printed as its code.  options may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_print(const alpa_module *module,
                                                     const alpa_module_print_options *options, alpa_write_fn *write,
                                                     void *user);
ALPA_API ALPA_MUST_USE alpa_status alpa_module_verify(alpa_module *module);

/* 128 bits that are equal for programs that differ in names and locations only, in every process and machine. */
typedef struct alpa_fingerprint {
  uint64_t low, high;
} alpa_fingerprint;
ALPA_API ALPA_MUST_USE alpa_status alpa_module_get_fingerprint(const alpa_module *module,
                                                               alpa_fingerprint *out_fingerprint);

/* ---- pipelines ----------------------------------------------------------------------------------------------- */

/* A list of passes, nested by the ops they run on, with their options. */
typedef struct alpa_pipeline alpa_pipeline;

/* Reads a pipeline: "builtin.module(inline,func.func(cse,canonicalize{max-iterations=3}),any(cse))". */
ALPA_API ALPA_MUST_USE alpa_status alpa_pipeline_parse(alpa_context *context, const char *text,
                                                       alpa_pipeline **out_pipeline);
/* pipeline may be NULL. */
ALPA_API void alpa_pipeline_destroy(alpa_pipeline *pipeline);
/* The pipeline as text, every option with its value; parses to an equal one.  Lives as long as the pipeline; NULL
 * where memory is exhausted. */
ALPA_API const char *alpa_pipeline_get_text(alpa_pipeline *pipeline);

/* Where a run stands: one pass on one op. */
typedef struct alpa_pass_event {
  size_t struct_size;
  size_t step;              /* element of the pipeline, for alpa_pipeline_get_step */
  const char *pass;         /* its name */
  const char *op;           /* name of the op it runs on: "func.func" */
  const char *symbol;       /* the symbol of that op, or NULL */
  const char *const *path;  /* "builtin.module", "jit_step", "func.func", "main": op names and symbols, outermost first;
                               a  symbol may be NULL */
  size_t path_length;       /* number of ops in it; the array has twice as many items */
  alpa_status status;       /* of the pass, in `after` */
  const struct alpa_op *ir; /* the op, for alpa_event_print */
} alpa_pass_event;

/* Called around every pass of a run; each may be NULL.  The module must not be changed. */
typedef struct alpa_pass_observer {
  size_t struct_size;
  void *user;
  void (*before)(void *user, const alpa_pass_event *event);
  void (*after)(void *user, const alpa_pass_event *event);
} alpa_pass_observer;

/* Prints the op of an event, or the whole module that it is in. */
ALPA_API ALPA_MUST_USE alpa_status alpa_pass_event_print(const alpa_pass_event *event, bool whole_module,
                                                         const alpa_module_print_options *options, alpa_write_fn *write,
                                                         void *user);
ALPA_API ALPA_MUST_USE alpa_status alpa_pass_event_get_fingerprint(const alpa_pass_event *event,
                                                                   alpa_fingerprint *out_fingerprint);

typedef struct alpa_pipeline_run_options {
  size_t struct_size;
  bool skip_verify; /* does not verify after every pass */
  const alpa_pass_observer *observer;
} alpa_pipeline_run_options;
#define ALPA_PIPELINE_RUN_OPTIONS_INIT {sizeof(alpa_pipeline_run_options), false, NULL}

/* Runs the pipeline.  After a failure the module is valid memory in an unspecified state.  options may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_pipeline_run(alpa_pipeline *pipeline, alpa_module *module,
                                                     const alpa_pipeline_run_options *options);

typedef struct alpa_statistic {
  const char *name, *help;
  int64_t value;
} alpa_statistic;

/* One element of a pipeline, with what all its runs together took. */
typedef struct alpa_step_info {
  size_t struct_size;
  const char *name; /* of the pass, or of the op that a nested pipeline runs on */
  bool is_pass;
  size_t depth; /* of nesting; the outermost pipeline has 0 */
  size_t n_runs;
  double seconds;
  const alpa_statistic *statistics; /* live as long as the pipeline, until its next run */
  size_t n_statistics;
  const char *text; /* of the element, with its options, as in the text of the pipeline; lives as long as it */
} alpa_step_info;
#define ALPA_STEP_INFO_INIT {sizeof(alpa_step_info), NULL, false, 0, 0, 0.0, NULL, 0, NULL}

/* Elements are numbered in the order of the text, nested pipelines before what is in them; the outermost is 0.
 * ALPA_NOT_FOUND beyond the last. */
ALPA_API ALPA_MUST_USE alpa_status alpa_pipeline_get_step(alpa_pipeline *pipeline, size_t index,
                                                          alpa_step_info *out_info);

/* ---- what passes there are ----------------------------------------------------------------------------------- */

typedef struct alpa_pass_info {
  size_t struct_size;
  const char *name, *summary;
  const char *anchor;    /* the op it runs on; NULL: any that is isolated from above */
  const char *expansion; /* of a named pipeline: what it stands for; NULL for a pass */
  size_t n_options;
  size_t n_statistics;
} alpa_pass_info;
#define ALPA_PASS_INFO_INIT {sizeof(alpa_pass_info), NULL, NULL, NULL, NULL, 0, 0}

typedef struct alpa_pass_option_info {
  size_t struct_size;
  const char *name, *help;
  const char *kind;    /* "bool", "int", "double", "string", "list" */
  const char *initial; /* the default as text */
} alpa_pass_option_info;
#define ALPA_PASS_OPTION_INFO_INIT {sizeof(alpa_pass_option_info), NULL, NULL, NULL, NULL}

/* Passes and, after them, named pipelines, in documentation order; ALPA_NOT_FOUND beyond the last. */
ALPA_API ALPA_MUST_USE alpa_status alpa_pass_get_info(size_t index, alpa_pass_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_pass_get_option(size_t index, size_t option, alpa_pass_option_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_pass_get_statistic(size_t index, size_t statistic,
                                                           alpa_statistic *out_statistic);

#ifdef __cplusplus
}
#endif
#endif
