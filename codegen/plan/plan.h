/* From fused ops to instructions over planned memory.
 *
 * Slots stand for what values occupy; several values share one (views, loop-carried state).  Instructions read and
 * write slots in a tree of lists; positions number them in program order.  Liveness gives each slot its segments of
 * positions; coalescing merges slots joined by copies or by kernels that may work in place; placement gives every
 * remaining class of slots a buffer. */
#ifndef ALPA_CODEGEN_PLAN_PLAN_H
#define ALPA_CODEGEN_PLAN_PLAN_H

#include "codegen/codegen.h"
#include "codegen/kernel_code.h"
#include "support/hash.h"

/* Live at positions [start, end); reads of instruction p are up to 2p + 2, writes from 2p + 1. */
typedef struct plan_segment {
  uint32_t start, end;
} plan_segment;

typedef struct plan_slot {
  alpa_buffer_kind kind;
  uint32_t index; /* ARGUMENT, RESULT */
  int64_t bytes;
  int64_t offset;  /* CONSTANT: in the constants; TEMPORARY: once placed */
  uint32_t parent; /* of the union-find; itself for the class's representative */
  bool is_fixed;   /* may not be written by anything but its own copies: constants, arguments that are not donated */
  ALPA_VEC(plan_segment) segments; /* ascending, of the class where this is its representative */
  uint32_t buffer;                 /* of the image */
} plan_slot;

typedef enum plan_kind {
  PLAN_RUN,
  PLAN_COPY, /* writes[i] <- reads[i], all reads before all writes */
  PLAN_COLLECTIVE,
  PLAN_WHILE,
  PLAN_BRANCH
} plan_kind;

typedef struct plan_list plan_list;

typedef struct plan_instruction {
  plan_kind kind;
  uint32_t position;
  const alpa_op *op;
  uint32_t kernel;          /* RUN: number among the different kernels */
  uint32_t collective;      /* COLLECTIVE */
  uint32_t *reads, *writes; /* slots */
  uint32_t n_reads, n_writes;
  uint32_t *refs; /* RUN: operand slots as the kernel expects them */
  uint32_t n_refs;
  bool updates;     /* RUN: writes[0] is also read: it holds the operand's copy */
  plan_list *lists; /* WHILE: condition, body; BRANCH: branches */
  uint32_t n_lists;
} plan_instruction;

struct plan_list {
  ALPA_VEC(plan_instruction *) items;
  uint32_t start, end; /* positions */
  uint32_t result;     /* WHILE's condition: slot of the predicate */
};

/* The different kernels of one compilation, which several plans may share. */
typedef struct plan_kernels {
  ALPA_VEC(alpa_kernel_code) items;
  alpa_map by_hash; /* hash -> number + 1 */
} plan_kernels;

typedef struct plan {
  alpa_arena *arena;
  alpa_op *func;
  const alpa_codegen_layout *layout;
  uint32_t n_devices;
  ALPA_VEC(plan_slot) slots;
  alpa_map values; /* value -> slot + 1 */
  plan_list program;
  uint32_t n_positions;
  ALPA_VEC(plan_instruction *) by_position;
  plan_kernels *kernels;
  alpa_map kernel_of;                          /* kernel.fused op -> number + 1 */
  ALPA_VEC(alpa_image_collective) collectives; /* buffers not yet set */
  alpa_text constants;
  ALPA_VEC(alpa_image_alias) aliases;
} plan;

uint32_t alpa_plan_find(const plan *p, uint32_t slot); /* the representative */
uint32_t alpa_plan_add_slot(plan *p, alpa_buffer_kind kind, int64_t bytes);
void alpa_plan_set_value(plan *p, const alpa_value *value, uint32_t slot);
plan_instruction *alpa_plan_append(plan *p, plan_list *list, plan_kind kind, const alpa_op *op);
void alpa_plan_add_copy(plan *p, plan_list *list, const alpa_op *op, uint32_t to, uint32_t from);

/* Numbers the different kernels of the function, and adds those that are new. */
void alpa_plan_collect_kernels(plan *p);
/* Builds slots and instructions; the kernels' schedules are known. */
alpa_status alpa_plan_build(plan *p);
/* A collective op with the copies it needs. */
alpa_status alpa_plan_collective(plan *p, plan_list *list, alpa_op *op);
void alpa_plan_live(plan *p);
void alpa_plan_coalesce(plan *p);
void alpa_plan_place(plan *p);
/* Everything into an image. */
void alpa_plan_write_image(plan *p, alpa_image *image);

#endif
