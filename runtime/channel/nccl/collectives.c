/* Collectives in NCCL's terms.
 *
 * NCCL gathers and scatters whole operands one behind the other, which is ours where `outer` is 1.  A few rows become
 * as many calls; many rows go through scratch memory, [n, outer, chunk], with one strided copy for each member. */
#include <stdio.h>
#include <string.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/nccl/state.h"

enum { MOST_CALLS = 8 };

/* ---- preparing -------------------------------------------------------------------------------------------------- */

typedef struct element {
  int type;
  uint32_t n; /* of them in one value */
} element;

static element element_of(alpa_dtype dtype) {
  static const element rows[] = {
#define X(dtype, nccl, value, elements) [ALPA_##dtype] = {value, elements},
      ALPA_NCCL_TYPE_TABLE(X)
#undef X
  };
  return rows[dtype];
}

/* NCCL's reduction of a type, or -1.  Booleans are bytes of 0 and 1. */
static int reduction_of(alpa_reduction reduction, alpa_dtype dtype) {
  bool is_bool = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_BOOL;
  bool is_complex = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_COMPLEX;
  switch (reduction) {
  case ALPA_REDUCE_ADD:
    return is_bool ? ALPA_NCCL_MAXIMUM : ALPA_NCCL_SUM;
  case ALPA_REDUCE_MULTIPLY:
    return is_complex ? -1 : is_bool ? ALPA_NCCL_MINIMUM : ALPA_NCCL_PRODUCT;
  case ALPA_REDUCE_MAXIMUM:
    return ALPA_NCCL_MAXIMUM;
  case ALPA_REDUCE_MINIMUM:
    return ALPA_NCCL_MINIMUM;
  case ALPA_REDUCE_AND:
    return is_bool ? ALPA_NCCL_MINIMUM : -1;
  case ALPA_REDUCE_OR:
    return is_bool ? ALPA_NCCL_MAXIMUM : -1;
  case ALPA_REDUCE_XOR:
  case ALPA_REDUCTION_COUNT:
    break;
  }
  return -1;
}

static bool is_reducing(alpa_collective kind) {
  return kind == ALPA_COLLECTIVE_ALL_REDUCE || kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
}

static alpa_status choose_type(alpa_diag *diag, const char *name, const alpa_image_collective *from,
                               alpa_nccl_collective *out) {
  out->n = out->chunk_bytes;
  out->type = ALPA_NCCL_BYTE;
  if (!is_reducing(from->kind))
    return ALPA_OK;
  element e = element_of(from->dtype);
  int reduction = reduction_of(from->reduction, from->dtype);
  if (e.type < 0 || reduction < 0)
    return alpa_error(diag, (alpa_place){.file = name}, ALPA_UNSUPPORTED,
                      "NCCL cannot %s '%s' of type %s; convert to another type, or plan so that it is not reduced "
                      "between devices",
                      alpa_collective_name(from->kind), alpa_reduction_name(from->reduction),
                      alpa_dtype_get_info(from->dtype)->spelling);
  out->type = (unsigned)e.type;
  out->reduction = (unsigned)reduction;
  out->n = from->chunk * e.n;
  return ALPA_OK;
}

static void choose_scratch(alpa_nccl_collective *c) {
  bool has_rows = c->kind == ALPA_COLLECTIVE_ALL_GATHER || c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  if (has_rows && c->outer > MOST_CALLS)
    c->scratch_bytes = c->outer * c->chunk_bytes * c->group_size;
}

static void pair_up(alpa_arena *arena, const alpa_image_collective *from, uint32_t n_devices,
                    alpa_nccl_collective *out) {
  uint32_t *to = alpa_arena_alloc(arena, n_devices * sizeof *to);
  uint32_t *source = alpa_arena_alloc(arena, n_devices * sizeof *source);
  memset(to, 0xFF, n_devices * sizeof *to);
  memset(source, 0xFF, n_devices * sizeof *source);
  for (uint32_t i = 0; i < from->n_groups; i++) {
    to[from->groups[2 * i]] = from->groups[2 * i + 1];
    source[from->groups[2 * i + 1]] = from->groups[2 * i];
  }
  out->to = to;
  out->from = source;
}

alpa_status alpa_nccl_prepare(alpa_nccl *nccl, alpa_arena *arena, alpa_diag *diag, const char *name,
                              const alpa_image_collective *from, alpa_nccl_collective *out_collective) {
  alpa_nccl_collective c = {.kind = from->kind,
                            .outer = from->outer,
                            .chunk_bytes = from->chunk * alpa_dtype_get_info(from->dtype)->bytes,
                            .group_size = from->group_size};
  ALPA_TRY(choose_type(diag, name, from, &c));
  ALPA_TRY(alpa_nccl_find_split(nccl, diag, from, &c.split));
  choose_scratch(&c);
  if (from->kind == ALPA_COLLECTIVE_PERMUTE)
    pair_up(arena, from, nccl->n_devices, &c);
  *out_collective = c;
  return ALPA_OK;
}

/* ---- issuing ---------------------------------------------------------------------------------------------------- */

/* What one call of `issue` works with. */
typedef struct invocation {
  const alpa_nccl_api *api;
  const alpa_cuda_driver *driver;
  const alpa_nccl_collective *c;
  const alpa_nccl_operands *operands;
  alpa_nccl_comm comm;
  uint32_t device, rank;
} invocation;

static bool is_failure(alpa_nccl_result result) {
  return result != ALPA_NCCL_SUCCESS && result != ALPA_NCCL_IN_PROGRESS;
}

static alpa_nccl_result of_driver(alpa_cuda_result result) {
  return result == ALPA_CUDA_SUCCESS ? ALPA_NCCL_SUCCESS : ALPA_NCCL_DEVICE_ERROR;
}

/* Member m's part of every row, [outer, n, chunk], to or from its block of the scratch memory, [n, outer, chunk]. */
static alpa_nccl_result move_rows(const invocation *call, const char *rows, bool is_packing) {
  const alpa_nccl_collective *c = call->c;
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  for (uint32_t m = 0; m < c->group_size && result == ALPA_CUDA_SUCCESS; m++) {
    alpa_cuda_side_2d in_rows = {.memory = ALPA_CUDA_MEMORY_DEVICE,
                                 .device = (uintptr_t)(rows + m * c->chunk_bytes),
                                 .pitch = (size_t)(c->group_size * c->chunk_bytes)};
    alpa_cuda_side_2d block = {.memory = ALPA_CUDA_MEMORY_DEVICE,
                               .device = (uintptr_t)(call->operands->scratch + m * c->outer * c->chunk_bytes),
                               .pitch = (size_t)c->chunk_bytes};
    alpa_cuda_copy_2d copy = {.from = is_packing ? in_rows : block,
                              .to = is_packing ? block : in_rows,
                              .width_bytes = (size_t)c->chunk_bytes,
                              .height = (size_t)c->outer};
    result = call->driver->cuMemcpy2DAsync_v2(&copy, call->operands->stream);
  }
  return of_driver(result);
}

static alpa_nccl_result all_gather(const invocation *call) {
  const alpa_nccl_collective *c = call->c;
  const alpa_nccl_operands *o = call->operands;
  if (c->scratch_bytes)
    return call->api->ncclAllGather(o->from, o->scratch, (size_t)(c->outer * c->n), c->type, call->comm, o->stream);
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  for (int64_t row = 0; row < c->outer && !is_failure(result); row++)
    result = call->api->ncclAllGather(o->from + row * c->chunk_bytes, o->to + row * c->group_size * c->chunk_bytes,
                                      (size_t)c->n, c->type, call->comm, o->stream);
  return result;
}

static alpa_nccl_result reduce_scatter(const invocation *call) {
  const alpa_nccl_collective *c = call->c;
  const alpa_nccl_operands *o = call->operands;
  if (c->scratch_bytes)
    return call->api->ncclReduceScatter(o->scratch, o->to, (size_t)(c->outer * c->n), c->type, c->reduction, call->comm,
                                        o->stream);
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  for (int64_t row = 0; row < c->outer && !is_failure(result); row++)
    result = call->api->ncclReduceScatter(o->from + row * c->group_size * c->chunk_bytes, o->to + row * c->chunk_bytes,
                                          (size_t)c->n, c->type, c->reduction, call->comm, o->stream);
  return result;
}

static alpa_nccl_result all_to_all(const invocation *call) {
  const alpa_nccl_collective *c = call->c;
  const alpa_nccl_operands *o = call->operands;
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  for (uint32_t m = 0; m < c->group_size && !is_failure(result); m++) {
    result = call->api->ncclSend(o->from + m * c->chunk_bytes, (size_t)c->n, c->type, (int)m, call->comm, o->stream);
    if (!is_failure(result))
      result = call->api->ncclRecv(o->to + m * c->chunk_bytes, (size_t)c->n, c->type, (int)m, call->comm, o->stream);
  }
  return result;
}

static alpa_nccl_result permute(const invocation *call) {
  const alpa_nccl_collective *c = call->c;
  const alpa_nccl_operands *o = call->operands;
  uint32_t to = c->to[call->device], from = c->from[call->device];
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  if (from == ALPA_NO_INDEX && c->chunk_bytes)
    result = of_driver(call->driver->cuMemsetD8Async((uintptr_t)o->to, 0, (size_t)c->chunk_bytes, o->stream));
  if (to != ALPA_NO_INDEX && !is_failure(result))
    result = call->api->ncclSend(o->from, (size_t)c->n, c->type, (int)to, call->comm, o->stream);
  if (from != ALPA_NO_INDEX && !is_failure(result))
    result = call->api->ncclRecv(o->to, (size_t)c->n, c->type, (int)from, call->comm, o->stream);
  return result;
}

static alpa_nccl_result all_reduce(const invocation *call) {
  const alpa_nccl_collective *c = call->c;
  const alpa_nccl_operands *o = call->operands;
  return call->api->ncclAllReduce(o->from, o->to, (size_t)c->n, c->type, c->reduction, call->comm, o->stream);
}

static invocation call_of(const alpa_nccl *nccl, const alpa_nccl_collective *c, uint32_t device,
                          const alpa_nccl_operands *operands) {
  return (invocation){&nccl->api, &nccl->driver, c, operands, c->split->comms[device], device, c->split->ranks[device]};
}

alpa_nccl_result alpa_nccl_issue(alpa_nccl *nccl, const alpa_nccl_collective *collective, uint32_t device,
                                 const alpa_nccl_operands *operands) {
  static alpa_nccl_result (*const issue[])(const invocation *call) = {[ALPA_COLLECTIVE_ALL_REDUCE] = all_reduce,
                                                                      [ALPA_COLLECTIVE_ALL_GATHER] = all_gather,
                                                                      [ALPA_COLLECTIVE_REDUCE_SCATTER] = reduce_scatter,
                                                                      [ALPA_COLLECTIVE_ALL_TO_ALL] = all_to_all,
                                                                      [ALPA_COLLECTIVE_PERMUTE] = permute};
  invocation call = call_of(nccl, collective, device, operands);
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  if (collective->kind == ALPA_COLLECTIVE_REDUCE_SCATTER && collective->scratch_bytes)
    result = move_rows(&call, operands->from, true);
  if (is_failure(result) || is_failure(result = nccl->api.ncclGroupStart()))
    return result;
  result = issue[collective->kind](&call);
  alpa_nccl_result ended = nccl->api.ncclGroupEnd();
  return is_failure(result) ? result : ended;
}

alpa_nccl_result alpa_nccl_exchange(alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device, int way,
                                    const alpa_nccl_message *messages, uint32_t n, alpa_cuda_stream stream) {
  alpa_nccl_result result = nccl->api.ncclGroupStart();
  if (is_failure(result))
    return result;
  for (uint32_t i = 0; i < n && !is_failure(result); i++) {
    const alpa_nccl_message *m = &messages[i];
    int peer = (int)split->ranks[m->peer];
    alpa_nccl_comm comm = split->comms[device];
    result = way == ALPA_TRANSFER_OUT ? nccl->api.ncclSend(m->at, m->bytes, ALPA_NCCL_BYTE, peer, comm, stream)
                                      : nccl->api.ncclRecv(m->at, m->bytes, ALPA_NCCL_BYTE, peer, comm, stream);
  }
  alpa_nccl_result ended = nccl->api.ncclGroupEnd();
  return is_failure(result) ? result : ended;
}

alpa_nccl_result alpa_nccl_poll(alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device) {
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  alpa_nccl_result called = nccl->api.ncclCommGetAsyncError(split->comms[device], &result);
  return called == ALPA_NCCL_SUCCESS ? result : called;
}

alpa_nccl_result alpa_nccl_finish(alpa_nccl *nccl, const alpa_nccl_collective *collective, uint32_t device,
                                  const alpa_nccl_operands *operands) {
  if (collective->kind != ALPA_COLLECTIVE_ALL_GATHER || !collective->scratch_bytes)
    return ALPA_NCCL_SUCCESS;
  invocation call = call_of(nccl, collective, device, operands);
  return move_rows(&call, operands->to, false);
}

void alpa_nccl_explain(const alpa_nccl *nccl, const alpa_nccl_split *split, uint32_t device, alpa_nccl_result result,
                       char *text, size_t size) {
  const char *last = nccl->api.ncclGetLastError(split->comms[device]);
  snprintf(text, size, "NCCL says: %s%s%s", nccl->api.ncclGetErrorString(result), last && last[0] ? ", " : "",
           last ? last : "");
}
