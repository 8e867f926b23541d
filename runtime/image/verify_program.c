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

/* Every device of the mesh occurs exactly once; in pairs, at most once as source and once as target. */
static alpa_status verify_groups(alpa_image_verifier *v, uint32_t i, const alpa_image_collective *c) {
  uint32_t n_devices = v->image->n_devices;
  bool is_pairs = c->kind == ALPA_COLLECTIVE_PERMUTE;
  uint64_t n = (uint64_t)c->n_groups * c->group_size;
  if (is_pairs ? c->group_size != 2 || c->n_groups > n_devices : n != n_devices)
    return alpa_image_error(v, "collective %u has %u groups of %u; expects %s", i, c->n_groups, c->group_size,
                            is_pairs ? "pairs, at most one per device" : "all devices of the mesh");
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

/* ---- instructions ----------------------------------------------------------------------------------------------- */

static alpa_status verify_list(alpa_image_verifier *v, const alpa_instructions *list, uint32_t depth);

/* X(kind, fewest refs, fewest lists, most lists) */
#define INSTRUCTION_TABLE(X)                                                                                           \
  X(RUN, 0, 0, 0)                                                                                                      \
  X(COPY, 2, 0, 0)                                                                                                     \
  X(COLLECTIVE, 0, 0, 0)                                                                                               \
  X(WHILE, 1, 2, 2)                                                                                                    \
  X(LOOP, 0, 1, 1)                                                                                                     \
  X(BRANCH, 1, 1, UINT32_MAX)

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

static alpa_status verify_instruction(alpa_image_verifier *v, const alpa_instruction *instruction) {
  ALPA_TRY(verify_shape(v, instruction));
  switch (instruction->kind) {
  case ALPA_INSTRUCTION_RUN:
    return verify_run(v, instruction);
  case ALPA_INSTRUCTION_COPY:
    return verify_copy(v, instruction);
  case ALPA_INSTRUCTION_COLLECTIVE:
    if (instruction->collective >= v->image->n_collectives)
      return alpa_image_error(v, "'%s' starts collective %u of %u", instruction->where, instruction->collective,
                              v->image->n_collectives);
    return ALPA_OK;
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
  }
  return ALPA_OK;
}

static alpa_status verify_list(alpa_image_verifier *v, const alpa_instructions *list, uint32_t depth) {
  if (depth > MAX_NESTING)
    return alpa_image_error(v, "instructions are nested deeper than %d", MAX_NESTING);
  if (list->n && !list->items)
    return alpa_image_error(v, "an instruction list is missing");
  for (uint32_t i = 0; i < list->n; i++) {
    const alpa_instruction *instruction = &list->items[i];
    ALPA_TRY(verify_instruction(v, instruction));
    for (uint32_t l = 0; l < instruction->n_lists; l++)
      ALPA_TRY(verify_list(v, &instruction->lists[l], depth + 1));
  }
  return ALPA_OK;
}

alpa_status alpa_image_verify_program(alpa_image_verifier *verifier) {
  for (uint32_t i = 0; i < verifier->image->n_collectives; i++)
    ALPA_TRY(verify_collective(verifier, i, &verifier->image->collectives[i]));
  return verify_list(verifier, &verifier->image->program, 0);
}
