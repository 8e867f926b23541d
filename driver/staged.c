/* Reading an outlined module: stages, segments, wiring, and the tasks of every submesh. */
#include "driver/staged.h"

#include <stdlib.h>
#include <string.h>

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/outline/submesh.h"

bool alpa_staged_is(const alpa_op *func) {
  const alpa_block *entry = alpa_func_entry(func);
  return entry && entry->first && alpa_is(entry->first, ALPA_OP_pipeline);
}

/* ---- variables and parts ----------------------------------------------------------------------------------------- */

static uint32_t find_variable(alpa_staged *p, uint32_t stage, const char *name, const alpa_image_tensor *tensor,
                              const char *partial) {
  for (uint32_t v = 0; v < p->variables.n; v++)
    if (p->variables.items[v].stage == stage && !strcmp(p->variables.items[v].name, name))
      return v;
  alpa_staged_variable variable = {.stage = stage, .name = name, .partial = partial, .tensor = *tensor};
  alpa_vec_push(p->arena, &p->variables, variable);
  return (uint32_t)p->variables.n - 1;
}

/* The tensor as the stage's devices hold it. */
static alpa_image_tensor on_stage(const alpa_staged *p, uint32_t stage, const alpa_image_tensor *tensor) {
  alpa_image_tensor held = *tensor;
  held.holders = p->stages[stage].devices;
  return held;
}

/* The part of an argument (or result) that a stage holds; a new one where the stage has none so far. */
static uint32_t find_part(alpa_staged *p, bool is_result, const alpa_staged_part *wanted) {
  for (uint32_t i = 0; i < (is_result ? p->results.n : p->arguments.n); i++) {
    const alpa_staged_part *part = is_result ? &p->results.items[i] : &p->arguments.items[i];
    if (part->stage == wanted->stage && part->index == wanted->index &&
        alpa_image_tensor_is_same_part(&part->tensor, &wanted->tensor))
      return i;
  }
  if (is_result) {
    alpa_vec_push(p->arena, &p->results, *wanted);
    return (uint32_t)p->results.n - 1;
  }
  alpa_vec_push(p->arena, &p->arguments, *wanted);
  return (uint32_t)p->arguments.n - 1;
}

/* ---- wiring ------------------------------------------------------------------------------------------------------ */

/* One argument or result of a segment's function. */
typedef struct terminal {
  alpa_staged *p;
  const alpa_staged_segment *segment;
  const alpa_op *func;
  uint32_t index;
  bool is_result;
} terminal;

static const alpa_attr *attr_of(const terminal *t, const char *name) {
  return t->is_result ? alpa_func_find_result_attr(t->func, t->index, name)
                      : alpa_func_find_arg_attr(t->func, t->index, name);
}

static const char *string_of(const terminal *t, const char *name) {
  const alpa_attr *attr = attr_of(t, name);
  return attr && attr->kind == ALPA_ATTR_STRING ? alpa_arena_strdup(t->p->arena, attr->string.data) : NULL;
}

static alpa_status fault(const terminal *t, const char *what) {
  return alpa_op_error(t->func, "has %s %u %s", t->is_result ? "result" : "argument", t->index, what);
}

static const alpa_image_tensor *tensor_of(const terminal *t) {
  const alpa_layout *layout = &t->segment->layout;
  return t->is_result ? &layout->results[t->index] : &layout->arguments[t->index];
}

static bool is_of_type(const alpa_image_tensor *tensor, const alpa_type *type) {
  return alpa_type_is_static_tensor(type) && tensor->dtype == type->dtype && tensor->rank == type->rank &&
         memcmp(tensor->global_dims, type->dims, type->rank * sizeof *type->dims) == 0;
}

/* The axes on which it is still to be combined, and how; "" where it is complete. */
static alpa_status spell_partial(const terminal *t, const char **out) {
  const alpa_attr *attr = attr_of(t, "sdy.sharding");
  alpa_sharding sharding = {0};
  alpa_text text;
  alpa_text_init(&text, t->p->arena);
  if (attr)
    ALPA_TRY(alpa_sharding_decode_at(t->p->arena, t->func, attr, &sharding));
  for (size_t i = 0; i < sharding.partial.n; i++)
    alpa_text_printf(&text, "%s %d ", sharding.mesh->axes[sharding.partial.items[i].axis].name,
                     (int)sharding.partial_kind);
  *out = alpa_text_finish(&text);
  return ALPA_OK;
}

/* Makes a tensor the slice of a whole one that begins at the offset. */
static alpa_status place_slice(const terminal *t, const alpa_attr *offset, const alpa_type *whole,
                               alpa_image_tensor *tensor) {
  size_t n = 0;
  const int64_t *start = offset->kind == ALPA_ATTR_NUMBERS ? alpa_attr_i64s(offset, &n) : NULL;
  bool fits = start && n == tensor->rank && alpa_type_is_static_tensor(whole) && whole->rank == tensor->rank;
  for (uint32_t d = 0; fits && d < tensor->rank; d++)
    fits = start[d] >= 0 && start[d] <= whole->dims[d] - tensor->global_dims[d];
  if (!fits)
    return fault(t, "that is no slice of what it is wired to: alpa.offset is not inside");
  tensor->part_start = start;
  tensor->part_dims = tensor->global_dims;
  tensor->global_dims = whole->dims;
  return ALPA_OK;
}

/* The program's argument or result that it stands for. */
static alpa_status wire_part(const terminal *t, const alpa_attr *number, alpa_wire *out) {
  const alpa_type *type = alpa_func_type(t->p->func);
  size_t n = t->is_result ? type->results.n : type->inputs.n;
  if (number->kind != ALPA_ATTR_INTEGER || number->integer < 0 || (size_t)number->integer >= n)
    return fault(t, "that names no argument or result of the program");
  const alpa_type *wanted = t->is_result ? type->results.items[number->integer] : type->inputs.items[number->integer];
  const alpa_layout *layout = &t->segment->layout;
  alpa_staged_part part = {.index = (uint32_t)number->integer,
                           .stage = t->segment->stage,
                           .sharding =
                               t->is_result ? layout->result_shardings[t->index] : layout->argument_shardings[t->index],
                           .tensor = on_stage(t->p, t->segment->stage, tensor_of(t))};
  if (t->is_result)
    part.tensor.name = alpa_func_name_result(t->p->arena, t->p->func, part.index);
  const alpa_attr *offset = attr_of(t, ALPA_OFFSET);
  if (offset)
    ALPA_TRY(place_slice(t, offset, wanted, &part.tensor));
  if (!is_of_type(&part.tensor, wanted))
    return fault(t, "of another type than the program's that it stands for");
  *out = (alpa_wire){t->is_result ? ALPA_WIRE_RESULT : ALPA_WIRE_ARGUMENT, find_part(t->p, t->is_result, &part)};
  const alpa_staged_part *found = t->is_result ? &t->p->results.items[out->index] : &t->p->arguments.items[out->index];
  if (!alpa_image_tensor_is_placed_as(&found->tensor, &part.tensor, t->p->n_devices))
    return fault(t, "that lies otherwise on the devices than in another segment of the stage");
  return ALPA_OK;
}

/* c of all micro-batches, p of the step: one; m: one for every micro-batch. */
static alpa_status wire_variable(const terminal *t, const char *name, bool per_microbatch, alpa_wire *out) {
  alpa_image_tensor held = on_stage(t->p, t->segment->stage, tensor_of(t));
  const char *partial = NULL;
  ALPA_TRY(spell_partial(t, &partial));
  uint32_t v = find_variable(t->p, t->segment->stage, name, &held, partial);
  alpa_staged_variable *variable = &t->p->variables.items[v];
  variable->per_microbatch |= per_microbatch;
  if (!alpa_image_tensor_is_placed_as(&variable->tensor, &held, t->p->n_devices) ||
      strcmp(variable->partial, partial) != 0)
    return fault(t, "that lies otherwise on the devices than where it is computed");
  *out = (alpa_wire){ALPA_WIRE_VARIABLE, v};
  return ALPA_OK;
}

/* What comes from elsewhere is complete; results that go there are completed when the segment is partitioned. */
static alpa_status check_complete(const terminal *t) {
  const char *partial = "";
  if (t->is_result)
    return ALPA_OK;
  ALPA_TRY(spell_partial(t, &partial));
  return partial[0] ? fault(t, "that is partial; expects only values of 'alpa.local' to be") : ALPA_OK;
}

static alpa_status read_wire(const terminal *t, alpa_wire *out) {
  const alpa_attr *number = attr_of(t, t->is_result ? ALPA_RESULT : ALPA_ARGUMENT);
  const char *local = string_of(t, ALPA_LOCAL), *sent = string_of(t, t->is_result ? ALPA_SEND : ALPA_RECEIVE);
  const char *phase = string_of(t, "alpa.phase");
  if (!number && local)
    return wire_variable(t, local, local[0] == 'm', out);
  ALPA_TRY(check_complete(t));
  if (number)
    return wire_part(t, number, out);
  if (sent) {
    const char *name = alpa_arena_printf(t->p->arena, "%s:%s", t->is_result ? "out" : "in", sent);
    ALPA_TRY(wire_variable(t, name, phase && !strcmp(phase, "body"), out));
    t->p->variables.items[out->index].is_sent |= t->is_result;
    t->p->variables.items[out->index].is_received |= !t->is_result;
    return ALPA_OK;
  }
  if (!attr_of(t, ALPA_MICROBATCH) || t->is_result)
    return fault(t, "that is wired to nothing");
  *out = (alpa_wire){.kind = ALPA_WIRE_MICROBATCH};
  return ALPA_OK;
}

static alpa_status read_wires(alpa_staged *p, alpa_staged_segment *segment, alpa_op *func) {
  segment->arguments = alpa_arena_new(p->arena, alpa_wire, segment->layout.n_arguments);
  segment->results = alpa_arena_new(p->arena, alpa_wire, segment->layout.n_results);
  for (uint32_t i = 0; i < segment->layout.n_arguments; i++)
    ALPA_TRY(read_wire(&(terminal){p, segment, func, i, false}, &segment->arguments[i]));
  for (uint32_t i = 0; i < segment->layout.n_results; i++)
    ALPA_TRY(read_wire(&(terminal){p, segment, func, i, true}, &segment->results[i]));
  return ALPA_OK;
}

/* ---- stages and segments ----------------------------------------------------------------------------------------- */

static alpa_status read_segment(alpa_staged *p, uint32_t stage, alpa_op *module, const alpa_attr *phase) {
  int64_t level = alpa_op_find_integer(module, "alpa.level", 0);
  alpa_staged_segment segment = {.module = module, .stage = stage, .level = (uint32_t)level};
  const alpa_mesh *mesh = NULL;
  alpa_op *func = NULL;
  while (segment.phase < ALPA_PHASE_COUNT && strcmp(alpa_phase_name(segment.phase), phase->string.data))
    segment.phase++;
  if (segment.phase == ALPA_PHASE_COUNT)
    return alpa_op_error(module, "is of phase '%s'; expects prologue, forward, backward, weight or epilogue",
                         phase->string.data);
  if (level < 0 || level > ALPA_MOST_LEVELS)
    return alpa_op_error(module, "is of level %lld; expects 0 to %d", (long long)level, ALPA_MOST_LEVELS);
  ALPA_TRY(alpa_mesh_find(p->arena, module, &mesh));
  ALPA_TRY(alpa_func_find_main(module, &func));
  ALPA_TRY(alpa_layout_read(p->arena, mesh, func, &segment.layout));
  if (segment.layout.n_devices != p->stages[stage].devices.n)
    return alpa_op_error(module, "is for %u devices, its stage has %u", segment.layout.n_devices,
                         p->stages[stage].devices.n);
  ALPA_TRY(read_wires(p, &segment, func));
  p->stages[stage].mesh = mesh;
  alpa_vec_push(p->arena, &p->segments, segment);
  return ALPA_OK;
}

static alpa_status read_stage(alpa_staged *p, uint32_t stage, alpa_op *module) {
  alpa_submesh submesh = alpa_submesh_of(module);
  if (submesh.n < 1 || submesh.first < 0 || submesh.first + submesh.n > p->n_devices)
    return alpa_op_error(module, "is a stage on devices %lld to %lld, but the cluster has %u; give --cluster as many",
                         (long long)submesh.first, (long long)(submesh.first + submesh.n - 1), p->n_devices);
  p->stages[stage] = (alpa_staged_stage){.module = module,
                                         .devices = {(uint32_t)submesh.first, (uint32_t)submesh.n},
                                         .submesh = p->schedule.map->submesh[stage]};
  for (alpa_op *op = alpa_region_block(&module->regions[0])->first; op; op = op->next) {
    const alpa_attr *phase = alpa_op_find_attr(op, "alpa.phase");
    if (phase && phase->kind == ALPA_ATTR_STRING)
      ALPA_TRY(read_segment(p, stage, op, phase));
  }
  return ALPA_OK;
}

static alpa_status read_stages(alpa_staged *p) {
  const alpa_attr *names = alpa_func_entry(p->func)->first->attrs[alpa_op_pipeline_stages];
  p->n_stages = (uint32_t)names->array.n;
  if (p->n_stages != p->schedule.map->n_stages)
    return alpa_op_error(p->func, "has %u stages, its schedule %u", p->n_stages, p->schedule.map->n_stages);
  p->stages = alpa_arena_new(p->arena, alpa_staged_stage, p->n_stages);
  for (uint32_t s = 0; s < p->n_stages; s++)
    ALPA_TRY(read_stage(p, s, alpa_symbol_find(p->module, names->array.items[s]->string.data)));
  return ALPA_OK;
}

/* ---- the order of parts ------------------------------------------------------------------------------------------ */

typedef struct placed_part {
  alpa_staged_part part;
  uint32_t from; /* its number before */
} placed_part;

static int compare_parts(const void *a, const void *b) {
  const alpa_staged_part *x = &((const placed_part *)a)->part, *y = &((const placed_part *)b)->part;
  if (x->stage != y->stage)
    return x->stage < y->stage ? -1 : 1;
  if (x->index != y->index)
    return x->index < y->index ? -1 : 1;
  for (uint32_t d = 0; d < x->tensor.rank; d++) {
    int64_t p = alpa_image_tensor_part_start(&x->tensor, d), q = alpa_image_tensor_part_start(&y->tensor, d);
    if (p != q)
      return p < q ? -1 : 1;
  }
  return 0;
}

/* Sorts parts; out_numbers: their new numbers by their old ones. */
static void sort_parts(const alpa_staged *p, alpa_staged_part *parts, size_t n, uint32_t *out_numbers) {
  placed_part *sorted = alpa_arena_new(p->arena, placed_part, n);
  for (size_t i = 0; i < n; i++)
    sorted[i] = (placed_part){parts[i], (uint32_t)i};
  qsort(sorted, n, sizeof *sorted, compare_parts);
  for (size_t i = 0; i < n; i++) {
    parts[i] = sorted[i].part;
    out_numbers[sorted[i].from] = (uint32_t)i;
  }
}

static void renumber(alpa_wire *wires, uint32_t n, alpa_wire_kind kind, const uint32_t *numbers) {
  for (uint32_t i = 0; i < n; i++)
    if (wires[i].kind == kind)
      wires[i].index = numbers[wires[i].index];
}

/* Arguments and the results that replace them have their parts in one order, whichever segment uses which first. */
static void order_parts(alpa_staged *p) {
  uint32_t *arguments = alpa_arena_new(p->arena, uint32_t, p->arguments.n);
  uint32_t *results = alpa_arena_new(p->arena, uint32_t, p->results.n);
  sort_parts(p, p->arguments.items, p->arguments.n, arguments);
  sort_parts(p, p->results.items, p->results.n, results);
  for (size_t i = 0; i < p->segments.n; i++) {
    alpa_staged_segment *segment = &p->segments.items[i];
    renumber(segment->arguments, segment->layout.n_arguments, ALPA_WIRE_ARGUMENT, arguments);
    renumber(segment->results, segment->layout.n_results, ALPA_WIRE_RESULT, results);
  }
}

/* ---- transfers and aliases --------------------------------------------------------------------------------------- */

/* The variable that is sent by the name that the other one is received by. */
static alpa_status find_sent(const alpa_staged *p, const alpa_staged_variable *wanted, uint32_t *out_from) {
  const char *name = wanted->name + strlen("in:");
  *out_from = ALPA_NO_INDEX;
  for (uint32_t from = 0; from < p->variables.n; from++) {
    const alpa_staged_variable *variable = &p->variables.items[from];
    if (!variable->is_sent || strcmp(variable->name + strlen("out:"), name))
      continue;
    if (*out_from != ALPA_NO_INDEX)
      return alpa_op_error(p->stages[variable->stage].module, "sends '%s', which another stage sends", name);
    *out_from = from;
  }
  if (*out_from == ALPA_NO_INDEX)
    return alpa_op_error(p->stages[wanted->stage].module, "receives '%s', which no stage sends", name);
  return ALPA_OK;
}

static alpa_status connect(alpa_staged *p) {
  for (uint32_t to = 0; to < p->variables.n; to++) {
    uint32_t from;
    const alpa_staged_variable *wanted = &p->variables.items[to];
    if (!wanted->is_received)
      continue;
    ALPA_TRY(find_sent(p, wanted, &from));
    const alpa_staged_variable *sent = &p->variables.items[from];
    if (!alpa_image_tensor_is_alike(&sent->tensor, &wanted->tensor))
      return alpa_op_error(p->stages[wanted->stage].module, "receives '%s' as another type than it is sent as",
                           wanted->name + strlen("in:"));
    if (sent->per_microbatch != wanted->per_microbatch)
      return alpa_op_error(p->stages[wanted->stage].module, "receives '%s' once in a %s, but it is sent once in a %s",
                           wanted->name + strlen("in:"), wanted->per_microbatch ? "micro-batch" : "step",
                           sent->per_microbatch ? "micro-batch" : "step");
    alpa_vec_push(p->arena, &p->transfers, ((alpa_staged_transfer){from, to}));
  }
  return ALPA_OK;
}

static void read_aliases(alpa_staged *p) {
  for (uint32_t a = 0; a < p->arguments.n; a++) {
    int64_t donated_to = alpa_func_find_donation(p->func, p->arguments.items[a].index);
    for (uint32_t r = 0; r < p->results.n; r++)
      if (p->results.items[r].index == donated_to && p->results.items[r].stage == p->arguments.items[a].stage &&
          alpa_image_tensor_is_placed_as(&p->results.items[r].tensor, &p->arguments.items[a].tensor, p->n_devices))
        alpa_vec_push(p->arena, &p->aliases, ((alpa_image_alias){r, a}));
  }
}

/* What no stage uses lies whole on the devices of the first one. */
static void add_unused(alpa_staged *p) {
  alpa_block *entry = alpa_func_entry(p->func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    bool is_used = false;
    for (size_t a = 0; a < p->arguments.n; a++)
      is_used |= p->arguments.items[a].index == i;
    const alpa_type *type = entry->args[i]->type;
    const char *name = alpa_loc_find_name(entry->args[i]->loc);
    uint32_t n_tiles = p->stages[0].devices.n * type->rank;
    alpa_staged_part part = {.index = i,
                             .sharding = "",
                             .tensor = {.name = name ? name : "",
                                        .dtype = type->dtype,
                                        .rank = type->rank,
                                        .global_dims = type->dims,
                                        .local_dims = type->dims,
                                        .holders = p->stages[0].devices,
                                        .tiles = alpa_arena_new(p->arena, uint32_t, n_tiles)}};
    if (!is_used)
      alpa_vec_push(p->arena, &p->arguments, part);
  }
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

static void add_tasks_of(alpa_staged *p, uint32_t stage, alpa_phase phase, int64_t level, uint32_t microbatch) {
  for (uint32_t i = 0; i < p->segments.n; i++) {
    const alpa_staged_segment *segment = &p->segments.items[i];
    if (segment->stage == stage && segment->phase == phase && (level < 0 || segment->level == level))
      alpa_vec_push(p->arena, &p->tasks[p->stages[stage].submesh], ((alpa_link_task){i, microbatch}));
  }
}

/* Prologues or epilogues, those first that fewer transfers come before. */
static void add_outside(alpa_staged *p, alpa_phase phase) {
  uint32_t n_levels = 0;
  for (size_t i = 0; i < p->segments.n; i++)
    n_levels = p->segments.items[i].level >= n_levels ? p->segments.items[i].level + 1 : n_levels;
  for (uint32_t level = 0; level < n_levels; level++)
    for (uint32_t s = 0; s < p->n_stages; s++)
      add_tasks_of(p, s, phase, level, 0);
}

static void add_tasks(alpa_staged *p) {
  static const alpa_phase phases[ALPA_TASK_KINDS] = {[ALPA_TASK_FORWARD] = ALPA_PHASE_FORWARD,
                                                     [ALPA_TASK_BACKWARD] = ALPA_PHASE_BACKWARD,
                                                     [ALPA_TASK_WEIGHT] = ALPA_PHASE_WEIGHT};
  p->tasks = alpa_arena_calloc(p->arena, p->schedule.map->n_submeshes, sizeof *p->tasks);
  add_outside(p, ALPA_PHASE_PROLOGUE);
  for (uint32_t m = 0; m < p->schedule.map->n_submeshes; m++)
    for (size_t i = 0; i < p->schedule.lists[m].n; i++) {
      const alpa_task *task = &p->schedule.lists[m].items[i];
      add_tasks_of(p, alpa_stage_map_at(p->schedule.map, m, task->chunk), phases[task->kind], -1, task->microbatch);
    }
  add_outside(p, ALPA_PHASE_EPILOGUE);
}

alpa_status alpa_staged_read_module(alpa_arena *arena, alpa_op *module, uint32_t n_devices, alpa_staged *out) {
  *out = (alpa_staged){.arena = arena, .module = module, .n_devices = n_devices};
  ALPA_TRY(alpa_func_find_main(module, &out->func));
  ALPA_TRY(alpa_schedule_read(arena, module, &out->schedule));
  out->n_microbatches = out->schedule.n_microbatches;
  ALPA_TRY(read_stages(out));
  ALPA_TRY(connect(out));
  add_unused(out);
  order_parts(out);
  read_aliases(out);
  add_tasks(out);
  return alpa_staged_verify(out);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Bytes of one device that a further micro-batch in flight needs: what a stage keeps of it for its backward pass. */
static int64_t bytes_in_flight(const alpa_staged *p, uint32_t stage) {
  int64_t bytes = 0;
  for (size_t v = 0; v < p->variables.n; v++)
    if (p->variables.items[v].stage == stage && p->variables.items[v].per_microbatch)
      bytes += alpa_image_tensor_local_bytes(&p->variables.items[v].tensor);
  return bytes;
}

int64_t alpa_staged_memory(const alpa_staged *p, uint32_t submesh) {
  uint32_t in_flight = alpa_schedule_in_flight(&p->schedule, submesh);
  int64_t bytes = 0, widest = 0, n_stages = 0;
  for (uint32_t s = 0; s < p->n_stages; s++) {
    if (p->stages[s].submesh != submesh)
      continue;
    const alpa_attr *figures = alpa_op_find_attr(p->stages[s].module, "alpa.plan");
    const alpa_attr *own = figures ? alpa_attr_find(figures, "memory_bytes") : NULL;
    int64_t more = bytes_in_flight(p, s);
    bytes += own ? own->integer : 0;
    widest = more > widest ? more : widest;
    n_stages++;
  }
  return bytes + (in_flight > n_stages ? (in_flight - n_stages) * widest : 0);
}

/* ---- views ------------------------------------------------------------------------------------------------------- */

void alpa_staged_find_segments(const alpa_staged *p, alpa_op *module, alpa_op **out_modules) {
  for (size_t i = 0; i < p->segments.n; i++) {
    const alpa_staged_segment *segment = &p->segments.items[i];
    alpa_op *stage = alpa_symbol_find(module, alpa_symbol_name(p->stages[segment->stage].module));
    out_modules[i] = alpa_symbol_find(stage, alpa_symbol_name(segment->module));
  }
}

static const char *spell(const alpa_staged *p, const alpa_staged_part *part) {
  return part->sharding[0] ? alpa_arena_printf(p->arena, "%u: %s", part->stage, part->sharding)
                           : alpa_arena_printf(p->arena, "%u:", part->stage);
}

static void lay_out(const alpa_staged *p, const alpa_staged_part *parts, size_t n, alpa_image_tensor *tensors,
                    const char **shardings) {
  for (size_t i = n; i-- > 0;) {
    tensors[parts[i].index] = parts[i].tensor;
    shardings[parts[i].index] = spell(p, &parts[i]);
  }
}

void alpa_staged_layout(const alpa_staged *p, alpa_layout *out) {
  const alpa_type *type = alpa_func_type(p->func);
  uint32_t n_arguments = (uint32_t)type->inputs.n, n_results = (uint32_t)type->results.n;
  alpa_image_tensor *arguments = alpa_arena_new(p->arena, alpa_image_tensor, n_arguments);
  alpa_image_tensor *results = alpa_arena_new(p->arena, alpa_image_tensor, n_results);
  const char **argument_shardings = alpa_arena_new(p->arena, const char *, n_arguments);
  const char **result_shardings = alpa_arena_new(p->arena, const char *, n_results);
  int64_t *donations = alpa_arena_new(p->arena, int64_t, n_arguments);
  lay_out(p, p->arguments.items, p->arguments.n, arguments, argument_shardings);
  lay_out(p, p->results.items, p->results.n, results, result_shardings);
  for (uint32_t i = 0; i < n_arguments; i++)
    donations[i] = alpa_func_find_donation(p->func, i);
  *out = (alpa_layout){.n_devices = p->n_devices,
                       .n_arguments = n_arguments,
                       .n_results = n_results,
                       .arguments = arguments,
                       .results = results,
                       .argument_shardings = argument_shardings,
                       .result_shardings = result_shardings,
                       .donations = donations};
}
