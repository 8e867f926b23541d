/* Reproducers: a module with the pipeline that failed on it, in MLIR's file trailer. */
#ifndef ALPA_DRIVER_TOOL_REPRODUCER_H
#define ALPA_DRIVER_TOOL_REPRODUCER_H

#include "driver/tool/text.h"

/* Appends the trailer {-# external_resources: { mlir_reproducer: { pipeline: ... } } #-}. */
void alpa_tool_reproducer_print(alpa_tool_text *text, const char *pipeline, bool verify_each);

/* From here until the next call, a crash of the process writes the text to the file and says so.  Path NULL ends it. */
void alpa_tool_crash_arm(const char *path, const char *text, size_t size);

#endif
