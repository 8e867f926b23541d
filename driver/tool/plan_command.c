/* alpa plan: what was decided and why, for people or as JSON. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/tool/command.h"

/* ---- equal rows are counted, so that a deep model prints as short as a shallow one ---- */

typedef struct row {
  char *text; /* everything but the count */
  size_t count;
  int64_t bytes;
} row;

typedef struct rows {
  row *items;
  size_t n, cap;
} rows;

static void add_row(rows *list, char *text, int64_t bytes) {
  for (size_t i = 0; i < list->n; i++)
    if (strcmp(list->items[i].text, text) == 0) {
      list->items[i].count++;
      list->items[i].bytes += bytes;
      free(text);
      return;
    }
  if (list->n == list->cap) {
    list->cap = list->cap ? list->cap * 2 : 32;
    list->items = alpa_tool_realloc(list->items, list->cap * sizeof *list->items);
  }
  list->items[list->n++] = (row){text, 1, bytes};
}

static void free_rows(rows *list) {
  for (size_t i = 0; i < list->n; i++)
    free(list->items[i].text);
  free(list->items);
}

/* "blocks'][3]['up" and "blocks'][7]['up" are one thing: numbers become '*'. */
static char *generalise(const char *name) {
  alpa_tool_text text = {0};
  for (const char *at = name; *at;) {
    bool digits = *at >= '0' && *at <= '9';
    if (!digits || (text.size && text.data[text.size - 1] == '*'))
      at += digits ? 1 : (alpa_tool_text_append(&text, at, 1), 1);
    else
      alpa_tool_text_append(&text, "*", 1);
  }
  alpa_tool_text_append(&text, "", 0);
  return text.data ? text.data : alpa_tool_strndup("", 0);
}

static int64_t tensor_bytes(const alpa_tensor_info *info, const int64_t *dims) {
  int64_t bytes = alpa_dtype_get_info(info->dtype)->bytes;
  for (uint32_t d = 0; d < info->rank; d++)
    bytes *= dims[d];
  return bytes;
}

/* "1: a | -", of a slice with what it has of each dimension: "1: a | - of [4:8, 0:16]", or short. */
static void spell_part(const alpa_tool_session *session, const alpa_tensor_info *info, const alpa_part_info *part,
                       alpa_tool_text *text) {
  bool is_slice = false;
  if (session->info.n_stages)
    alpa_tool_text_printf(text, "%u:%s", part->stage, part->sharding[0] ? " " : "");
  alpa_tool_text_string(text, part->sharding);
  for (uint32_t d = 0; d < info->rank; d++)
    is_slice |= part->dims[d] != info->dims[d];
  if (is_slice && !session->settings->verbose)
    alpa_tool_text_string(text, " in slices");
  for (uint32_t d = 0; d < info->rank && is_slice && session->settings->verbose; d++)
    alpa_tool_text_printf(text, "%s%" PRId64 ":%" PRId64 "%s", d ? ", " : " of [", part->start[d],
                          part->start[d] + part->dims[d], d + 1 == info->rank ? "]" : "");
}

static void add_argument(const alpa_tool_session *session, uint32_t index, const alpa_tensor_info *info, rows *list) {
  char *name = session->settings->verbose ? alpa_tool_strndup(info->name, strlen(info->name)) : generalise(info->name);
  alpa_tool_text type = {0};
  alpa_part_info part = ALPA_PART_INFO_INIT;
  alpa_tool_tensor_spell(&type, info->dtype, info->rank, info->dims);
  for (uint32_t p = 0; alpa_plan_get_argument_part(session->plan, index, p, &part) == ALPA_OK; p++) {
    alpa_tool_text text = {0}, sharding = {0};
    spell_part(session, info, &part, &sharding);
    alpa_tool_text_printf(&text, "%-52.52s %-18s %-12s", name[0] ? name : "(unnamed)", type.data,
                          sharding.data ? sharding.data : "");
    add_row(list, text.data, tensor_bytes(info, part.local_dims));
    alpa_tool_text_free(&sharding);
  }
  alpa_tool_text_free(&type);
  free(name);
}

static void print_arguments(const alpa_tool_session *session) {
  rows list = {0};
  for (uint32_t i = 0; i < alpa_plan_count_arguments(session->plan); i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    if (alpa_plan_get_argument(session->plan, i, &info) == ALPA_OK)
      add_argument(session, i, &info, &list);
  }
  char bytes[32];
  printf("\n  %5s  %-52s %-18s %-12s %s\n", "", "argument", "type", "sharding", "on a device");
  for (size_t i = 0; i < list.n; i++)
    printf("  %4zux  %s %s\n", list.items[i].count, list.items[i].text, alpa_tool_bytes(list.items[i].bytes, bytes));
  free_rows(&list);
}

static bool print_communications(const alpa_tool_session *session) {
  rows list = {0};
  alpa_communication_info info = ALPA_COMMUNICATION_INFO_INIT;
  alpa_status status = ALPA_OK;
  for (size_t i = 0; (status = alpa_plan_get_communication(session->plan, i, &info)) == ALPA_OK; i++) {
    alpa_tool_text text = {0};
    char bytes[32], axes[64];
    snprintf(axes, sizeof axes, "%s(%s)", info.kind, info.axes);
    char *where =
        session->settings->verbose ? alpa_tool_strndup(info.where, strlen(info.where)) : generalise(info.where);
    alpa_tool_text_printf(&text, "%-24s %12s  %.60s", axes, alpa_tool_bytes(info.bytes, bytes), where);
    free(where);
    add_row(&list, text.data, (int64_t)((double)info.bytes * info.count));
  }
  if (status == ALPA_NOT_FOUND && list.n)
    printf("\n  %5s  %-24s %12s  %s\n", "", "communication in a step", "bytes each", "of");
  for (size_t i = 0; status == ALPA_NOT_FOUND && i < list.n; i++)
    printf("  %4zux  %s\n", list.items[i].count, list.items[i].text);
  free_rows(&list);
  return status == ALPA_NOT_FOUND;
}

/* What the predicted memory is for: the state that steps hand on, other arguments, and all that lives in between; the
 * devices of different stages differ in that. */
static void print_memory(const alpa_tool_session *session) {
  int64_t state = 0, inputs = 0;
  alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
  for (uint32_t i = 0; alpa_plan_get_argument(session->plan, i, &info) == ALPA_OK; i++)
    *(info.donated_to >= 0 ? &state : &inputs) += tensor_bytes(&info, info.local_dims);
  int64_t rest = session->info.memory_bytes - state - inputs;
  char used[32], limit[32], parts[3][32];
  printf("  memory           %s of %s a device", alpa_tool_bytes(session->info.memory_bytes, used),
         alpa_tool_bytes(session->info.memory_limit_bytes, limit));
  if (!session->info.n_stages)
    printf(": state %s, inputs %s, activations and buffers %s", alpa_tool_bytes(state, parts[0]),
           alpa_tool_bytes(inputs, parts[1]), alpa_tool_bytes(rest > 0 ? rest : 0, parts[2]));
  printf("\n");
}

static bool print_report(const alpa_tool_session *session) {
  const alpa_plan_info *info = &session->info;
  printf("%s\ncluster %s: %u device%s; mesh %s\n\n", session->settings->file, info->cluster, info->n_devices,
         info->n_devices == 1 ? "" : "s", info->mesh);
  if (info->searched) {
    if (info->n_stages)
      printf("  slowest stage    %.4g ms of a step, without waiting\n", 1e3 * info->cost_s);
    else
      printf("  predicted step   %.4g ms\n", 1e3 * info->cost_s);
    print_memory(session);
    if (info->optimal)
      printf("  optimal          %sproven (%" PRId64 " of %" PRId64 " variables after presolve)\n",
             info->n_stages ? "shardings of each stage " : "", info->variables_after_presolve, info->variables);
    else
      printf("  optimal          within %.2g %% (bound %.4g ms)\n", 100 * (info->cost_s - info->bound_s) / info->cost_s,
             1e3 * info->bound_s);
  }
  printf("  planned in       %.3f s%s; key %.8s\n", info->plan_s, info->from_cache ? " (from the cache)" : "",
         info->key);
  print_arguments(session);
  return print_communications(session);
}

/* ---- simulation ---- */

enum { PICTURE_COLUMNS = 160 };

static alpa_status print_text(void *user, const char *text, size_t size) {
  return fwrite(text, 1, size, user) == size ? ALPA_OK : ALPA_INTERNAL;
}

static bool print_simulation(const alpa_tool_session *session) {
  alpa_simulation_info info = ALPA_SIMULATION_INFO_INIT;
  alpa_submesh_info submesh = ALPA_SUBMESH_INFO_INIT;
  char bytes[32];
  if (alpa_plan_simulate(session->plan, &info) != ALPA_OK)
    return false;
  printf("\n  simulated step   %.4g ms (%.4g micro-batches/s): %s, %u micro-batch%s, bubble %.1f %%, %s sent between "
         "submeshes\n",
         1e3 * info.step_s, info.n_microbatches / info.step_s, info.schedule, info.n_microbatches,
         info.n_microbatches == 1 ? "" : "es", 100 * info.bubble, alpa_tool_bytes(info.sent_bytes, bytes));
  printf("\n  %-9s %6s %12s %8s %10s %12s\n", "submesh", "stages", "busy", "bubble", "in flight", "memory");
  for (uint32_t i = 0; i < info.n_submeshes; i++) {
    if (alpa_plan_simulate_submesh(session->plan, i, &submesh) != ALPA_OK)
      return false;
    printf("  %-9u %6u %9.4g ms %6.1f %% %10u %12s\n", i, submesh.n_stages, 1e3 * submesh.busy_s, 100 * submesh.bubble,
           submesh.in_flight, alpa_tool_bytes(submesh.peak_bytes, bytes));
  }
  putchar('\n');
  return alpa_plan_simulate_print(session->plan, PICTURE_COLUMNS, print_text, stdout) == ALPA_OK;
}

static bool add_simulation(const alpa_tool_session *session, json_t *root) {
  alpa_simulation_info info = ALPA_SIMULATION_INFO_INIT;
  alpa_submesh_info submesh = ALPA_SUBMESH_INFO_INIT;
  if (alpa_plan_simulate(session->plan, &info) != ALPA_OK)
    return false;
  json_t *submeshes = json_array();
  for (uint32_t i = 0; alpa_plan_simulate_submesh(session->plan, i, &submesh) == ALPA_OK; i++)
    json_array_append_new(submeshes, json_pack("{s:i, s:f, s:f, s:i, s:I}", "stages", (int)submesh.n_stages, "busy_ms",
                                               1e3 * submesh.busy_s, "bubble", submesh.bubble, "in_flight",
                                               (int)submesh.in_flight, "memory_bytes", (json_int_t)submesh.peak_bytes));
  json_object_set_new(root, "simulation",
                      json_pack("{s:f, s:f, s:f, s:I, s:s, s:i, s:o}", "step_ms", 1e3 * info.step_s,
                                "micro_batches_per_s", info.n_microbatches / info.step_s, "bubble", info.bubble,
                                "sent_bytes", (json_int_t)info.sent_bytes, "schedule", info.schedule, "micro_batches",
                                (int)info.n_microbatches, "submeshes", submeshes));
  return true;
}

/* ---- JSON ---- */

static json_t *dims_json(uint32_t rank, const int64_t *dims) {
  json_t *list = json_array();
  for (uint32_t d = 0; d < rank; d++)
    json_array_append_new(list, json_integer(dims[d]));
  return list;
}

static json_t *tensor_json(const alpa_tensor_info *info) {
  return json_pack("{s:s, s:s, s:o, s:o, s:s}", "name", info->name, "dtype", alpa_dtype_get_info(info->dtype)->spelling,
                   "shape", dims_json(info->rank, info->dims), "local_shape", dims_json(info->rank, info->local_dims),
                   "sharding", info->sharding);
}

typedef alpa_status part_fn(const alpa_plan *plan, uint32_t index, uint32_t part, alpa_part_info *out_info);

/* A tensor, in stages with what each of them has of it. */
static json_t *staged_tensor_json(const alpa_tool_session *session, const alpa_tensor_info *info, uint32_t index,
                                  part_fn *get_part) {
  json_t *tensor = tensor_json(info), *parts = json_array();
  alpa_part_info part = ALPA_PART_INFO_INIT;
  for (uint32_t p = 0; get_part(session->plan, index, p, &part) == ALPA_OK; p++)
    json_array_append_new(parts, json_pack("{s:i, s:s, s:o, s:o, s:o}", "stage", (int)part.stage, "sharding",
                                           part.sharding, "start", dims_json(info->rank, part.start), "shape",
                                           dims_json(info->rank, part.dims), "local_shape",
                                           dims_json(info->rank, part.local_dims)));
  if (session->info.n_stages)
    json_object_set(tensor, "parts", parts);
  json_decref(parts);
  return tensor;
}

static bool print_json(const alpa_tool_session *session) {
  const alpa_plan_info *info = &session->info;
  json_t *arguments = json_array(), *results = json_array(), *communications = json_array();
  alpa_tensor_info tensor = ALPA_TENSOR_INFO_INIT;
  for (uint32_t i = 0; alpa_plan_get_argument(session->plan, i, &tensor) == ALPA_OK; i++)
    json_array_append_new(arguments, staged_tensor_json(session, &tensor, i, alpa_plan_get_argument_part));
  for (uint32_t i = 0; alpa_plan_get_result(session->plan, i, &tensor) == ALPA_OK; i++)
    json_array_append_new(results, staged_tensor_json(session, &tensor, i, alpa_plan_get_result_part));
  alpa_communication_info c = ALPA_COMMUNICATION_INFO_INIT;
  alpa_status status = ALPA_OK;
  for (size_t i = 0; (status = alpa_plan_get_communication(session->plan, i, &c)) == ALPA_OK; i++)
    json_array_append_new(communications, json_pack("{s:s, s:s, s:s, s:I, s:f}", "kind", c.kind, "axes", c.axes, "of",
                                                    c.where, "bytes", (json_int_t)c.bytes, "count", c.count));
  json_t *root = json_pack("{s:s, s:s, s:i, s:s, s:s, s:f, s:o, s:o, s:o}", "cluster", info->cluster, "mesh",
                           info->mesh, "devices", (int)info->n_devices, "key", info->key, "cache",
                           info->from_cache ? "hit" : "miss", "plan_ms", 1e3 * info->plan_s, "arguments", arguments,
                           "results", results, "communications", communications);
  if (info->searched)
    json_object_update_new(root, json_pack("{s:f, s:f, s:b, s:I, s:I}", "cost_ms", 1e3 * info->cost_s, "bound_ms",
                                           1e3 * info->bound_s, "optimal", (int)info->optimal, "memory_bytes",
                                           (json_int_t)info->memory_bytes, "memory_limit_bytes",
                                           (json_int_t)info->memory_limit_bytes));
  bool ok = status == ALPA_NOT_FOUND && (!session->settings->simulate || add_simulation(session, root));
  if (ok) {
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
  }
  json_decref(root);
  return ok;
}

int alpa_tool_plan(const alpa_tool_settings *settings) {
  alpa_tool_session session;
  alpa_tool_text text = {0};
  alpa_module_print_options print = ALPA_MODULE_PRINT_OPTIONS_INIT;
  print.debug_info = true;
  bool ok = alpa_tool_session_open(settings, &session);
  if (ok && session.package) {
    fprintf(stderr, "alpa: error: '%s' is compiled already; 'alpa plan' takes the program\n", settings->file);
    ok = false;
  }
  if (ok && settings->output)
    ok = alpa_plan_print(session.plan, &print, alpa_tool_text_write, &text) == ALPA_OK &&
         alpa_tool_file_write(settings->output, text.data, text.size);
  if (ok)
    ok = settings->json ? print_json(&session) : print_report(&session);
  if (ok && settings->simulate && !settings->json)
    ok = print_simulation(&session);
  if (ok && settings->simulate && settings->trace)
    ok = alpa_plan_simulate_write(session.plan, settings->trace) == ALPA_OK;
  alpa_tool_text_free(&text);
  alpa_tool_session_close(&session, !ok);
  return ok ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
}
