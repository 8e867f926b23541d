/* Ops, values, blocks and regions: the uniform IR.
 *
 * Everything lives in the arena of its module; erasing unlinks and gives no memory back.  Operands, successors and
 * inherent attributes are arrays; uses of a value are a list through the operands. */
#ifndef ALPA_DIALECTS_IR_OP_H
#define ALPA_DIALECTS_IR_OP_H

#include "dialects/ir/location.h"
#include "dialects/ir/op_def.h"

typedef struct alpa_value alpa_value;
typedef struct alpa_use alpa_use;
typedef struct alpa_block alpa_block;
typedef struct alpa_region alpa_region;
typedef struct alpa_module alpa_module;

struct alpa_value {
  const alpa_type *type;
  alpa_use *uses;      /* unordered list */
  alpa_op *op;         /* defining op, or NULL for a block argument */
  alpa_block *block;   /* block of a block argument, or NULL */
  uint32_t index;      /* result or argument number */
  uint32_t number;     /* dense, set by alpa_op_number */
  const char *name;    /* hint for the printer, or NULL */
  const alpa_loc *loc; /* of a block argument */
};

/* One operand: a place where a value is used. */
struct alpa_use {
  alpa_value *value;
  alpa_op *owner;
  alpa_use *next, **link; /* neighbours in the value's list; link is the pointer that points here */
};

struct alpa_op {
  const alpa_op_def *def;
  alpa_module *module;
  const alpa_loc *loc;
  alpa_block *block; /* NULL while detached */
  alpa_op *previous, *next;
  alpa_use *operands;
  alpa_value *results;
  const alpa_attr **attrs;  /* inherent, by ordinal of the definition; NULL where absent */
  const alpa_attr *extra;   /* discardable attributes: a DICT, or NULL */
  const alpa_attr *properties; /* of an unregistered op: the DICT it had in <{}>, or NULL */
  alpa_region *regions;
  alpa_block **successors;
  uint32_t n_operands, n_results, n_regions, n_successors;
  uint32_t number; /* dense, set by alpa_op_number */
};

struct alpa_region {
  alpa_op *op;
  alpa_block *first, *last;
};

struct alpa_block {
  alpa_region *region;
  alpa_block *previous, *next;
  alpa_op *first, *last;
  alpa_value **args;
  uint32_t n_args, args_cap;
};

/* Owns one builtin.module op and everything under it. */
struct alpa_module {
  alpa_context *ctx;
  alpa_arena arena;
  alpa_op *op;
};

/* Everything an op is made of.  Arrays are copied; results NULL with infer set asks the definition. */
typedef struct alpa_op_state {
  const alpa_op_def *def;
  const alpa_loc *loc;
  alpa_value *const *operands;
  size_t n_operands;
  const alpa_type *const *results;
  size_t n_results;
  const alpa_attr *const *attrs; /* def->n_attrs of them, or NULL for none */
  const alpa_attr *extra;
  alpa_block *const *successors;
  size_t n_successors;
  size_t n_regions;
} alpa_op_state;

/* ---- modules ----------------------------------------------------------------------------------------------------- */

/* An empty module with one empty block. */
alpa_module *alpa_module_create(alpa_context *ctx, const alpa_loc *loc);
void alpa_module_destroy(alpa_module *module);
/* The only block of the module's body. */
static inline alpa_block *alpa_module_body(const alpa_module *module) { return module->op->regions[0].first; }
/* The op with that symbol name in the symbol table op, or NULL. */
alpa_op *alpa_symbol_find(const alpa_op *table, const char *name);
/* The value of sym_name, or NULL. */
const char *alpa_symbol_name(const alpa_op *op);

/* ---- ops --------------------------------------------------------------------------------------------------------- */

/* A detached op with empty regions. */
alpa_op *alpa_op_create(alpa_module *module, const alpa_op_state *state);
/* Result types are inferred; regions that inference needs can be given ready-made through `regions` (moved). */
alpa_status alpa_op_create_inferred(alpa_module *module, const alpa_op_state *state, alpa_region *regions,
                                    alpa_op **out_op);
/* Links a detached op into a block: before `before`, or at the end where that is NULL. */
void alpa_op_insert(alpa_op *op, alpa_block *block, alpa_op *before);
/* Unlinks without destroying. */
void alpa_op_remove(alpa_op *op);
/* Unlinks, drops the uses of its operands and of all ops inside.  Its results must have no uses left. */
void alpa_op_erase(alpa_op *op);
/* Replaces every use of the results by the values, one each, and erases. */
void alpa_op_replace(alpa_op *op, alpa_value *const *values);
void alpa_op_set_operand(alpa_op *op, uint32_t index, alpa_value *value);
void alpa_op_set_operands(alpa_op *op, alpa_value *const *values, size_t n);
/* Appends a result; pointers to existing results become invalid, so only for ops whose results have no uses yet. */
void alpa_op_set_results(alpa_op *op, const alpa_type *const *types, size_t n);

static inline alpa_value *alpa_op_operand(const alpa_op *op, uint32_t i) { return op->operands[i].value; }
static inline alpa_value *alpa_op_result(const alpa_op *op, uint32_t i) { return &op->results[i]; }
static inline const alpa_type *alpa_op_operand_type(const alpa_op *op, uint32_t i) {
  return op->operands[i].value->type;
}
static inline const alpa_type *alpa_op_type(const alpa_op *op) { return op->results[0].type; }
static inline const alpa_attr *alpa_op_attr(const alpa_op *op, int ordinal) { return op->attrs[ordinal]; }
static inline bool alpa_op_has(const alpa_op *op, uint32_t trait) { return (op->def->traits & trait) != 0; }
/* Inherent i64, i32 or bool, or a default where absent. */
int64_t alpa_op_int(const alpa_op *op, int ordinal, int64_t absent);
static inline const int64_t *alpa_op_i64s(const alpa_op *op, int ordinal, size_t *out_n) {
  return alpa_attr_i64s(op->attrs[ordinal], out_n);
}
/* Attribute by name, inherent or discardable; NULL where absent. */
const alpa_attr *alpa_op_find_attr(const alpa_op *op, const char *name);
/* Sets (or with NULL removes) an attribute by name: inherent where the definition has it, else discardable. */
void alpa_op_set_attr(alpa_op *op, const char *name, const alpa_attr *value);
/* No effects: by trait, and for ALPA_REGION_PURE by what is inside. */
bool alpa_op_is_pure(const alpa_op *op);
/* All operands and results are tensors of static shape. */
bool alpa_op_is_static(const alpa_op *op);
/* The op around this one, or NULL. */
static inline alpa_op *alpa_op_parent(const alpa_op *op) { return op->block ? op->block->region->op : NULL; }
bool alpa_op_is_before(const alpa_op *a, const alpa_op *b); /* same block, numbered */
/* The nearest enclosing op (itself included) that is a symbol table. */
alpa_op *alpa_op_symbol_table(alpa_op *op);
static inline alpa_context *alpa_op_context(const alpa_op *op) { return op->module->ctx; }

/* Reports at the op's location, with the op's name in front: "'stablehlo.add' op <message>". */
alpa_status alpa_op_error(const alpa_op *op, const char *format, ...) ALPA_PRINTF(2, 3);
alpa_status alpa_op_unsupported(const alpa_op *op, const char *format, ...) ALPA_PRINTF(2, 3);
void alpa_op_remark(const alpa_op *op, const char *format, ...) ALPA_PRINTF(2, 3);

/* ---- values ------------------------------------------------------------------------------------------------------ */

void alpa_value_replace(alpa_value *value, alpa_value *by);
static inline bool alpa_value_has_one_use(const alpa_value *value) { return value->uses && !value->uses->next; }
/* Number of a use among the operands of its owner. */
static inline uint32_t alpa_use_index(const alpa_use *use) { return (uint32_t)(use - use->owner->operands); }
/* The constant that defines the value (an op with ALPA_CONSTANT), or NULL. */
const alpa_attr *alpa_value_find_constant(const alpa_value *value);

/* ---- blocks and regions -------------------------------------------------------------------------------------------- */

alpa_block *alpa_block_create(alpa_module *module);
void alpa_block_append(alpa_region *region, alpa_block *block);
alpa_value *alpa_block_add_arg(alpa_block *block, alpa_module *module, const alpa_type *type, const alpa_loc *loc);
/* The argument has no uses. */
void alpa_block_erase_arg(alpa_block *block, uint32_t index);
static inline alpa_op *alpa_block_terminator(const alpa_block *block) { return block->last; }
/* The only block, or NULL where the region has none. */
static inline alpa_block *alpa_region_block(const alpa_region *region) { return region->first; }
/* Moves all blocks of one region to the end of another. */
void alpa_region_take(alpa_region *to, alpa_region *from);

/* Numbers ops and values under `root` densely in walk order (ops before what is inside them), both from 0; block
 * arguments before the ops of their block.  Counts may be NULL. */
void alpa_op_number(alpa_op *root, uint32_t *out_ops, uint32_t *out_values);

#endif
