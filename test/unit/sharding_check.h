/* Proof by field arithmetic that a sharded program is the program: runs the original on one interpreted device and the
 * partitioned one on all devices of its mesh, on random elements of Z_p, and compares every shard on every device bit
 * by bit.  Padding of arguments is filled with other random elements, so that whatever reads it shows. */
#ifndef ALPA_TEST_UNIT_SHARDING_CHECK_H
#define ALPA_TEST_UNIT_SHARDING_CHECK_H

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "interp/interp.h"
#include "passes/analysis/state.h"
#include "passes/manager.h"

typedef struct sharding_check {
  alpa_context *ctx;
  alpa_arena *arena;
  const alpa_pass_registry *registry;
  alpa_module *original;          /* what the partitioned module must compute */
  uint64_t key;                   /* of the field, and of the elements */
  int64_t below;                  /* integer arguments are below this; 0: any */
  alpa_tensor *inputs, *expected; /* of the original, computed once; NULL until then */
} sharding_check;

/* Where a function's argument or result lies: its whole type and its state. */
typedef struct sharding_check_port {
  const alpa_type *whole, *local;
  alpa_state state;
} sharding_check_port;

static inline alpa_status sharding_check_apply(sharding_check *check, const char *pipeline_text, alpa_module *module) {
  alpa_pipeline pipeline = {0};
  alpa_manager_options options = {0};
  alpa_status status = alpa_pipeline_read(check->ctx, check->registry, pipeline_text, &pipeline);
  if (status == ALPA_OK)
    status = alpa_pipeline_apply(&pipeline, module, &options);
  alpa_pipeline_deinit(&pipeline);
  return status;
}

static inline alpa_status sharding_check_read_port(sharding_check *check, const alpa_mesh *mesh, const alpa_op *func,
                                                   const alpa_attr *sharding, const alpa_attr *whole,
                                                   sharding_check_port *port) {
  alpa_sharding decoded;
  if (whole == NULL)
    return alpa_op_error(func, "has an argument or result without alpa.global_type");
  port->whole = whole->type;
  port->state = alpa_state_get_replicated();
  if (sharding) {
    ALPA_TRY(alpa_sharding_decode(check->arena, mesh, func, sharding, &decoded));
    ALPA_TRY(alpa_state_read(&decoded, func, &port->state));
  }
  return ALPA_OK;
}

/* The index in the whole tensor of element `index` of a device's shard; -1: padding. */
static inline int64_t sharding_check_global_index(const alpa_mesh *mesh, const sharding_check_port *port,
                                                  int64_t position, int64_t index) {
  int64_t global = 0, stride = 1;
  for (uint32_t d = port->whole->rank; d-- > 0;) {
    uint32_t axes[ALPA_MAX_AXES];
    uint32_t n = alpa_state_axes(mesh, &port->state, (int)d, axes);
    int64_t tile = 0, local = port->local->dims[d];
    for (uint32_t i = 0; i < n; i++)
      tile = tile * mesh->axes[axes[i]].size +
             alpa_axis_ref_coordinate(mesh, (alpa_axis_ref){.axis = axes[i], .pre = 1}, position);
    int64_t at = tile * local + index % local;
    if (at >= port->whole->dims[d])
      return -1;
    global += at * stride;
    stride *= port->whole->dims[d];
    index /= local;
  }
  return global;
}

static inline void sharding_check_scatter(sharding_check *check, const alpa_mesh *mesh, const sharding_check_port *port,
                                          const alpa_tensor *whole, int64_t position, const alpa_tensor *shard) {
  size_t bytes = alpa_arith_element_bytes(ALPA_ARITH_FIELD, whole->dtype);
  alpa_tensor_randomize(shard, ALPA_ARITH_FIELD, check->key ^ 0xBAD, check->below);
  int64_t n = alpa_tensor_count(shard);
  for (int64_t i = 0; i < n; i++) {
    int64_t from = sharding_check_global_index(mesh, port, position, i);
    if (from >= 0)
      memcpy((char *)shard->data + (size_t)i * bytes, (const char *)whole->data + (size_t)from * bytes, bytes);
  }
}

/* The number of elements in which a shard differs from the whole tensor. */
static inline int64_t sharding_check_compare(const alpa_mesh *mesh, const sharding_check_port *port,
                                             const alpa_tensor *whole, int64_t position, const alpa_tensor *shard) {
  size_t bytes = alpa_arith_element_bytes(ALPA_ARITH_FIELD, whole->dtype);
  int64_t n = alpa_tensor_count(shard), n_wrong = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t from = sharding_check_global_index(mesh, port, position, i);
    if (from >= 0 &&
        memcmp((const char *)shard->data + (size_t)i * bytes, (const char *)whole->data + (size_t)from * bytes, bytes))
      n_wrong++;
  }
  return n_wrong;
}

typedef struct sharding_check_run_state {
  const alpa_mesh *mesh;
  alpa_op *func, *local;
  const alpa_block *entry;
  size_t n_results;
  alpa_tensor *shards, *shard_outputs;
  sharding_check_port *arguments, *results;
} sharding_check_run_state;

static inline alpa_status sharding_check_prepare(sharding_check *check, alpa_module *partitioned,
                                                 sharding_check_run_state *s) {
  ALPA_TRY(alpa_mesh_find(check->arena, partitioned->op, &s->mesh));
  ALPA_TRY(alpa_func_find_main(check->original->op, &s->func));
  ALPA_TRY(alpa_func_find_main(partitioned->op, &s->local));
  s->entry = alpa_func_entry(s->local);
  const alpa_type *type = alpa_func_type(s->local);
  s->n_results = type->results.n;
  size_t n_args = s->entry->n_args, n = (size_t)s->mesh->n_devices;
  s->shards = alpa_arena_new(check->arena, alpa_tensor, n * n_args);
  s->shard_outputs = alpa_arena_new(check->arena, alpa_tensor, n * s->n_results);
  s->arguments = alpa_arena_new(check->arena, sharding_check_port, n_args);
  s->results = alpa_arena_new(check->arena, sharding_check_port, s->n_results);
  for (uint32_t i = 0; i < n_args; i++) {
    s->arguments[i].local = s->entry->args[i]->type;
    ALPA_TRY(sharding_check_read_port(check, s->mesh, s->local, alpa_value_find_sharding(s->entry->args[i]),
                                      alpa_func_find_arg_attr(s->local, i, "alpa.global_type"), &s->arguments[i]));
  }
  for (uint32_t i = 0; i < s->n_results; i++) {
    s->results[i].local = type->results.items[i];
    ALPA_TRY(sharding_check_read_port(check, s->mesh, s->local, alpa_func_find_result_sharding(s->local, i),
                                      alpa_func_find_result_attr(s->local, i, "alpa.global_type"), &s->results[i]));
  }
  return ALPA_OK;
}

/* What the original computes from random inputs. */
static inline alpa_status sharding_check_expect(sharding_check *check, const sharding_check_run_state *s) {
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = check->key, .n_devices = 1};
  if (check->expected)
    return ALPA_OK;
  check->inputs = alpa_arena_new(check->arena, alpa_tensor, s->entry->n_args);
  check->expected = alpa_arena_new(check->arena, alpa_tensor, s->n_results);
  for (uint32_t i = 0; i < s->entry->n_args; i++) {
    check->inputs[i] = alpa_tensor_create(check->arena, ALPA_ARITH_FIELD, s->arguments[i].whole);
    alpa_tensor_randomize(&check->inputs[i], ALPA_ARITH_FIELD, check->key + i + 1, check->below);
  }
  return alpa_interp_run(&options, s->func, check->inputs, check->arena, check->expected);
}

static inline alpa_status sharding_check_execute(sharding_check *check, sharding_check_run_state *s) {
  alpa_interp_options options = {
      .arith = ALPA_ARITH_FIELD, .field_key = check->key, .n_devices = (uint32_t)s->mesh->n_devices};
  size_t n_args = s->entry->n_args;
  ALPA_TRY(sharding_check_expect(check, s));
  for (uint32_t i = 0; i < n_args; i++)
    for (int64_t position = 0; position < s->mesh->n_devices; position++) {
      int64_t device = s->mesh->device_ids ? s->mesh->device_ids[position] : position;
      alpa_tensor *shard = &s->shards[(size_t)device * n_args + i];
      *shard = alpa_tensor_create(check->arena, ALPA_ARITH_FIELD, s->arguments[i].local);
      sharding_check_scatter(check, s->mesh, &s->arguments[i], &check->inputs[i], position, shard);
    }
  return alpa_interp_run(&options, s->local, s->shards, check->arena, s->shard_outputs);
}

/* Runs both and counts the elements, on all devices, that differ. */
static inline alpa_status sharding_check_run(sharding_check *check, alpa_module *partitioned, int64_t *out_n_wrong) {
  sharding_check_run_state s = {0};
  ALPA_TRY(sharding_check_prepare(check, partitioned, &s));
  ALPA_TRY(sharding_check_execute(check, &s));
  *out_n_wrong = 0;
  for (int64_t position = 0; position < s.mesh->n_devices; position++) {
    int64_t device = s.mesh->device_ids ? s.mesh->device_ids[position] : position;
    for (uint32_t i = 0; i < s.n_results; i++)
      *out_n_wrong += sharding_check_compare(s.mesh, &s.results[i], &check->expected[i], position,
                                             &s.shard_outputs[(size_t)device * s.n_results + i]);
  }
  return ALPA_OK;
}

#endif
