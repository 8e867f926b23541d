/* An image's instruction tree as a flat list of operations with jumps: what engines execute.
 *
 * Operand addresses stand in one table per device, parallel to `refs`; an operation names its operands there. */
#ifndef ALPA_RUNTIME_OPERATIONS_H
#define ALPA_RUNTIME_OPERATIONS_H

#include "runtime/image/image.h"

typedef enum alpa_operation_kind {
  ALPA_OPERATION_RUN,        /* kernel `index` on its operands */
  ALPA_OPERATION_COPY,       /* operand 0 <- operand 1, `count` bytes */
  ALPA_OPERATION_COLLECTIVE, /* collective `index` from operand 0 to operand 1 */
  ALPA_OPERATION_SEND,       /* transfer `index` from operand 0 */
  ALPA_OPERATION_RECEIVE,    /* transfer `index` to operand 0 */
  ALPA_OPERATION_SENT,       /* waits for transfer `index` */
  ALPA_OPERATION_RECEIVED,   /* waits for transfer `index` */
  ALPA_OPERATION_TEST,       /* jumps to `target` unless operand 0, an i1, holds */
  ALPA_OPERATION_BRANCH,     /* jumps to targets[target + n], n by operand 0 of `count` bytes, of `index` targets */
  ALPA_OPERATION_LOOP,       /* counter `index` = count; jumps to `target` */
  ALPA_OPERATION_REPEAT,     /* jumps to `target` unless counter `index` was 0, and decrements it */
  ALPA_OPERATION_JUMP,       /* to `target` */
  ALPA_OPERATION_END
} alpa_operation_kind;

typedef struct alpa_operation {
  alpa_operation_kind kind;
  uint32_t index;
  uint32_t first_ref, n_refs;
  uint32_t target;
  uint32_t instruction; /* pre-order number in the image */
  int64_t count;
  double flops;      /* of a kernel, as in the image */
  int64_t bytes;     /* of a kernel, as in the image; of a copy */
  const char *name;  /* kernel or collective, or the kind in lower case */
  const char *where; /* of the image */
} alpa_operation;

typedef struct alpa_operations {
  const alpa_operation *operations;
  size_t n_operations;
  const alpa_image_ref *refs;
  size_t n_refs;
  const uint32_t *targets;
  uint32_t n_counters;
} alpa_operations;

/* Everything is copied into `arena`; the image has been verified. */
void alpa_operations_build(alpa_arena *arena, const alpa_image *image, alpa_operations *out_program);

#endif
