/* Attributes, interned per context: equal attributes are the same pointer. */
#ifndef ALPA_DIALECTS_IR_ATTRIBUTE_H
#define ALPA_DIALECTS_IR_ATTRIBUTE_H

#include "dialects/ir/type.h"

typedef struct alpa_attr_def alpa_attr_def;

typedef enum alpa_attr_kind {
  ALPA_ATTR_UNIT,
  ALPA_ATTR_INTEGER,  /* 3 : i64; true is 1 : i1 */
  ALPA_ATTR_FLOAT,    /* 1.0 : f32 */
  ALPA_ATTR_STRING,   /* "text" */
  ALPA_ATTR_SYMBOL,   /* @name, or @a::@b kept as one text */
  ALPA_ATTR_TYPE,     /* tensor<f32> */
  ALPA_ATTR_ARRAY,    /* [1, "a"] */
  ALPA_ATTR_DICT,     /* {a = 1}; sorted by name */
  ALPA_ATTR_ELEMENTS, /* dense<1.0> : tensor<2xf32> */
  ALPA_ATTR_NUMBERS,  /* array<i64: 1, 2> */
  ALPA_ATTR_ENUM,     /* #stablehlo<precision DEFAULT> */
  ALPA_ATTR_STRUCT,   /* #stablehlo.dot<lhs_contracting_dimensions = [1], ...>, #sdy.sharding<...> */
  ALPA_ATTR_OPAQUE    /* kept as text: affine_map<...>, #unknown.thing<...> */
} alpa_attr_kind;

typedef struct alpa_named_attr {
  const char *name; /* interned */
  const alpa_attr *value;
} alpa_named_attr;

struct alpa_attr {
  alpa_attr_kind kind;
  const alpa_type *type;    /* INTEGER FLOAT: scalar or index; ELEMENTS: tensor; NUMBERS: element scalar; TYPE */
  const alpa_attr_def *def; /* ENUM, STRUCT */
  union {
    int64_t integer;   /* INTEGER (two's complement of its width, sign-extended unless unsigned), ENUM: ordinal */
    uint64_t bits;     /* FLOAT: in the format of its type */
    alpa_str string;   /* STRING, SYMBOL (without the first @), OPAQUE */
    struct {           /* ARRAY, and the fields of a STRUCT by ordinal (NULL where absent) */
      const alpa_attr *const *items;
      size_t n;
    } array;
    struct { /* DICT */
      const alpa_named_attr *items;
      size_t n;
    } dict;
    struct {             /* ELEMENTS, NUMBERS: little-endian, row-major, in the runtime's layout (i1: one byte each) */
      const void *data;  /* 16-byte aligned */
      size_t n;          /* elements stored: 1 for a splat */
      bool splat;        /* one element stands for all */
    } elements;
  };
  uint64_t hash; /* structural: equal in every context and process */
};

/* ---- definitions of dialect attributes, and of the attributes of ops ------------------------------------------- */

/* What a named attribute of an op, or a field of a struct, may be. */
typedef enum alpa_field_kind {
  ALPA_FIELD_ANY,
  ALPA_FIELD_UNIT,
  ALPA_FIELD_BOOL,
  ALPA_FIELD_I32,
  ALPA_FIELD_I64,
  ALPA_FIELD_FLOAT,
  ALPA_FIELD_STR,
  ALPA_FIELD_SYM,
  ALPA_FIELD_TYPE,
  ALPA_FIELD_I64S,     /* array<i64: ...>; the older dense<[...]> : tensor<Nxi64> is converted when read */
  ALPA_FIELD_BOOLS,    /* array<i1: ...>; older dense likewise */
  ALPA_FIELD_ELEMENTS, /* dense<...> of any type */
  ALPA_FIELD_PAIRS,    /* dense<...> : tensor<NxMxi64> (padding, replica groups) */
  ALPA_FIELD_ENUM,     /* of `def` */
  ALPA_FIELD_ENUMS,    /* array of enums of `def` */
  ALPA_FIELD_STRUCT,   /* of `def` */
  ALPA_FIELD_ARRAY,
  ALPA_FIELD_DICT
} alpa_field_kind;

typedef struct alpa_field_def {
  const char *name;
  alpa_field_kind kind;
  bool required;
  const alpa_attr_def *def; /* ENUM, ENUMS, STRUCT */
} alpa_field_def;

typedef struct alpa_parser alpa_parser;

/* One dialect attribute: an enum (cases) or a struct (fields).  Text of its own by the two hooks; without them an enum
 * is `#dialect<mnemonic CASE>` and a struct `#dialect.mnemonic<field = value, ...>` with absent fields elided. */
struct alpa_attr_def {
  const char *dialect, *mnemonic;
  const char *const *cases;     /* ENUM, ends with NULL */
  const alpa_field_def *fields; /* STRUCT, ends with a NULL name */
  /* Reads what stands between < and >, both excluded. */
  alpa_status (*parse)(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);
  void (*print)(alpa_text *text, const alpa_attr *attr);
};

/* ---- construction; arrays and text are copied -------------------------------------------------------------------- */

const alpa_attr *alpa_attr_get_unit(alpa_context *ctx);
const alpa_attr *alpa_attr_get_bool(alpa_context *ctx, bool value);
const alpa_attr *alpa_attr_get_i64(alpa_context *ctx, int64_t value);
const alpa_attr *alpa_attr_get_integer(alpa_context *ctx, const alpa_type *type, int64_t value);
/* Rounds to the type, which is a float scalar. */
const alpa_attr *alpa_attr_get_float(alpa_context *ctx, const alpa_type *type, double value);
const alpa_attr *alpa_attr_get_float_bits(alpa_context *ctx, const alpa_type *type, uint64_t bits);
const alpa_attr *alpa_attr_get_string(alpa_context *ctx, const char *text);
const alpa_attr *alpa_attr_get_bytes(alpa_context *ctx, alpa_str text);
const alpa_attr *alpa_attr_get_symbol(alpa_context *ctx, const char *name);
const alpa_attr *alpa_attr_get_type(alpa_context *ctx, const alpa_type *type);
const alpa_attr *alpa_attr_get_array(alpa_context *ctx, const alpa_attr *const *items, size_t n);
/* Sorts by name; names are unique and need not be interned. */
const alpa_attr *alpa_attr_get_dict(alpa_context *ctx, const alpa_named_attr *items, size_t n);
const alpa_attr *alpa_attr_get_i64s(alpa_context *ctx, const int64_t *values, size_t n);
const alpa_attr *alpa_attr_get_numbers(alpa_context *ctx, const alpa_type *element, const void *data, size_t n);
/* data holds every element, or one where splat; a constant of equal elements becomes a splat. */
const alpa_attr *alpa_attr_get_elements(alpa_context *ctx, const alpa_type *tensor, const void *data, bool splat);
/* Tensor of shape rows x columns of i64. */
const alpa_attr *alpa_attr_get_pairs(alpa_context *ctx, int64_t rows, int64_t columns, const int64_t *values);
const alpa_attr *alpa_attr_get_enum(alpa_context *ctx, const alpa_attr_def *def, int64_t ordinal);
/* One attribute per field of the definition, NULL where absent. */
const alpa_attr *alpa_attr_get_struct(alpa_context *ctx, const alpa_attr_def *def, const alpa_attr *const *fields);
const alpa_attr *alpa_attr_get_opaque(alpa_context *ctx, alpa_str text);

/* ---- access ------------------------------------------------------------------------------------------------------ */

/* All numbers of NUMBERS or ELEMENTS of i64 as an array; attr NULL gives n = 0, a splat of more than 64 gives NULL. */
const int64_t *alpa_attr_i64s(const alpa_attr *attr, size_t *out_n);
/* The value of a FLOAT as a double. */
double alpa_attr_number(const alpa_attr *attr);
/* The attribute of that name in a DICT (dict NULL is empty), or NULL. */
const alpa_attr *alpa_attr_find(const alpa_attr *dict, const char *name);
/* A DICT with name set to value; value NULL removes it.  dict NULL is empty. */
const alpa_attr *alpa_attr_dict_set(alpa_context *ctx, const alpa_attr *dict, const char *name,
                                    const alpa_attr *value);
/* The case name of an ENUM. */
static inline const char *alpa_attr_case(const alpa_attr *attr) { return attr->def->cases[attr->integer]; }
static inline const alpa_attr *alpa_attr_field(const alpa_attr *attr, int ordinal) {
  return attr->array.items[ordinal];
}
/* Element `index` of ELEMENTS or NUMBERS, splats included: pointer to its bytes. */
const void *alpa_attr_element(const alpa_attr *attr, int64_t index);

/* The generic form, with type suffixes where MLIR prints them. */
void alpa_attr_print(alpa_text *text, const alpa_attr *attr);

#endif
