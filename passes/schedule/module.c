/* schedule: writes the order of tasks of a known schedule on the module, and reads what stands there. */
#include "passes/schedule/module.h"

#include <string.h>

#include "dialects/ir/context.h"
#include "passes/pass.h"

static const char stages_name[] = "alpa.stages", microbatches_name[] = "alpa.microbatches",
                  schedule_name[] = "alpa.schedule";

/* ---- stages on submeshes --------------------------------------------------------------------------------------- */

typedef struct device_list {
  const int64_t *ids;
  size_t n;
} device_list;

/* From [0, 1] and from array<i64: 0, 1>; false where it is neither, or empty. */
static bool read_devices(alpa_arena *arena, const alpa_attr *attr, device_list *out_list) {
  if (attr && attr->kind == ALPA_ATTR_NUMBERS) {
    out_list->ids = alpa_attr_i64s(attr, &out_list->n);
    return out_list->ids && out_list->n > 0;
  }
  if (attr == NULL || attr->kind != ALPA_ATTR_ARRAY || attr->array.n == 0)
    return false;
  int64_t *ids = alpa_arena_new(arena, int64_t, attr->array.n);
  for (size_t i = 0; i < attr->array.n; i++) {
    if (attr->array.items[i]->kind != ALPA_ATTR_INTEGER)
      return false;
    ids[i] = attr->array.items[i]->integer;
  }
  *out_list = (device_list){ids, attr->array.n};
  return true;
}

static bool is_equal(const device_list *a, const device_list *b) {
  return a->n == b->n && memcmp(a->ids, b->ids, a->n * sizeof *a->ids) == 0;
}

/* A device in both, or -1. */
static int64_t find_shared(const device_list *a, const device_list *b) {
  for (size_t i = 0; i < a->n; i++)
    for (size_t j = 0; j < b->n; j++)
      if (a->ids[i] == b->ids[j])
        return a->ids[i];
  return -1;
}

/* The submesh of stage v, after those of the stages before it. */
static alpa_status find_submesh(const alpa_op *module, const device_list *devices, uint32_t v, uint32_t n_submeshes,
                                uint32_t *submeshes) {
  submeshes[v] = n_submeshes;
  for (uint32_t u = 0; u < v; u++) {
    if (is_equal(&devices[u], &devices[v])) {
      submeshes[v] = submeshes[u];
      return ALPA_OK;
    }
    int64_t shared = find_shared(&devices[u], &devices[v]);
    if (shared >= 0)
      return alpa_op_error(module,
                           "has stages %u and %u on different devices that share device %lld; stages have all of their "
                           "devices in common, in the same order, or none",
                           u, v, (long long)shared);
  }
  return ALPA_OK;
}

alpa_status alpa_stage_map_read(alpa_arena *arena, const alpa_op *module, alpa_stage_map *out_map) {
  const alpa_attr *stages = alpa_op_find_attr(module, stages_name);
  if (stages == NULL || stages->kind != ALPA_ATTR_ARRAY || stages->array.n == 0)
    return alpa_op_error(module, "expects %s to be an array of stages, {mesh = \"2x1\", devices = [0, 1]}",
                         stages_name);
  uint32_t n = (uint32_t)stages->array.n, n_submeshes = 0;
  device_list *devices = alpa_arena_new(arena, device_list, n);
  uint32_t *submeshes = alpa_arena_new(arena, uint32_t, n);
  for (uint32_t v = 0; v < n; v++) {
    const alpa_attr *stage = stages->array.items[v];
    if (stage->kind != ALPA_ATTR_DICT || !read_devices(arena, alpa_attr_find(stage, "devices"), &devices[v]))
      return alpa_op_error(module,
                           "expects stage %u of %s to have a list of devices: {mesh = \"2x1\", devices = [0, 1]}", v,
                           stages_name);
    ALPA_TRY(find_submesh(module, devices, v, n_submeshes, submeshes));
    n_submeshes += submeshes[v] == n_submeshes;
  }
  alpa_stage_map_build(arena, submeshes, n, out_map);
  return ALPA_OK;
}

/* ---- schedule -------------------------------------------------------------------------------------------------- */

enum { MAX_MICROBATCHES = 1 << 20 };

static alpa_status read_microbatches(const alpa_op *module, int64_t option, uint32_t *out_n) {
  const alpa_attr *attr = alpa_op_find_attr(module, microbatches_name);
  bool has_attr = attr && attr->kind == ALPA_ATTR_INTEGER;
  if (!has_attr && option == 0)
    return alpa_op_error(module, "expects %s to be the number of micro-batches", microbatches_name);
  if (has_attr && option != 0 && attr->integer != option)
    return alpa_op_error(module, "has %lld micro-batches, where the option microbatches says %lld",
                         (long long)attr->integer, (long long)option);
  int64_t n = has_attr ? attr->integer : option;
  if (n < 1 || n > MAX_MICROBATCHES)
    return alpa_op_error(module, "has %lld micro-batches, where 1 to %d are possible", (long long)n, MAX_MICROBATCHES);
  *out_n = (uint32_t)n;
  return ALPA_OK;
}

static alpa_status read_texts(alpa_arena *arena, const alpa_op *module, const alpa_attr *lists, uint32_t n_submeshes,
                              const char *const **out_texts) {
  if (lists == NULL || lists->kind != ALPA_ATTR_ARRAY || lists->array.n != n_submeshes)
    return alpa_op_error(module, "expects %s to have stages = [...] with a list of tasks for each of %u submeshes",
                         schedule_name, n_submeshes);
  const char **texts = alpa_arena_new(arena, const char *, n_submeshes);
  for (uint32_t s = 0; s < n_submeshes; s++) {
    const alpa_attr *list = lists->array.items[s];
    if (list->kind != ALPA_ATTR_STRING)
      return alpa_op_error(module, "expects the list of submesh %u in %s to be a string, \"F0 B0 ...\"", s,
                           schedule_name);
    texts[s] = alpa_arena_strndup(arena, list->string.data, list->string.size);
  }
  *out_texts = texts;
  return ALPA_OK;
}

alpa_status alpa_schedule_read(alpa_arena *arena, const alpa_op *module, alpa_schedule *out_schedule) {
  const alpa_attr *attr = alpa_op_find_attr(module, schedule_name);
  if (attr == NULL || attr->kind != ALPA_ATTR_DICT)
    return alpa_op_error(module, "has no %s; run the pass schedule", schedule_name);
  const alpa_attr *name = alpa_attr_find(attr, "kind");
  const char *kind_name =
      name && name->kind == ALPA_ATTR_STRING ? alpa_arena_strndup(arena, name->string.data, name->string.size) : "";
  alpa_stage_map *map = alpa_arena_new(arena, alpa_stage_map, 1);
  alpa_schedule schedule = {.kind = alpa_schedule_kind_find(kind_name), .map = map};
  if (schedule.kind == NULL)
    return alpa_op_error(
        module,
        "has '%s' as the kind of %s, which is none; an edited list has the kind with its tasks: 1f1b has "
        "F and B, zb-h1 also W, inference F alone",
        kind_name, schedule_name);
  const char *const *texts = NULL;
  ALPA_TRY(alpa_stage_map_read(arena, module, map));
  ALPA_TRY(read_microbatches(module, 0, &schedule.n_microbatches));
  ALPA_TRY(read_texts(arena, module, alpa_attr_find(attr, "stages"), map->n_submeshes, &texts));
  const char *fault = alpa_schedule_parse(arena, &schedule, texts);
  if (fault)
    return alpa_op_error(module, "has a schedule that %s", fault);
  *out_schedule = schedule;
  return ALPA_OK;
}

/* ---- the pass -------------------------------------------------------------------------------------------------- */

typedef struct schedule_options {
  const char *kind;
  int64_t microbatches;
  bool keep;
} schedule_options;

#define FIELD(field) offsetof(schedule_options, field)
static const alpa_option_def option_defs[] = {
    {"kind", "which schedule", ALPA_OPTION_STRING, FIELD(kind), "1f1b", .choices = alpa_schedule_kind_names},
    {"microbatches", "how many there are, where the module does not say; 0: the module says", ALPA_OPTION_INT,
     FIELD(microbatches), "0", .min = 0, .max = MAX_MICROBATCHES},
    {"keep", "verifies the schedule that the module has, and writes one only where it has none", ALPA_OPTION_BOOL,
     FIELD(keep), "false", .choices = NULL},
    {0},
};
#undef FIELD

static void write_schedule(alpa_arena *arena, alpa_op *module, const alpa_schedule *schedule) {
  alpa_context *ctx = alpa_op_context(module);
  uint32_t n = schedule->map->n_submeshes;
  const alpa_attr **lists = alpa_arena_new(arena, const alpa_attr *, n);
  for (uint32_t s = 0; s < n; s++)
    lists[s] = alpa_attr_get_string(ctx, alpa_schedule_print(arena, schedule, s));
  const alpa_named_attr fields[] = {{"kind", alpa_attr_get_string(ctx, schedule->kind->name)},
                                    {"stages", alpa_attr_get_array(ctx, lists, n)}};
  alpa_op_set_attr(module, schedule_name, alpa_attr_get_dict(ctx, fields, countof(fields)));
  alpa_op_set_attr(module, microbatches_name, alpa_attr_get_i64(ctx, schedule->n_microbatches));
}

static alpa_status run(alpa_op *module, const void *options_, alpa_pass_context *pass) {
  const schedule_options *options = options_;
  const alpa_schedule_kind *kind = alpa_schedule_kind_find(options->kind);
  alpa_stage_map map;
  alpa_schedule schedule;
  uint32_t n_microbatches;
  if (options->keep && alpa_op_find_attr(module, schedule_name))
    return alpa_schedule_read(pass->arena, module, &schedule);
  ALPA_TRY(alpa_stage_map_read(pass->arena, module, &map));
  ALPA_TRY(read_microbatches(module, options->microbatches, &n_microbatches));
  const char *fault = alpa_schedule_build(pass->arena, kind, &map, n_microbatches, &schedule);
  if (fault)
    return alpa_op_error(module, "cannot be scheduled: %s %s", kind->name, fault);
  write_schedule(pass->arena, module, &schedule);
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_schedule = {
    .name = "schedule",
    .summary = "writes the order in which each submesh runs the micro-batches of its stages",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(schedule_options),
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_SCHEDULE,
    .run = run,
};
