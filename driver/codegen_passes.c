/* Code generation as passes: `fuse`, its grouping of ops into kernels, and `codegen`, which leaves the code of the
 * kernels as an attribute of the module; a module that has it is printed as that text. */
#include <stddef.h>

#include "codegen/codegen.h"
#include "driver/api_context.h"

/* ---- fuse ---- */

typedef struct fuse_options {
  bool attention;
} fuse_options;

static alpa_status run_fuse(alpa_op *op, const void *options, alpa_pass_context *pass) {
  (void)pass;
  return alpa_codegen_fuse(op, &(alpa_fuse_options){.attention = ((const fuse_options *)options)->attention});
}

static const alpa_option_def fuse_option_defs[] = {
    {"attention", "make kernels of attention that store no scores, which GPUs have", ALPA_OPTION_BOOL,
     offsetof(fuse_options, attention), .initial = "false"},
    {0},
};

static const alpa_pass_def fuse = {
    .name = "fuse",
    .summary = "group ops into kernels, the units of code generation",
    .anchor = "builtin.module",
    .options = fuse_option_defs,
    .options_size = sizeof(fuse_options),
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_KERNELS,
    .run = run_fuse,
};

/* ---- codegen ---- */

typedef struct codegen_options {
  const char *target, *arch;
  int64_t n_cores, optimisation;
} codegen_options;

static const char *const target_names[] = {
#define X(ID, name) [ALPA_TARGET_##ID] = name,
    ALPA_TARGET_TABLE(X)
#undef X
        NULL};

enum { KERNELS };
static const alpa_statistic_def statistics[] = {[KERNELS] = {"kernels", "phases of different kernels"}, {0}};

static alpa_target target_of(const char *name) {
  alpa_target target = ALPA_TARGET_HOST;
  while (strcmp(target_names[target], name) != 0)
    target++;
  return target;
}

static alpa_status run_codegen(alpa_op *op, const void *given, alpa_pass_context *pass) {
  const codegen_options *chosen = given;
  alpa_text ir;
  alpa_text_init(&ir, pass->arena);
  alpa_codegen_options options = {.module_dir = pass->services->module_directory,
                                  .target = target_of(chosen->target),
                                  .n_cores = (uint32_t)chosen->n_cores,
                                  .optimisation = (uint32_t)chosen->optimisation,
                                  .cpu = chosen->arch[0] ? chosen->arch : NULL,
                                  .dump = &ir};
  alpa_image *image;
  ALPA_TRY(alpa_codegen_build(op->module, &options, NULL, pass->arena, &image));
  pass->counters[KERNELS] += image->n_kernels;
  const char *text = alpa_text_finish(&ir);
  if (alpa_image_is_ptx(image))
    text = image->n_code ? image->code[0].data : "";
  alpa_op_set_attr(op, ALPA_CODE_ATTR, alpa_attr_get_string(op->module->ctx, text));
  return ALPA_OK;
}

#define FIELD(field) offsetof(codegen_options, field)
static const alpa_option_def codegen_option_defs[] = {
    {"target", "what to print: ptx, or the LLVM IR of the kernels for this host", ALPA_OPTION_STRING, FIELD(target),
     "host", .choices = target_names},
    {"arch", "LLVM's name of the processor (this one), or sm_80 or sm_90a (sm_80)", ALPA_OPTION_STRING, FIELD(arch),
     .initial = ""},
    {"n-cores", "cores that one device may use; 0 means all", ALPA_OPTION_INT, FIELD(n_cores), "0", .min = 0},
    {"optimisation", "level of LLVM's optimisation", ALPA_OPTION_INT, FIELD(optimisation), "2", .min = 0, .max = 3},
    {0},
};
#undef FIELD

static const alpa_pass_def codegen = {
    .name = "codegen",
    .summary = "generate the code of the program of one device; the module is printed as that code",
    .anchor = "builtin.module",
    .options = codegen_option_defs,
    .options_size = sizeof(codegen_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run_codegen,
};

static const alpa_pass_def *const passes[] = {&fuse, &codegen};

const alpa_pass_list alpa_codegen_passes = {passes, countof(passes)};
