/* Kinds of kernels without a lowering: they fail with a located error. */
#include "codegen/lower/loop.h"

static void refuse(alpa_lower *lower) {
  alpa_lower_unsupported(lower, lower->kernel, "of this kind has no lowering to machine code");
}
static void emit_nothing(alpa_lower *lower, uint32_t phase) { (void)lower, (void)phase; }

const alpa_kernel_lowering alpa_lower_matrix = {refuse, emit_nothing};
