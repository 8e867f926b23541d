/* Packages: images as files, with what running them needs.
 *
 * A package is a frame (runtime/image/stream.h) around one or two parts: the program, and the program that makes its
 * initial state.  Each has its image in its own frame and a signature.  Nothing in it refers to IR, so that a machine
 * without the compiler can run it. */
#ifndef ALPA_DRIVER_PACKAGE_H
#define ALPA_DRIVER_PACKAGE_H

#include "driver/signature.h"

enum { ALPA_PACKAGE_MOST_PARTS = 2 };

typedef struct alpa_package_part {
  const char *name, *cluster, *mesh; /* name: the program's file; mesh as in alpa_plan_info */
  alpa_signature signature;
  const void *bytes; /* the image's byte form */
  size_t size;
  alpa_image *image; /* read from it; NULL in a package that is being written */
} alpa_package_part;

typedef struct alpa_package_contents {
  uint32_t n_parts;
  const alpa_package_part *parts;
} alpa_package_contents;

/* What stands behind the handle. */
struct alpa_package {
  alpa_environment env;
  alpa_arena arena;
  alpa_package_contents contents;
  alpa_package_info info;
};

/* The byte form, in `arena`. */
alpa_str alpa_package_bytes(alpa_arena *arena, const alpa_package_contents *contents);

#endif
