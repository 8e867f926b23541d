/* The pass `fuse`: code generation's grouping of ops into kernels, as a pass. */
#include <stddef.h>

#include "codegen/codegen.h"
#include "driver/api_context.h"

typedef struct fuse_options {
  int64_t n_cores;
} fuse_options;

static alpa_status run(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)pass;
  return alpa_codegen_fuse(op, (uint32_t)((const fuse_options *)options)->n_cores);
}

static const alpa_option_def options[] = {
    {"n-cores", "cores that one device may use; 0 means all", ALPA_OPTION_INT, offsetof(fuse_options, n_cores), "0",
     .min = 0},
    {0},
};

static const alpa_pass_def fuse = {
    .name = "fuse",
    .summary = "group ops into kernels, the units of code generation",
    .anchor = "builtin.module",
    .options = options,
    .options_size = sizeof(fuse_options),
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_KERNELS,
    .run = run,
};

static const alpa_pass_def *const passes[] = {&fuse};

const alpa_pass_list alpa_codegen_passes = {passes, countof(passes)};
