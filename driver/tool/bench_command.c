/* alpa bench: how long planning, compiling and a step take here. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/tool/profile.h"

/* times[n] in ascending order; profile is NULL where none was asked for. */
static void report(const alpa_tool_execution *e, const double *times, size_t n, const alpa_tool_profile *profile) {
  const alpa_tool_session *session = e->session;
  int64_t temporary, arrays, peak;
  alpa_devices_get_memory(e->devices, &temporary, &arrays, &peak);
  json_t *root =
      json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I}", "program", session->settings->file, "cluster",
                session->info.cluster, "plan_ms", 1e3 * session->info.plan_s, "compile_ms", 1e3 * e->info.compile_s,
                "step_median_ms", times[n / 2], "step_least_ms", times[0], "predicted_step_ms",
                1e3 * session->info.cost_s, "predicted_memory_bytes", (json_int_t)session->info.memory_bytes,
                "temporary_bytes", (json_int_t)temporary, "peak_bytes", (json_int_t)peak);
  bool has_graphs = strcmp(session->backend, "cuda") == 0;
  if (has_graphs)
    json_object_set_new(root, "graphs",
                        json_pack("{s:I, s:I, s:s}", "launches", (json_int_t)e->info.n_graph_launches, "operations",
                                  (json_int_t)e->info.n_graph_operations, "reason", e->info.graph_reason));
  if (profile)
    json_object_set_new(root, "profile", alpa_tool_profile_to_json(profile));
  if (session->settings->json) {
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
  } else {
    char bytes[32];
    printf("plan %.1f ms, compile %.1f ms, step %.3f ms (least %.3f), device 0 used %s\n", 1e3 * session->info.plan_s,
           1e3 * e->info.compile_s, times[n / 2], times[0], alpa_tool_bytes(peak, bytes));
    if (has_graphs)
      printf("graphs: %llu launches did %llu operations%s%s\n", (unsigned long long)e->info.n_graph_launches,
             (unsigned long long)e->info.n_graph_operations, e->info.graph_reason[0] ? "; others one by one: " : "",
             e->info.graph_reason);
    if (profile)
      alpa_tool_profile_print(profile);
  }
  json_decref(root);
}

int alpa_tool_bench(const alpa_tool_settings *given) {
  alpa_tool_settings settings = *given;
  if (settings.backend && strcmp(settings.backend, "interpreter") == 0)
    settings.backend = NULL;
  size_t n = settings.repetitions ? (size_t)settings.repetitions : 10;
  double *times = alpa_tool_realloc(NULL, n * sizeof *times);
  alpa_tool_session session = {0};
  alpa_tool_execution execution = {0};
  alpa_tool_profile profile = {0};
  bool ok = alpa_tool_session_open(&settings, &session) && alpa_tool_execution_open(&execution, &session);
  if (ok) {
    alpa_tool_execution_fill(&execution);
    ok = alpa_tool_execution_measure(&execution, times, n) &&
         alpa_program_get_info(execution.program, &execution.info) == ALPA_OK;
  }
  if (ok && settings.profile)
    ok = alpa_tool_profile_measure(&execution, n, &profile);
  if (ok)
    report(&execution, times, n, settings.profile ? &profile : NULL);
  alpa_tool_profile_free(&profile);
  alpa_tool_execution_close(&execution);
  alpa_tool_session_close(&session, !ok);
  free(times);
  return ok ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
}
