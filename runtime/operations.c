/* Flattens the instruction tree of an image.
 *
 *   while   start: <predicate>; TEST end; <body>; JUMP start; end:
 *   loop    LOOP next; body: <body>; next: REPEAT body
 *   branch  BRANCH 0..n-1; 0: <list>; JUMP end; 1: <list>; JUMP end; ...; end:  */
#include "runtime/operations.h"

typedef struct builder {
  alpa_arena *arena;
  const alpa_image *image;
  const char *const *symbols; /* copies of the kernels' names */
  ALPA_VEC(alpa_operation) operations;
  ALPA_VEC(alpa_image_ref) refs;
  ALPA_VEC(uint32_t) targets;
  uint32_t n_counters, n_instructions;
} builder;

static uint32_t here(const builder *b) { return (uint32_t)b->operations.n; }

/* Appends an operation for `from`, without operands, and returns its number. */
static uint32_t append(builder *b, alpa_operation_kind kind, const char *name, const alpa_operation *from) {
  alpa_operation operation = {.kind = kind,
                              .first_ref = (uint32_t)b->refs.n,
                              .instruction = from->instruction,
                              .name = name,
                              .where = from->where};
  alpa_vec_push(b->arena, &b->operations, operation);
  return here(b) - 1;
}

static void append_refs(builder *b, uint32_t at, const alpa_image_ref *refs, uint32_t n) {
  b->operations.items[at].n_refs = n;
  for (uint32_t r = 0; r < n; r++)
    alpa_vec_push(b->arena, &b->refs, refs[r]);
}

static void build_list(builder *b, const alpa_instructions *list);

static void build_collective(builder *b, const alpa_instruction *instruction, const alpa_operation *common) {
  const alpa_image_collective *collective = &b->image->collectives[instruction->collective];
  uint32_t at = append(b, ALPA_OPERATION_COLLECTIVE, alpa_collective_name(collective->kind), common);
  b->operations.items[at].index = instruction->collective;
  append_refs(b, at, (alpa_image_ref[]){collective->from, collective->to}, 2);
}

static void build_while(builder *b, const alpa_instruction *instruction, const alpa_operation *common) {
  uint32_t start = here(b);
  build_list(b, &instruction->lists[0]);
  uint32_t test = append(b, ALPA_OPERATION_TEST, "while", common);
  append_refs(b, test, instruction->refs, 1);
  build_list(b, &instruction->lists[1]);
  uint32_t jump = append(b, ALPA_OPERATION_JUMP, "while", common);
  b->operations.items[jump].target = start;
  b->operations.items[test].target = here(b);
}

static void build_loop(builder *b, const alpa_instruction *instruction, const alpa_operation *common) {
  uint32_t counter = b->n_counters++;
  uint32_t loop = append(b, ALPA_OPERATION_LOOP, "loop", common);
  b->operations.items[loop].index = counter;
  b->operations.items[loop].count = instruction->count;
  build_list(b, &instruction->lists[0]);
  uint32_t repeat = append(b, ALPA_OPERATION_REPEAT, "loop", common);
  b->operations.items[repeat].index = counter;
  b->operations.items[repeat].target = loop + 1;
  b->operations.items[loop].target = repeat;
}

static void build_branch(builder *b, const alpa_instruction *instruction, const alpa_operation *common) {
  uint32_t branch = append(b, ALPA_OPERATION_BRANCH, "branch", common), first = (uint32_t)b->targets.n;
  append_refs(b, branch, instruction->refs, 1);
  b->operations.items[branch].index = instruction->n_lists;
  b->operations.items[branch].count = instruction->count;
  b->operations.items[branch].target = first;
  for (uint32_t l = 0; l < instruction->n_lists; l++)
    alpa_vec_push(b->arena, &b->targets, 0);
  uint32_t *jumps = alpa_arena_new(b->arena, uint32_t, instruction->n_lists);
  for (uint32_t l = 0; l < instruction->n_lists; l++) {
    b->targets.items[first + l] = here(b);
    build_list(b, &instruction->lists[l]);
    jumps[l] = append(b, ALPA_OPERATION_JUMP, "branch", common);
  }
  for (uint32_t l = 0; l < instruction->n_lists; l++)
    b->operations.items[jumps[l]].target = here(b);
}

static void build_transfer(builder *b, const alpa_instruction *instruction, const alpa_operation *common) {
  static const struct {
    alpa_operation_kind kind;
    const char *name;
  } rows[] = {[ALPA_INSTRUCTION_SEND] = {ALPA_OPERATION_SEND, "send"},
              [ALPA_INSTRUCTION_RECEIVE] = {ALPA_OPERATION_RECEIVE, "receive"},
              [ALPA_INSTRUCTION_SENT] = {ALPA_OPERATION_SENT, "sent"},
              [ALPA_INSTRUCTION_RECEIVED] = {ALPA_OPERATION_RECEIVED, "received"}};
  uint32_t at = append(b, rows[instruction->kind].kind, rows[instruction->kind].name, common);
  const alpa_image_transfer *transfer = &b->image->transfers[instruction->transfer];
  bool is_from = instruction->kind == ALPA_INSTRUCTION_SEND || instruction->kind == ALPA_INSTRUCTION_SENT;
  b->operations.items[at].index = instruction->transfer;
  b->operations.items[at].bytes = is_from ? transfer->from_bytes : transfer->to_bytes;
  append_refs(b, at, instruction->refs, instruction->n_refs);
}

static void build_instruction(builder *b, const alpa_instruction *instruction) {
  alpa_operation common = {.instruction = b->n_instructions++,
                           .where = alpa_arena_strdup(b->arena, instruction->where)};
  uint32_t at;
  switch (instruction->kind) {
  case ALPA_INSTRUCTION_RUN:
    at = append(b, ALPA_OPERATION_RUN, b->symbols[instruction->kernel], &common);
    b->operations.items[at].index = instruction->kernel;
    b->operations.items[at].flops = b->image->kernels[instruction->kernel].flops;
    b->operations.items[at].bytes = b->image->kernels[instruction->kernel].bytes;
    append_refs(b, at, instruction->refs, instruction->n_refs);
    return;
  case ALPA_INSTRUCTION_COPY:
    at = append(b, ALPA_OPERATION_COPY, "copy", &common);
    b->operations.items[at].count = instruction->count;
    b->operations.items[at].bytes = 2 * instruction->count;
    append_refs(b, at, instruction->refs, 2);
    return;
  case ALPA_INSTRUCTION_COLLECTIVE:
    build_collective(b, instruction, &common);
    return;
  case ALPA_INSTRUCTION_WHILE:
    build_while(b, instruction, &common);
    return;
  case ALPA_INSTRUCTION_LOOP:
    build_loop(b, instruction, &common);
    return;
  case ALPA_INSTRUCTION_BRANCH:
    build_branch(b, instruction, &common);
    return;
  case ALPA_INSTRUCTION_SEND:
  case ALPA_INSTRUCTION_RECEIVE:
  case ALPA_INSTRUCTION_SENT:
  case ALPA_INSTRUCTION_RECEIVED:
    build_transfer(b, instruction, &common);
    return;
  }
}

static void build_list(builder *b, const alpa_instructions *list) {
  for (uint32_t i = 0; i < list->n; i++)
    build_instruction(b, &list->items[i]);
}

void alpa_operations_build(alpa_arena *arena, const alpa_image *image, alpa_operations *out_program) {
  builder b = {.arena = arena, .image = image};
  const char **symbols = alpa_arena_new(arena, const char *, image->n_kernels);
  for (uint32_t k = 0; k < image->n_kernels; k++)
    symbols[k] = alpa_arena_strdup(arena, image->kernels[k].symbol);
  b.symbols = symbols;
  build_list(&b, &image->program);
  append(&b, ALPA_OPERATION_END, "end", &(alpa_operation){.instruction = b.n_instructions, .where = ""});
  *out_program = (alpa_operations){.operations = b.operations.items,
                                   .n_operations = b.operations.n,
                                   .refs = b.refs.items,
                                   .n_refs = b.refs.n,
                                   .targets = b.targets.items,
                                   .n_counters = b.n_counters};
}
