/* A check of a self-checking program: two results of its main function and how they are compared. */
#ifndef ALPA_DRIVER_CHECK_H
#define ALPA_DRIVER_CHECK_H

#include "driver/compare.h"
#include "driver/environment.h"
#include "runtime/image/image.h"

typedef struct alpa_check {
  alpa_comparison comparison;
  const char *name; /* the call's target */
  alpa_place place; /* of the call */
  uint32_t actual, expected;
} alpa_check;

/* Compares two dense tensors of that type; explains the first difference at the place of the call. */
alpa_status alpa_check_run(alpa_environment env, const alpa_check *check, const alpa_image_tensor *tensor,
                           const void *actual, const void *expected);

#endif
