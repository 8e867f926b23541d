/* A channel: one collective of an executable, with all its groups, or one transfer between submeshes.
 *
 * Channels never block.  A device arrives with the addresses of its operand and result, and polls; whoever has time
 * does some of the transfer's work.  A device comes back only when its group's transfer is complete, so its peers may
 * read its operand and write its result until then, and a second arrival belongs to the next transfer. */
#ifndef ALPA_RUNTIME_CHANNEL_CHANNEL_H
#define ALPA_RUNTIME_CHANNEL_CHANNEL_H

#include "runtime/image/image.h"

typedef struct alpa_channel alpa_channel;

typedef enum alpa_channel_state {
  ALPA_CHANNEL_WAITING,
  ALPA_CHANNEL_HAS_WORK,
  ALPA_CHANNEL_COMPLETE
} alpa_channel_state;

enum { ALPA_TRANSFER_OUT, ALPA_TRANSFER_IN };

typedef struct alpa_channel_source {
  const alpa_image_collective *collective; /* verified; not referred to afterwards */
  const alpa_image_transfer *transfer;     /* instead of a collective */
  uint32_t n_devices, n_workers;           /* of the mesh */
  struct alpa_copy_queue *queue;           /* of the executable, for transfers */
  alpa_processes *processes;               /* that the devices are in; NULL: all are in this one */
} alpa_channel_source;

/* All but create, reset and destroy may be called from any thread. */
typedef struct alpa_channel_vtable {
  const char *name;
  /* Allocates from `arena`. */
  alpa_status (*create)(alpa_arena *arena, alpa_diag *diag, const alpa_channel_source *source,
                        alpa_channel **out_channel);
  /* The number of the transfer, for poll.  The last one to arrive may do the whole transfer here.  Of a transfer
   * between submeshes a device is on one side: `from` or `to` is NULL, and poll expects the side. */
  uint64_t (*arrive)(alpa_channel *channel, uint32_t device, char *from, char *to);
  alpa_channel_state (*poll)(const alpa_channel *channel, uint32_t device, uint64_t transfer);
  /* Does a part of the present transfer of the device's group; false where there is nothing to do. */
  bool (*work)(alpa_channel *channel, uint32_t device);
  /* Whether `device`, which has arrived, waits for `peer`. */
  bool (*is_missing)(const alpa_channel *channel, uint32_t device, uint32_t peer);
  /* Forgets arrivals of a step that failed; no thread is in the channel. */
  void (*reset)(alpa_channel *channel);
  /* The arena's memory is freed elsewhere. */
  void (*destroy)(alpa_channel *channel);
} alpa_channel_vtable;

struct alpa_channel {
  const alpa_channel_vtable *vtable;
};

extern const alpa_channel_vtable alpa_channel_host, alpa_channel_host_transfer;

#endif
