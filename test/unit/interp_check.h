/* Programs as text, run by the interpreter: what the tests of interp/ share. */
#ifndef ALPA_TEST_UNIT_INTERP_CHECK_H
#define ALPA_TEST_UNIT_INTERP_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "interp/interp.h"

/* A parsed program with everything it lives in, and the last diagnostic. */
typedef struct check {
  alpa_context ctx;
  alpa_arena arena;
  alpa_module *module;
  alpa_op *func;
  char message[512];
} check;

static inline void check_note(void *user, alpa_severity severity, alpa_place place, const char *message) {
  check *c = user;
  if (severity == ALPA_ERROR)
    snprintf(c->message, sizeof c->message, "%u:%u: %s", place.line, place.column, message);
}

static inline void check_open(check *c, const char *text) {
  memset(c, 0, sizeof *c);
  alpa_context_init(&c->ctx, NULL, NULL, check_note, c);
  alpa_arena_init(&c->arena, &c->ctx.memory);
  alpa_parse_options options = {.name = "test.mlir"};
  if (alpa_module_read(&c->ctx, (alpa_str){text, strlen(text)}, &options, &c->module) != ALPA_OK ||
      alpa_func_find_main(c->module->op, &c->func) != ALPA_OK)
    fail_msg("%s\n%s", c->message, text);
}

static inline void check_close(check *c) {
  alpa_module_destroy(c->module);
  alpa_arena_deinit(&c->arena);
  alpa_context_deinit(&c->ctx);
}

static inline uint32_t check_n_results(const check *c) {
  return alpa_block_terminator(alpa_func_entry(c->func))->n_operands;
}

/* Runs without inputs where inputs is NULL; outputs in the arena. */
static inline alpa_tensor *check_run(check *c, const alpa_interp_options *options, const alpa_tensor *inputs) {
  uint32_t n_devices = options->n_devices ? options->n_devices : 1;
  alpa_tensor *outputs = alpa_arena_new(&c->arena, alpa_tensor, (size_t)n_devices * check_n_results(c) + 1);
  if (alpa_interp_run(options, c->func, inputs, &c->arena, outputs) != ALPA_OK)
    fail_msg("%s", c->message);
  return outputs;
}

/* Random inputs for every argument of every device: the same on all devices where `same`. */
static inline alpa_tensor *check_inputs(check *c, const alpa_interp_options *options, uint64_t seed, bool same) {
  alpa_block *entry = alpa_func_entry(c->func);
  uint32_t n_devices = options->n_devices ? options->n_devices : 1;
  alpa_tensor *inputs = alpa_arena_new(&c->arena, alpa_tensor, (size_t)n_devices * entry->n_args + 1);
  for (uint32_t d = 0; d < n_devices; d++)
    for (uint32_t i = 0; i < entry->n_args; i++) {
      alpa_tensor *input = &inputs[(size_t)d * entry->n_args + i];
      *input = alpa_tensor_create(&c->arena, options->arith, entry->args[i]->type);
      alpa_tensor_randomize(input, options->arith, seed + i + (same ? 0 : 1000 * d), 0);
    }
  return inputs;
}

static inline bool check_equal(const alpa_tensor *a, const alpa_tensor *b, alpa_arith arith) {
  return a->dtype == b->dtype && alpa_tensor_count(a) == alpa_tensor_count(b) &&
         !memcmp(a->data, b->data, alpa_tensor_bytes(a, arith));
}

#endif
