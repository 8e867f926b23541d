/* Builds small images by hand, for the tests of the runtime. */
#ifndef ALPA_TEST_UNIT_RUNTIME_BUILD_H
#define ALPA_TEST_UNIT_RUNTIME_BUILD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/executor.h"

typedef struct test_context {
  alpa_memory memory;
  alpa_diag diag;
  alpa_arena arena;
  char message[4096]; /* of the last error */
  char notes[8192];
} test_context;

static inline void test_sink(void *user, alpa_severity severity, alpa_place place, const char *message) {
  test_context *t = user;
  if (severity == ALPA_ERROR) {
    t->notes[0] = 0;
    snprintf(t->message, sizeof t->message, "%s:%u:%u: %s", place.file ? place.file : "", place.line, place.column,
             message);
  } else if (severity == ALPA_NOTE) {
    size_t n = strlen(t->notes);
    snprintf(t->notes + n, sizeof t->notes - n, "%s\n", message);
  }
}

static inline void test_begin(test_context *t) {
  memset(t, 0, sizeof *t);
  alpa_memory_init(&t->memory, NULL, NULL);
  alpa_diag_init(&t->diag, &t->memory, test_sink, t);
  alpa_arena_init(&t->arena, &t->memory);
}

static inline void test_end(test_context *t) {
  alpa_arena_deinit(&t->arena);
  alpa_diag_deinit(&t->diag);
  assert_int_equal(t->memory.live_bytes, 0);
}

#define assert_ok(t, expr)                                                                                             \
  do {                                                                                                                 \
    alpa_status assert_ok_status = (expr);                                                                             \
    if (assert_ok_status != ALPA_OK)                                                                                   \
      fail_msg("%s: %s: %s", #expr, alpa_status_name(assert_ok_status), (t)->message);                                 \
  } while (0)

static inline void assert_message(const test_context *t, const char *part) {
  if (!strstr(t->message, part))
    fail_msg("expects '%s' in '%s'", part, t->message);
}

/* A generator of reproducible numbers (splitmix64). */
static inline uint64_t test_random(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline uint32_t test_below(uint64_t *state, uint32_t n) { return (uint32_t)(test_random(state) % n); }

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

/* One dimension of n elements; each device holds n / n_tiles of them (rounded up), device d the tile d % n_tiles. */
static inline alpa_image_tensor build_tensor(alpa_arena *arena, const char *name, alpa_dtype dtype, int64_t n,
                                             uint32_t n_tiles, uint32_t n_devices) {
  uint32_t *tiles = alpa_arena_new(arena, uint32_t, n_devices);
  for (uint32_t d = 0; d < n_devices; d++)
    tiles[d] = d % n_tiles;
  int64_t local = (n + n_tiles - 1) / n_tiles;
  return (alpa_image_tensor){.name = name,
                             .dtype = dtype,
                             .rank = 1,
                             .global_dims = alpa_arena_copy(arena, &n, sizeof n),
                             .local_dims = alpa_arena_copy(arena, &local, sizeof local),
                             .tiles = tiles};
}

/* ---- images ----------------------------------------------------------------------------------------------------- */

typedef ALPA_VEC(alpa_instruction) instruction_vec;

typedef struct image_build {
  alpa_arena *arena;
  uint32_t n_devices;
  int64_t arena_bytes;
  ALPA_VEC(alpa_image_tensor) arguments;
  ALPA_VEC(alpa_image_tensor) results;
  ALPA_VEC(alpa_image_alias) aliases;
  ALPA_VEC(alpa_image_buffer) buffers;
  ALPA_VEC(alpa_image_kernel) kernels;
  ALPA_VEC(alpa_image_collective) collectives;
  ALPA_VEC(alpa_image_code) code;
  ALPA_VEC(char) constants;
  instruction_vec program;
} image_build;

static inline uint32_t build_buffer(image_build *b, alpa_image_buffer buffer) {
  alpa_vec_push(b->arena, &b->buffers, buffer);
  return (uint32_t)b->buffers.n - 1;
}

/* Each returns the number of the tensor's buffer. */
static inline uint32_t build_argument(image_build *b, alpa_image_tensor tensor) {
  alpa_vec_push(b->arena, &b->arguments, tensor);
  return build_buffer(b, (alpa_image_buffer){.kind = ALPA_BUFFER_ARGUMENT,
                                             .index = (uint32_t)b->arguments.n - 1,
                                             .bytes = alpa_image_tensor_local_bytes(&tensor)});
}

static inline uint32_t build_result(image_build *b, alpa_image_tensor tensor) {
  alpa_vec_push(b->arena, &b->results, tensor);
  return build_buffer(b, (alpa_image_buffer){.kind = ALPA_BUFFER_RESULT,
                                             .index = (uint32_t)b->results.n - 1,
                                             .bytes = alpa_image_tensor_local_bytes(&tensor)});
}

/* A result in the place of an argument. */
static inline void build_alias(image_build *b, alpa_image_tensor tensor, uint32_t argument) {
  alpa_vec_push(b->arena, &b->results, tensor);
  alpa_vec_push(b->arena, &b->aliases, (alpa_image_alias){(uint32_t)b->results.n - 1, argument});
}

static inline uint32_t build_temporary(image_build *b, int64_t bytes) {
  uint32_t at =
      build_buffer(b, (alpa_image_buffer){.kind = ALPA_BUFFER_TEMPORARY, .offset = b->arena_bytes, .bytes = bytes});
  b->arena_bytes += (bytes + 63) / 64 * 64;
  return at;
}

static inline uint32_t build_constant(image_build *b, const void *data, size_t bytes) {
  while (b->constants.n % 64)
    alpa_vec_push(b->arena, &b->constants, 0);
  uint32_t at = build_buffer(
      b, (alpa_image_buffer){.kind = ALPA_BUFFER_CONSTANT, .offset = (int64_t)b->constants.n, .bytes = (int64_t)bytes});
  for (size_t i = 0; i < bytes; i++)
    alpa_vec_push(b->arena, &b->constants, ((const char *)data)[i]);
  return at;
}

static inline uint32_t build_device_number(image_build *b) {
  return build_buffer(b, (alpa_image_buffer){.kind = ALPA_BUFFER_DEVICE, .bytes = 4});
}

static inline uint32_t build_kernel(image_build *b, const char *symbol, int64_t n_tasks) {
  alpa_vec_push(b->arena, &b->kernels, (alpa_image_kernel){.symbol = symbol, .n_tasks = n_tasks});
  return (uint32_t)b->kernels.n - 1;
}

static inline uint32_t build_collective(image_build *b, alpa_image_collective collective) {
  alpa_vec_push(b->arena, &b->collectives, collective);
  return (uint32_t)b->collectives.n - 1;
}

/* One group of all devices. */
static inline const uint32_t *build_all(image_build *b) {
  uint32_t *groups = alpa_arena_new(b->arena, uint32_t, b->n_devices);
  for (uint32_t d = 0; d < b->n_devices; d++)
    groups[d] = d;
  return groups;
}

/* ---- instructions ----------------------------------------------------------------------------------------------- */

static inline alpa_image_ref *copy_refs(image_build *b, const uint32_t *buffers, uint32_t n) {
  alpa_image_ref *refs = alpa_arena_new(b->arena, alpa_image_ref, n);
  for (uint32_t r = 0; r < n; r++)
    refs[r].buffer = buffers[r];
  return refs;
}

/* Operands by buffer number, at offset 0. */
#define emit_run(b, list, where_, kernel_, ...)                                                                        \
  alpa_vec_push(                                                                                                       \
      (b)->arena, list,                                                                                                \
      (alpa_instruction){.kind = ALPA_INSTRUCTION_RUN,                                                                 \
                         .kernel = kernel_,                                                                            \
                         .n_refs = countof(((uint32_t[]){__VA_ARGS__})),                                               \
                         .refs = copy_refs(b, (uint32_t[]){__VA_ARGS__}, countof(((uint32_t[]){__VA_ARGS__}))),        \
                         .where = where_})

static inline void emit_copy(image_build *b, instruction_vec *list, uint32_t to, uint32_t from, int64_t bytes) {
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = ALPA_INSTRUCTION_COPY,
                                   .n_refs = 2,
                                   .refs = copy_refs(b, (uint32_t[]){to, from}, 2),
                                   .count = bytes,
                                   .where = "copy"});
}

static inline void emit_collective(image_build *b, instruction_vec *list, const char *where, uint32_t collective) {
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = ALPA_INSTRUCTION_COLLECTIVE, .collective = collective, .where = where});
}

static inline alpa_instructions list_of(const instruction_vec *list) {
  return (alpa_instructions){list->items, (uint32_t)list->n};
}

static inline void emit_while(image_build *b, instruction_vec *list, uint32_t predicate, const instruction_vec *test,
                              const instruction_vec *body) {
  alpa_instructions lists[] = {list_of(test), list_of(body)};
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = ALPA_INSTRUCTION_WHILE,
                                   .n_refs = 1,
                                   .refs = copy_refs(b, &predicate, 1),
                                   .n_lists = 2,
                                   .lists = alpa_arena_copy(b->arena, lists, sizeof lists),
                                   .where = "while"});
}

static inline void emit_loop(image_build *b, instruction_vec *list, int64_t count, const instruction_vec *body) {
  alpa_instructions lists[] = {list_of(body)};
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = ALPA_INSTRUCTION_LOOP,
                                   .count = count,
                                   .n_lists = 1,
                                   .lists = alpa_arena_copy(b->arena, lists, sizeof lists),
                                   .where = "loop"});
}

static inline void emit_branch(image_build *b, instruction_vec *list, uint32_t operand, int64_t bytes,
                               const instruction_vec *choices, uint32_t n) {
  alpa_instructions *lists = alpa_arena_new(b->arena, alpa_instructions, n);
  for (uint32_t l = 0; l < n; l++)
    lists[l] = list_of(&choices[l]);
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = ALPA_INSTRUCTION_BRANCH,
                                   .count = bytes,
                                   .n_refs = 1,
                                   .refs = copy_refs(b, &operand, 1),
                                   .n_lists = n,
                                   .lists = lists,
                                   .where = "branch"});
}

static inline alpa_image build_image(const image_build *b) {
  return (alpa_image){.target = "host:test",
                      .n_devices = b->n_devices,
                      .n_arguments = (uint32_t)b->arguments.n,
                      .n_results = (uint32_t)b->results.n,
                      .arguments = b->arguments.items,
                      .results = b->results.items,
                      .n_aliases = (uint32_t)b->aliases.n,
                      .aliases = b->aliases.items,
                      .n_buffers = (uint32_t)b->buffers.n,
                      .buffers = b->buffers.items,
                      .n_kernels = (uint32_t)b->kernels.n,
                      .kernels = b->kernels.items,
                      .n_collectives = (uint32_t)b->collectives.n,
                      .collectives = b->collectives.items,
                      .program = list_of(&b->program),
                      .arena_bytes = b->arena_bytes,
                      .constants = b->constants.items,
                      .constants_bytes = b->constants.n,
                      .n_code = (uint32_t)b->code.n,
                      .code = b->code.items};
}

/* A mesh for tests: poisoned memory. */
static inline alpa_device_mesh *test_mesh_with(test_context *t, uint32_t n_devices, uint32_t n_workers,
                                               double deadline_s) {
  alpa_device_mesh *mesh = NULL;
  alpa_device_mesh_options options = {
      .n_devices = n_devices, .n_workers = n_workers, .deadline_s = deadline_s, .poison = true};
  assert_ok(t, alpa_device_mesh_create(&options, &t->diag, &mesh));
  return mesh;
}

static inline alpa_device_mesh *test_mesh(test_context *t, uint32_t n_devices, uint32_t n_workers) {
  return test_mesh_with(t, n_devices, n_workers, 20);
}

#endif
