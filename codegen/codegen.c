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

static alpa_status compile(plan *p, const alpa_codegen_options *options, alpa_diag *diag, alpa_image *image) {
  const alpa_llvm_module *llvm = NULL;
  ALPA_TRY(alpa_llvm_open(diag, options->module_dir, &llvm));
  alpa_llvm_options for_llvm = llvm_options(options);
  alpa_image_code *code = NULL;
  ALPA_TRY(llvm->target(&for_llvm, diag, p->arena, &image->target));
  alpa_plan_collect_kernels(p);
  ALPA_TRY(
      llvm->compile(&for_llvm, diag, p->arena, p->kernels.items, p->kernels.n, options->dump, &code, &image->n_code));
  image->code = code;
  return ALPA_OK;
}

alpa_status alpa_codegen_build(alpa_module *module, const alpa_codegen_options *options,
                               const alpa_codegen_layout *layout, alpa_arena *arena, alpa_image **out_image) {
  alpa_diag *diag = &module->ctx->diag;
  options = options ? options : &defaults;
  plan p = {.arena = arena, .layout = layout, .n_devices = layout ? layout->n_devices : 1};
  ALPA_TRY(alpa_func_find_main(module->op, &p.func));
  ALPA_TRY(alpa_codegen_fuse(p.func, options->n_cores));
  alpa_image *image = alpa_arena_new(arena, alpa_image, 1);
  ALPA_TRY(compile(&p, options, diag, image));
  ALPA_TRY(alpa_plan_build(&p));
  alpa_plan_live(&p);
  alpa_plan_coalesce(&p);
  alpa_plan_place(&p);
  alpa_plan_write_image(&p, image);
  ALPA_TRY(alpa_image_verify(image, diag));
  *out_image = image;
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
