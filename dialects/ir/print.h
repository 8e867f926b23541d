/* Writing MLIR text. */
#ifndef ALPA_DIALECTS_IR_PRINT_H
#define ALPA_DIALECTS_IR_PRINT_H

#include "dialects/ir/op.h"

typedef struct alpa_print_options {
  bool generic;           /* the form that every MLIR tool reads */
  bool debug_info;        /* with locations */
  bool local_scope;       /* locations in place instead of aliases at the end */
  int64_t elide_elements; /* constants of more elements print as dense_resource<__elided__>; 0: never */
  int64_t hex_elements;   /* constants of more elements print as hex; 0: the default, 100 */
  bool skip_regions;
} alpa_print_options;

/* Prints an op with everything inside; a module ends with a newline.  options may be NULL. */
void alpa_op_print(alpa_text *text, const alpa_op *op, const alpa_print_options *options);

#endif
