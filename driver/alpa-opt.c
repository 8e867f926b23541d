/* alpa-opt: reads MLIR, runs passes, writes MLIR; mlir-opt's command line over the public header.
 *
 * A split file is a list of chunks, each with a context of its own.  What is written is collected and leaves the
 * process only when every chunk has succeeded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/tool/dump.h"
#include "driver/tool/expect.h"
#include "driver/tool/flags.h"
#include "driver/tool/listing.h"
#include "driver/tool/reproducer.h"

typedef struct settings {
  const char *input, *output;
  const char *pipeline;  /* --pass-pipeline */
  alpa_tool_text passes; /* individual passes, joined */
  const char *split_marker, *output_split_marker;
  bool verify_diagnostics, verify_each, verify_roundtrip;
  bool allow_unregistered, run_reproducer, disable_threading;
  const char *generate_reproducer, *crash_reproducer;
  bool local_reproducer;
  bool dump_pipeline, show_dialects, list_passes, help, help_list, version;
  alpa_module_print_options print;
  alpa_tool_dump_settings dump;
  bool timing, statistics;
  const char *timing_display, *timing_format, *statistics_display;
} settings;

#define AT(field) offsetof(settings, field)
static const char split_marker[] = "// -----";

static const alpa_tool_flag flags[] = {
    {"o", ALPA_FLAG_STRING, AT(output), "file", NULL, "where to write; - is standard output"},
    {"pass-pipeline", ALPA_FLAG_STRING, AT(pipeline), "text", NULL,
     "passes to run, e.g. builtin.module(inline,func.func(cse))"},
    {"allow-unregistered-dialect", ALPA_FLAG_BOOL, AT(allow_unregistered), NULL, NULL, "keep ops of unknown dialects"},
    {"split-input-file", ALPA_FLAG_STRING, AT(split_marker), "marker", split_marker,
     "treat the input as several, divided by lines that hold the marker"},
    {"output-split-marker", ALPA_FLAG_STRING, AT(output_split_marker), "marker", NULL,
     "what to write between the parts of a split file"},
    {"verify-diagnostics", ALPA_FLAG_BOOL, AT(verify_diagnostics), NULL, NULL,
     "compare messages with the input's expected-* comments"},
    {"verify-each", ALPA_FLAG_BOOL, AT(verify_each), NULL, NULL, "verify after every pass (on; =0 turns it off)"},
    {"verify-roundtrip", ALPA_FLAG_BOOL, AT(verify_roundtrip), NULL, NULL,
     "check that the input prints and parses back to itself"},
    {"run-reproducer", ALPA_FLAG_BOOL, AT(run_reproducer), NULL, NULL, "run the pipeline in the input's trailer"},
    {"mlir-generate-reproducer", ALPA_FLAG_STRING, AT(generate_reproducer), "file", NULL,
     "write the input with the pipeline, without a failure"},
    {"mlir-pass-pipeline-crash-reproducer", ALPA_FLAG_STRING, AT(crash_reproducer), "file", NULL,
     "where to write the input with the pipeline when it fails or crashes"},
    {"mlir-pass-pipeline-local-reproducer", ALPA_FLAG_BOOL, AT(local_reproducer), NULL, NULL,
     "in a reproducer: the IR before the pass that failed, and that pass alone"},
    {"mlir-disable-threading", ALPA_FLAG_BOOL, AT(disable_threading), NULL, NULL,
     "accepted; passes run one after the other in any case"},
    {"dump-pass-pipeline", ALPA_FLAG_BOOL, AT(dump_pipeline), NULL, NULL, "print the pipeline with all option values"},
    {"list-passes", ALPA_FLAG_BOOL, AT(list_passes), NULL, NULL, "print the names of all passes"},
    {"show-dialects", ALPA_FLAG_BOOL, AT(show_dialects), NULL, NULL, "print the names of all dialects"},
    {"mlir-print-op-generic", ALPA_FLAG_BOOL, AT(print.generic), NULL, NULL, "print in the generic form"},
    {"mlir-print-debuginfo", ALPA_FLAG_BOOL, AT(print.debug_info), NULL, NULL, "print locations"},
    {"mlir-print-local-scope", ALPA_FLAG_BOOL, AT(print.local_scope), NULL, NULL, "print locations in place"},
    {"mlir-print-skip-regions", ALPA_FLAG_BOOL, AT(print.skip_regions), NULL, NULL, "print ops without their regions"},
    {"mlir-elide-elementsattrs-if-larger", ALPA_FLAG_INT, AT(print.elide_elements), "n", NULL,
     "leave out constants of more elements"},
    {"mlir-print-elementsattrs-with-hex-if-larger", ALPA_FLAG_INT, AT(print.hex_elements), "n", NULL,
     "print constants of more elements as hexadecimal digits (100)"},
    {"mlir-print-ir-before-all", ALPA_FLAG_BOOL, AT(dump.before_all), NULL, NULL, "print IR before each pass"},
    {"mlir-print-ir-after-all", ALPA_FLAG_BOOL, AT(dump.after_all), NULL, NULL, "print IR after each pass"},
    {"mlir-print-ir-before", ALPA_FLAG_LIST, AT(dump.before), "passes", NULL, "print IR before these passes"},
    {"mlir-print-ir-after", ALPA_FLAG_LIST, AT(dump.after), "passes", NULL, "print IR after these passes"},
    {"mlir-print-ir-after-change", ALPA_FLAG_BOOL, AT(dump.after_change), NULL, NULL,
     "of what is printed after passes: only where it changed"},
    {"mlir-print-ir-after-failure", ALPA_FLAG_BOOL, AT(dump.after_failure), NULL, NULL,
     "print IR after a pass that failed"},
    {"mlir-print-ir-module-scope", ALPA_FLAG_BOOL, AT(dump.module_scope), NULL, NULL,
     "print the whole module instead of the op that the pass runs on"},
    {"mlir-print-ir-tree-dir", ALPA_FLAG_STRING, AT(dump.tree_directory), "directory", NULL,
     "print into files in a tree of directories"},
    {"mlir-timing", ALPA_FLAG_BOOL, AT(timing), NULL, NULL, "report how long passes took"},
    {"mlir-timing-display", ALPA_FLAG_STRING, AT(timing_display), "list|tree", NULL, "layout of the timing report"},
    {"mlir-output-format", ALPA_FLAG_STRING, AT(timing_format), "text|json", NULL, "format of the timing report"},
    {"mlir-pass-statistics", ALPA_FLAG_BOOL, AT(statistics), NULL, NULL, "report what passes counted"},
    {"mlir-pass-statistics-display", ALPA_FLAG_STRING, AT(statistics_display), "list|pipeline", NULL,
     "layout of the statistics report"},
    {"help", ALPA_FLAG_BOOL, AT(help), NULL, NULL, "this text"},
    {"help-hidden", ALPA_FLAG_BOOL, AT(help), NULL, NULL, NULL},
    {"help-list", ALPA_FLAG_BOOL, AT(help), NULL, NULL, NULL},
    {"h", ALPA_FLAG_BOOL, AT(help), NULL, NULL, NULL},
    {"version", ALPA_FLAG_BOOL, AT(version), NULL, NULL, "the version of this program"},
    {0}};
#undef AT

/* ---- the command line ---- */

/* An individual pass: --cse, --canonicalize=max-iterations=3, nested where it runs on other ops than the module. */
static bool add_pass(void *user, const char *name, const char *value) {
  settings *set = user;
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  size_t index = alpa_tool_pass_find(name);
  if (index == SIZE_MAX || alpa_pass_get_info(index, &info) != ALPA_OK)
    return false;
  bool nested = info.anchor && strcmp(info.anchor, "builtin.module") != 0;
  if (set->passes.size)
    alpa_tool_text_string(&set->passes, ",");
  if (nested)
    alpa_tool_text_printf(&set->passes, "%s(", info.anchor);
  alpa_tool_text_string(&set->passes, name);
  if (value)
    alpa_tool_text_printf(&set->passes, "{%s}", value);
  if (nested)
    alpa_tool_text_string(&set->passes, ")");
  return true;
}

static const char *pass_name(size_t i) {
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  return alpa_pass_get_info(i, &info) == ALPA_OK ? info.name : NULL;
}

static bool check_pass_names(const char *program, const char *flag, const char *list) {
  for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',') {
    char *name = alpa_tool_strndup(at, strcspn(at, ","));
    bool known = alpa_tool_pass_find(name) != SIZE_MAX;
    if (!known)
      fprintf(stderr, "%s: for the --%s option: Cannot find option named '%s'!\n", program, flag, name);
    free(name);
    if (!known)
      return false;
  }
  return true;
}

static bool check_choice(const char *program, const char *flag, const char *value, const char *a, const char *b) {
  if (!value || strcmp(value, a) == 0 || strcmp(value, b) == 0)
    return true;
  fprintf(stderr, "%s: for the --%s option: Cannot find option named '%s'!\n", program, flag, value);
  return false;
}

static bool check_settings(const char *program, const settings *set) {
  if (set->pipeline && set->passes.size) {
    fprintf(stderr, "error: '-pass-pipeline' option can't be used with individual pass options\n");
    return false;
  }
  return check_pass_names(program, "mlir-print-ir-before", set->dump.before) &&
         check_pass_names(program, "mlir-print-ir-after", set->dump.after) &&
         check_choice(program, "mlir-timing-display", set->timing_display, "list", "tree") &&
         check_choice(program, "mlir-output-format", set->timing_format, "text", "json") &&
         check_choice(program, "mlir-pass-statistics-display", set->statistics_display, "list", "pipeline");
}

static bool is(const char *value, const char *word) { return value && strcmp(value, word) == 0; }

/* Options that print something about the program and end it; false where there is none. */
static bool print_information(const settings *set) {
  alpa_tool_text text = {0};
  if (set->help) {
    alpa_tool_text_string(&text, "OVERVIEW: alpa modular optimizer driver\n\nUSAGE: alpa-opt [options] <input file>\n\n"
                                 "OPTIONS:\n");
    alpa_tool_flags_help(flags, &text);
    alpa_tool_list_passes(&text);
  } else if (set->version) {
    alpa_tool_list_version(&text);
  } else if (set->show_dialects) {
    alpa_tool_list_dialects(&text);
  } else if (set->list_passes) {
    alpa_tool_list_names(&text);
  } else {
    return false;
  }
  fwrite(text.data, 1, text.size, stdout);
  alpa_tool_text_free(&text);
  return true;
}

/* ---- one chunk ---- */

typedef struct chunk {
  const settings *set;
  const char *program;
  const char *name; /* of the text, as in messages */
  const char *text;
  size_t size;
  const char *pipeline_text;
  alpa_tool_report *report;
  alpa_tool_text *output;
  alpa_context *context;
  alpa_module *module;
  alpa_pipeline *pipeline;
  alpa_tool_expectations expected;
  alpa_tool_dump dump;
  alpa_tool_text before_pass; /* for local reproducers: the module before the current pass */
  alpa_tool_text failed_pass; /* "`cse` on 'func.func' operation: @f" */
  size_t failed_step;
} chunk;

static void show(void *user, const alpa_diagnostic *diagnostic) {
  chunk *in = user;
  if (in->set->verify_diagnostics)
    alpa_tool_expectations_match(&in->expected, diagnostic);
  else
    fputs(diagnostic->rendered, stderr);
}

static void before_pass(void *user, const alpa_pass_event *event) {
  chunk *in = user;
  alpa_tool_dump_before(&in->dump, event);
  if (!in->set->crash_reproducer || !in->set->local_reproducer)
    return;
  in->before_pass.size = 0;
  if (alpa_pass_event_print(event, true, NULL, alpa_tool_text_write, &in->before_pass) != ALPA_OK)
    in->dump.failed = true;
}

static void after_pass(void *user, const alpa_pass_event *event) {
  chunk *in = user;
  alpa_tool_dump_after(&in->dump, event);
  if (event->status == ALPA_OK)
    return;
  in->failed_step = event->step;
  alpa_tool_text_printf(&in->failed_pass, "`%s` on '%s' operation", event->pass, event->op);
  if (event->symbol)
    alpa_tool_text_printf(&in->failed_pass, ": @%s", event->symbol);
}

/* The pipeline that runs the failed pass alone: its anchors, outermost first, around it. */
static void spell_local_pipeline(const chunk *in, alpa_tool_text *text) {
  size_t n_open = 0;
  alpa_step_info failed = ALPA_STEP_INFO_INIT, info = ALPA_STEP_INFO_INIT;
  if (alpa_pipeline_get_step(in->pipeline, in->failed_step, &failed) != ALPA_OK)
    return;
  for (size_t depth = 0; depth < failed.depth; depth++) {
    const char *anchor = "";
    for (size_t i = 0; i < in->failed_step && alpa_pipeline_get_step(in->pipeline, i, &info) == ALPA_OK; i++)
      if (info.depth == depth)
        anchor = info.name;
    alpa_tool_text_printf(text, "%s(", anchor);
    n_open++;
  }
  alpa_tool_text_string(text, failed.text);
  while (n_open--)
    alpa_tool_text_string(text, ")");
}

static void write_reproducer(chunk *in, const alpa_tool_text *whole) {
  const settings *set = in->set;
  alpa_tool_text local = {0}, pipeline = {0};
  if (set->local_reproducer && in->failed_pass.size) {
    spell_local_pipeline(in, &pipeline);
    alpa_tool_text_append(&local, in->before_pass.data, in->before_pass.size);
    alpa_tool_reproducer_print(&local, pipeline.data, set->verify_each);
  }
  const alpa_tool_text *text = local.size ? &local : whole;
  if (alpa_tool_file_write(set->crash_reproducer, text->data, text->size))
    fprintf(stderr,
            "%s: error: Failures have been detected while processing an MLIR pass pipeline\n"
            "%s: note: Pipeline failed while executing [%s]: reproducer generated at `%s`\n",
            in->name, in->name, in->failed_pass.size ? in->failed_pass.data : "", set->crash_reproducer);
  alpa_tool_text_free(&local);
  alpa_tool_text_free(&pipeline);
}

static alpa_status spell_reproducer(chunk *in, alpa_tool_text *text) {
  alpa_status status = alpa_module_print(in->module, NULL, alpa_tool_text_write, text);
  if (status == ALPA_OK)
    alpa_tool_reproducer_print(text, in->pipeline_text, in->set->verify_each);
  return status;
}

static alpa_status run_passes(chunk *in) {
  const settings *set = in->set;
  alpa_tool_text whole = {0};
  alpa_status status = ALPA_OK;
  if (set->crash_reproducer || set->generate_reproducer)
    status = spell_reproducer(in, &whole);
  if (status == ALPA_OK && set->generate_reproducer &&
      !alpa_tool_file_write(set->generate_reproducer, whole.data, whole.size))
    status = ALPA_IO_ERROR;
  if (set->crash_reproducer)
    alpa_tool_crash_arm(set->crash_reproducer, whole.data, whole.size);
  alpa_pass_observer observer = {sizeof observer, in, before_pass, after_pass};
  alpa_pipeline_run_options options = ALPA_PIPELINE_RUN_OPTIONS_INIT;
  options.skip_verify = !set->verify_each;
  options.observer = &observer;
  in->dump = (alpa_tool_dump){.settings = &set->dump, .pipeline = in->pipeline};
  if (status == ALPA_OK) {
    status = alpa_pipeline_run(in->pipeline, in->module, &options);
    alpa_tool_report_add(in->report, in->pipeline);
    if (status != ALPA_OK && set->crash_reproducer)
      write_reproducer(in, &whole);
  }
  if (set->crash_reproducer)
    alpa_tool_crash_arm(NULL, NULL, 0);
  alpa_tool_text_free(&whole);
  return status == ALPA_OK && in->dump.failed ? ALPA_IO_ERROR : status;
}

static alpa_status check_roundtrip(chunk *in) {
  alpa_module_print_options print = ALPA_MODULE_PRINT_OPTIONS_INIT;
  for (int generic = 0; generic < 2; generic++) {
    alpa_tool_text text = {0};
    alpa_module *again = NULL;
    alpa_fingerprint before = {0}, after = {1, 1};
    print.generic = generic;
    alpa_status status = alpa_module_print(in->module, &print, alpa_tool_text_write, &text);
    if (status == ALPA_OK)
      status = alpa_module_parse(in->context, text.data, text.size, NULL, &again);
    if (status == ALPA_OK)
      status = alpa_module_get_fingerprint(in->module, &before);
    if (status == ALPA_OK)
      status = alpa_module_get_fingerprint(again, &after);
    alpa_module_destroy(again);
    alpa_tool_text_free(&text);
    if (status == ALPA_OK && (before.low != after.low || before.high != after.high))
      status = ALPA_INTERNAL;
    if (status != ALPA_OK) {
      fprintf(stderr, "%s: error: the %s form does not parse back to the same module\n", in->name,
              generic ? "generic" : "pretty");
      return status;
    }
  }
  return ALPA_OK;
}

static alpa_status parse(chunk *in) {
  const char *reproducer = NULL;
  alpa_module_parse_options options = ALPA_MODULE_PARSE_OPTIONS_INIT;
  options.name = in->name;
  options.out_reproducer_pipeline = &reproducer;
  options.keeps_text = true;
  double start = alpa_tool_seconds();
  alpa_status status = alpa_module_parse(in->context, in->text, in->size, &options, &in->module);
  in->report->parse_seconds += alpa_tool_seconds() - start;
  if (status != ALPA_OK || !in->set->run_reproducer)
    return status;
  if (!reproducer) {
    fprintf(stderr, "%s: error: --run-reproducer, but the input has no mlir_reproducer trailer\n", in->name);
    return ALPA_INVALID_ARGUMENT;
  }
  in->pipeline_text = reproducer;
  return ALPA_OK;
}

static alpa_status process(chunk *in) {
  alpa_status status = parse(in);
  if (status == ALPA_OK && in->set->verify_roundtrip)
    status = check_roundtrip(in);
  if (status == ALPA_OK)
    status = alpa_pipeline_parse(in->context, in->pipeline_text, &in->pipeline);
  if (status == ALPA_OK)
    status = run_passes(in);
  if (status != ALPA_OK)
    return status;
  double start = alpa_tool_seconds();
  status = alpa_module_print(in->module, &in->set->print, alpa_tool_text_write, in->output);
  alpa_tool_text_string(in->output, "\n");
  in->report->output_seconds += alpa_tool_seconds() - start;
  return status;
}

static bool run_chunk(chunk *in) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  options.diagnostic = show;
  options.diagnostic_user = in;
  options.allow_unregistered_dialects = in->set->allow_unregistered;
  if (in->set->verify_diagnostics)
    alpa_tool_expectations_init(&in->expected, in->name, in->text, in->size);
  alpa_status status = alpa_context_create(&options, &in->context);
  if (status == ALPA_OK)
    status = process(in);
  if (status == ALPA_OUT_OF_MEMORY)
    fprintf(stderr, "%s: error: out of memory\n", in->name);
  bool ok = status == ALPA_OK;
  if (in->set->verify_diagnostics)
    ok = alpa_tool_expectations_finish(&in->expected);
  alpa_module_destroy(in->module);
  alpa_pipeline_destroy(in->pipeline);
  alpa_context_destroy(in->context);
  alpa_tool_text_free(&in->before_pass);
  alpa_tool_text_free(&in->failed_pass);
  return ok;
}

/* ---- the whole input ---- */

/* The end of the chunk that begins at `from`: where a line that is the marker begins, or the end of the text.  The next
 * chunk begins behind the marker, on its line, as mlir-opt counts. */
static size_t find_split(const alpa_tool_text *text, size_t from, const char *marker, size_t *out_next,
                         uint32_t *line) {
  size_t marker_size = strlen(marker);
  for (size_t at = from; at < text->size; ++*line) {
    const char *newline = memchr(text->data + at, '\n', text->size - at);
    size_t end = newline ? (size_t)(newline - text->data) : text->size, size = end - at;
    while (size && strchr(" \t\r", text->data[at + size - 1]))
      size--;
    if (size == marker_size && memcmp(text->data + at, marker, size) == 0) {
      *out_next = at + size;
      return at;
    }
    at = end + 1;
  }
  *out_next = SIZE_MAX;
  return text->size;
}

static bool run_split(const chunk *prototype, const alpa_tool_text *input) {
  const settings *set = prototype->set;
  const char *between = set->output_split_marker ? set->output_split_marker : set->split_marker;
  bool ok = true;
  uint32_t line = 1;
  for (size_t from = 0, next; from != SIZE_MAX; from = next) {
    alpa_tool_text name = {0};
    alpa_tool_text_printf(&name, "within split at %s:%u offset ", prototype->name, line);
    size_t end = find_split(input, from, set->split_marker, &next, &line);
    chunk in = *prototype;
    in.name = name.data;
    in.text = input->data + from;
    in.size = end - from;
    if (from)
      alpa_tool_text_printf(in.output, "%s\n", between);
    ok &= run_chunk(&in);
    alpa_tool_text_free(&name);
  }
  return ok;
}

/* Reads the pipeline once ahead of all chunks, so that its errors come first and once. */
static bool check_pipeline(const chunk *prototype) {
  chunk in = *prototype;
  settings plain = *prototype->set;
  plain.verify_diagnostics = false;
  in.set = &plain;
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  options.diagnostic = show;
  options.diagnostic_user = &in;
  alpa_status status = alpa_context_create(&options, &in.context);
  if (status == ALPA_OK)
    status = alpa_pipeline_parse(in.context, in.pipeline_text, &in.pipeline);
  if (status == ALPA_OK && plain.dump_pipeline) {
    size_t n = 0;
    alpa_step_info info = ALPA_STEP_INFO_INIT;
    for (size_t i = 1; alpa_pipeline_get_step(in.pipeline, i, &info) == ALPA_OK; i++)
      n += info.depth == 1;
    fprintf(stderr, "Pass Manager with %zu passes:\n%s\n\n", n, alpa_pipeline_get_text(in.pipeline));
  }
  alpa_pipeline_destroy(in.pipeline);
  alpa_context_destroy(in.context);
  return status == ALPA_OK;
}

static void print_reports(const settings *set, const alpa_tool_report *report) {
  alpa_tool_text text = {0};
  if (set->statistics)
    alpa_tool_report_statistics(report, is(set->statistics_display, "list"), &text);
  if (set->timing)
    alpa_tool_report_timing(report, is(set->timing_display, "list"), is(set->timing_format, "json"), &text);
  fwrite(text.data ? text.data : "", 1, text.size, stderr);
  alpa_tool_text_free(&text);
}

static bool run_input(const chunk *prototype, alpa_tool_report *report) {
  const settings *set = prototype->set;
  double start = alpa_tool_seconds();
  alpa_tool_text input;
  if (!check_pipeline(prototype) || !alpa_tool_file_read(prototype->name, &input))
    return false;
  chunk in = *prototype;
  in.name = is(in.name, "-") ? "<stdin>" : in.name;
  in.text = input.data;
  in.size = input.size;
  bool ok = set->split_marker ? run_split(&in, &input) : run_chunk(&in);
  if (ok) {
    double output_start = alpa_tool_seconds();
    ok = alpa_tool_file_write(set->output, in.output->data ? in.output->data : "", in.output->size);
    report->output_seconds += alpa_tool_seconds() - output_start;
  }
  report->total_seconds = alpa_tool_seconds() - start;
  print_reports(set, report);
  alpa_tool_text_free(&input);
  return ok;
}

static void free_settings(settings *set) {
  alpa_tool_text_free(&set->passes);
  free((char *)(uintptr_t)set->dump.before);
  free((char *)(uintptr_t)set->dump.after);
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  const alpa_tool_flags table = {slash ? slash + 1 : argv[0], flags, add_pass, pass_name, offsetof(settings, input)};
  settings set = {.output = "-",
                  .verify_each = true,
                  .print = ALPA_MODULE_PRINT_OPTIONS_INIT,
                  .dump.print = ALPA_MODULE_PRINT_OPTIONS_INIT};
  bool ok = alpa_tool_flags_parse(&table, argc, argv, &set) && check_settings(table.program, &set);
  if (!ok || print_information(&set)) {
    free_settings(&set);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  set.dump.print = set.print;
  alpa_tool_text pipeline = {0}, output = {0};
  alpa_tool_report report = {0};
  if (set.pipeline)
    alpa_tool_text_string(&pipeline, set.pipeline);
  else
    alpa_tool_text_printf(&pipeline, "builtin.module(%s)", set.passes.size ? set.passes.data : "");
  chunk prototype = {.set = &set,
                     .program = table.program,
                     .name = set.input ? set.input : "-",
                     .pipeline_text = pipeline.data,
                     .report = &report,
                     .output = &output};
  ok = run_input(&prototype, &report);
  alpa_tool_report_free(&report);
  alpa_tool_text_free(&output);
  alpa_tool_text_free(&pipeline);
  free_settings(&set);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
