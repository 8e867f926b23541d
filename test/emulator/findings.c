/* What the checks find: a message for people, an error for the program. */
#include "machine.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t emu_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void write_line(const char *line) {
  const char *path = getenv("ALPA_EMULATOR_LOG");
  FILE *file = path && *path ? fopen(path, "a") : NULL;
  fprintf(file ? file : stderr, "emulator: %s\n", line);
  if (file)
    fclose(file);
}

void emu_log(const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  write_line(line);
}

static const struct finding_row {
  const char *what;
  uint32_t error;
} findings[] = {
#define X(ID, what, error) {what, error},
    EMU_FINDING_TABLE(X)
#undef X
};

static void write_place(char *place, size_t size, const emu_warp *warp, int lane) {
  const emu_cta *cta = warp->cta;
  if (lane < 0) {
    snprintf(place, size, "block (%u,%u,%u) warp %u", cta->id[0], cta->id[1], cta->id[2], warp->index);
    return;
  }
  uint32_t thread = emu_thread(warp, (uint32_t)lane), x = cta->launch->block[0], y = cta->launch->block[1];
  snprintf(place, size, "block (%u,%u,%u) thread (%u,%u,%u)", cta->id[0], cta->id[1], cta->id[2], thread % x,
           thread / x % y, thread / x / y);
}

void emu_report(emu_warp *warp, int lane, emu_finding finding, const char *format, ...) {
  emu_launch *launch = warp->cta->launch;
  warp->leaves = true;
  if (atomic_exchange_explicit(&launch->failed, 1, memory_order_relaxed))
    return;
  launch->error = findings[finding].error;
  char message[512], place[128];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  write_place(place, sizeof place, warp, lane);
  emu_log("%s: kernel '%s' line %u %s: %s", findings[finding].what, launch->function->name,
          warp->instr ? warp->instr->line : 0, place, message);
}
