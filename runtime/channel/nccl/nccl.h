/* Collectives of GPUs by NCCL, which is loaded at run time.
 *
 * A mesh has one communicator of all its devices and, split from it, one for each way in which collectives group them
 * and one for each lane of transfers between processes (runtime/lanes.h).
 * Communicators do not block: what is issued may be in progress for a while, and only the thread of a device issues to
 * that device's communicators.  A failed step aborts them; they are made anew before the next one. */
#ifndef ALPA_RUNTIME_CHANNEL_NCCL_NCCL_H
#define ALPA_RUNTIME_CHANNEL_NCCL_NCCL_H

#include "runtime/channel/nccl/api.h"
#include "runtime/lanes.h"
#include "runtime/mesh_state.h"

typedef struct alpa_nccl alpa_nccl;
typedef struct alpa_nccl_split alpa_nccl_split; /* the communicators of one way to group devices */

typedef struct alpa_nccl_source {
  alpa_device_mesh *mesh; /* for memory */
  const alpa_cuda_driver *driver;
  const alpa_cuda_context *contexts; /* by device; copied */
  int64_t deadline_ns;
} alpa_nccl_source;

/* A collective of an executable, ready to be issued. */
typedef struct alpa_nccl_collective {
  alpa_collective kind;
  int64_t outer, chunk_bytes, n; /* n: elements of NCCL's type in one chunk */
  unsigned type, reduction;
  uint32_t group_size;
  const alpa_nccl_split *split; /* PERMUTE: of all devices */
  const uint32_t *to, *from;    /* PERMUTE, by device: where its operand goes and its result comes from */
  int64_t scratch_bytes;        /* of each device */
} alpa_nccl_collective;

/* Loads NCCL and connects the devices.  ALPA_UNAVAILABLE, ALPA_DEADLINE_EXCEEDED. */
alpa_status alpa_nccl_create(const alpa_nccl_source *source, alpa_diag *diag, alpa_nccl **out_nccl);
/* Nothing is under way.  Legal on NULL. */
void alpa_nccl_destroy(alpa_nccl *nccl);
/* Makes the communicators for a collective, where they are not there yet.  ALPA_UNSUPPORTED where NCCL has no such
 * reduction; `name` is the program's. */
alpa_status alpa_nccl_prepare(alpa_nccl *nccl, alpa_arena *arena, alpa_diag *diag, const char *name,
                              const alpa_image_collective *from, alpa_nccl_collective *out_collective);
/* The communicators of a lane, made where they are not there yet. */
alpa_status alpa_nccl_join(alpa_nccl *nccl, alpa_diag *diag, const alpa_lane *lane, const alpa_nccl_split **out_split);

/* ---- from the thread of a device ---- */

typedef struct alpa_nccl_operands {
  const char *from;
  char *to, *scratch;
  alpa_cuda_stream stream;
} alpa_nccl_operands;

/* ALPA_NCCL_SUCCESS, ALPA_NCCL_IN_PROGRESS (then poll), or a failure. */
alpa_nccl_result alpa_nccl_issue(alpa_nccl *nccl, const alpa_nccl_collective *collective, uint32_t device,
                                 const alpa_nccl_operands *operands);
alpa_nccl_result alpa_nccl_poll(alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device);
/* Issues what has to follow a collective that is no longer in progress. */
alpa_nccl_result alpa_nccl_finish(alpa_nccl *nccl, const alpa_nccl_collective *collective, uint32_t device,
                                  const alpa_nccl_operands *operands);
/* Sends or receives bytes, all at once: ends as alpa_nccl_issue does. */
typedef struct alpa_nccl_message {
  char *at;
  size_t bytes;
  uint32_t peer; /* a device of the lane */
} alpa_nccl_message;
alpa_nccl_result alpa_nccl_exchange(alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device, int way,
                                    const alpa_nccl_message *messages, uint32_t n, alpa_cuda_stream stream);
/* Gives up everything that the device has under way. */
void alpa_nccl_abort(alpa_nccl *nccl, uint32_t device);

/* ---- between steps ---- */

/* Makes aborted communicators anew. */
alpa_status alpa_nccl_restore(alpa_nccl *nccl, alpa_diag *diag);
/* What a failure of a device's communicator means, in `text`. */
void alpa_nccl_explain(const alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device, alpa_nccl_result result,
                       char *text, size_t size);

#endif
