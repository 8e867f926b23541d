/* Presets and JSON files of clusters (jansson). */
#include "passes/cost/cluster.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct preset {
  alpa_cluster cluster;
} preset;

#define GIB 1073741824.0
static const preset presets[] = {
#define X(name_, kind_, memory, memory_gbs, half, single, double_, int8, e_inf, knee, e_n, knee_n, e_conv, tile,       \
          e_mem, launch, per_host, intra_us, intra_gbs, pair_gbs, quad_gbs, strided_gbs, a2a_gbs, pair_a2a_gbs,        \
          quad_a2a_gbs, inter_us, inter_gbs)                                                                           \
  {{.name = name_,                                                                                                     \
    .devices_per_host = per_host,                                                                                      \
    .device = {.name = kind_,                                                                                          \
               .memory_bytes = (int64_t)((memory)*GIB),                                                                \
               .memory_bandwidth = (memory_gbs)*1e9,                                                                   \
               .flops = {(half)*1e12, (single)*1e12, (double_)*1e12, (int8)*1e12},                                     \
               .contraction_efficiency = e_inf,                                                                        \
               .contraction_knee = knee,                                                                               \
               .batched_efficiency = e_n,                                                                              \
               .batched_knee = knee_n,                                                                                 \
               .convolution_efficiency = e_conv,                                                                       \
               .convolution_tile = tile,                                                                               \
               .memory_efficiency = e_mem,                                                                             \
               .launch_s = (launch)*1e-6},                                                                             \
    .intra = {(intra_us)*1e-6, (intra_gbs)*1e9, (a2a_gbs)*1e9},                                                        \
    .pair = (pair_gbs)*1e9,                                                                                            \
    .quad = (quad_gbs)*1e9,                                                                                            \
    .strided = (strided_gbs)*1e9,                                                                                      \
    .pair_exchange = (pair_a2a_gbs)*1e9,                                                                               \
    .quad_exchange = (quad_a2a_gbs)*1e9,                                                                               \
    .inter = {(inter_us)*1e-6, (inter_gbs)*1e9, 0}}},
    ALPA_CLUSTER_TABLE(X)
#undef X
};

enum { MAX_DEVICES = 4096 };

static const char *preset_names(alpa_arena *arena) {
  const char *names = "";
  for (size_t i = 0; i < countof(presets); i++)
    names = alpa_arena_printf(arena, "%s%s%s:N", names, i ? ", " : "", presets[i].cluster.name);
  return names;
}

/* "2" hosts, or "1x4": hosts by devices of each. */
static alpa_status read_preset(alpa_diag *diag, const char *text, const preset *row, alpa_cluster *out) {
  const char *count = text + strlen(row->cluster.name) + 1;
  char *end = NULL;
  errno = 0;
  *out = row->cluster;
  out->is_host = strcmp(out->name, "host") == 0;
  long n = strtol(count, &end, 10), each = out->is_host ? n : (long)out->devices_per_host, most = each;
  bool is_number = end != count;
  if (is_number && *end == 'x' && !out->is_host) {
    const char *rest = end + 1;
    each = strtol(rest, &end, 10);
    is_number = end != rest;
  }
  out->hosts = out->is_host ? 1 : n;
  out->devices_per_host = each;
  if (errno || !is_number || *end || n < 1 || each < 1 || each > most || n > MAX_DEVICES || n * each > MAX_DEVICES)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "cluster '%s' needs a count of %s between 1 and %ld behind the colon%s, got '%s'", text,
                      out->is_host ? "devices" : "hosts",
                      out->is_host ? MAX_DEVICES : MAX_DEVICES / (long)row->cluster.devices_per_host,
                      out->is_host ? "" : ", or HOSTSxDEVICES as in 1x4", count);
  return ALPA_OK;
}

/* ---- JSON files ---- */

typedef struct reader {
  alpa_arena *arena;
  alpa_diag *diag;
  const char *path;
} reader;

/* One number of an object: a row of the tables below. */
typedef struct field {
  const char *name;
  double *value;
  double scale;
  bool required;
} field;

static alpa_status fault(const reader *r, const char *where, const char *what) {
  return alpa_error(r->diag, (alpa_place){.file = r->path}, ALPA_INVALID_ARGUMENT, "'%s' %s", where, what);
}

static alpa_status read_fields(const reader *r, json_t *object, const char *where, const field *fields, size_t n) {
  if (!json_is_object(object))
    return fault(r, where, "must be an object");
  for (size_t i = 0; i < n; i++) {
    json_t *value = json_object_get(object, fields[i].name);
    const char *name = alpa_arena_printf(r->arena, "%s.%s", where, fields[i].name);
    if (!value && fields[i].required)
      return fault(r, name, "is missing");
    if (!value)
      continue;
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number > 0) || !isfinite(number))
      return fault(r, name, "must be a positive number");
    *fields[i].value = number * fields[i].scale;
  }
  return ALPA_OK;
}

static alpa_status read_device(const reader *r, json_t *root, alpa_device_kind *device) {
  json_t *object = json_object_get(root, "device");
  double memory = 0;
  const field fields[] = {{"memory_gib", &memory, GIB, true},
                          {"memory_gb_s", &device->memory_bandwidth, 1e9, true},
                          {"contraction_efficiency", &device->contraction_efficiency, 1, false},
                          {"contraction_knee", &device->contraction_knee, 1, false},
                          {"batched_efficiency", &device->batched_efficiency, 1, false},
                          {"batched_knee", &device->batched_knee, 1, false},
                          {"convolution_efficiency", &device->convolution_efficiency, 1, false},
                          {"convolution_tile", &device->convolution_tile, 1, false},
                          {"memory_efficiency", &device->memory_efficiency, 1, false},
                          {"launch_us", &device->launch_s, 1e-6, false}};
  ALPA_TRY(read_fields(r, object, "device", fields, countof(fields)));
  device->memory_bytes = (int64_t)memory;
  double *flops = device->flops;
  const field rates[] = {{"f32", &flops[ALPA_FLOPS_SINGLE], 1e12, true},
                         {"f16", &flops[ALPA_FLOPS_HALF], 1e12, false},
                         {"f64", &flops[ALPA_FLOPS_DOUBLE], 1e12, false},
                         {"i8", &flops[ALPA_FLOPS_INT8], 1e12, false}};
  ALPA_TRY(read_fields(r, json_object_get(object, "tflops"), "device.tflops", rates, countof(rates)));
  flops[ALPA_FLOPS_HALF] = flops[ALPA_FLOPS_HALF] > 0 ? flops[ALPA_FLOPS_HALF] : flops[ALPA_FLOPS_SINGLE];
  flops[ALPA_FLOPS_INT8] = flops[ALPA_FLOPS_INT8] > 0 ? flops[ALPA_FLOPS_INT8] : flops[ALPA_FLOPS_HALF];
  flops[ALPA_FLOPS_DOUBLE] = flops[ALPA_FLOPS_DOUBLE] > 0 ? flops[ALPA_FLOPS_DOUBLE] : flops[ALPA_FLOPS_SINGLE] / 2;
  json_t *kind = json_object_get(object, "kind");
  device->name = json_is_string(kind) ? alpa_arena_strdup(r->arena, json_string_value(kind)) : "device";
  return ALPA_OK;
}

static alpa_status read_link(const reader *r, json_t *links, const char *name, alpa_link *link) {
  const field fields[] = {{"latency_us", &link->latency_s, 1e-6, true}, {"gb_s", &link->bandwidth, 1e9, true}};
  return read_fields(r, json_object_get(links, name), alpa_arena_printf(r->arena, "links.%s", name), fields,
                     countof(fields));
}

static alpa_status read_groups(const reader *r, json_t *intra, alpa_cluster *out) {
  out->pair = out->quad = out->strided = out->intra.exchange = out->intra.bandwidth;
  const field fields[] = {{"pair_gb_s", &out->pair, 1e9, false},
                          {"quad_gb_s", &out->quad, 1e9, false},
                          {"strided_gb_s", &out->strided, 1e9, false},
                          {"all_to_all_gb_s", &out->intra.exchange, 1e9, false}};
  ALPA_TRY(read_fields(r, intra, "links.intra", fields, countof(fields)));
  out->pair_exchange = fmin(out->pair, out->intra.exchange);
  out->quad_exchange = fmin(out->quad, out->intra.exchange);
  const field exchanges[] = {{"pair_all_to_all_gb_s", &out->pair_exchange, 1e9, false},
                             {"quad_all_to_all_gb_s", &out->quad_exchange, 1e9, false}};
  return read_fields(r, intra, "links.intra", exchanges, countof(exchanges));
}

static alpa_status read_root(const reader *r, json_t *root, alpa_cluster *out) {
  *out = (alpa_cluster){.device = {.contraction_efficiency = 0.9,
                                   .contraction_knee = 128,
                                   .batched_efficiency = 0.9,
                                   .batched_knee = 32,
                                   .convolution_efficiency = 0.6,
                                   .convolution_tile = 1,
                                   .memory_efficiency = 0.84,
                                   .launch_s = 2e-6}};
  double hosts = 1, devices = 0;
  const field counts[] = {{"hosts", &hosts, 1, false}, {"devices_per_host", &devices, 1, true}};
  ALPA_TRY(read_fields(r, root, "cluster", counts, countof(counts)));
  if (floor(hosts) != hosts || floor(devices) != devices || hosts * devices > (double)MAX_DEVICES)
    return fault(r, "cluster", "needs whole numbers of hosts and devices, 4096 devices at most");
  out->hosts = (int64_t)hosts;
  out->devices_per_host = (int64_t)devices;
  ALPA_TRY(read_device(r, root, &out->device));
  json_t *links = json_object_get(root, "links"), *name = json_object_get(root, "name");
  ALPA_TRY(read_link(r, links, "intra", &out->intra));
  ALPA_TRY(read_groups(r, json_object_get(links, "intra"), out));
  out->inter = out->intra;
  if (out->hosts > 1)
    ALPA_TRY(read_link(r, links, "inter", &out->inter));
  out->name = alpa_arena_strdup(r->arena, json_is_string(name) ? json_string_value(name) : r->path);
  out->is_host = strcmp(out->device.name, "host core") == 0;
  return ALPA_OK;
}

static alpa_status read_file(alpa_arena *arena, alpa_diag *diag, const char *path, alpa_cluster *out) {
  json_error_t error;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  if (!root && error.line < 0)
    return alpa_error(diag, (alpa_place){0}, ALPA_NOT_FOUND,
                      "'%s' is neither a file nor a cluster preset; presets are %s", path, preset_names(arena));
  if (!root)
    return alpa_error(diag, (alpa_place){path, (uint32_t)error.line, (uint32_t)error.column}, ALPA_INVALID_ARGUMENT,
                      "%s", error.text);
  reader r = {arena, diag, path};
  alpa_status status = read_root(&r, root, out);
  json_decref(root);
  return status;
}

alpa_status alpa_cluster_read(alpa_arena *arena, alpa_diag *diag, const char *text, alpa_cluster *out_cluster) {
  for (size_t i = 0; i < countof(presets); i++) {
    size_t size = strlen(presets[i].cluster.name);
    if (strncmp(text, presets[i].cluster.name, size) == 0 && text[size] == ':') {
      ALPA_TRY(read_preset(diag, text, &presets[i], out_cluster));
      out_cluster->name = alpa_arena_strdup(arena, text);
      return ALPA_OK;
    }
  }
  return read_file(arena, diag, text, out_cluster);
}

/* The links of a hybrid cube mesh join quads; what is larger than one has the bandwidth of the host. */
static double group_bandwidth(const alpa_cluster *c, int64_t stride, int64_t size) {
  if (size <= 2)
    return c->pair;
  if (size <= 4)
    return stride == 1 ? c->quad : c->strided;
  return stride == 1 ? c->intra.bandwidth : c->strided;
}

static double group_exchange(const alpa_cluster *c, int64_t size) {
  return size <= 2 ? c->pair_exchange : size <= 4 ? c->quad_exchange : c->intra.exchange;
}

alpa_link alpa_cluster_link(const alpa_cluster *cluster, int64_t stride, int64_t size) {
  if (stride * size <= cluster->devices_per_host)
    return (alpa_link){cluster->intra.latency_s, group_bandwidth(cluster, stride, size), group_exchange(cluster, size)};
  int64_t sharing = stride < cluster->devices_per_host ? stride : cluster->devices_per_host;
  return (alpa_link){cluster->inter.latency_s, cluster->inter.bandwidth / (double)sharing, 0};
}

const char *alpa_cluster_describe(alpa_arena *arena, const alpa_cluster *c) {
  const alpa_device_kind *d = &c->device;
  return alpa_arena_printf(
      arena,
      "%lld x %lld %s mem %lld bw %a flops %a %a %a %a eff %a %a %a %a %a %a %a launch %a intra %a %a "
      "%a %a %a all-to-all %a %a %a inter %a %a",
      (long long)c->hosts, (long long)c->devices_per_host, d->name, (long long)d->memory_bytes, d->memory_bandwidth,
      d->flops[0], d->flops[1], d->flops[2], d->flops[3], d->contraction_efficiency, d->contraction_knee,
      d->batched_efficiency, d->batched_knee, d->convolution_efficiency, d->convolution_tile, d->memory_efficiency,
      d->launch_s, c->intra.latency_s, c->intra.bandwidth, c->pair, c->quad, c->strided, c->intra.exchange,
      c->pair_exchange, c->quad_exchange, c->inter.latency_s, c->inter.bandwidth);
}
