/* Modules and symbols. */
#include "dialects/ir/op.h"

#include <string.h>

#include "dialects/builtin/builtin.h"
#include "dialects/ir/context.h"

alpa_module *alpa_module_create(alpa_context *ctx, const alpa_loc *loc) {
  alpa_arena arena;
  alpa_arena_init(&arena, &ctx->memory);
  alpa_module *module = alpa_arena_new(&arena, alpa_module, 1);
  module->ctx = ctx;
  alpa_arena_move(&module->arena, &arena);
  alpa_op_state state = {.def = &alpa_builtin_ops[BUILTIN_module], .loc = loc, .n_regions = 1};
  module->op = alpa_op_create(module, &state);
  alpa_block_append(&module->op->regions[0], alpa_block_create(module));
  return module;
}

void alpa_module_destroy(alpa_module *module) {
  if (module)
    alpa_arena_deinit(&module->arena);
}

const char *alpa_symbol_name(const alpa_op *op) {
  const alpa_attr *name = alpa_op_has(op, ALPA_SYMBOL) ? alpa_op_find_attr(op, "sym_name") : NULL;
  return name ? name->string.data : NULL;
}

alpa_op *alpa_symbol_find(const alpa_op *table, const char *name) {
  for (alpa_block *block = table->regions[0].first; block; block = block->next)
    for (alpa_op *op = block->first; op; op = op->next) {
      const char *symbol = alpa_symbol_name(op);
      if (symbol && strcmp(symbol, name) == 0)
        return op;
    }
  return NULL;
}
