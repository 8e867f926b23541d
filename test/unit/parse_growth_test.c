/* Reading, verifying and printing take time in proportion to the text, whatever it is that grows.  Processor time for n
 * and for 4 n is compared: 4 is linear, 16 quadratic.  The least of several runs counts, and what lies between is left
 * to the noise of a shared machine. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"

enum { SMALL = 4000, FACTOR = 4, RUNS = 3 };
static const double LARGEST_RATIO = 11;

typedef void write_fn(FILE *to, int n);

static void repeat(FILE *to, const char *text, int n) {
  for (int i = 0; i < n; i++)
    fputs(text, to);
}

static void repeat_list(FILE *to, const char *text, int n) {
  for (int i = 0; i < n; i++)
    fprintf(to, "%s%s", i ? ", " : "", text);
}

static void write_ops(FILE *to, int n) {
  fputs("func.func @f(%a: tensor<4xf32>) {\n", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "%%v%d = stablehlo.add %%a, %%a : tensor<4xf32>\n", i);
  fputs("return\n}\n", to);
}

static void write_operands(FILE *to, int n) {
  for (int i = 0; i < n; i++)
    fprintf(to, "%%v%d = \"t.t\"() : () -> i32\n", i);
  fputs("\"t.t\"(", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "%s%%v%d", i ? ", " : "", i);
  fputs(") : (", to);
  repeat_list(to, "i32", n);
  fputs(") -> ()\n", to);
}

static void write_uses(FILE *to, int n) {
  fputs("%v = \"t.t\"() : () -> i32\n", to);
  repeat(to, "\"t.t\"(%v) : (i32) -> ()\n", n);
}

static void write_forward_uses(FILE *to, int n) {
  fputs("\"t.g\"() ({\n^a:\n\"t.b\"()[^c] : () -> ()\n^b:\n", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "\"t.t\"(%%v#%d) : (i32) -> ()\n", i);
  fprintf(to, "\"t.e\"() : () -> ()\n^c:\n%%v:%d = \"t.t\"() : () -> (", n);
  repeat_list(to, "i32", n);
  fputs(")\n\"t.b\"()[^b] : () -> ()\n}) : () -> ()\n", to);
}

static void write_rank(FILE *to, int n) {
  fputs("\"t.t\"() {t = tensor<", to);
  repeat(to, "1x", n);
  fputs("f32>} : () -> ()\n", to);
}

static void write_attributes(FILE *to, int n) {
  fputs("\"t.t\"() {", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "%sa%d = %d", i ? ", " : "", i, i);
  fputs("} : () -> ()\n", to);
}

static void write_comments(FILE *to, int n) { repeat(to, "// a comment of some length\n", 10 * n); }

static void write_string(FILE *to, int n) {
  fputs("\"t.t\"() {t = \"", to);
  repeat(to, "some text\\22", 10 * n);
  fputs("\"} : () -> ()\n", to);
}

static void write_aliases(FILE *to, int n) {
  for (int i = 0; i < n; i++)
    fprintf(to, "#a%d = [%d]\n", i, i);
  for (int i = 0; i < n; i++)
    fprintf(to, "\"t.t\"() {t = #a%d} : () -> () loc(#l%d)\n", i, i);
  for (int i = 0; i < n; i++)
    fprintf(to, "#l%d = loc(\"l%d\")\n", i, i);
}

static void write_blocks(FILE *to, int n) {
  fputs("\"t.t\"() ({\n", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "^b%d(%%a%d: i32):\n\"t.b\"(%%a%d)[^b%d] : (i32) -> ()\n", i, i, i, i + 1);
  fprintf(to, "^b%d(%%a%d: i32):\n\"t.e\"() : () -> ()\n}) : () -> ()\n", n, n);
}

static void write_symbols(FILE *to, int n) {
  for (int i = 0; i < n; i++)
    fprintf(to, "func.func private @f%d(%%a: i32) {\nfunc.return\n}\n", i);
}

static void write_arguments(FILE *to, int n) {
  fputs("func.func @f(", to);
  for (int i = 0; i < n; i++)
    fprintf(to, "%s%%a%d: tensor<4xf32> {t.x = %d : i32}", i ? ", " : "", i, i);
  fputs(") {\nreturn\n}\n", to);
}

static void write_literal(FILE *to, int n) {
  fprintf(to, "\"t.t\"() {t = dense<[");
  for (int i = 0; i < 4 * n; i++)
    fprintf(to, "%s%d", i ? ", " : "", i);
  fprintf(to, "]> : tensor<%dxi32>} : () -> ()\n", 4 * n);
}

static const struct shape {
  const char *what;
  write_fn *write;
} shapes[] = {
    {"ops", write_ops},
    {"operands", write_operands},
    {"uses of a value", write_uses},
    {"uses before the definition", write_forward_uses},
    {"rank", write_rank},
    {"attributes", write_attributes},
    {"comments", write_comments},
    {"length of a string", write_string},
    {"aliases", write_aliases},
    {"blocks", write_blocks},
    {"symbols", write_symbols},
    {"arguments", write_arguments},
    {"elements of a literal", write_literal},
};

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fail_on_error(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  if (severity == ALPA_ERROR)
    print_error("%u:%u: %s\n", place.line, place.column, message);
}

/* Reads with verification and prints both forms, with locations. */
static double run(alpa_str text) {
  alpa_context ctx;
  alpa_module *module;
  double start = cpu_seconds();
  alpa_context_init(&ctx, NULL, NULL, fail_on_error, NULL);
  ctx.allow_unregistered = true;
  assert_int_equal(alpa_module_read(&ctx, text, &(alpa_parse_options){.name = "t"}, &module), ALPA_OK);
  for (int generic = 0; generic < 2; generic++) {
    alpa_arena arena;
    alpa_text printed;
    alpa_arena_init(&arena, &ctx.memory);
    alpa_text_init(&printed, &arena);
    alpa_op_print(&printed, module->op, &(alpa_print_options){.generic = generic, .debug_info = true});
    alpa_arena_deinit(&arena);
  }
  alpa_module_destroy(module);
  alpa_context_deinit(&ctx);
  return cpu_seconds() - start;
}

static double measure(const struct shape *shape, int n) {
  char *text;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  shape->write(to, n);
  fclose(to);
  double least = 1e9;
  for (int i = 0; i < RUNS; i++) {
    double seconds = run((alpa_str){text, size});
    least = seconds < least ? seconds : least;
  }
  free(text);
  return least;
}

static void time_grows_with_the_text(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(shapes); i++) {
    double small = measure(&shapes[i], SMALL), large = measure(&shapes[i], FACTOR * SMALL);
    if (small > 1e-4 && large / small > LARGEST_RATIO)
      fail_msg("%s: %.2f ms for %d, %.2f ms for %d", shapes[i].what, 1e3 * small, SMALL, 1e3 * large, FACTOR * SMALL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(time_grows_with_the_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
