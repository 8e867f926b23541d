/* Places from the text of instructions. */
#include "runtime/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

alpa_place alpa_flight_place(const char *where, char *file, size_t size) {
  const char *column = strrchr(where, ':');
  const char *line = column;
  while (line && line > where && line[-1] != ':')
    line--;
  if (!column || line == where || line == column || column[1] < '0' || column[1] > '9' || line[0] < '0' ||
      line[0] > '9')
    return (alpa_place){0};
  snprintf(file, size, "%.*s", (int)(line - where - 1), where);
  return (alpa_place){
      .file = file, .line = (uint32_t)strtoul(line, NULL, 10), .column = (uint32_t)strtoul(column + 1, NULL, 10)};
}
