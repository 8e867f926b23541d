/* Reading MLIR text: what the parse hooks of ops and attributes use.
 *
 * The parser stands in front of one token.  `peek` looks at it, `accept` steps over it where it is the one asked for,
 * `expect` reports where it is not.  A token is a character of punctuation, which is its own kind, or one of the kinds
 * below.  Positions are pointers into the text; they become line and column only in a message.
 *
 * A hook for an op fills the draft of that op and builds it:
 *
 *   alpa_status alpa_d_parse_x(alpa_parser *parser, alpa_op **out_op) {
 *     alpa_draft *draft = alpa_parser_draft(parser);               // empty, its definition is set
 *     ALPA_TRY(alpa_parser_parse_operands(parser));                // %a, %b
 *     ALPA_TRY(alpa_parser_parse_attr_dict(parser));               // {k = 1}, or nothing
 *     ALPA_TRY(alpa_parser_parse_op_types(parser));                // : (f32, f32) -> f32
 *     return alpa_draft_build(parser, draft, out_op);
 *   } */
#ifndef ALPA_DIALECTS_IR_PARSER_H
#define ALPA_DIALECTS_IR_PARSER_H

#include "dialects/ir/op.h"
#include "support/hash.h"

enum alpa_token_kind {
  ALPA_TOKEN_END = 256,
  ALPA_TOKEN_ERROR,       /* not a token; reported when it is expected to be something */
  ALPA_TOKEN_WORD,        /* stablehlo.add, loc, true: letters, digits, _ $ . */
  ALPA_TOKEN_INTEGER,     /* 12, 0x1F */
  ALPA_TOKEN_FLOAT,       /* 1.0, 2.5E-3 */
  ALPA_TOKEN_STRING,      /* "text", with its quotes and escapes */
  ALPA_TOKEN_VALUE,       /* %x */
  ALPA_TOKEN_BLOCK,       /* ^bb0 */
  ALPA_TOKEN_SYMBOL,      /* @x, @"x y" */
  ALPA_TOKEN_HASH,        /* #alias, #dialect.attr, and the #1 of %x#1 */
  ALPA_TOKEN_BANG,        /* !alias, !dialect.type */
  ALPA_TOKEN_ARROW,       /* -> */
  ALPA_TOKEN_COLON_COLON, /* :: */
  ALPA_TOKEN_ELLIPSIS,    /* ... */
  ALPA_TOKEN_TRAILER,     /* {-# */
  ALPA_TOKEN_TRAILER_END  /* #-} */
};

/* An operand as written; the value it means is looked up when the op is built. */
typedef struct alpa_operand_ref {
  const char *name; /* in the text, behind the % */
  uint32_t size;
  uint32_t number; /* 2 of %x#2 */
} alpa_operand_ref;

/* An argument of a region's entry block. */
typedef struct alpa_region_arg {
  alpa_operand_ref ref;
  const alpa_type *type;
  const alpa_loc *loc;    /* NULL: where it is written */
  const alpa_attr *attrs; /* a DICT, or NULL */
} alpa_region_arg;

typedef ALPA_VEC(alpa_region_arg) alpa_region_args;
typedef ALPA_VEC(const alpa_type *) alpa_type_list;

/* Names of a dictionary in the making, and which there are already. */
typedef struct alpa_entries {
  ALPA_VEC(alpa_named_attr) items; /* names interned */
  alpa_map seen;                   /* filled once there are so many that comparing all pairs would cost */
} alpa_entries;

/* An op in the making.  Arrays belong to the parser. */
typedef struct alpa_draft {
  const alpa_op_def *def;
  const char *at;       /* its name in the text */
  const char *types_at; /* its types, or NULL */
  ALPA_VEC(alpa_operand_ref) operands;
  alpa_type_list operand_types; /* one per operand when it is built */
  alpa_type_list results;
  ALPA_VEC(const alpa_attr *) attrs; /* by ordinal of the definition, NULL where absent */
  alpa_entries extra;                /* discardable attributes */
  ALPA_VEC(alpa_region *) regions;
  ALPA_VEC(alpa_block *) successors;
  const alpa_attr *properties; /* of an unregistered op */
} alpa_draft;

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

int alpa_parser_peek(const alpa_parser *parser);
/* The kind of the token behind the next one. */
int alpa_parser_peek_second(const alpa_parser *parser);
/* The text of the next token, and where it begins. */
alpa_str alpa_parser_text(const alpa_parser *parser);
const char *alpa_parser_at(const alpa_parser *parser);
bool alpa_parser_is_word(const alpa_parser *parser, const char *word);
bool alpa_parser_accept(alpa_parser *parser, int kind);
bool alpa_parser_accept_word(alpa_parser *parser, const char *word);
/* `where` completes the message "expected ')' <where>, got '...'"; NULL is legal. */
alpa_status alpa_parser_expect(alpa_parser *parser, int kind, const char *where);
alpa_status alpa_parser_expect_word(alpa_parser *parser, const char *word);
/* A word: view into the text. */
alpa_status alpa_parser_parse_word(alpa_parser *parser, alpa_str *out_word);
/* An integer with an optional minus; reports what exceeds int64. */
alpa_status alpa_parser_parse_int(alpa_parser *parser, int64_t *out_value);
/* The contents of a string token, escapes decoded; in the parser's arena or the text, without a NUL behind them. */
alpa_status alpa_parser_parse_string(alpa_parser *parser, alpa_str *out_text);
/* @name or @"name" or @a::@b: interned, without the first @. */
alpa_status alpa_parser_parse_symbol(alpa_parser *parser, const char **out_name);

/* Reports at the next token, or at a position; returns ALPA_INVALID_ARGUMENT. */
alpa_status alpa_parser_error(alpa_parser *parser, const char *format, ...) ALPA_PRINTF(2, 3);
alpa_status alpa_parser_error_at(alpa_parser *parser, const char *at, const char *format, ...) ALPA_PRINTF(3, 4);

alpa_context *alpa_parser_context(alpa_parser *parser);
/* The module being read; its ops are linked by the parser. */
alpa_module *alpa_parser_module(alpa_parser *parser);
/* Scratch that lives until the whole text is read. */
alpa_arena *alpa_parser_arena(alpa_parser *parser);

/* ---- types and attributes ---- */

alpa_status alpa_parser_parse_type(alpa_parser *parser, const alpa_type **out_type);
/* T, T, ... without parentheses: appends at least one. */
alpa_status alpa_parser_parse_types(alpa_parser *parser, alpa_type_list *types);
/* An attribute in full, its type behind it where MLIR writes one. */
alpa_status alpa_parser_parse_attr(alpa_parser *parser, const alpa_attr **out_attr);
/* An attribute as `$name` of a format says it, without its type: 3, [1, 0], LT, "text", @symbol, <...>. */
alpa_status alpa_parser_parse_field(alpa_parser *parser, const alpa_field_def *field, const alpa_attr **out_attr);
/* Converts an attribute to what a field wants (older spellings), or reports at `at` why it cannot be that. */
alpa_status alpa_parser_convert_field(alpa_parser *parser, const alpa_field_def *field, const char *at,
                                      const alpa_attr **attr);
/* [1, 2, 3] as array<i64: 1, 2, 3>. */
alpa_status alpa_parser_parse_i64s(alpa_parser *parser, const alpa_attr **out_attr);
/* What stands between < and >, both excluded, of the definition: enum case or fields. */
alpa_status alpa_parser_parse_attr_body(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);
/* loc(...), with the word. */
alpa_status alpa_parser_parse_loc(alpa_parser *parser, const alpa_loc **out_loc);
/* The location of a position in the text; quick for positions in ascending order. */
const alpa_loc *alpa_parser_loc_at(alpa_parser *parser, const char *at);

/* ---- ops ---- */

/* The draft of the op whose hook runs. */
alpa_draft *alpa_parser_draft(alpa_parser *parser);
/* Each of these reads text and adds to the current draft. */
alpa_status alpa_parser_parse_operand(alpa_parser *parser);             /* %x */
alpa_status alpa_parser_parse_operands(alpa_parser *parser);            /* none or more, comma-separated */
alpa_status alpa_parser_parse_attr_dict(alpa_parser *parser);           /* {a = 1}, or nothing; inherent ones by name */
alpa_status alpa_parser_parse_attr_dict_with_word(alpa_parser *parser); /* attributes {a = 1}, or nothing */
/* `: T` for all operands and one result, or `: (T, T) -> T`. */
alpa_status alpa_parser_parse_op_type_or_types(alpa_parser *parser);
/* `: (T, T) -> T`. */
alpa_status alpa_parser_parse_op_types(alpa_parser *parser);
/* (T, T) -> T, without the colon. */
alpa_status alpa_parser_parse_function_type(alpa_parser *parser);
/* A region in braces.  args names the entry block's arguments where the op's own syntax has them; n_args 0 allows the
 * text to have a block label instead.  The region sees values from outside unless the definition is ALPA_ISOLATED. */
alpa_status alpa_parser_parse_region(alpa_parser *parser, const alpa_region_arg *args, size_t n_args);
/* (%a: T {attrs} loc(..), ...): appends, parentheses included; attrs and loc are optional. */
alpa_status alpa_parser_parse_region_args(alpa_parser *parser, alpa_region_args *args);
/* %x as a name for a region argument, not a use. */
alpa_status alpa_parser_parse_region_arg_name(alpa_parser *parser, alpa_operand_ref *out_ref);
/* Sets an inherent attribute; reports one that is set already. */
alpa_status alpa_draft_set_attr(alpa_parser *parser, alpa_draft *draft, int ordinal, const alpa_attr *attr);
/* Gives every operand the same type. */
void alpa_draft_set_operand_types(alpa_parser *parser, alpa_draft *draft, const alpa_type *type);
void alpa_draft_add_operand_type(alpa_parser *parser, alpa_draft *draft, const alpa_type *type);
void alpa_draft_add_result(alpa_parser *parser, alpa_draft *draft, const alpa_type *type);

/* The location behind the op (` loc(...)`), or where its name stands.  Only for hooks that make several ops and want to
 * give it to all of them, the op itself included; for one op it happens by itself. */
alpa_status alpa_parser_parse_op_loc(alpa_parser *parser, const alpa_loc **out_loc);
/* Stores a parsed location in a place that outlives the parser: an alias may not be defined yet and is filled in. */
void alpa_parser_store_loc(alpa_parser *parser, const alpa_loc **slot, const alpa_loc *loc);
/* Looks the operands up, checks their types and makes the op, detached. */
alpa_status alpa_draft_build(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op);

#endif
