/* How close are planned transfers between meshes to what the network allows?
 *
 * The 16 micro-benchmarks of Zhuang et al. (MLSys 2023) on p3.8xlarge hosts (10 Gbit/s each): the planned time beside
 * the lower bound, and beside sending every destination device its piece by itself, as plain sends and receives do.
 * Usage: resharding [CASES] */
#include <stdio.h>
#include <time.h>

#include "bench/resharding_read.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void print_case(alpa_arena *arena, const resharding_case *item) {
  alpa_transfer_plan plan, direct;
  alpa_transfer_problem alone = item->problem;
  alone.is_direct = true;
  double begin = now();
  alpa_transfer_plan_build(arena, &item->problem, &plan);
  double took = now() - begin;
  alpa_transfer_plan_build(arena, &alone, &direct);
  printf("%-9s %8.1f ms %8.1f ms %6.3f %9.1f ms %6.2f %6u %9.1f ms\n", item->name, plan.bound_s * 1e3,
         plan.makespan_s * 1e3, plan.makespan_s / plan.bound_s, direct.makespan_s * 1e3,
         direct.makespan_s / plan.makespan_s, plan.n_copies, took * 1e3);
}

int main(int argc, char **argv) {
  alpa_memory memory;
  alpa_arena arena = {0};
  resharding_cases cases;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  const char *path = argc > 1 ? argv[1] : "bench/instances/resharding.json";
  if (!resharding_read(path, &arena, &cases)) {
    fprintf(stderr, "%s: cannot be read\n", path);
    return 1;
  }
  printf("%-9s %11s %11s %6s %12s %6s %6s %12s\n", "case", "bound", "planned", "ratio", "one by one", "ratio", "copies",
         "planning");
  for (size_t i = 0; i < cases.n; i++)
    print_case(&arena, &cases.items[i]);
  alpa_arena_deinit(&arena);
  return 0;
}
