/* Shardy's text of meshes, axes and shardings. */
#include "dialects/sdy/attribute_syntax.h"

#include <inttypes.h>

#include "dialects/ir/parser.h"
#include "dialects/sdy/sdy.h"

typedef alpa_status parse_fn(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr);
typedef void print_fn(alpa_text *text, const alpa_attr *attr);

/* ---- lists ----------------------------------------------------------------------------------------------------- */

static void print_list(alpa_text *text, const alpa_attr *array, print_fn *print) {
  for (size_t i = 0; array && i < array->array.n; i++) {
    if (i)
      alpa_text_string(text, ", ");
    print(text, array->array.items[i]);
  }
}

/* open item, item, ... close */
static alpa_status parse_list(alpa_parser *parser, const char *brackets, const alpa_attr_def *def, parse_fn *parse,
                              const alpa_attr **out_array) {
  ALPA_VEC(const alpa_attr *) items = {0};
  ALPA_TRY(alpa_parser_expect(parser, brackets[0], "before a list"));
  if (!alpa_parser_accept(parser, brackets[1])) {
    do {
      const alpa_attr *item;
      ALPA_TRY(parse(parser, def, &item));
      alpa_vec_push(alpa_parser_arena(parser), &items, item);
    } while (alpa_parser_accept(parser, ','));
    ALPA_TRY(alpa_parser_expect(parser, brackets[1], "at the end of a list"));
  }
  *out_array = alpa_attr_get_array(alpa_parser_context(parser), items.items, items.n);
  return ALPA_OK;
}

/* A struct whose only field is a list. */
static alpa_status parse_list_struct(alpa_parser *parser, const char *brackets, const alpa_attr_def *def,
                                     const alpa_attr_def *item, parse_fn *parse, const alpa_attr **out_attr) {
  const alpa_attr *items;
  ALPA_TRY(parse_list(parser, brackets, item, parse, &items));
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), def, &items);
  return ALPA_OK;
}

static const alpa_attr *items_of(const alpa_attr *attr) { return alpa_attr_field(attr, SDY_LIST_ITEMS); }

static alpa_status parse_name(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  (void)def;
  alpa_str name;
  ALPA_TRY(alpa_parser_parse_string(parser, &name));
  *out_attr = alpa_attr_get_bytes(alpa_parser_context(parser), name);
  return ALPA_OK;
}

static alpa_status parse_number(alpa_parser *parser, const alpa_attr **out_attr) {
  int64_t value;
  ALPA_TRY(alpa_parser_parse_int(parser, &value));
  *out_attr = alpa_attr_get_i64(alpa_parser_context(parser), value);
  return ALPA_OK;
}

static void print_name(alpa_text *text, const alpa_attr *attr) { alpa_attr_print(text, attr); }

/* ---- axes -------------------------------------------------------------------------------------------------------- */

/* "x"=2 */
alpa_status alpa_sdy_parse_attr_mesh_axis(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[2];
  ALPA_TRY(parse_name(parser, def, &fields[SDY_MESH_AXIS_NAME]));
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of an axis"));
  ALPA_TRY(parse_number(parser, &fields[SDY_MESH_AXIS_SIZE]));
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), &alpa_sdy_attr_mesh_axis, fields);
  return ALPA_OK;
}

void alpa_sdy_print_attr_mesh_axis(alpa_text *text, const alpa_attr *attr) {
  print_name(text, alpa_attr_field(attr, SDY_MESH_AXIS_NAME));
  alpa_text_printf(text, "=%" PRId64, alpa_attr_field(attr, SDY_MESH_AXIS_SIZE)->integer);
}

/* "x", or "x":(2)4 */
alpa_status alpa_sdy_parse_attr_axis_ref(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[3] = {0};
  ALPA_TRY(parse_name(parser, def, &fields[SDY_AXIS_NAME]));
  if (alpa_parser_accept(parser, ':')) {
    ALPA_TRY(alpa_parser_expect(parser, '(', "before the pre-size of a sub-axis"));
    ALPA_TRY(parse_number(parser, &fields[SDY_AXIS_PRE]));
    ALPA_TRY(alpa_parser_expect(parser, ')', "behind the pre-size of a sub-axis"));
    ALPA_TRY(parse_number(parser, &fields[SDY_AXIS_SIZE]));
  }
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), &alpa_sdy_attr_axis_ref, fields);
  return ALPA_OK;
}

void alpa_sdy_print_attr_axis_ref(alpa_text *text, const alpa_attr *attr) {
  print_name(text, alpa_attr_field(attr, SDY_AXIS_NAME));
  if (alpa_attr_field(attr, SDY_AXIS_SIZE))
    alpa_text_printf(text, ":(%" PRId64 ")%" PRId64, alpa_attr_field(attr, SDY_AXIS_PRE)->integer,
                     alpa_attr_field(attr, SDY_AXIS_SIZE)->integer);
}

static alpa_status parse_axes(alpa_parser *parser, const alpa_attr **out_array) {
  return parse_list(parser, "{}", &alpa_sdy_attr_axis_ref, alpa_sdy_parse_attr_axis_ref, out_array);
}

static void print_axes(alpa_text *text, const alpa_attr *array) {
  alpa_text_char(text, '{');
  print_list(text, array, alpa_sdy_print_attr_axis_ref);
  alpa_text_char(text, '}');
}

alpa_status alpa_sdy_parse_attr_axis_ref_list(alpa_parser *parser, const alpa_attr_def *def,
                                              const alpa_attr **out_attr) {
  (void)def;
  return parse_list_struct(parser, "{}", &alpa_sdy_attr_axis_ref_list, &alpa_sdy_attr_axis_ref,
                           alpa_sdy_parse_attr_axis_ref, out_attr);
}

void alpa_sdy_print_attr_axis_ref_list(alpa_text *text, const alpa_attr *attr) { print_axes(text, items_of(attr)); }

alpa_status alpa_sdy_parse_attr_list_of_axis_ref_lists(alpa_parser *parser, const alpa_attr_def *def,
                                                       const alpa_attr **out_attr) {
  return parse_list_struct(parser, "[]", def, &alpa_sdy_attr_axis_ref_list, alpa_sdy_parse_attr_axis_ref_list,
                           out_attr);
}

void alpa_sdy_print_attr_list_of_axis_ref_lists(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '[');
  print_list(text, items_of(attr), alpa_sdy_print_attr_axis_ref_list);
  alpa_text_char(text, ']');
}

alpa_status alpa_sdy_parse_attr_manual_axes(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  return parse_list_struct(parser, "{}", def, NULL, parse_name, out_attr);
}

void alpa_sdy_print_attr_manual_axes(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '{');
  print_list(text, items_of(attr), print_name);
  alpa_text_char(text, '}');
}

/* {"b"}: 0->2 */
alpa_status alpa_sdy_parse_attr_all_to_all_param(alpa_parser *parser, const alpa_attr_def *def,
                                                 const alpa_attr **out_attr) {
  (void)def;
  const alpa_attr *fields[3];
  ALPA_TRY(parse_axes(parser, &fields[SDY_MOVE_AXES]));
  ALPA_TRY(alpa_parser_expect(parser, ':', "behind the axes that move"));
  ALPA_TRY(parse_number(parser, &fields[SDY_MOVE_FROM]));
  ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "between the dimensions"));
  ALPA_TRY(parse_number(parser, &fields[SDY_MOVE_TO]));
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), &alpa_sdy_attr_all_to_all_param, fields);
  return ALPA_OK;
}

void alpa_sdy_print_attr_all_to_all_param(alpa_text *text, const alpa_attr *attr) {
  print_axes(text, alpa_attr_field(attr, SDY_MOVE_AXES));
  alpa_text_printf(text, ": %" PRId64 "->%" PRId64, alpa_attr_field(attr, SDY_MOVE_FROM)->integer,
                   alpa_attr_field(attr, SDY_MOVE_TO)->integer);
}

alpa_status alpa_sdy_parse_attr_all_to_all_param_list(alpa_parser *parser, const alpa_attr_def *def,
                                                      const alpa_attr **out_attr) {
  return parse_list_struct(parser, "[]", def, &alpa_sdy_attr_all_to_all_param, alpa_sdy_parse_attr_all_to_all_param,
                           out_attr);
}

void alpa_sdy_print_attr_all_to_all_param_list(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '[');
  print_list(text, items_of(attr), alpa_sdy_print_attr_all_to_all_param);
  alpa_text_char(text, ']');
}

/* ---- meshes ------------------------------------------------------------------------------------------------------ */

/* ["x"=2, "y"=4], device_ids=[...] */
alpa_status alpa_sdy_parse_attr_mesh(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[2] = {0};
  ALPA_TRY(parse_list(parser, "[]", &alpa_sdy_attr_mesh_axis, alpa_sdy_parse_attr_mesh_axis, &fields[SDY_MESH_AXES]));
  if (alpa_parser_accept(parser, ',')) {
    ALPA_TRY(alpa_parser_expect_word(parser, "device_ids"));
    ALPA_TRY(alpa_parser_expect(parser, '=', "behind 'device_ids'"));
    ALPA_TRY(alpa_parser_parse_i64s(parser, &fields[SDY_MESH_DEVICE_IDS]));
  }
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), def, fields);
  return ALPA_OK;
}

void alpa_sdy_print_attr_mesh(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '[');
  print_list(text, alpa_attr_field(attr, SDY_MESH_AXES), alpa_sdy_print_attr_mesh_axis);
  alpa_text_char(text, ']');
  const alpa_attr *list = alpa_attr_field(attr, SDY_MESH_DEVICE_IDS);
  if (!list)
    return;
  size_t n;
  const int64_t *ids = alpa_attr_i64s(list, &n);
  alpa_text_string(text, ", device_ids=[");
  for (size_t i = 0; i < n; i++)
    alpa_text_printf(text, "%s%" PRId64, i ? ", " : "", ids[i]);
  alpa_text_char(text, ']');
}

/* ---- shardings --------------------------------------------------------------------------------------------------- */

/* p1, in one token. */
static alpa_status parse_priority(alpa_parser *parser, const alpa_attr **out_attr) {
  alpa_str word = alpa_parser_text(parser);
  if (alpa_parser_peek(parser) != ALPA_TOKEN_WORD || word.data[0] != 'p')
    return ALPA_OK;
  int64_t value = 0;
  for (size_t i = 1; i < word.size; i++) {
    if (word.data[i] < '0' || word.data[i] > '9' || value > INT32_MAX / 10 - 1)
      return alpa_parser_error(parser, "expected a priority such as p1, got '%.*s'", (int)word.size, word.data);
    value = value * 10 + (word.data[i] - '0');
  }
  if (word.size == 1 || (word.size > 2 && word.data[1] == '0'))
    return alpa_parser_error(parser, "expected a priority such as p1, got '%.*s'", (int)word.size, word.data);
  *out_attr = alpa_attr_get_i64(alpa_parser_context(parser), value);
  return alpa_parser_expect(parser, ALPA_TOKEN_WORD, NULL);
}

/* {"x", "y", ?}p1 */
alpa_status alpa_sdy_parse_attr_dimension_sharding(alpa_parser *parser, const alpa_attr_def *def,
                                                   const alpa_attr **out_attr) {
  (void)def;
  alpa_context *ctx = alpa_parser_context(parser);
  ALPA_VEC(const alpa_attr *) axes = {0};
  const alpa_attr *fields[3] = {0};
  ALPA_TRY(alpa_parser_expect(parser, '{', "before the axes of a dimension"));
  for (bool more = alpa_parser_peek(parser) != '}'; more; more = alpa_parser_accept(parser, ',')) {
    if (alpa_parser_accept(parser, '?')) {
      fields[SDY_DIM_OPEN] = alpa_attr_get_unit(ctx);
      break;
    }
    const alpa_attr *axis;
    ALPA_TRY(alpa_sdy_parse_attr_axis_ref(parser, &alpa_sdy_attr_axis_ref, &axis));
    alpa_vec_push(alpa_parser_arena(parser), &axes, axis);
  }
  ALPA_TRY(alpa_parser_expect(parser, '}', "behind the axes of a dimension"));
  ALPA_TRY(parse_priority(parser, &fields[SDY_DIM_PRIORITY]));
  fields[SDY_DIM_AXES] = alpa_attr_get_array(ctx, axes.items, axes.n);
  *out_attr = alpa_attr_get_struct(ctx, &alpa_sdy_attr_dimension_sharding, fields);
  return ALPA_OK;
}

void alpa_sdy_print_attr_dimension_sharding(alpa_text *text, const alpa_attr *attr) {
  const alpa_attr *axes = alpa_attr_field(attr, SDY_DIM_AXES);
  alpa_text_char(text, '{');
  print_list(text, axes, alpa_sdy_print_attr_axis_ref);
  if (alpa_attr_field(attr, SDY_DIM_OPEN))
    alpa_text_string(text, axes->array.n ? ", ?" : "?");
  alpa_text_char(text, '}');
  if (alpa_attr_field(attr, SDY_DIM_PRIORITY))
    alpa_text_printf(text, "p%" PRId64, alpa_attr_field(attr, SDY_DIM_PRIORITY)->integer);
}

/* @mesh, or mesh<["x"=2]> */
static alpa_status parse_mesh_or_ref(alpa_parser *parser, const alpa_attr **out_attr) {
  if (alpa_parser_accept_word(parser, "mesh")) {
    ALPA_TRY(alpa_parser_expect(parser, '<', "before a mesh"));
    ALPA_TRY(alpa_sdy_parse_attr_mesh(parser, &alpa_sdy_attr_mesh, out_attr));
    return alpa_parser_expect(parser, '>', "behind a mesh");
  }
  const char *name;
  ALPA_TRY(alpa_parser_parse_symbol(parser, &name));
  *out_attr = alpa_attr_get_symbol(alpa_parser_context(parser), name);
  return ALPA_OK;
}

/* An empty list is the same as none. */
static alpa_status parse_named_axes(alpa_parser *parser, const alpa_attr **field) {
  if (*field)
    return alpa_parser_error(parser, "a list of axes is given twice");
  ALPA_TRY(parse_axes(parser, field));
  if ((*field)->array.n == 0)
    *field = NULL;
  return ALPA_OK;
}

/* replicated={"z"}, or unreduced=max{"w"} */
static alpa_status parse_other_axes(alpa_parser *parser, const alpa_attr **fields) {
  if (alpa_parser_accept_word(parser, "replicated")) {
    ALPA_TRY(alpa_parser_expect(parser, '=', "behind 'replicated'"));
    return parse_named_axes(parser, &fields[SDY_SHARDING_REPLICATED]);
  }
  ALPA_TRY(alpa_parser_expect_word(parser, "unreduced"));
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind 'unreduced'"));
  if (alpa_parser_peek(parser) == ALPA_TOKEN_WORD) {
    const alpa_attr *kind;
    ALPA_TRY(alpa_parser_parse_attr_body(parser, &alpa_sdy_attr_reduction_kind, &kind));
    fields[SDY_SHARDING_UNREDUCED_KIND] = kind->integer ? kind : NULL;
  }
  return parse_named_axes(parser, &fields[SDY_SHARDING_UNREDUCED]);
}

alpa_status alpa_sdy_parse_attr_sharding(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[5] = {0};
  ALPA_TRY(parse_mesh_or_ref(parser, &fields[SDY_SHARDING_MESH]));
  ALPA_TRY(alpa_parser_expect(parser, ',', "behind the mesh"));
  ALPA_TRY(parse_list(parser, "[]", &alpa_sdy_attr_dimension_sharding, alpa_sdy_parse_attr_dimension_sharding,
                      &fields[SDY_SHARDING_DIMS]));
  while (alpa_parser_accept(parser, ','))
    ALPA_TRY(parse_other_axes(parser, fields));
  *out_attr = alpa_attr_get_struct(alpa_parser_context(parser), def, fields);
  return ALPA_OK;
}

static void print_mesh_or_ref(alpa_text *text, const alpa_attr *mesh) {
  if (mesh->kind == ALPA_ATTR_SYMBOL) {
    alpa_attr_print(text, mesh);
    return;
  }
  alpa_text_string(text, "mesh<");
  alpa_sdy_print_attr_mesh(text, mesh);
  alpa_text_char(text, '>');
}

void alpa_sdy_print_attr_sharding(alpa_text *text, const alpa_attr *attr) {
  print_mesh_or_ref(text, alpa_attr_field(attr, SDY_SHARDING_MESH));
  alpa_text_string(text, ", [");
  print_list(text, alpa_attr_field(attr, SDY_SHARDING_DIMS), alpa_sdy_print_attr_dimension_sharding);
  alpa_text_char(text, ']');
  if (alpa_attr_field(attr, SDY_SHARDING_REPLICATED)) {
    alpa_text_string(text, ", replicated=");
    print_axes(text, alpa_attr_field(attr, SDY_SHARDING_REPLICATED));
  }
  if (alpa_attr_field(attr, SDY_SHARDING_UNREDUCED)) {
    const alpa_attr *kind = alpa_attr_field(attr, SDY_SHARDING_UNREDUCED_KIND);
    alpa_text_printf(text, ", unreduced=%s", kind ? alpa_attr_case(kind) : "");
    print_axes(text, alpa_attr_field(attr, SDY_SHARDING_UNREDUCED));
  }
}

/* <@mesh, [...]> */
static alpa_status parse_bracketed(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  ALPA_TRY(alpa_parser_expect(parser, '<', "before a sharding"));
  ALPA_TRY(alpa_sdy_parse_attr_sharding(parser, def, out_attr));
  return alpa_parser_expect(parser, '>', "behind a sharding");
}

static void print_bracketed(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '<');
  alpa_sdy_print_attr_sharding(text, attr);
  alpa_text_char(text, '>');
}

alpa_status alpa_sdy_parse_attr_sharding_per_value(alpa_parser *parser, const alpa_attr_def *def,
                                                   const alpa_attr **out_attr) {
  return parse_list_struct(parser, "[]", def, &alpa_sdy_attr_sharding, parse_bracketed, out_attr);
}

void alpa_sdy_print_attr_sharding_per_value(alpa_text *text, const alpa_attr *attr) {
  alpa_text_char(text, '[');
  print_list(text, items_of(attr), print_bracketed);
  alpa_text_char(text, ']');
}
