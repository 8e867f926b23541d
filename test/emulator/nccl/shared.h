/* What the ranks of an emulated communicator share: a file in memory that threads and processes map alike. */
#ifndef ALPA_TEST_EMULATOR_NCCL_SHARED_H
#define ALPA_TEST_EMULATOR_NCCL_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_RANKS = 64, MOST_SPLITS = 64, SLOT_BYTES = 16 << 20 };

typedef struct shared_rank {
  _Atomic uint32_t n_splits;              /* announced */
  _Atomic uint64_t n_arrived, n_consumed; /* collectives */
  _Atomic bool is_lost;
  int colors[MOST_SPLITS], keys[MOST_SPLITS];
} shared_rank;

/* The head of the file; behind it, a slot of bytes for every operand. */
typedef struct shared_head {
  _Atomic uint32_t n_open; /* ranks that have the file */
  shared_rank ranks[MOST_RANKS];
  _Atomic uint64_t n_sent[MOST_RANKS][MOST_RANKS], n_received[MOST_RANKS][MOST_RANKS]; /* from, to */
} shared_head;

typedef struct shared {
  char name[192];
  int file;
  shared_head *head;
} shared;

/* Opens or makes the file of that name. */
bool shared_open(shared *s, const char *name);
void shared_close(shared *s);
/* The file's name is not needed any more: everybody has it. */
void shared_unlink(const shared *s);

/* Slots: of a rank's operand in collective number `collective`, and of a message. */
size_t shared_slot(uint64_t collective, uint32_t rank);
size_t shared_mailbox(uint32_t from, uint32_t to);
bool shared_write(const shared *s, size_t slot, const void *data, size_t bytes);
bool shared_read(const shared *s, size_t slot, size_t offset, void *data, size_t bytes);

#endif
