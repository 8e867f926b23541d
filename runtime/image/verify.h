/* What the files of the image verifier share. */
#ifndef ALPA_RUNTIME_IMAGE_VERIFY_H
#define ALPA_RUNTIME_IMAGE_VERIFY_H

#include "runtime/image/image.h"

typedef struct alpa_image_verifier {
  const alpa_image *image;
  alpa_diag *diag;
  alpa_place place; /* the image's name, for messages */
  alpa_arena scratch;
} alpa_image_verifier;

/* As alpa_image_verify, with the place that messages name. */
alpa_status alpa_image_verify_at(const alpa_image *image, alpa_diag *diag, alpa_place place);

/* Kernels, what the target asks of their launches, and code. */
alpa_status alpa_image_verify_kernels(alpa_image_verifier *verifier);

/* Collectives and instruction lists; tensors, buffers and kernels have been checked. */
alpa_status alpa_image_verify_program(alpa_image_verifier *verifier);

#define alpa_image_error(verifier, ...)                                                                                \
  alpa_error((verifier)->diag, (verifier)->place, ALPA_INVALID_ARGUMENT, "image: " __VA_ARGS__)

#endif
