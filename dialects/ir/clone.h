/* Copying IR, within a module or from one to another of the same context. */
#ifndef ALPA_DIALECTS_IR_CLONE_H
#define ALPA_DIALECTS_IR_CLONE_H

#include "dialects/ir/op.h"
#include "support/hash.h"

/* From values to their copies; zeroed is empty. */
typedef struct alpa_value_map {
  alpa_arena *arena;
  alpa_map map;
} alpa_value_map;

void alpa_value_map_init(alpa_value_map *map, alpa_arena *arena);
void alpa_value_map_set(alpa_value_map *map, const alpa_value *from, alpa_value *to);
/* The copy, or the value itself where it has none. */
alpa_value *alpa_value_map_get(const alpa_value_map *map, alpa_value *from);

/* A detached copy with regions; operands go through the map, and results are added to it. */
alpa_op *alpa_op_clone(alpa_module *into, const alpa_op *op, alpa_value_map *map);
/* Copies the blocks of a region to the end of another. */
void alpa_region_clone(alpa_module *into, const alpa_region *from, alpa_region *to, alpa_value_map *map);
alpa_module *alpa_module_clone(const alpa_module *module);

#endif
