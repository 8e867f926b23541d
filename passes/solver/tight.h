/* Triplets over a core: what three nodes cost together, given back to the tables of their edges, so that message
 * passing sees the cycles it cannot see alone.
 *
 * Sources: D. Sontag, T. Meltzer, A. Globerson, T. Jaakkola and Y. Weiss, Tightening LP relaxations for MAP using
 * message passing, UAI 2008, sections 4 and 5; the order of giving is that of S. Tourani, A. Shekhovtsov, C. Rother and
 * B. Savchynskyy, MPLP++, ECCV 2018. */
#ifndef ALPA_PASSES_SOLVER_TIGHT_H
#define ALPA_PASSES_SOLVER_TIGHT_H

#include "passes/solver/trws.h"

typedef struct alpa_triplet {
  uint32_t nodes[3]; /* ascending */
  uint32_t edges[3]; /* of the tight core, between nodes 0 1, 0 2 and 1 2 */
  double *given[3];  /* [rows][stride] of the edge's table: what the triplet has added to it, and taken from itself */
} alpa_triplet;

typedef struct alpa_tight {
  const alpa_core *origin;
  alpa_core core; /* the origin's nodes and edges, chords after them; edges of triplets have tables of their own */
  alpa_arena *arena;
  ALPA_VEC(alpa_triplet) triplets;
  alpa_intern known; /* triplets, by nodes */
  double work;       /* entries that a sweep goes through */
  double *beliefs;   /* [n_places] scratch: a node's belief divided by its links */
  double *scratch;
  bool is_backward; /* the next sweep */
} alpa_tight;

/* A core without triplets. */
void alpa_tight_init(alpa_tight *tight, alpa_arena *arena, const alpa_core *core);

/* Adds about n triplets, those that would raise the bound most as the messages stand, and lets the messages live on
 * the larger core; the number of new ones, 0 where none would raise it. */
uint32_t alpa_tight_grow(alpa_tight *tight, alpa_trws *trws, uint32_t n);

/* Lets each triplet in turn take what its edges cost and give it back where it must be paid. */
void alpa_tight_sweep(alpa_tight *tight, const alpa_trws *trws);

/* Rounds what was given to integers of 2^-bits, fills the exact tables of the edges from them, and returns the least
 * that remains in all triplets, which is at most about 0 and belongs to the bound. */
alpa_int128 alpa_tight_certify(alpa_tight *tight, int bits, alpa_arena *scratch);

/* ---- for the search of triplets --------------------------------------------------------------------------------- */

/* Nodes with more states are in no triplet. */
enum { ALPA_TIGHT_STATES = 64 };

void alpa_tight_fill_beliefs(alpa_tight *tight, const alpa_trws *trws);
/* The edge of a link from its lower node, less its messages, with its share of the beliefs; rows: the lower node's
 * states, stride: the higher one's. */
void alpa_tight_fill_edge(const alpa_tight *tight, const alpa_trws *trws, uint32_t low, const alpa_core_link *link,
                          double *out);
/* out[y][x] = in[x][y], padded with infinities. */
void alpa_tight_transpose(const double *in, const alpa_core_node *row, const alpa_core_node *column, double *out);
/* out[x][y] = least over z of left[x][z] + right[z][y]. */
void alpa_tight_multiply(const alpa_core *core, const alpa_core_node *const xzy[3], const double *left,
                         const double *right, double *out);
/* The link between two nodes, or NULL. */
const alpa_core_link *alpa_tight_find_link(const alpa_core_node *node, uint32_t other);

#endif
