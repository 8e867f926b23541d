/* What a pass is: one file that ends in one constant descriptor, listed as one row of a passes.def.
 *
 *   typedef struct shard_options { int64_t max_strategies; const char *solver; } shard_options;
 *   #define FIELD(field) offsetof(shard_options, field)
 *   static const alpa_option_def options[] = {
 *       {"max-strategies", "strategies enumerated per op", ALPA_OPTION_INT, FIELD(max_strategies), "64", .min = 1},
 *       {"solver", "who solves the integer program", ALPA_OPTION_STRING, FIELD(solver), "auto", .choices = solvers},
 *       {0}};
 *   #undef FIELD
 *   enum { STRATEGIES, CUTS };
 *   static const alpa_statistic_def statistics[] = {
 *       [STRATEGIES] = {"strategies", "strategies enumerated"}, [CUTS] = {"cuts", "memory rows added"}, {0}};
 *   const alpa_pass_def alpa_pass_shard = {.name = "shard", ..., .run = run};
 *
 * The manager parses and prints options, checks and records properties, verifies, times, counts and prints. */
#ifndef ALPA_PASSES_PASS_H
#define ALPA_PASSES_PASS_H

#include "dialects/ir/context.h"
#include "dialects/ir/op.h"

/* ---- options ---- */

typedef struct alpa_strings {
  const char *const *items;
  size_t n;
} alpa_strings;

typedef enum alpa_option_kind {
  ALPA_OPTION_BOOL,   /* bool */
  ALPA_OPTION_INT,    /* int64_t */
  ALPA_OPTION_DOUBLE, /* double */
  ALPA_OPTION_STRING, /* const char *, never NULL */
  ALPA_OPTION_STRINGS /* alpa_strings; written a,b,c */
} alpa_option_kind;

typedef struct alpa_option_def {
  const char *name, *help; /* kebab-case; what it does, without a period */
  alpa_option_kind kind;
  size_t offset;              /* of the field, in the pass's options */
  const char *initial;        /* the default as text; NULL is false, 0, "" or the empty list */
  int64_t min, max;           /* of an INT; both 0: no bounds; max 0: no upper bound */
  const char *const *choices; /* of a STRING, ends with NULL; NULL: any text */
} alpa_option_def;

/* ---- properties ---- */

/* What a module has become.  They stand in the module itself, as the attribute `alpa.properties = ["layers", ...]`
 * that the manager keeps, so that compilation can stop and go on at any pass and a plan can be written by hand.
 * X(ID, "name", "the pass that establishes it") */
#define ALPA_PROPERTY_TABLE(X)                                                                                         \
  X(LAYERS, "layers", "cluster-layers")                                                                                \
  X(TIME, "time", "microbatch")                                                                                        \
  X(STAGES, "stages", "stage-dp")                                                                                      \
  X(SHARDINGS, "shardings", "shard")                                                                                   \
  X(OUTLINED, "outlined", "outline")                                                                                   \
  X(COLLECTIVES, "collectives", "insert-collectives")                                                                  \
  X(SCHEDULE, "schedule", "schedule")                                                                                  \
  X(KERNELS, "kernels", "fuse")

enum alpa_property_bit {
#define X(ID, name, pass) ALPA_PROPERTY_BIT_##ID,
  ALPA_PROPERTY_TABLE(X)
#undef X
      ALPA_PROPERTY_COUNT
};

enum alpa_property {
#define X(ID, name, pass) ALPA_HAS_##ID = 1 << ALPA_PROPERTY_BIT_##ID,
  ALPA_PROPERTY_TABLE(X)
#undef X
      ALPA_HAS_ALL = (1 << ALPA_PROPERTY_COUNT) - 1
};

typedef struct alpa_property_def {
  const char *name, *pass;
} alpa_property_def;
extern const alpa_property_def alpa_property_defs[ALPA_PROPERTY_COUNT]; /* by bit */

/* The mask that the module's attribute says; names that are no property are ignored. */
uint32_t alpa_properties_get(const alpa_module *module);
/* Writes it; an empty mask removes the attribute. */
void alpa_properties_set(alpa_module *module, uint32_t mask);

/* ---- the pass ---- */

typedef struct alpa_statistic_def {
  const char *name, *help;
} alpa_statistic_def;

/* What the host of a pipeline gives to its passes beside the IR; every member may be NULL. */
typedef struct alpa_pass_services {
  const struct alpa_cluster *cluster; /* the cluster to plan for; NULL: the pass's own option says */
  const struct alpa_profile *profile; /* measured costs */
  const char *module_directory;       /* where the modules alpa-cbc and alpa-llvm are; NULL: beside the library */
} alpa_pass_services;

typedef struct alpa_pass_context {
  alpa_arena *arena; /* scratch, freed when the pass returns */
  alpa_diag *diag;
  int64_t *counters;                  /* by ordinal of the pass's statistics; sums over all runs */
  const alpa_pass_services *services; /* never NULL */
} alpa_pass_context;

/* Changes the IR inside `op` (itself and its attributes included, its operands and results not) and nothing else:
 * the anchor named by the definition, or, for a pass on any op, an isolated one.  A failure has been reported. */
typedef alpa_status alpa_pass_fn(alpa_op *op, const void *options, alpa_pass_context *pass);

typedef struct alpa_pass_def {
  const char *name, *summary;     /* kebab-case; what it does, without a period */
  const char *anchor;             /* "builtin.module", "func.func"; NULL: any isolated op */
  const alpa_option_def *options; /* ends with a NULL name; NULL: none */
  size_t options_size;
  const alpa_statistic_def *statistics; /* ends with a NULL name; NULL: none */
  uint32_t
    requires,
  preserves, establishes; /* masks of alpa_property */
  alpa_pass_fn *run;
} alpa_pass_def;

/* ---- registry ---- */

/* A list of passes as one directory offers it: made from its passes.def, rows PASS(id) that name alpa_pass_<id>. */
typedef struct alpa_pass_list {
  const alpa_pass_def *const *items;
  size_t n;
} alpa_pass_list;

/* A pipeline with a name, usable wherever a pass is. */
typedef struct alpa_pipeline_def {
  const char *name, *summary, *text; /* text without the outer anchor: "inline,symbol-dce" */
} alpa_pipeline_def;

/* Everything that pipeline texts can name; the driver joins the lists of all directories. */
typedef struct alpa_pass_registry {
  const alpa_pass_list *const *lists; /* ends with NULL */
  const alpa_pipeline_def *pipelines; /* ends with a NULL name */
} alpa_pass_registry;

/* The passes of passes/passes.def, and the pipelines of passes/pipelines.def. */
extern const alpa_pass_list alpa_passes;
extern const alpa_pipeline_def alpa_pipelines[];

const alpa_pass_def *alpa_pass_find(const alpa_pass_registry *registry, const char *name);
const alpa_pipeline_def *alpa_pipeline_def_find(const alpa_pass_registry *registry, const char *name);

#endif
