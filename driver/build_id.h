/* Which build of this library is running: part of every cache key, so that no entry of another build is used. */
#ifndef ALPA_DRIVER_BUILD_ID_H
#define ALPA_DRIVER_BUILD_ID_H

#include "support/arena.h"

/* The linker's build id of the loaded object whose file name begins so ("libalpa.so", "alpa-llvm.so"), as hexadecimal
 * text in `arena`; "" where it is not loaded or has none. */
const char *alpa_build_id(alpa_arena *arena, const char *object);

#endif
