/* Collectives of processes by MPI: the module alpa-mpi.so.
 *
 * Whatever combines values moves raw bytes and reduces with the loops of the host's channel, in the order of device
 * numbers: so every type and reduction works, and the result has the bits of a mesh in one process.  Large all-reduces
 * exchange pieces, reduce one piece each and gather the pieces (R. Rabenseifner, Optimization of Collective Reduction
 * Operations, ICCS 2004).  Calls do not block; one lock keeps threads apart, since MPI is asked for no more. */
#include "runtime/channel/mpi/mpi.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/host/reduction_loops.h"

enum { SMALL_BYTES = 16 << 10, MOST_REQUESTS = 2, LEAST_TAGS = 32767 };

typedef struct mpi_channel {
  alpa_channel base;
  alpa_mpi_processes *processes;
  alpa_collective kind;
  alpa_reduction reduction;
  const alpa_reduction_loops *loops;
  int64_t outer, chunk, chunk_bytes, element_bytes;
  int n, rank, tag; /* of the group */
  int to, from;     /* PERMUTE: ranks of all, or MPI_PROC_NULL */
  MPI_Comm comm;
  MPI_Datatype element;
  int *order;           /* members by device number */
  int *counts, *starts; /* of elements: the pieces of an all-reduce */
  char *packed, *gathered;
  const char **blocks; /* one for each member, in the order of device numbers */
  /* The present transfer. */
  char *operand, *result;
  uint32_t n_phases;
  int n_requests;
  MPI_Request requests[MOST_REQUESTS];
  _Atomic uint64_t n_complete;
} mpi_channel;

/* ---- phases ----------------------------------------------------------------------------------------------------- */

static int elements(const mpi_channel *c, int64_t n) { return (int)(n * c->chunk); }

/* Rows of [outer, n, chunk] and blocks of [n, outer, chunk]. */
static void move_rows(const mpi_channel *c, char *rows, char *blocks, bool is_packing) {
  for (int64_t m = 0; m < c->n; m++)
    for (int64_t o = 0; o < c->outer; o++) {
      char *row = rows + (o * c->n + m) * c->chunk_bytes, *block = blocks + (m * c->outer + o) * c->chunk_bytes;
      memcpy(is_packing ? block : row, is_packing ? row : block, (size_t)c->chunk_bytes);
    }
}

/* Reduces one block of each member, `stride` bytes apart in what was gathered. */
static void reduce_blocks(const mpi_channel *c, int64_t stride, int64_t n_elements, char *to) {
  for (int m = 0; m < c->n; m++)
    c->blocks[m] = c->gathered + c->order[m] * stride;
  alpa_reduction_range range = {
      .n_from = (uint32_t)c->n, .n_to = 1, .from = c->blocks, .to = &to, .n_elements = n_elements};
  alpa_reduction_loops_run(c->loops, c->reduction, &range);
}

static bool is_small(const mpi_channel *c) { return c->chunk_bytes <= SMALL_BYTES; }

/* All pieces of this member, from every operand. */
static void exchange_pieces(mpi_channel *c) {
  int *own = c->counts + c->n, *own_starts = c->starts + c->n;
  for (int m = 0; m < c->n; m++) {
    own[m] = c->counts[c->rank];
    own_starts[m] = m * c->counts[c->rank];
  }
  MPI_Ialltoallv(c->operand, c->counts, c->starts, c->element, c->gathered, own, own_starts, c->element, c->comm,
                 &c->requests[0]);
}

static void start_all_reduce(mpi_channel *c) {
  if (is_small(c))
    MPI_Iallgather(c->operand, elements(c, 1), c->element, c->gathered, elements(c, 1), c->element, c->comm,
                   &c->requests[0]);
  else
    exchange_pieces(c);
}

static bool continue_all_reduce(mpi_channel *c) {
  if (is_small(c)) {
    reduce_blocks(c, c->chunk_bytes, c->chunk, c->result);
    return false;
  }
  if (c->n_phases > 1)
    return false;
  int own = c->counts[c->rank];
  reduce_blocks(c, own * c->element_bytes, own, c->result + c->starts[c->rank] * c->element_bytes);
  c->n_requests = 1;
  MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, c->result, c->counts, c->starts, c->element, c->comm,
                  &c->requests[0]);
  return true;
}

static void start_all_gather(mpi_channel *c) {
  int n = elements(c, c->outer);
  MPI_Iallgather(c->operand, n, c->element, c->outer > 1 ? c->gathered : c->result, n, c->element, c->comm,
                 &c->requests[0]);
}

static bool continue_all_gather(mpi_channel *c) {
  if (c->outer > 1)
    move_rows(c, c->result, c->gathered, false);
  return false;
}

static void start_reduce_scatter(mpi_channel *c) {
  int n = elements(c, c->outer);
  move_rows(c, c->operand, c->packed, true);
  MPI_Ialltoall(c->packed, n, c->element, c->gathered, n, c->element, c->comm, &c->requests[0]);
}

static bool continue_reduce_scatter(mpi_channel *c) {
  reduce_blocks(c, c->outer * c->chunk_bytes, c->outer * c->chunk, c->result);
  return false;
}

static void start_all_to_all(mpi_channel *c) {
  int n = elements(c, 1);
  MPI_Ialltoall(c->operand, n, c->element, c->result, n, c->element, c->comm, &c->requests[0]);
}

static void start_permute(mpi_channel *c) {
  int n = elements(c, 1);
  if (c->from == MPI_PROC_NULL)
    memset(c->result, 0, (size_t)c->chunk_bytes);
  c->n_requests = 2;
  MPI_Irecv(c->result, n, c->element, c->from, c->tag, c->comm, &c->requests[0]);
  MPI_Isend(c->operand, n, c->element, c->to, c->tag, c->comm, &c->requests[1]);
}

static bool continue_nothing(mpi_channel *c) {
  (void)c;
  return false;
}

/* How a collective starts, and what follows when its requests are done: true where more requests have started. */
static const struct {
  void (*start)(mpi_channel *c);
  bool (*go_on)(mpi_channel *c);
} rows[] = {[ALPA_COLLECTIVE_ALL_REDUCE] = {start_all_reduce, continue_all_reduce},
            [ALPA_COLLECTIVE_ALL_GATHER] = {start_all_gather, continue_all_gather},
            [ALPA_COLLECTIVE_REDUCE_SCATTER] = {start_reduce_scatter, continue_reduce_scatter},
            [ALPA_COLLECTIVE_ALL_TO_ALL] = {start_all_to_all, continue_nothing},
            [ALPA_COLLECTIVE_PERMUTE] = {start_permute, continue_nothing}};

/* ---- the channel ------------------------------------------------------------------------------------------------ */

static uint64_t arrive(alpa_channel *channel, uint32_t device, char *from, char *to) {
  mpi_channel *c = (mpi_channel *)channel;
  (void)device;
  pthread_mutex_lock(&c->processes->lock);
  c->operand = from;
  c->result = to;
  c->n_phases = 1;
  c->n_requests = 1;
  rows[c->kind].start(c);
  uint64_t transfer = atomic_load(&c->n_complete);
  pthread_mutex_unlock(&c->processes->lock);
  return transfer;
}

static void advance(mpi_channel *c) {
  int is_done = 0;
  MPI_Testall(c->n_requests, c->requests, &is_done, MPI_STATUSES_IGNORE);
  if (is_done && !rows[c->kind].go_on(c))
    atomic_fetch_add(&c->n_complete, 1);
  else if (is_done)
    c->n_phases++;
}

static alpa_channel_state poll(const alpa_channel *channel, uint32_t device, uint64_t transfer) {
  mpi_channel *c = (mpi_channel *)(uintptr_t)channel;
  (void)device;
  if (atomic_load(&c->n_complete) == transfer && pthread_mutex_trylock(&c->processes->lock) == 0) {
    if (atomic_load(&c->n_complete) == transfer)
      advance(c);
    pthread_mutex_unlock(&c->processes->lock);
  }
  return atomic_load(&c->n_complete) == transfer ? ALPA_CHANNEL_WAITING : ALPA_CHANNEL_COMPLETE;
}

static void destroy(alpa_channel *channel) {
  mpi_channel *c = (mpi_channel *)channel;
  pthread_mutex_lock(&c->processes->lock);
  MPI_Type_free(&c->element);
  if (c->comm != MPI_COMM_WORLD && c->comm != MPI_COMM_NULL)
    MPI_Comm_free(&c->comm);
  pthread_mutex_unlock(&c->processes->lock);
}

/* ---- creation --------------------------------------------------------------------------------------------------- */

static void join_group(alpa_arena *arena, mpi_channel *c, const alpa_image_collective *from) {
  int color = MPI_UNDEFINED, own = (int)c->processes->base.rank;
  const uint32_t *members = NULL;
  for (uint32_t i = 0; i < from->n_groups * from->group_size; i++)
    if ((int)from->groups[i] == own) {
      color = (int)(i / from->group_size);
      c->rank = (int)(i % from->group_size);
      members = from->groups + (size_t)color * from->group_size;
    }
  MPI_Comm_split(MPI_COMM_WORLD, color, c->rank, &c->comm);
  c->n = (int)from->group_size;
  c->order = alpa_arena_new(arena, int, from->group_size);
  for (int m = 0; members && m < c->n; m++) {
    int place = 0;
    for (int k = 0; k < c->n; k++)
      place += members[k] < members[m];
    c->order[place] = m;
  }
}

static void join_pairs(mpi_channel *c, const alpa_image_collective *from) {
  uint32_t own = c->processes->base.rank;
  c->comm = MPI_COMM_WORLD;
  c->n = 1;
  c->tag = alpa_mpi_next_tag(c->processes);
  c->to = c->from = MPI_PROC_NULL;
  for (uint32_t i = 0; i < from->n_groups; i++) {
    if (from->groups[2 * i] == own)
      c->to = (int)from->groups[2 * i + 1];
    if (from->groups[2 * i + 1] == own)
      c->from = (int)from->groups[2 * i];
  }
}

/* Ranges of equal size, but for one element. */
static void cut_pieces(alpa_arena *arena, mpi_channel *c) {
  c->counts = alpa_arena_new(arena, int, 2 * (size_t)c->n);
  c->starts = alpa_arena_new(arena, int, 2 * (size_t)c->n);
  for (int m = 0; m < c->n; m++) {
    c->starts[m] = (int)(c->chunk * m / c->n);
    c->counts[m] = (int)(c->chunk * (m + 1) / c->n) - c->starts[m];
  }
}

static alpa_status create(alpa_arena *arena, alpa_diag *diag, const alpa_channel_source *source,
                          alpa_channel **out_channel) {
  const alpa_image_collective *from = source->collective;
  int64_t all = from->outer * from->chunk * from->group_size;
  if (all > INT_MAX)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED, "a collective of %lld elements exceeds what MPI counts",
                      (long long)all);
  mpi_channel *c = alpa_arena_new(arena, mpi_channel, 1);
  bool is_reducing = from->kind == ALPA_COLLECTIVE_ALL_REDUCE || from->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  c->base.vtable = source->processes->vtable->collectives;
  c->processes = (alpa_mpi_processes *)source->processes;
  c->kind = from->kind;
  c->reduction = from->reduction;
  c->loops = is_reducing ? alpa_reduction_loops_get(from->dtype) : NULL;
  c->outer = from->outer;
  c->chunk = from->chunk;
  c->element_bytes = alpa_dtype_get_info(from->dtype)->bytes;
  c->chunk_bytes = c->chunk * c->element_bytes;
  if (from->kind == ALPA_COLLECTIVE_PERMUTE)
    join_pairs(c, from);
  else
    join_group(arena, c, from);
  cut_pieces(arena, c);
  MPI_Type_contiguous((int)c->element_bytes, MPI_BYTE, &c->element);
  MPI_Type_commit(&c->element);
  size_t bytes = (size_t)(all * c->element_bytes);
  c->packed = alpa_arena_alloc_aligned(arena, bytes + 1, 64);
  c->gathered = alpa_arena_alloc_aligned(arena, bytes + 1, 64);
  c->blocks = alpa_arena_new(arena, const char *, c->n);
  *out_channel = &c->base;
  return ALPA_OK;
}

static const alpa_channel_vtable collectives = {.name = "mpi",
                                                .create = create,
                                                .arrive = arrive,
                                                .poll = poll,
                                                .work = alpa_mpi_work,
                                                .is_missing = alpa_mpi_is_missing,
                                                .reset = alpa_mpi_reset,
                                                .destroy = destroy};

/* ---- of all channels --------------------------------------------------------------------------------------------- */

int alpa_mpi_next_tag(alpa_mpi_processes *processes) { return processes->n_tags++ % processes->most_tag; }

bool alpa_mpi_work(alpa_channel *channel, uint32_t device) {
  (void)channel;
  (void)device;
  return false;
}

bool alpa_mpi_is_missing(const alpa_channel *channel, uint32_t device, uint32_t peer) {
  (void)channel;
  (void)device;
  (void)peer;
  return false;
}

void alpa_mpi_reset(alpa_channel *channel) { (void)channel; }

/* ---- processes -------------------------------------------------------------------------------------------------- */

static void close_processes(alpa_processes *processes, bool failed) {
  alpa_mpi_processes *p = (alpa_mpi_processes *)processes;
  if (failed)
    MPI_Abort(MPI_COMM_WORLD, 1);
  if (p->owns_mpi)
    MPI_Finalize();
  pthread_mutex_destroy(&p->lock);
  free(p);
}

static bool broadcast(alpa_processes *processes, void *data, size_t bytes, uint32_t root) {
  alpa_mpi_processes *p = (alpa_mpi_processes *)processes;
  bool ok = true;
  pthread_mutex_lock(&p->lock);
  for (size_t at = 0, n; at < bytes && ok; at += n) {
    n = bytes - at < INT_MAX ? bytes - at : INT_MAX;
    ok = MPI_Bcast((char *)data + at, (int)n, MPI_BYTE, (int)root, MPI_COMM_WORLD) == MPI_SUCCESS;
  }
  pthread_mutex_unlock(&p->lock);
  return ok;
}

static const alpa_processes_vtable vtable = {.name = "mpi",
                                             .close = close_processes,
                                             .broadcast = broadcast,
                                             .collectives = &collectives,
                                             .transfers = &alpa_mpi_transfers};

static alpa_status open_processes(alpa_diag *diag, alpa_processes **out_processes) {
  int is_initialised = 0, provided = 0, rank = 0, n = 0, has_most = 0, *most_tag = NULL;
  alpa_mpi_processes *p = calloc(1, sizeof *p);
  if (!p)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for the processes of a job");
  MPI_Initialized(&is_initialised);
  if (!is_initialised)
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  MPI_Query_thread(&provided);
  if (provided < MPI_THREAD_SERIALIZED) {
    free(p);
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                      "this MPI does not let several threads call it; initialise it with MPI_THREAD_SERIALIZED");
  }
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &n);
  p->base = (alpa_processes){&vtable, (uint32_t)rank, (uint32_t)n};
  MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &most_tag, &has_most);
  p->most_tag = has_most ? *most_tag : LEAST_TAGS;
  p->owns_mpi = !is_initialised;
  pthread_mutex_init(&p->lock, NULL);
  *out_processes = &p->base;
  return ALPA_OK;
}

extern const alpa_processes_module alpa_mpi_module_table;
const alpa_processes_module alpa_mpi_module_table = {open_processes};
