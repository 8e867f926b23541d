/* Blocks and regions, and the dense numbering of what is in them. */
#include "dialects/ir/op.h"

#include <assert.h>

alpa_block *alpa_block_create(alpa_module *module) { return alpa_arena_new(&module->arena, alpa_block, 1); }

void alpa_block_append(alpa_region *region, alpa_block *block) {
  block->region = region;
  block->previous = region->last;
  block->next = NULL;
  *(region->last ? &region->last->next : &region->first) = block;
  region->last = block;
}

alpa_value *alpa_block_add_arg(alpa_block *block, alpa_module *module, const alpa_type *type, const alpa_loc *loc) {
  alpa_value *arg = alpa_arena_new(&module->arena, alpa_value, 1);
  *arg = (alpa_value){.type = type, .block = block, .index = block->n_args, .loc = loc};
  size_t cap = block->args_cap;
  block->args = alpa_arena_grow(&module->arena, block->args, block->n_args, &cap, block->n_args + 1u, sizeof arg);
  block->args_cap = (uint32_t)cap;
  block->args[block->n_args++] = arg;
  return arg;
}

void alpa_block_erase_arg(alpa_block *block, uint32_t index) {
  assert(!block->args[index]->uses);
  block->n_args--;
  for (uint32_t i = index; i < block->n_args; i++) {
    block->args[i] = block->args[i + 1];
    block->args[i]->index = i;
  }
}

void alpa_region_take(alpa_region *to, alpa_region *from) {
  alpa_block *block = from->first;
  from->first = from->last = NULL;
  while (block) {
    alpa_block *next = block->next;
    alpa_block_append(to, block);
    block = next;
  }
}

typedef struct numbering {
  uint32_t ops, values;
} numbering;

/* Regions nest at most ALPA_MAX_NESTING deep, so this recursion is bounded. */
static void number(numbering *next, alpa_op *op) {
  op->number = next->ops++;
  for (uint32_t i = 0; i < op->n_results; i++)
    op->results[i].number = next->values++;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next) {
      for (uint32_t i = 0; i < block->n_args; i++)
        block->args[i]->number = next->values++;
      for (alpa_op *inner = block->first; inner; inner = inner->next)
        number(next, inner);
    }
}

void alpa_op_number(alpa_op *root, uint32_t *out_ops, uint32_t *out_values) {
  numbering next = {0};
  number(&next, root);
  if (out_ops)
    *out_ops = next.ops;
  if (out_values)
    *out_values = next.values;
}
