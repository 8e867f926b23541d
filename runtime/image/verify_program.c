/* Checks of collectives and instruction lists: indices, bounds of every access, overlap, group structure, nesting. */
#include "runtime/image/verify.h"

enum { MAX_NESTING = 256 };

typedef struct span {
  alpa_image_ref ref;
  int64_t bytes;
} span;

static const alpa_image_buffer *buffer_of(const alpa_image_verifier *v, alpa_image_ref ref) {
  return &v->image->buffers[ref.buffer];
}

/* `what` names the access in messages. */
static alpa_status verify_span(alpa_image_verifier *v, const char *what, span at, bool is_written) {
  if (at.ref.buffer >= v->image->n_buffers)
    return alpa_image_error(v, "%s refers to buffer %u of %u", what, at.ref.buffer, v->image->n_buffers);
  const alpa_image_buffer *buffer = buffer_of(v, at.ref);
  if (at.ref.offset < 0 || at.ref.offset > buffer->bytes || at.bytes < 0 || at.bytes > buffer->bytes - at.ref.offset)
    return alpa_image_error(v, "%s: %lld bytes at offset %lld do not lie in the %lld bytes of buffer %u", what,
                            (long long)at.bytes, (long long)at.ref.offset, (long long)buffer->bytes, at.ref.buffer);
  if (is_written && (buffer->kind == ALPA_BUFFER_CONSTANT || buffer->kind == ALPA_BUFFER_DEVICE))
    return alpa_image_error(v, "%s writes to buffer %u, which cannot be written", what, at.ref.buffer);
  return ALPA_OK;
}

/* Buffers that lie in one memory: the arena, or one argument, result or constant area. */
static bool is_same_memory(const alpa_image_buffer *a, const alpa_image_buffer *b) {
  bool is_outer = a->kind == ALPA_BUFFER_ARGUMENT || a->kind == ALPA_BUFFER_RESULT;
  return a->kind == b->kind && (!is_outer || a->index == b->index);
}

/* Where a span starts in its memory. */
static int64_t span_start(const alpa_image_verifier *v, span at) {
  const alpa_image_buffer *buffer = buffer_of(v, at.ref);
  bool is_inner = buffer->kind == ALPA_BUFFER_TEMPORARY || buffer->kind == ALPA_BUFFER_CONSTANT;
  return at.ref.offset + (is_inner ? buffer->offset : 0);
}

static bool is_overlapping(const alpa_image_verifier *v, span a, span b) {
  if (!is_same_memory(buffer_of(v, a.ref), buffer_of(v, b.ref)) || !a.bytes || !b.bytes)
    return false;
  int64_t start_a = span_start(v, a), start_b = span_start(v, b);
  return start_a < start_b + b.bytes && start_b < start_a + a.bytes;
}

static bool is_same_span(const alpa_image_verifier *v, span a, span b) {
  return is_same_memory(buffer_of(v, a.ref), buffer_of(v, b.ref)) && span_start(v, a) == span_start(v, b) &&
         a.bytes == b.bytes;
}

/* ---- collectives ------------------------------------------------------------------------------------------------ */

bool alpa_reduction_is_defined(alpa_reduction reduction, alpa_dtype dtype) {
  alpa_dtype_class class_ = alpa_dtype_get_info(dtype)->class_;
  switch (reduction) {
  case ALPA_REDUCE_ADD:
  case ALPA_REDUCE_MULTIPLY:
    return true;
  case ALPA_REDUCE_MAXIMUM:
  case ALPA_REDUCE_MINIMUM:
    return class_ != ALPA_CLASS_COMPLEX;
  case ALPA_REDUCE_AND:
  case ALPA_REDUCE_OR:
  case ALPA_REDUCE_XOR:
    return class_ != ALPA_CLASS_COMPLEX && class_ != ALPA_CLASS_FLOAT;
  case ALPA_REDUCTION_COUNT:
    break;
  }
  return false;
}

/* A device occurs at most once; in pairs, at most once as source and once as target. */
static alpa_status verify_groups(alpa_image_verifier *v, uint32_t i, const alpa_image_collective *c) {
  uint32_t n_devices = v->image->n_devices;
  bool is_pairs = c->kind == ALPA_COLLECTIVE_PERMUTE;
  uint64_t n = (uint64_t)c->n_groups * c->group_size;
  if (is_pairs ? c->group_size != 2 || c->n_groups > n_devices : n > n_devices)
    return alpa_image_error(v, "collective %u has %u groups of %u; expects %s", i, c->n_groups, c->group_size,
                            is_pairs ? "pairs, at most one per device" : "at most all devices of the mesh");
  if (n && !c->groups)
    return alpa_image_error(v, "collective %u has no groups", i);
  char *seen = alpa_arena_calloc(&v->scratch, 2 * (size_t)n_devices, 1);
  for (uint64_t m = 0; m < n; m++) {
    uint32_t device = c->groups[m];
    if (device >= n_devices)
      return alpa_image_error(v, "collective %u names device %u of %u", i, device, n_devices);
    char *slot = &seen[device + (is_pairs && m % 2 ? n_devices : 0)];
    if (*slot)
      return alpa_image_error(v, "collective %u names device %u twice%s", i, device,
                              !is_pairs ? ""
                              : m % 2   ? " as a target"
                                        : " as a source");
    *slot = 1;
  }
  return ALPA_OK;
}

/* Elements of one device's operand and result, -1 where the product overflows. */
static void operand_elements(const alpa_image_collective *c, int64_t *out_from, int64_t *out_to) {
  int64_t part, all;
  if (__builtin_mul_overflow(c->outer, c->chunk, &part))
    part = -1;
  if (part < 0 || __builtin_mul_overflow(part, (int64_t)c->group_size, &all))
    all = -1;
  bool is_gather = c->kind == ALPA_COLLECTIVE_ALL_GATHER, is_scatter = c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  bool is_exchange = c->kind == ALPA_COLLECTIVE_ALL_TO_ALL;
  *out_from = is_scatter || is_exchange ? all : part;
  *out_to = is_gather || is_exchange ? all : part;
}

static alpa_status verify_operands(alpa_image_verifier *v, uint32_t i, const alpa_image_collective *c) {
  int64_t from, to, size = alpa_dtype_get_info(c->dtype)->bytes;
  operand_elements(c, &from, &to);
  if (from < 0 || to < 0 || __builtin_mul_overflow(from, size, &from) || __builtin_mul_overflow(to, size, &to))
    return alpa_image_error(v, "collective %u is too large", i);
  span spans[2] = {{c->from, from}, {c->to, to}};
  ALPA_TRY(verify_span(v, "a collective's operand", spans[0], false));
  ALPA_TRY(verify_span(v, "a collective's result", spans[1], true));
  bool may_be_equal = c->kind == ALPA_COLLECTIVE_ALL_REDUCE;
  if (is_overlapping(v, spans[0], spans[1]) && !(may_be_equal && is_same_span(v, spans[0], spans[1])))
    return alpa_image_error(v, "collective %u (%s): operand and result overlap", i, alpa_collective_name(c->kind));
  return ALPA_OK;
}

static alpa_status verify_collective(alpa_image_verifier *v, uint32_t i, const alpa_image_collective *c) {
  if (c->kind >= ALPA_COLLECTIVE_COUNT || c->reduction >= ALPA_REDUCTION_COUNT || c->dtype >= ALPA_DTYPE_COUNT)
    return alpa_image_error(v, "collective %u: unknown kind, reduction or data type", i);
  bool is_reducing = c->kind == ALPA_COLLECTIVE_ALL_REDUCE || c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  if (is_reducing && !alpa_reduction_is_defined(c->reduction, c->dtype))
    return alpa_image_error(v, "collective %u: '%s' is not defined on %s", i, alpa_reduction_name(c->reduction),
                            alpa_dtype_get_info(c->dtype)->spelling);
  bool has_outer = c->kind == ALPA_COLLECTIVE_ALL_GATHER || c->kind == ALPA_COLLECTIVE_REDUCE_SCATTER;
  if (c->outer < 0 || c->chunk < 0 || (!has_outer && c->outer != 1))
    return alpa_image_error(v, "collective %u: outer %lld or chunk %lld is out of range", i, (long long)c->outer,
                            (long long)c->chunk);
  ALPA_TRY(verify_groups(v, i, c));
  return verify_operands(v, i, c);
}

/* ---- transfers -------------------------------------------------------------------------------------------------- */

/* Bytes from `offset` on that a box reaches over, or -1 where that exceeds int64 or anything is negative. */
static int64_t box_end(int64_t offset, const alpa_image_copy *copy, const int64_t *strides) {
  int64_t end = copy->element_bytes, step;
  if (offset < 0)
    return -1;
  for (uint32_t d = 0; d < copy->rank; d++) {
    if (copy->extents[d] < 1 || strides[d] < 1 || __builtin_mul_overflow(copy->extents[d] - 1, strides[d], &step) ||
        __builtin_add_overflow(end, step, &end))
      return -1;
  }
  return __builtin_add_overflow(end, offset, &end) ? -1 : end;
}

static alpa_status verify_image_copy(alpa_image_verifier *v, const alpa_image_transfer *transfer,
                                     const alpa_image_copy *copy) {
  uint32_t n_devices = v->image->n_devices;
  if (copy->from_device >= n_devices || copy->to_device >= n_devices)
    return alpa_image_error(v, "transfer '%s' copies from device %u to %u; there are %u", transfer->name,
                            copy->from_device, copy->to_device, n_devices);
  if (copy->rank > ALPA_MAX_RANK || !copy->element_bytes || copy->element_bytes > 16)
    return alpa_image_error(v, "transfer '%s' has a box of rank %u and elements of %u bytes", transfer->name,
                            copy->rank, copy->element_bytes);
  if (copy->rank && (!copy->extents || !copy->from_strides || !copy->to_strides))
    return alpa_image_error(v, "transfer '%s' has a box without extents or strides", transfer->name);
  int64_t from = box_end(copy->from_offset, copy, copy->from_strides);
  int64_t to = box_end(copy->to_offset, copy, copy->to_strides);
  if (from < 0 || from > transfer->from_bytes || to < 0 || to > transfer->to_bytes)
    return alpa_image_error(v, "transfer '%s': a box does not lie in its pieces of %lld and %lld bytes", transfer->name,
                            (long long)transfer->from_bytes, (long long)transfer->to_bytes);
  return ALPA_OK;
}

static alpa_status verify_transfer(alpa_image_verifier *v, uint32_t i, const alpa_image_transfer *transfer) {
  if (!transfer->name || transfer->from_bytes < 0 || transfer->to_bytes < 0 ||
      (transfer->n_copies && !transfer->copies))
    return alpa_image_error(v, "transfer %u has no name, no copies, or negative sizes", i);
  for (uint32_t c = 0; c < transfer->n_copies; c++)
    ALPA_TRY(verify_image_copy(v, transfer, &transfer->copies[c]));
  return ALPA_OK;
}

/* ---- instructions ----------------------------------------------------------------------------------------------- */

/* Where a list stands: how deep, and which devices execute it. */
typedef struct scope {
  uint32_t depth;
  alpa_device_range devices;
} scope;

static alpa_status verify_list(alpa_image_verifier *v, const alpa_instructions *list, scope at);

/* X(kind, fewest refs, fewest lists, most lists) */
#define INSTRUCTION_TABLE(X)                                                                                           \
  X(RUN, 0, 0, 0)                                                                                                      \
  X(COPY, 2, 0, 0)                                                                                                     \
  X(COLLECTIVE, 0, 0, 0)                                                                                               \
  X(WHILE, 1, 2, 2)                                                                                                    \
  X(LOOP, 0, 1, 1)                                                                                                     \
  X(BRANCH, 1, 1, UINT32_MAX)                                                                                          \
  X(SEND, 1, 0, 0)                                                                                                     \
  X(RECEIVE, 1, 0, 0)                                                                                                  \
  X(SENT, 0, 0, 0)                                                                                                     \
  X(RECEIVED, 0, 0, 0)

static alpa_status verify_shape(alpa_image_verifier *v, const alpa_instruction *instruction) {
  static const struct {
    const char *name;
    uint32_t refs, least, most;
  } rows[] = {
#define X(kind, refs, least, most) [ALPA_INSTRUCTION_##kind] = {#kind, refs, least, most},
      INSTRUCTION_TABLE(X)
#undef X
  };
  if (instruction->kind >= countof(rows))
    return alpa_image_error(v, "unknown instruction %u", (unsigned)instruction->kind);
  if (!instruction->where)
    return alpa_image_error(v, "%s has no place; an unknown one is written \"\"", rows[instruction->kind].name);
  if (instruction->n_refs < rows[instruction->kind].refs || (instruction->n_refs && !instruction->refs))
    return alpa_image_error(v, "%s at '%s' expects %u operands, got %u", rows[instruction->kind].name,
                            instruction->where, rows[instruction->kind].refs, instruction->n_refs);
  if (instruction->n_lists < rows[instruction->kind].least || instruction->n_lists > rows[instruction->kind].most ||
      (instruction->n_lists && !instruction->lists))
    return alpa_image_error(v, "%s at '%s' has %u lists of instructions", rows[instruction->kind].name,
                            instruction->where, instruction->n_lists);
  return ALPA_OK;
}

/* Tensor maps describe memory inside the buffers of this run; each alone has been checked with its kernel. */
static alpa_status verify_maps(alpa_image_verifier *v, const alpa_instruction *instruction) {
  const alpa_image_kernel *kernel = &v->image->kernels[instruction->kernel];
  for (uint32_t i = 0; i < kernel->n_tensor_maps; i++) {
    const alpa_image_tensor_map *map = &kernel->tensor_maps[i];
    if (map->ref >= instruction->n_refs)
      return alpa_image_error(v, "'%s' has %u operands, but a tensor map of '%s' describes number %u",
                              instruction->where, instruction->n_refs, kernel->symbol, map->ref);
    alpa_image_ref ref = instruction->refs[map->ref];
    ref.offset += map->offset; /* both were checked to be below 2^61 */
    int64_t bytes = map->strides[0];
    for (uint32_t d = 0; d < map->rank; d++)
      bytes += (map->dims[d] - 1) * map->strides[d];
    ALPA_TRY(verify_span(v, "a tensor map", (span){ref, bytes}, false));
  }
  return ALPA_OK;
}

static alpa_status verify_run(alpa_image_verifier *v, const alpa_instruction *instruction) {
  if (instruction->kernel >= v->image->n_kernels)
    return alpa_image_error(v, "'%s' runs kernel %u of %u", instruction->where, instruction->kernel,
                            v->image->n_kernels);
  for (uint32_t r = 0; r < instruction->n_refs; r++)
    ALPA_TRY(verify_span(v, "a kernel's operand", (span){instruction->refs[r], 0}, false));
  return verify_maps(v, instruction);
}

static alpa_status verify_copy(alpa_image_verifier *v, const alpa_instruction *instruction) {
  span to = {instruction->refs[0], instruction->count}, from = {instruction->refs[1], instruction->count};
  ALPA_TRY(verify_span(v, "a copy's target", to, true));
  ALPA_TRY(verify_span(v, "a copy's source", from, false));
  if (is_overlapping(v, to, from) && !is_same_span(v, to, from))
    return alpa_image_error(v, "the copy at '%s' overlaps itself", instruction->where);
  return ALPA_OK;
}

static bool is_in(alpa_device_range range, uint32_t device) { return device - range.first < range.n; }

static alpa_status verify_transfer_side(alpa_image_verifier *v, const alpa_instruction *instruction, scope at) {
  if (instruction->transfer >= v->image->n_transfers)
    return alpa_image_error(v, "'%s' refers to transfer %u of %u", instruction->where, instruction->transfer,
                            v->image->n_transfers);
  const alpa_image_transfer *transfer = &v->image->transfers[instruction->transfer];
  bool is_from = instruction->kind == ALPA_INSTRUCTION_SEND || instruction->kind == ALPA_INSTRUCTION_SENT;
  for (uint32_t c = 0; c < transfer->n_copies; c++)
    if (!is_in(at.devices, is_from ? transfer->copies[c].from_device : transfer->copies[c].to_device))
      return alpa_image_error(v, "transfer '%s': device %u does not execute its %s at '%s'", transfer->name,
                              is_from ? transfer->copies[c].from_device : transfer->copies[c].to_device,
                              is_from ? "send" : "receive", instruction->where);
  if (instruction->n_refs == 0)
    return ALPA_OK;
  span piece = {instruction->refs[0], is_from ? transfer->from_bytes : transfer->to_bytes};
  return verify_span(v, is_from ? "a transfer's source" : "a transfer's target", piece, !is_from);
}

/* The list that a branch on a number of the device takes there, or ALPA_NO_INDEX where any may be taken. */
static uint32_t list_of_device(const alpa_image_verifier *v, const alpa_instruction *branch, uint32_t device) {
  const alpa_image_buffer *buffer = buffer_of(v, branch->refs[0]);
  if (buffer->kind != ALPA_BUFFER_DEVICE || branch->count != 4)
    return ALPA_NO_INDEX;
  uint32_t n_devices = v->image->n_devices;
  uint32_t number = buffer->index ? v->image->numbers[(size_t)(buffer->index - 1) * n_devices + device] : device;
  return number < branch->n_lists ? number : branch->n_lists - 1;
}

/* The devices that take list l of a branch. */
static alpa_status narrow(alpa_image_verifier *v, const alpa_instruction *branch, uint32_t l, scope *at) {
  alpa_device_range all = at->devices, taking = {0, 0};
  for (uint32_t d = all.first; d < all.first + all.n; d++) {
    uint32_t list = list_of_device(v, branch, d);
    if (list != l && list != ALPA_NO_INDEX)
      continue;
    if (taking.n && taking.first + taking.n != d)
      return alpa_image_error(v, "the devices that take list %u of the branch at '%s' are not consecutive", l,
                              branch->where);
    taking = (alpa_device_range){taking.n ? taking.first : d, taking.n + 1};
  }
  at->devices = taking;
  return ALPA_OK;
}

/* Every device that executes the instruction has a piece of what it refers to. */
static alpa_status verify_holder(alpa_image_verifier *v, const char *where, alpa_image_ref ref, scope at) {
  if (ref.buffer >= v->image->n_buffers || !at.devices.n)
    return ALPA_OK; /* an unknown buffer is reported with the access */
  const alpa_image_buffer *buffer = buffer_of(v, ref);
  bool is_argument = buffer->kind == ALPA_BUFFER_ARGUMENT;
  if (!is_argument && buffer->kind != ALPA_BUFFER_RESULT)
    return ALPA_OK;
  const alpa_image_tensor *tensor =
      is_argument ? &v->image->arguments[buffer->index] : &v->image->results[buffer->index];
  uint32_t last = at.devices.first + at.devices.n - 1;
  if (!alpa_image_tensor_is_on(tensor, at.devices.first) || !alpa_image_tensor_is_on(tensor, last))
    return alpa_image_error(v, "'%s' uses %s %u ('%s'), which devices %u to %u do not all hold", where,
                            is_argument ? "argument" : "result", buffer->index, tensor->name, at.devices.first, last);
  return ALPA_OK;
}

/* The devices that execute a collective are those of its groups. */
static alpa_status verify_start(alpa_image_verifier *v, const alpa_instruction *instruction, scope at) {
  if (instruction->collective >= v->image->n_collectives)
    return alpa_image_error(v, "'%s' starts collective %u of %u", instruction->where, instruction->collective,
                            v->image->n_collectives);
  const alpa_image_collective *c = &v->image->collectives[instruction->collective];
  uint64_t n = (uint64_t)c->n_groups * c->group_size;
  bool is_all = c->kind == ALPA_COLLECTIVE_PERMUTE || n == at.devices.n;
  for (uint64_t m = 0; m < n && is_all; m++)
    is_all = is_in(at.devices, c->groups[m]);
  if (!is_all)
    return alpa_image_error(v, "the groups of collective %u at '%s' are not the %u devices from %u on that execute it",
                            instruction->collective, instruction->where, at.devices.n, at.devices.first);
  ALPA_TRY(verify_holder(v, instruction->where, c->from, at));
  return verify_holder(v, instruction->where, c->to, at);
}

static alpa_status verify_instruction(alpa_image_verifier *v, const alpa_instruction *instruction, scope at) {
  ALPA_TRY(verify_shape(v, instruction));
  for (uint32_t r = 0; r < instruction->n_refs; r++)
    ALPA_TRY(verify_holder(v, instruction->where, instruction->refs[r], at));
  switch (instruction->kind) {
  case ALPA_INSTRUCTION_RUN:
    return verify_run(v, instruction);
  case ALPA_INSTRUCTION_COPY:
    return verify_copy(v, instruction);
  case ALPA_INSTRUCTION_COLLECTIVE:
    return verify_start(v, instruction, at);
  case ALPA_INSTRUCTION_WHILE:
    return verify_span(v, "a predicate", (span){instruction->refs[0], 1}, false);
  case ALPA_INSTRUCTION_LOOP:
    if (instruction->count < 0)
      return alpa_image_error(v, "the loop at '%s' has a negative trip count", instruction->where);
    return ALPA_OK;
  case ALPA_INSTRUCTION_BRANCH:
    if ((instruction->count != 1 && instruction->count != 4) || (instruction->count == 1 && instruction->n_lists != 2))
      return alpa_image_error(v,
                              "the branch at '%s' expects an i1 and two lists or an i32, got %lld bytes and %u lists",
                              instruction->where, (long long)instruction->count, instruction->n_lists);
    return verify_span(v, "a branch's index", (span){instruction->refs[0], instruction->count}, false);
  case ALPA_INSTRUCTION_SEND:
  case ALPA_INSTRUCTION_RECEIVE:
  case ALPA_INSTRUCTION_SENT:
  case ALPA_INSTRUCTION_RECEIVED:
    return verify_transfer_side(v, instruction, at);
  }
  return ALPA_OK;
}

static alpa_status verify_list(alpa_image_verifier *v, const alpa_instructions *list, scope at) {
  if (at.depth > MAX_NESTING)
    return alpa_image_error(v, "instructions are nested deeper than %d", MAX_NESTING);
  if (list->n && !list->items)
    return alpa_image_error(v, "an instruction list is missing");
  for (uint32_t i = 0; i < list->n; i++) {
    const alpa_instruction *instruction = &list->items[i];
    ALPA_TRY(verify_instruction(v, instruction, at));
    for (uint32_t l = 0; l < instruction->n_lists; l++) {
      scope inner = {at.depth + 1, at.devices};
      if (instruction->kind == ALPA_INSTRUCTION_BRANCH)
        ALPA_TRY(narrow(v, instruction, l, &inner));
      ALPA_TRY(verify_list(v, &instruction->lists[l], inner));
    }
  }
  return ALPA_OK;
}

alpa_status alpa_image_verify_program(alpa_image_verifier *verifier) {
  const alpa_image *image = verifier->image;
  for (uint32_t i = 0; i < image->n_collectives; i++)
    ALPA_TRY(verify_collective(verifier, i, &image->collectives[i]));
  for (uint32_t i = 0; i < image->n_transfers; i++)
    ALPA_TRY(verify_transfer(verifier, i, &image->transfers[i]));
  return verify_list(verifier, &image->program, (scope){0, {0, image->n_devices}});
}
