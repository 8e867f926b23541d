/* Streams: each has a thread that carries out its operations in order; events; copies. */
#include "state.h"

#include "bits.h"

#include <stdlib.h>
#include <string.h>

/* ---- operations ---- */

emu_op *emu_op_clone(const emu_op *op) {
  emu_op *copy = emu_alloc(sizeof *copy);
  *copy = *op;
  copy->next = NULL;
  if (op->parameters) {
    copy->parameters = emu_alloc(op->function->function->parameter_bytes + 1u);
    memcpy(copy->parameters, op->parameters, op->function->function->parameter_bytes);
  }
  if (op->event)
    op->event->references++;
  return copy;
}

static void release_event(alpa_cuda_event event) {
  if (--event->references)
    return;
  pthread_mutex_destroy(&event->mutex);
  pthread_cond_destroy(&event->changed);
  free(event);
}

void emu_op_destroy(emu_op *op) {
  if (op->event)
    release_event(op->event);
  free(op->parameters);
  free(op);
}

static void *run_stream(void *argument) {
  alpa_cuda_stream stream = argument;
  pthread_mutex_lock(&stream->mutex);
  for (;;) {
    while (!stream->first && !stream->ends)
      pthread_cond_wait(&stream->changed, &stream->mutex);
    emu_op *op = stream->first;
    if (!op)
      break;
    stream->first = op->next;
    if (!stream->first)
      stream->last = &stream->first;
    stream->busy = true;
    pthread_mutex_unlock(&stream->mutex);
    op->run(op, stream->device);
    emu_op_destroy(op);
    pthread_mutex_lock(&stream->mutex);
    stream->busy = false;
    pthread_cond_broadcast(&stream->changed);
  }
  pthread_mutex_unlock(&stream->mutex);
  return NULL;
}

void emu_enqueue(alpa_cuda_stream stream, const emu_op *op) {
  emu_op *copy = emu_op_clone(op);
  pthread_mutex_lock(&stream->mutex);
  if (!stream->started)
    stream->started = !pthread_create(&stream->thread, NULL, run_stream, stream);
  *stream->last = copy;
  stream->last = &copy->next;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->mutex);
}

void emu_stream_drain(alpa_cuda_stream stream) {
  pthread_mutex_lock(&stream->mutex);
  while (stream->first || stream->busy)
    pthread_cond_wait(&stream->changed, &stream->mutex);
  pthread_mutex_unlock(&stream->mutex);
}

/* ---- streams ---- */

static alpa_cuda_stream create_stream(alpa_cuda_context device) {
  alpa_cuda_stream stream = emu_alloc(sizeof *stream);
  stream->device = device;
  stream->last = &stream->first;
  pthread_mutex_init(&stream->mutex, NULL);
  pthread_cond_init(&stream->changed, NULL);
  pthread_mutex_lock(&device->mutex);
  stream->next = device->streams;
  device->streams = stream;
  pthread_mutex_unlock(&device->mutex);
  return stream;
}

static void destroy_stream(alpa_cuda_stream stream) {
  pthread_mutex_lock(&stream->mutex);
  stream->ends = true;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->mutex);
  if (stream->started)
    pthread_join(stream->thread, NULL);
  pthread_mutex_destroy(&stream->mutex);
  pthread_cond_destroy(&stream->changed);
  free(stream);
}

void emu_streams_reset(alpa_cuda_context device) {
  while (device->streams) {
    alpa_cuda_stream stream = device->streams;
    device->streams = stream->next;
    destroy_stream(stream);
  }
  device->null_stream = NULL;
}

alpa_cuda_stream emu_stream(alpa_cuda_stream stream) {
  static pthread_mutex_t creating = PTHREAD_MUTEX_INITIALIZER;
  alpa_cuda_context device = emu_current();
  if (stream)
    return stream;
  pthread_mutex_lock(&creating);
  if (!device->null_stream)
    device->null_stream = create_stream(device);
  pthread_mutex_unlock(&creating);
  return device->null_stream;
}

alpa_cuda_result cuStreamCreate(alpa_cuda_stream *out_stream, unsigned flags) {
  EMU_ENTER(cuStreamCreate, true);
  if (flags & ~1u)
    return ALPA_CUDA_INVALID_VALUE;
  *out_stream = create_stream(emu_current());
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamDestroy_v2(alpa_cuda_stream stream) {
  EMU_ENTER(cuStreamDestroy_v2, false);
  pthread_mutex_lock(&stream->device->mutex);
  alpa_cuda_stream *at = &stream->device->streams;
  while (*at && *at != stream)
    at = &(*at)->next;
  if (*at)
    *at = stream->next;
  pthread_mutex_unlock(&stream->device->mutex);
  destroy_stream(stream);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamSynchronize(alpa_cuda_stream stream) {
  EMU_ENTER(cuStreamSynchronize, true);
  stream = emu_stream(stream);
  emu_stream_drain(stream);
  return stream->device->error;
}

alpa_cuda_result cuStreamQuery(alpa_cuda_stream stream) {
  EMU_ENTER(cuStreamQuery, true);
  stream = emu_stream(stream);
  pthread_mutex_lock(&stream->mutex);
  bool pending = stream->first || stream->busy;
  pthread_mutex_unlock(&stream->mutex);
  return pending ? ALPA_CUDA_NOT_READY : stream->device->error;
}

alpa_cuda_result cuStreamGetCtx(alpa_cuda_stream stream, alpa_cuda_context *out_context) {
  EMU_ENTER(COUNT, true);
  *out_context = emu_stream(stream)->device;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuCtxSynchronize(void) {
  alpa_cuda_context device = emu_current();
  pthread_mutex_lock(&device->mutex); /* no stream is destroyed meanwhile */
  for (alpa_cuda_stream stream = device->streams; stream; stream = stream->next)
    emu_stream_drain(stream);
  pthread_mutex_unlock(&device->mutex);
  return device->error;
}

/* ---- functions of the host ---- */

static void run_host(const emu_op *op, alpa_cuda_context device) {
  if (!device->error)
    op->host(op->argument);
}

alpa_cuda_result cuLaunchHostFunc(alpa_cuda_stream stream, void (*function)(void *), void *argument) {
  EMU_ENTER(COUNT, true);
  emu_enqueue(emu_stream(stream), &(emu_op){.run = run_host, .host = function, .argument = argument});
  return ALPA_CUDA_SUCCESS;
}

/* ---- events ---- */

alpa_cuda_result cuEventCreate(alpa_cuda_event *out_event, unsigned flags) {
  EMU_ENTER(cuEventCreate, true);
  (void)flags;
  alpa_cuda_event event = emu_alloc(sizeof *event);
  event->references = 1;
  pthread_mutex_init(&event->mutex, NULL);
  pthread_cond_init(&event->changed, NULL);
  *out_event = event;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventDestroy_v2(alpa_cuda_event event) {
  EMU_ENTER(cuEventDestroy_v2, false);
  release_event(event);
  return ALPA_CUDA_SUCCESS;
}

/* Also after a failure: whoever waits must not wait forever. */
static void run_record(const emu_op *op, alpa_cuda_context device) {
  (void)device;
  pthread_mutex_lock(&op->event->mutex);
  if (op->record > op->event->completed)
    op->event->completed = op->record;
  op->event->time_ns = emu_now_ns();
  pthread_cond_broadcast(&op->event->changed);
  pthread_mutex_unlock(&op->event->mutex);
}

static void wait_for(alpa_cuda_event event, uint64_t record) {
  pthread_mutex_lock(&event->mutex);
  while (event->completed < record)
    pthread_cond_wait(&event->changed, &event->mutex);
  pthread_mutex_unlock(&event->mutex);
}

static void run_wait(const emu_op *op, alpa_cuda_context device) {
  (void)device;
  wait_for(op->event, op->record);
}

alpa_cuda_result cuEventRecord(alpa_cuda_event event, alpa_cuda_stream stream) {
  EMU_ENTER(cuEventRecord, true);
  stream = emu_stream(stream);
  pthread_mutex_lock(&event->mutex);
  uint64_t record = ++event->recorded;
  pthread_mutex_unlock(&event->mutex);
  emu_enqueue(stream, &(emu_op){.run = run_record, .event = event, .record = record});
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamWaitEvent(alpa_cuda_stream stream, alpa_cuda_event event, unsigned flags) {
  EMU_ENTER(cuStreamWaitEvent, true);
  stream = emu_stream(stream);
  if (flags)
    return ALPA_CUDA_INVALID_VALUE;
  pthread_mutex_lock(&event->mutex);
  uint64_t record = event->recorded;
  pthread_mutex_unlock(&event->mutex);
  emu_enqueue(stream, &(emu_op){.run = run_wait, .event = event, .record = record});
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventSynchronize(alpa_cuda_event event) {
  EMU_ENTER(cuEventSynchronize, true);
  pthread_mutex_lock(&event->mutex);
  uint64_t record = event->recorded;
  pthread_mutex_unlock(&event->mutex);
  wait_for(event, record);
  return emu_current()->error;
}

static bool is_complete(alpa_cuda_event event, uint64_t *out_time_ns) {
  pthread_mutex_lock(&event->mutex);
  bool complete = event->completed >= event->recorded;
  *out_time_ns = event->time_ns;
  pthread_mutex_unlock(&event->mutex);
  return complete;
}

alpa_cuda_result cuEventQuery(alpa_cuda_event event) {
  EMU_ENTER(cuEventQuery, true);
  uint64_t time_ns;
  return is_complete(event, &time_ns) ? emu_current()->error : ALPA_CUDA_NOT_READY;
}

alpa_cuda_result cuEventElapsedTime(float *out_ms, alpa_cuda_event start, alpa_cuda_event end) {
  EMU_ENTER(cuEventElapsedTime, true);
  uint64_t from, to;
  if (!is_complete(start, &from) || !is_complete(end, &to))
    return ALPA_CUDA_NOT_READY;
  *out_ms = (float)((double)(int64_t)(to - from) * 1e-6);
  return ALPA_CUDA_SUCCESS;
}

/* ---- copies ---- */

/* What was never written stays so where it is copied to. */
static void copy_written(uint64_t to, uint64_t from, size_t bytes) {
  emu_memory *target = emu_find_memory(emu_get(), to), *source = emu_find_memory(emu_get(), from);
  if (!target)
    return;
  if (!source || emu_memory_is_written(source, from, bytes)) {
    emu_memory_set_written(target, to, bytes);
    return;
  }
  for (size_t k = 0; k < bytes; k++)
    emu_bits_set(target->written, to + k - (uint64_t)(uintptr_t)target->base, 1,
                 emu_memory_is_written(source, from + k, 1));
}

static void run_copy(const emu_op *op, alpa_cuda_context device) {
  if (device->error)
    return;
  for (size_t row = 0; row < op->height; row++) {
    uint64_t to = op->to + row * op->to_pitch, from = op->from + row * op->from_pitch;
    memmove((void *)(uintptr_t)to, (const void *)(uintptr_t)from, op->width);
    copy_written(to, from, op->width);
  }
}

static void run_set(const emu_op *op, alpa_cuda_context device) {
  if (device->error)
    return;
  memset((void *)(uintptr_t)op->to, op->byte, op->width);
  emulatorWrote(op->to, op->width);
}

static alpa_cuda_result check_copy(const emu_op *op) {
  for (size_t row = 0; row < op->height; row++)
    if (!emu_is_usable(op->to + row * op->to_pitch, op->width) ||
        !emu_is_usable(op->from + row * op->from_pitch, op->width))
      return ALPA_CUDA_INVALID_VALUE;
  return ALPA_CUDA_SUCCESS;
}

static alpa_cuda_result copy(uint64_t to, size_t to_pitch, uint64_t from, size_t from_pitch, size_t width,
                             size_t height, alpa_cuda_stream stream) {
  emu_op op = {.run = run_copy,
               .to = to,
               .to_pitch = to_pitch,
               .from = from,
               .from_pitch = from_pitch,
               .width = width,
               .height = height};
  if (!width || !height)
    return ALPA_CUDA_SUCCESS;
  alpa_cuda_result result = check_copy(&op);
  if (result == ALPA_CUDA_SUCCESS)
    emu_enqueue(emu_stream(stream), &op);
  return result;
}

/* Runs of bytes within devices: all that nodes are for. */
alpa_cuda_result emu_copy_op(const alpa_cuda_copy_3d *given, emu_op *out_op) {
  *out_op = (emu_op){
      .run = run_copy, .to = given->to.device, .from = given->from.device, .width = given->width_bytes, .height = 1};
  bool is_run = given->height == 1 && given->depth == 1 && given->to.memory == ALPA_CUDA_MEMORY_DEVICE &&
                given->from.memory == ALPA_CUDA_MEMORY_DEVICE && given->width_bytes &&
                given->to.pitch >= given->width_bytes && given->from.pitch >= given->width_bytes;
  return is_run ? check_copy(out_op) : ALPA_CUDA_INVALID_VALUE;
}

static bool is_of_device(uint64_t address) { return emu_find_memory(emu_get(), address) != NULL; }

alpa_cuda_result cuMemcpyHtoDAsync_v2(alpa_cuda_pointer to, const void *from, size_t bytes, alpa_cuda_stream stream) {
  EMU_ENTER(cuMemcpyHtoDAsync_v2, true);
  if (!is_of_device(to))
    return ALPA_CUDA_INVALID_VALUE;
  return copy(to, 0, (uint64_t)(uintptr_t)from, 0, bytes, 1, stream);
}

alpa_cuda_result cuMemcpyDtoHAsync_v2(void *to, alpa_cuda_pointer from, size_t bytes, alpa_cuda_stream stream) {
  EMU_ENTER(cuMemcpyDtoHAsync_v2, true);
  if (!is_of_device(from))
    return ALPA_CUDA_INVALID_VALUE;
  return copy((uint64_t)(uintptr_t)to, 0, from, 0, bytes, 1, stream);
}

alpa_cuda_result cuMemcpyDtoDAsync_v2(alpa_cuda_pointer to, alpa_cuda_pointer from, size_t bytes,
                                      alpa_cuda_stream stream) {
  EMU_ENTER(cuMemcpyDtoDAsync_v2, true);
  if (!is_of_device(to) || !is_of_device(from))
    return ALPA_CUDA_INVALID_VALUE;
  return copy(to, 0, from, 0, bytes, 1, stream);
}

static uint64_t first_byte(const alpa_cuda_side_2d *side) {
  uint64_t base = side->memory == ALPA_CUDA_MEMORY_HOST ? (uint64_t)(uintptr_t)side->host : side->device;
  return base + side->y * side->pitch + side->x_bytes;
}

alpa_cuda_result cuMemcpy2DAsync_v2(const alpa_cuda_copy_2d *what, alpa_cuda_stream stream) {
  EMU_ENTER(cuMemcpy2DAsync_v2, true);
  size_t to_pitch = what->to.pitch ? what->to.pitch : what->width_bytes;
  size_t from_pitch = what->from.pitch ? what->from.pitch : what->width_bytes;
  if (to_pitch < what->width_bytes || from_pitch < what->width_bytes)
    return ALPA_CUDA_INVALID_VALUE;
  return copy(first_byte(&what->to), to_pitch, first_byte(&what->from), from_pitch, what->width_bytes, what->height,
              stream);
}

alpa_cuda_result cuMemsetD8Async(alpa_cuda_pointer to, unsigned char byte, size_t n, alpa_cuda_stream stream) {
  EMU_ENTER(cuMemsetD8Async, true);
  if (!is_of_device(to) || !emu_is_usable(to, n))
    return ALPA_CUDA_INVALID_VALUE;
  if (n)
    emu_enqueue(emu_stream(stream), &(emu_op){.run = run_set, .to = to, .width = n, .byte = byte});
  return ALPA_CUDA_SUCCESS;
}
