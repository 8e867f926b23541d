/* Transfers between submeshes that share an address space.
 *
 * A box waits for two arrivals, of the device that has it and of the device that wants it; the second puts it into the
 * queue of boxes that may move.  Devices count the boxes that have left and reached them, and wait for a count: so
 * neither side ever waits for the other before it needs the result. */
#include <string.h>

#include "runtime/channel/host/copy_queue.h"
#include "runtime/pieces.h"

typedef struct box {
  const alpa_image_copy *copy;
  _Atomic uint32_t n_missing; /* arrivals */
} box;

/* One device's side of the transfer. */
typedef struct side {
  _Alignas(64) _Atomic uint64_t n_moved, n_rounds; /* boxes and arrivals so far */
  uint32_t n_boxes;                                /* of one round */
  char *piece;
} side;

enum { OUT = ALPA_TRANSFER_OUT, IN = ALPA_TRANSFER_IN };

typedef struct transfer_channel {
  alpa_channel base;
  alpa_copy_queue *queue;
  uint32_t n_devices, n_boxes;
  box *boxes;
  side *sides[2]; /* by device */
} transfer_channel;

static void copy_box(const alpa_image_copy *copy, char *to, const char *from) {
  alpa_strided_copy run = {.rank = copy->rank,
                           .element_bytes = copy->element_bytes,
                           .to = to + copy->to_offset,
                           .from = from + copy->from_offset};
  for (uint32_t d = 0; d < copy->rank; d++) {
    run.extents[d] = copy->extents[d];
    run.to_strides[d] = copy->to_strides[d];
    run.from_strides[d] = copy->from_strides[d];
  }
  alpa_strided_copy_run(&run);
}

static void move_box(transfer_channel *c, uint32_t i) {
  const alpa_image_copy *copy = c->boxes[i].copy;
  side *out = &c->sides[OUT][copy->from_device], *in = &c->sides[IN][copy->to_device];
  copy_box(copy, in->piece, out->piece);
  atomic_store(&c->boxes[i].n_missing, 2);
  atomic_fetch_add(&in->n_moved, 1);
  atomic_fetch_add(&out->n_moved, 1);
}

static uint64_t arrive(alpa_channel *channel, uint32_t device, char *from, char *to) {
  transfer_channel *c = (transfer_channel *)channel;
  int way = from ? OUT : IN;
  side *own = &c->sides[way][device];
  own->piece = from ? from : to;
  atomic_fetch_add(&own->n_rounds, 1);
  for (uint32_t i = 0; i < c->n_boxes; i++) {
    const alpa_image_copy *copy = c->boxes[i].copy;
    if ((way == OUT ? copy->from_device : copy->to_device) == device &&
        atomic_fetch_sub(&c->boxes[i].n_missing, 1) == 1)
      alpa_copy_queue_push(c->queue, (alpa_copy_ready){channel, i});
  }
  return (uint64_t)way;
}

static alpa_channel_state poll(const alpa_channel *channel, uint32_t device, uint64_t way) {
  const transfer_channel *c = (const transfer_channel *)channel;
  side *own = &c->sides[way][device];
  if (atomic_load(&own->n_moved) == atomic_load(&own->n_rounds) * own->n_boxes)
    return ALPA_CHANNEL_COMPLETE;
  return alpa_copy_queue_has_work(c->queue) ? ALPA_CHANNEL_HAS_WORK : ALPA_CHANNEL_WAITING;
}

static bool work(alpa_channel *channel, uint32_t device) {
  (void)device;
  return alpa_copy_queue_work(((transfer_channel *)channel)->queue);
}

static bool is_missing(const alpa_channel *channel, uint32_t device, uint32_t peer) {
  const transfer_channel *c = (const transfer_channel *)channel;
  for (int way = OUT; way <= IN; way++) {
    side *own = &c->sides[way][device], *other = &c->sides[!way][peer];
    for (uint32_t i = 0; i < c->n_boxes; i++) {
      const alpa_image_copy *copy = c->boxes[i].copy;
      uint32_t mine = way == OUT ? copy->from_device : copy->to_device;
      uint32_t theirs = way == OUT ? copy->to_device : copy->from_device;
      if (mine == device && theirs == peer && atomic_load(&other->n_rounds) < atomic_load(&own->n_rounds))
        return true;
    }
  }
  return false;
}

static void reset(alpa_channel *channel) {
  transfer_channel *c = (transfer_channel *)channel;
  for (uint32_t i = 0; i < c->n_boxes; i++)
    atomic_store(&c->boxes[i].n_missing, 2);
  for (int way = OUT; way <= IN; way++)
    for (uint32_t d = 0; d < c->n_devices; d++) {
      atomic_store(&c->sides[way][d].n_rounds, 0);
      atomic_store(&c->sides[way][d].n_moved, 0);
    }
  alpa_copy_queue_reset(c->queue);
}

static void destroy(alpa_channel *channel) { (void)channel; }

static const alpa_image_copy *clone_copy(alpa_arena *arena, const alpa_image_copy *copy) {
  alpa_image_copy *clone = alpa_arena_copy(arena, copy, sizeof *copy);
  size_t size = copy->rank * sizeof(int64_t);
  clone->extents = alpa_arena_copy(arena, copy->extents, size);
  clone->from_strides = alpa_arena_copy(arena, copy->from_strides, size);
  clone->to_strides = alpa_arena_copy(arena, copy->to_strides, size);
  return clone;
}

static alpa_status create(alpa_arena *arena, alpa_diag *diag, const alpa_channel_source *source,
                          alpa_channel **out_channel) {
  (void)diag;
  const alpa_image_transfer *transfer = source->transfer;
  transfer_channel *c = alpa_arena_new(arena, transfer_channel, 1);
  *c = (transfer_channel){.base.vtable = &alpa_channel_host_transfer,
                          .queue = source->queue,
                          .n_devices = source->n_devices,
                          .n_boxes = transfer->n_copies,
                          .boxes = alpa_arena_new(arena, box, transfer->n_copies)};
  for (int way = OUT; way <= IN; way++) {
    c->sides[way] = alpa_arena_alloc_aligned(arena, source->n_devices * sizeof(side), 64);
    memset(c->sides[way], 0, source->n_devices * sizeof(side));
  }
  for (uint32_t i = 0; i < c->n_boxes; i++) {
    const alpa_image_copy *copy = &transfer->copies[i];
    c->boxes[i].copy = clone_copy(arena, copy);
    atomic_store(&c->boxes[i].n_missing, 2);
    c->sides[OUT][copy->from_device].n_boxes++;
    c->sides[IN][copy->to_device].n_boxes++;
  }
  *out_channel = &c->base;
  return ALPA_OK;
}

const alpa_channel_vtable alpa_channel_host_transfer = {.name = "host transfer",
                                                        .create = create,
                                                        .arrive = arrive,
                                                        .poll = poll,
                                                        .work = work,
                                                        .is_missing = is_missing,
                                                        .reset = reset,
                                                        .destroy = destroy};

/* ---- the queue -------------------------------------------------------------------------------------------------- */

alpa_status alpa_copy_queue_init(alpa_copy_queue *queue, alpa_arena *arena, alpa_diag *diag, uint32_t capacity) {
  if (capacity == 0)
    return ALPA_OK;
  if (pthread_mutex_init(&queue->lock, NULL))
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "cannot create a mutex for transfers");
  queue->capacity = capacity;
  queue->ring = alpa_arena_new(arena, alpa_copy_ready, capacity);
  return ALPA_OK;
}

void alpa_copy_queue_deinit(alpa_copy_queue *queue) {
  if (queue->capacity)
    pthread_mutex_destroy(&queue->lock);
}

void alpa_copy_queue_push(alpa_copy_queue *queue, alpa_copy_ready ready) {
  pthread_mutex_lock(&queue->lock);
  queue->ring[(queue->first + atomic_load(&queue->n)) % queue->capacity] = ready;
  atomic_fetch_add(&queue->n, 1);
  pthread_mutex_unlock(&queue->lock);
}

void alpa_copy_queue_reset(alpa_copy_queue *queue) { atomic_store(&queue->n, 0); }

bool alpa_copy_queue_work(alpa_copy_queue *queue) {
  if (!alpa_copy_queue_has_work(queue))
    return false;
  pthread_mutex_lock(&queue->lock);
  bool is_any = atomic_load(&queue->n) > 0;
  alpa_copy_ready ready = is_any ? queue->ring[queue->first] : (alpa_copy_ready){0};
  if (is_any) {
    queue->first = (queue->first + 1) % queue->capacity;
    atomic_fetch_sub(&queue->n, 1);
  }
  pthread_mutex_unlock(&queue->lock);
  if (is_any)
    move_box((transfer_channel *)ready.channel, ready.copy);
  return is_any;
}
