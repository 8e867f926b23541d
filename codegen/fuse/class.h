/* What fusion needs to know of an op: from the column `emit` of the op tables. */
#ifndef ALPA_CODEGEN_FUSE_CLASS_H
#define ALPA_CODEGEN_FUSE_CLASS_H

#include "dialects/ir/op.h"

typedef enum fuse_class {
  FUSE_MAP, /* each result element is a function of operand elements: can stand inside any kernel */
  FUSE_REDUCE,
  FUSE_WINDOW,  /* reduce_window */
  FUSE_UPDATE,  /* dynamic_update_slice */
  FUSE_PRODUCT, /* dot_general */
  FUSE_CONVOLUTION,
  FUSE_SCATTER,
  FUSE_SELECT_AND_SCATTER,
  FUSE_SORT,
  FUSE_MATRIX,
  FUSE_CONTROL, /* executed by the runtime, or no code at all: stays as it is */
  FUSE_NONE     /* has no lowering */
} fuse_class;

fuse_class alpa_fuse_class(const alpa_op *op);
/* Computing it again costs more than loading a stored result. */
bool alpa_fuse_is_slow(const alpa_op *op);
bool alpa_fuse_is_splat(const alpa_op *op);
bool alpa_fuse_is_elementwise(const alpa_op *op);
/* A reduce along the last dimensions. */
bool alpa_fuse_is_row_reduce(const alpa_op *op);

#endif
