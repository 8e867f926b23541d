/* One text of PTX from several. */
#ifndef ALPA_CODEGEN_PTX_TEXT_H
#define ALPA_CODEGEN_PTX_TEXT_H

#include "runtime/image/image.h"

/* Texts that LLVM wrote for one target, each ended by a NUL: their kernels in order, under one header, which declares
 * shared memory once.  Their names differ. */
alpa_image_code alpa_ptx_join(alpa_arena *arena, const alpa_image_code *texts, size_t n);

#endif
