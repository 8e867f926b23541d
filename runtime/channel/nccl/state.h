/* The insides of NCCL's communicators, shared by the files of this directory. */
#ifndef ALPA_RUNTIME_CHANNEL_NCCL_STATE_H
#define ALPA_RUNTIME_CHANNEL_NCCL_STATE_H

#include "runtime/channel/nccl/nccl.h"

struct alpa_nccl_split {
  struct alpa_nccl_split *next;
  uint32_t n_groups, group_size;
  uint32_t number;       /* of a lane, among those of the same devices, from 1; 0: for collectives */
  uint32_t *groups;      /* NULL: all devices, in order */
  uint32_t *ranks;       /* by device: its place in its group */
  alpa_nccl_comm *comms; /* by device; NULL: in no group */
};

struct alpa_nccl {
  alpa_device_mesh *mesh;
  alpa_cuda_driver driver;
  alpa_nccl_api api;
  uint32_t n_devices;
  int64_t deadline_ns;
  alpa_cuda_context *contexts;
  alpa_nccl_split *splits; /* the last one is that of all devices, from which the others are split */
  _Atomic bool is_broken;  /* communicators have been aborted */
};

/* Makes the communicators of a split. */
alpa_status alpa_nccl_connect(alpa_nccl *nccl, alpa_diag *diag, alpa_nccl_split *split);
/* The split for a table of groups, made where it is not there yet. */
alpa_status alpa_nccl_find_split(alpa_nccl *nccl, alpa_diag *diag, const alpa_image_collective *collective,
                                 const alpa_nccl_split **out_split);

#endif
