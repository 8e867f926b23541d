/* From the tables of a pipeline and the images of its segments to its image. */
#include "driver/staged.h"
#include "passes/transfer/transfer.h"

/* The boxes of a tensor on its holders, within the tensor proper. */
static alpa_tiling tiling_of(alpa_arena *arena, const alpa_image_tensor *tensor) {
  uint32_t n = tensor->holders.n, *devices = alpa_arena_new(arena, uint32_t, n);
  int64_t *starts = alpa_arena_new(arena, int64_t, n * tensor->rank + 1);
  int64_t *extents = alpa_arena_new(arena, int64_t, n * tensor->rank + 1);
  for (uint32_t k = 0; k < n; k++) {
    devices[k] = tensor->holders.first + k;
    const uint32_t *tile = alpa_image_tensor_tile(tensor, devices[k]);
    for (uint32_t d = 0; d < tensor->rank; d++) {
      int64_t start = tile[d] * tensor->local_dims[d], rest = tensor->global_dims[d] - start;
      starts[k * tensor->rank + d] = start;
      extents[k * tensor->rank + d] = rest < 0 ? 0 : rest < tensor->local_dims[d] ? rest : tensor->local_dims[d];
    }
  }
  return (alpa_tiling){n, devices, starts, extents};
}

/* Strides of a piece, and the offset of a box's first element in it. */
static int64_t place_box(const alpa_image_tensor *tensor, uint32_t device, const int64_t *start, int64_t *strides) {
  int64_t stride = alpa_dtype_get_info(tensor->dtype)->bytes, offset = 0;
  const uint32_t *tile = alpa_image_tensor_tile(tensor, device);
  for (uint32_t d = tensor->rank; d-- > 0; stride *= tensor->local_dims[d]) {
    strides[d] = stride;
    offset += (start[d] - tile[d] * tensor->local_dims[d]) * stride;
  }
  return offset;
}

static alpa_image_copy write_copy(alpa_arena *arena, const alpa_image_tensor *from, const alpa_image_tensor *to,
                                  const alpa_transfer_copy *copy) {
  int64_t *from_strides = alpa_arena_new(arena, int64_t, from->rank);
  int64_t *to_strides = alpa_arena_new(arena, int64_t, from->rank);
  return (alpa_image_copy){.from_device = copy->from,
                           .to_device = copy->to,
                           .from_offset = place_box(from, copy->from, copy->start, from_strides),
                           .to_offset = place_box(to, copy->to, copy->start, to_strides),
                           .rank = from->rank,
                           .element_bytes = alpa_dtype_get_info(from->dtype)->bytes,
                           .extents = copy->extents,
                           .from_strides = from_strides,
                           .to_strides = to_strides};
}

/* On a host all devices share the memory: every box goes straight to those that want it. */
static alpa_image_transfer write_moves(alpa_arena *arena, const char *name, const alpa_image_tensor *from,
                                       const alpa_image_tensor *to) {
  const alpa_transfer_problem problem = {.rank = from->rank,
                                         .element_bytes = alpa_dtype_get_info(from->dtype)->bytes,
                                         .from = tiling_of(arena, from),
                                         .to = tiling_of(arena, to),
                                         .devices_per_host = ALPA_MAX_DEVICES,
                                         .network = {1e-6, 1e10},
                                         .local = {1e-6, 1e10},
                                         .is_direct = true};
  alpa_transfer_plan plan;
  alpa_transfer_plan_build(arena, &problem, &plan);
  alpa_image_copy *copies = alpa_arena_new(arena, alpa_image_copy, plan.n_copies);
  for (uint32_t i = 0; i < plan.n_copies; i++)
    copies[i] = write_copy(arena, from, to, &plan.copies[i]);
  return (alpa_image_transfer){.name = name,
                               .from_bytes = alpa_image_tensor_local_bytes(from),
                               .to_bytes = alpa_image_tensor_local_bytes(to),
                               .n_copies = plan.n_copies,
                               .copies = copies};
}

static alpa_link_transfer *write_transfers(const alpa_staged *p, alpa_arena *arena) {
  alpa_link_transfer *transfers = alpa_arena_new(arena, alpa_link_transfer, p->transfers.n);
  for (size_t i = 0; i < p->transfers.n; i++) {
    const alpa_staged_transfer *transfer = &p->transfers.items[i];
    const alpa_staged_variable *from = &p->variables.items[transfer->from], *to = &p->variables.items[transfer->to];
    const char *name = alpa_arena_printf(arena, "%s: stage %u to %u", from->name, from->stage, to->stage);
    transfers[i] =
        (alpa_link_transfer){transfer->from, transfer->to, write_moves(arena, name, &from->tensor, &to->tensor)};
  }
  return transfers;
}

static alpa_link_submesh *write_submeshes(const alpa_staged *p, alpa_arena *arena) {
  alpa_link_submesh *submeshes = alpa_arena_new(arena, alpa_link_submesh, p->schedule.map->n_submeshes);
  for (uint32_t s = 0; s < p->n_stages; s++) {
    uint32_t m = p->stages[s].submesh;
    submeshes[m] = (alpa_link_submesh){p->stages[s].devices, p->tasks[m].items, (uint32_t)p->tasks[m].n};
  }
  return submeshes;
}

static alpa_image_tensor *write_parts(alpa_arena *arena, const alpa_staged_part *parts, size_t n) {
  alpa_image_tensor *tensors = alpa_arena_new(arena, alpa_image_tensor, n);
  for (size_t i = 0; i < n; i++)
    tensors[i] = parts[i].tensor;
  return tensors;
}

alpa_status alpa_staged_link(const alpa_staged *p, alpa_diag *diag, const alpa_codegen_part *parts, alpa_arena *arena,
                             alpa_image **out_image) {
  alpa_link_segment *segments = alpa_arena_new(arena, alpa_link_segment, p->segments.n);
  alpa_link_variable *variables = alpa_arena_new(arena, alpa_link_variable, p->variables.n);
  for (size_t i = 0; i < p->segments.n; i++)
    segments[i] = (alpa_link_segment){parts[i].image, p->segments.items[i].arguments, p->segments.items[i].results};
  for (size_t v = 0; v < p->variables.n; v++)
    variables[v] = (alpa_link_variable){alpa_image_tensor_local_bytes(&p->variables.items[v].tensor),
                                        p->variables.items[v].per_microbatch};
  const alpa_link_problem problem = {.n_devices = p->n_devices,
                                     .n_microbatches = p->n_microbatches,
                                     .n_submeshes = p->schedule.map->n_submeshes,
                                     .n_segments = (uint32_t)p->segments.n,
                                     .n_variables = (uint32_t)p->variables.n,
                                     .n_transfers = (uint32_t)p->transfers.n,
                                     .submeshes = write_submeshes(p, arena),
                                     .segments = segments,
                                     .variables = variables,
                                     .transfers = write_transfers(p, arena),
                                     .n_arguments = (uint32_t)p->arguments.n,
                                     .n_results = (uint32_t)p->results.n,
                                     .n_aliases = (uint32_t)p->aliases.n,
                                     .arguments = write_parts(arena, p->arguments.items, p->arguments.n),
                                     .results = write_parts(arena, p->results.items, p->results.n),
                                     .aliases = p->aliases.items};
  return alpa_image_link(&problem, diag, arena, out_image);
}
