/* The image of a pipeline: the instructions of its segments, once for every task, over the pipeline's buffers. */
#include "codegen/link/link.h"

#include <string.h>

#include "codegen/link/live.h"
#include "support/hash.h"

/* Numbers that a device reads about itself: ALPA_BUFFER_DEVICE of these indices. */
enum { NUMBER_SUBMESH = 1, NUMBER_RANK = 2, N_NUMBERS = 2 };

typedef struct linker {
  alpa_arena *arena;
  const alpa_link_problem *problem;
  alpa_link_live live;
  int64_t *constants_of;   /* by segment: where its constants begin */
  int64_t microbatches_at; /* numbers of micro-batches, 64 bytes apart, in the constants */
  ALPA_VEC(alpa_image_buffer) buffers;
  alpa_map buffer_of; /* hash -> number + 1 */
  ALPA_VEC(alpa_image_collective) collectives;
  ALPA_VEC(alpa_image_transfer) transfers;
  uint32_t *transfer_of; /* by move */
  char *is_moved;        /* by result: 1 where it must be copied into the argument that it replaces */
  int64_t *moved_offset; /* by result: its place until then */
  int64_t *temporaries;  /* by submesh: where those of segments begin */
} linker;

/* One task being written. */
typedef struct task_writer {
  linker *l;
  uint32_t submesh;
  const alpa_link_task *task;
  const alpa_link_segment *segment;
  uint32_t *buffers; /* of the segment's image: the pipeline's, ALPA_NO_INDEX: not yet */
} task_writer;

typedef ALPA_VEC(alpa_instruction) instructions;

static int64_t rounded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/* ---- buffers ----------------------------------------------------------------------------------------------------- */

static uint32_t add_buffer(linker *l, alpa_image_buffer buffer) {
  for (uint64_t key = alpa_hash64(
           &(struct { int64_t words[4]; }){{buffer.kind, buffer.index, buffer.offset, buffer.bytes}}, 32, 0);
       ; key++) {
    uint64_t *found = alpa_map_insert(l->arena, &l->buffer_of, key, NULL);
    if (*found) {
      const alpa_image_buffer *other = &l->buffers.items[*found - 1];
      if (other->kind != buffer.kind || other->index != buffer.index || other->offset != buffer.offset ||
          other->bytes != buffer.bytes)
        continue;
      return (uint32_t)*found - 1;
    }
    alpa_vec_push(l->arena, &l->buffers, buffer);
    *found = l->buffers.n;
    return (uint32_t)l->buffers.n - 1;
  }
}

static uint32_t add_temporary(linker *l, int64_t offset, int64_t bytes) {
  return add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_TEMPORARY, .offset = offset, .bytes = bytes});
}

/* What an argument or result of the task's segment is. */
static uint32_t buffer_of_wire(task_writer *w, alpa_wire wire, int64_t bytes) {
  linker *l = w->l;
  switch (wire.kind) {
  case ALPA_WIRE_ARGUMENT:
    return add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_ARGUMENT, .index = wire.index, .bytes = bytes});
  case ALPA_WIRE_RESULT:
    if (l->is_moved[wire.index])
      return add_temporary(l, l->moved_offset[wire.index], bytes);
    return add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_RESULT, .index = wire.index, .bytes = bytes});
  case ALPA_WIRE_VARIABLE: {
    uint32_t instance = alpa_link_instance_of(&l->live, wire.index, w->task->microbatch);
    return add_temporary(l, l->live.instances[instance].offset, bytes);
  }
  case ALPA_WIRE_MICROBATCH:
    break;
  }
  return add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_CONSTANT,
                                           .offset = l->microbatches_at + 64 * (int64_t)w->task->microbatch,
                                           .bytes = bytes});
}

static uint32_t map_buffer(task_writer *w, uint32_t index) {
  if (w->buffers[index] != ALPA_NO_INDEX)
    return w->buffers[index];
  alpa_image_buffer buffer = w->segment->image->buffers[index];
  switch (buffer.kind) {
  case ALPA_BUFFER_ARGUMENT:
    return w->buffers[index] = buffer_of_wire(w, w->segment->arguments[buffer.index], buffer.bytes);
  case ALPA_BUFFER_RESULT:
    return w->buffers[index] = buffer_of_wire(w, w->segment->results[buffer.index], buffer.bytes);
  case ALPA_BUFFER_TEMPORARY:
    buffer.offset += w->l->temporaries[w->submesh];
    break;
  case ALPA_BUFFER_CONSTANT:
    buffer.offset += w->l->constants_of[w->task->segment];
    break;
  case ALPA_BUFFER_DEVICE:
    buffer.index = NUMBER_RANK;
    break;
  }
  return w->buffers[index] = add_buffer(w->l, buffer);
}

static alpa_image_ref map_ref(task_writer *w, alpa_image_ref ref) {
  return (alpa_image_ref){map_buffer(w, ref.buffer), ref.offset};
}

/* ---- instructions of a task -------------------------------------------------------------------------------------- */

static uint32_t map_collective(task_writer *w, const alpa_image_collective *from) {
  linker *l = w->l;
  alpa_image_collective collective = *from;
  uint32_t n = from->n_groups * from->group_size, first = l->problem->submeshes[w->submesh].devices.first;
  uint32_t *groups = alpa_arena_new(l->arena, uint32_t, n);
  for (uint32_t i = 0; i < n; i++)
    groups[i] = from->groups[i] + first;
  collective.groups = groups;
  collective.from = map_ref(w, from->from);
  collective.to = map_ref(w, from->to);
  alpa_vec_push(l->arena, &l->collectives, collective);
  return (uint32_t)l->collectives.n - 1;
}

static alpa_instructions map_list(task_writer *w, const alpa_instructions *list);

static alpa_instruction map_instruction(task_writer *w, const alpa_instruction *from) {
  alpa_instruction to = *from;
  alpa_image_ref *refs = alpa_arena_new(w->l->arena, alpa_image_ref, from->n_refs);
  for (uint32_t r = 0; r < from->n_refs; r++)
    refs[r] = map_ref(w, from->refs[r]);
  to.refs = refs;
  if (from->kind == ALPA_INSTRUCTION_COLLECTIVE)
    to.collective = map_collective(w, &w->segment->image->collectives[from->collective]);
  alpa_instructions *lists = alpa_arena_new(w->l->arena, alpa_instructions, from->n_lists);
  for (uint32_t i = 0; i < from->n_lists; i++)
    lists[i] = map_list(w, &from->lists[i]);
  to.lists = lists;
  return to;
}

static alpa_instructions map_list(task_writer *w, const alpa_instructions *list) {
  alpa_instruction *items = alpa_arena_new(w->l->arena, alpa_instruction, list->n);
  for (uint32_t i = 0; i < list->n; i++)
    items[i] = map_instruction(w, &list->items[i]);
  return (alpa_instructions){items, list->n};
}

static void write_task(linker *l, uint32_t submesh, const alpa_link_task *task, instructions *out) {
  task_writer w = {.l = l, .submesh = submesh, .task = task, .segment = &l->problem->segments[task->segment]};
  uint32_t n_buffers = w.segment->image->n_buffers;
  w.buffers = alpa_arena_new(l->arena, uint32_t, n_buffers);
  memset(w.buffers, 0xFF, n_buffers * sizeof *w.buffers);
  for (uint32_t i = 0; i < w.segment->image->program.n; i++)
    alpa_vec_push(l->arena, out, map_instruction(&w, &w.segment->image->program.items[i]));
}

/* ---- the list of a submesh --------------------------------------------------------------------------------------- */

static void write_side(linker *l, alpa_instruction_kind kind, size_t move, instructions *out) {
  const alpa_link_move *m = &l->live.moves.items[move];
  const alpa_image_transfer *transfer = &l->transfers.items[l->transfer_of[move]];
  bool has_ref = kind == ALPA_INSTRUCTION_SEND || kind == ALPA_INSTRUCTION_RECEIVE;
  bool is_from = kind == ALPA_INSTRUCTION_SEND || kind == ALPA_INSTRUCTION_SENT;
  const alpa_link_instance *piece = &l->live.instances[is_from ? m->from : m->to];
  alpa_image_ref *ref = alpa_arena_new(l->arena, alpa_image_ref, 1);
  if (has_ref)
    *ref = (alpa_image_ref){add_temporary(l, piece->offset, piece->bytes), 0};
  alpa_instruction instruction = {
      .kind = kind, .transfer = l->transfer_of[move], .n_refs = has_ref, .refs = ref, .where = transfer->name};
  alpa_vec_push(l->arena, out, instruction);
}

/* What happens in front of task t (n_tasks: at the end): memory is waited for before it is given away again. */
static void write_before(linker *l, uint32_t submesh, uint32_t t, instructions *out) {
  const alpa_link_live *live = &l->live;
  for (size_t i = 0; i < live->moves.n; i++)
    if (live->instances[live->moves.items[i].from].submesh == submesh && live->moves.items[i].released == t)
      write_side(l, ALPA_INSTRUCTION_SENT, i, out);
  for (size_t i = 0; i < live->moves.n; i++)
    if (live->instances[live->moves.items[i].to].submesh == submesh && live->moves.items[i].posted == t)
      write_side(l, ALPA_INSTRUCTION_RECEIVE, i, out);
  for (size_t i = 0; i < live->moves.n; i++)
    if (live->instances[live->moves.items[i].to].submesh == submesh && live->moves.items[i].awaited == t)
      write_side(l, ALPA_INSTRUCTION_RECEIVED, i, out);
}

/* Results that could not be written where they belong while the argument was read. */
static void write_moved(linker *l, uint32_t submesh, instructions *out) {
  uint32_t first = l->problem->submeshes[submesh].devices.first;
  for (uint32_t i = 0; i < l->problem->n_aliases; i++) {
    alpa_image_alias alias = l->problem->aliases[i];
    const alpa_image_tensor *tensor = &l->problem->results[alias.result];
    if (!l->is_moved[alias.result] || tensor->holders.first != first)
      continue;
    int64_t bytes = alpa_image_tensor_local_bytes(tensor);
    alpa_image_ref *refs = alpa_arena_new(l->arena, alpa_image_ref, 2);
    refs[0].buffer =
        add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_ARGUMENT, .index = alias.argument, .bytes = bytes});
    refs[1].buffer = add_temporary(l, l->moved_offset[alias.result], bytes);
    alpa_instruction copy = {
        .kind = ALPA_INSTRUCTION_COPY, .n_refs = 2, .refs = refs, .count = bytes, .where = tensor->name};
    alpa_vec_push(l->arena, out, copy);
  }
}

static alpa_instructions write_submesh(linker *l, uint32_t submesh) {
  instructions out = {0};
  const alpa_link_submesh *of = &l->problem->submeshes[submesh];
  for (uint32_t t = 0; t < of->n_tasks; t++) {
    write_before(l, submesh, t, &out);
    write_task(l, submesh, &of->tasks[t], &out);
    for (size_t i = 0; i < l->live.moves.n; i++)
      if (l->live.instances[l->live.moves.items[i].from].submesh == submesh && l->live.moves.items[i].sent == t)
        write_side(l, ALPA_INSTRUCTION_SEND, i, &out);
  }
  write_before(l, submesh, of->n_tasks, &out);
  write_moved(l, submesh, &out);
  return (alpa_instructions){out.items, (uint32_t)out.n};
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void write_transfers(linker *l) {
  l->transfer_of = alpa_arena_new(l->arena, uint32_t, l->live.moves.n);
  for (size_t i = 0; i < l->live.moves.n; i++) {
    l->transfer_of[i] = (uint32_t)i;
    alpa_vec_push(l->arena, &l->transfers, l->problem->transfers[l->live.moves.items[i].transfer].moves);
  }
}

/* Which aliased results their segments do not write in place, and room for them behind the variables. */
static void find_moved(linker *l) {
  const alpa_link_problem *p = l->problem;
  l->is_moved = alpa_arena_new(l->arena, char, p->n_results);
  l->moved_offset = alpa_arena_new(l->arena, int64_t, p->n_results);
  for (uint32_t i = 0; i < p->n_aliases; i++)
    l->is_moved[p->aliases[i].result] = 1;
  for (uint32_t s = 0; s < p->n_segments; s++) {
    const alpa_link_segment *segment = &p->segments[s];
    for (uint32_t i = 0; i < segment->image->n_aliases; i++) {
      alpa_wire wire = segment->results[segment->image->aliases[i].result];
      if (wire.kind == ALPA_WIRE_RESULT)
        l->is_moved[wire.index] = 0;
    }
  }
  l->temporaries = alpa_arena_new(l->arena, int64_t, p->n_submeshes);
  for (uint32_t s = 0; s < p->n_submeshes; s++) {
    l->temporaries[s] = l->live.slots_bytes[s];
    for (uint32_t r = 0; r < p->n_results; r++)
      if (l->is_moved[r] && p->results[r].holders.first == p->submeshes[s].devices.first) {
        l->moved_offset[r] = l->temporaries[s];
        l->temporaries[s] += rounded(alpa_image_tensor_local_bytes(&p->results[r]));
      }
  }
}

static void write_constants(linker *l, alpa_image *image) {
  const alpa_link_problem *p = l->problem;
  int64_t bytes = 0;
  l->constants_of = alpa_arena_new(l->arena, int64_t, p->n_segments);
  for (uint32_t s = 0; s < p->n_segments; s++) {
    l->constants_of[s] = bytes;
    bytes += rounded((int64_t)p->segments[s].image->constants_bytes);
  }
  l->microbatches_at = bytes;
  bytes += 64 * (int64_t)p->n_microbatches;
  char *data = alpa_arena_alloc_aligned(l->arena, (size_t)bytes, 64);
  memset(data, 0, (size_t)bytes);
  for (uint32_t s = 0; s < p->n_segments; s++)
    if (p->segments[s].image->constants_bytes)
      memcpy(data + l->constants_of[s], p->segments[s].image->constants, p->segments[s].image->constants_bytes);
  for (uint32_t b = 0; b < p->n_microbatches; b++)
    memcpy(data + l->microbatches_at + 64 * (int64_t)b, &(uint64_t){b}, 8);
  image->constants = data;
  image->constants_bytes = (size_t)bytes;
}

/* The submesh of every device (behind the last one: of none) and its rank there. */
static void write_numbers(linker *l, alpa_image *image) {
  const alpa_link_problem *p = l->problem;
  uint32_t *numbers = alpa_arena_new(l->arena, uint32_t, N_NUMBERS * p->n_devices);
  for (uint32_t d = 0; d < p->n_devices; d++)
    numbers[(NUMBER_SUBMESH - 1) * p->n_devices + d] = p->n_submeshes;
  for (uint32_t s = 0; s < p->n_submeshes; s++)
    for (uint32_t rank = 0; rank < p->submeshes[s].devices.n; rank++) {
      uint32_t device = p->submeshes[s].devices.first + rank;
      numbers[(NUMBER_SUBMESH - 1) * p->n_devices + device] = s;
      numbers[(NUMBER_RANK - 1) * p->n_devices + device] = rank;
    }
  image->n_numbers = N_NUMBERS;
  image->numbers = numbers;
}

/* One branch by submesh; devices of none run the empty list behind. */
static void write_program(linker *l, alpa_image *image) {
  uint32_t n = l->problem->n_submeshes;
  alpa_instructions *lists = alpa_arena_new(l->arena, alpa_instructions, n + 1);
  for (uint32_t s = 0; s < n; s++)
    lists[s] = write_submesh(l, s);
  alpa_image_ref *ref = alpa_arena_new(l->arena, alpa_image_ref, 1);
  ref->buffer = add_buffer(l, (alpa_image_buffer){.kind = ALPA_BUFFER_DEVICE, .index = NUMBER_SUBMESH, .bytes = 4});
  alpa_instruction branch = {.kind = ALPA_INSTRUCTION_BRANCH,
                             .n_refs = 1,
                             .refs = ref,
                             .count = 4,
                             .n_lists = n + 1,
                             .lists = lists,
                             .where = "stages"};
  image->program = (alpa_instructions){alpa_arena_copy(l->arena, &branch, sizeof branch), 1};
}

static int64_t find_arena_bytes(const linker *l) {
  int64_t bytes = 0;
  for (uint32_t s = 0; s < l->problem->n_submeshes; s++)
    for (uint32_t t = 0; t < l->problem->submeshes[s].n_tasks; t++) {
      const alpa_image *image = l->problem->segments[l->problem->submeshes[s].tasks[t].segment].image;
      int64_t end = l->temporaries[s] + image->arena_bytes;
      bytes = end > bytes ? end : bytes;
    }
  return rounded(bytes);
}

alpa_status alpa_image_link(const alpa_link_problem *problem, alpa_diag *diag, alpa_arena *arena,
                            alpa_image **out_image) {
  linker l = {.arena = arena, .problem = problem, .live = {.arena = arena, .problem = problem}};
  ALPA_TRY(alpa_link_live_find(&l.live, diag));
  const alpa_image *any = problem->segments[0].image;
  alpa_image *image = alpa_arena_copy(arena, any, sizeof *any);
  find_moved(&l);
  write_transfers(&l);
  write_constants(&l, image);
  write_numbers(&l, image);
  write_program(&l, image);
  image->n_devices = problem->n_devices;
  image->n_arguments = problem->n_arguments;
  image->n_results = problem->n_results;
  image->arguments = problem->arguments;
  image->results = problem->results;
  image->n_aliases = problem->n_aliases;
  image->aliases = problem->aliases;
  image->n_buffers = (uint32_t)l.buffers.n;
  image->buffers = l.buffers.items;
  image->n_collectives = (uint32_t)l.collectives.n;
  image->collectives = l.collectives.items;
  image->n_transfers = (uint32_t)l.transfers.n;
  image->transfers = l.transfers.items;
  image->arena_bytes = find_arena_bytes(&l);
  ALPA_TRY(alpa_image_verify(image, diag));
  *out_image = image;
  return ALPA_OK;
}
