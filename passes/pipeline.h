/* Pipelines: the textual identity of a compilation.
 *
 *   pipeline = anchor "(" [ element { "," element } ] ")"
 *   element  = pass [ "{" { option } "}" ] | named-pipeline | pipeline
 *   option   = name [ "=" value ]      value: a word, "text", 'text', {text with spaces}; lists are a,b,c */
#ifndef ALPA_PASSES_PIPELINE_H
#define ALPA_PASSES_PIPELINE_H

#include "passes/pass.h"

/* One element: a pass, or the elements that run on each op of a kind. */
typedef struct alpa_step alpa_step;
struct alpa_step {
  const alpa_pass_def *pass; /* NULL: a nested pipeline */
  void *options;             /* of the pass, every field set */
  const char *anchor;        /* of a nested pipeline: "func.func", or "any" */
  ALPA_VEC(alpa_step *) steps;
  uint32_t depth;
  int64_t *counters;          /* of the pass */
  alpa_statistic *statistics; /* the same as the API shows them, filled in when asked */
  size_t n_statistics;
  size_t n_runs;
  double seconds;
};

struct alpa_pipeline {
  alpa_context *ctx;
  alpa_arena arena;
  alpa_step *root;
  ALPA_VEC(alpa_step *) all; /* in the order of the text, nested pipelines before what is in them */
};

/* `pipeline` is zeroed and becomes the owner of what is read, on failure too. */
alpa_status alpa_pipeline_read(alpa_context *ctx, const alpa_pass_registry *registry, const char *text,
                               alpa_pipeline *pipeline);
void alpa_pipeline_deinit(alpa_pipeline *pipeline);
void alpa_step_print(alpa_text *text, const alpa_step *step);

/* ---- options of one pass (pipeline_options.c) ---- */

/* A struct with the defaults of the definition. */
void *alpa_pass_options_create(alpa_arena *arena, const alpa_pass_def *pass);
/* Sets fields from "name=value name=value". */
alpa_status alpa_pass_options_parse(alpa_context *ctx, alpa_arena *arena, const alpa_pass_def *pass, alpa_str text,
                                    void *options);
/* " {a=1 b=2}" without the blank; nothing where the pass has no options. */
void alpa_pass_options_print(alpa_text *text, const alpa_pass_def *pass, const void *options);

#endif
