/* Ways for processes to meet: modules beside the library, or a connection to process 0. */
#include "runtime/processes.h"

#include <string.h>

#include "runtime/processes_tcp.h"
#include "support/library.h"

typedef struct way {
  const char *name, *file, *table, *missing;
} way;

static const way ways[] = {{"mpi", "alpa-mpi.so", "alpa_mpi_module_table",
                            "install MPI (libopenmpi3) and build with it (libopenmpi-dev), or start one process"}};

uint32_t alpa_processes_find_lost(const alpa_processes *processes) {
  return processes && processes->vtable->find_lost ? processes->vtable->find_lost(processes) : ALPA_NO_INDEX;
}

alpa_status alpa_processes_join(alpa_diag *diag, const char *name, alpa_processes **out_processes) {
  for (size_t i = 0; i < countof(ways); i++) {
    const void *table = NULL;
    if (strcmp(ways[i].name, name) != 0)
      continue;
    ALPA_TRY(alpa_library_open_module(diag, ways[i].file, ways[i].table, ways[i].missing, &table));
    return ((const alpa_processes_module *)table)->open(diag, out_processes);
  }
  if (strncmp(name, "tcp:", 4) == 0)
    return alpa_processes_join_tcp(diag, name, out_processes);
  return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "processes cannot meet by '%s'; this build has 'mpi' and 'tcp'", name);
}
