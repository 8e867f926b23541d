#include "codegen/codegen.h"
__attribute__((weak)) alpa_status alpa_codegen_build(alpa_module *module, const alpa_codegen_options *options,
                                                     const alpa_codegen_layout *layout, alpa_arena *arena,
                                                     alpa_image **out_image) {
  (void)module;
  (void)options;
  (void)layout;
  (void)arena;
  (void)out_image;
  return ALPA_UNSUPPORTED;
}
__attribute__((weak)) alpa_status alpa_codegen_target(alpa_diag *diag, alpa_arena *arena,
                                                      const alpa_codegen_options *options, const char **out_target) {
  (void)arena;
  (void)options;
  (void)out_target;
  return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED, "code generation is being written");
}
