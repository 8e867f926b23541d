/* Transfers between stages: boxes that move from GPU to GPU of this process, each on a stream of the GPU that receives;
 * those that come from or go to other processes are messages (message.c).
 *
 * A box waits for two arrivals, of the device that has it and of the device that wants it; the thread that comes second
 * issues the copy behind what both streams have done so far.  Neither side waits for the other before it needs the
 * result: then its stream waits for the box's event, once its thread has seen that the copy has been issued. */
#include <string.h>

#include "runtime/hal/cuda/engine.h"
#include "runtime/pieces.h"

enum { OUT = ALPA_TRANSFER_OUT, IN = ALPA_TRANSFER_IN, ARRIVALS = 2 };

/* ---- loading ---------------------------------------------------------------------------------------------------- */

static alpa_cuda_result make_event(const alpa_cuda_gpu *gpu, alpa_cuda_event *out_event) {
  alpa_cuda_enter((alpa_cuda_gpu *)(uintptr_t)gpu);
  return gpu->engine->driver.cuEventCreate(out_event, ALPA_CUDA_EVENT_NO_TIMING);
}

static void set_copy(alpa_strided_copy *to, const alpa_image_copy *from) {
  *to = (alpa_strided_copy){.rank = from->rank,
                            .element_bytes = from->element_bytes,
                            .to_device = from->to_device,
                            .from_device = from->from_device};
  memcpy(to->extents, from->extents, from->rank * sizeof(int64_t));
  memcpy(to->to_strides, from->to_strides, from->rank * sizeof(int64_t));
  memcpy(to->from_strides, from->from_strides, from->rank * sizeof(int64_t));
}

static alpa_cuda_result load_box(const alpa_cuda_engine *engine, const alpa_image_copy *copy,
                                 alpa_cuda_transfer *transfer) {
  alpa_cuda_box *box = &transfer->boxes[transfer->n_boxes++];
  set_copy(&box->copy, copy);
  box->to_offset = copy->to_offset;
  box->from_offset = copy->from_offset;
  transfer->sides[OUT][copy->from_device].n_boxes++;
  transfer->sides[IN][copy->to_device].n_boxes++;
  return make_event(&engine->gpus[copy->to_device], &box->moved);
}

static alpa_cuda_result load_boxes(alpa_executable *e, const alpa_image_transfer *from, const uint32_t *lane_of,
                                   alpa_cuda_transfer *transfer) {
  const alpa_cuda_engine *engine = e->mesh->engine;
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  transfer->boxes = alpa_arena_new(&e->arena, alpa_cuda_box, from->n_copies);
  for (int way = OUT; way <= IN; way++)
    transfer->sides[way] = alpa_arena_new(&e->arena, alpa_cuda_side, engine->n_gpus);
  for (uint32_t i = 0; i < from->n_copies && result == ALPA_CUDA_SUCCESS; i++) {
    bool is_from = alpa_device_mesh_is_local(e->mesh, from->copies[i].from_device);
    bool is_to = alpa_device_mesh_is_local(e->mesh, from->copies[i].to_device);
    if (is_from && is_to)
      result = load_box(engine, &from->copies[i], transfer);
    else if (is_from || is_to)
      result = alpa_cuda_message_add(e, from, i, is_from ? OUT : IN, transfer, lane_of[i]);
  }
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    for (int way = OUT; way <= IN && result == ALPA_CUDA_SUCCESS; way++)
      if (transfer->sides[way][d].n_boxes)
        result = make_event(&engine->gpus[d], &transfer->sides[way][d].ready);
  return result;
}

static alpa_cuda_result open_streams(alpa_cuda_engine *engine) {
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  const alpa_device_range local = engine->mesh->local;
  for (uint32_t d = local.first; d < local.first + local.n && result == ALPA_CUDA_SUCCESS; d++) {
    alpa_cuda_enter(&engine->gpus[d]);
    if (!engine->gpus[d].transfers)
      result = engine->driver.cuStreamCreate(&engine->gpus[d].transfers, ALPA_CUDA_STREAM_NON_BLOCKING);
  }
  return result;
}

alpa_status alpa_cuda_transfers_load(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  alpa_cuda_engine *engine = e->mesh->engine;
  alpa_cuda_code *code = e->code;
  if (image->n_transfers == 0)
    return ALPA_OK;
  ALPA_TRY(alpa_cuda_lanes_load(e, diag, image));
  code->transfers = alpa_arena_new(&e->arena, alpa_cuda_transfer, image->n_transfers);
  alpa_cuda_result result = open_streams(engine);
  for (; code->n_transfers < image->n_transfers && result == ALPA_CUDA_SUCCESS; code->n_transfers++)
    result = load_boxes(e, &image->transfers[code->n_transfers], code->lanes.lane_of[code->n_transfers],
                        &code->transfers[code->n_transfers]);
  alpa_cuda_transfers_reset(code, engine->n_gpus);
  if (result == ALPA_CUDA_SUCCESS)
    return alpa_cuda_messages_allocate(e, diag);
  return alpa_cuda_error(&engine->driver, diag, (alpa_place){.file = e->name}, result,
                         "cannot prepare the transfers between stages");
}

void alpa_cuda_transfers_reset(alpa_cuda_code *code, uint32_t n_gpus) {
  for (uint32_t t = 0; t < code->n_transfers; t++) {
    for (uint32_t i = 0; i < code->transfers[t].n_boxes; i++)
      atomic_store(&code->transfers[t].boxes[i].n_missing, ARRIVALS);
    for (int way = OUT; way <= IN; way++)
      for (uint32_t d = 0; d < n_gpus; d++) {
        atomic_store(&code->transfers[t].sides[way][d].n_issued, 0);
        atomic_store(&code->transfers[t].sides[way][d].n_wanted, 0);
      }
  }
  alpa_cuda_messages_reset(code, n_gpus);
}

void alpa_cuda_transfers_unload(alpa_device_mesh *mesh, alpa_cuda_code *code) {
  const alpa_cuda_engine *engine = mesh->engine;
  for (uint32_t t = 0; t < code->n_transfers; t++) {
    const alpa_cuda_transfer *transfer = &code->transfers[t];
    for (uint32_t i = 0; i < transfer->n_boxes; i++)
      if (transfer->boxes[i].moved)
        engine->driver.cuEventDestroy_v2(transfer->boxes[i].moved);
    for (int way = OUT; way <= IN; way++)
      for (uint32_t d = 0; d < engine->n_gpus; d++)
        if (transfer->sides[way][d].ready)
          engine->driver.cuEventDestroy_v2(transfer->sides[way][d].ready);
  }
  alpa_cuda_messages_unload(mesh, code);
}

/* ---- in a step -------------------------------------------------------------------------------------------------- */

/* Behind everything that both devices have issued, on the stream of the one that receives. */
static alpa_cuda_result move_box(alpa_cuda_engine *engine, alpa_cuda_transfer *transfer, alpa_cuda_box *box) {
  const alpa_cuda_driver *driver = &engine->driver;
  alpa_cuda_side *out = &transfer->sides[OUT][box->copy.from_device], *in = &transfer->sides[IN][box->copy.to_device];
  alpa_cuda_gpu *gpu = &engine->gpus[box->copy.to_device];
  alpa_strided_copy copy = box->copy;
  copy.from = out->piece + box->from_offset;
  copy.to = in->piece + box->to_offset;
  alpa_cuda_enter(gpu);
  alpa_cuda_result result = driver->cuStreamWaitEvent(gpu->transfers, out->ready, 0);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuStreamWaitEvent(gpu->transfers, in->ready, 0);
  if (result == ALPA_CUDA_SUCCESS)
    result = alpa_cuda_copy_box(driver, gpu->transfers, &copy);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuEventRecord(box->moved, gpu->transfers);
  atomic_store(&box->n_missing, ARRIVALS);
  atomic_fetch_add(&in->n_issued, 1);
  atomic_fetch_add(&out->n_issued, 1);
  return result;
}

static bool is_of(const alpa_cuda_box *box, int way, uint32_t device) {
  return (way == OUT ? box->copy.from_device : box->copy.to_device) == device;
}

alpa_cuda_result alpa_cuda_transfer_arrive(alpa_cuda_gpu *gpu, alpa_cuda_transfer *transfer, int way, char *piece) {
  alpa_cuda_side *own = &transfer->sides[way][gpu->number];
  own->piece = piece;
  atomic_fetch_add(&own->n_wanted, own->n_boxes);
  if (own->n_boxes == 0)
    return ALPA_CUDA_SUCCESS;
  alpa_cuda_result result = gpu->engine->driver.cuEventRecord(own->ready, gpu->stream);
  for (uint32_t i = 0; i < transfer->n_boxes && result == ALPA_CUDA_SUCCESS; i++) {
    alpa_cuda_box *box = &transfer->boxes[i];
    if (is_of(box, way, gpu->number) && atomic_fetch_sub(&box->n_missing, 1) == 1)
      result = move_box(gpu->engine, transfer, box);
  }
  alpa_cuda_messages_arrive(gpu, own);
  alpa_cuda_enter(gpu);
  return result;
}

bool alpa_cuda_transfer_is_issued(const alpa_cuda_transfer *transfer, int way, uint32_t device) {
  alpa_cuda_side *own = &transfer->sides[way][device];
  return atomic_load(&own->n_issued) == atomic_load(&own->n_wanted);
}

alpa_cuda_result alpa_cuda_transfer_leave(alpa_cuda_gpu *gpu, const alpa_cuda_transfer *transfer, int way) {
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  for (uint32_t i = 0; i < transfer->n_boxes && result == ALPA_CUDA_SUCCESS; i++)
    if (is_of(&transfer->boxes[i], way, gpu->number))
      result = gpu->engine->driver.cuStreamWaitEvent(gpu->stream, transfer->boxes[i].moved, 0);
  return result == ALPA_CUDA_SUCCESS ? alpa_cuda_messages_leave(gpu, &transfer->sides[way][gpu->number]) : result;
}
