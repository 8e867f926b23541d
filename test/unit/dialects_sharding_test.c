/* Meshes and shardings as data, where they are written, and access to functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/verify.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sharding.h"

typedef struct fixture {
  alpa_context ctx;
  char last[512]; /* message of the last diagnostic */
} fixture;

static void keep_message(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)severity, (void)place;
  fixture *f = user;
  strncpy(f->last, message, sizeof f->last - 1);
}

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  alpa_context_init(&f->ctx, NULL, NULL, keep_message, f);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  alpa_context_deinit(&f->ctx);
  free(f);
  return 0;
}

static alpa_module *read_module(fixture *f, const char *text) {
  alpa_module *module = NULL;
  alpa_parse_options options = {.name = "test"};
  alpa_status status = alpa_module_read(&f->ctx, (alpa_str){text, strlen(text)}, &options, &module);
  if (status != ALPA_OK)
    print_error("%s\n", f->last);
  assert_int_equal(status, ALPA_OK);
  return module;
}

static const char *print_attr(fixture *f, const alpa_attr *attr) {
  alpa_text text;
  alpa_text_init(&text, &f->ctx.arena);
  alpa_attr_print(&text, attr);
  return alpa_text_finish(&text);
}

static const alpa_attr *parse_attr(fixture *f, const char *text) {
  const alpa_attr *attr = NULL;
  assert_int_equal(alpa_attr_parse(&f->ctx, (alpa_str){text, strlen(text)}, &attr), ALPA_OK);
  return attr;
}

static const char mesh_text[] = "sdy.mesh @mesh = <[\"x\"=2, \"y\"=8, \"z\"=3]>\n";

static void encode_undoes_decode(void **state) {
  static const char *const texts[] = {
      "#sdy.sharding<@mesh, []>",
      "#sdy.sharding<@mesh, [{}, {\"x\"}]>",
      "#sdy.sharding<@mesh, [{\"y\", \"x\", ?}p3, {?}]>",
      "#sdy.sharding<@mesh, [{\"y\":(2)2, \"x\"}], replicated={\"y\":(1)2}, unreduced={\"z\"}>",
      "#sdy.sharding<@mesh, [{}], unreduced=max{\"x\", \"y\":(1)4}>",
      "#sdy.sharding<@mesh, [{}], unreduced=min{\"z\"}>",
  };
  fixture *f = *state;
  alpa_module *module = read_module(f, mesh_text);
  const alpa_mesh *mesh;
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_OK);
  for (size_t i = 0; i < countof(texts); i++) {
    const alpa_attr *attr = parse_attr(f, texts[i]);
    assert_string_equal(print_attr(f, attr), texts[i]);
    alpa_sharding sharding;
    assert_int_equal(alpa_sharding_decode(&module->arena, mesh, module->op, attr, &sharding), ALPA_OK);
    assert_ptr_equal(alpa_sharding_encode(&f->ctx, &sharding), attr);
  }
  alpa_module_destroy(module);
}

static void decode_gives_numbers(void **state) {
  fixture *f = *state;
  alpa_module *module = read_module(f, mesh_text);
  const alpa_mesh *mesh;
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_OK);
  assert_int_equal(mesh->n_axes, 3);
  assert_int_equal(mesh->n_devices, 48);
  assert_null(mesh->device_ids);
  alpa_sharding s;
  const alpa_attr *attr = parse_attr(
      f, "#sdy.sharding<@mesh, [{\"y\":(2)2, \"x\", ?}p7, {}], replicated={\"z\"}, unreduced=max{\"y\":(1)2}>");
  assert_int_equal(alpa_sharding_decode(&module->arena, mesh, module->op, attr, &s), ALPA_OK);
  assert_int_equal(s.rank, 2);
  assert_int_equal(s.dims[0].axes.n, 2);
  assert_int_equal(s.dims[0].axes.items[0].axis, 1);
  assert_int_equal(s.dims[0].axes.items[0].pre, 2);
  assert_int_equal(s.dims[0].axes.items[0].size, 2);
  assert_int_equal(s.dims[0].axes.items[1].axis, 0);
  assert_int_equal(s.dims[0].axes.items[1].size, 0);
  assert_true(s.dims[0].open && !s.dims[1].open);
  assert_int_equal(s.dims[0].priority, 7);
  assert_int_equal(alpa_axis_refs_size(mesh, s.dims[0].axes), 4);
  assert_int_equal(s.replicated.items[0].axis, 2);
  assert_int_equal(s.partial_kind, ALPA_PARTIAL_MAX);
  alpa_module_destroy(module);
}

/* Every device has its own combination of coordinates, also with an axis taken apart. */
static void coordinates_tell_devices_apart(void **state) {
  fixture *f = *state;
  alpa_module *module = read_module(f, mesh_text);
  const alpa_mesh *mesh;
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_OK);
  const alpa_axis_ref refs[] = {{0, 1, 0}, {1, 1, 2}, {1, 2, 4}, {2, 1, 0}};
  bool seen[48] = {false};
  for (int64_t device = 0; device < mesh->n_devices; device++) {
    int64_t number = 0;
    for (size_t i = 0; i < countof(refs); i++) {
      int64_t along = alpa_axis_ref_coordinate(mesh, refs[i], device);
      assert_in_range(along, 0, alpa_axis_ref_size(mesh, refs[i]) - 1);
      number = number * alpa_axis_ref_size(mesh, refs[i]) + along;
    }
    assert_int_equal(number, device); /* major first */
    assert_false(seen[number]);
    seen[number] = true;
  }
  assert_int_equal(alpa_axis_ref_coordinate(mesh, (alpa_axis_ref){1, 2, 2}, 3 * 6), 1); /* 6 = 1 1 0 in (2, 2, 2) */
  assert_int_equal(alpa_axis_ref_coordinate(mesh, (alpa_axis_ref){1, 4, 2}, 3 * 6), 0);
  assert_int_equal(alpa_local_size(8, 3), 3);
  assert_int_equal(alpa_local_size(9, 3), 3);
  assert_int_equal(alpa_local_size(0, 3), 0);
  alpa_module_destroy(module);
}

static void overlap_is_by_span(void **state) {
  static const alpa_axis_ref whole = {1, 1, 0}, first = {1, 1, 2}, middle = {1, 2, 2}, tail = {1, 2, 4},
                             other = {0, 1, 0};
  fixture *f = *state;
  alpa_module *module = read_module(f, mesh_text);
  const alpa_mesh *mesh;
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_OK);
#define LIST(ref) ((alpa_axis_refs){&(ref), 1})
  assert_true(alpa_axis_refs_overlap(mesh, LIST(whole), first));
  assert_true(alpa_axis_refs_overlap(mesh, LIST(middle), tail));
  assert_false(alpa_axis_refs_overlap(mesh, LIST(first), middle));
  assert_false(alpa_axis_refs_overlap(mesh, LIST(whole), other));
  assert_true(alpa_axis_refs_contain(mesh, LIST(whole), tail));
  assert_true(alpa_axis_refs_contain(mesh, LIST(tail), middle));
  assert_false(alpa_axis_refs_contain(mesh, LIST(middle), tail));
  assert_false(alpa_axis_refs_contain(mesh, LIST(first), whole));
#undef LIST
  alpa_module_destroy(module);
}

static void meshes_are_found_and_declared(void **state) {
  fixture *f = *state;
  alpa_module *module =
      read_module(f, "sdy.mesh @empty = <[]>\nsdy.mesh @m = <[\"a\"=3, \"b\"=2], device_ids=[5, 4, 3, 2, 1, 0]>");
  const alpa_mesh *mesh;
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_OK);
  assert_string_equal(mesh->name, "m");
  assert_int_equal(mesh->device_ids[0], 5);
  alpa_module *copy = read_module(f, "");
  const alpa_mesh *none;
  assert_int_equal(alpa_mesh_find(&copy->arena, copy->op, &none), ALPA_OK);
  assert_null(none);
  alpa_mesh_declare(copy->op, mesh);
  assert_int_equal(alpa_op_verify(copy->op), ALPA_OK);
  const alpa_mesh *again;
  assert_int_equal(alpa_mesh_find(&copy->arena, copy->op, &again), ALPA_OK);
  assert_true(alpa_mesh_has_same_axes(mesh, again));
  assert_int_equal(again->device_ids[5], 0);
  alpa_module_destroy(copy);
  alpa_module_destroy(module);
  module = read_module(f, "sdy.mesh @m = <[\"a\"=3]>\nsdy.mesh @n = <[\"b\"=2]>");
  assert_int_equal(alpa_mesh_find(&module->arena, module->op, &mesh), ALPA_INVALID_ARGUMENT);
  assert_non_null(strstr(f->last, "is a second mesh, after @m"));
  alpa_module_destroy(module);
}

static const char program[] =
    "sdy.mesh @mesh = <[\"x\"=2]>\n"
    "func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<2xf32>) {\n"
    "  %0 = stablehlo.add %a, %b : tensor<4xf32>\n"
    "  %1:2 = stablehlo.optimization_barrier %0, %b : tensor<4xf32>, tensor<4xf32>\n"
    "  %2 = sdy.reshard %1#0 <@mesh, [{\"x\"}]> : tensor<4xf32>\n"
    "  %3 = stablehlo.slice %2 [0:2] : (tensor<4xf32>) -> tensor<2xf32>\n"
    "  return %2, %3 : tensor<4xf32>, tensor<2xf32>\n"
    "}\n";

static void values_carry_shardings(void **state) {
  fixture *f = *state;
  alpa_module *module = read_module(f, program);
  alpa_op *func;
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  alpa_block *body = alpa_func_entry(func);
  const alpa_attr *x = parse_attr(f, "#sdy.sharding<@mesh, [{\"x\"}]>");
  alpa_op *add = body->first, *barrier = add->next, *reshard = barrier->next;
  assert_null(alpa_value_find_sharding(body->args[0]));
  alpa_value_set_sharding(body->args[1], x);
  assert_ptr_equal(alpa_value_find_sharding(body->args[1]), x);
  assert_null(alpa_value_find_sharding(body->args[0]));
  alpa_value_set_sharding(alpa_op_result(barrier, 1), x);
  assert_ptr_equal(alpa_value_find_sharding(alpa_op_result(barrier, 1)), x);
  assert_string_equal(print_attr(f, alpa_value_find_sharding(alpa_op_result(barrier, 0))),
                      "#sdy.sharding<@mesh, [{?}]>");
  assert_ptr_equal(alpa_value_find_sharding(alpa_op_result(reshard, 0)), x);
  alpa_func_set_result_sharding(func, 0, x);
  assert_ptr_equal(alpa_func_find_result_sharding(func, 0), x);
  assert_null(alpa_func_find_result_sharding(func, 1));
  assert_int_equal(alpa_op_verify(module->op), ALPA_OK);
  alpa_value_set_sharding(alpa_op_result(add, 0), x);
  alpa_value_set_sharding(alpa_op_result(add, 0), NULL);
  assert_null(alpa_op_find_attr(add, "sdy.sharding"));
  alpa_value_set_sharding(body->args[1], NULL);
  assert_null(func->attrs[func_func_arg_attrs]);
  alpa_module_destroy(module);
}

static void functions_follow_their_bodies(void **state) {
  fixture *f = *state;
  alpa_module *module = read_module(f, program);
  alpa_op *func;
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  alpa_op *terminator = alpa_block_terminator(alpa_func_entry(func));
  alpa_op_set_operands(terminator, &(alpa_value *){alpa_op_operand(terminator, 1)}, 1);
  assert_int_not_equal(alpa_op_verify(module->op), ALPA_OK);
  alpa_func_update_type(func);
  assert_int_equal(alpa_func_type(func)->results.n, 1);
  assert_int_equal(alpa_op_verify(module->op), ALPA_OK);
  alpa_module_destroy(module);
  module = read_module(f, "func.func @f() { return }\nfunc.func private @g() { return }");
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  assert_string_equal(alpa_symbol_name(func), "f");
  alpa_module_destroy(module);
  module = read_module(f, "func.func @f() { return }\nfunc.func @g() { return }");
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_INVALID_ARGUMENT);
  assert_non_null(strstr(f->last, "has 2 public functions and none is named 'main'"));
  alpa_module_destroy(module);
  module = read_module(f, "func.func @f() { return }\nfunc.func @main() { return }");
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  assert_string_equal(alpa_symbol_name(func), "main");
  alpa_module_destroy(module);
}

/* Every row has a summary, attributes with different names, and an id that is its place. */
static void tables_are_sound(void **state) {
  (void)state;
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++) {
    const alpa_dialect_def *dialect = alpa_dialects[d];
    assert_int_equal(dialect->id, d);
    for (size_t i = 0; i < dialect->n_ops; i++) {
      const alpa_op_def *def = &dialect->ops[i];
      assert_int_equal(def->id, i);
      assert_ptr_equal(def->dialect, dialect);
      assert_true(strncmp(def->name, dialect->name, strlen(dialect->name)) == 0);
      assert_true(strlen(def->summary) > 0);
      assert_true(def->operands.min <= def->operands.max && def->results.min <= def->results.max);
      assert_null(def->attrs[def->n_attrs].name);
      for (uint32_t a = 0; a < def->n_attrs; a++)
        for (uint32_t b = 0; b < a; b++)
          assert_string_not_equal(def->attrs[a].name, def->attrs[b].name);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(encode_undoes_decode, set_up, tear_down),
      cmocka_unit_test_setup_teardown(decode_gives_numbers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(coordinates_tell_devices_apart, set_up, tear_down),
      cmocka_unit_test_setup_teardown(overlap_is_by_span, set_up, tear_down),
      cmocka_unit_test_setup_teardown(meshes_are_found_and_declared, set_up, tear_down),
      cmocka_unit_test_setup_teardown(values_carry_shardings, set_up, tear_down),
      cmocka_unit_test_setup_teardown(functions_follow_their_bodies, set_up, tear_down),
      cmocka_unit_test(tables_are_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
