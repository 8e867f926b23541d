/* Timing and statistics reports in mlir-opt's layout. */
#include "driver/tool/dump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char rule[] = "===-------------------------------------------------------------------------===\n";

double alpa_tool_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void add_row(alpa_tool_report *report, const alpa_step_info *info) {
  report->rows = alpa_tool_realloc(report->rows, (report->n + 1) * sizeof *report->rows);
  alpa_tool_report_row *row = &report->rows[report->n++];
  size_t bytes = info->n_statistics * sizeof *row->statistics;
  *row = (alpa_tool_report_row){.is_pass = info->is_pass,
                                .depth = info->depth,
                                .n_statistics = info->n_statistics,
                                .statistics = alpa_tool_realloc(NULL, bytes)};
  alpa_tool_text name = {0};
  alpa_tool_text_printf(&name, info->is_pass ? "%s" : "'%s' Pipeline", info->name);
  row->name = name.data;
  for (size_t i = 0; i < info->n_statistics; i++)
    row->statistics[i] = (alpa_statistic){info->statistics[i].name, info->statistics[i].help, 0};
}

void alpa_tool_report_add(alpa_tool_report *report, alpa_pipeline *pipeline) {
  alpa_step_info info = ALPA_STEP_INFO_INIT;
  for (size_t i = 0; alpa_pipeline_get_step(pipeline, i, &info) == ALPA_OK; i++) {
    if (i == report->n)
      add_row(report, &info);
    alpa_tool_report_row *row = &report->rows[i];
    row->n_runs += info.n_runs;
    row->seconds += info.seconds;
    for (size_t k = 0; k < info.n_statistics; k++)
      row->statistics[k].value += info.statistics[k].value;
  }
}

void alpa_tool_report_free(alpa_tool_report *report) {
  for (size_t i = 0; i < report->n; i++) {
    free(report->rows[i].name);
    free(report->rows[i].statistics);
  }
  free(report->rows);
  *report = (alpa_tool_report){0};
}

/* ---- timing ---- */

typedef struct timing_row {
  const char *name;
  double seconds;
  size_t depth;
} timing_row;

static void print_row(alpa_tool_text *text, const timing_row *row, double total, bool as_json) {
  double percent = total > 0 ? 100 * row->seconds / total : 0;
  if (as_json)
    alpa_tool_text_printf(text, "%*s{\"wall\": {\"duration\": %8.4f, \"percentage\": %5.1f}, \"name\": \"%s\"",
                          (int)(2 * row->depth), "", row->seconds, percent, row->name);
  else
    alpa_tool_text_printf(text, "  %8.4f (%5.1f%%)  %*s%s\n", row->seconds, percent, (int)(2 * row->depth), "",
                          row->name);
}

/* Rows in the order of the tree: parser, elements below the outermost pipeline, output, rest, total. */
static size_t collect_rows(const alpa_tool_report *report, timing_row *rows) {
  size_t n = 0;
  double rest = report->total_seconds - report->parse_seconds - report->output_seconds;
  rows[n++] = (timing_row){"Parser", report->parse_seconds, 0};
  for (size_t i = 1; i < report->n; i++) {
    rows[n++] = (timing_row){report->rows[i].name, report->rows[i].seconds, report->rows[i].depth - 1};
    if (report->rows[i].depth == 1)
      rest -= report->rows[i].seconds;
  }
  rows[n++] = (timing_row){"Output", report->output_seconds, 0};
  rows[n++] = (timing_row){"Rest", rest > 0 ? rest : 0, 0};
  rows[n++] = (timing_row){"Total", report->total_seconds, 0};
  return n;
}

static int compare_rows(const void *a, const void *b) {
  const timing_row *x = a, *y = b;
  return x->seconds < y->seconds ? 1 : x->seconds > y->seconds ? -1 : strcmp(x->name, y->name);
}

/* One row per name, largest first; Rest and Total stay at the end. */
static size_t flatten(timing_row *rows, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i + 2 < n; i++) {
    size_t k = 0;
    while (k < kept && strcmp(rows[k].name, rows[i].name) != 0)
      k++;
    if (k == kept)
      rows[kept++] = (timing_row){rows[i].name, rows[i].seconds, 0};
    else
      rows[k].seconds += rows[i].seconds;
  }
  qsort(rows, kept, sizeof *rows, compare_rows);
  rows[kept] = rows[n - 2];
  rows[kept + 1] = rows[n - 1];
  return kept + 2;
}

/* As mlir-opt nests them: each row holds the list of those inside it, ended by an empty object. */
static void print_json(alpa_tool_text *text, const timing_row *rows, size_t n, double total) {
  alpa_tool_text_string(text, "[\n");
  for (size_t i = 0; i < n; i++) {
    size_t next_depth = i + 1 < n ? rows[i + 1].depth : 0;
    print_row(text, &rows[i], total, true);
    if (i + 2 >= n) {
      alpa_tool_text_string(text, i + 1 < n ? "},\n" : "}\n");
      continue;
    }
    alpa_tool_text_string(text, ", \"passes\": [\n");
    for (size_t depth = rows[i].depth + 1; depth > next_depth; depth--)
      alpa_tool_text_printf(text, "%*s{}]},\n", (int)(2 * (depth - 1)), "");
  }
  alpa_tool_text_string(text, "]\n");
}

void alpa_tool_report_timing(const alpa_tool_report *report, bool as_list, bool as_json, alpa_tool_text *text) {
  timing_row *rows = alpa_tool_realloc(NULL, (report->n + 4) * sizeof *rows);
  size_t n = collect_rows(report, rows);
  if (as_list)
    n = flatten(rows, n);
  if (as_json) {
    print_json(text, rows, n, report->total_seconds);
  } else {
    alpa_tool_text_printf(text, "%s%25s... Execution time report ...\n%s", rule, "", rule);
    alpa_tool_text_printf(text, "  Total Execution Time: %.4f seconds\n\n", report->total_seconds);
    alpa_tool_text_string(text, "  ----Wall Time----  ----Name----\n");
    for (size_t i = 0; i < n; i++)
      print_row(text, &rows[i], report->total_seconds, false);
  }
  free(rows);
}

/* ---- statistics ---- */

static void print_statistics(alpa_tool_text *text, const alpa_tool_report_row *row, size_t depth) {
  alpa_tool_text_printf(text, "%*s%s\n", (int)(2 * depth), "", row->name);
  for (size_t i = 0; i < row->n_statistics; i++)
    alpa_tool_text_printf(text, "%*s(S) %*" PRId64 " %s - %s\n", (int)(2 * depth + 2), "", 8, row->statistics[i].value,
                          row->statistics[i].name, row->statistics[i].help);
}

/* Adds the counts of later rows of the same name; false where an earlier row did it for this one. */
static bool merge(const alpa_tool_report *report, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (strcmp(report->rows[k].name, report->rows[i].name) == 0)
      return false;
  for (size_t k = i + 1; k < report->n; k++)
    for (size_t s = 0; strcmp(report->rows[k].name, report->rows[i].name) == 0 && s < report->rows[i].n_statistics; s++)
      report->rows[i].statistics[s].value += report->rows[k].statistics[s].value;
  return true;
}

void alpa_tool_report_statistics(const alpa_tool_report *report, bool as_list, alpa_tool_text *text) {
  alpa_tool_text_printf(text, "%s%25s... Pass statistics report ...\n%s", rule, "", rule);
  for (size_t i = 1; i < report->n; i++) {
    const alpa_tool_report_row *row = &report->rows[i];
    if (!as_list)
      print_statistics(text, row, row->depth - 1);
    else if (row->is_pass && row->n_statistics && merge(report, i))
      print_statistics(text, row, 0);
  }
  alpa_tool_text_string(text, "\n");
}
