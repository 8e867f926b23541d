/* alpa cache ls|verify|rm, and alpa devices. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver/tool/command.h"

typedef struct totals {
  size_t entries, damaged;
  int64_t bytes;
} totals;

static alpa_status show(void *user, const alpa_cache_entry *entry) {
  totals *sums = user;
  char bytes[32], when[32];
  time_t used = (time_t)entry->used_s;
  struct tm calendar;
  strftime(when, sizeof when, "%Y-%m-%d %H:%M", localtime_r(&used, &calendar));
  printf("%s  %-5s  %10s  %s%s\n", entry->name, entry->kind, alpa_tool_bytes(entry->bytes, bytes), when,
         entry->damaged ? "  damaged" : "");
  sums->entries++;
  sums->damaged += entry->damaged;
  sums->bytes += entry->bytes;
  return ALPA_OK;
}

static int list(alpa_context *context, const char *directory, bool verify) {
  totals sums = {0};
  char bytes[32];
  if (alpa_cache_list(context, directory, verify, show, &sums) != ALPA_OK)
    return ALPA_EXIT_FAILURE;
  printf("%zu entries, %s in %s%s\n", sums.entries, alpa_tool_bytes(sums.bytes, bytes), directory,
         verify && !sums.damaged ? "; all sound" : "");
  return sums.damaged ? ALPA_EXIT_FAILURE : ALPA_EXIT_OK;
}

int alpa_tool_cache(const alpa_tool_settings *settings) {
  const char *directory = alpa_tool_cache_directory(settings), *action = settings->file;
  if (!directory) {
    fputs("alpa: error: there is no cache directory; set HOME, XDG_CACHE_HOME or --cache\n", stderr);
    return ALPA_EXIT_FAILURE;
  }
  bool is_list = strcmp(action, "ls") == 0, is_verify = strcmp(action, "verify") == 0;
  if (!is_list && !is_verify && strcmp(action, "rm") != 0) {
    fprintf(stderr, "alpa: usage: alpa cache ls|verify|rm, got '%s'\n", action);
    return ALPA_EXIT_USAGE;
  }
  alpa_context *context = alpa_tool_context_create();
  int status = ALPA_EXIT_FAILURE;
  if (context && (is_list || is_verify))
    status = list(context, directory, is_verify);
  else if (context)
    status = alpa_cache_remove(context, directory, NULL) == ALPA_OK ? ALPA_EXIT_OK : ALPA_EXIT_FAILURE;
  alpa_context_destroy(context);
  return status;
}

int alpa_tool_devices(const alpa_tool_settings *settings) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  char bytes[32];
  (void)settings;
  printf("host   %ld cores, %s memory; any number of devices share them (--cluster=host:N)\n", cores,
         alpa_tool_bytes((int64_t)pages * page, bytes));
  return ALPA_EXIT_OK;
}
