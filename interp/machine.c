/* Storage of the machine: buffers in size classes (four to a power of two), so that freed intermediates are reused and
 * everything goes with the arena of the run, also when memory runs out. */
#include "interp/machine.h"

#include <string.h>

enum { SMALLEST = 64, HEADER = 64 };

/* Class k holds SMALLEST * 2^(k/4) * (1 + (k%4)/4) bytes. */
static size_t class_bytes(uint32_t size_class) {
  return ((size_t)SMALLEST / 4 << size_class / 4) * (4 + size_class % 4);
}

static uint32_t find_class(size_t bytes) {
  uint32_t size_class = 0;
  if (bytes > SMALLEST)
    size_class = 4 * (uint32_t)(63 - __builtin_clzll(bytes / SMALLEST));
  while (class_bytes(size_class) < bytes)
    size_class++;
  return size_class;
}

void alpa_machine_init(alpa_machine *machine, alpa_context *ctx, const alpa_interp_options *options) {
  *machine = (alpa_machine){.ctx = ctx, .options = *options, .arith = options->arith};
  machine->n_devices = options->n_devices ? options->n_devices : 1;
  machine->n_replicas = options->n_replicas ? options->n_replicas : 1;
  alpa_arena_init(&machine->arena, &ctx->memory);
}

void alpa_machine_deinit(alpa_machine *machine) { alpa_arena_deinit(&machine->arena); }

alpa_buffer *alpa_buffer_create(alpa_machine *machine, size_t bytes) {
  uint32_t size_class = find_class(bytes);
  alpa_buffer *buffer = machine->free_buffers[size_class];
  if (buffer)
    machine->free_buffers[size_class] = buffer->next;
  else
    buffer = alpa_arena_alloc_aligned(&machine->arena, HEADER + class_bytes(size_class), HEADER);
  *buffer = (alpa_buffer){.refs = 1, .size_class = size_class};
  machine->live_bytes += class_bytes(size_class);
  if (machine->live_bytes > machine->peak_bytes)
    machine->peak_bytes = machine->live_bytes;
  return buffer;
}

void alpa_buffer_release(alpa_machine *machine, alpa_buffer *buffer) {
  if (!buffer || --buffer->refs)
    return;
  buffer->next = machine->free_buffers[buffer->size_class];
  machine->free_buffers[buffer->size_class] = buffer;
  machine->live_bytes -= class_bytes(buffer->size_class);
}

void alpa_slot_clear(alpa_machine *machine, alpa_slot *slot) {
  alpa_buffer_release(machine, slot->buffer);
  slot->buffer = NULL;
  slot->tensor.data = NULL;
}

void alpa_slot_allocate(alpa_machine *machine, alpa_slot *slot) {
  slot->buffer = alpa_buffer_create(machine, alpa_tensor_bytes(&slot->tensor, machine->arith));
  slot->tensor.data = alpa_buffer_data(slot->buffer);
}

void alpa_slot_share(alpa_slot *to, const alpa_slot *from) {
  to->tensor.data = from->tensor.data;
  to->buffer = from->buffer;
  if (to->buffer)
    to->buffer->refs++;
}

void alpa_slot_copy(alpa_machine *machine, alpa_slot *to, const alpa_slot *from) {
  alpa_slot copy = *from;
  if (copy.buffer)
    copy.buffer->refs++;
  alpa_slot_clear(machine, to);
  *to = copy;
}

void *alpa_call_scratch(alpa_call *call, size_t bytes) {
  alpa_buffer *buffer = alpa_buffer_create(call->machine, bytes);
  buffer->next = call->scratch;
  call->scratch = buffer;
  return alpa_buffer_data(buffer);
}

void alpa_call_release(alpa_call *call, alpa_buffer *mark) {
  while (call->scratch != mark) {
    alpa_buffer *buffer = call->scratch;
    call->scratch = buffer->next;
    alpa_buffer_release(call->machine, buffer);
  }
}
