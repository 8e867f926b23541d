/* From shardings to placements: where the pieces of a function's arguments and results lie on the devices. */
#ifndef ALPA_DRIVER_LAYOUT_H
#define ALPA_DRIVER_LAYOUT_H

#include "dialects/sdy/sharding.h"
#include "runtime/image/image.h"

typedef struct alpa_layout {
  uint32_t n_devices;
  uint32_t n_arguments, n_results;
  const alpa_image_tensor *arguments, *results;
  const char *const *argument_shardings, *const *result_shardings; /* "a | - | b" */
  const int64_t *donations; /* by argument: the result that takes its place, or -1 */
} alpa_layout;

/* Reads types, shardings, names and donations of a function that `shard` or `propagate` has been through; in `arena`.
 * A value without a sharding is replicated.  mesh NULL means one device. */
alpa_status alpa_layout_read(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func, alpa_layout *out_layout);

/* The result that takes the place of an argument (tf.aliasing_output), or -1. */
int64_t alpa_func_find_donation(const alpa_op *func, uint32_t argument);
/* What a function's result is called: the user's name, else its number. */
const char *alpa_func_name_result(alpa_arena *arena, const alpa_op *func, uint32_t result);

#endif
