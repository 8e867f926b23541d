/* Code generation: fuse, compile, plan, write. */
#include "codegen/codegen.h"

#include "codegen/plan/plan.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"

static const alpa_codegen_options defaults = {.optimisation = 2};

static alpa_llvm_options llvm_options(const alpa_codegen_options *options) {
  return (alpa_llvm_options){.target = options->target,
                             .n_threads = options->n_threads,
                             .n_cores = options->n_cores,
                             .optimisation = options->optimisation,
                             .cpu = options->cpu};
}

typedef struct build {
  const alpa_codegen_options *options;
  alpa_diag *diag;
  alpa_arena *arena;
  alpa_codegen_part *parts;
  plan *plans; /* of the parts */
  size_t n_parts;
  plan_kernels kernels;
} build;

/* All parts into the same code. */
static alpa_status compile(build *b, alpa_image *common) {
  const alpa_llvm_module *llvm = NULL;
  ALPA_TRY(alpa_llvm_open(b->diag, b->options->module_dir, &llvm));
  alpa_llvm_options for_llvm = llvm_options(b->options);
  alpa_image_code *code = NULL;
  ALPA_TRY(llvm->target(&for_llvm, b->diag, b->arena, &common->target));
  ALPA_TRY(llvm->compile(&for_llvm, b->diag, b->arena, b->kernels.items.items, b->kernels.items.n, b->options->dump,
                         &code, &common->n_code));
  common->code = code;
  return ALPA_OK;
}

static alpa_status begin_part(build *b, size_t i) {
  const alpa_codegen_layout *layout = b->parts[i].layout;
  plan *p = &b->plans[i];
  *p = (plan){
      .arena = b->arena, .layout = layout, .n_devices = layout ? layout->n_devices : 1, .kernels = &b->kernels};
  ALPA_TRY(alpa_func_find_main(b->parts[i].module, &p->func));
  alpa_fuse_options fuse = {.attention = b->options->target == ALPA_TARGET_PTX};
  ALPA_TRY(alpa_codegen_fuse(p->func, &fuse));
  alpa_plan_collect_kernels(p);
  return ALPA_OK;
}

static alpa_status end_part(build *b, size_t i, const alpa_image *common) {
  plan *p = &b->plans[i];
  alpa_image *image = alpa_arena_copy(b->arena, common, sizeof *common);
  ALPA_TRY(alpa_plan_build(p));
  alpa_plan_live(p);
  alpa_plan_coalesce(p);
  alpa_plan_place(p);
  alpa_plan_write_image(p, image);
  b->parts[i].image = image;
  return alpa_image_verify(image, b->diag);
}

alpa_status alpa_codegen_build_parts(alpa_diag *diag, const alpa_codegen_options *options, alpa_arena *arena,
                                     alpa_codegen_part *parts, size_t n_parts) {
  build b = {.options = options ? options : &defaults,
             .diag = diag,
             .arena = arena,
             .parts = parts,
             .plans = alpa_arena_new(arena, plan, n_parts),
             .n_parts = n_parts};
  alpa_image common = {0};
  for (size_t i = 0; i < n_parts; i++)
    ALPA_TRY(begin_part(&b, i));
  ALPA_TRY(compile(&b, &common));
  for (size_t i = 0; i < n_parts; i++)
    ALPA_TRY(end_part(&b, i, &common));
  return ALPA_OK;
}

alpa_status alpa_codegen_build(alpa_module *module, const alpa_codegen_options *options,
                               const alpa_codegen_layout *layout, alpa_arena *arena, alpa_image **out_image) {
  alpa_codegen_part part = {.module = module->op, .layout = layout};
  ALPA_TRY(alpa_codegen_build_parts(&module->ctx->diag, options, arena, &part, 1));
  *out_image = part.image;
  return ALPA_OK;
}

alpa_status alpa_codegen_target(alpa_diag *diag, alpa_arena *arena, const alpa_codegen_options *options,
                                const char **out_target) {
  const alpa_llvm_module *llvm = NULL;
  options = options ? options : &defaults;
  ALPA_TRY(alpa_llvm_open(diag, options->module_dir, &llvm));
  alpa_llvm_options for_llvm = llvm_options(options);
  return llvm->target(&for_llvm, diag, arena, out_target);
}
