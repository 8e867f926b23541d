/* The file trailer: blobs of dense_resource attributes, and the pipeline of a reproducer.
 *
 *   {-# dialect_resources: { builtin: { blob1: "0x08000000..." } },
 *       external_resources: { mlir_reproducer: { pipeline: "builtin.module(cse)", verify_each: true } } #-}
 *
 * Blobs are looked up before the ops are read, so that dense_resource<blob1> can become a constant like any other. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

static alpa_status parse_key(alpa_parser *parser, alpa_str *out_key) {
  if (parser->token.kind == ALPA_TOKEN_STRING)
    ALPA_TRY(alpa_parser_parse_string(parser, out_key));
  else
    ALPA_TRY(alpa_parser_parse_word(parser, out_key));
  return alpa_parser_expect(parser, ':', "behind a key");
}

static bool str_is(alpa_str text, const char *word) {
  return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

/* key: value; strings of the reproducer's pipeline and of blobs are kept, everything else is passed over. */
static alpa_status parse_entry(alpa_parser *parser, bool blobs, bool reproducer) {
  alpa_str key, text;
  ALPA_TRY(parse_key(parser, &key));
  alpa_token value = parser->token;
  if (value.kind != ALPA_TOKEN_STRING) {
    if (!alpa_parser_is_word(parser, "true") && !alpa_parser_is_word(parser, "false") &&
        value.kind != ALPA_TOKEN_INTEGER)
      return alpa_parser_expected(parser, "a string, 'true' or 'false'");
    alpa_parser_advance(parser);
    return ALPA_OK;
  }
  ALPA_TRY(alpa_parser_parse_string(parser, &text));
  if (reproducer && str_is(key, "pipeline"))
    parser->pipeline = alpa_name_n(parser->ctx, text.data, text.size);
  if (blobs)
    alpa_map_set_pointer(&parser->arena, &parser->resources, alpa_name_n(parser->ctx, key.data, key.size),
                         alpa_arena_copy(&parser->arena, &value, sizeof value));
  return ALPA_OK;
}

/* name: { entries } */
static alpa_status parse_group(alpa_parser *parser, bool dialects) {
  alpa_str name;
  ALPA_TRY(parse_key(parser, &name));
  ALPA_TRY(alpa_parser_expect(parser, '{', "before resources"));
  bool blobs = dialects && str_is(name, "builtin"), reproducer = !dialects && str_is(name, "mlir_reproducer");
  if (parser->token.kind != '}')
    do
      ALPA_TRY(parse_entry(parser, blobs, reproducer));
    while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, '}', "behind resources");
}

static alpa_status parse_section(alpa_parser *parser) {
  const char *at = parser->token.at;
  alpa_str name;
  ALPA_TRY(parse_key(parser, &name));
  bool dialects = str_is(name, "dialect_resources");
  if (!dialects && !str_is(name, "external_resources"))
    return alpa_parser_error_at(parser, at, "unknown key '%.*s' in file metadata dictionary", (int)name.size,
                                name.data);
  ALPA_TRY(alpa_parser_expect(parser, '{', "before resources"));
  if (parser->token.kind != '}')
    do
      ALPA_TRY(parse_group(parser, dialects));
    while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, '}', "behind resources");
}

alpa_status alpa_parser_parse_trailer(alpa_parser *parser) {
  alpa_parser_advance(parser);
  if (parser->token.kind != ALPA_TOKEN_TRAILER_END)
    do
      ALPA_TRY(parse_section(parser));
    while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ALPA_TOKEN_TRAILER_END, "at the end of the trailer");
}

/* A trailer at the end of the text is read ahead of time. */
alpa_status alpa_parser_find_resources(alpa_parser *parser) {
  const char *end = parser->end, *found = NULL;
  while (end > parser->begin && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t' || end[-1] == '\r'))
    end--;
  if (end - parser->begin < 6 || memcmp(end - 3, "#-}", 3) != 0)
    return ALPA_OK;
  for (const char *at = parser->begin; (at = memmem(at, (size_t)(end - at), "{-#", 3)); at += 3)
    if (at == parser->begin || at[-1] == '\n')
      found = at;
  if (!found)
    return ALPA_OK;
  alpa_token first = parser->token;
  alpa_parser_seek(parser, found);
  ALPA_TRY(alpa_parser_parse_trailer(parser));
  parser->token = first;
  return ALPA_OK;
}
