/* The image from the plan. */
#include <string.h>

#include "codegen/plan/plan.h"
#include "dialects/func/func.h"
#include "dialects/kernel/kernel.h"

typedef struct writer {
  plan *plan;
  ALPA_VEC(alpa_image_buffer) buffers;
  ALPA_VEC(alpa_image_kernel) kernels;
  uint32_t *first_kernel; /* number of a kernel's phase 0 in the image */
  int64_t arena_bytes;
} writer;

static alpa_image_ref ref_of(writer *w, uint32_t slot) {
  plan_slot *s = &w->plan->slots.items[alpa_plan_find(w->plan, slot)];
  if (s->buffer == ALPA_NO_INDEX) {
    s->buffer = (uint32_t)w->buffers.n;
    alpa_image_buffer buffer = {.kind = s->kind, .index = s->index, .offset = s->offset, .bytes = s->bytes};
    alpa_vec_push(w->plan->arena, &w->buffers, buffer);
    if (s->kind == ALPA_BUFFER_TEMPORARY && s->offset + s->bytes > w->arena_bytes)
      w->arena_bytes = s->offset + s->bytes;
  }
  return (alpa_image_ref){s->buffer, 0};
}

static const char *where(writer *w, const alpa_op *op) {
  alpa_place place = alpa_loc_place(op->loc);
  const char *name = alpa_loc_find_name(op->loc);
  if (place.file)
    return alpa_arena_printf(w->plan->arena, "%s:%u:%u", place.file, place.line, place.column);
  return name ? name : "";
}

typedef ALPA_VEC(alpa_instruction) instructions;

static alpa_instructions write_list(writer *w, const plan_list *list);

static alpa_image_ref *write_refs(writer *w, const uint32_t *slots, uint32_t n) {
  alpa_image_ref *refs = alpa_arena_new(w->plan->arena, alpa_image_ref, n);
  for (uint32_t i = 0; i < n; i++)
    refs[i] = ref_of(w, slots[i]);
  return refs;
}

static void write_run(writer *w, const plan_instruction *at, instructions *out) {
  const alpa_kernel_schedule *schedule = &w->plan->kernels->items.items[at->kernel].schedule;
  const alpa_image_ref *refs = write_refs(w, at->refs, at->n_refs);
  for (uint32_t phase = 0; phase < schedule->n_phases; phase++) {
    alpa_instruction run = {.kind = ALPA_INSTRUCTION_RUN,
                            .kernel = w->first_kernel[at->kernel] + phase,
                            .n_refs = at->n_refs,
                            .refs = refs,
                            .where = where(w, at->op)};
    if (schedule->n_tasks[phase] > 0)
      alpa_vec_push(w->plan->arena, out, run);
  }
}

static void write_copies(writer *w, const plan_instruction *at, instructions *out) {
  for (uint32_t i = 0; i < at->n_writes; i++) {
    uint32_t slots[] = {at->writes[i], at->reads[i]};
    alpa_instruction copy = {.kind = ALPA_INSTRUCTION_COPY,
                             .n_refs = 2,
                             .refs = write_refs(w, slots, 2),
                             .count = w->plan->slots.items[at->writes[i]].bytes,
                             .where = where(w, at->op)};
    alpa_vec_push(w->plan->arena, out, copy);
  }
}

static void write_nested(writer *w, const plan_instruction *at, instructions *out) {
  bool loop = at->kind == PLAN_WHILE;
  alpa_instructions *lists = alpa_arena_new(w->plan->arena, alpa_instructions, at->n_lists);
  for (uint32_t i = 0; i < at->n_lists; i++)
    lists[i] = write_list(w, &at->lists[i]);
  uint32_t predicate = loop ? at->lists[0].result : at->reads[0];
  alpa_instruction nested = {.kind = loop ? ALPA_INSTRUCTION_WHILE : ALPA_INSTRUCTION_BRANCH,
                             .n_refs = 1,
                             .refs = write_refs(w, &predicate, 1),
                             .count = loop ? 0 : w->plan->slots.items[predicate].bytes,
                             .n_lists = at->n_lists,
                             .lists = lists,
                             .where = where(w, at->op)};
  alpa_vec_push(w->plan->arena, out, nested);
}

static void write_collective(writer *w, const plan_instruction *at, instructions *out) {
  alpa_image_collective *collective = &w->plan->collectives.items[at->collective];
  collective->from = ref_of(w, at->reads[0]);
  collective->to = ref_of(w, at->writes[0]);
  alpa_instruction instruction = {
      .kind = ALPA_INSTRUCTION_COLLECTIVE, .collective = at->collective, .where = where(w, at->op)};
  alpa_vec_push(w->plan->arena, out, instruction);
}

static alpa_instructions write_list(writer *w, const plan_list *list) {
  instructions out = {0};
  for (size_t i = 0; i < list->items.n; i++) {
    const plan_instruction *at = list->items.items[i];
    switch (at->kind) {
    case PLAN_RUN:
      write_run(w, at, &out);
      break;
    case PLAN_COPY:
      write_copies(w, at, &out);
      break;
    case PLAN_COLLECTIVE:
      write_collective(w, at, &out);
      break;
    case PLAN_WHILE:
    case PLAN_BRANCH:
      write_nested(w, at, &out);
      break;
    }
  }
  return (alpa_instructions){out.items, (uint32_t)out.n};
}

/* ---- tables ---- */

static int64_t kernel_bytes(const alpa_op *op) {
  int64_t bytes = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    bytes += alpa_type_bytes(alpa_op_operand_type(op, i));
  for (uint32_t i = 0; i < op->n_results; i++)
    bytes += alpa_type_bytes(op->results[i].type);
  return bytes;
}

static void write_kernels(writer *w) {
  plan *p = w->plan;
  w->first_kernel = alpa_arena_new(p->arena, uint32_t, p->kernels->items.n);
  for (size_t i = 0; i < p->kernels->items.n; i++) {
    const alpa_kernel_code *code = &p->kernels->items.items[i];
    w->first_kernel[i] = (uint32_t)w->kernels.n;
    for (uint32_t phase = 0; phase < code->schedule.n_phases; phase++) {
      const char *symbol = phase ? alpa_arena_printf(p->arena, "%s_%u", code->symbol, phase) : code->symbol;
      bool last = phase + 1 == code->schedule.n_phases;
      const alpa_kernel_launch *launch = &code->schedule.launch[phase];
      alpa_image_kernel kernel = {.symbol = symbol,
                                  .n_tasks = code->schedule.n_tasks[phase] > 0 ? code->schedule.n_tasks[phase] : 1,
                                  .flops = last ? code->schedule.flops : 0,
                                  .bytes = last ? kernel_bytes(code->op) : 0,
                                  .shared_bytes = launch->shared_bytes,
                                  .n_tensor_maps = launch->n_tensor_maps,
                                  .tensor_maps = alpa_arena_copy(p->arena, launch->tensor_maps,
                                                                 launch->n_tensor_maps * sizeof *launch->tensor_maps)};
      memcpy(kernel.grid, launch->grid, sizeof kernel.grid);
      memcpy(kernel.block, launch->block, sizeof kernel.block);
      alpa_vec_push(p->arena, &w->kernels, kernel);
    }
  }
}

static const char *name_of(plan *p, const alpa_value *value, uint32_t index, bool is_result) {
  const alpa_attr *info = is_result ? alpa_func_find_result_attr(p->func, index, "jax.result_info") : NULL;
  if (info && info->kind == ALPA_ATTR_STRING)
    return info->string.data;
  const char *name = !is_result && value->loc ? alpa_loc_find_name(value->loc) : NULL;
  return name ? name : "";
}

static alpa_image_tensor tensor_of(plan *p, const alpa_value *value, uint32_t index, bool is_result) {
  return (alpa_image_tensor){.name = name_of(p, value, index, is_result),
                             .dtype = value->type->dtype,
                             .rank = value->type->rank,
                             .global_dims = value->type->dims,
                             .local_dims = value->type->dims,
                             .tiles = alpa_arena_new(p->arena, uint32_t, p->n_devices * value->type->rank + 1)};
}

static void write_tensors(plan *p, alpa_image *image) {
  const alpa_block *entry = alpa_func_entry(p->func);
  image->n_arguments = entry->n_args;
  image->n_results = entry->last->n_operands;
  if (p->layout && p->layout->arguments) {
    image->arguments = p->layout->arguments;
    image->results = p->layout->results;
    return;
  }
  alpa_image_tensor *arguments = alpa_arena_new(p->arena, alpa_image_tensor, entry->n_args);
  alpa_image_tensor *results = alpa_arena_new(p->arena, alpa_image_tensor, entry->last->n_operands);
  for (uint32_t i = 0; i < entry->n_args; i++)
    arguments[i] = tensor_of(p, entry->args[i], i, false);
  for (uint32_t i = 0; i < entry->last->n_operands; i++)
    results[i] = tensor_of(p, alpa_op_operand(entry->last, i), i, true);
  image->arguments = arguments;
  image->results = results;
}

/* Arguments and results have a buffer even where nothing reads them. */
static void add_interface_buffers(writer *w) {
  for (uint32_t i = 0; i < w->plan->slots.n; i++)
    if (w->plan->slots.items[i].kind == ALPA_BUFFER_ARGUMENT || w->plan->slots.items[i].kind == ALPA_BUFFER_RESULT)
      ref_of(w, i);
}

void alpa_plan_write_image(plan *p, alpa_image *image) {
  writer w = {.plan = p};
  write_tensors(p, image);
  write_kernels(&w);
  add_interface_buffers(&w);
  image->program = write_list(&w, &p->program);
  image->n_devices = p->n_devices;
  image->n_aliases = (uint32_t)p->aliases.n;
  image->aliases = p->aliases.items;
  image->n_buffers = (uint32_t)w.buffers.n;
  image->buffers = w.buffers.items;
  image->n_kernels = (uint32_t)w.kernels.n;
  image->kernels = w.kernels.items;
  image->n_collectives = (uint32_t)p->collectives.n;
  image->collectives = p->collectives.items;
  image->arena_bytes = (w.arena_bytes + 63) / 64 * 64;
  image->constants_bytes = p->constants.size;
  image->constants = p->constants.size ? alpa_arena_alloc_aligned(p->arena, p->constants.size, 64) : NULL;
  if (p->constants.size)
    memcpy((void *)image->constants, p->constants.data, p->constants.size);
}
