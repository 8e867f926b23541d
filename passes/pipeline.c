/* The pipeline text: a recursive-descent reader with bounded depth, and the printer.  Messages, and the text that
 * their columns refer to (what stands inside the outer anchor), are those of mlir-opt. */
#include "passes/pipeline.h"

#include <ctype.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

static const char source_name[] = "MLIR Textual PassPipeline Parser";

typedef struct reader {
  alpa_context *ctx;
  const alpa_pass_registry *registry;
  alpa_pipeline *pipeline;
  const char *text, *at; /* what stands inside the outer anchor */
  bool expanding;        /* inside a named pipeline, which has no places */
} reader;

static alpa_status fail(reader *in, const char *at, const char *message) {
  alpa_place place = {source_name, 1, (uint32_t)(at - in->text) + 1};
  if (in->expanding)
    place = (alpa_place){0};
  return alpa_error(&in->ctx->diag, place, ALPA_INVALID_ARGUMENT, "%s", message);
}

static void skip_blanks(reader *in) {
  while (isspace((unsigned char)*in->at))
    in->at++;
}

static alpa_step *add_step(reader *in, alpa_step *parent, alpa_step fields) {
  alpa_step *step = alpa_arena_new(&in->pipeline->arena, alpa_step, 1);
  *step = fields;
  step->depth = parent ? parent->depth + 1 : 0;
  alpa_vec_push(&in->pipeline->arena, &in->pipeline->all, step);
  if (parent)
    alpa_vec_push(&in->pipeline->arena, &parent->steps, step);
  return step;
}

static void init_statistics(alpa_arena *arena, alpa_step *step) {
  const alpa_statistic_def *defs = step->pass->statistics;
  while (defs && defs[step->n_statistics].name)
    step->n_statistics++;
  step->counters = alpa_arena_new(arena, int64_t, step->n_statistics);
  step->statistics = alpa_arena_new(arena, alpa_statistic, step->n_statistics);
  for (size_t i = 0; i < step->n_statistics; i++)
    step->statistics[i] = (alpa_statistic){defs[i].name, defs[i].help, 0};
}

/* The text between braces, which may nest; `at` is behind the opening one. */
static alpa_status read_braces(reader *in, alpa_str *out_text) {
  const char *from = in->at;
  for (int depth = 1; *in->at; in->at++) {
    depth += (*in->at == '{') - (*in->at == '}');
    if (depth == 0) {
      *out_text = (alpa_str){from, (size_t)(in->at++ - from)};
      return ALPA_OK;
    }
  }
  return fail(in, from - 1, "missing closing '}' while processing pass options");
}

static alpa_status read_elements(reader *in, alpa_step *parent);

/* A named pipeline stands for its elements. */
static alpa_status expand(reader *in, const alpa_pipeline_def *def, alpa_step *parent) {
  reader inner = *in;
  inner.text = inner.at = def->text;
  inner.expanding = true;
  return read_elements(&inner, parent);
}

static alpa_status read_pass(reader *in, const char *name, const char *at, alpa_step *parent) {
  alpa_arena *arena = &in->pipeline->arena;
  alpa_str options = {"", 0};
  bool braces = *in->at == '{';
  if (braces) {
    in->at++;
    ALPA_TRY(read_braces(in, &options));
  }
  const alpa_pass_def *pass = alpa_pass_find(in->registry, name);
  if (pass) {
    alpa_step *step = add_step(in, parent, (alpa_step){.pass = pass});
    step->options = alpa_pass_options_create(arena, pass);
    init_statistics(arena, step);
    return alpa_pass_options_parse(in->ctx, arena, pass, options, step->options);
  }
  const alpa_pipeline_def *def = alpa_pipeline_def_find(in->registry, name);
  if (!def)
    return fail(in, at, alpa_arena_printf(arena, "'%s' does not refer to a registered pass or pass pipeline", name));
  if (braces)
    return fail(in, at, alpa_arena_printf(arena, "'%s' is a pipeline and has no options of its own", name));
  return expand(in, def, parent);
}

static alpa_status read_element(reader *in, alpa_step *parent) {
  skip_blanks(in);
  const char *from = in->at;
  in->at += strcspn(from, ",({})");
  const char *end = in->at;
  while (end > from && isspace((unsigned char)end[-1]))
    end--;
  const char *name = alpa_arena_strndup(&in->pipeline->arena, from, (size_t)(end - from));
  if (*in->at != '(')
    return read_pass(in, name, from, parent);
  if (parent->depth + 1 >= MAX_DEPTH)
    return fail(in, from, "pipelines are nested too deeply");
  in->at++;
  alpa_step *step = add_step(in, parent, (alpa_step){.anchor = name});
  skip_blanks(in);
  if (*in->at != ')')
    ALPA_TRY(read_elements(in, step));
  if (*in->at != ')')
    return fail(in, from, "encountered unbalanced parentheses while parsing pipeline");
  in->at++;
  return ALPA_OK;
}

static alpa_status read_elements(reader *in, alpa_step *parent) {
  for (;;) {
    ALPA_TRY(read_element(in, parent));
    skip_blanks(in);
    if (*in->at == 0 || *in->at == ')')
      return ALPA_OK;
    if (*in->at != ',')
      return fail(in, in->at, "expected ',' after parsing pipeline");
    in->at++;
  }
}

static bool is_anchor_char(char c) { return isalnum((unsigned char)c) || strchr("._$-", c); }

/* Splits "anchor(inner)"; false where the text has another form. */
static bool split_anchor(const char *text, alpa_str *out_anchor, alpa_str *out_inner) {
  while (isspace((unsigned char)*text))
    text++;
  size_t size = strlen(text), anchor = 0;
  while (size && isspace((unsigned char)text[size - 1]))
    size--;
  while (anchor < size && is_anchor_char(text[anchor]))
    anchor++;
  if (anchor == 0 || anchor + 1 >= size || text[anchor] != '(' || text[size - 1] != ')')
    return false;
  *out_anchor = (alpa_str){text, anchor};
  *out_inner = (alpa_str){text + anchor + 1, size - anchor - 2};
  return true;
}

alpa_status alpa_pipeline_read(alpa_context *ctx, const alpa_pass_registry *registry, const char *text,
                               alpa_pipeline *pipeline) {
  alpa_str anchor, inner;
  pipeline->ctx = ctx;
  alpa_arena_init(&pipeline->arena, &ctx->memory);
  if (!split_anchor(text, &anchor, &inner))
    return alpa_error(
        &ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
        "expected pass pipeline to be wrapped with the anchor operation type, e.g. 'builtin.module(...)'");
  reader in = {.ctx = ctx, .registry = registry, .pipeline = pipeline};
  inner.data = alpa_arena_strndup(&ctx->diag.arena, inner.data, inner.size);
  in.text = in.at = inner.data;
  alpa_diag_add_source(&ctx->diag, source_name, inner, 1);
  const char *name = alpa_arena_strndup(&pipeline->arena, anchor.data, anchor.size);
  pipeline->root = add_step(&in, NULL, (alpa_step){.anchor = name});
  skip_blanks(&in);
  if (!*in.at)
    return ALPA_OK;
  ALPA_TRY(read_elements(&in, pipeline->root));
  if (*in.at)
    return fail(&in, in.at, "encountered extra closing ')' creating unbalanced parentheses while parsing pipeline");
  return ALPA_OK;
}

void alpa_pipeline_deinit(alpa_pipeline *pipeline) {
  alpa_arena_deinit(&pipeline->arena);
  *pipeline = (alpa_pipeline){0};
}

void alpa_step_print(alpa_text *text, const alpa_step *step) {
  if (step->pass) {
    alpa_text_string(text, step->pass->name);
    alpa_pass_options_print(text, step->pass, step->options);
    return;
  }
  alpa_text_printf(text, "%s(", step->anchor);
  for (size_t i = 0; i < step->steps.n; i++) {
    if (i)
      alpa_text_char(text, ',');
    alpa_step_print(text, step->steps.items[i]);
  }
  alpa_text_char(text, ')');
}
