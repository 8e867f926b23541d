/* insert-collectives: from a program on whole tensors with shardings to the program that each device runs.
 *
 * First every change of state becomes an sdy.reshard (partition/reshards.h), then the function is rebuilt on shards
 * (partition/partition.h).  The result is plain StableHLO with StableHLO collectives; arguments and results of the
 * function keep sdy.sharding beside alpa.global_type, so that a runtime can scatter and gather them, and the mesh stays
 * declared.  Linear in the number of ops. */
#include "dialects/func/func.h"
#include "passes/partition/partition.h"
#include "passes/partition/reshards.h"
#include "passes/pass.h"

enum { RESHARDS, ALL_REDUCES, ALL_GATHERS, REDUCE_SCATTERS, ALL_TO_ALLS, PERMUTES, SLICES, MASKS };

static const alpa_statistic_def statistics[] = {
    [RESHARDS] = {"reshards", "changes of state that the annotations left implicit"},
    [ALL_REDUCES] = {"all-reduces", "all-reduces built"},
    [ALL_GATHERS] = {"all-gathers", "all-gathers built"},
    [REDUCE_SCATTERS] = {"reduce-scatters", "reduce-scatters built"},
    [ALL_TO_ALLS] = {"all-to-alls", "all-to-alls built"},
    [PERMUTES] = {"permutes", "collective permutes built"},
    [SLICES] = {"slices", "shards cut out of what a device has"},
    [MASKS] = {"masks", "paddings masked"},
    {0},
};

static alpa_status find_mesh(alpa_op *module, alpa_arena *arena, const alpa_mesh **out_mesh) {
  ALPA_TRY(alpa_mesh_find(arena, module, out_mesh));
  if (*out_mesh == NULL)
    return alpa_op_error(module,
                         "declares no mesh to partition for: add 'sdy.mesh' or run 'propagate{mesh=...}' first");
  return ALPA_OK;
}

static void count(alpa_pass_context *pass, const alpa_partition_counts *counts, int64_t n_reshards) {
  pass->counters[RESHARDS] += n_reshards;
  pass->counters[ALL_REDUCES] += counts->n_all_reduce;
  pass->counters[ALL_GATHERS] += counts->n_all_gather;
  pass->counters[REDUCE_SCATTERS] += counts->n_reduce_scatter;
  pass->counters[ALL_TO_ALLS] += counts->n_all_to_all;
  pass->counters[PERMUTES] += counts->n_permute;
  pass->counters[SLICES] += counts->n_slice;
  pass->counters[MASKS] += counts->n_mask;
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  const alpa_mesh *mesh = NULL;
  alpa_op *func = NULL;
  int64_t n_reshards = 0;
  alpa_partition_counts counts = {0};
  ALPA_TRY(find_mesh(module, pass->arena, &mesh));
  ALPA_TRY(alpa_func_find_main(module, &func));
  ALPA_TRY(alpa_reshards_insert(pass->arena, mesh, func, &n_reshards));
  ALPA_TRY(alpa_partition_func(pass->arena, mesh, func, &counts));
  count(pass, &counts, n_reshards);
  const alpa_type *i32 = alpa_type_get_scalar(module->module->ctx, ALPA_I32);
  alpa_op_set_attr(module, "mhlo.num_partitions", alpa_attr_get_integer(module->module->ctx, i32, mesh->n_devices));
  alpa_op_set_attr(module, "mhlo.num_replicas", alpa_attr_get_integer(module->module->ctx, i32, 1));
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_insert_collectives = {
    .name = "insert-collectives",
    .summary = "turns a program with shardings into the program of one device, with collectives",
    .anchor = "builtin.module",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_COLLECTIVES,
    .run = run,
};
