/* Contractions on a GPU: as codegen/lower/contraction.h says. */
#ifndef ALPA_CODEGEN_PTX_CONTRACTION_H
#define ALPA_CODEGEN_PTX_CONTRACTION_H

#include "codegen/lower/contraction.h"

/* False for types that have no fast arithmetic. */
bool alpa_ptx_contraction_fits(const alpa_contraction *contraction);
void alpa_ptx_contraction_schedule(alpa_lower *lower, const alpa_contraction *contraction);
void alpa_ptx_contraction_emit(alpa_lower *lower, const alpa_contraction *contraction, uint32_t phase);

#endif
