/* Equal kernels are compiled once: they are found by the structural hash of the fused op. */
#include <string.h>

#include "codegen/plan/plan.h"
#include "dialects/ir/fingerprint.h"
#include "dialects/kernel/kernel.h"

typedef struct collector {
  plan *plan;
  alpa_map by_hash; /* hash -> kernel number + 1 */
} collector;

static bool are_equal(plan *p, const alpa_op *a, const alpa_op *b) {
  alpa_str x = alpa_op_serialise(p->arena, a), y = alpa_op_serialise(p->arena, b);
  return x.size == y.size && !memcmp(x.data, y.data, x.size);
}

static uint32_t number_of(collector *c, alpa_op *op) {
  plan *p = c->plan;
  alpa_hash128 hash = alpa_op_fingerprint(op);
  for (uint64_t key = hash.low;; key++) {
    uint64_t *slot = alpa_map_insert(p->arena, &c->by_hash, key, NULL);
    if (*slot && !are_equal(p, p->kernels.items[*slot - 1].op, op))
      continue;
    if (!*slot) {
      const char *symbol = alpa_arena_printf(p->arena, "kernel_%zu", p->kernels.n);
      alpa_vec_push(p->arena, &p->kernels, (alpa_kernel_code){.op = op, .symbol = symbol});
      *slot = p->kernels.n;
    }
    return (uint32_t)*slot - 1;
  }
}

static void visit(collector *c, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next) {
    if (kernel_is(op, KERNEL_fused)) {
      *alpa_map_insert(c->plan->arena, &c->plan->kernel_of, (uintptr_t)op, NULL) = number_of(c, op) + 1;
      continue;
    }
    for (uint32_t r = 0; r < op->n_regions; r++)
      for (alpa_block *inner = op->regions[r].first; inner; inner = inner->next)
        visit(c, inner);
  }
}

void alpa_plan_collect_kernels(plan *p) {
  collector c = {.plan = p};
  visit(&c, p->func->regions[0].first);
}
