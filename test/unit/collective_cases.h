/* One collective on four devices, by two channels that must give the same bytes. */
#ifndef ALPA_TEST_UNIT_COLLECTIVE_CASES_H
#define ALPA_TEST_UNIT_COLLECTIVE_CASES_H

#include "runtime_build.h"

#include "runtime/mesh.h"

enum { CASE_DEVICES = 4 };

typedef struct collective_case {
  alpa_collective kind;
  alpa_reduction reduction;
  alpa_dtype dtype;
  int64_t outer, chunk;
  uint32_t n_groups, group_size;
  const uint32_t *groups;
} collective_case;

static const uint32_t case_all[] = {0, 1, 2, 3}, case_halves[] = {0, 2, 3, 1}, case_pairs[] = {0, 1, 1, 2, 3, 3};

static const collective_case collective_cases[] = {
    {ALPA_COLLECTIVE_ALL_REDUCE, ALPA_REDUCE_ADD, ALPA_I32, 1, 37, 1, 4, case_all},
    {ALPA_COLLECTIVE_ALL_REDUCE, ALPA_REDUCE_ADD, ALPA_I32, 1, 9001, 1, 4, case_all},
    {ALPA_COLLECTIVE_ALL_REDUCE, ALPA_REDUCE_MAXIMUM, ALPA_I32, 1, 5, 2, 2, case_halves},
    {ALPA_COLLECTIVE_ALL_REDUCE, ALPA_REDUCE_MAXIMUM, ALPA_I32, 1, 7001, 2, 2, case_halves},
    {ALPA_COLLECTIVE_ALL_REDUCE, ALPA_REDUCE_MULTIPLY, ALPA_UI32, 1, 5, 2, 2, case_halves},
    {ALPA_COLLECTIVE_ALL_GATHER, 0, ALPA_I64, 1, 12, 1, 4, case_all},
    {ALPA_COLLECTIVE_ALL_GATHER, 0, ALPA_I16, 3, 6, 2, 2, case_halves},
    {ALPA_COLLECTIVE_ALL_GATHER, 0, ALPA_I8, 40, 4, 1, 4, case_all},
    {ALPA_COLLECTIVE_REDUCE_SCATTER, ALPA_REDUCE_ADD, ALPA_I32, 1, 12, 1, 4, case_all},
    {ALPA_COLLECTIVE_REDUCE_SCATTER, ALPA_REDUCE_MINIMUM, ALPA_I32, 4, 3, 2, 2, case_halves},
    {ALPA_COLLECTIVE_REDUCE_SCATTER, ALPA_REDUCE_ADD, ALPA_I64, 30, 2, 2, 2, case_halves},
    {ALPA_COLLECTIVE_ALL_TO_ALL, 0, ALPA_F32, 1, 9, 1, 4, case_all},
    {ALPA_COLLECTIVE_ALL_TO_ALL, 0, ALPA_F32, 1, 2, 2, 2, case_halves},
    {ALPA_COLLECTIVE_PERMUTE, 0, ALPA_F32, 1, 11, 3, 2, case_pairs},
    {ALPA_COLLECTIVE_PERMUTE, 0, ALPA_F32, 1, 11, 1, 2, case_pairs},
};

static inline int64_t case_parts(const collective_case *c, bool is_whole) {
  return c->outer * c->chunk * (is_whole ? c->group_size : 1);
}

/* From argument 0 to result 0, each device with its part. */
static inline alpa_image build_case(image_build *b, const collective_case *c) {
  bool is_gather = c->kind == ALPA_COLLECTIVE_ALL_GATHER, is_scatter = c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  bool is_all = c->kind == ALPA_COLLECTIVE_ALL_TO_ALL;
  int64_t from = case_parts(c, is_scatter || is_all), to = case_parts(c, is_gather || is_all);
  uint32_t in =
      build_argument(b, build_tensor(b->arena, "from", c->dtype, from * CASE_DEVICES, CASE_DEVICES, CASE_DEVICES));
  uint32_t out = build_result(b, build_tensor(b->arena, "to", c->dtype, to * CASE_DEVICES, CASE_DEVICES, CASE_DEVICES));
  emit_collective(b, &b->program, "x",
                  build_collective(b, (alpa_image_collective){.kind = c->kind,
                                                              .reduction = c->reduction,
                                                              .dtype = c->dtype,
                                                              .outer = c->outer,
                                                              .chunk = c->chunk,
                                                              .n_groups = c->n_groups,
                                                              .group_size = c->group_size,
                                                              .groups = c->groups,
                                                              .from = {in, 0},
                                                              .to = {out, 0}}));
  return build_image(b);
}

/* The whole result on a mesh, in the test's arena. */
static inline char *run_case(test_context *t, const alpa_device_mesh_options *options, const alpa_image *image) {
  alpa_device_mesh *mesh = NULL;
  alpa_executable *e = NULL;
  alpa_array *in = NULL, *out = NULL;
  size_t bytes = (size_t)alpa_image_tensor_global_bytes(&image->arguments[0]);
  char *data = alpa_arena_calloc(&t->arena, bytes + 4, 1);
  char *result = alpa_arena_calloc(&t->arena, (size_t)alpa_image_tensor_global_bytes(&image->results[0]), 1);
  for (size_t i = 0; i < bytes; i += 4)
    memcpy(data + i, &(int32_t){(int32_t)(i * 2654435761u >> 22) - 500}, 4);
  assert_ok(t, alpa_device_mesh_create(options, &t->diag, &mesh));
  assert_ok(t, alpa_executable_load(mesh, &t->diag, image, NULL, &e));
  assert_ok(t, alpa_array_create(mesh, &t->diag, &image->arguments[0], data, &in));
  assert_ok(t, alpa_executable_run(e, &t->diag, &in, NULL, &out));
  assert_ok(t, alpa_array_read(out, &t->diag, true, result));
  alpa_array_release(in);
  alpa_array_release(out);
  alpa_executable_destroy(e);
  alpa_device_mesh_destroy(mesh);
  return result;
}

#endif
