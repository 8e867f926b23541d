/* Growing text, and reading and writing files whole. */
#include "driver/tool/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *alpa_tool_realloc(void *pointer, size_t size) {
  void *moved = realloc(pointer, size ? size : 1);
  if (!moved) {
    fputs("error: out of memory\n", stderr);
    exit(EXIT_FAILURE);
  }
  return moved;
}

char *alpa_tool_strndup(const char *text, size_t size) {
  char *copy = alpa_tool_realloc(NULL, size + 1);
  memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

static char *reserve(alpa_tool_text *text, size_t size) {
  if (text->cap - text->size <= size) {
    text->cap = 2 * (text->size + size) + 256;
    text->data = alpa_tool_realloc(text->data, text->cap);
  }
  return text->data + text->size;
}

void alpa_tool_text_append(alpa_tool_text *text, const char *data, size_t size) {
  char *at = reserve(text, size);
  if (size)
    memcpy(at, data, size);
  at[size] = 0;
  text->size += size;
}

void alpa_tool_text_string(alpa_tool_text *text, const char *string) {
  alpa_tool_text_append(text, string, strlen(string));
}

void alpa_tool_text_printf(alpa_tool_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  size_t size = (size_t)vsnprintf(NULL, 0, format, args);
  va_end(args);
  vsnprintf(reserve(text, size), size + 1, format, again);
  va_end(again);
  text->size += size;
}

void alpa_tool_text_free(alpa_tool_text *text) {
  free(text->data);
  *text = (alpa_tool_text){0};
}

alpa_status alpa_tool_text_write(void *text, const char *data, size_t size) {
  alpa_tool_text_append(text, data, size);
  return ALPA_OK;
}

/* ---- files ---- */

static bool complain(const char *what, const char *path) {
  fprintf(stderr, "cannot open %s file '%s': %s\n", what, path, strerror(errno));
  return false;
}

static bool read_all(int fd, alpa_tool_text *text) {
  for (;;) {
    ssize_t n = read(fd, reserve(text, 1 << 16), 1 << 16);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      *reserve(text, 0) = 0;
      return n == 0;
    }
    text->size += (size_t)n;
  }
}

bool alpa_tool_file_read(const char *path, alpa_tool_text *out_text) {
  bool is_stdin = strcmp(path, "-") == 0;
  int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  *out_text = (alpa_tool_text){0};
  if (fd < 0 || !read_all(fd, out_text)) {
    complain("input", path);
    if (fd >= 0 && !is_stdin)
      close(fd);
    alpa_tool_text_free(out_text);
    return false;
  }
  if (!is_stdin)
    close(fd);
  return true;
}

static bool write_all(int fd, const char *data, size_t size) {
  while (size) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    data += n;
    size -= (size_t)n;
  }
  return true;
}

static bool write_directly(const char *path, int flags, const char *data, size_t size) {
  bool is_stdout = strcmp(path, "-") == 0;
  int fd = is_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC | flags, 0666);
  bool ok = fd >= 0 && write_all(fd, data, size);
  if (fd >= 0 && !is_stdout && close(fd) != 0)
    ok = false;
  return ok || complain("output", path);
}

bool alpa_tool_file_write(const char *path, const char *data, size_t size) {
  struct stat info;
  if (strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode)))
    return write_directly(path, 0, data, size);
  alpa_tool_text temporary = {0};
  alpa_tool_text_printf(&temporary, "%s.tmp%ld", path, (long)getpid());
  int fd = open(temporary.data, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0666);
  bool ok = fd >= 0 && write_all(fd, data, size);
  if (fd >= 0 && close(fd) != 0)
    ok = false;
  ok = ok && rename(temporary.data, path) == 0;
  if (!ok) {
    complain("output", path);
    if (fd >= 0)
      unlink(temporary.data);
  }
  alpa_tool_text_free(&temporary);
  return ok;
}
