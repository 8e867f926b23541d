/* Copying ops and regions.  Types, attributes and locations are interned in the context and shared. */
#include "dialects/ir/clone.h"

void alpa_value_map_init(alpa_value_map *map, alpa_arena *arena) { *map = (alpa_value_map){.arena = arena}; }

void alpa_value_map_set(alpa_value_map *map, const alpa_value *from, alpa_value *to) {
  alpa_map_set_pointer(map->arena, &map->map, from, to);
}

alpa_value *alpa_value_map_get(const alpa_value_map *map, alpa_value *from) {
  alpa_value *to = alpa_map_get_pointer(&map->map, from);
  return to ? to : from;
}

static void clone_block_head(alpa_module *into, const alpa_block *from, alpa_block *to, alpa_value_map *map) {
  for (uint32_t i = 0; i < from->n_args; i++) {
    const alpa_value *arg = from->args[i];
    alpa_value *copy = alpa_block_add_arg(to, into, arg->type, arg->loc);
    copy->name = arg->name;
    alpa_value_map_set(map, arg, copy);
  }
}

/* Successors point at blocks of the same region, so the copies of all blocks are made before any op. */
void alpa_region_clone(alpa_module *into, const alpa_region *from, alpa_region *to, alpa_value_map *map) {
  alpa_map blocks = {0};
  for (alpa_block *block = from->first; block; block = block->next) {
    alpa_block *copy = alpa_block_create(into);
    alpa_block_append(to, copy);
    clone_block_head(into, block, copy, map);
    alpa_map_set_pointer(map->arena, &blocks, block, copy);
  }
  for (alpa_block *block = from->first; block; block = block->next) {
    alpa_block *copy = alpa_map_get_pointer(&blocks, block);
    for (alpa_op *op = block->first; op; op = op->next) {
      alpa_op *cloned = alpa_op_clone(into, op, map);
      for (uint32_t i = 0; i < op->n_successors; i++)
        cloned->successors[i] = alpa_map_get_pointer(&blocks, op->successors[i]);
      alpa_op_insert(cloned, copy, NULL);
    }
  }
}

alpa_op *alpa_op_clone(alpa_module *into, const alpa_op *op, alpa_value_map *map) {
  alpa_value **operands = alpa_arena_new(map->arena, alpa_value *, op->n_operands);
  const alpa_type **results = alpa_arena_new(map->arena, const alpa_type *, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_value_map_get(map, op->operands[i].value);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = op->results[i].type;
  alpa_op_state state = {.def = op->def,
                         .loc = op->loc,
                         .operands = operands,
                         .n_operands = op->n_operands,
                         .results = results,
                         .n_results = op->n_results,
                         .attrs = op->attrs,
                         .extra = op->extra,
                         .successors = op->successors,
                         .n_successors = op->n_successors,
                         .n_regions = op->n_regions};
  alpa_op *copy = alpa_op_create(into, &state);
  copy->properties = op->properties;
  for (uint32_t i = 0; i < op->n_results; i++) {
    copy->results[i].name = op->results[i].name;
    alpa_value_map_set(map, &op->results[i], &copy->results[i]);
  }
  for (uint32_t i = 0; i < op->n_regions; i++)
    alpa_region_clone(into, &op->regions[i], &copy->regions[i], map);
  return copy;
}

alpa_module *alpa_module_clone(const alpa_module *module) {
  alpa_module *copy = alpa_module_create(module->ctx, module->op->loc);
  alpa_arena scratch;
  alpa_arena_init(&scratch, module->arena.memory);
  alpa_value_map map;
  alpa_value_map_init(&map, &scratch);
  copy->op = alpa_op_clone(copy, module->op, &map);
  alpa_arena_deinit(&scratch);
  return copy;
}
