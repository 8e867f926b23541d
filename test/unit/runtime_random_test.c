/* Random programs of kernels, copies, collectives, loops, whiles and branches on meshes of all sizes, against a model
 * that executes the instruction tree for all devices in lockstep. */
#include "test/unit/runtime_build.h"

enum { N_REGISTERS = 6, N_ELEMENTS = 24, MOST_DEVICES = 9, MOST_DEPTH = 3 };

typedef int32_t machine[MOST_DEVICES][N_REGISTERS][N_ELEMENTS];

/* {out, in}: out = 3 out + in + 1, element by element */
static void mix(char *const *operands, int64_t task) {
  int32_t *out = (int32_t *)(void *)operands[0] + task;
  uint32_t value = 3 * (uint32_t)*out + (uint32_t)((const int32_t *)(const void *)operands[1])[task] + 1;
  *out = (int32_t)value;
}

/* {out, device}: fills with numbers of the device. */
static void start(char *const *operands, int64_t task) {
  int32_t device;
  memcpy(&device, operands[1], 4);
  ((int32_t *)(void *)operands[0])[task] = device * 100 + (int32_t)task;
}

/* {counter, limit}: counter = limit */
static void set_counter(char *const *operands, int64_t task) {
  (void)task;
  memcpy(operands[0], operands[1], 4);
}

/* {flag, counter}: flag = counter-- > 0 */
static void count_down(char *const *operands, int64_t task) {
  (void)task;
  int32_t counter;
  memcpy(&counter, operands[1], 4);
  *operands[0] = counter > 0;
  counter--;
  memcpy(operands[1], &counter, 4);
}

static const alpa_symbol symbols[] = {{"mix", (void (*)(void))mix},
                                      {"start", (void (*)(void))start},
                                      {"set_counter", (void (*)(void))set_counter},
                                      {"count_down", (void (*)(void))count_down}};

typedef struct program {
  image_build b;
  uint64_t random;
  uint32_t registers[N_REGISTERS], numbers[4]; /* buffers; numbers: constants 0..3 */
  uint32_t mix, set_counter, count_down, n_instructions;
} program;

static uint32_t choose(program *p, uint32_t n) { return test_below(&p->random, n); }

static void add_collective(program *p, instruction_vec *list) {
  uint32_t n = p->b.n_devices, from = choose(p, N_REGISTERS), to = choose(p, N_REGISTERS), size;
  do
    size = 1 + choose(p, n);
  while (n % size);
  alpa_image_collective c = {.kind = choose(p, 2) ? ALPA_COLLECTIVE_ALL_REDUCE : ALPA_COLLECTIVE_PERMUTE,
                             .reduction = ALPA_REDUCE_ADD,
                             .dtype = ALPA_I32,
                             .outer = 1,
                             .chunk = N_ELEMENTS,
                             .n_groups = n / size,
                             .group_size = size,
                             .from = {p->registers[from], 0},
                             .to = {p->registers[to], 0}};
  uint32_t *order = alpa_arena_new(p->b.arena, uint32_t, 2 * n);
  for (uint32_t d = 0; d < n; d++)
    order[d] = d;
  for (uint32_t d = n; d > 1; d--) {
    uint32_t other = choose(p, d), device = order[other];
    order[other] = order[d - 1];
    order[d - 1] = device;
  }
  if (c.kind == ALPA_COLLECTIVE_PERMUTE) {
    if (from == to)
      return;
    c.group_size = 2;
    c.n_groups = choose(p, n);
    uint32_t *pairs = alpa_arena_new(p->b.arena, uint32_t, 2 * n);
    for (uint32_t i = 0; i < c.n_groups; i++) {
      pairs[2 * i] = order[i];
      pairs[2 * i + 1] = order[(i + 1) % n];
    }
    order = pairs;
  }
  c.groups = order;
  emit_collective(&p->b, list, "collective", build_collective(&p->b, c));
}

static void add_list(program *p, instruction_vec *list, uint32_t depth);

static void add_while(program *p, instruction_vec *list, uint32_t depth) {
  uint32_t counter = build_temporary(&p->b, 4), flag = build_temporary(&p->b, 1);
  instruction_vec test = {0}, body = {0};
  emit_run(&p->b, list, "set", p->set_counter, counter, p->numbers[choose(p, 4)]);
  emit_run(&p->b, &test, "test", p->count_down, flag, counter);
  if (choose(p, 2))
    add_collective(p, &test);
  add_list(p, &body, depth + 1);
  emit_while(&p->b, list, flag, &test, &body);
}

static void add_nested(program *p, instruction_vec *list, uint32_t depth) {
  instruction_vec bodies[3] = {{0}, {0}, {0}};
  uint32_t n = 1 + choose(p, 3);
  switch (choose(p, 3)) {
  case 0:
    add_list(p, &bodies[0], depth + 1);
    emit_loop(&p->b, list, choose(p, 4), &bodies[0]);
    return;
  case 1:
    for (uint32_t i = 0; i < n; i++)
      add_list(p, &bodies[i], depth + 1);
    emit_branch(&p->b, list, p->numbers[choose(p, 4)], 4, bodies, n);
    return;
  default:
    add_while(p, list, depth);
  }
}

static void add_list(program *p, instruction_vec *list, uint32_t depth) {
  for (uint32_t n = 1 + choose(p, 4); n-- > 0 && p->n_instructions < 60; p->n_instructions++) {
    uint32_t a = p->registers[choose(p, N_REGISTERS)], c = p->registers[choose(p, N_REGISTERS)];
    switch (choose(p, depth < MOST_DEPTH ? 4 : 3)) {
    case 0:
      emit_run(&p->b, list, "mix", p->mix, a, c);
      break;
    case 1:
      add_collective(p, list);
      break;
    case 2:
      emit_copy(&p->b, list, a, c, 4 * N_ELEMENTS);
      break;
    default:
      add_nested(p, list, depth);
    }
  }
}

static void build_program(program *p) {
  uint32_t n = p->b.n_devices, result, device = build_device_number(&p->b);
  int64_t all = N_REGISTERS * N_ELEMENTS;
  result = build_result(&p->b, build_tensor(p->b.arena, "out", ALPA_I32, all * n, n, n));
  for (int32_t i = 0; i < 4; i++)
    p->numbers[i] = build_constant(&p->b, &i, 4);
  p->mix = build_kernel(&p->b, "mix", N_ELEMENTS);
  p->set_counter = build_kernel(&p->b, "set_counter", 1);
  p->count_down = build_kernel(&p->b, "count_down", 1);
  uint32_t begin = build_kernel(&p->b, "start", N_ELEMENTS);
  for (uint32_t r = 0; r < N_REGISTERS; r++) {
    p->registers[r] = build_temporary(&p->b, 4 * N_ELEMENTS);
    emit_run(&p->b, &p->b.program, "start", begin, p->registers[r], device);
  }
  for (int i = 0; i < 3; i++)
    add_list(p, &p->b.program, 0);
  for (uint32_t r = 0; r < N_REGISTERS; r++) {
    emit_copy(&p->b, &p->b.program, result, p->registers[r], 4 * N_ELEMENTS);
    ((alpa_image_ref *)(uintptr_t)p->b.program.items[p->b.program.n - 1].refs)[0].offset = 4 * N_ELEMENTS * r;
  }
}

/* ---- the model -------------------------------------------------------------------------------------------------- */

typedef struct lockstep {
  const program *p;
  machine state, result;
  int32_t counters[256]; /* by buffer: equal on all devices */
} lockstep;

static uint32_t register_of(const program *p, uint32_t buffer) {
  for (uint32_t r = 0; r < N_REGISTERS; r++)
    if (p->registers[r] == buffer)
      return r;
  return N_REGISTERS;
}

static int32_t number_of(const program *p, uint32_t buffer) {
  for (int32_t i = 0; i < 4; i++)
    if (p->numbers[i] == buffer)
      return i;
  fail_msg("not a number");
  return 0;
}

static void model_collective(lockstep *l, const alpa_image_collective *c) {
  uint32_t from = register_of(l->p, c->from.buffer), to = register_of(l->p, c->to.buffer);
  static machine before;
  memcpy(before, l->state, sizeof before);
  bool is_permute = c->kind == ALPA_COLLECTIVE_PERMUTE;
  for (uint32_t d = 0; d < l->p->b.n_devices; d++)
    memset(l->state[d][to], 0, sizeof l->state[d][to]);
  for (uint32_t g = 0; g < c->n_groups; g++)
    for (uint32_t i = 0; i < c->group_size; i++)
      for (uint32_t j = 0; j < c->group_size; j++)
        for (uint32_t e = 0; e < N_ELEMENTS && (!is_permute || (i == 0 && j == 1)); e++) {
          int32_t *sum = &l->state[c->groups[g * c->group_size + j]][to][e];
          *sum = (int32_t)((uint32_t)*sum + (uint32_t)before[c->groups[g * c->group_size + i]][from][e]);
        }
}

static void model_run(lockstep *l, const alpa_instruction *instruction) {
  const program *p = l->p;
  uint32_t out = instruction->refs[0].buffer, in = instruction->refs[1].buffer;
  if (instruction->kernel == p->set_counter) {
    l->counters[out] = number_of(p, in);
  } else if (instruction->kernel == p->count_down) {
    l->counters[out] = l->counters[in]-- > 0;
  } else {
    for (int32_t d = 0; d < (int32_t)p->b.n_devices; d++)
      for (int32_t e = 0; e < N_ELEMENTS; e++) {
        int32_t *at = &l->state[d][register_of(p, out)][e];
        *at = instruction->kernel == p->mix
                  ? (int32_t)(3 * (uint32_t)*at + (uint32_t)l->state[d][register_of(p, in)][e] + 1)
                  : d * 100 + e;
      }
  }
}

static void model_copy(lockstep *l, const alpa_instruction *instruction) {
  uint32_t to = register_of(l->p, instruction->refs[0].buffer), from = register_of(l->p, instruction->refs[1].buffer);
  for (uint32_t d = 0; d < l->p->b.n_devices; d++)
    if (to == N_REGISTERS)
      memcpy((char *)l->result[d] + instruction->refs[0].offset, l->state[d][from], 4 * N_ELEMENTS);
    else
      memmove(l->state[d][to], l->state[d][from], 4 * N_ELEMENTS);
}

static void model_list(lockstep *l, const alpa_instructions *list) {
  for (uint32_t i = 0; i < list->n; i++) {
    const alpa_instruction *instruction = &list->items[i];
    int32_t n;
    switch (instruction->kind) {
    case ALPA_INSTRUCTION_RUN:
      model_run(l, instruction);
      break;
    case ALPA_INSTRUCTION_COPY:
      model_copy(l, instruction);
      break;
    case ALPA_INSTRUCTION_COLLECTIVE:
      model_collective(l, &l->p->b.collectives.items[instruction->collective]);
      break;
    case ALPA_INSTRUCTION_WHILE:
      for (;;) {
        model_list(l, &instruction->lists[0]);
        if (!l->counters[instruction->refs[0].buffer])
          break;
        model_list(l, &instruction->lists[1]);
      }
      break;
    case ALPA_INSTRUCTION_LOOP:
      for (int64_t trip = 0; trip < instruction->count; trip++)
        model_list(l, &instruction->lists[0]);
      break;
    case ALPA_INSTRUCTION_SEND:
    case ALPA_INSTRUCTION_RECEIVE:
    case ALPA_INSTRUCTION_SENT:
    case ALPA_INSTRUCTION_RECEIVED:
      fail_msg("the generator makes no transfers");
      break;
    case ALPA_INSTRUCTION_BRANCH:
      n = number_of(l->p, instruction->refs[0].buffer);
      model_list(l, &instruction->lists[(uint32_t)n < instruction->n_lists ? (uint32_t)n : instruction->n_lists - 1]);
      break;
    }
  }
}

/* ---- the test --------------------------------------------------------------------------------------------------- */

static void check_program(uint64_t seed) {
  test_context t;
  test_begin(&t);
  program p = {.b = {.arena = &t.arena}, .random = seed};
  p.b.n_devices = 1 + choose(&p, MOST_DEVICES);
  build_program(&p);
  static lockstep model;
  memset(&model, 0, sizeof model);
  model.p = &p;
  alpa_image image = build_image(&p.b);
  assert_true(image.n_buffers <= countof(model.counters));
  model_list(&model, &image.program);
  alpa_device_mesh *mesh = test_mesh(&t, p.b.n_devices, 1 + (uint32_t)(seed % 3));
  alpa_load_options options = {.symbols = symbols, .n_symbols = countof(symbols)};
  alpa_executable *executable;
  assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, &options, &executable));
  static machine actual;
  for (int step = 0; step < 3; step++) {
    alpa_array *out;
    assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, &out));
    assert_ok(&t, alpa_array_read(out, &t.diag, true, actual));
    if (memcmp(actual, model.result, p.b.n_devices * sizeof actual[0]) != 0)
      fail_msg("program %llu differs from the model", (unsigned long long)seed);
    alpa_array_release(out);
  }
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void programs_agree_with_the_model(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 400; seed++)
    check_program(seed);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(programs_agree_with_the_model)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
