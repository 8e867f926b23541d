/* Reads bench/instances/resharding.json: transfers between the meshes of two sets of hosts. */
#ifndef ALPA_BENCH_RESHARDING_READ_H
#define ALPA_BENCH_RESHARDING_READ_H

#include "passes/transfer/transfer.h"

typedef struct resharding_case {
  const char *name;
  alpa_transfer_problem problem; /* the links are those of p3.8xlarge: four V100, 10 Gbit/s */
} resharding_case;

typedef struct resharding_cases {
  resharding_case *items;
  size_t n;
} resharding_cases;

/* In `arena`; false where the file cannot be read. */
bool resharding_read(const char *path, alpa_arena *arena, resharding_cases *out_cases);

#endif
