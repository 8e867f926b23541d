/* alpa: plans and runs single-device tensor programs on clusters.
 *
 * The whole public API.  Every function that can fail returns an alpa_status and explains itself through the
 * diagnostic callback of its context; output parameters are written only on success.  Two contexts may be used in
 * two threads at once, one context only by one thread at a time.  The library never exits, never prints, installs no
 * signal handlers and has no mutable global state. */
#ifndef ALPA_ALPA_H
#define ALPA_ALPA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ALPA_VERSION_MAJOR 0
#define ALPA_VERSION_MINOR 1
#define ALPA_VERSION_PATCH 0

#if defined(__GNUC__)
#define ALPA_API __attribute__((visibility("default")))
#define ALPA_MUST_USE __attribute__((warn_unused_result))
#else
#define ALPA_API
#define ALPA_MUST_USE
#endif

/* ---- status -------------------------------------------------------------------------------------------------- */

/* X(id, name, meaning) */
#define ALPA_STATUS_TABLE(X)                                                                                           \
  X(OK, "ok", "success")                                                                                               \
  X(INVALID_ARGUMENT, "invalid-argument", "the input is wrong; a diagnostic says where and why")                       \
  X(NOT_FOUND, "not-found", "a file, symbol or entry does not exist")                                                  \
  X(UNSUPPORTED, "unsupported", "the input is right but this version cannot handle it")                                \
  X(OUT_OF_MEMORY, "out-of-memory", "an allocation failed; nothing was changed")                                       \
  X(INFEASIBLE, "infeasible", "no plan satisfies the constraints")                                                     \
  X(UNAVAILABLE, "unavailable", "a backend or library is not present on this machine")                                 \
  X(IO_ERROR, "io-error", "the operating system refused a read or write")                                              \
  X(DATA_LOSS, "data-loss", "stored data is damaged")                                                                  \
  X(DEADLINE_EXCEEDED, "deadline-exceeded", "a peer did not answer in time")                                           \
  X(ABORTED, "aborted", "another device of the mesh failed")                                                           \
  X(INTERNAL, "internal", "a defect of this library; please report it")                                                \
  X(CHECK_FAILED, "check-failed", "a program that checks itself found a wrong value")

typedef enum alpa_status {
#define X(id, name, meaning) ALPA_##id,
  ALPA_STATUS_TABLE(X)
#undef X
} alpa_status;

/* The status' name in lower case ("invalid-argument"); never NULL. */
ALPA_API const char *alpa_status_name(alpa_status status);

/* ---- data types ---------------------------------------------------------------------------------------------- */

/* One row per element type.
 * X(id, MLIR spelling, bits, class, DLPack type code, safetensors name or "")
 * bits counts both parts of a complex number; 1-bit booleans occupy one byte in memory, and 2- and 4-bit integers and
 * sub-byte floats one byte each as well. */
#define ALPA_DTYPE_TABLE(X)                                                                                            \
  X(I1, "i1", 1, BOOL, 6, "BOOL")                                                                                      \
  X(I2, "i2", 2, INT, 0, "")                                                                                           \
  X(I4, "i4", 4, INT, 0, "")                                                                                           \
  X(I8, "i8", 8, INT, 0, "I8")                                                                                         \
  X(I16, "i16", 16, INT, 0, "I16")                                                                                     \
  X(I32, "i32", 32, INT, 0, "I32")                                                                                     \
  X(I64, "i64", 64, INT, 0, "I64")                                                                                     \
  X(UI2, "ui2", 2, UINT, 1, "")                                                                                        \
  X(UI4, "ui4", 4, UINT, 1, "")                                                                                        \
  X(UI8, "ui8", 8, UINT, 1, "U8")                                                                                      \
  X(UI16, "ui16", 16, UINT, 1, "U16")                                                                                  \
  X(UI32, "ui32", 32, UINT, 1, "U32")                                                                                  \
  X(UI64, "ui64", 64, UINT, 1, "U64")                                                                                  \
  X(F4E2M1FN, "f4E2M1FN", 4, FLOAT, 17, "")                                                                            \
  X(F6E2M3FN, "f6E2M3FN", 6, FLOAT, 15, "")                                                                            \
  X(F6E3M2FN, "f6E3M2FN", 6, FLOAT, 16, "")                                                                            \
  X(F8E3M4, "f8E3M4", 8, FLOAT, 7, "")                                                                                 \
  X(F8E4M3, "f8E4M3", 8, FLOAT, 8, "")                                                                                 \
  X(F8E4M3B11FNUZ, "f8E4M3B11FNUZ", 8, FLOAT, 9, "")                                                                   \
  X(F8E4M3FN, "f8E4M3FN", 8, FLOAT, 10, "F8_E4M3")                                                                     \
  X(F8E4M3FNUZ, "f8E4M3FNUZ", 8, FLOAT, 11, "")                                                                        \
  X(F8E5M2, "f8E5M2", 8, FLOAT, 12, "F8_E5M2")                                                                         \
  X(F8E5M2FNUZ, "f8E5M2FNUZ", 8, FLOAT, 13, "")                                                                        \
  X(F8E8M0FNU, "f8E8M0FNU", 8, FLOAT, 14, "F8_E8M0")                                                                   \
  X(BF16, "bf16", 16, FLOAT, 4, "BF16")                                                                                \
  X(F16, "f16", 16, FLOAT, 2, "F16")                                                                                   \
  X(F32, "f32", 32, FLOAT, 2, "F32")                                                                                   \
  X(F64, "f64", 64, FLOAT, 2, "F64")                                                                                   \
  X(C64, "complex<f32>", 64, COMPLEX, 5, "C64")                                                                        \
  X(C128, "complex<f64>", 128, COMPLEX, 5, "")

typedef enum alpa_dtype {
#define X(id, spelling, bits, class, dlpack, safetensors) ALPA_##id,
  ALPA_DTYPE_TABLE(X)
#undef X
      ALPA_DTYPE_COUNT
} alpa_dtype;

typedef enum alpa_dtype_class {
  ALPA_CLASS_BOOL,
  ALPA_CLASS_INT,
  ALPA_CLASS_UINT,
  ALPA_CLASS_FLOAT,
  ALPA_CLASS_COMPLEX
} alpa_dtype_class;

typedef struct alpa_dtype_info {
  const char *spelling;    /* as MLIR writes it */
  uint32_t bits;           /* of the value */
  uint32_t bytes;          /* one element occupies in memory */
  alpa_dtype_class class_; /* how arithmetic treats it */
  uint8_t dlpack_code;
  const char *safetensors; /* "" where the format has no name */
} alpa_dtype_info;

/* The table row of a data type; never NULL for a valid one. */
ALPA_API const alpa_dtype_info *alpa_dtype_get_info(alpa_dtype dtype);

/* ---- contexts ------------------------------------------------------------------------------------------------ */

/* Structures that the caller fills in begin with their size, so that a later version can add members at the end:
 * initialise them with the macro of the same name, which leaves everything else at its default.  Members beyond the
 * size that the caller knows have their defaults.  The library never writes beyond it either. */

/* As realloc: size 0 frees, pointer NULL allocates, and NULL is returned where there is no memory. */
typedef void *alpa_realloc_fn(void *user, void *pointer, size_t size);

typedef enum alpa_severity { ALPA_NOTE, ALPA_REMARK, ALPA_WARNING, ALPA_ERROR } alpa_severity;

/* One message; a note belongs to the message before it.  Everything lives during the callback only. */
typedef struct alpa_diagnostic {
  size_t struct_size;
  alpa_severity severity;
  const char *file;      /* NULL: the message is about no place */
  uint32_t line, column; /* from 1; line 0: about the whole file */
  const char *message;
  const char
      *rendered; /* "file:line:column: error: message", the source line and a caret, each line with its newline */
} alpa_diagnostic;

typedef void alpa_diagnostic_fn(void *user, const alpa_diagnostic *diagnostic);

/* Owns everything that modules share.  Outlives what is made in it. */
typedef struct alpa_context alpa_context;

typedef struct alpa_context_options {
  size_t struct_size;
  alpa_realloc_fn *realloc; /* NULL: the C library's */
  void *realloc_user;
  alpa_diagnostic_fn *diagnostic; /* NULL: messages are dropped */
  void *diagnostic_user;
  bool allow_unregistered_dialects; /* ops and attributes of unknown dialects are kept instead of refused */
} alpa_context_options;
#define ALPA_CONTEXT_OPTIONS_INIT {sizeof(alpa_context_options), NULL, NULL, NULL, NULL, false}

/* options may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_context_create(const alpa_context_options *options, alpa_context **out_context);
/* context may be NULL. */
ALPA_API void alpa_context_destroy(alpa_context *context);

/* The dialects this library knows, in alphabetical order; NULL beyond the last. */
ALPA_API const char *alpa_dialect_get_name(size_t index);

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

/* ---- clusters ---------------------------------------------------------------------------------------------------- */

typedef struct alpa_cluster_info {
  size_t struct_size;
  uint32_t n_devices, devices_per_host;
  bool is_host;         /* devices are threads of this machine: what is planned for it can be run */
  int64_t memory_bytes; /* that a device may use */
  char device_name[32]; /* cut where it is longer */
} alpa_cluster_info;
#define ALPA_CLUSTER_INFO_INIT {sizeof(alpa_cluster_info), 0, 0, false, 0, ""}

/* What a preset with a count ("host:8", "p3.16xlarge:2") or a JSON file describes. */
ALPA_API ALPA_MUST_USE alpa_status alpa_cluster_get_info(alpa_context *context, const char *cluster,
                                                         alpa_cluster_info *out_info);

/* ---- plans ----------------------------------------------------------------------------------------------------- */

/* How a program is planned and compiled.  Strings are copied. */
typedef struct alpa_compile_options {
  size_t struct_size;
  const char *cluster; /* "host:8", "p3.16xlarge:2" or a JSON file; NULL: "host:1" */
  const char *mesh;    /* shape of the logical mesh, "2x4"; NULL: one axis of all devices */
  /* How shardings are found: "auto" searches for the best plan of the whole step, and is "pipeline" where none fits the
   * memory; "pipeline" searches for the best stages and micro-batches (at least two), each stage on as many devices as
   * suit it; "data", "zero-2", "zero-3" and "largest" are plans by rule; "given" completes what the module's
   * annotations say.  NULL: "auto". */
  const char *method;
  const char *pipeline; /* of passes up to complete shardings, instead of the one that `method` means; NULL: none */
  double memory_gib;    /* that a device may use; 0: what the cluster says */
  /* Where plans and code are kept between processes: a directory that only its owner may write; NULL: nowhere. */
  const char *cache_directory;
  uint32_t compile_threads; /* 0: one per core */
  uint32_t cores;           /* that will execute the program; 0: all */
  /* A pipeline: the program in stages, on equal parts of the devices (`mesh` is then each stage's), and its batch in
   * micro-batches.  stages 0 with micro_batches 0: none, the program as a whole. */
  uint32_t stages, micro_batches; /* one of them 0: 1 */
  uint32_t layers;                /* that stages are made of, at most; 0: twice the stages, at least 8 */
  const char *schedule;           /* "1f1b", "gpipe", "interleaved-1f1b", "zb-h1", "zb-v", "inference"; NULL: "1f1b" */
  /* What the backward pass computes again instead of keeping it: "none", "least" (what makes the fewest bytes be kept,
   * but no contraction), "selective", "layer", "full", or "auto": what the search of stages decides, else none.  NULL:
   * "auto". */
  const char *remat;
  bool local_statistics; /* statistics of the batch may be those of the micro-batch */
  /* Further options of the pass that makes stages, as in the text of a pipeline: of `stage-dp` where "pipeline" searches
   * ("devices=1,2,4 axis=1"), else of `stages`.  For both, "plan=6:2x4,6:8" gives layers and mesh of each stage by hand,
   * instead of `stages` and `mesh`.  NULL: none. */
  const char *stage_options;
} alpa_compile_options;
#define ALPA_COMPILE_OPTIONS_INIT                                                                                      \
  {sizeof(alpa_compile_options), NULL, NULL, NULL, NULL, 0.0, NULL, 0, 0, 0, 0, 0, NULL, NULL, false, NULL}

/* A program with its shardings, for one cluster. */
typedef struct alpa_plan alpa_plan;

typedef struct alpa_plan_info {
  size_t struct_size;
  const char *cluster, *mesh, *key; /* mesh as "a=2 x b=4"; key: hexadecimal, of the plan in the cache */
  uint32_t n_devices;
  bool from_cache;
  double plan_s;              /* what planning took now */
  bool searched;              /* by the integer program; the figures below are known only then */
  bool optimal;               /* proven to be the best plan of the model; of stages: for each of the given stages */
  double cost_s, bound_s;     /* predicted time of a step, and a proven bound on the best one; of stages: the slowest
                                 stage's, without waiting (alpa_plan_simulate has the whole step's) */
  int64_t memory_bytes;       /* predicted peak of one device */
  int64_t memory_limit_bytes; /* what it may use */
  int64_t variables, variables_after_presolve;
  uint32_t n_check_results; /* the last so many results are not the program's: its checks compare them */
  uint32_t n_stages;        /* 0: the program is not cut into stages */
} alpa_plan_info;
#define ALPA_PLAN_INFO_INIT                                                                                            \
  {sizeof(alpa_plan_info), NULL, NULL, NULL, 0, false, 0.0, false, false, 0.0, 0.0, 0, 0, 0, 0, 0, 0}

/* Plans the module's public function.  The module is copied, not changed. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_create(const alpa_module *module, const alpa_compile_options *options,
                                                    alpa_plan **out_plan);
/* plan may be NULL. */
ALPA_API void alpa_plan_destroy(alpa_plan *plan);
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_info(const alpa_plan *plan, alpa_plan_info *out_info);
/* The program with a sharding on every value: text that can be read, edited and planned again with "given". */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_print(const alpa_plan *plan, const alpa_module_print_options *options,
                                                   alpa_write_fn *write, void *user);
/* The plan further on: "sharded" as above, "partitioned" into the program of one device with its collectives, or that
 * as "kernels". */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_print_form(const alpa_plan *plan, const char *form,
                                                        const alpa_module_print_options *options, alpa_write_fn *write,
                                                        void *user);

/* A step of a plan with stages, replayed in virtual time by the cost model. */
typedef struct alpa_simulation_info {
  size_t struct_size;
  double step_s;      /* with what happens once at its ends */
  double bubble;      /* the part of the time in which submeshes wait, from the first task to the last */
  int64_t sent_bytes; /* between submeshes */
  uint32_t n_submeshes, n_microbatches;
  const char *schedule; /* lives as long as the plan */
} alpa_simulation_info;
#define ALPA_SIMULATION_INFO_INIT {sizeof(alpa_simulation_info), 0.0, 0.0, 0, 0, 0, ""}

typedef struct alpa_submesh_info {
  size_t struct_size;
  uint32_t n_stages;
  uint32_t in_flight; /* the most micro-batches, of one stage, whose activations are kept at once */
  double busy_s, bubble;
  int64_t peak_bytes; /* of one device */
} alpa_submesh_info;
#define ALPA_SUBMESH_INFO_INIT {sizeof(alpa_submesh_info), 0, 0, 0.0, 0.0, 0}

/* ALPA_INVALID_ARGUMENT, with a message, where the plan has no stages. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_simulate(const alpa_plan *plan, alpa_simulation_info *out_info);
/* One submesh of that step; ALPA_NOT_FOUND behind the last. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_simulate_submesh(const alpa_plan *plan, uint32_t index,
                                                              alpa_submesh_info *out_info);
/* The step as a picture: a line for each submesh, of at most so many columns. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_simulate_print(const alpa_plan *plan, uint32_t columns,
                                                            alpa_write_fn *write, void *user);
/* The step as a file for Perfetto, as alpa_trace_write writes of a real one. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_simulate_write(const alpa_plan *plan, const char *path);

/* Makes result i of the module's public function lie as argument i of the plan's program does, for all arguments of
 * equal type: what creates the state of a program creates it where that program wants it.  To be called before the
 * module is planned, on the same cluster and mesh.  Of a pipeline, whose stages have meshes of their own, nothing
 * follows: its results are brought there by alpa_program_place_array. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_follow(alpa_module *module, const alpa_plan *plan);
/* Prescribes how an argument or result of the module's public function is split, before the module is planned: as
 * alpa_tensor_info writes it, for every dimension the axes that split it, "data | - | a,b", or "?" where planning may
 * choose.  `mesh` is "2x4" or "data=2,model=4"; the first prescription declares it, the others must agree. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_set_argument_sharding(alpa_module *module, const char *mesh,
                                                                     uint32_t index, const char *sharding);
ALPA_API ALPA_MUST_USE alpa_status alpa_module_set_result_sharding(alpa_module *module, const char *mesh,
                                                                   uint32_t index, const char *sharding);

/* Has what reads an argument run in a stage, before the module is planned with stages: the one where it lies. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_set_argument_stage(alpa_module *module, uint32_t index, uint32_t stage);

/* Says which arguments carry the batch, along dimension 0, before the module is planned with micro-batches or stages;
 * where this is not said, all that are neither scalars nor state, which a result takes the place of. */
ALPA_API ALPA_MUST_USE alpa_status alpa_module_set_batch(alpa_module *module, const uint32_t *arguments, size_t n);

/* One argument or result of a program. */
typedef struct alpa_tensor_info {
  size_t struct_size;
  const char *name; /* the user's, "" where unknown */
  alpa_dtype dtype;
  uint32_t rank;
  const int64_t *dims,
      *local_dims;      /* of the whole, and of one device's part (of slices on several stages: the first) */
  const char *sharding; /* "a | - | b": the axes that split each dimension, "1: a | -" on stage 1 */
  int64_t donated_to;   /* of an argument: the result that takes its place, or -1 */
} alpa_tensor_info;
#define ALPA_TENSOR_INFO_INIT {sizeof(alpa_tensor_info), NULL, ALPA_F32, 0, NULL, NULL, NULL, -1}

ALPA_API uint32_t alpa_plan_count_arguments(const alpa_plan *plan);
ALPA_API uint32_t alpa_plan_count_results(const alpa_plan *plan);
/* ALPA_NOT_FOUND beyond the last.  What is pointed to lives as long as the plan. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_argument(const alpa_plan *plan, uint32_t index,
                                                          alpa_tensor_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_result(const alpa_plan *plan, uint32_t index,
                                                        alpa_tensor_info *out_info);

/* The part of the devices that a stage has, as a mesh.  A plan without stages is one on all devices. */
typedef struct alpa_stage_info {
  size_t struct_size;
  const char *mesh; /* "a=2 x b=4", "" of one device */
  uint32_t first_device, n_devices;
} alpa_stage_info;
#define ALPA_STAGE_INFO_INIT {sizeof(alpa_stage_info), "", 0, 0}

/* ALPA_NOT_FOUND behind the last.  What is pointed to lives as long as the plan. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_stage(const alpa_plan *plan, uint32_t index,
                                                       alpa_stage_info *out_info);

/* What one stage has of an argument or result: all of it, or a slice. */
typedef struct alpa_part_info {
  size_t struct_size;
  uint32_t stage;
  const char *sharding;       /* "a | - | b": the axes of the stage's mesh that split each dimension */
  const int64_t *start;       /* of the part in the whole tensor, for each dimension */
  const int64_t *dims;        /* of the part */
  const int64_t *local_dims;  /* of one device's piece of it */
} alpa_part_info;
#define ALPA_PART_INFO_INIT {sizeof(alpa_part_info), 0, "", NULL, NULL, NULL}

/* The parts of argument (result) `index`, by stage, at least one; ALPA_NOT_FOUND behind the last.  What is pointed to
 * lives as long as the plan. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_argument_part(const alpa_plan *plan, uint32_t index, uint32_t part,
                                                               alpa_part_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_result_part(const alpa_plan *plan, uint32_t index, uint32_t part,
                                                             alpa_part_info *out_info);

/* A program may check itself: calls of `check.expect_eq`, `check.expect_close` or `check.expect_almost_eq` in its main
 * function compare two tensors.  A plan that is made from such a program has the tensors as results instead. */
typedef struct alpa_check_info {
  size_t struct_size;
  const char *name;          /* what is called */
  uint32_t actual, expected; /* the results to compare */
} alpa_check_info;
#define ALPA_CHECK_INFO_INIT {sizeof(alpa_check_info), NULL, 0, 0}

ALPA_API uint32_t alpa_plan_count_checks(const alpa_plan *plan);
/* In program order; ALPA_NOT_FOUND beyond the last. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_check(const alpa_plan *plan, uint32_t index,
                                                       alpa_check_info *out_info);
/* Compares the two results, dense and row-major.  ALPA_CHECK_FAILED where they differ, with a diagnostic at the call:
 * the first different element, both values, and their distance in ULPs. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_run_check(const alpa_plan *plan, uint32_t index, const void *actual,
                                                       const void *expected);

/* One communication of the program, with what causes it. */
typedef struct alpa_communication_info {
  size_t struct_size;
  const char *kind;  /* "all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute" */
  const char *axes;  /* of the mesh, "a" or "a,b" */
  const char *where; /* the value's name or place in the source, "" where unknown */
  int64_t bytes;     /* that one device holds of it before */
  double count;      /* how often in a step */
} alpa_communication_info;
#define ALPA_COMMUNICATION_INFO_INIT {sizeof(alpa_communication_info), NULL, NULL, NULL, 0, 0.0}

/* In program order; ALPA_NOT_FOUND beyond the last. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_get_communication(const alpa_plan *plan, size_t index,
                                                               alpa_communication_info *out_info);

/* ---- devices and programs ---------------------------------------------------------------------------------------- */

/* Processes of one job that run a program together, process k with the k-th of equal blocks of its devices: started by
 * mpirun, srun or the like, on this machine or several.  Every process makes the same calls in the same order. */
typedef struct alpa_processes alpa_processes;

/* Joins the job that this process was started in: by "mpi", or by "tcp:<host>:<port>:<rank>:<number of processes>", an
 * address of process 0, for programs on GPUs. */
ALPA_API ALPA_MUST_USE alpa_status alpa_processes_open(alpa_context *context, const char *name,
                                                       alpa_processes **out_processes);
/* After all devices of them.  With `failed` the whole job ends at once, unsuccessfully; the call may not return then.
 * processes may be NULL. */
ALPA_API void alpa_processes_close(alpa_processes *processes, bool failed);
/* This process' number, and how many there are. */
ALPA_API uint32_t alpa_processes_get_rank(const alpa_processes *processes);
ALPA_API uint32_t alpa_processes_count(const alpa_processes *processes);
/* The bytes of the process `root` for all.  ALPA_ABORTED where one is lost. */
ALPA_API ALPA_MUST_USE alpa_status alpa_processes_broadcast(alpa_processes *processes, void *data, size_t bytes,
                                                            uint32_t root);

/* The devices that execute programs: the cores of this machine as a mesh of devices, or its GPUs. */
typedef struct alpa_devices alpa_devices;

typedef struct alpa_devices_options {
  size_t struct_size;
  uint32_t n_devices;
  uint32_t workers;    /* threads that run them, the caller's included; 0: one per core */
  double deadline_s;   /* a device that makes no progress for so long is lost; 0: 60 */
  bool poison;         /* fill unwritten memory and padding with NaN patterns */
  const char *backend; /* "host" or "cuda"; NULL: host */
  /* As many as devices, or on GPUs so many that each has equally many.  Reading an array gives all of them the whole
   * tensor.  NULL: all devices are in this process. */
  alpa_processes *processes;
  /* Where what GPUs assemble of programs is kept between processes: as in alpa_compile_options.  NULL: nowhere. */
  const char *cache_directory;
  bool no_graphs; /* on GPUs operations are launched one by one, never as CUDA graphs */
} alpa_devices_options;
#define ALPA_DEVICES_OPTIONS_INIT {sizeof(alpa_devices_options), 1, 0, 0.0, false, NULL, NULL, NULL, false}

ALPA_API ALPA_MUST_USE alpa_status alpa_devices_create(alpa_context *context, const alpa_devices_options *options,
                                                       alpa_devices **out_devices);
/* After everything that uses them; devices may be NULL. */
ALPA_API void alpa_devices_destroy(alpa_devices *devices);
/* Bytes of device 0: of temporaries, of live arrays, and the largest sum so far. */
ALPA_API void alpa_devices_get_memory(const alpa_devices *devices, int64_t *out_temporary, int64_t *out_arrays,
                                      int64_t *out_peak);

/* A compiled program on its devices. */
typedef struct alpa_program alpa_program;
/* A tensor on the devices. */
typedef struct alpa_array alpa_array;

typedef struct alpa_program_info {
  size_t struct_size;
  bool from_cache;
  double compile_s;        /* what compiling took now */
  uint32_t n_kernels;      /* different ones */
  int64_t temporary_bytes; /* of one device */
  int64_t code_bytes;
  /* On GPUs, of the devices of this process in all steps so far: launches of CUDA graphs, operations in them, and why
   * other straight lists of operations were launched one by one ("" where none was). */
  uint64_t n_graph_launches, n_graph_operations;
  const char *graph_reason;
} alpa_program_info;
#define ALPA_PROGRAM_INFO_INIT {sizeof(alpa_program_info), false, 0.0, 0, 0, 0, 0, 0, ""}

/* Compiles the plan for this machine and loads it.  The devices must be as many as the plan's. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_create(const alpa_plan *plan, alpa_devices *devices,
                                                       alpa_program **out_program);
/* program may be NULL. */
ALPA_API void alpa_program_destroy(alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_info(const alpa_program *program, alpa_program_info *out_info);

/* What a program says of itself, as its plan does. */
ALPA_API uint32_t alpa_program_count_arguments(const alpa_program *program);
ALPA_API uint32_t alpa_program_count_results(const alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_argument(const alpa_program *program, uint32_t index,
                                                             alpa_tensor_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_result(const alpa_program *program, uint32_t index,
                                                           alpa_tensor_info *out_info);
ALPA_API uint32_t alpa_program_count_checks(const alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_check(const alpa_program *program, uint32_t index,
                                                          alpa_check_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run_check(const alpa_program *program, uint32_t index,
                                                          const void *actual, const void *expected);

/* An array in the placement of an argument; `data` is row-major and dense, of the argument's type, and is copied. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_create_array(const alpa_program *program, uint32_t argument,
                                                             const void *data, alpa_array **out_array);
/* The array in the placement of an argument, as a new reference: the array itself where it lies so already, else a new
 * one, copied from device to device. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_place_array(const alpa_program *program, uint32_t argument,
                                                            alpa_array *array, alpa_array **out_array);
/* One step.  The arguments keep the caller's references; donated ones are empty afterwards.  Results are new
 * references, one per result. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run(alpa_program *program, alpa_array *const *arguments,
                                                    alpa_array **out_results);

/* One operation that a device has executed: a kernel, a copy or a collective.  Lives during the callback only. */
typedef struct alpa_operation_event {
  size_t struct_size;
  uint32_t device;
  uint32_t operation; /* its number in the program: equal in every step and on every device */
  const char *name;   /* of the kernel or collective, or "copy", "while", "branch" */
  const char *where;  /* the place in the source, "" where unknown */
  double seconds;     /* of a collective: with the time that it waited for others */
  double flops;       /* 0 where unknown */
  int64_t bytes;      /* that it reads and writes; 0 where unknown */
  double start_s;     /* when it began, by a clock that all devices share */
} alpa_operation_event;

typedef void alpa_operation_fn(void *user, const alpa_operation_event *event);

typedef struct alpa_program_run_options {
  size_t struct_size;
  /* Called after every operation, in the thread that executed it: at the same time for different devices.  NULL: not */
  alpa_operation_fn *observe;
  void *user;
} alpa_program_run_options;
#define ALPA_PROGRAM_RUN_OPTIONS_INIT {sizeof(alpa_program_run_options), NULL, NULL}

/* The same, with options, which may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run_with(alpa_program *program, const alpa_program_run_options *options,
                                                         alpa_array *const *arguments, alpa_array **out_results);

/* A record of what the devices of a program do: run steps with alpa_trace_add as the observer and the trace as its
 * user, one at a time, then write it as a file for Perfetto (ui.perfetto.dev) or chrome://tracing.  It is used before
 * the program is destroyed, and no longer than its context. */
typedef struct alpa_trace alpa_trace;
ALPA_API ALPA_MUST_USE alpa_status alpa_trace_create(const alpa_program *program, alpa_trace **out_trace);
/* trace may be NULL. */
ALPA_API void alpa_trace_destroy(alpa_trace *trace);
/* An observer. */
ALPA_API void alpa_trace_add(void *trace, const alpa_operation_event *event);
/* All processes of a job call it, process 0 writes.  Fails, with a message, where the file cannot be written or memory
 * for an event was not there. */
ALPA_API ALPA_MUST_USE alpa_status alpa_trace_write(const alpa_trace *trace, const char *path);

/* The program's plan evaluated by the reference interpreter instead, on as many interpreted devices: arguments and
 * results are dense row-major memory.  In field arithmetic floats are elements of a prime field, and any right plan
 * gives the same bits as the program on one device; `key` chooses the functions that stand for exp and the like. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_interpret(const alpa_plan *plan, bool field, uint64_t key,
                                                       const void *const *arguments, void *const *results);

ALPA_API alpa_array *alpa_array_retain(alpa_array *array);
/* array may be NULL. */
ALPA_API void alpa_array_release(alpa_array *array);
/* Releases n arrays, some of which may be NULL. */
ALPA_API void alpa_arrays_release(alpa_array *const *arrays, size_t n);
/* Bytes of the whole tensor. */
ALPA_API int64_t alpa_array_global_bytes(const alpa_array *array);
/* Gathers the tensor to dense row-major memory. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_read_array(const alpa_program *program, const alpa_array *array,
                                                           void *out_data);

/* The same by DLPack: tensors of this host, dense and row-major, of DLPack 1. */
struct DLManagedTensorVersioned;
/* Copies the tensor into the placement of an argument, and on success calls its deleter. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_import_array(const alpa_program *program, uint32_t argument,
                                                             struct DLManagedTensorVersioned *tensor,
                                                             alpa_array **out_array);
/* A read-only view where device 0 holds the whole tensor (it keeps the array alive), else a gathered copy.  Any thread
 * may call its deleter at any time; the array is then released by a later call that makes one. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_export_array(const alpa_program *program, const alpa_array *array,
                                                             struct DLManagedTensorVersioned **out_tensor);

/* ---- packages ---------------------------------------------------------------------------------------------------- */

/* A compiled program as a file: machine code for one target and all that running it needs.  libalpa-runtime, which has
 * no compiler, reads and runs packages with the functions of this section, those of contexts without modules, and
 * those of devices, programs and arrays. */
typedef struct alpa_package alpa_package;

/* The programs in a package: the program itself, and one that makes its leading arguments. */
typedef enum alpa_part { ALPA_PART_PROGRAM, ALPA_PART_INIT } alpa_part;

typedef struct alpa_package_options {
  size_t struct_size;
  const char *target;    /* "host": this machine's processor; "sm_80", "sm_90a": GPUs.  NULL: host */
  const char *name;      /* of the program, for messages; NULL: "" */
  const alpa_plan *init; /* made after alpa_module_follow; NULL: none */
} alpa_package_options;
#define ALPA_PACKAGE_OPTIONS_INIT {sizeof(alpa_package_options), NULL, NULL, NULL}

/* Compiles the plan for the target, or finds it in the cache, and writes the package. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_write_package(const alpa_plan *plan, const alpa_package_options *options,
                                                           alpa_write_fn *write, void *user);

/* Whether the bytes claim to be a package. */
ALPA_API bool alpa_package_detect(const void *data, size_t size);
/* Reads and checks a package; data is copied.  `name` is used in messages.  ALPA_DATA_LOSS where it is damaged,
 * ALPA_UNSUPPORTED where another version wrote it. */
ALPA_API ALPA_MUST_USE alpa_status alpa_package_read(alpa_context *context, const char *name, const void *data,
                                                     size_t size, alpa_package **out_package);
/* package may be NULL. */
ALPA_API void alpa_package_destroy(alpa_package *package);

typedef struct alpa_package_info {
  size_t struct_size;
  const char *name, *cluster, *mesh; /* as the plan says */
  const char *target;                /* "host:<cpu>:..." or "ptx:<architecture>:..." */
  const char *backend;               /* that runs it: "host" or "cuda" */
  uint32_t n_devices;
  uint32_t n_check_results; /* the last so many results are not the program's: its checks compare them */
  bool has_init;
} alpa_package_info;
#define ALPA_PACKAGE_INFO_INIT {sizeof(alpa_package_info), NULL, NULL, NULL, NULL, NULL, 0, 0, false}

/* What is pointed to lives as long as the package. */
ALPA_API ALPA_MUST_USE alpa_status alpa_package_get_info(const alpa_package *package, alpa_package_info *out_info);
/* Loads a program of the package on devices of the same context, which must be as many as it is for.  ALPA_NOT_FOUND
 * where the package has no such part, ALPA_UNSUPPORTED where it was compiled for other devices.  The program does not
 * need the package any more. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_load(const alpa_package *package, alpa_part part, alpa_devices *devices,
                                                     alpa_program **out_program);

/* ---- the plan cache ------------------------------------------------------------------------------------------------
 */

/* One entry of a cache directory. */
typedef struct alpa_cache_entry {
  size_t struct_size;
  const char *name, *kind; /* kind: "plan", "image" or "cubin" */
  int64_t bytes;
  int64_t used_s; /* last use, in seconds since 1970 */
  bool damaged;
} alpa_cache_entry;

typedef alpa_status alpa_cache_entry_fn(void *user, const alpa_cache_entry *entry);

/* Visits all entries; with `verify` their contents are checked. */
ALPA_API ALPA_MUST_USE alpa_status alpa_cache_list(alpa_context *context, const char *directory, bool verify,
                                                   alpa_cache_entry_fn *visit, void *user);
/* Removes the entry of that name, or all where it is NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_cache_remove(alpa_context *context, const char *directory, const char *name);

#ifdef __cplusplus
}
#endif
#endif
