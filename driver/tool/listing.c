/* Listings made from the tables of the library. */
#include "driver/tool/listing.h"

#include <stdio.h>
#include <string.h>

#include "driver/tool/flags.h"

size_t alpa_tool_pass_find(const char *name) {
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  for (size_t i = 0; alpa_pass_get_info(i, &info) == ALPA_OK; i++)
    if (strcmp(info.name, name) == 0)
      return i;
  return SIZE_MAX;
}

static void list_options(alpa_tool_text *text, size_t pass, size_t n_options) {
  for (size_t i = 0; i < n_options; i++) {
    alpa_pass_option_info option = ALPA_PASS_OPTION_INFO_INIT;
    char what[128], help[512];
    if (alpa_pass_get_option(pass, i, &option) != ALPA_OK)
      return;
    snprintf(what, sizeof what, "%s=<%s>", option.name, option.kind);
    snprintf(help, sizeof help, "%s (default: %s)", option.help, *option.initial ? option.initial : "none");
    alpa_tool_help_line(text, 6, what, help);
  }
}

static void list_kind(alpa_tool_text *text, bool pipelines) {
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  for (size_t i = 0; alpa_pass_get_info(i, &info) == ALPA_OK; i++) {
    char what[128];
    if ((info.expansion != NULL) != pipelines)
      continue;
    snprintf(what, sizeof what, "--%s", info.name);
    alpa_tool_help_line(text, 4, what, info.summary);
    list_options(text, i, info.n_options);
    if (info.expansion)
      alpa_tool_text_printf(text, "      %s\n", info.expansion);
  }
}

void alpa_tool_list_passes(alpa_tool_text *text) {
  alpa_tool_text_string(text, "  Compiler passes to run\n");
  list_kind(text, false);
  alpa_tool_text_string(text, "  Pass pipelines\n");
  list_kind(text, true);
}

void alpa_tool_list_names(alpa_tool_text *text) {
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  for (size_t i = 0; alpa_pass_get_info(i, &info) == ALPA_OK; i++)
    alpa_tool_text_printf(text, "%-24s %s\n", info.name, info.summary);
}

void alpa_tool_list_dialects(alpa_tool_text *text) {
  alpa_tool_text_string(text, "Available Dialects: ");
  for (size_t i = 0; alpa_dialect_get_name(i); i++)
    alpa_tool_text_printf(text, i ? ",%s" : "%s", alpa_dialect_get_name(i));
  alpa_tool_text_string(text, "\n");
}

void alpa_tool_list_version(alpa_tool_text *text) {
  alpa_tool_text_printf(text, "alpa version %d.%d.%d\n", ALPA_VERSION_MAJOR, ALPA_VERSION_MINOR, ALPA_VERSION_PATCH);
}
