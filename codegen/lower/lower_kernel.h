/* The entry of lowering: one kernel.fused to the functions of its phases. */
#ifndef ALPA_CODEGEN_LOWER_LOWER_KERNEL_H
#define ALPA_CODEGEN_LOWER_LOWER_KERNEL_H

#include "codegen/lower/lower.h"

/* Fills in code->schedule and emits one function per phase into lower->module.  Only reads code->op. */
alpa_status alpa_lower_kernel(alpa_lower *lower, alpa_kernel_code *code);

#endif
