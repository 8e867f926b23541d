/* GSPMD sharding strings (XLA's HloSharding in text) as shardings over mesh axes.
 *
 * A string is a table from tiles to devices.  Each mesh axis shards the dimension whose tile number changes when the
 * axis' coordinate goes from 0 to 1; the change is its stride, which orders the axes of a dimension.  The result is
 * checked against the whole table, so that a table which no list of axes produces is refused. */
#include <stdlib.h>
#include <string.h>

#include "passes/analysis/state.h"
#include "passes/propagate_hints.h"

enum { MAX_TILE_DIMS = 32 };

typedef struct gspmd {
  const char *at; /* NUL-terminated rest of the text */
  const char *all;
  const alpa_op *op;
  int64_t dims[MAX_TILE_DIMS]; /* of the table */
  uint32_t n_dims;
  int64_t *devices; /* in row-major order of the table */
  int64_t n_devices;
} gspmd;

static alpa_status report(const gspmd *g) {
  return alpa_op_error(g->op, "has the sharding '%s', which is not understood from '%s' on", g->all, g->at);
}

static bool skip(gspmd *g, const char *text) {
  size_t size = strlen(text);
  while (*g->at == ' ')
    g->at++;
  if (strncmp(g->at, text, size) != 0)
    return false;
  g->at += size;
  return true;
}

/* "[2,4]" or, without brackets, "0,2,1,3"; numbers are non-negative. */
static alpa_status read_numbers(gspmd *g, int64_t *numbers, uint32_t max, uint32_t *out_n) {
  uint32_t n = 0;
  do {
    char *end;
    if (*g->at < '0' || *g->at > '9' || n == max)
      return report(g);
    numbers[n++] = strtoll(g->at, &end, 10);
    g->at = end;
  } while (skip(g, ","));
  *out_n = n;
  return ALPA_OK;
}

static int64_t product(const int64_t *numbers, uint32_t n) {
  int64_t all = 1;
  for (uint32_t i = 0; i < n; i++)
    all = numbers[i] > 0 && all <= INT32_MAX ? all * numbers[i] : 0;
  return all;
}

/* "<=[4,2]T(1,0)": the numbers from 0, in that shape, transposed. */
static alpa_status read_iota(alpa_arena *arena, gspmd *g) {
  int64_t dims[MAX_TILE_DIMS], order[MAX_TILE_DIMS];
  uint32_t n, n_order = 0;
  ALPA_TRY(read_numbers(g, dims, MAX_TILE_DIMS, &n));
  if (!skip(g, "]") || product(dims, n) != g->n_devices)
    return report(g);
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  if (skip(g, "T(")) {
    ALPA_TRY(read_numbers(g, order, MAX_TILE_DIMS, &n_order));
    if (!skip(g, ")") || n_order != n)
      return report(g);
  }
  g->devices = alpa_arena_new(arena, int64_t, g->n_devices);
  for (int64_t i = 0; i < g->n_devices; i++) {
    int64_t rest = i, device = 0;
    for (uint32_t k = n; k-- > 0;) {
      if (order[k] >= n)
        return report(g);
      int64_t coordinate = rest % dims[order[k]], stride = product(dims + order[k] + 1, (uint32_t)(n - order[k] - 1));
      rest /= dims[order[k]];
      device += coordinate * stride;
    }
    g->devices[i] = device;
  }
  return ALPA_OK;
}

/* What stands behind "devices=". */
static alpa_status read_tiles(alpa_arena *arena, gspmd *g, const alpa_mesh *mesh, uint32_t rank) {
  uint32_t n = 0;
  if (!skip(g, "["))
    return report(g);
  ALPA_TRY(read_numbers(g, g->dims, MAX_TILE_DIMS, &g->n_dims));
  g->n_devices = product(g->dims, g->n_dims);
  if (!skip(g, "]"))
    return report(g);
  if (g->n_devices != mesh->n_devices)
    return alpa_op_error(g->op, "has the sharding '%s' over %lld devices, but mesh @%s has %lld", g->all,
                         (long long)g->n_devices, mesh->name, (long long)mesh->n_devices);
  if (skip(g, "<=[")) {
    ALPA_TRY(read_iota(arena, g));
  } else {
    g->devices = alpa_arena_new(arena, int64_t, g->n_devices);
    ALPA_TRY(read_numbers(g, g->devices, (uint32_t)g->n_devices, &n));
    if (n != g->n_devices)
      return report(g);
  }
  bool has_replicated = skip(g, "last_tile_dim_replicate") || skip(g, "last_tile_dims={replicated}");
  if (g->n_dims != rank + (has_replicated ? 1 : 0) || (*g->at != '}' && *g->at != ' '))
    return report(g);
  return ALPA_OK;
}

/* The tile of a device along a dimension of the tensor, or -1 where the table lacks the device. */
static int64_t tile_of(const gspmd *g, int64_t device, uint32_t dim) {
  for (int64_t i = 0; i < g->n_devices; i++)
    if (g->devices[i] == device)
      return i / product(g->dims + dim + 1, g->n_dims - dim - 1) % g->dims[dim];
  return -1;
}

static int64_t device_at(const alpa_mesh *mesh, int64_t position) {
  return mesh->device_ids ? mesh->device_ids[position] : position;
}

/* Strides decide dimension and order of each axis; larger strides are more major. */
static void place_axes(const gspmd *g, const alpa_mesh *mesh, uint32_t rank, alpa_state *state) {
  int64_t strides[ALPA_MAX_AXES] = {0}, step = mesh->n_devices;
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    step /= mesh->axes[a].size;
    for (uint32_t d = 0; d < rank && mesh->axes[a].size > 1; d++) {
      strides[a] = tile_of(g, device_at(mesh, step), d);
      if (strides[a] > 0) {
        state->place[a] = (int8_t)d;
        break;
      }
    }
  }
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    state->order[a] = 0;
    for (uint32_t b = 0; b < mesh->n_axes; b++)
      state->order[a] = (uint8_t)(state->order[a] + (strides[b] > strides[a] || (strides[b] == strides[a] && b < a)));
  }
}

static bool is_right(const gspmd *g, const alpa_mesh *mesh, uint32_t rank, const alpa_state *state) {
  for (uint32_t d = 0; d < rank; d++) {
    uint32_t axes[ALPA_MAX_AXES];
    uint32_t n = alpa_state_axes(mesh, state, (int)d, axes);
    if (alpa_state_parts(mesh, state, (int)d) != g->dims[d])
      return false;
    for (int64_t position = 0; position < mesh->n_devices; position++) {
      int64_t tile = 0;
      for (uint32_t i = 0; i < n; i++) {
        alpa_axis_ref ref = {.axis = axes[i], .pre = 1};
        tile = tile * mesh->axes[axes[i]].size + alpa_axis_ref_coordinate(mesh, ref, position);
      }
      if (tile != tile_of(g, device_at(mesh, position), d))
        return false;
    }
  }
  return true;
}

alpa_status alpa_gspmd_parse(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, alpa_str text, uint32_t rank,
                             const alpa_attr **out_attr) {
  gspmd g = {.all = alpa_arena_strndup(arena, text.data, text.size), .op = at};
  alpa_state state = alpa_state_get_replicated();
  g.at = g.all;
  *out_attr = NULL;
  if (!skip(&g, "{"))
    return report(&g);
  if (skip(&g, "unknown") || skip(&g, "manual"))
    return ALPA_OK;
  if (skip(&g, "devices=")) {
    ALPA_TRY(read_tiles(arena, &g, mesh, rank));
    place_axes(&g, mesh, rank, &state);
    if (!is_right(&g, mesh, rank, &state))
      return alpa_op_error(at, "has the sharding '%s', which no list of axes of mesh @%s gives", g.all, mesh->name);
  } else if (!skip(&g, "replicated")) {
    return report(&g);
  }
  alpa_sharding sharding = alpa_state_write(arena, mesh, rank, &state);
  *out_attr = alpa_sharding_encode(at->module->ctx, &sharding);
  return ALPA_OK;
}
