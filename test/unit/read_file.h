/* A whole file. */
#ifndef ALPA_TEST_UNIT_READ_FILE_H
#define ALPA_TEST_UNIT_READ_FILE_H

#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Ends with a 0 that *out_size (which may be NULL) does not count; to be freed.  NULL where there is no such file. */
static inline char *read_file(const char *path, size_t *out_size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long size = ftell(file);
  rewind(file);
  char *text = calloc(1, (size_t)size + 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, (size_t)size, file), size);
  assert_int_equal(fclose(file), 0);
  if (out_size)
    *out_size = (size_t)size;
  return text;
}

#endif
