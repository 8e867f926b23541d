/* alpa compile: a program and its plan as a file that runs without the compiler. */
#include <stdio.h>
#include <string.h>

#include "driver/tool/command.h"

static void report(const alpa_tool_session *session, const char *target, size_t bytes) {
  char size[32];
  const alpa_plan_info *info = &session->info;
  printf("%s for %s on %s, mesh %s: %s, %s\n", session->settings->file, target, info->cluster, info->mesh,
         session->settings->output, alpa_tool_bytes((int64_t)bytes, size));
}

static bool compile(const alpa_tool_session *session) {
  const alpa_tool_settings *settings = session->settings;
  alpa_package_options options = ALPA_PACKAGE_OPTIONS_INIT;
  alpa_tool_init init = {0};
  alpa_tool_text text = {0};
  options.target = settings->target;
  options.name = settings->file;
  bool ok = !settings->init || alpa_tool_init_open(session, &init);
  options.init = init.plan;
  if (ok) {
    alpa_tool_progress("compiling");
    ok = alpa_plan_write_package(session->plan, &options, alpa_tool_text_write, &text) == ALPA_OK &&
         alpa_tool_file_write(settings->output, text.data, text.size);
  }
  if (ok)
    report(session, settings->target ? settings->target : "host", text.size);
  alpa_tool_text_free(&text);
  alpa_tool_init_close(&init);
  return ok;
}

int alpa_tool_compile(const alpa_tool_settings *settings) {
  alpa_tool_session session = {0};
  if (!settings->output) {
    fputs("alpa: usage: alpa compile FILE -o PACKAGE\n", stderr);
    return ALPA_EXIT_USAGE;
  }
  bool ok = alpa_tool_session_open(settings, &session);
  if (ok && session.package) {
    fprintf(stderr, "alpa: error: '%s' is compiled already\n", settings->file);
    ok = false;
  }
  ok = ok && compile(&session);
  alpa_tool_session_close(&session, !ok);
  return ok ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
}
