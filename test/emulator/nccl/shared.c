/* Shared memory of emulated communicators: counters are mapped, operands read and written at offsets of a sparse file.
 */
#include "test/emulator/nccl/shared.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool shared_open(shared *s, const char *name) {
  snprintf(s->name, sizeof s->name, "/dev/shm/%s", name);
  s->file = open(s->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (s->file < 0 || ftruncate(s->file, (off_t)shared_mailbox(MOST_RANKS, 0)) != 0)
    return false;
  s->head = mmap(NULL, sizeof *s->head, PROT_READ | PROT_WRITE, MAP_SHARED, s->file, 0);
  if (s->head == MAP_FAILED)
    return false;
  atomic_fetch_add(&s->head->n_open, 1);
  return true;
}

void shared_unlink(const shared *s) { unlink(s->name); }

void shared_close(shared *s) {
  if (s->head)
    munmap(s->head, sizeof *s->head);
  if (s->file >= 0)
    close(s->file);
  s->head = NULL;
  s->file = -1;
}

static size_t slot(size_t number) {
  size_t head = (sizeof(shared_head) + 4095) / 4096 * 4096;
  return head + number * SLOT_BYTES;
}

/* Two for each rank: the next collective may begin while the last one is still read. */
size_t shared_slot(uint64_t collective, uint32_t rank) { return slot(collective % 2 * MOST_RANKS + rank); }

size_t shared_mailbox(uint32_t from, uint32_t to) { return slot((size_t)(2 + from) * MOST_RANKS + to); }

bool shared_write(const shared *s, size_t at, const void *data, size_t bytes) {
  return bytes <= SLOT_BYTES && pwrite(s->file, data, bytes, (off_t)at) == (ssize_t)bytes;
}

bool shared_read(const shared *s, size_t at, size_t offset, void *data, size_t bytes) {
  return offset + bytes <= SLOT_BYTES && pread(s->file, data, bytes, (off_t)(at + offset)) == (ssize_t)bytes;
}
