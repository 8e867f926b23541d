/* The insides of the module alpa-mpi.so, shared by its files. */
#ifndef ALPA_RUNTIME_CHANNEL_MPI_MPI_H
#define ALPA_RUNTIME_CHANNEL_MPI_MPI_H

#include <pthread.h>

#include <mpi.h>

#include "runtime/processes.h"

typedef struct alpa_mpi_processes {
  alpa_processes base;
  pthread_mutex_t lock;
  bool owns_mpi;
  int n_tags, most_tag; /* tags: of permutes and transfers so far */
} alpa_mpi_processes;

/* The same one in all processes, which create their channels in the same order. */
int alpa_mpi_next_tag(alpa_mpi_processes *processes);

/* What channels of MPI have in common: no work can be shared out, nobody knows whether a device of another process has
 * arrived, and what a failed step has under way cannot be taken back: the job ends. */
bool alpa_mpi_work(alpa_channel *channel, uint32_t device);
bool alpa_mpi_is_missing(const alpa_channel *channel, uint32_t device, uint32_t peer);
void alpa_mpi_reset(alpa_channel *channel);

extern const alpa_channel_vtable alpa_mpi_transfers;

#endif
