/* Names of values, by the rules of MLIR's printer, so that text from JAX comes back with the names it had.
 *
 * Values are named region by region: the results and arguments of a whole region first, in order, then the regions
 * inside, each from the counters with which its parent's region ended.  Plain results count %0, %1; arguments of entry
 * blocks %arg0, %arg1; other names (%cst, %iterArg, %values) come from the op's row and from value->name.  A name that
 * is taken gets a number from a counter of its own, so a conflict costs one step.  The generic form has numbers only.
 */
#include <stdio.h>
#include <string.h>

#include "dialects/ir/lexer.h"
#include "dialects/ir/printer_state.h"

typedef struct counters {
  uint32_t value, arg, conflict;
} counters;

/* ---- the table ---- */

enum { FEWEST_SLOTS = 64, BYTES_PER_VALUE = 128 };

/* Values of one KiB of memory stay together, the groups are scattered: quick caches, and no long runs. */
static struct alpa_name_slot *find_slot(const alpa_name_table *table, const alpa_value *value) {
  uintptr_t address = (uintptr_t)value, group = (address >> 10) * 0x9E3779B97F4A7C15u >> 32;
  size_t at = (group * 16 + (address >> 6 & 15)) & (table->cap - 1);
  while (table->slots[at].value && table->slots[at].value != value)
    at = (at + 1) & (table->cap - 1);
  return &table->slots[at];
}

static void init_table(alpa_printer *printer, alpa_name_table *table, size_t least) {
  table->cap = FEWEST_SLOTS;
  while (table->cap < least)
    table->cap *= 2;
  table->slots = alpa_arena_new(&printer->arena, struct alpa_name_slot, table->cap);
}

static void add_name(alpa_printer *printer, const alpa_value *value, uint64_t name) {
  alpa_name_table *table = &printer->names;
  if (table->n * 2 >= table->cap) {
    alpa_name_table grown = {.n = table->n};
    init_table(printer, &grown, table->cap * 2);
    for (size_t i = 0; i < table->cap; i++)
      if (table->slots[i].value)
        *find_slot(&grown, table->slots[i].value) = table->slots[i];
    *table = grown;
  }
  *find_slot(table, value) = (struct alpa_name_slot){value, name};
  table->n++;
}

/* ---- taken names ---- */

static bool is_taken(const alpa_printer *printer, uint64_t hash) {
  const uint64_t *taken = alpa_map_find(&printer->used, hash);
  return taken && *taken;
}

static void take(alpa_printer *printer, uint64_t hash) {
  *alpa_map_insert(&printer->arena, &printer->used, hash, NULL) = 1;
  alpa_vec_push(&printer->arena, &printer->taken, hash);
}

static void give_back(alpa_printer *printer, size_t mark) {
  while (printer->taken.n > mark)
    *alpa_map_find(&printer->used, printer->taken.items[--printer->taken.n]) = 0;
}

static bool is_suffix_char(char c) { return alpa_char_is_word(c) || c == '-'; }

/* What may stand behind %: a leading digit gets an underscore, blanks become one, the rest two hexadecimal digits. */
static const char *sanitize(alpa_printer *printer, const char *name) {
  bool clean = *name && !(*name >= '0' && *name <= '9');
  for (const char *at = name; clean && *at; at++)
    clean = is_suffix_char(*at);
  if (clean)
    return name;
  alpa_text text;
  alpa_text_init(&text, &printer->arena);
  if (!*name || (*name >= '0' && *name <= '9'))
    alpa_text_char(&text, '_');
  for (const char *at = name; *at; at++)
    if (is_suffix_char(*at))
      alpa_text_char(&text, *at);
    else if (*at == ' ')
      alpa_text_char(&text, '_');
    else
      alpa_text_printf(&text, "%02X", (unsigned char)*at);
  return alpa_text_finish(&text);
}

static void set_name(alpa_printer *printer, counters *count, const alpa_value *value, const char *wanted) {
  const char *base = sanitize(printer, wanted);
  size_t size = strlen(base);
  char *name = alpa_arena_alloc(&printer->arena, size + 16);
  memcpy(name, base, size + 1);
  uint64_t hash = alpa_hash64(name, size, 0);
  while (is_taken(printer, hash)) {
    int added = snprintf(name + size, 16, "_%u", count->conflict++);
    hash = alpa_hash64(name, size + (size_t)added, 0);
  }
  take(printer, hash);
  add_name(printer, value, (uintptr_t)name);
}

static void set_number(alpa_printer *printer, counters *count, const alpa_value *value) {
  add_name(printer, value, (uint64_t)count->value++ * 2 + 1);
}

/* ---- rules ---- */

/* Entry i of a list "a,b", or NULL; a list behind '|' names region arguments. */
static const char *list_entry(alpa_printer *printer, const char *list, uint32_t index) {
  for (; index; index--) {
    list += strcspn(list, ",|");
    if (*list++ != ',')
      return NULL;
  }
  size_t size = strcspn(list, ",|");
  return size ? alpa_arena_strndup(&printer->arena, list, size) : NULL;
}

static bool is_pretty(const alpa_printer *printer) { return !printer->options->generic; }

static const char *result_name(alpa_printer *printer, const alpa_op *op, uint32_t index) {
  if (!is_pretty(printer))
    return NULL;
  if (op->results[index].name)
    return op->results[index].name;
  if (alpa_op_has(op, ALPA_CONSTANT)) {
    const alpa_type *type = alpa_op_type(op);
    bool is_tensor = type->kind == ALPA_TYPE_TENSOR && type->element->kind == ALPA_TYPE_SCALAR;
    bool is_integer =
        is_tensor && alpa_type_class(type) != ALPA_CLASS_FLOAT && alpa_type_class(type) != ALPA_CLASS_COMPLEX;
    return is_integer ? "c" : "cst";
  }
  return op->def->syntax.names ? list_entry(printer, op->def->syntax.names, index) : NULL;
}

bool alpa_printer_names_each(const alpa_printer *printer, const alpa_op *op) {
  if (!is_pretty(printer) || op->n_results < 2)
    return false;
  const char *names = op->def->syntax.names;
  return (names && *names && *names != '|') || op->results[1].name;
}

/* ---- walk ---- */

static void name_results(alpa_printer *printer, counters *count, const alpa_op *op) {
  uint32_t n = alpa_printer_names_each(printer, op) ? op->n_results : op->n_results ? 1 : 0;
  for (uint32_t i = 0; i < n; i++) {
    const char *name = result_name(printer, op, i);
    if (name)
      set_name(printer, count, &op->results[i], name);
    else
      set_number(printer, count, &op->results[i]);
  }
}

static const char *arg_name(const alpa_printer *printer, const alpa_block *block, uint32_t index) {
  if (!is_pretty(printer))
    return NULL;
  if (block->args[index]->name)
    return block->args[index]->name;
  const char *names = block->region->op->def->syntax.names;
  const char *args = names ? strchr(names, '|') : NULL;
  return args ? args + 1 : NULL;
}

static void name_args(alpa_printer *printer, counters *count, const alpa_block *block) {
  bool is_entry = block->region->first == block;
  for (uint32_t i = 0; i < block->n_args; i++) {
    const char *name = is_entry ? arg_name(printer, block, i) : NULL;
    char plain[16];
    if (is_entry && !name)
      snprintf(plain, sizeof plain, "arg%u", count->arg++);
    if (is_entry)
      set_name(printer, count, block->args[i], name ? name : plain);
    else
      set_number(printer, count, block->args[i]);
  }
}

/* From the last block to the first, so that prepending gives ascending order. */
static void find_predecessors(alpa_printer *printer, const alpa_region *region) {
  for (const alpa_block *block = region->last; block; block = block->previous)
    for (uint32_t i = 0; block->last && i < block->last->n_successors; i++) {
      alpa_predecessor *from = alpa_arena_new(&printer->arena, alpa_predecessor, 1);
      from->block = block;
      from->next = alpa_map_get_pointer(&printer->predecessors, block->last->successors[i]);
      alpa_map_set_pointer(&printer->arena, &printer->predecessors, block->last->successors[i], from);
    }
}

/* Names what is directly in a region; ops with regions of their own go on the stack. */
static void name_blocks(alpa_printer *printer, counters *count, const alpa_region *region) {
  uint64_t number = 0;
  for (const alpa_block *block = region->first; block; block = block->next) {
    if (region->first->next)
      *alpa_map_insert(&printer->arena, &printer->blocks, (uintptr_t)block, NULL) = number++;
    name_args(printer, count, block);
    for (const alpa_op *op = block->first; op; op = op->next) {
      name_results(printer, count, op);
      if (op->n_regions)
        alpa_vec_push(&printer->arena, &printer->with_regions, op);
    }
  }
}

static void name_region(alpa_printer *printer, counters count, const alpa_region *region) {
  size_t mark = printer->taken.n, first = printer->with_regions.n;
  find_predecessors(printer, region);
  name_blocks(printer, &count, region);
  size_t end = printer->with_regions.n;
  for (size_t at = first; at < end; at++) {
    const alpa_op *op = printer->with_regions.items[at];
    for (uint32_t i = 0; i < op->n_regions; i++)
      name_region(printer, count, &op->regions[i]);
  }
  printer->with_regions.n = first;
  give_back(printer, mark);
}

/* In generic form every name occurs once: the counters go on from region to region, the last one that was found comes
 * first. */
static void name_generic(alpa_printer *printer, counters count, const alpa_op *root) {
  ALPA_VEC(const alpa_region *) found = {0};
  for (uint32_t i = 0; i < root->n_regions; i++)
    alpa_vec_push(&printer->arena, &found, &root->regions[i]);
  while (found.n) {
    const alpa_region *region = found.items[--found.n];
    find_predecessors(printer, region);
    name_blocks(printer, &count, region);
    for (size_t at = 0; at < printer->with_regions.n; at++)
      for (uint32_t i = 0; i < printer->with_regions.items[at]->n_regions; i++)
        alpa_vec_push(&printer->arena, &found, &printer->with_regions.items[at]->regions[i]);
    printer->with_regions.n = 0;
  }
}

void alpa_printer_name_values(alpa_printer *printer, const alpa_op *root) {
  counters count = {0};
  init_table(printer, &printer->names, root->module->arena.bytes / BYTES_PER_VALUE);
  name_results(printer, &count, root);
  if (!is_pretty(printer)) {
    name_generic(printer, count, root);
    return;
  }
  for (uint32_t i = 0; i < root->n_regions; i++)
    name_region(printer, count, &root->regions[i]);
}

/* ---- use ---- */

void alpa_printer_result_name(alpa_printer *printer, const alpa_value *value) {
  const struct alpa_name_slot *slot = find_slot(&printer->names, value);
  alpa_text_char(printer->text, '%');
  if (!slot->value)
    alpa_text_string(printer->text, "<unknown>");
  else if (slot->name & 1)
    alpa_text_int(printer->text, (int64_t)(slot->name >> 1));
  else
    alpa_text_string(printer->text, (const char *)(uintptr_t)slot->name);
}

void alpa_printer_value(alpa_printer *printer, const alpa_value *value) {
  bool packed = value->op && value->op->n_results > 1 && !alpa_printer_names_each(printer, value->op);
  alpa_printer_result_name(printer, packed ? &value->op->results[0] : value);
  if (packed) {
    alpa_text_char(printer->text, '#');
    alpa_text_int(printer->text, value->index);
  }
}

void alpa_printer_block_name(alpa_printer *printer, const alpa_block *block) {
  const uint64_t *number = alpa_map_find(&printer->blocks, (uintptr_t)block);
  alpa_text_append(printer->text, "^bb", 3);
  alpa_text_int(printer->text, number ? (int64_t)*number : 0);
}
