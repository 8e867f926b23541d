/* The processes of a job that run one mesh together, each with a block of its devices.
 *
 * Every process calls the same functions in the same order.  What carries data between them is a module that is opened
 * at run time. */
#ifndef ALPA_RUNTIME_PROCESSES_H
#define ALPA_RUNTIME_PROCESSES_H

#include "runtime/channel/channel.h"

typedef struct alpa_processes_vtable {
  const char *name;
  /* Every process leaves; with `failed` the whole job ends at once, unsuccessfully, and this may not return. */
  void (*close)(alpa_processes *processes, bool failed);
  /* The bytes of the process `root` for all; false where a process is lost. */
  bool (*broadcast)(alpa_processes *processes, void *data, size_t bytes, uint32_t root);
  /* The number of a process that has left although it had not closed, or failed; ALPA_NO_INDEX: none.  From any thread.
   * NULL: the launcher ends the job then. */
  uint32_t (*find_lost)(const alpa_processes *processes);
  /* Between devices of different processes, in memory of the host, one device each; NULL: none. */
  const alpa_channel_vtable *collectives, *transfers;
} alpa_processes_vtable;

struct alpa_processes {
  const alpa_processes_vtable *vtable;
  uint32_t rank, n;
};

/* What alpa-mpi.so exports as the variable `alpa_mpi_module_table`. */
typedef struct alpa_processes_module {
  alpa_status (*open)(alpa_diag *diag, alpa_processes **out_processes);
} alpa_processes_module;

/* Joins the job that this process was started in: "mpi", or "tcp:<host>:<port>:<rank>:<number of processes>".
 * ALPA_UNAVAILABLE, ALPA_INVALID_ARGUMENT, ALPA_DEADLINE_EXCEEDED. */
alpa_status alpa_processes_join(alpa_diag *diag, const char *name, alpa_processes **out_processes);

/* As the vtable's; processes may be NULL. */
uint32_t alpa_processes_find_lost(const alpa_processes *processes);

#endif
