/* What both tools list: passes with their options, dialects, the version. */
#ifndef ALPA_DRIVER_TOOL_LISTING_H
#define ALPA_DRIVER_TOOL_LISTING_H

#include "driver/tool/text.h"

/* The index of the pass or named pipeline of that name; SIZE_MAX where there is none. */
size_t alpa_tool_pass_find(const char *name);
/* "--cse  - summary", each with its options indented. */
void alpa_tool_list_passes(alpa_tool_text *text);
/* One name and summary per line. */
void alpa_tool_list_names(alpa_tool_text *text);
/* "Available Dialects: a,b,c" */
void alpa_tool_list_dialects(alpa_tool_text *text);
void alpa_tool_list_version(alpa_tool_text *text);

#endif
