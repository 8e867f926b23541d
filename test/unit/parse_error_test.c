/* Syntax errors: each is reported once, at the exact line and column, and nothing is left behind; nesting at and above
 * its limit, also on a small stack; random damage to a program. */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"
#include "dialects/ir/walk.h"
#include "test/unit/read_file.h"

typedef struct report {
  size_t n_errors;
  uint32_t line, column; /* of the first error */
  char message[512];
} report;

static void record(void *user, alpa_severity severity, alpa_place place, const char *message) {
  report *first = user;
  if (severity != ALPA_ERROR || first->n_errors++)
    return;
  first->line = place.line;
  first->column = place.column;
  snprintf(first->message, sizeof first->message, "%s", message);
}

static alpa_status read_text(alpa_str text, bool allow_unregistered, bool no_verify, report *out_report) {
  alpa_context ctx;
  alpa_module *module = NULL;
  *out_report = (report){0};
  alpa_context_init(&ctx, NULL, NULL, record, out_report);
  ctx.allow_unregistered = allow_unregistered;
  alpa_parse_options options = {.name = "t.mlir", .no_verify = no_verify};
  alpa_status status = alpa_module_read(&ctx, text, &options, &module);
  assert_int_equal(status == ALPA_OK, module != NULL);
  alpa_module_destroy(module);
  alpa_context_deinit(&ctx);
  assert_int_equal(ctx.memory.live_bytes, 0);
  return status;
}

/* ---- the table ---- */

#define IN_FUNC(line)                                                                                                  \
  "func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {\n  " line "\n  return %a : "                  \
  "tensor<2xf32>\n}\n"

static const struct bad_text {
  bool allow_unregistered;
  uint32_t line, column;
  const char *text, *message;
} bad_texts[] = {
#define BAD(line, column, text, message) {true, line, column, text, message},
#define UNREGISTERED(line, column, text, message) {false, line, column, text, message},
#include "test/unit/parse_errors.def"
};

static void every_error_is_located(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(bad_texts); i++) {
    const struct bad_text *bad = &bad_texts[i];
    report got;
    alpa_str text = {bad->text, strlen(bad->text)};
    alpa_status status = read_text(text, bad->allow_unregistered, true, &got);
    if (status != ALPA_INVALID_ARGUMENT || got.n_errors != 1 || got.line != bad->line || got.column != bad->column ||
        strcmp(got.message, bad->message) != 0)
      fail_msg("%s\nexpected %u:%u %s\ngot %u:%u %s", bad->text, bad->line, bad->column, bad->message, got.line,
               got.column, got.message);
  }
}

/* A text without its last newline, and cut anywhere, is read without a step beyond its end. */
static void cut_texts_are_refused_or_read(void **state) {
  (void)state;
  static const char text[] =
      IN_FUNC("%0 = stablehlo.constant {x = \"a\\22\"} dense<[1.0, 0x7F800000]> : tensor<2xf32>");
  for (size_t size = 0; size < sizeof text; size++) {
    char *copy = malloc(size + 1); /* exact size: a sanitizer sees the step */
    memcpy(copy, text, size);
    report got;
    alpa_status status = read_text((alpa_str){copy, size}, true, true, &got);
    assert_int_equal(status == ALPA_OK, got.n_errors == 0);
    assert_true(status == ALPA_OK || got.line > 0);
    free(copy);
  }
}

/* ---- nesting ---- */

static char *repeat(const char *before, const char *open, const char *middle, const char *close, const char *after,
                    int n) {
  size_t size = strlen(before) + strlen(middle) + strlen(after) + (size_t)n * (strlen(open) + strlen(close)) + 1;
  char *text = malloc(size), *at = text;
  at = stpcpy(at, before);
  for (int i = 0; i < n; i++)
    at = stpcpy(at, open);
  at = stpcpy(at, middle);
  for (int i = 0; i < n; i++)
    at = stpcpy(at, close);
  strcpy(at, after);
  return text;
}

static const struct nest {
  const char *before, *open, *middle, *close, *after;
  int levels; /* of nesting around what repeats */
} nests[] = {
    {"\"x.y\"() {a = ", "[", "", "]", "} : () -> ()\n", 0},
    {"\"x.y\"() {a = ", "{b = ", "1", "}", "} : () -> ()\n", 1},
    {"\"x.y\"() {a = ", "tuple<", "", ">", "} : () -> ()\n", 1},
    {"\"x.y\"() {a = ", "() -> (", "", ")", "} : () -> ()\n", 1},
    {"\"x.y\"() {a = #d.a", "<", "", ">", "} : () -> ()\n", 1},
    {"\"x.y\"() {a = dense<", "[", "1", "]", "> : tensor<i32>} : () -> ()\n", 1},
    {"\"x.y\"() : () -> () loc(", "\"n\"(", "unknown", ")", ")\n", 1},
    {"", "\"x.y\"() ({\n", "", "}) : () -> ()\n", "", 0},
    {"", "module {\n", "", "}\n", "", 0},
};

static void check_nesting(void) {
  for (size_t i = 0; i < countof(nests); i++) {
    const struct nest *nest = &nests[i];
    for (int beyond = 0; beyond < 2; beyond++) {
      int n = ALPA_MAX_NESTING - nest->levels + beyond;
      char *text = repeat(nest->before, nest->open, nest->middle, nest->close, nest->after, n);
      report got;
      read_text((alpa_str){text, strlen(text)}, true, true, &got);
      bool limit = strncmp(got.message, "nesting exceeds the limit of 256 levels", 39) == 0;
      if (limit != beyond)
        fail_msg("%s... with %d levels: '%s'", nest->open, n, got.message);
      free(text);
    }
    char *text = repeat(nest->before, nest->open, nest->middle, nest->close, nest->after, 100000);
    report got;
    assert_int_equal(read_text((alpa_str){text, strlen(text)}, true, true, &got), ALPA_INVALID_ARGUMENT);
    free(text);
  }
}

static void nesting_is_limited(void **state) {
  (void)state;
  check_nesting();
}

static void *check_nesting_in_thread(void *arg) {
  check_nesting();
  return arg;
}

static void the_limit_fits_a_small_stack(void **state) {
  (void)state;
  pthread_attr_t attr;
  pthread_t thread;
  pthread_attr_init(&attr);
#if defined(__SANITIZE_ADDRESS__)
  pthread_attr_setstacksize(&attr, 4 << 20);
#else
  pthread_attr_setstacksize(&attr, 256 << 10);
#endif
  assert_int_equal(pthread_create(&thread, &attr, check_nesting_in_thread, NULL), 0);
  pthread_join(thread, NULL);
  pthread_attr_destroy(&attr);
}

/* ---- damage ---- */

static uint64_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static const char *const fragments[] = {
    "<",   ">",     "(",       ")",          "{",         "}",   "[",
    "]",   "\"",    "%",       "@",          "#",         "!",   "^",
    ":",   ",",     "-",       "->",         "0",         "1",   "9999999999999999999",
    "x",   "?",     "tensor<", "dense<",     "loc(",      "i1",  "f32",
    " ",   "\n",    "//",      "\\",         "0x",        "e",   ".",
    "=",   "%arg0", "%0",      "stablehlo.", "array<i64", "{-#", "#-}",
    "\xff"};

/* Replaces, inserts or removes a few bytes at a random place. */
static alpa_str damage(alpa_str text, uint64_t *seed, char *out) {
  memcpy(out, text.data, text.size);
  alpa_str result = {out, text.size};
  for (uint64_t changes = 1 + next_random(seed) % 3; changes; changes--) {
    size_t at = next_random(seed) % result.size, cut = next_random(seed) % 8;
    const char *fragment = fragments[next_random(seed) % countof(fragments)];
    size_t size = next_random(seed) % 4 ? strlen(fragment) : 0;
    cut = at + cut > result.size ? result.size - at : cut;
    memmove(out + at + size, out + at + cut, result.size - at - cut);
    memcpy(out + at, fragment, size);
    result.size += size - cut;
  }
  return result;
}

static void damaged_programs_are_refused_or_read(void **state) {
  (void)state;
  static const char *const paths[] = {"models/mlp/step.mlir", "models/lstm/init.mlir"};
  enum { MUTANTS = 1250 };
  size_t refused = 0;
  for (size_t p = 0; p < countof(paths); p++) {
    size_t size = 0;
    char *text = read_file(paths[p], &size);
    assert_non_null(text);
    char *mutant = malloc(size + 256);
    uint64_t seed = 1;
    for (int i = 0; i < MUTANTS; i++) {
      report got;
      alpa_status status = read_text(damage((alpa_str){text, size}, &seed, mutant), i % 2, false, &got);
      assert_int_equal(status == ALPA_OK, got.n_errors == 0);
      if (status != ALPA_OK && (got.line == 0 || got.column == 0))
        fail_msg("an error without a place: %s", got.message);
      refused += status != ALPA_OK;
    }
    free(mutant);
    free(text);
  }
  assert_true(refused > MUTANTS); /* else the damage is too small to test anything */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_error_is_located),
      cmocka_unit_test(cut_texts_are_refused_or_read),
      cmocka_unit_test(nesting_is_limited),
      cmocka_unit_test(the_limit_fits_a_small_stack),
      cmocka_unit_test(damaged_programs_are_refused_or_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
