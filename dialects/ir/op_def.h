/* What a dialect says about its ops: rows of a table, one per op.
 *
 * Each dialect has a file <dialect>_ops.def of rows
 *
 *   OP(id, "mnemonic", operands, results, regions, traits, syntax, infer, verify,
 *      fold, eval, factors, cost, emit, "summary")
 *   ATTR(id, name, KIND, presence)              zero or more, directly under their OP
 *   ATTR_OF(id, name, KIND, presence, def)      the same for ENUM, ENUMS and STRUCT of an attribute definition
 *   END(id)
 *
 * which is included once per column by the layer that the column belongs to:
 *   dialects/  arity, traits, syntax, infer, verify   passes/  fold (canonicalize), factors, cost (planner)
 *   interp/    eval                                    codegen/ emit
 * `none` in a column means that the layer does nothing special; the layer defines what that is. */
#ifndef ALPA_DIALECTS_IR_OP_DEF_H
#define ALPA_DIALECTS_IR_OP_DEF_H

#include "dialects/ir/attribute.h"

typedef struct alpa_op alpa_op;
typedef struct alpa_printer alpa_printer;

enum alpa_trait {
  ALPA_PURE = 1 << 0,           /* no effects: may be erased, merged, moved */
  ALPA_COMMUTATIVE = 1 << 1,    /* in its first two operands */
  ALPA_ELEMENTWISE = 1 << 2,    /* result element i depends on operand elements i alone (rank-0 operands aside) */
  ALPA_TERMINATOR = 1 << 3,     /* last op of its block */
  ALPA_SYMBOL = 1 << 4,         /* has sym_name, found through the enclosing symbol table */
  ALPA_SYMBOL_TABLE = 1 << 5,   /* its region holds symbols */
  ALPA_ISOLATED = 1 << 6,       /* its regions use no values from outside */
  ALPA_REGION_PURE = 1 << 7,    /* pure if the ops of its regions are */
  ALPA_SAME_TYPE = 1 << 8,      /* operands and results have one type */
  ALPA_CONSTANT = 1 << 9,       /* its attribute `value` is its result */
  ALPA_COLLECTIVE = 1 << 10,    /* devices of a mesh take part together; never merged or reordered, erased if unused */
  ALPA_NO_TERMINATOR = 1 << 11, /* its blocks need none */
  ALPA_DYNAMIC_SIZES = 1 << 12  /* operands say how large the result is */
};

enum { ALPA_VARIADIC = UINT16_MAX };

typedef struct alpa_arity {
  uint16_t min, max;
} alpa_arity;

/* Result types in the making. */
typedef struct alpa_infer {
  alpa_arena *arena;
  ALPA_VEC(const alpa_type *) types;
} alpa_infer;
void alpa_infer_push(alpa_infer *infer, const alpa_type *type);

/* Computes result types from operands, attributes and regions, which are in place; reports what is wrong with them. */
typedef alpa_status alpa_infer_fn(alpa_op *op, alpa_infer *out);
/* Checks what the table does not say; arity, attribute kinds and result types have been checked before. */
typedef alpa_status alpa_verify_fn(alpa_op *op);
/* Checks a discardable attribute of an op whose name begins with the dialect's; it is of any kind. */
typedef alpa_status alpa_verify_attr_fn(alpa_op *op, const alpa_named_attr *attr);
typedef alpa_status alpa_parse_op_fn(alpa_parser *parser, alpa_op **out_op);
typedef void alpa_print_op_fn(alpa_printer *printer, const alpa_op *op);

/* The pretty form of an op: a format, hooks of its own, or neither (generic form only).
 * Format elements, separated by what is printed literally:
 *   %        the next operand           %*   all remaining operands, comma-separated
 *   $name    an attribute without its type: 3, [1, 0], LT, "text", @symbol
 *   ?name{ } what stands inside, where attribute `name` is present
 *   {}       the remaining attributes as a dictionary, where there are any
 *   :T       ` : type` where all operand and result types are one, else a function type
 *   :F       ` : ` and a function type without parentheses dropped: (operand types) -> result types */
typedef struct alpa_syntax {
  const char *format;
  alpa_parse_op_fn *parse;
  alpa_print_op_fn *print;
  const char *names; /* "values,indices|iterArg": what the printer calls results, and behind '|' region arguments */
} alpa_syntax;

typedef struct alpa_dialect_def alpa_dialect_def;

typedef struct alpa_op_def {
  const char *name;                /* "stablehlo.add" */
  const alpa_dialect_def *dialect; /* NULL for an unregistered op */
  uint32_t id;                     /* row in the dialect's table */
  alpa_arity operands, results;
  uint16_t regions; /* exact number, or ALPA_VARIADIC */
  uint16_t n_attrs;
  uint32_t traits;
  const alpa_field_def *attrs; /* by ordinal, ends with a NULL name */
  alpa_syntax syntax;
  alpa_infer_fn *infer;   /* NULL: result types cannot be computed */
  alpa_verify_fn *verify; /* NULL: nothing more to check */
  const char *summary;
} alpa_op_def;

struct alpa_dialect_def {
  const char *name, *summary;
  uint32_t id; /* alpa_dialect_id */
  const alpa_op_def *ops;
  size_t n_ops;
  const alpa_attr_def *const *attrs; /* ends with NULL */
  alpa_verify_attr_fn *verify_attr;  /* NULL: nothing to check */
};

/* X(ID, variable): every dialect, in the order of --show-dialects and of alpa_dialect_id. */
#define ALPA_DIALECT_TABLE(X)                                                                                          \
  X(ALPA, alpa)                                                                                                        \
  X(BUILTIN, builtin)                                                                                                  \
  X(CHLO, chlo)                                                                                                        \
  X(FUNC, func)                                                                                                        \
  X(KERNEL, kernel)                                                                                                    \
  X(SDY, sdy)                                                                                                          \
  X(STABLEHLO, stablehlo)

typedef enum alpa_dialect_id {
#define X(ID, variable) ALPA_DIALECT_##ID,
  ALPA_DIALECT_TABLE(X)
#undef X
      ALPA_DIALECT_COUNT
} alpa_dialect_id;

extern const alpa_dialect_def *const alpa_dialects[ALPA_DIALECT_COUNT];

#endif
