/* Groups of ops that become one kernel each. */
#ifndef ALPA_CODEGEN_FUSE_GROUP_H
#define ALPA_CODEGEN_FUSE_GROUP_H

#include "codegen/fuse/class.h"
#include "dialects/kernel/kernel.h"
#include "support/hash.h"

/* From where inside the domain a member is read: a set of these. */
enum fuse_access {
  FUSE_SAME = 1, /* at the place of the domain */
  FUSE_ROW = 2,  /* at its row: the first `rows` dimensions, and 0 in further ones of extent 1 */
  FUSE_OTHER = 4
};

typedef struct fuse_member {
  alpa_op *op;
  uint32_t position;
  bool clone; /* computed here, but also elsewhere */
  uint8_t access;
} fuse_member;

typedef struct fuse_group {
  kernel_kind kind;
  alpa_op *root;
  const int64_t *domain; /* dims of a type */
  uint32_t rank;
  int32_t rows;                  /* -1: no rows */
  ALPA_VEC(fuse_member) members; /* positions descending */
  ALPA_VEC(alpa_op *) rejected;
  uint32_t first, last; /* positions of owned members */
  bool emitted;
} fuse_group;

/* A group that computes an op it does not own. */
typedef struct fuse_clone {
  fuse_group *group;
  struct fuse_clone *next;
} fuse_clone;

/* All ops of one block. */
typedef struct fuse_block {
  alpa_arena *arena;
  alpa_block *block;
  alpa_op **ops;
  uint32_t n_ops;
  alpa_map positions;  /* op -> position */
  fuse_group **owner;  /* by position; NULL: none */
  fuse_clone **clones; /* by position */
  bool *kept;          /* stays an op of the block: control, views, small constants */
  uint32_t decided;    /* what becomes of ops behind this position is known */
  ALPA_VEC(fuse_group *) groups;
  uint32_t *stamps; /* of searches */
  uint32_t stamp;
} fuse_block;

/* Position of an op of the block; an op further inside counts as the one of the block around it. */
uint32_t alpa_fuse_position(const fuse_block *block, const alpa_op *op);
fuse_group *alpa_fuse_owner(const fuse_block *block, const alpa_op *op);
const fuse_member *alpa_fuse_find_member(const fuse_group *group, const alpa_op *op);
/* Whether a value must be in memory for others than the group (NULL: for anybody). */
bool alpa_fuse_is_used_outside(const fuse_block *block, const fuse_group *group, const alpa_value *value);

/* Sets the access of all members for a domain; false where a result or a reduction would not fit. */
bool alpa_fuse_set_access(fuse_block *block, fuse_group *group);
/* The access to an operand of a member. */
uint8_t alpa_fuse_operand_access(const fuse_group *group, const fuse_member *user, uint32_t operand);
/* Whether the type has the group's row shape: its first `rows` dimensions, then ones. */
bool alpa_fuse_is_row_shaped(const fuse_group *group, const alpa_type *type);
bool alpa_fuse_is_full(const fuse_group *group, const alpa_type *type);

/* An op that the memory plan resolves: the result is the operand's memory. */
bool alpa_fuse_is_view(const alpa_op *op);

/* Whether the group, with one more member (or NULL), would depend on itself through ops outside. */
bool alpa_fuse_makes_cycle(fuse_block *block, const fuse_group *group, const alpa_op *extra);
/* Cheap enough to be computed in every kernel that uses it. */
bool alpa_fuse_is_light(const alpa_op *op);
void alpa_fuse_add_member(fuse_block *block, fuse_group *group, alpa_op *op, bool clone);

/* Forms the groups that are attention, before all others. */
void alpa_fuse_form_attention(fuse_block *block);
/* Forms the groups of what is left of a block. */
alpa_status alpa_fuse_form(fuse_block *block);
/* Replaces the members of all groups by kernel.fused ops, in an order that respects dependences. */
void alpa_fuse_extract(fuse_block *block, alpa_module *module);
/* Makes the body of an attention kernel cheaper than the program writes it. */
void alpa_fuse_relax(alpa_op *fused, alpa_arena *arena);

#endif
