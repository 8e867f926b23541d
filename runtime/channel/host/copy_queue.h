/* The boxes of transfers that may move now: the last device to arrive for a box puts it here, and any worker that has
 * nothing else to do takes it, so that transfers go on beside the kernels. */
#ifndef ALPA_RUNTIME_CHANNEL_HOST_COPY_QUEUE_H
#define ALPA_RUNTIME_CHANNEL_HOST_COPY_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/channel/channel.h"

typedef struct alpa_copy_ready {
  alpa_channel *channel;
  uint32_t copy;
} alpa_copy_ready;

typedef struct alpa_copy_queue {
  pthread_mutex_t lock;
  _Atomic uint32_t n; /* entries */
  uint32_t first, capacity;
  alpa_copy_ready *ring;
} alpa_copy_queue;

/* Room for so many boxes at once, in `arena`: all that the executable has.  Fails where the system has no mutex. */
alpa_status alpa_copy_queue_init(alpa_copy_queue *queue, alpa_arena *arena, alpa_diag *diag, uint32_t capacity);
/* Legal on a zeroed queue. */
void alpa_copy_queue_deinit(alpa_copy_queue *queue);
void alpa_copy_queue_push(alpa_copy_queue *queue, alpa_copy_ready ready);
/* Forgets what a failed step left. */
void alpa_copy_queue_reset(alpa_copy_queue *queue);
static inline bool alpa_copy_queue_has_work(alpa_copy_queue *queue) { return atomic_load(&queue->n) > 0; }
/* Moves one box; false where none is ready. */
bool alpa_copy_queue_work(alpa_copy_queue *queue);

#endif
