/* Equal kernels are compiled once: they are found by the structural hash of the fused op. */
#include <string.h>

#include "codegen/plan/plan.h"
#include "dialects/ir/fingerprint.h"
#include "dialects/kernel/kernel.h"

static bool are_equal(plan *p, const alpa_op *a, const alpa_op *b) {
  alpa_str x = alpa_op_serialise(p->arena, a), y = alpa_op_serialise(p->arena, b);
  return x.size == y.size && !memcmp(x.data, y.data, x.size);
}

static uint32_t number_of(plan *p, alpa_op *op) {
  plan_kernels *kernels = p->kernels;
  alpa_hash128 hash = alpa_op_fingerprint(op);
  for (uint64_t key = hash.low;; key++) {
    uint64_t *slot = alpa_map_insert(p->arena, &kernels->by_hash, key, NULL);
    if (*slot && !are_equal(p, kernels->items.items[*slot - 1].op, op))
      continue;
    if (!*slot) {
      const char *symbol = alpa_arena_printf(p->arena, "kernel_%zu", kernels->items.n);
      alpa_vec_push(p->arena, &kernels->items, (alpa_kernel_code){.op = op, .symbol = symbol});
      *slot = kernels->items.n;
    }
    return (uint32_t)*slot - 1;
  }
}

static void visit(plan *p, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next) {
    if (kernel_is(op, KERNEL_fused)) {
      *alpa_map_insert(p->arena, &p->kernel_of, (uintptr_t)op, NULL) = number_of(p, op) + 1;
      continue;
    }
    for (uint32_t r = 0; r < op->n_regions; r++)
      for (alpa_block *inner = op->regions[r].first; inner; inner = inner->next)
        visit(p, inner);
  }
}

void alpa_plan_collect_kernels(plan *p) { visit(p, p->func->regions[0].first); }
