/* Printing IR around passes, and the reports behind a run: what mlir-opt's --mlir-print-ir-*, --mlir-timing and
 * --mlir-pass-statistics do. */
#ifndef ALPA_DRIVER_TOOL_DUMP_H
#define ALPA_DRIVER_TOOL_DUMP_H

#include "driver/tool/text.h"

typedef struct alpa_tool_dump_settings {
  bool before_all, after_all;
  const char *before, *after; /* names of passes, comma-separated; NULL: none */
  bool after_change, after_failure;
  bool module_scope;
  const char *tree_directory; /* NULL: to stderr */
  alpa_module_print_options print;
} alpa_tool_dump_settings;

/* Prints as its settings say; members beside the settings and the pipeline are its own. */
typedef struct alpa_tool_dump {
  const alpa_tool_dump_settings *settings;
  alpa_pipeline *pipeline;
  alpa_fingerprint before; /* of the op that the current pass runs on */
  bool failed;             /* a file could not be written */
} alpa_tool_dump;

void alpa_tool_dump_before(alpa_tool_dump *dump, const alpa_pass_event *event);
void alpa_tool_dump_after(alpa_tool_dump *dump, const alpa_pass_event *event);

/* Sums of several runs of equal pipelines (the chunks of a split file). */
typedef struct alpa_tool_report_row {
  char *name;
  bool is_pass;
  size_t depth, n_runs;
  double seconds;
  alpa_statistic *statistics;
  size_t n_statistics;
} alpa_tool_report_row;

typedef struct alpa_tool_report {
  alpa_tool_report_row *rows; /* one per element of the pipeline */
  size_t n;
  double parse_seconds, output_seconds, total_seconds;
} alpa_tool_report;

double alpa_tool_seconds(void); /* of a monotonic clock */
void alpa_tool_report_add(alpa_tool_report *report, alpa_pipeline *pipeline);
/* as_list: one row per name, largest first; else the tree of the pipeline. */
void alpa_tool_report_timing(const alpa_tool_report *report, bool as_list, bool as_json, alpa_tool_text *text);
void alpa_tool_report_statistics(const alpa_tool_report *report, bool as_list, alpa_tool_text *text);
void alpa_tool_report_free(alpa_tool_report *report);

#endif
