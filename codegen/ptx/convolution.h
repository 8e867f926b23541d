/* Convolutions on a GPU: as codegen/lower/convolution.h says. */
#ifndef ALPA_CODEGEN_PTX_CONVOLUTION_H
#define ALPA_CODEGEN_PTX_CONVOLUTION_H

#include "codegen/lower/convolution.h"

/* False for types that have no fast arithmetic. */
bool alpa_ptx_convolution_fits(const alpa_convolution *convolution);
void alpa_ptx_convolution_schedule(alpa_lower *lower, const alpa_convolution *convolution);
void alpa_ptx_convolution_emit(alpa_lower *lower, const alpa_convolution *convolution, uint32_t phase);

#endif
