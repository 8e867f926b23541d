/* The fusion of a module: every block of every function and of control flow inside it. */
#include "codegen/codegen.h"

#include "codegen/fuse/attention.h"
#include "codegen/fuse/prepare.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"

static alpa_status fuse_block_of(alpa_block *block, alpa_module *module, const alpa_fuse_options *options);

/* Regions of control flow hold programs; those of reduce, sort and the like are computations of elements. */
static alpa_status fuse_inside(alpa_op *op, const alpa_fuse_options *options) {
  if (alpa_fuse_class(op) != FUSE_CONTROL || kernel_is(op, KERNEL_fused) || (op->def->traits & ALPA_COLLECTIVE))
    return ALPA_OK;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next)
      ALPA_TRY(fuse_block_of(block, op->module, options));
  return ALPA_OK;
}

static fuse_block number_ops(alpa_arena *arena, alpa_block *block) {
  fuse_block state = {.arena = arena, .block = block};
  for (const alpa_op *op = block->first; op; op = op->next)
    state.n_ops++;
  state.ops = alpa_arena_new(arena, alpa_op *, state.n_ops);
  state.owner = alpa_arena_new(arena, fuse_group *, state.n_ops);
  state.clones = alpa_arena_new(arena, fuse_clone *, state.n_ops);
  state.kept = alpa_arena_new(arena, bool, state.n_ops);
  state.stamps = alpa_arena_new(arena, uint32_t, state.n_ops);
  uint32_t position = 0;
  for (alpa_op *op = block->first; op; op = op->next) {
    state.ops[position] = op;
    *alpa_map_insert(arena, &state.positions, (uintptr_t)op, NULL) = position++;
  }
  return state;
}

static alpa_status fuse_block_of(alpa_block *block, alpa_module *module, const alpa_fuse_options *options) {
  alpa_arena arena;
  alpa_fuse_prepare(block);
  for (alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(fuse_inside(op, options));
  alpa_arena_init(&arena, &module->ctx->memory);
  fuse_block state = number_ops(&arena, block);
  if (options->attention && alpa_fuse_shorten_attention(&state))
    state = number_ops(&arena, block);
  if (options->attention)
    alpa_fuse_form_attention(&state);
  alpa_status status = alpa_fuse_form(&state);
  if (status == ALPA_OK)
    alpa_fuse_extract(&state, module);
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_codegen_fuse(alpa_op *root, const alpa_fuse_options *options) {
  for (uint32_t r = 0; r < root->n_regions; r++)
    for (alpa_block *block = root->regions[r].first; block; block = block->next) {
      if (func_is(root, FUNC_func)) {
        ALPA_TRY(fuse_block_of(block, root->module, options));
        continue;
      }
      for (alpa_op *op = block->first; op; op = op->next)
        ALPA_TRY(alpa_codegen_fuse(op, options));
    }
  return ALPA_OK;
}
