/* Boxes: intersections of pieces of a tensor, and the strided copies between them. */
#ifndef ALPA_RUNTIME_BOXES_H
#define ALPA_RUNTIME_BOXES_H

#include "runtime/hal/backend.h"

/* A box of a tensor and where its elements lie: row-major over `dims`, starting at `start` of the tensor. */
typedef struct alpa_box {
  int64_t start[ALPA_MAX_RANK];
  const int64_t *dims;
  char *data;
  uint32_t device; /* ALPA_NO_INDEX: the host */
} alpa_box;

/* The box that a device holds. */
void alpa_box_of_piece(const alpa_image_tensor *tensor, uint32_t device, char *data, alpa_box *out_box);
/* The whole tensor, in host memory. */
void alpa_box_of_tensor(const alpa_image_tensor *tensor, char *data, alpa_box *out_box);

/* The copy of what both boxes hold of the tensor proper (padding excluded); false where that is nothing. */
bool alpa_box_intersect(const alpa_image_tensor *tensor, const alpa_box *to, const alpa_box *from,
                        alpa_box_copy *out_copy);
/* Merges dimensions that are contiguous on both sides, and drops those of extent 1: what remains is walked. */
void alpa_box_collapse(alpa_box_copy *copy);

#endif
