/* The dimension numbers of convolutions, and bounds. */
#include "dialects/stablehlo/attribute_syntax.h"

#include <inttypes.h>

#include "dialects/ir/parser.h"
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"

/* One tensor of a convolution: the letters of its two dimensions that are not spatial, and the fields that say where
 * those and the spatial ones are. */
typedef struct conv_tensor {
  char letters[2];
  int fields[2];
  int spatial;
} conv_tensor;

static const conv_tensor conv_tensors[] = {
    {{'b', 'f'}, {STABLEHLO_CONV_INPUT_BATCH, STABLEHLO_CONV_INPUT_FEATURE}, STABLEHLO_CONV_INPUT_SPATIAL},
    {{'i', 'o'},
     {STABLEHLO_CONV_KERNEL_INPUT_FEATURE, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE},
     STABLEHLO_CONV_KERNEL_SPATIAL},
    {{'b', 'f'}, {STABLEHLO_CONV_OUTPUT_BATCH, STABLEHLO_CONV_OUTPUT_FEATURE}, STABLEHLO_CONV_OUTPUT_SPATIAL},
};

enum { N_CONV_FIELDS = STABLEHLO_CONV_OUTPUT_SPATIAL + 1 };

/* The dimensions of one tensor while they are read; -1 is unset. */
typedef struct conv_dims {
  int64_t letters[2], spatial[ALPA_MAX_RANK];
  int64_t n_spatial; /* highest spatial number plus one */
} conv_dims;

static alpa_status place(alpa_parser *parser, int64_t *slot, int64_t dim) {
  alpa_str text = alpa_parser_text(parser);
  if (*slot >= 0)
    return alpa_parser_error(parser, "dimension '%.*s' is named twice", (int)text.size, text.data);
  *slot = dim;
  return ALPA_OK;
}

/* b, f, or the number of a spatial dimension. */
static alpa_status parse_conv_dim(alpa_parser *parser, const conv_tensor *tensor, int64_t dim, conv_dims *dims) {
  alpa_str word = alpa_parser_text(parser);
  if (alpa_parser_peek(parser) == ALPA_TOKEN_WORD) {
    for (int i = 0; i < 2; i++)
      if (word.size == 1 && word.data[0] == tensor->letters[i]) {
        ALPA_TRY(place(parser, &dims->letters[i], dim));
        return alpa_parser_expect(parser, ALPA_TOKEN_WORD, NULL);
      }
    return alpa_parser_error(parser, "expected '%c', '%c' or the number of a spatial dimension, got '%.*s'",
                             tensor->letters[0], tensor->letters[1], (int)word.size, word.data);
  }
  int64_t number = 0;
  for (size_t i = 0; i < word.size && i < 3; i++)
    number = number * 10 + (word.data[i] - '0');
  if (alpa_parser_peek(parser) == ALPA_TOKEN_INTEGER && (word.size > 2 || number >= ALPA_MAX_RANK))
    return alpa_parser_error(parser, "expected the number of a spatial dimension below %d, got '%.*s'", ALPA_MAX_RANK,
                             (int)word.size, word.data);
  if (alpa_parser_peek(parser) == ALPA_TOKEN_INTEGER) {
    ALPA_TRY(place(parser, &dims->spatial[number], dim));
    dims->n_spatial = number >= dims->n_spatial ? number + 1 : dims->n_spatial;
  }
  return alpa_parser_expect(parser, ALPA_TOKEN_INTEGER, "in the dimension numbers");
}

static alpa_status check_complete(alpa_parser *parser, const conv_tensor *tensor, const conv_dims *dims) {
  for (int i = 0; i < 2; i++)
    if (dims->letters[i] < 0)
      return alpa_parser_error(parser, "the dimension numbers lack '%c'", tensor->letters[i]);
  for (int64_t i = 0; i < dims->n_spatial; i++)
    if (dims->spatial[i] < 0)
      return alpa_parser_error(parser, "the dimension numbers lack spatial dimension %" PRId64, i);
  return ALPA_OK;
}

static alpa_status parse_conv_tensor(alpa_parser *parser, const conv_tensor *tensor, const alpa_attr **fields) {
  alpa_context *ctx = alpa_parser_context(parser);
  conv_dims dims = {.letters = {-1, -1}};
  for (int i = 0; i < ALPA_MAX_RANK; i++)
    dims.spatial[i] = -1;
  int64_t dim = 0;
  ALPA_TRY(alpa_parser_expect(parser, '[', "before dimension numbers"));
  do
    ALPA_TRY(parse_conv_dim(parser, tensor, dim++, &dims));
  while (alpa_parser_accept(parser, ','));
  ALPA_TRY(check_complete(parser, tensor, &dims));
  ALPA_TRY(alpa_parser_expect(parser, ']', "behind dimension numbers"));
  for (int i = 0; i < 2; i++)
    fields[tensor->fields[i]] = alpa_attr_get_i64(ctx, dims.letters[i]);
  fields[tensor->spatial] = alpa_attr_get_i64s(ctx, dims.spatial, (size_t)dims.n_spatial);
  return ALPA_OK;
}

static int find_field(const alpa_attr_def *def, alpa_str name) {
  for (int i = 0; def->fields[i].name; i++) {
    const char *field = def->fields[i].name;
    size_t n = 0;
    while (n < name.size && field[n] == name.data[n])
      n++;
    if (n == name.size && !field[n])
      return i;
  }
  return -1;
}

/* raw field = value, ... */
static alpa_status parse_raw(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **fields) {
  do {
    int ordinal = find_field(def, alpa_parser_text(parser));
    if (ordinal < 0 || fields[ordinal])
      return alpa_parser_error(parser, ordinal < 0 ? "#stablehlo.conv has no such field" : "a field is given twice");
    ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_WORD, NULL));
    ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of a field"));
    ALPA_TRY(alpa_parser_parse_field(parser, &def->fields[ordinal], &fields[ordinal]));
  } while (alpa_parser_accept(parser, ','));
  alpa_context *ctx = alpa_parser_context(parser);
  for (int i = 0; i < N_CONV_FIELDS; i++)
    if (!fields[i])
      fields[i] = def->fields[i].kind == ALPA_FIELD_I64 ? alpa_attr_get_i64(ctx, 0) : alpa_attr_get_i64s(ctx, NULL, 0);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_parse_attr_conv(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[N_CONV_FIELDS] = {0};
  if (alpa_parser_accept_word(parser, "raw")) {
    ALPA_TRY(parse_raw(parser, def, fields));
  } else {
    ALPA_TRY(parse_conv_tensor(parser, &conv_tensors[0], fields));
    ALPA_TRY(alpa_parser_expect_word(parser, "x"));
    ALPA_TRY(parse_conv_tensor(parser, &conv_tensors[1], fields));
    ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "before the dimension numbers of the result"));
    ALPA_TRY(parse_conv_tensor(parser, &conv_tensors[2], fields));
  }
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), def, fields);
  return ALPA_OK;
}

/* Names the dimensions of one tensor in order: letters as negative numbers, spatial ones as they are; false where some
 * are missing or named twice. */
static bool name_dims(const alpa_attr *attr, const conv_tensor *tensor, int64_t *names, size_t *out_rank) {
  alpa_dim_list spatial = alpa_dim_list_field(attr, tensor->spatial);
  size_t rank = spatial.n + 2;
  if (rank > ALPA_MAX_RANK)
    return false;
  for (size_t d = 0; d < rank; d++)
    names[d] = INT64_MAX;
  for (size_t i = 0; i < rank; i++) {
    int64_t dim = i < 2 ? alpa_struct_int(attr, tensor->fields[i]) : spatial.items[i - 2];
    if (dim < 0 || dim >= (int64_t)rank || names[dim] != INT64_MAX)
      return false;
    names[dim] = (int64_t)i - 2;
  }
  *out_rank = rank;
  return true;
}

static void print_conv_tensor(alpa_text *text, const conv_tensor *tensor, const int64_t *names, size_t rank) {
  alpa_text_char(text, '[');
  for (size_t d = 0; d < rank; d++) {
    alpa_text_string(text, d ? ", " : "");
    if (names[d] < 0)
      alpa_text_char(text, tensor->letters[names[d] + 2]);
    else
      alpa_text_int(text, names[d]);
  }
  alpa_text_char(text, ']');
}

static void print_i64s(alpa_text *text, alpa_dim_list list) {
  for (size_t i = 0; i < list.n; i++) {
    alpa_text_string(text, i ? ", " : "");
    if (alpa_dim_known(list.items[i]))
      alpa_text_int(text, list.items[i]);
    else
      alpa_text_char(text, '?');
  }
}

static void print_raw(alpa_text *text, const alpa_attr *attr) {
  alpa_text_string(text, "raw ");
  for (int i = 0; i < N_CONV_FIELDS; i++) {
    alpa_text_printf(text, "%s%s = ", i ? ", " : "", attr->def->fields[i].name);
    if (attr->def->fields[i].kind == ALPA_FIELD_I64) {
      alpa_text_int(text, alpa_struct_int(attr, i));
      continue;
    }
    alpa_text_char(text, '[');
    print_i64s(text, alpa_dim_list_field(attr, i));
    alpa_text_char(text, ']');
  }
}

void alpa_stablehlo_print_attr_conv(alpa_text *text, const alpa_attr *attr) {
  static const char *const between[] = {"", "x", "->"};
  int64_t names[countof(conv_tensors)][ALPA_MAX_RANK];
  size_t ranks[countof(conv_tensors)];
  for (size_t i = 0; i < countof(conv_tensors); i++)
    if (!name_dims(attr, &conv_tensors[i], names[i], &ranks[i])) {
      print_raw(text, attr);
      return;
    }
  for (size_t i = 0; i < countof(conv_tensors); i++) {
    alpa_text_string(text, between[i]);
    print_conv_tensor(text, &conv_tensors[i], names[i], ranks[i]);
  }
}

static alpa_status parse_bounds(alpa_parser *parser, int end, const alpa_attr **out_attr) {
  ALPA_VEC(int64_t) bounds = {0};
  if (alpa_parser_peek(parser) != end)
    do {
      int64_t bound = ALPA_DYNAMIC;
      if (!alpa_parser_accept(parser, '?'))
        ALPA_TRY(alpa_parser_parse_int(parser, &bound));
      alpa_vec_push(alpa_parser_arena(parser), &bounds, bound);
    } while (alpa_parser_accept(parser, ','));
  const alpa_attr *field = alpa_attr_get_i64s(alpa_parser_context(parser), bounds.items, bounds.n);
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), &alpa_stablehlo_attr_bounds, &field);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_parse_attr_bounds(alpa_parser *parser, const alpa_attr_def *def,
                                             const alpa_attr **out_attr) {
  (void)def;
  return parse_bounds(parser, '>', out_attr);
}

alpa_status alpa_stablehlo_parse_attr_type_extensions(alpa_parser *parser, const alpa_attr_def *def,
                                                      const alpa_attr **out_attr) {
  (void)def;
  ALPA_TRY(alpa_parser_expect_word(parser, "bounds"));
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind 'bounds'"));
  ALPA_TRY(alpa_parser_expect(parser, '[', "before bounds"));
  ALPA_TRY(parse_bounds(parser, ']', out_attr));
  return alpa_parser_expect(parser, ']', "behind bounds");
}

void alpa_stablehlo_print_attr_bounds(alpa_text *text, const alpa_attr *attr) {
  print_i64s(text, alpa_dim_list_field(attr, 0));
}
