/* Pieces of a tensor, what two of them share, and the strided copies between them. */
#ifndef ALPA_RUNTIME_PIECES_H
#define ALPA_RUNTIME_PIECES_H

#include "runtime/hal/backend.h"

/* A box of a tensor and where its elements lie: row-major over `dims`, starting at `start` of the tensor. */
typedef struct alpa_piece {
  int64_t start[ALPA_MAX_RANK], end[ALPA_MAX_RANK]; /* end: of what is no padding */
  const int64_t *dims;
  char *data;
  uint32_t device; /* ALPA_NO_INDEX: the host */
} alpa_piece;

/* The box that a device, one of the tensor's holders, has. */
void alpa_piece_of_device(const alpa_image_tensor *tensor, uint32_t device, char *data, alpa_piece *out_piece);
/* The whole tensor, in host memory. */
void alpa_piece_of_tensor(const alpa_image_tensor *tensor, char *data, alpa_piece *out_piece);

/* The copy of what both boxes hold, padding excluded; false where that is nothing. */
bool alpa_piece_intersect(const alpa_image_tensor *tensor, const alpa_piece *to, const alpa_piece *from,
                          alpa_strided_copy *out_copy);
/* Merges dimensions that are contiguous on both sides, and drops those of extent 1: what remains is walked. */
void alpa_strided_copy_collapse(alpa_strided_copy *copy);
/* Moves the addresses to the next place of a walk over the first `rank` dimensions, where `at` (zeros at first) counts;
 * false at its end. */
bool alpa_strided_copy_next(const alpa_strided_copy *copy, uint32_t rank, int64_t *at, char **to, const char **from);
/* Copies between memory that this process can address. */
void alpa_strided_copy_run(const alpa_strided_copy *copy);

#endif
