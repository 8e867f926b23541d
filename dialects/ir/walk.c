/* Walking: regions nest at most ALPA_MAX_NESTING deep, so recursion over them is bounded. */
#include "dialects/ir/walk.h"

static alpa_status walk_regions(alpa_op *op, alpa_visit_fn *visit, void *user, bool post) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_block *block = op->regions[r].first; block; block = block->next)
      for (alpa_op *inner = block->first, *next; inner; inner = next) {
        next = inner->next;
        ALPA_TRY(post ? alpa_op_walk_post(inner, visit, user) : alpa_op_walk(inner, visit, user));
      }
  return ALPA_OK;
}

alpa_status alpa_op_walk(alpa_op *root, alpa_visit_fn *visit, void *user) {
  alpa_block *block = root->block;
  ALPA_TRY(visit(user, root));
  if (block && !root->block)
    return ALPA_OK; /* the visitor erased it */
  return walk_regions(root, visit, user, false);
}

alpa_status alpa_op_walk_post(alpa_op *root, alpa_visit_fn *visit, void *user) {
  ALPA_TRY(walk_regions(root, visit, user, true));
  return visit(user, root);
}
