/* Messages: boxes of transfers whose other side is in another process, sent by NCCL.
 *
 * A device has a queue and a stream for each lane (runtime/lanes.h).  What it sends or receives goes into the queue
 * when it arrives, and from there to NCCL one after the other: a communicator that does not block may be at work on one
 * until the peer takes part, and must not be given another one before.  So the queues are pumped whenever the device's
 * thread waits for something, and before every operation; nothing else ever waits for them.  Boxes that do not lie
 * densely in their piece are packed into scratch memory, on the same stream. */
#include "runtime/hal/cuda/engine.h"
#include "runtime/pieces.h"

enum { OUT = ALPA_TRANSFER_OUT, IN = ALPA_TRANSFER_IN };

/* ---- loading ---------------------------------------------------------------------------------------------------- */

static alpa_status open_lanes(alpa_executable *e, alpa_diag *diag) {
  alpa_cuda_engine *engine = e->mesh->engine;
  alpa_cuda_code *code = e->code;
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  code->queues = alpa_arena_new(&e->arena, alpa_cuda_queue *, engine->n_gpus);
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    code->queues[d] = alpa_arena_new(&e->arena, alpa_cuda_queue, code->lanes.n_lanes);
  for (uint32_t l = 0; l < code->lanes.n_lanes; l++) {
    const alpa_lane *lane = &code->lanes.lanes[l];
    const alpa_nccl_split *split;
    ALPA_TRY(alpa_nccl_join(engine->nccl, diag, lane, &split));
    for (uint32_t i = 0; i < lane->n_devices && result == ALPA_CUDA_SUCCESS; i++) {
      uint32_t d = lane->devices[i];
      code->queues[d][l].split = split;
      if (!alpa_device_mesh_is_local(e->mesh, d))
        continue;
      alpa_cuda_enter(&engine->gpus[d]);
      result = engine->driver.cuStreamCreate(&code->queues[d][l].stream, ALPA_CUDA_STREAM_NON_BLOCKING);
    }
  }
  return result == ALPA_CUDA_SUCCESS ? ALPA_OK
                                     : alpa_cuda_error(&engine->driver, diag, (alpa_place){.file = e->name}, result,
                                                       "cannot prepare the transfers between stages");
}

static int64_t count_bytes(const alpa_image_copy *copy) {
  int64_t bytes = copy->element_bytes;
  for (uint32_t d = 0; d < copy->rank; d++)
    bytes *= copy->extents[d];
  return bytes;
}

static bool is_dense(const alpa_image_copy *copy, const int64_t *strides) {
  int64_t dense = copy->element_bytes;
  for (uint32_t d = copy->rank; d-- > 0; dense *= copy->extents[d])
    if (copy->extents[d] != 1 && strides[d] != dense)
      return false;
  return true;
}

/* Between the piece and scratch memory, where the box is dense. */
static void set_packing(const alpa_image_copy *copy, int way, alpa_strided_copy *out) {
  const int64_t *strides = way == OUT ? copy->from_strides : copy->to_strides;
  uint32_t device = way == OUT ? copy->from_device : copy->to_device;
  int64_t dense = copy->element_bytes;
  *out = (alpa_strided_copy){
      .rank = copy->rank, .element_bytes = copy->element_bytes, .to_device = device, .from_device = device};
  for (uint32_t d = copy->rank; d-- > 0; dense *= copy->extents[d]) {
    out->extents[d] = copy->extents[d];
    out->to_strides[d] = way == OUT ? dense : strides[d];
    out->from_strides[d] = way == OUT ? strides[d] : dense;
  }
  alpa_strided_copy_collapse(out);
}

/* The message of a side in a lane; a new one has room for all boxes of the transfer. */
static alpa_cuda_message *find_message(alpa_executable *e, alpa_cuda_side *side, uint32_t lane, uint32_t n_boxes) {
  alpa_cuda_message **at = &side->messages;
  while (*at && (*at)->lane != lane)
    at = &(*at)->next;
  if (!*at) {
    *at = alpa_arena_new(&e->arena, alpa_cuda_message, 1);
    **at = (alpa_cuda_message){.side = side,
                               .lane = lane,
                               .boxes = alpa_arena_new(&e->arena, alpa_cuda_packet, n_boxes),
                               .parts = alpa_arena_new(&e->arena, alpa_nccl_message, n_boxes)};
  }
  return *at;
}

alpa_cuda_result alpa_cuda_message_add(alpa_executable *e, const alpa_image_transfer *from, uint32_t i, int way,
                                       alpa_cuda_transfer *transfer, uint32_t lane) {
  alpa_cuda_engine *engine = e->mesh->engine;
  alpa_cuda_code *code = e->code;
  const alpa_image_copy *copy = &from->copies[i];
  uint32_t device = way == OUT ? copy->from_device : copy->to_device;
  alpa_cuda_side *side = &transfer->sides[way][device];
  alpa_cuda_message *message = find_message(e, side, lane, from->n_copies);
  alpa_cuda_packet *box = &message->boxes[message->n_boxes];
  message->way = way;
  box->offset = way == OUT ? copy->from_offset : copy->to_offset;
  box->is_packed = !is_dense(copy, way == OUT ? copy->from_strides : copy->to_strides);
  set_packing(copy, way, &box->copy);
  message->parts[message->n_boxes++] =
      (alpa_nccl_message){.bytes = (size_t)count_bytes(copy), .peer = way == OUT ? copy->to_device : copy->from_device};
  side->n_boxes++;
  if (box->is_packed) {
    box->packed = code->packed_bytes[device];
    code->packed_bytes[device] += (count_bytes(copy) + 255) / 256 * 256;
  }
  if (message->moved)
    return ALPA_CUDA_SUCCESS;
  alpa_cuda_enter(&engine->gpus[device]);
  return engine->driver.cuEventCreate(&message->moved, ALPA_CUDA_EVENT_NO_TIMING);
}

alpa_status alpa_cuda_lanes_load(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  alpa_cuda_engine *engine = e->mesh->engine;
  alpa_cuda_code *code = e->code;
  code->packed_bytes = alpa_arena_new(&e->arena, int64_t, engine->n_gpus);
  code->packed = alpa_arena_new(&e->arena, char *, engine->n_gpus);
  ALPA_TRY(alpa_lanes_find(&e->arena, diag, e->name, image, e->mesh->local.n, &code->lanes));
  if (code->lanes.n_lanes == 0)
    return ALPA_OK;
  ALPA_TRY(alpa_cuda_open_nccl(e, diag));
  return open_lanes(e, diag);
}

alpa_status alpa_cuda_messages_allocate(alpa_executable *e, alpa_diag *diag) {
  alpa_cuda_code *code = e->code;
  for (uint32_t d = 0; d < e->mesh->n_devices; d++) {
    if (code->packed_bytes[d] == 0)
      continue;
    code->packed[d] = e->mesh->backend->alloc(e->mesh, d, code->packed_bytes[d]);
    if (!code->packed[d])
      return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_OUT_OF_MEMORY,
                        "no memory on GPU %u for %lld bytes that go to other stages; use more devices or micro-batches",
                        d, (long long)code->packed_bytes[d]);
  }
  return ALPA_OK;
}

void alpa_cuda_messages_reset(alpa_cuda_code *code, uint32_t n_gpus) {
  for (uint32_t d = 0; code->queues && d < n_gpus; d++)
    for (uint32_t l = 0; l < code->lanes.n_lanes; l++) {
      code->queues[d][l].first = NULL;
      code->queues[d][l].is_issued = false;
    }
}

void alpa_cuda_messages_unload(alpa_device_mesh *mesh, alpa_cuda_code *code) {
  const alpa_cuda_engine *engine = mesh->engine;
  for (uint32_t t = 0; t < code->n_transfers; t++)
    for (int way = OUT; way <= IN; way++)
      for (uint32_t d = 0; d < engine->n_gpus; d++)
        for (alpa_cuda_message *m = code->transfers[t].sides[way][d].messages; m; m = m->next)
          if (m->moved)
            engine->driver.cuEventDestroy_v2(m->moved);
  for (uint32_t d = 0; d < engine->n_gpus; d++) {
    if (code->packed)
      mesh->backend->free(mesh, d, code->packed[d], code->packed_bytes[d]);
    for (uint32_t l = 0; code->queues && l < code->lanes.n_lanes; l++)
      if (code->queues[d][l].stream)
        engine->driver.cuStreamDestroy_v2(code->queues[d][l].stream);
  }
}

/* ---- in a step -------------------------------------------------------------------------------------------------- */

void alpa_cuda_messages_arrive(alpa_cuda_gpu *gpu, const alpa_cuda_side *side) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  for (alpa_cuda_message *m = side->messages; m; m = m->next) {
    alpa_cuda_message **end = &code->queues[gpu->number][m->lane].first;
    while (*end)
      end = &(*end)->behind;
    m->behind = NULL;
    *end = m;
    gpu->n_messages++;
  }
}

static bool pack(alpa_cuda_gpu *gpu, const alpa_cuda_message *message, alpa_cuda_stream stream) {
  const alpa_cuda_driver *driver = &gpu->engine->driver;
  char *scratch = ((const alpa_cuda_code *)gpu->engine->executable->code)->packed[gpu->number];
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  for (uint32_t i = 0; i < message->n_boxes && result == ALPA_CUDA_SUCCESS; i++) {
    const alpa_cuda_packet *box = &message->boxes[i];
    alpa_strided_copy copy = box->copy;
    if (!box->is_packed)
      continue;
    copy.from = message->way == OUT ? message->side->piece + box->offset : scratch + box->packed;
    copy.to = message->way == OUT ? scratch + box->packed : message->side->piece + box->offset;
    result = alpa_cuda_copy_box(driver, stream, &copy);
  }
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "a transfer between stages failed", result);
}

/* Behind what the device had issued when it arrived. */
static bool issue(alpa_cuda_gpu *gpu, alpa_cuda_queue *queue, alpa_nccl_result *out_result) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  alpa_cuda_message *message = queue->first;
  for (uint32_t i = 0; i < message->n_boxes; i++) {
    const alpa_cuda_packet *box = &message->boxes[i];
    message->parts[i].at =
        box->is_packed ? code->packed[gpu->number] + box->packed : message->side->piece + box->offset;
  }
  alpa_cuda_result result = gpu->engine->driver.cuStreamWaitEvent(queue->stream, message->side->ready, 0);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "a transfer between stages failed", result);
  if (message->way == OUT && !pack(gpu, message, queue->stream))
    return false;
  *out_result = alpa_nccl_exchange(gpu->engine->nccl, queue->split, gpu->number, message->way, message->parts,
                                   message->n_boxes, queue->stream);
  queue->is_issued = true;
  return true;
}

/* What follows when NCCL has taken the message. */
static bool finish(alpa_cuda_gpu *gpu, alpa_cuda_queue *queue) {
  alpa_cuda_message *message = queue->first;
  if (message->way == IN && !pack(gpu, message, queue->stream))
    return false;
  alpa_cuda_result result = gpu->engine->driver.cuEventRecord(message->moved, queue->stream);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "a transfer between stages failed", result);
  queue->first = message->behind;
  queue->is_issued = false;
  gpu->n_messages--;
  atomic_fetch_add(&message->side->n_issued, message->n_boxes);
  return true;
}

static bool pump(alpa_cuda_gpu *gpu, alpa_cuda_queue *queue) {
  while (queue->first) {
    alpa_nccl_result result = ALPA_NCCL_SUCCESS;
    if (queue->is_issued)
      result = alpa_nccl_poll(gpu->engine->nccl, queue->split, gpu->number);
    else if (!issue(gpu, queue, &result))
      return false;
    if (result == ALPA_NCCL_IN_PROGRESS)
      return true;
    if (result != ALPA_NCCL_SUCCESS)
      return alpa_cuda_gpu_fail_nccl(gpu, queue->split, "a transfer between stages", result);
    if (!finish(gpu, queue))
      return false;
  }
  return true;
}

bool alpa_cuda_messages_pump(alpa_cuda_gpu *gpu) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  for (uint32_t l = 0; gpu->n_messages && l < code->lanes.n_lanes; l++)
    if (!pump(gpu, &code->queues[gpu->number][l]))
      return false;
  return true;
}

alpa_cuda_result alpa_cuda_messages_leave(alpa_cuda_gpu *gpu, const alpa_cuda_side *side) {
  alpa_cuda_result result = ALPA_CUDA_SUCCESS;
  for (const alpa_cuda_message *m = side->messages; m && result == ALPA_CUDA_SUCCESS; m = m->next)
    result = gpu->engine->driver.cuStreamWaitEvent(gpu->stream, m->moved, 0);
  return result;
}
