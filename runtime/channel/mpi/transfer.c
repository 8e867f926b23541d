/* Transfers between submeshes whose devices are in different processes.
 *
 * A device posts its boxes when it arrives, as messages of their own types: strided memory is MPI's to pack.  The tag
 * is the transfer's, and the boxes between two processes stay in order, so a message finds its box in whatever order
 * the two sides reach their transfers. */
#include <limits.h>
#include <stdatomic.h>

#include "runtime/channel/mpi/mpi.h"

enum { OUT = ALPA_TRANSFER_OUT, IN = ALPA_TRANSFER_IN };

typedef struct box {
  int peer;
  int64_t offset;
  MPI_Datatype type;
} box;

/* What this process' device sends or receives. */
typedef struct side {
  int n;
  box *boxes;
  MPI_Request *requests;
  _Atomic bool is_under_way;
} side;

typedef struct transfer_channel {
  alpa_channel base;
  alpa_mpi_processes *processes;
  int tag;
  side sides[2];
} transfer_channel;

static uint64_t arrive(alpa_channel *channel, uint32_t device, char *from, char *to) {
  transfer_channel *c = (transfer_channel *)channel;
  (void)device;
  int way = from ? OUT : IN;
  side *own = &c->sides[way];
  pthread_mutex_lock(&c->processes->lock);
  for (int i = 0; i < own->n; i++) {
    const box *b = &own->boxes[i];
    if (way == OUT)
      MPI_Isend(from + b->offset, 1, b->type, b->peer, c->tag, MPI_COMM_WORLD, &own->requests[i]);
    else
      MPI_Irecv(to + b->offset, 1, b->type, b->peer, c->tag, MPI_COMM_WORLD, &own->requests[i]);
  }
  atomic_store(&own->is_under_way, own->n > 0);
  pthread_mutex_unlock(&c->processes->lock);
  return (uint64_t)way;
}

static alpa_channel_state poll(const alpa_channel *channel, uint32_t device, uint64_t way) {
  transfer_channel *c = (transfer_channel *)(uintptr_t)channel;
  side *own = &c->sides[way];
  (void)device;
  if (atomic_load(&own->is_under_way) && pthread_mutex_trylock(&c->processes->lock) == 0) {
    int is_done = 0;
    MPI_Testall(own->n, own->requests, &is_done, MPI_STATUSES_IGNORE);
    if (is_done)
      atomic_store(&own->is_under_way, false);
    pthread_mutex_unlock(&c->processes->lock);
  }
  return atomic_load(&own->is_under_way) ? ALPA_CHANNEL_WAITING : ALPA_CHANNEL_COMPLETE;
}

static void destroy(alpa_channel *channel) {
  transfer_channel *c = (transfer_channel *)channel;
  pthread_mutex_lock(&c->processes->lock);
  for (int way = OUT; way <= IN; way++)
    for (int i = 0; i < c->sides[way].n; i++)
      MPI_Type_free(&c->sides[way].boxes[i].type);
  pthread_mutex_unlock(&c->processes->lock);
}

/* ---- creation --------------------------------------------------------------------------------------------------- */

/* From the element outwards: rows of what there is so far. */
static MPI_Datatype make_type(const alpa_image_copy *copy, const int64_t *strides) {
  MPI_Datatype type, rows;
  MPI_Type_contiguous((int)copy->element_bytes, MPI_BYTE, &type);
  for (uint32_t d = copy->rank; d-- > 0; type = rows) {
    MPI_Type_create_hvector((int)copy->extents[d], 1, (MPI_Aint)strides[d], type, &rows);
    MPI_Type_free(&type);
  }
  MPI_Type_commit(&type);
  return type;
}

static bool is_countable(const alpa_image_copy *copy) {
  int64_t bytes = copy->element_bytes;
  for (uint32_t d = 0; d < copy->rank; d++)
    if (__builtin_mul_overflow(bytes, copy->extents[d], &bytes))
      return false;
  return bytes <= INT_MAX;
}

static void add_box(transfer_channel *c, const alpa_image_copy *copy, int way) {
  c->sides[way].boxes[c->sides[way].n++] =
      (box){.peer = (int)(way == OUT ? copy->to_device : copy->from_device),
            .offset = way == OUT ? copy->from_offset : copy->to_offset,
            .type = make_type(copy, way == OUT ? copy->from_strides : copy->to_strides)};
}

static alpa_status create(alpa_arena *arena, alpa_diag *diag, const alpa_channel_source *source,
                          alpa_channel **out_channel) {
  const alpa_image_transfer *transfer = source->transfer;
  for (uint32_t i = 0; i < transfer->n_copies; i++)
    if (!is_countable(&transfer->copies[i]))
      return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED,
                        "a part of '%s' that one stage sends to another has more than %d bytes, which MPI cannot "
                        "count; use more micro-batches or devices",
                        transfer->name, INT_MAX);
  transfer_channel *c = alpa_arena_new(arena, transfer_channel, 1);
  c->base.vtable = &alpa_mpi_transfers;
  c->processes = (alpa_mpi_processes *)source->processes;
  c->tag = alpa_mpi_next_tag(c->processes);
  for (int way = OUT; way <= IN; way++) {
    c->sides[way].boxes = alpa_arena_new(arena, box, transfer->n_copies);
    c->sides[way].requests = alpa_arena_new(arena, MPI_Request, transfer->n_copies);
  }
  for (uint32_t i = 0; i < transfer->n_copies; i++) {
    if (transfer->copies[i].from_device == source->processes->rank)
      add_box(c, &transfer->copies[i], OUT);
    if (transfer->copies[i].to_device == source->processes->rank)
      add_box(c, &transfer->copies[i], IN);
  }
  *out_channel = &c->base;
  return ALPA_OK;
}

const alpa_channel_vtable alpa_mpi_transfers = {.name = "mpi transfer",
                                                .create = create,
                                                .arrive = arrive,
                                                .poll = poll,
                                                .work = alpa_mpi_work,
                                                .is_missing = alpa_mpi_is_missing,
                                                .reset = alpa_mpi_reset,
                                                .destroy = destroy};
