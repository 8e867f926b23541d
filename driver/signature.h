/* What callers of a program want to know of it beside its image: how arguments and results are split, what is donated,
 * what is checked. */
#ifndef ALPA_DRIVER_SIGNATURE_H
#define ALPA_DRIVER_SIGNATURE_H

#include "driver/check.h"
#include "runtime/image/stream.h"

typedef struct alpa_signature {
  uint32_t n_arguments, n_results, n_checks;
  uint32_t n_check_results;                                        /* the last so many results are there for checks */
  const char *const *argument_shardings, *const *result_shardings; /* "a | - | b" */
  const int64_t *donations;                                        /* by argument: the result in its place, or -1 */
  const alpa_check *checks;
  /* Of an image whose stages hold parts of their own: by argument (result) of the image the program's.  None: they are
   * the program's. */
  uint32_t n_argument_parts, n_result_parts;
  const uint32_t *argument_parts, *result_parts;
} alpa_signature;

/* The parts of argument (result) i: the image's numbers items[first[i]] to items[first[i + 1] - 1], at least one. */
typedef struct alpa_part_list {
  const uint32_t *first, *items;
} alpa_part_list;

alpa_part_list alpa_signature_list_arguments(alpa_arena *arena, const alpa_signature *signature);
alpa_part_list alpa_signature_list_results(alpa_arena *arena, const alpa_signature *signature);

/* Its byte form, as a part of another. */
void alpa_signature_stream(alpa_stream *s, alpa_signature *signature);
/* A copy that shares nothing, in `arena`. */
void alpa_signature_copy(alpa_arena *arena, const alpa_signature *from, alpa_signature *out_copy);
/* Whether everything that was read refers to something that is there. */
alpa_status alpa_signature_verify(const alpa_signature *signature, alpa_diag *diag, alpa_place place,
                                  const alpa_image *image);

/* The rows that the public API gives out; ALPA_NOT_FOUND beyond the last. */
alpa_status alpa_signature_get_argument(const alpa_signature *signature, const alpa_image_tensor *tensor,
                                        uint32_t index, alpa_tensor_info *out_info);
alpa_status alpa_signature_get_result(const alpa_signature *signature, const alpa_image_tensor *tensor, uint32_t index,
                                      alpa_tensor_info *out_info);
alpa_status alpa_signature_get_check(const alpa_signature *signature, uint32_t index, alpa_check_info *out_info);

#endif
