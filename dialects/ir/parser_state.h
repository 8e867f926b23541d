/* The parser's inside, shared by parse*.c and by nobody else. */
#ifndef ALPA_DIALECTS_IR_PARSER_STATE_H
#define ALPA_DIALECTS_IR_PARSER_STATE_H

#include "dialects/ir/lexer.h"
#include "support/hash.h"

/* A use of a value before its definition: an operand waits for the value under a stand-in. */
typedef struct alpa_forward_use {
  alpa_value value;
  uint32_t number;
  const char *at;
  struct alpa_forward_use *next;
} alpa_forward_use;

/* What a name means in a scope. */
typedef struct alpa_scope_entry {
  const char *name; /* where it is defined, or first used */
  uint32_t size, hash;
  uint32_t generation; /* of the scope that filled it; any other makes it empty */
  uint32_t n;          /* values; 0: not, or no longer, defined */
  union {
    alpa_value *values;     /* n consecutive ones */
    alpa_forward_use *uses; /* before the definition */
  };
} alpa_scope_entry;

/* The names visible in an isolated region: open addressing, emptied by counting up the generation. */
typedef struct alpa_scope {
  alpa_scope_entry *entries;
  size_t n, cap;
  size_t n_forward; /* names used and not defined yet */
  uint32_t generation;
  ALPA_VEC(uint32_t) defined; /* positions in `entries`, in the order of definition: undone when a region ends */
  struct alpa_scope *outer;   /* enclosing isolated scope */
  struct alpa_scope *inner;   /* kept for reuse */
} alpa_scope;

/* #name = ..., !name = ... */
typedef struct alpa_alias {
  const char *name; /* interned, with its # or ! */
  const alpa_attr *attr;
  const alpa_type *type;
  const alpa_loc *loc;
  const char *at;    /* first use, where not defined yet */
  uint32_t height;   /* nesting of what it stands for */
  uint64_t weight;   /* parts of it, repetitions counted */
  alpa_loc stand_in; /* for a location alias used before its definition; kind OPAQUE, name `name` */
} alpa_alias;

/* A place that holds the stand-in of an alias. */
typedef struct alpa_forward_loc {
  const alpa_loc **slot;
  alpa_alias *alias;
} alpa_forward_loc;

/* The blocks of a region by label. */
typedef struct alpa_label {
  const char *name; /* interned */
  alpa_block *block;
  const char *at;
  bool defined;
} alpa_label;

typedef struct alpa_region_state {
  struct alpa_region_state *outer;
  alpa_region *region;
  const alpa_op_def *parent; /* op around it; NULL at the top of the file */
  alpa_map labels;           /* interned name -> alpa_label */
  ALPA_VEC(alpa_label *) order;
} alpa_region_state;

/* What a short text meant the last time: types and names of ops repeat all over a file. */
typedef struct alpa_text_cache {
  struct {
    const char *at; /* in the text; NULL: free */
    size_t size;
    const void *meaning;
  } slots[256];
} alpa_text_cache;

struct alpa_parser {
  alpa_context *ctx;
  alpa_module *module; /* NULL when a lone type or attribute is read */
  alpa_arena arena;
  const char *begin, *end;
  const char *file; /* interned */
  uint32_t first_line;
  alpa_token token;
  const char *counted; /* lines before this position are counted in `line` */
  uint32_t line;
  const char *line_start;
  uint32_t depth;  /* nesting of regions, attributes and types together */
  uint32_t reach;  /* largest depth since the last alias definition began, expansions of aliases included */
  uint64_t weight; /* parts read so far, expansions of aliases included */
  alpa_scope *scope;
  alpa_region_state *region;
  ALPA_VEC(alpa_draft *) drafts;    /* by nesting of ops; kept for reuse */
  size_t n_drafts;                  /* in use */
  ALPA_VEC(alpa_value *) values;    /* scratch of alpa_draft_build */
  ALPA_VEC(alpa_operand_ref) bound; /* stack: names left of `=`; number is how many results each has */
  alpa_map aliases;                 /* interned name -> alpa_alias */
  ALPA_VEC(alpa_forward_loc) forward_locs;
  ALPA_VEC(int64_t) dims; /* scratch of tensor types */
  alpa_text_cache types, definitions, numbers, attrs, names;
  alpa_map resources;   /* interned key -> alpa_token of the blob's string */
  const char *pipeline; /* of an mlir_reproducer trailer, or NULL */
};

/* Sets up a parser over a copy of the text; the first token is read. */
void alpa_parser_init(alpa_parser *parser, alpa_context *ctx, alpa_str text, const char *file, uint32_t first_line);
void alpa_parser_deinit(alpa_parser *parser);

/* Reads the token at a position, or the one behind the current; the commonest ones need no call. */
static inline void alpa_parser_seek(alpa_parser *parser, const char *at) {
  at += *at == ' ' && at < parser->end;
  if (*at == ',' || *at == '(' || *at == ')' || *at == '>' || *at == ']' || *at == '=') {
    parser->token = (alpa_token){*at, at, 1};
    return;
  }
  parser->token = alpa_lexer_next(at, parser->end);
}
static inline void alpa_parser_advance(alpa_parser *parser) {
  alpa_parser_seek(parser, parser->token.at + parser->token.size);
}
/* Line and column of a position. */
alpa_place alpa_parser_place(const alpa_parser *parser, const char *at);
/* The same for positions that are asked for in ascending order: counts lines once in all. */
alpa_place alpa_parser_count_to(alpa_parser *parser, const char *at);
const alpa_loc *alpa_parser_loc_of(alpa_parser *parser, alpa_place place);
/* One level deeper, with an error at the limit; every enter that succeeds has a leave. */
alpa_status alpa_parser_enter(alpa_parser *parser);
static inline void alpa_parser_leave(alpa_parser *parser) { parser->depth--; }
/* Counts the expansion of an alias as nesting, so that aliases of aliases cannot go around the limit. */
alpa_status alpa_parser_use_alias(alpa_parser *parser, const alpa_alias *alias);
/* "expected <what>, got '<token>'" */
alpa_status alpa_parser_expected(alpa_parser *parser, const char *what);
static inline bool alpa_token_is(alpa_token token, const char *word, size_t size) {
  return token.size == size && __builtin_memcmp(token.at, word, size) == 0;
}
/* The text from a position to the end of the last token. */
alpa_str alpa_parser_since(const alpa_parser *parser, const char *from);

/* The meaning of a text of at least 8 bytes, or NULL; out_slot is where to put it. */
const void *alpa_text_cache_find(const alpa_text_cache *cache, const char *at, size_t size, size_t *out_slot);
/* Behind the > of `<...>` at a position where nothing between needs a closer look, or NULL. */
const char *alpa_text_plain_end(const char *at);
void alpa_text_cache_set(alpa_text_cache *cache, size_t slot, const char *at, size_t size, const void *meaning);

/* parser.c: balanced text of unknown syntax: from the bracket at the current token to its partner; the text runs
 * from `from` and is what a printer writes. */
alpa_status alpa_parser_skip_balanced(alpa_parser *parser, const char *from, alpa_str *out_text);

/* parse_type.c */
alpa_status alpa_parser_parse_type_list(alpa_parser *parser, int close, alpa_type_list *types);

/* parse_attr.c */
alpa_status alpa_parser_parse_dict(alpa_parser *parser, const alpa_attr **out_dict);
typedef alpa_status alpa_entry_fn(alpa_parser *parser, void *user, const char *name, const char *at,
                                  const alpa_attr *value);
/* {name = value, ...}: each entry to a function, names interned; duplicates are its business. */
alpa_status alpa_parser_parse_entries(alpa_parser *parser, alpa_entry_fn *entry, void *user);
/* Whether a name is among the entries already. */
bool alpa_parser_is_repeated(alpa_parser *parser, alpa_entries *entries, const char *name);
/* An integer or float literal, sign included, of a type. */
alpa_status alpa_parser_parse_number(alpa_parser *parser, const alpa_type *type, const alpa_attr **out_attr);
/* The same as bits for memory. */
alpa_status alpa_parser_parse_element(alpa_parser *parser, alpa_dtype dtype, void *out_element);

/* parse_elements.c */
alpa_status alpa_parser_parse_dense(alpa_parser *parser, const alpa_attr **out_attr);
alpa_status alpa_parser_parse_dense_resource(alpa_parser *parser, const alpa_attr **out_attr);
alpa_status alpa_parser_parse_numbers(alpa_parser *parser, const alpa_attr **out_attr);

/* parse_dialect_attr.c: #name..., alias or attribute of a dialect */
alpa_status alpa_parser_parse_hash_attr(alpa_parser *parser, const alpa_attr **out_attr);

/* parse_loc.c */
alpa_alias *alpa_parser_alias(alpa_parser *parser, alpa_str name);
alpa_status alpa_parser_resolve_locs(alpa_parser *parser);
/* loc(...) where it stands, else *out_loc stays. */
alpa_status alpa_parser_parse_trailing_loc(alpa_parser *parser, const alpa_loc **out_loc);

/* parse_scope.c */
void alpa_scope_push(alpa_parser *parser);
/* Reports names that were used and never defined. */
alpa_status alpa_scope_pop(alpa_parser *parser);
/* Marks and forgets the names defined since the mark. */
static inline size_t alpa_scope_mark(const alpa_parser *parser) { return parser->scope->defined.n; }
void alpa_scope_reset(alpa_parser *parser, size_t mark);
alpa_status alpa_scope_define(alpa_parser *parser, alpa_operand_ref ref, alpa_value *values, uint32_t n);
/* The value of a name; a stand-in of the type where it is not defined yet. */
alpa_status alpa_scope_find(alpa_parser *parser, alpa_operand_ref ref, const alpa_type *type, alpa_value **out_value);

/* parse_region.c */
alpa_status alpa_parser_parse_successor(alpa_parser *parser, alpa_block **out_block);

/* parse_format.c */
alpa_status alpa_parser_parse_format(alpa_parser *parser, const char *format);

/* parse_op.c */
alpa_status alpa_parser_parse_op(alpa_parser *parser, alpa_op **out_op);
/* parse_trailer.c */
alpa_status alpa_parser_find_resources(alpa_parser *parser);
alpa_status alpa_parser_parse_trailer(alpa_parser *parser);

#endif
