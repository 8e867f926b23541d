/* How fast is text read and printed?
 *
 * A program is read and printed in generic form, by this library in this process and by mlir-opt as a child, which
 * reads the same generic text; what mlir-opt takes for an empty module is subtracted.  Both are processor time (a
 * machine may be shared), the least of several runs that take turns.  Ours is also split into its steps.
 *
 * usage: parse [FILE [MLIR-OPT]] */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"
#include "dialects/ir/verify.h"

enum { ROUNDS = 7 };

extern char **environ;

static void print_diagnostic(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  (void)severity;
  fprintf(stderr, "%s:%u:%u: %s\n", place.file ? place.file : "?", place.line, place.column, message);
}

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void keep_least(double *least, double value) { *least = value < *least ? value : *least; }

/* ---- ours -------------------------------------------------------------------------------------------------------- */

typedef struct timing {
  double read, verify, print;
} timing;

static char *read_file(const char *path, size_t *out_size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  *out_size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*out_size + 1);
  if (!text || fread(text, 1, *out_size, file) != *out_size) {
    perror(path);
    exit(1);
  }
  fclose(file);
  return text;
}

/* Reads, verifies and prints once; the printed text where asked for, to be freed. */
static timing run_ours(const char *text, size_t size, char **out_text, size_t *out_size) {
  alpa_context ctx;
  alpa_module *module = NULL;
  alpa_context_init(&ctx, NULL, NULL, print_diagnostic, NULL);
  alpa_parse_options parse = {.name = "input", .no_verify = true};
  timing time;
  double start = cpu_seconds();
  if (alpa_module_read(&ctx, (alpa_str){text, size}, &parse, &module) != ALPA_OK)
    exit(1);
  time.read = cpu_seconds() - start;
  start = cpu_seconds();
  if (alpa_op_verify(module->op) != ALPA_OK)
    exit(1);
  time.verify = cpu_seconds() - start;
  alpa_arena arena;
  alpa_text printed;
  alpa_arena_init(&arena, &ctx.memory);
  alpa_text_init(&printed, &arena);
  start = cpu_seconds();
  alpa_op_print(&printed, module->op, &(alpa_print_options){.generic = true});
  time.print = cpu_seconds() - start;
  if (out_text) {
    *out_text = malloc(printed.size);
    memcpy(*out_text, printed.data, printed.size);
    *out_size = printed.size;
  }
  alpa_arena_deinit(&arena);
  alpa_module_destroy(module);
  alpa_context_deinit(&ctx);
  return time;
}

/* ---- the peer ---------------------------------------------------------------------------------------------------- */

static const char *find_mlir_opt(const char *given) {
  static const char *const candidates[] = {"/usr/lib/llvm-19/bin/mlir-opt", "/usr/bin/mlir-opt-19",
                                           "/usr/bin/mlir-opt"};
  if (given)
    return given;
  for (size_t i = 0; i < countof(candidates); i++)
    if (access(candidates[i], X_OK) == 0)
      return candidates[i];
  return NULL;
}

static char *write_temporary(const char *text, size_t size) {
  char path[] = "/tmp/alpa-bench-XXXXXX";
  int fd = mkstemp(path);
  if (fd < 0 || write(fd, text, size) != (ssize_t)size || close(fd) != 0) {
    perror(path);
    exit(1);
  }
  return strdup(path);
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + 1e-6 * (double)time.tv_usec; }

/* Processor time of one run over a file. */
static double run_mlir_opt(const char *program, const char *path) {
  char *const args[] = {(char *)(uintptr_t)program,
                        "--allow-unregistered-dialect",
                        "--mlir-print-op-generic",
                        "--mlir-disable-threading",
                        (char *)(uintptr_t)path,
                        "-o",
                        "/dev/null",
                        NULL};
  pid_t child;
  int status;
  struct rusage usage;
  if (posix_spawn(&child, program, NULL, NULL, args, environ) != 0 || wait4(child, &status, 0, &usage) != child ||
      !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "%s failed\n", program);
    exit(1);
  }
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "models/gpt2-124m/step.mlir";
  const char *program = find_mlir_opt(argc > 2 ? argv[2] : NULL);
  size_t size, generic_size;
  char *text = read_file(path, &size), *generic;
  run_ours(text, size, &generic, &generic_size);
  char *generic_path = write_temporary(generic, generic_size), *empty_path = write_temporary("module {}\n", 10);
  timing least = {1e9, 1e9, 1e9};
  double peer = 1e9, startup = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    timing time = run_ours(generic, generic_size, NULL, NULL);
    keep_least(&least.read, time.read);
    keep_least(&least.verify, time.verify);
    keep_least(&least.print, time.print);
    if (!program)
      continue;
    keep_least(&peer, run_mlir_opt(program, generic_path));
    keep_least(&startup, run_mlir_opt(program, empty_path));
  }
  unlink(generic_path);
  unlink(empty_path);
  double ours = least.read + least.print, megabytes = 1e-6 * (double)generic_size;
  printf("%s: %.2f MB in generic form\n", path, megabytes);
  printf("  read %.1f ms (%.0f MB/s)   print %.1f ms (%.0f MB/s)   verify %.1f ms\n", 1e3 * least.read,
         megabytes / least.read, 1e3 * least.print, megabytes / least.print, 1e3 * least.verify);
  if (program)
    printf("  read and print: ours %.1f ms, mlir-opt %.1f ms without its start of %.1f ms   ratio %.2f\n", 1e3 * ours,
           1e3 * (peer - startup), 1e3 * startup, (peer - startup) / ours);
  free(generic_path);
  free(empty_path);
  free(generic);
  free(text);
  return 0;
}
