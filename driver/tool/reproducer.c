/* Reproducers for failures and crashes.  The handler of a crash only writes what was prepared before: it runs on a
 * stack of its own and calls nothing that is not async-signal-safe. */
#include "driver/tool/reproducer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void alpa_tool_reproducer_print(alpa_tool_text *text, const char *pipeline, bool verify_each) {
  alpa_tool_text_string(text, "\n{-#\n  external_resources: {\n    mlir_reproducer: {\n      pipeline: \"");
  for (const char *at = pipeline; *at; at++)
    alpa_tool_text_printf(text, *at == '"' ? "\\22" : *at == '\\' ? "\\\\" : "%c", *at);
  alpa_tool_text_printf(text, "\",\n      disable_threading: false,\n      verify_each: %s\n    }\n  }\n#-}\n",
                        verify_each ? "true" : "false");
}

/* Read by the handler; the only mutable state of the tools outside main. */
static struct {
  const char *path, *text;
  size_t size;
} armed;

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

static void on_crash(int signal_number) {
  if (armed.path) {
    int fd = open(armed.path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    const char *at = armed.text;
    size_t rest = armed.size;
    while (fd >= 0 && rest) {
      ssize_t n = write(fd, at, rest);
      if (n <= 0)
        break;
      at += n;
      rest -= (size_t)n;
    }
    say("error: A failure has been detected while processing the MLIR module: a crash\nnote: reproducer generated at "
        "`");
    say(armed.path);
    say("`\n");
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void alpa_tool_crash_arm(const char *path, const char *text, size_t size) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
  static char stack[1 << 16];
  armed.path = path;
  armed.text = text;
  armed.size = size;
  stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = path ? on_crash : SIG_DFL, .sa_flags = SA_ONSTACK | SA_NODEFER};
  sigaltstack(&own, NULL);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction(signals[i], &action, NULL);
}
