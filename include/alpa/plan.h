/* alpa: clusters, plans of programs on them, and the cache that keeps plans. */
#ifndef ALPA_PLAN_H
#define ALPA_PLAN_H

#include "alpa/module.h"

#ifdef __cplusplus
extern "C" {
#endif

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
  const char *mesh;    /* shape of the logical mesh, "2x4"; NULL: one axis, or as "auto" finds best on several hosts */
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

/* ---- the plan cache ---- */

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
