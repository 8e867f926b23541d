/* Collectives of devices that share an address space: everybody reads and writes everybody's buffers directly.
 *
 * A transfer begins when the last member of a group arrives and ends when all of its parts are done; there is no other
 * synchronisation.  Small transfers are done by the last one to arrive.  Large ones are split into parts (a result, or
 * for all-reduce a range of all results at once) that waiting workers share: all-reduce reads each range of every
 * operand once and writes it to every result, so it needs no second phase, no staging and works in place.  Members are
 * combined in the order of their device numbers, which makes sums independent of timing and of the split.
 *
 * Groups of collective-permute are the connected components of its pairs: only devices that exchange data wait for
 * each other. */
#include <string.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/host/reduction_loops.h"
#include "runtime/share.h"

enum {
  CACHE_LINE = 64,
  INLINE_BYTES = 16 << 10, /* below, handing work over costs more than doing it */
  PART_BYTES = 16 << 10,
  PARTS_PER_WORKER = 4
};

typedef struct member {
  uint32_t device;
  uint32_t rank;               /* in the order of device numbers */
  uint32_t source;             /* PERMUTE: member that sends to this one, or ALPA_NO_INDEX */
  _Atomic uint64_t n_arrivals; /* for reports */
} member;

typedef struct group {
  _Alignas(CACHE_LINE) _Atomic uint32_t n_arrived;
  _Alignas(CACHE_LINE) _Atomic uint64_t n_complete; /* transfers */
  _Alignas(CACHE_LINE) alpa_share parts;
  uint32_t n, n_parts;
  bool is_inline;              /* the last one to arrive does all parts */
  member *members;             /* in the order of the collective */
  const char **from;           /* of the members, */
  char **to;                   /* valid during a transfer */
  const char **from_ascending; /* `from` in the order of device numbers */
} group;

typedef struct seat {
  group *group; /* NULL: the device takes no part */
  uint32_t member;
} seat;

typedef struct shared_channel {
  alpa_channel base;
  alpa_collective kind;
  alpa_reduction reduction;
  const alpa_reduction_loops *loops;
  int64_t outer, chunk, chunk_bytes, element_bytes;
  uint32_t n_groups;
  group *groups;
  seat *seats; /* by device */
} shared_channel;

/* ---- parts ------------------------------------------------------------------------------------------------------ */

/* Elements [begin, end) of a result, or of every result of an all-reduce. */
typedef struct part {
  uint32_t member;
  int64_t begin, end;
} part;

static int64_t rows_of_result(const shared_channel *c, uint32_t n) {
  switch (c->kind) {
  case ALPA_COLLECTIVE_ALL_GATHER:
    return c->outer * n;
  case ALPA_COLLECTIVE_ALL_TO_ALL:
    return n;
  case ALPA_COLLECTIVE_REDUCE_SCATTER:
    return c->outer;
  case ALPA_COLLECTIVE_ALL_REDUCE:
  case ALPA_COLLECTIVE_PERMUTE:
  case ALPA_COLLECTIVE_COUNT:
    break;
  }
  return 1;
}

/* Where row (o, i) of a member's result comes from, or NULL: zeros. */
static const char *source_of_row(const shared_channel *c, const group *g, uint32_t m, int64_t o, uint32_t i) {
  switch (c->kind) {
  case ALPA_COLLECTIVE_ALL_GATHER:
    return g->from[i] + o * c->chunk_bytes;
  case ALPA_COLLECTIVE_ALL_TO_ALL:
    return g->from[i] + m * c->chunk_bytes;
  case ALPA_COLLECTIVE_PERMUTE:
    return g->members[m].source == ALPA_NO_INDEX ? NULL : g->from[g->members[m].source];
  case ALPA_COLLECTIVE_ALL_REDUCE:
  case ALPA_COLLECTIVE_REDUCE_SCATTER:
  case ALPA_COLLECTIVE_COUNT:
    break;
  }
  return NULL;
}

/* Rows are often a few elements: a copy of known size is a move or two. */
static inline void copy_row(char *to, const char *from, int64_t bytes) {
  if (!from)
    memset(to, 0, (size_t)bytes);
  else if (bytes == 16)
    memcpy(to, from, 16);
  else if (bytes == 32)
    memcpy(to, from, 32);
  else if (bytes == 64)
    memcpy(to, from, 64);
  else
    memcpy(to, from, (size_t)bytes);
}

static void move_part(const shared_channel *c, const group *g, part p) {
  if (p.begin == p.end)
    return;
  int64_t row = p.begin / c->chunk, o = row / g->n, first = p.begin % c->chunk;
  uint32_t i = (uint32_t)(row % g->n);
  for (int64_t at = p.begin, n; at < p.end; at += n, first = 0) {
    n = c->chunk - first < p.end - at ? c->chunk - first : p.end - at;
    const char *from = source_of_row(c, g, p.member, o, i);
    copy_row(g->to[p.member] + at * c->element_bytes, from ? from + first * c->element_bytes : NULL,
             n * c->element_bytes);
    o += i + 1 == g->n;
    i = i + 1 == g->n ? 0 : i + 1;
  }
}

static void reduce_part(const shared_channel *c, const group *g, part p) {
  if (p.begin == p.end)
    return;
  bool is_scatter = c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  int64_t row = p.begin / c->chunk, first = p.begin % c->chunk;
  for (int64_t at = p.begin, n; at < p.end; at += n, first = 0, row++) {
    n = c->chunk - first < p.end - at ? c->chunk - first : p.end - at;
    alpa_reduction_range range = {.n_from = g->n,
                                  .n_to = is_scatter ? 1 : g->n,
                                  .from = g->from_ascending,
                                  .to = is_scatter ? &g->to[p.member] : g->to,
                                  .from_offset = first * c->element_bytes,
                                  .to_offset = at * c->element_bytes,
                                  .n_elements = n};
    if (is_scatter)
      range.from_offset += (row * g->n + p.member) * c->chunk_bytes;
    alpa_reduction_loops_run(c->loops, c->reduction, &range);
  }
}

static int64_t elements_of_result(const shared_channel *c, uint32_t n) { return rows_of_result(c, n) * c->chunk; }

/* Ranges start at multiples of 64 elements. */
static int64_t range_start(int64_t n_elements, uint32_t i, uint32_t n_ranges) {
  int64_t start = n_elements / n_ranges * i + n_elements % n_ranges * i / n_ranges;
  return i == n_ranges ? n_elements : start / 64 * 64;
}

static void do_part(const shared_channel *c, const group *g, uint32_t i) {
  bool is_common = c->kind == ALPA_COLLECTIVE_ALL_REDUCE;
  uint32_t n_ranges = is_common ? g->n_parts : g->n_parts / g->n;
  int64_t n = elements_of_result(c, g->n);
  part p = {.member = is_common ? 0 : i / n_ranges,
            .begin = range_start(n, i % n_ranges, n_ranges),
            .end = range_start(n, i % n_ranges + 1, n_ranges)};
  if (c->loops)
    reduce_part(c, g, p);
  else
    move_part(c, g, p);
}

/* As many parts as pay: one range of all results, or at least one for every member's result. */
static void plan_parts(const shared_channel *c, group *g, uint32_t n_workers) {
  uint32_t n_results = c->kind == ALPA_COLLECTIVE_ALL_REDUCE ? 1 : g->n;
  int64_t bytes = elements_of_result(c, g->n) * c->element_bytes;
  int64_t n_ranges = bytes / PART_BYTES, most = PARTS_PER_WORKER * (int64_t)n_workers / n_results;
  n_ranges = n_ranges > most ? most : n_ranges;
  n_ranges = n_ranges < 1 ? 1 : n_ranges;
  g->n_parts = (uint32_t)n_ranges * n_results;
  g->is_inline = n_workers == 1 || g->n_parts == 1 || bytes <= INLINE_BYTES / g->n;
}

/* ---- transfers -------------------------------------------------------------------------------------------------- */

static void complete(group *g) { atomic_fetch_add(&g->n_complete, 1); }

static uint64_t arrive(alpa_channel *channel, uint32_t device, char *from, char *to) {
  shared_channel *c = (shared_channel *)channel;
  seat at = c->seats[device];
  group *g = at.group;
  uint64_t transfer = atomic_load_explicit(&g->n_complete, memory_order_relaxed);
  g->from[at.member] = g->from_ascending[g->members[at.member].rank] = from;
  g->to[at.member] = to;
  atomic_store_explicit(&g->members[at.member].n_arrivals, transfer + 1, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&g->n_arrived, 1, memory_order_acq_rel) + 1 < g->n)
    return transfer;
  atomic_store_explicit(&g->n_arrived, 0, memory_order_relaxed);
  if (g->is_inline) {
    for (uint32_t i = 0; i < g->n_parts; i++)
      do_part(c, g, i);
    complete(g);
  } else {
    alpa_share_open(&g->parts, g->n_parts);
  }
  return transfer;
}

static alpa_channel_state poll(const alpa_channel *channel, uint32_t device, uint64_t transfer) {
  const shared_channel *c = (const shared_channel *)channel;
  group *g = c->seats[device].group;
  if (atomic_load(&g->n_complete) != transfer)
    return ALPA_CHANNEL_COMPLETE;
  return alpa_share_has_parts(&g->parts) ? ALPA_CHANNEL_HAS_WORK : ALPA_CHANNEL_WAITING;
}

static bool work(alpa_channel *channel, uint32_t device) {
  shared_channel *c = (shared_channel *)channel;
  seat at = c->seats[device];
  uint32_t i;
  if (!alpa_share_take(&at.group->parts, at.member >= at.group->n / 2, &i))
    return false;
  do_part(c, at.group, i);
  if (alpa_share_finish(&at.group->parts))
    complete(at.group);
  return true;
}

static bool is_missing(const alpa_channel *channel, uint32_t device, uint32_t peer) {
  const shared_channel *c = (const shared_channel *)channel;
  seat at = c->seats[peer];
  if (at.group != c->seats[device].group)
    return false;
  return atomic_load(&at.group->members[at.member].n_arrivals) <= atomic_load(&at.group->n_complete);
}

static void reset(alpa_channel *channel) {
  shared_channel *c = (shared_channel *)channel;
  for (uint32_t i = 0; i < c->n_groups; i++) {
    group *g = &c->groups[i];
    atomic_store(&g->n_arrived, 0);
    atomic_store(&g->n_complete, 0);
    atomic_store(&g->parts.range, 0);
    for (uint32_t m = 0; m < g->n; m++)
      atomic_store(&g->members[m].n_arrivals, 0);
  }
}

static void destroy(alpa_channel *channel) { (void)channel; }

/* ---- creation --------------------------------------------------------------------------------------------------- */

static void init_group(alpa_arena *arena, group *g, uint32_t n) {
  g->n = n;
  g->members = alpa_arena_new(arena, member, n);
  g->from = alpa_arena_new(arena, const char *, n);
  g->from_ascending = alpa_arena_new(arena, const char *, n);
  g->to = alpa_arena_new(arena, char *, n);
  for (uint32_t m = 0; m < n; m++)
    g->members[m].source = ALPA_NO_INDEX;
}

static group *new_groups(alpa_arena *arena, uint32_t n) {
  group *groups = alpa_arena_alloc_aligned(arena, (n ? n : 1) * sizeof(group), CACHE_LINE);
  memset(groups, 0, n * sizeof(group));
  return groups;
}

static void sit(shared_channel *c, group *g, uint32_t m, uint32_t device) {
  g->members[m].device = device;
  c->seats[device] = (seat){g, m};
}

static void create_groups(alpa_arena *arena, shared_channel *c, const alpa_image_collective *collective) {
  c->n_groups = collective->n_groups;
  c->groups = new_groups(arena, c->n_groups);
  for (uint32_t i = 0; i < c->n_groups; i++) {
    init_group(arena, &c->groups[i], collective->group_size);
    for (uint32_t m = 0; m < collective->group_size; m++)
      sit(c, &c->groups[i], m, collective->groups[(size_t)i * collective->group_size + m]);
  }
}

static uint32_t root_of(uint32_t *parent, uint32_t device) {
  while (parent[device] != device)
    device = parent[device] = parent[parent[device]];
  return device;
}

/* Every device gets a seat: one without a source fills its result with zeros. */
static void create_components(alpa_arena *arena, shared_channel *c, const alpa_image_collective *collective,
                              uint32_t n_devices) {
  uint32_t *parent = alpa_arena_new(arena, uint32_t, n_devices), *sizes = alpa_arena_new(arena, uint32_t, n_devices);
  for (uint32_t d = 0; d < n_devices; d++)
    parent[d] = d;
  for (uint32_t i = 0; i < collective->n_groups; i++) {
    uint32_t a = root_of(parent, collective->groups[2 * i]), b = root_of(parent, collective->groups[2 * i + 1]);
    parent[a > b ? a : b] = a > b ? b : a;
  }
  for (uint32_t d = 0; d < n_devices; d++)
    c->n_groups += sizes[root_of(parent, d)]++ == 0;
  c->groups = new_groups(arena, c->n_groups);
  group **group_of = alpa_arena_new(arena, group *, n_devices);
  for (uint32_t d = 0, next = 0; d < n_devices; d++) {
    uint32_t root = root_of(parent, d);
    if (!group_of[root]) {
      group_of[root] = &c->groups[next++];
      init_group(arena, group_of[root], sizes[root]);
      sizes[root] = 0;
    }
    sit(c, group_of[root], sizes[root]++, d);
  }
  for (uint32_t i = 0; i < collective->n_groups; i++) {
    seat to = c->seats[collective->groups[2 * i + 1]];
    to.group->members[to.member].source = c->seats[collective->groups[2 * i]].member;
  }
}

static void rank_members(alpa_arena *arena, shared_channel *c, uint32_t n_devices) {
  uint32_t *n_before = alpa_arena_new(arena, uint32_t, c->n_groups);
  for (uint32_t d = 0; d < n_devices; d++) {
    seat at = c->seats[d];
    if (at.group)
      at.group->members[at.member].rank = n_before[at.group - c->groups]++;
  }
}

static alpa_status create(alpa_arena *arena, alpa_diag *diag, const alpa_channel_source *source,
                          alpa_channel **out_channel) {
  (void)diag;
  const alpa_image_collective *collective = source->collective;
  bool is_reducing =
      collective->kind == ALPA_COLLECTIVE_ALL_REDUCE || collective->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  shared_channel *c = alpa_arena_new(arena, shared_channel, 1);
  *c = (shared_channel){.base.vtable = &alpa_channel_host,
                        .kind = collective->kind,
                        .reduction = collective->reduction,
                        .loops = is_reducing ? alpa_reduction_loops_get(collective->dtype) : NULL,
                        .outer = collective->outer,
                        .chunk = collective->chunk,
                        .element_bytes = alpa_dtype_get_info(collective->dtype)->bytes};
  c->chunk_bytes = c->chunk * c->element_bytes;
  c->seats = alpa_arena_new(arena, seat, source->n_devices);
  if (c->kind == ALPA_COLLECTIVE_PERMUTE)
    create_components(arena, c, collective, source->n_devices);
  else
    create_groups(arena, c, collective);
  rank_members(arena, c, source->n_devices);
  for (uint32_t i = 0; i < c->n_groups; i++)
    plan_parts(c, &c->groups[i], source->n_workers);
  *out_channel = &c->base;
  return ALPA_OK;
}

const alpa_channel_vtable alpa_channel_host = {.name = "host",
                                               .create = create,
                                               .arrive = arrive,
                                               .poll = poll,
                                               .work = work,
                                               .is_missing = is_missing,
                                               .reset = reset,
                                               .destroy = destroy};
