/* Processes that meet at an address of process 0. */
#ifndef ALPA_RUNTIME_PROCESSES_TCP_H
#define ALPA_RUNTIME_PROCESSES_TCP_H

#include "runtime/processes.h"

/* name: "tcp:<host>:<port>:<rank>:<number of processes>".  Waits a minute for the others: ALPA_DEADLINE_EXCEEDED. */
alpa_status alpa_processes_join_tcp(alpa_diag *diag, const char *name, alpa_processes **out_processes);

#endif
