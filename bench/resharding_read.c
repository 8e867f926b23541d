/* A mesh is {"mesh": [hosts, devices], "chunks": [parts of each dimension], "mapping": [["dimension", d] | ["replicas",
 * n], ...]}: the mapping's entries are the digits of a device's number, the most significant one first. */
#include "bench/resharding_read.h"

#include <jansson.h>
#include <string.h>

enum { DEVICES_PER_HOST = 4, ELEMENT_BYTES = 4 };

static int64_t at(const json_t *array, size_t i) { return json_integer_value(json_array_get(array, i)); }

/* The part of each dimension that a device has. */
static void find_tile(const json_t *side, int64_t number, int64_t *tile) {
  const json_t *mapping = json_object_get(side, "mapping"), *chunks = json_object_get(side, "chunks");
  for (size_t i = json_array_size(mapping); i-- > 0;) {
    const json_t *digit = json_array_get(mapping, i);
    bool is_split = strcmp(json_string_value(json_array_get(digit, 0)), "dimension") == 0;
    int64_t n = is_split ? at(chunks, (size_t)at(digit, 1)) : at(digit, 1);
    if (is_split)
      tile[at(digit, 1)] = number % n;
    number /= n;
  }
}

/* Devices of hosts from `first_host` on. */
static alpa_tiling read_side(alpa_arena *arena, const json_t *side, const json_t *dims, int64_t first_host) {
  size_t rank = json_array_size(dims);
  int64_t n_hosts = at(json_object_get(side, "mesh"), 0), n_each = at(json_object_get(side, "mesh"), 1);
  size_t n = (size_t)(n_hosts * n_each);
  uint32_t *devices = alpa_arena_new(arena, uint32_t, n);
  int64_t *starts = alpa_arena_new(arena, int64_t, n * rank), *extents = alpa_arena_new(arena, int64_t, n * rank);
  for (size_t k = 0; k < n; k++) {
    int64_t number = (int64_t)k, tile[16] = {0};
    devices[k] = (uint32_t)((first_host + number / n_each) * DEVICES_PER_HOST + number % n_each);
    find_tile(side, number, tile);
    for (size_t d = 0; d < rank; d++) {
      extents[k * rank + d] = at(dims, d) / at(json_object_get(side, "chunks"), d);
      starts[k * rank + d] = tile[d] * extents[k * rank + d];
    }
  }
  return (alpa_tiling){(uint32_t)n, devices, starts, extents};
}

static resharding_case read_case(alpa_arena *arena, const json_t *entry) {
  const json_t *dims = json_object_get(entry, "dims"), *from = json_object_get(entry, "from");
  resharding_case out = {.name = alpa_arena_strdup(arena, json_string_value(json_object_get(entry, "name"))),
                         .problem = {.rank = (uint32_t)json_array_size(dims),
                                     .element_bytes = ELEMENT_BYTES,
                                     .devices_per_host = DEVICES_PER_HOST,
                                     .network = {100e-6, 1.25e9},
                                     .local = {28e-6, 111e9}}};
  out.problem.from = read_side(arena, from, dims, 0);
  out.problem.to = read_side(arena, json_object_get(entry, "to"), dims, at(json_object_get(from, "mesh"), 0));
  return out;
}

bool resharding_read(const char *path, alpa_arena *arena, resharding_cases *out_cases) {
  json_t *root = json_load_file(path, 0, NULL);
  const json_t *cases = json_object_get(root, "cases");
  out_cases->n = json_array_size(cases);
  out_cases->items = alpa_arena_new(arena, resharding_case, out_cases->n);
  for (size_t i = 0; i < out_cases->n; i++)
    out_cases->items[i] = read_case(arena, json_array_get(cases, i));
  json_decref(root);
  return out_cases->n > 0;
}
