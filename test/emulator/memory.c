/* Memory of a device: one range of addresses, which are those of the host, with a gap behind every allocation so that
 * going past its end is seen.  First fit. */
#include "machine.h"

#include "bits.h"

#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 512, GAP = 512 };

static uint64_t *map_bits(size_t size) {
  void *bits = mmap(NULL, size / 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return bits == MAP_FAILED ? NULL : bits;
}

void emu_memory_init(emu_memory *memory, void *base, size_t size) {
  memory->base = base;
  memory->size = size;
  memory->allocated = map_bits(size);
  memory->written = map_bits(size);
  pthread_mutex_init(&memory->mutex, NULL);
}

/* The first gap between allocations that is large enough. */
static size_t find_place(const emu_memory *memory, size_t bytes, size_t align, uint64_t *out_address) {
  uint64_t end = (uint64_t)(uintptr_t)memory->base + GAP;
  for (size_t k = 0; k <= memory->n_allocations; k++) {
    uint64_t limit =
        k < memory->n_allocations ? memory->allocations[k].address : (uint64_t)(uintptr_t)memory->base + memory->size;
    uint64_t address = (end + align - 1) / align * align;
    if (address + bytes + GAP <= limit) {
      *out_address = address;
      return k;
    }
    if (k < memory->n_allocations)
      end = limit + memory->allocations[k].bytes + GAP;
  }
  return SIZE_MAX;
}

bool emu_memory_alloc(emu_memory *memory, size_t bytes, size_t align, uint64_t *out_address) {
  if (!memory->allocated || !memory->written || bytes > memory->size - memory->used)
    return false;
  pthread_mutex_lock(&memory->mutex);
  size_t k = find_place(memory, bytes, align < ALIGNMENT ? ALIGNMENT : align, out_address);
  if (k != SIZE_MAX) {
    size_t n = memory->n_allocations++;
    memory->allocations = emu_realloc(memory->allocations, (n + 1) * sizeof(emu_allocation));
    memmove(&memory->allocations[k + 1], &memory->allocations[k], (n - k) * sizeof(emu_allocation));
    memory->allocations[k] = (emu_allocation){*out_address, bytes};
    memory->used += bytes;
    size_t offset = *out_address - (uint64_t)(uintptr_t)memory->base;
    emu_bits_set(memory->allocated, offset, bytes, true);
    emu_bits_set(memory->written, offset, bytes, false);
  }
  pthread_mutex_unlock(&memory->mutex);
  return k != SIZE_MAX;
}

bool emu_memory_free(emu_memory *memory, uint64_t address) {
  bool found = false;
  pthread_mutex_lock(&memory->mutex);
  for (size_t k = 0; k < memory->n_allocations && !found; k++) {
    if (memory->allocations[k].address != address)
      continue;
    found = true;
    emu_bits_set(memory->allocated, address - (uint64_t)(uintptr_t)memory->base, memory->allocations[k].bytes, false);
    memory->used -= memory->allocations[k].bytes;
    memory->n_allocations--;
    memmove(&memory->allocations[k], &memory->allocations[k + 1], (memory->n_allocations - k) * sizeof(emu_allocation));
  }
  pthread_mutex_unlock(&memory->mutex);
  return found;
}

bool emu_memory_is_allocated(const emu_memory *memory, uint64_t address, size_t bytes) {
  size_t offset = address - (uint64_t)(uintptr_t)memory->base;
  return offset < memory->size && bytes <= memory->size - offset && emu_bits_all(memory->allocated, offset, bytes);
}

bool emu_memory_is_written(const emu_memory *memory, uint64_t address, size_t bytes) {
  return emu_bits_all(memory->written, address - (uint64_t)(uintptr_t)memory->base, bytes);
}

void emu_memory_set_written(emu_memory *memory, uint64_t address, size_t bytes) {
  emu_bits_set(memory->written, address - (uint64_t)(uintptr_t)memory->base, bytes, true);
}

emu_allocation emu_memory_near(emu_memory *memory, uint64_t address) {
  emu_allocation near = {0};
  pthread_mutex_lock(&memory->mutex);
  for (size_t k = 0; k < memory->n_allocations; k++)
    if (memory->allocations[k].address <= address)
      near = memory->allocations[k];
  pthread_mutex_unlock(&memory->mutex);
  return near;
}
