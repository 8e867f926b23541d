/* The path of a program from text to image: one function per part, steps of compile.c. */
#ifndef ALPA_DRIVER_COMPILE_H
#define ALPA_DRIVER_COMPILE_H

#include "codegen/codegen.h"
#include "driver/cache.h"
#include "driver/checks.h"
#include "driver/layout.h"
#include "driver/staged.h"
#include "driver/signature.h"
#include "passes/cost/cluster.h"

/* What stands behind a plan's handle. */
struct alpa_plan {
  alpa_context *ctx;
  alpa_arena arena;
  alpa_compile_options options; /* strings copied */
  alpa_cluster cluster;
  alpa_module *module; /* with shardings */
  alpa_op *func;
  const alpa_mesh *mesh; /* NULL of a pipeline */
  alpa_layout layout;
  alpa_staged *staged;       /* NULL where the program is not one */
  const char **stage_meshes; /* of a pipeline, as alpa_plan_spell_mesh says */
  uint32_t n_argument_parts, n_result_parts;
  const uint32_t *argument_parts, *result_parts; /* as in a signature */
  alpa_checks checks;
  alpa_str key; /* everything that the plan depends on */
  alpa_plan_info info;
  alpa_module *partitioned;                         /* per-device program, made when first needed */
  ALPA_VEC(alpa_communication_info) communications; /* of it */
};

/* Fills in a plan whose ctx, arena, options and cluster are set, from a program that is not changed. */
alpa_status alpa_compile_plan(alpa_plan *plan, const alpa_module *program);
/* Parts of it: a pipeline of passes; from the program as it was given to its canonical form (a staged one was planned
 * before and stays as it is); what stands in the module when it is planned, which must fit the memory. */
alpa_status alpa_compile_run(alpa_plan *plan, alpa_module *module, const char *pipeline);
alpa_status alpa_compile_prepare(alpa_plan *plan, bool *out_is_staged);
alpa_status alpa_compile_read(alpa_plan *plan);
/* Makes plan->partitioned. */
alpa_status alpa_compile_partition(alpa_plan *plan);
/* The partitioned program as kernels, for people to read: a module of the caller's. */
alpa_status alpa_compile_kernels(alpa_plan *plan, alpa_module **out_module);

typedef struct alpa_compiled {
  alpa_image *image; /* in the arena that was given */
  bool from_cache;
  double seconds;
} alpa_compiled;

/* The plan's machine code for a target ("host", "sm_80", ...; NULL: host), from the cache or made now. */
alpa_status alpa_compile_image(alpa_plan *plan, const char *target, alpa_arena *arena, alpa_compiled *out_compiled);

/* "a=2 x b=4", in the plan's arena. */
const char *alpa_plan_spell_mesh(alpa_plan *plan, const alpa_mesh *mesh);

/* What programs keep of the plan; it points into the plan. */
alpa_signature alpa_plan_signature(const alpa_plan *plan);

#endif
