/* Printing IR around passes: to stderr under a heading, or into a tree of files, one directory per op. */
#include "driver/tool/dump.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_listed(const char *list, const char *name) {
  size_t size = strlen(name);
  for (; list && *list; list += strcspn(list, ","), list += *list == ',')
    if (strcspn(list, ",") == size && strncmp(list, name, size) == 0)
      return true;
  return false;
}

static bool is_whole_module(const alpa_pass_event *event) { return event->path_length <= 1; }

static alpa_status write_stderr(void *user, const char *text, size_t size) {
  (void)user;
  return fwrite(text, 1, size, stderr) == size ? ALPA_OK : ALPA_IO_ERROR;
}

/* "// -----// IR Dump After cse Failed (cse) ('func.func' operation: @main) //----- //" */
static void print_heading(const alpa_tool_dump *dump, const alpa_pass_event *event, const char *when,
                          alpa_tool_text *text) {
  const char *failed = event->status != ALPA_OK ? " Failed" : "";
  alpa_tool_text_printf(text, "// -----// IR Dump %s %s%s (%s)", when, event->pass, failed, event->pass);
  if (dump->settings->module_scope && !is_whole_module(event)) {
    alpa_tool_text_printf(text, " ('%s' operation", event->op);
    if (event->symbol)
      alpa_tool_text_printf(text, ": @%s", event->symbol);
    alpa_tool_text_string(text, ")");
  }
  alpa_tool_text_string(text, " //----- //\n");
}

/* ---- trees of files ---- */

static void append_file_name(alpa_tool_text *text, const char *name) {
  for (; *name; name++)
    alpa_tool_text_printf(text, "%c", isalnum((unsigned char)*name) || *name == '-' || *name == '_' ? *name : '_');
}

/* Where the element and those around it stand among their siblings: "0_2" for the third element of the first. */
static void append_numbers(alpa_pipeline *pipeline, size_t step, alpa_tool_text *text) {
  size_t depth = 0;
  size_t counts[128] = {0};
  for (size_t i = 0; i <= step; i++) {
    alpa_step_info info = ALPA_STEP_INFO_INIT;
    if (alpa_pipeline_get_step(pipeline, i, &info) != ALPA_OK || info.depth + 1 >= 128)
      return;
    depth = info.depth;
    counts[depth]++;
    counts[depth + 1] = 0;
  }
  for (size_t d = 1; d <= depth; d++)
    alpa_tool_text_printf(text, "%zu_", counts[d] - 1);
}

static bool make_path(const alpa_tool_dump *dump, const alpa_pass_event *event, alpa_tool_text *path) {
  alpa_tool_text_string(path, dump->settings->tree_directory);
  for (size_t i = 0; i <= event->path_length; i++) {
    if (mkdir(path->data, 0777) != 0 && errno != EEXIST) {
      fprintf(stderr, "cannot create directory '%s': %s\n", path->data, strerror(errno));
      return false;
    }
    alpa_tool_text_string(path, "/");
    if (i == event->path_length)
      break;
    const char *symbol = event->path[2 * i + 1];
    append_file_name(path, event->path[2 * i]);
    alpa_tool_text_string(path, "_");
    append_file_name(path, symbol ? symbol : "no-symbol-name");
  }
  append_numbers(dump->pipeline, event->step, path);
  append_file_name(path, event->pass);
  alpa_tool_text_string(path, ".mlir");
  return true;
}

static bool write_file(const alpa_tool_dump *dump, const alpa_pass_event *event, const char *when) {
  alpa_tool_text path = {0}, text = {0};
  print_heading(dump, event, when, &text);
  bool ok = make_path(dump, event, &path) &&
            alpa_pass_event_print(event, dump->settings->module_scope, &dump->settings->print, alpa_tool_text_write,
                                  &text) == ALPA_OK &&
            alpa_tool_file_write(path.data, text.data, text.size);
  alpa_tool_text_free(&path);
  alpa_tool_text_free(&text);
  return ok;
}

/* ---- when to print ---- */

static void print(alpa_tool_dump *dump, const alpa_pass_event *event, const char *when) {
  if (dump->settings->tree_directory) {
    dump->failed |= !write_file(dump, event, when);
    return;
  }
  alpa_tool_text heading = {0};
  print_heading(dump, event, when, &heading);
  fputs(heading.data, stderr);
  alpa_tool_text_free(&heading);
  if (alpa_pass_event_print(event, dump->settings->module_scope, &dump->settings->print, write_stderr, NULL) != ALPA_OK)
    dump->failed = true;
  fputs("\n\n", stderr);
}

static bool wants_after(const alpa_tool_dump *dump, const alpa_pass_event *event) {
  const alpa_tool_dump_settings *settings = dump->settings;
  if (event->status != ALPA_OK)
    return settings->after_failure || settings->after_all || is_listed(settings->after, event->pass);
  return !settings->after_failure && (settings->after_all || is_listed(settings->after, event->pass));
}

void alpa_tool_dump_before(alpa_tool_dump *dump, const alpa_pass_event *event) {
  const alpa_tool_dump_settings *settings = dump->settings;
  if (settings->before_all || is_listed(settings->before, event->pass))
    print(dump, event, "Before");
  if (settings->after_change && alpa_pass_event_get_fingerprint(event, &dump->before) != ALPA_OK)
    dump->failed = true;
}

void alpa_tool_dump_after(alpa_tool_dump *dump, const alpa_pass_event *event) {
  alpa_fingerprint after = {0};
  if (!wants_after(dump, event))
    return;
  if (dump->settings->after_change && event->status == ALPA_OK &&
      alpa_pass_event_get_fingerprint(event, &after) == ALPA_OK && after.low == dump->before.low &&
      after.high == dump->before.high)
    return;
  print(dump, event, "After");
}
