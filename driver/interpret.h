/* What the interpretation of plans on one mesh and of staged plans share. */
#ifndef ALPA_DRIVER_INTERPRET_H
#define ALPA_DRIVER_INTERPRET_H

#include "driver/compile.h"
#include "interp/interp.h"

typedef struct alpa_interpretation {
  alpa_plan *plan; /* partitioned */
  alpa_arith arith;
  uint64_t key;
  const void *const *arguments; /* of the program: dense, real */
  void *const *results;         /* dense; field elements in field arithmetic */
  alpa_arena arena;
} alpa_interpretation;

/* Argument `index`, of the tensor's type, in the arithmetic. */
alpa_tensor alpa_interpretation_argument(alpa_interpretation *in, const alpa_image_tensor *tensor, uint32_t index);
/* The piece of a device that holds the tensor; padding is zero. */
alpa_tensor alpa_interpretation_scatter(alpa_interpretation *in, const alpa_image_tensor *tensor, uint32_t device,
                                        const alpa_tensor *whole);
void alpa_interpretation_gather(alpa_interpretation *in, const alpa_image_tensor *tensor, uint32_t device,
                                const alpa_tensor *local, void *whole);

/* Runs every task of a staged plan as its schedule says.  Copies of a result on several stages must be equal. */
alpa_status alpa_interpretation_run_stages(alpa_interpretation *in);

#endif
