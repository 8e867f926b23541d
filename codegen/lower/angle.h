/* Reduction of angles by multiples of pi/2. */
#ifndef ALPA_CODEGEN_LOWER_ANGLE_H
#define ALPA_CODEGEN_LOWER_ANGLE_H

#include "codegen/lower/lower.h"

/* x = n pi/2 + r with |r| <= pi/4 or a little more: returns r; *out_n is an integer of x's width of which the two low
 * bits count.  r is NaN for infinities and NaN. */
LLVMValueRef alpa_angle_reduce(alpa_lower *lower, LLVMValueRef x, LLVMValueRef *out_n);

#endif
