/* Races in shared memory, by the order that synchronisation makes (vector clocks; Flanagan and Freund, "FastTrack",
 * PLDI 2009, simplified).
 *
 * Time is one counter per block, which every release advances.  An actor (a warp, or the asynchronous copies as one)
 * knows of each other actor the time of its last release that it has acquired: `seen`.  An access of actor A at time t
 * is ordered before one of B when B has seen a release of A after t.  Of the readers since the last write all are kept,
 * but only the time of the first, so that a race with a later reader can be missed, but none is invented.  Threads of
 * one warp are ordered by bar.warp.sync and what includes it. */
#include "machine.h"

#include <string.h>

static void join(uint32_t into[EMU_ACTORS], const uint32_t from[EMU_ACTORS]) {
  for (int k = 0; k < EMU_ACTORS; k++)
    into[k] = into[k] > from[k] ? into[k] : from[k];
}

void emu_release(emu_warp *warp, uint32_t into[EMU_ACTORS]) {
  warp->seen[warp->index] = warp->cta->time++;
  join(into, warp->seen);
}

void emu_acquire(emu_warp *warp, const uint32_t from[EMU_ACTORS]) {
  join(warp->seen, from);
  warp->warp_sync = warp->cta->time;
}

/* Atomics and accesses with an order of their own: as if all of a block went through one lock. */
void emu_order_atomic(emu_warp *warp) {
  emu_acquire(warp, warp->cta->atomic_seen);
  emu_release(warp, warp->cta->atomic_seen);
}

/* Whether what the thread did at that time is ordered before what `warp` does now in `lane`. */
static bool is_before(const emu_warp *warp, uint32_t thread, uint32_t lane, uint32_t time) {
  if (thread == EMU_ASYNC_WRITER)
    return warp->seen[EMU_ASYNC] >= time;
  if (thread / EMU_LANES == warp->index)
    return thread % EMU_LANES == lane || warp->warp_sync > time;
  return warp->seen[thread / EMU_LANES] >= time;
}

static bool readers_are_before(const emu_warp *warp, const emu_trace *trace) {
  for (uint32_t left = trace->readers & ~(1u << warp->index); left; left &= left - 1)
    if (warp->seen[__builtin_ctz(left)] < trace->read_time)
      return false;
  return true;
}

static void report(emu_warp *warp, int lane, const char *what, uint32_t offset, uint32_t thread) {
  if (thread == EMU_ASYNC_WRITER)
    emu_report(warp, lane, EMU_FOUND_RACE, "%s shared address 0x%x, which an asynchronous copy writes without an order",
               what, offset);
  else
    emu_report(warp, lane, EMU_FOUND_RACE, "%s shared address 0x%x without an order against thread %u", what, offset,
               thread);
}

static void note_read(emu_warp *warp, emu_trace *trace, uint32_t bytes) {
  /* Nothing can have been ordered before that happened after the last time the warp learned of others. */
  bool recent = trace->read_time >= warp->warp_sync;
  if (!trace->readers || (!recent && readers_are_before(warp, trace))) {
    trace->readers = 1u << warp->index;
    trace->read_time = warp->cta->time;
    trace->read_bytes = (uint8_t)bytes;
    return;
  }
  trace->readers |= 1u << warp->index;
  trace->read_bytes = (uint8_t)(trace->read_bytes | bytes);
}

static void note_write(emu_trace *trace, uint32_t time, uint32_t writer, uint32_t bytes) {
  *trace = (emu_trace){.write_time = time, .writer = (uint16_t)writer, .write_bytes = (uint8_t)bytes};
}

static bool check(emu_warp *warp, int lane, const emu_trace *trace, uint32_t offset, uint32_t bytes, bool write) {
  if ((trace->write_bytes & bytes) && !is_before(warp, trace->writer, (uint32_t)lane, trace->write_time)) {
    report(warp, lane, write ? "writes" : "reads", offset, trace->writer);
    return false;
  }
  if (write && (trace->read_bytes & bytes) && !readers_are_before(warp, trace)) {
    uint32_t reader = (uint32_t)__builtin_ctz(trace->readers & ~(1u << warp->index)) * EMU_LANES;
    report(warp, lane, "writes", offset, reader);
    return false;
  }
  return true;
}

void emu_race_access(emu_warp *warp, uint32_t lane, uint32_t offset, uint32_t bytes, emu_access access) {
  emu_cta *cta = warp->cta;
  for (uint32_t at = offset & ~3u; at < offset + bytes; at += 4) {
    emu_trace *trace = &cta->traces[at / 4];
    uint32_t from = at < offset ? offset - at : 0, to = offset + bytes - at < 4 ? offset + bytes - at : 4;
    uint32_t mask = (1u << to) - (1u << from);
    if (!check(warp, (int)lane, trace, at + from, mask, access == EMU_WRITE))
      return;
    if (access == EMU_WRITE)
      note_write(trace, cta->time, emu_thread(warp, lane), mask);
    else
      note_read(warp, trace, mask);
  }
}

/* Threads that wrote must have fenced before the asynchronous proxy reads. */
static bool is_fenced(const emu_cta *cta, const emu_trace *trace) {
  return !trace->write_bytes || trace->writer == EMU_ASYNC_WRITER ||
         cta->warps[trace->writer / EMU_LANES].fenced[trace->writer % EMU_LANES] > trace->write_time;
}

/* What the asynchronous proxy does on behalf of a warp is ordered after what the warp has seen. */
void emu_race_async(emu_warp *warp, emu_cta *cta, uint32_t offset, uint32_t bytes, emu_access access) {
  int lane = __builtin_ctz(warp->mask);
  bool own = cta == warp->cta;
  for (uint32_t at = offset & ~3u; at < offset + bytes; at += 4) {
    emu_trace *trace = &cta->traces[at / 4];
    if (own && access == EMU_READ && !is_fenced(cta, trace)) {
      emu_report(warp, lane, EMU_FOUND_RACE,
                 "reads shared address 0x%x asynchronously; thread %u wrote it without fence.proxy.async", at,
                 trace->writer);
      return;
    }
    bool within_warp = trace->writer != EMU_ASYNC_WRITER && trace->writer / EMU_LANES == warp->index;
    uint32_t as = within_warp ? trace->writer % EMU_LANES : (uint32_t)lane;
    if (own && !check(warp, (int)as, trace, at, 15, access == EMU_WRITE))
      return;
    if (access == EMU_WRITE)
      note_write(trace, cta->time, EMU_ASYNC_WRITER, 15);
    else if (own)
      note_read(warp, trace, 15);
  }
}
