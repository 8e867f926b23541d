/* Tensors in pieces along one dimension: what stands for the values of a program whose loops are cut into ranges. */
#ifndef ALPA_PASSES_LOOPS_PIECES_H
#define ALPA_PASSES_LOOPS_PIECES_H

#include "dialects/ir/builder.h"
#include "support/hash.h"

typedef struct alpa_piece {
  uint32_t dim;
  int64_t begin, end;
  alpa_value *value;
} alpa_piece;

typedef ALPA_VEC(alpa_piece) alpa_piece_list;

typedef struct alpa_pieces {
  alpa_arena *arena;
  alpa_builder builder; /* in front of the op at hand; what is built there serves those behind it, too */
  alpa_map cut;         /* value -> alpa_cut_value */
} alpa_pieces;

/* Says that these pieces, in order, are the value; it is replaced wherever `alpa_pieces_use` or `get` meet it. */
void alpa_pieces_set(alpa_pieces *pieces, const alpa_value *value, const alpa_piece_list *parts);
/* The pieces that were set, or NULL. */
const alpa_piece_list *alpa_pieces_find(const alpa_pieces *pieces, const alpa_value *value);
/* Elements [begin, end) along the dimension: a piece that there is, elementwise ops on pieces, else a slice. */
alpa_value *alpa_pieces_get(alpa_pieces *pieces, alpa_value *value, uint32_t dim, int64_t begin, int64_t end);
/* All of it: the value itself, or its pieces joined. */
alpa_value *alpa_pieces_join(alpa_pieces *pieces, alpa_value *value);
/* Makes an op and what is inside it use joined values. */
void alpa_pieces_use(alpa_pieces *pieces, alpa_op *op);
/* Builds an op that has an operand in pieces on them: elementwise ops, broadcasts, reductions to one element or along
 * other dimensions; its result is in pieces, too.  False where it has to use joined values. */
bool alpa_pieces_spread(alpa_pieces *pieces, const alpa_op *op);

#endif
