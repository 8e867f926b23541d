/* Addresses of threads to bytes of the host, with all checks on the way. */
#include "machine.h"

#include "bits.h"

#include <string.h>

void emu_addresses(const emu_warp *w, const emu_instr *i, uint32_t at, uint64_t addresses[EMU_LANES]) {
  uint64_t offset = (uint64_t)i->offset + (i->flags & EMU_FRAME ? w->path->frame->local_base : 0);
  if (i->flags & EMU_NARROW)
    for (int l = 0; l < EMU_LANES; l++)
      addresses[l] = (uint32_t)(EMU_ROW(uint32_t, at)[l] + (uint32_t)offset);
  else
    for (int l = 0; l < EMU_LANES; l++)
      addresses[l] = EMU_ROW(uint64_t, at)[l] + offset;
}

static const char *verb(emu_access access) {
  return access == EMU_READ ? "reads" : access == EMU_WRITE ? "writes" : "updates";
}

/* ---- global ---- */

static void report_global(emu_warp *warp, int lane, uint64_t address, uint32_t bytes, emu_access access) {
  emu_memory *memory = warp->cta->launch->find_memory(warp->cta->launch->self, address);
  emu_allocation near = memory ? emu_memory_near(memory, address) : (emu_allocation){0};
  if (near.bytes)
    emu_report(warp, lane, EMU_FOUND_OUT_OF_BOUNDS,
               "%s %u bytes at global 0x%llx, %lld bytes behind the start of an allocation of %zu at 0x%llx",
               verb(access), bytes, (unsigned long long)address, (long long)(address - near.address), near.bytes,
               (unsigned long long)near.address);
  else
    emu_report(warp, lane, EMU_FOUND_OUT_OF_BOUNDS, "%s %u bytes at 0x%llx, which is no address of global memory",
               verb(access), bytes, (unsigned long long)address);
}

static uint8_t *global_at(emu_warp *warp, int lane, uint64_t address, uint32_t bytes, emu_access access) {
  emu_launch *launch = warp->cta->launch;
  emu_memory *memory = launch->memory;
  if (address - (uint64_t)(uintptr_t)memory->base >= memory->size)
    memory = launch->find_memory(launch->self, address);
  if (!memory && launch->find_host(launch->self, address, bytes))
    return (uint8_t *)(uintptr_t)address;
  if (!memory || !emu_memory_is_allocated(memory, address, bytes)) {
    report_global(warp, lane, address, bytes, access);
    return NULL;
  }
  if (access & EMU_READ && launch->checks.uninitialised && !emu_memory_is_written(memory, address, bytes)) {
    emu_report(warp, lane, EMU_FOUND_UNINITIALISED, "%u bytes at global 0x%llx", bytes, (unsigned long long)address);
    return NULL;
  }
  if (access & EMU_WRITE)
    emu_memory_set_written(memory, address, bytes);
  return (uint8_t *)(uintptr_t)address;
}

uint8_t *emu_global_async(emu_warp *warp, uint64_t address, uint32_t bytes, emu_access access) {
  return global_at(warp, __builtin_ctz(warp->mask), address, bytes, access);
}

/* ---- shared ---- */

/* mapa puts the rank plus one above the offset; plain addresses are those of the own block. */
emu_cta *emu_shared_owner(emu_warp *warp, uint64_t address, uint32_t *out_offset) {
  uint32_t rank = (uint32_t)(address >> EMU_RANK_SHIFT) & 0xff;
  *out_offset = (uint32_t)address & ((1u << EMU_RANK_SHIFT) - 1);
  if (!rank)
    return warp->cta;
  emu_gang *gang = warp->cta->gang;
  return rank <= gang->n_ctas ? &gang->ctas[rank - 1] : NULL;
}

static uint8_t *shared_at(emu_warp *warp, int lane, emu_cta *cta, uint32_t offset, uint32_t bytes, emu_access access) {
  if (!cta || offset + (uint64_t)bytes > cta->shared_bytes) {
    emu_report(warp, lane, EMU_FOUND_OUT_OF_BOUNDS, "%s %u bytes at shared 0x%x of %u", verb(access), bytes, offset,
               cta ? cta->shared_bytes : 0);
    return NULL;
  }
  if (access & EMU_READ && cta->launch->checks.uninitialised && !emu_bits_all(cta->shared_written, offset, bytes)) {
    emu_report(warp, lane, EMU_FOUND_UNINITIALISED, "%u bytes at shared 0x%x", bytes, offset);
    return NULL;
  }
  if (access & EMU_WRITE) {
    emu_bits_set(cta->shared_written, offset, bytes, true);
    if (cta->n_bulk_reads)
      emu_bulk_reads_check(warp, lane, cta, offset, bytes);
  }
  return cta->shared + offset;
}

uint8_t *emu_shared_async(emu_warp *warp, emu_cta *cta, uint32_t offset, uint32_t bytes, emu_access access) {
  uint8_t *at = shared_at(warp, __builtin_ctz(warp->mask), cta, offset, bytes, access);
  if (at && cta->traces)
    emu_race_async(warp, cta, offset, bytes, access);
  return at;
}

static uint8_t *own_shared_at(emu_warp *warp, uint32_t lane, uint64_t address, uint32_t bytes, emu_access access) {
  uint32_t offset;
  emu_cta *cta = emu_shared_owner(warp, address, &offset);
  uint8_t *at = shared_at(warp, (int)lane, cta, offset, bytes, access);
  if (at && cta == warp->cta && cta->traces && (access == EMU_READ || access == EMU_WRITE))
    emu_race_access(warp, lane, offset, bytes, access);
  return at;
}

/* Whether a read by the warp tells nothing new: it has read the bytes since its last release and since the last write,
 * which was not its own. */
static bool is_known_read(const emu_warp *warp, uint32_t offset, uint32_t bytes) {
  uint32_t since = warp->seen[warp->index], mask = bytes < 4 ? ((1u << bytes) - 1) << (offset & 3) : 15;
  for (const emu_trace *trace = &warp->cta->traces[offset / 4], *end = trace + (bytes + 3) / 4; trace < end; trace++)
    if (!(trace->readers >> warp->index & 1) || trace->read_time <= since || (mask & ~(uint32_t)trace->read_bytes) ||
        trace->writer / EMU_LANES == warp->index)
      return false;
  return true;
}

const uint8_t *emu_shared_read(emu_warp *warp, uint32_t lane, uint64_t address, uint32_t bytes) {
  const emu_cta *cta = warp->cta;
  if (cta->traces && !(address & (bytes - 1)) && address + bytes <= cta->shared_bytes &&
      is_known_read(warp, (uint32_t)address, bytes))
    return cta->shared + address;
  return emu_at(warp, lane, EMU_SHARED, address, bytes, EMU_READ);
}

/* ---- local, parameters ---- */

static uint8_t *local_at(emu_warp *warp, uint32_t lane, uint64_t address, uint32_t bytes, emu_access access) {
  uint32_t size = warp->cta->local_bytes;
  if (address + bytes > size) {
    emu_report(warp, (int)lane, EMU_FOUND_OUT_OF_BOUNDS, "%s %u bytes at local 0x%llx of %u", verb(access), bytes,
               (unsigned long long)address, size);
    return NULL;
  }
  size_t at = (size_t)lane * size + address;
  if (access & EMU_WRITE) {
    emu_bits_set(warp->local_written, at, bytes, true);
  } else if (warp->cta->launch->checks.uninitialised && !emu_bits_all(warp->local_written, at, bytes)) {
    emu_report(warp, (int)lane, EMU_FOUND_UNINITIALISED, "%u bytes at local 0x%llx", bytes,
               (unsigned long long)address);
    return NULL;
  }
  return warp->local + at;
}

static uint8_t *parameter_at(emu_warp *warp, uint32_t lane, uint64_t address, uint32_t bytes, emu_access access) {
  const emu_launch *launch = warp->cta->launch;
  if (access == EMU_READ && address + bytes <= launch->function->parameter_bytes)
    return launch->parameters + address;
  emu_report(warp, (int)lane, EMU_FOUND_OUT_OF_BOUNDS, "%s %u bytes at parameter 0x%llx of %u", verb(access), bytes,
             (unsigned long long)address, launch->function->parameter_bytes);
  return NULL;
}

uint8_t *emu_at(emu_warp *warp, uint32_t lane, emu_space space, uint64_t address, uint32_t bytes, emu_access access) {
  if (address & (bytes - 1)) {
    emu_report(warp, (int)lane, EMU_FOUND_MISALIGNED, "%s %u bytes at 0x%llx", verb(access), bytes,
               (unsigned long long)address);
    return NULL;
  }
  uint64_t window = address & EMU_WINDOW_MASK, inside = address & ~EMU_WINDOW_MASK;
  if (space == EMU_GENERIC && window)
    space = window == EMU_SHARED_WINDOW  ? EMU_SHARED
            : window == EMU_LOCAL_WINDOW ? EMU_LOCAL
            : window == EMU_PARAM_WINDOW ? EMU_PARAM
                                         : EMU_GLOBAL;
  switch (space) {
  case EMU_SHARED:
    return own_shared_at(warp, lane, inside, bytes, access);
  case EMU_LOCAL:
    return local_at(warp, lane, inside, bytes, access);
  case EMU_PARAM:
    return parameter_at(warp, lane, inside, bytes, access);
  case EMU_GENERIC:
  case EMU_GLOBAL:
  case EMU_CONST:
  case EMU_REGISTERS:
    break;
  }
  return global_at(warp, (int)lane, address, bytes, access);
}
