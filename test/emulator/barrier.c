/* Barriers of blocks, warps and clusters, fences (PTX ISA 8.x, 9.7.12.1 to 9.7.12.4). */
#include "decode.h"

#include <string.h>

/* ---- bar, barrier ---- */

enum bar_kind { BAR_SYNC, BAR_ARRIVE, BAR_RED };
enum bar_red { RED_POPC, RED_AND, RED_OR };

static uint32_t live_threads(const emu_cta *cta) {
  uint32_t n = 0;
  for (uint32_t k = 0; k < cta->n_warps; k++)
    n += (uint32_t)__builtin_popcount(cta->warps[k].live);
  return n;
}

/* Writes what the reduction gave to the threads of a path that waited. */
static void give_votes(emu_warp *w, const emu_path *path, const emu_barrier *barrier, const emu_instr *i) {
  bool truth = i->choice2 == RED_AND ? barrier->votes == barrier->arrived : barrier->votes != 0;
  uint8_t *row = path->frame->rows + i->at[0];
  if (i->choice2 != RED_POPC) {
    uint32_t *p = (uint32_t *)(void *)row;
    *p = (*p & ~path->mask) | (truth ? path->mask : 0);
    return;
  }
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (path->mask >> l & 1)
      memcpy(row + 4 * l, &barrier->votes, 4);
  (void)w;
}

static void complete(emu_cta *cta, uint32_t number) {
  emu_barrier *barrier = &cta->barriers[number];
  for (uint32_t k = 0; k < cta->n_warps; k++) {
    emu_warp *warp = &cta->warps[k];
    for (uint32_t p = 0; p < warp->n_paths; p++) {
      emu_path *path = &warp->paths[p];
      if (path->wait != EMU_WAITS_BARRIER || path->barrier != number)
        continue;
      const emu_instr *instr = &path->frame->function->code[path->at - 1];
      if (instr->choice == BAR_RED)
        give_votes(warp, path, barrier, instr);
      emu_acquire(warp, barrier->seen);
      emu_wake(warp, path);
    }
  }
  memset(barrier, 0, sizeof *barrier);
}

/* Barriers that wait for all threads may be complete when some have ended. */
static bool is_complete(const emu_cta *cta, const emu_barrier *barrier) {
  uint32_t expected = barrier->expected ? barrier->expected : live_threads(cta);
  return barrier->arrived >= expected;
}

void emu_barriers_poll(emu_cta *cta) {
  for (uint32_t k = 0; k < EMU_MAX_BARRIERS; k++)
    if (cta->barriers[k].arrived && is_complete(cta, &cta->barriers[k]))
      complete(cta, k);
}

static bool check_bar(emu_warp *w, const emu_instr *i, uint32_t number, uint32_t expected) {
  int lane = __builtin_ctz(w->mask);
  if (number >= EMU_MAX_BARRIERS || expected % EMU_LANES || expected > 1024) {
    emu_report(w, lane, EMU_FOUND_MISUSE, "barrier %u for %u threads", number, expected);
    return false;
  }
  if (i->flags & EMU_ALIGNED && w->mask != w->live && !w->released) {
    emu_report(w, lane, EMU_FOUND_DIVERGENT, "threads 0x%08x of the warp are at the barrier, 0x%08x are alive", w->mask,
               w->live);
    return false;
  }
  uint32_t before = w->cta->barriers[number].expected;
  if (w->cta->barriers[number].arrived && before != expected) {
    emu_report(w, lane, EMU_FOUND_DIVERGENT, "barrier %u is for %u threads here and for %u elsewhere", number, expected,
               before);
    return false;
  }
  return true;
}

static void run_bar(emu_warp *w, const emu_instr *i) {
  uint32_t lane = (uint32_t)__builtin_ctz(w->mask);
  uint32_t number = EMU_ROW(uint32_t, 1)[lane], expected = EMU_ROW(uint32_t, 2)[lane];
  if (!check_bar(w, i, number, expected))
    return;
  emu_barrier *barrier = &w->cta->barriers[number];
  barrier->expected = expected;
  barrier->arrived += (uint32_t)__builtin_popcount(w->mask);
  if (i->choice == BAR_RED) {
    uint32_t p = *EMU_ROW(uint32_t, 3);
    barrier->votes += (uint32_t)__builtin_popcount((i->flags & EMU_NEGATE ? ~p : p) & w->mask);
  }
  emu_release(w, barrier->seen);
  w->cta->gang->version++;
  if (i->choice != BAR_ARRIVE) {
    w->path->barrier = number;
    emu_block(w, EMU_WAITS_BARRIER);
  }
  if (is_complete(w->cta, barrier))
    complete(w->cta, number);
}

/* ---- bar.warp.sync ---- */

static uint32_t waiting_in_warp(const emu_warp *w) {
  uint32_t mask = 0;
  for (uint32_t p = 0; p < w->n_paths; p++)
    mask |= w->paths[p].wait == EMU_WAITS_WARP ? w->paths[p].mask : 0;
  return mask;
}

static void run_warp_sync(emu_warp *w, const emu_instr *i) {
  uint32_t lane = (uint32_t)__builtin_ctz(w->mask), members = EMU_ROW(uint32_t, 1)[lane] & w->live;
  w->cta->time++;
  w->warp_sync = w->cta->time;
  if (!(members & ~w->mask))
    return;
  w->path->wait_mask = members;
  emu_block(w, EMU_WAITS_WARP);
  uint32_t here = waiting_in_warp(w);
  for (uint32_t p = 0; p < w->n_paths; p++)
    if (w->paths[p].wait == EMU_WAITS_WARP && !(w->paths[p].wait_mask & w->live & ~here))
      emu_wake(w, &w->paths[p]);
}

/* ---- barrier.cluster ---- */

static void run_cluster_arrive(emu_warp *w, const emu_instr *i) {
  (void)i;
  w->cta->cluster_arrived += (uint32_t)__builtin_popcount(w->mask);
  emu_release(w, w->cta->cluster_seen);
  w->cta->gang->version++;
}

static bool cluster_is_complete(const emu_cta *cta) {
  const emu_gang *gang = cta->gang;
  const emu_cta *first = gang->ctas;
  for (uint32_t k = 0; k < gang->n_ctas; k++) {
    uint32_t needed = (first[k].cluster_phase + 1) * first[k].n_threads,
             gone = first[k].n_threads - live_threads(&first[k]);
    if (first[k].cluster_phase <= cta->cluster_phase && first[k].cluster_arrived + gone < needed)
      return false;
  }
  return true;
}

/* A block leaves its phase when all of its threads may leave; the arrivals are counted over all phases. */
static void run_cluster_wait(emu_warp *w, const emu_instr *i) {
  (void)i;
  emu_cta *cta = w->cta;
  if (!cluster_is_complete(cta)) {
    w->path->at--;
    w->polls = w->leaves = true;
    return;
  }
  emu_acquire(w, cta->cluster_seen);
  cta->cluster_left += (uint32_t)__builtin_popcount(w->mask);
  if (cta->cluster_left >= live_threads(cta)) {
    cta->cluster_left = 0;
    cta->cluster_phase++;
  }
  cta->gang->version++;
}

static void decode_cluster(emu_reader *reader) {
  static const char *const ignored[] = {"acquire", "release", "relaxed", "aligned"};
  bool arrive = emu_has(reader, "arrive");
  emu_has(reader, "wait");
  for (size_t k = 0; k < countof(ignored); k++)
    emu_has(reader, ignored[k]);
  emu_append(reader, arrive ? run_cluster_arrive : run_cluster_wait);
}

/* ---- decoding ---- */

static void decode_warp_sync(emu_reader *reader) {
  emu_has(reader, "sync");
  uint32_t row = emu_row(reader, emu_operand_at(reader, 0), EMU_B32);
  emu_append(reader, run_warp_sync)->at[1] = row;
}

static void decode_bar_red(emu_reader *reader, emu_instr *instr, uint32_t n) {
  static const char *const names[] = {"popc", "and", "or", NULL};
  int kind = emu_choice(reader, names);
  if (kind < 0)
    emu_fail(reader, "bar.red lacks an operation");
  const emu_operand *predicate = emu_operand_at(reader, n - 1);
  instr->choice2 = (uint8_t)kind;
  instr->at[0] = emu_row(reader, emu_operand_at(reader, 0), kind == RED_POPC ? EMU_B32 : EMU_PRED);
  instr->at[3] = emu_predicate(reader, predicate);
  instr->flags |= predicate->not ? EMU_NEGATE : 0u;
}

/* bar.sync a{, b}; bar.arrive a, b; bar.red.op d, a{, b}, p. */
void emu_decode_bar(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  if (emu_has(reader, "warp")) {
    decode_warp_sync(reader);
    return;
  }
  if (emu_has(reader, "cluster")) {
    decode_cluster(reader);
    return;
  }
  bool old = emu_word_is(statement->base, "bar"), red = emu_has(reader, "red"), arrive = emu_has(reader, "arrive");
  bool aligned = emu_has(reader, "aligned");
  emu_has(reader, "sync");
  emu_has(reader, "cta");
  uint32_t n = statement->n_operands, first = red ? 1 : 0, last = red ? n - 1 : n;
  emu_expect_operands(reader, first + 1, 4);
  uint32_t number = emu_row(reader, emu_operand_at(reader, first), EMU_B32);
  uint32_t expected =
      last - first > 1 ? emu_row(reader, emu_operand_at(reader, first + 1), EMU_B32) : emu_constant_row(reader, 4, 0);
  emu_instr *instr = emu_append(reader, run_bar);
  instr->at[1] = number;
  instr->at[2] = expected;
  instr->choice = red ? BAR_RED : arrive ? BAR_ARRIVE : BAR_SYNC;
  instr->flags = old || aligned ? EMU_ALIGNED : 0;
  if (red)
    decode_bar_red(reader, instr, n);
}

/* ---- fences ---- */

static void run_fence(emu_warp *w, const emu_instr *i) {
  if (!i->choice) {
    emu_order_atomic(w);
    return;
  }
  uint32_t time = ++w->cta->time;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      w->fenced[l] = time;
}

void emu_decode_fence(emu_reader *reader) {
  static const char *const scopes[] = {"cta",
                                       "cluster",
                                       "gpu",
                                       "sys",
                                       "gl",
                                       "sc",
                                       "acq_rel",
                                       "acquire",
                                       "release",
                                       "mbarrier_init",
                                       "alias",
                                       "async",
                                       "async.global",
                                       "async.shared::cta",
                                       "tensormap::generic",
                                       "shared::cta",
                                       "shared::cluster",
                                       "global",
                                       "async::generic",
                                       "sync_restrict::shared::cta",
                                       "sync_restrict::shared::cluster"};
  bool proxy = emu_has(reader, "proxy") && emu_has(reader, "async");
  for (size_t k = 0; k < countof(scopes); k++)
    emu_has(reader, scopes[k]);
  if (reader->statement.n_operands)
    reader->statement.used = UINT32_MAX; /* fence.proxy.tensormap: the map is read anew by every copy */
  emu_append(reader, run_fence)->choice = proxy;
}

static void run_setmaxnreg(emu_warp *w, const emu_instr *i) {
  if (i->offset < 24 || i->offset > 256 || i->offset % 8)
    emu_report(w, EMU_ALL, EMU_FOUND_MISUSE, "setmaxnreg takes 24 to 256 in steps of 8, not %lld",
               (long long)i->offset);
  else if (w->mask != w->live)
    emu_report(w, EMU_ALL, EMU_FOUND_DIVERGENT, "setmaxnreg with threads 0x%08x of 0x%08x", w->mask, w->live);
}

void emu_decode_setmaxnreg(emu_reader *reader) {
  emu_expect_operands(reader, 1, 1);
  reader->statement.used = UINT32_MAX;
  int64_t n = emu_integer(reader, emu_operand_at(reader, 0));
  emu_append(reader, run_setmaxnreg)->offset = n;
}
