/* Reads the body of a function: declarations, labels, scopes, and one statement at a time, which the decoders turn into
 * instructions. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *array, size_t n, size_t size) {
  return n && (n & (n - 1)) ? array : emu_realloc(array, (n ? 2 * n : 1) * size);
}

static void parse_error(emu_reader *reader) {
  emu_fail(reader, "unexpected '%.*s'", (int)reader->text.token.word.n, reader->text.token.word.text);
}

static void expect(emu_reader *reader, const char *mark) {
  if (!emu_text_accept(&reader->text, mark))
    emu_fail(reader, "expects '%s', got '%.*s'", mark, (int)reader->text.token.word.n, reader->text.token.word.text);
}

/* ---- operands ---- */

static void read_operand(emu_reader *reader, emu_operand *operand);

static void read_name(emu_reader *reader, emu_operand *operand) {
  uint32_t index;
  operand->name = reader->text.token.word;
  emu_text_next(&reader->text);
  if (emu_word_is(operand->name, "_")) {
    operand->kind = EMU_NOTHING;
    return;
  }
  const emu_symbol *symbol = emu_find_symbol(reader, operand->name, &index);
  int special = symbol ? -1 : emu_find_special(operand->name);
  if (symbol && symbol->space == EMU_REGISTERS) {
    operand->kind = EMU_REGISTER;
    operand->type = symbol->type;
    operand->width = symbol->width;
    uint32_t stride = symbol->width == 1 ? 4 : symbol->width * EMU_LANES;
    operand->row = (uint32_t)symbol->address + index * stride;
  } else if (symbol) {
    operand->kind = EMU_VARIABLE;
    operand->symbol = symbol;
  } else if (special >= 0) {
    operand->kind = EMU_SPECIAL;
    operand->special = (uint32_t)special;
  } else if (emu_word_is(operand->name, "WARP_SZ")) {
    operand->kind = EMU_IMMEDIATE;
    operand->integer = EMU_LANES;
  } else if (operand->name.text[0] == '%') {
    emu_fail(reader, "no register '%.*s' is declared", (int)operand->name.n, operand->name.text);
  } else {
    operand->kind = EMU_NAME;
  }
}

static void read_number(emu_reader *reader, emu_operand *operand, bool negative) {
  emu_token token = reader->text.token;
  operand->kind = EMU_IMMEDIATE;
  operand->name = token.word;
  operand->real = token.kind == EMU_FLOAT;
  operand->value = negative ? -token.real : token.real;
  operand->integer = negative ? -token.integer : token.integer;
  if (token.kind != EMU_INTEGER && token.kind != EMU_FLOAT)
    parse_error(reader);
  emu_text_next(&reader->text);
}

/* `+ 4`, `+ -4`, `- 4` behind a base. */
static void read_offset(emu_reader *reader, emu_operand *operand) {
  while (emu_text_is(&reader->text, "+") || emu_text_is(&reader->text, "-")) {
    bool negative = emu_text_accept(&reader->text, "-");
    if (!negative)
      emu_text_next(&reader->text);
    negative ^= emu_text_accept(&reader->text, "-");
    if (reader->text.token.kind != EMU_INTEGER)
      parse_error(reader);
    int64_t value = (int64_t)reader->text.token.integer;
    operand->offset += negative ? -value : value;
    emu_text_next(&reader->text);
  }
}

static void read_list(emu_reader *reader, emu_operand *operand, const char *close) {
  emu_statement *statement = &reader->statement;
  emu_operand items[EMU_MAX_ELEMENTS / 2];
  uint32_t n = 0;
  for (; !emu_text_is(&reader->text, close); emu_text_accept(&reader->text, ",")) {
    if (n == countof(items))
      emu_fail(reader, "more than %zu elements", countof(items));
    read_operand(reader, &items[n++]);
  }
  expect(reader, close);
  if (statement->n_elements + n > EMU_MAX_ELEMENTS)
    emu_fail(reader, "more than %d elements", EMU_MAX_ELEMENTS);
  operand->kind = EMU_LIST;
  operand->first = statement->n_elements;
  operand->n = n;
  memcpy(&statement->elements[statement->n_elements], items, n * sizeof *items);
  statement->n_elements += n;
}

static void read_address(emu_reader *reader, emu_operand *operand) {
  read_operand(reader, operand);
  operand->base = operand->kind;
  if (operand->base == EMU_IMMEDIATE) {
    operand->offset += (int64_t)operand->integer;
    operand->integer = 0;
  }
  if (emu_text_accept(&reader->text, ",")) {
    emu_operand coordinates = {0};
    read_operand(reader, &coordinates);
    operand->first = coordinates.first;
    operand->n = coordinates.n;
  }
  expect(reader, "]");
  operand->kind = EMU_ADDRESS;
}

static void read_operand(emu_reader *reader, emu_operand *operand) {
  *operand = (emu_operand){0};
  emu_text *text = &reader->text;
  operand->not = emu_text_accept(text, "!");
  if (emu_text_accept(text, "{")) {
    read_list(reader, operand, "}");
  } else if (emu_text_accept(text, "(")) {
    read_list(reader, operand, ")");
  } else if (emu_text_accept(text, "[")) {
    read_address(reader, operand);
  } else if (emu_text_accept(text, "-")) {
    read_number(reader, operand, true);
  } else if (text->token.kind == EMU_WORD) {
    read_name(reader, operand);
    read_offset(reader, operand);
  } else {
    read_number(reader, operand, false);
  }
  if (emu_text_accept(text, "|")) {
    emu_operand *pair = emu_arena_alloc(&reader->module->arena, sizeof *pair);
    read_operand(reader, pair);
    operand->pair = pair;
  }
}

/* ---- statements ---- */

static void split_opcode(emu_reader *reader, emu_word opcode) {
  emu_statement *statement = &reader->statement;
  statement->opcode = opcode;
  size_t at = 0;
  while (at < opcode.n && opcode.text[at] != '.')
    at++;
  statement->base = (emu_word){opcode.text, at};
  while (at < opcode.n) {
    size_t begin = ++at;
    while (at < opcode.n && opcode.text[at] != '.')
      at++;
    emu_word part = {opcode.text + begin, at - begin};
    emu_type type = EMU_PRED;
    while (type < EMU_TYPE_COUNT && !emu_word_is(part, emu_type_defs[type].name))
      type++;
    if (type < EMU_TYPE_COUNT && statement->n_types < countof(statement->types))
      statement->types[statement->n_types++] = type;
    else if (statement->n_modifiers < EMU_MAX_MODIFIERS)
      statement->modifiers[statement->n_modifiers++] = part;
    else
      emu_fail(reader, "too many modifiers in '%.*s'", (int)opcode.n, opcode.text);
  }
}

static void read_guard(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  if (!emu_text_accept(&reader->text, "@"))
    return;
  statement->negated = emu_text_accept(&reader->text, "!");
  emu_operand predicate;
  read_operand(reader, &predicate);
  statement->guard = emu_predicate(reader, &predicate);
  statement->guarded = true;
}

static void read_statement(emu_reader *reader, emu_word opcode) {
  emu_statement *statement = &reader->statement;
  split_opcode(reader, opcode);
  while (!emu_text_is(&reader->text, ";")) {
    if (statement->n_operands == EMU_MAX_OPERANDS || reader->text.token.kind == EMU_END)
      parse_error(reader);
    read_operand(reader, &statement->operands[statement->n_operands++]);
    if (!emu_text_accept(&reader->text, ",") && !emu_text_is(&reader->text, ";"))
      parse_error(reader);
  }
  emu_decode(reader);
  expect(reader, ";");
}

static void read_table(emu_reader *reader, emu_word name) {
  reader->tables = grow(reader->tables, reader->n_tables, sizeof *reader->tables);
  struct emu_table *table = &reader->tables[reader->n_tables++];
  *table = (struct emu_table){.name = name, .scope = reader->scope};
  emu_word targets[1024];
  do {
    if (table->n == countof(targets))
      emu_fail(reader, "more than %zu branch targets", countof(targets));
    targets[table->n++] = reader->text.token.word;
    emu_text_next(&reader->text);
  } while (emu_text_accept(&reader->text, ","));
  expect(reader, ";");
  table->targets = emu_arena_alloc(&reader->module->arena, table->n * sizeof *targets);
  memcpy(table->targets, targets, table->n * sizeof *targets);
}

static void add_label(emu_reader *reader, emu_word name) {
  for (uint32_t k = 0; k < reader->n_labels; k++)
    if (reader->labels[k].scope == reader->scope && emu_word_same(reader->labels[k].name, name))
      emu_fail(reader, "label '%.*s' is defined twice", (int)name.n, name.text);
  reader->labels = grow(reader->labels, reader->n_labels, sizeof *reader->labels);
  reader->labels[reader->n_labels++] = (emu_label){name, reader->scope, reader->function->n_code};
}

void emu_jump(emu_reader *reader, const emu_operand *operand, uint32_t position) {
  reader->jumps = grow(reader->jumps, reader->n_jumps, sizeof *reader->jumps);
  reader->jumps[reader->n_jumps++] = (emu_label){operand->name, reader->scope, position};
}

static uint32_t begin_scope(emu_reader *reader) {
  reader->scope_parents = grow(reader->scope_parents, reader->n_scopes, sizeof(uint32_t));
  reader->scope_parents[reader->n_scopes] = reader->scope;
  uint32_t outer = reader->scope;
  reader->scope = reader->n_scopes++;
  return outer;
}

static void skip_location(emu_text *text) {
  for (uint32_t line = text->token.line; text->token.line == line && text->token.kind != EMU_END;)
    emu_text_next(text);
}

static void read_item(emu_reader *reader);

/* What is declared in a block is not known behind it. */
static void read_block(emu_reader *reader) {
  uint32_t outer = begin_scope(reader), n_locals = reader->n_locals;
  while (!emu_text_accept(&reader->text, "}"))
    read_item(reader);
  reader->n_locals = n_locals;
  reader->scope = outer;
}

static void read_item(emu_reader *reader) {
  emu_text *text = &reader->text;
  memset(&reader->statement, 0, offsetof(emu_statement, elements));
  reader->statement.n_elements = 0;
  reader->statement.guarded = false;
  reader->statement.line = text->token.line;
  if (emu_text_accept(text, "{")) {
    read_block(reader);
    return;
  }
  if (emu_text_is(text, ".loc")) {
    skip_location(text);
    return;
  }
  if (emu_text_accept(text, ".pragma")) {
    while (!emu_text_accept(text, ";") && text->token.kind != EMU_END)
      emu_text_next(text);
    return;
  }
  if (emu_text_accept(text, ";") || emu_read_variable(reader))
    return;
  read_guard(reader);
  emu_word word = text->token.word;
  if (text->token.kind != EMU_WORD)
    parse_error(reader);
  emu_text_next(text);
  if (!emu_text_accept(text, ":"))
    read_statement(reader, word);
  else if (emu_text_accept(text, ".branchtargets"))
    read_table(reader, word);
  else
    add_label(reader, word);
}

void emu_read_body(emu_reader *reader) {
  begin_scope(reader);
  expect(reader, "{");
  while (!emu_text_accept(&reader->text, "}"))
    read_item(reader);
}

/* ---- what decoders ask ---- */

bool emu_has(emu_reader *reader, const char *modifier) {
  emu_statement *statement = &reader->statement;
  for (uint32_t k = 0; k < statement->n_modifiers; k++)
    if (emu_word_is(statement->modifiers[k], modifier)) {
      statement->used |= 1u << k;
      return true;
    }
  return false;
}

int emu_choice(emu_reader *reader, const char *const *names) {
  for (int k = 0; names[k]; k++)
    if (emu_has(reader, names[k]))
      return k;
  return -1;
}

emu_space emu_space_of(emu_reader *reader) {
  static const struct space_name {
    const char *name;
    emu_space space;
  } names[] = {
      {"global", EMU_GLOBAL},    {"shared", EMU_SHARED}, {"shared::cta", EMU_SHARED}, {"shared::cluster", EMU_SHARED},
      {"local", EMU_LOCAL},      {"const", EMU_CONST},   {"param", EMU_PARAM},        {"param::entry", EMU_PARAM},
      {"param::func", EMU_PARAM}};
  for (size_t k = 0; k < countof(names); k++)
    if (emu_has(reader, names[k].name))
      return names[k].space;
  return EMU_GENERIC;
}

emu_type emu_type_at(emu_reader *reader, uint32_t k) {
  const emu_statement *statement = &reader->statement;
  if (k >= statement->n_types)
    emu_fail(reader, "'%.*s' lacks a type", (int)statement->opcode.n, statement->opcode.text);
  return statement->types[k];
}

void emu_expect_operands(emu_reader *reader, uint32_t min, uint32_t max) {
  const emu_statement *statement = &reader->statement;
  if (statement->n_operands < min || statement->n_operands > max)
    emu_fail(reader, "'%.*s' expects %u to %u operands, got %u", (int)statement->opcode.n, statement->opcode.text, min,
             max, statement->n_operands);
}

const emu_operand *emu_operand_at(emu_reader *reader, uint32_t k) {
  const emu_statement *statement = &reader->statement;
  if (k >= statement->n_operands)
    emu_fail(reader, "'%.*s' lacks operand %u", (int)statement->opcode.n, statement->opcode.text, k + 1);
  return &statement->operands[k];
}

int64_t emu_integer(emu_reader *reader, const emu_operand *operand) {
  if (operand->kind != EMU_IMMEDIATE || operand->real)
    emu_fail(reader, "expects a constant, got '%.*s'", (int)operand->name.n, operand->name.text);
  return (int64_t)operand->integer;
}

emu_instr *emu_append(emu_reader *reader, emu_run_fn *run) {
  emu_function *function = reader->function;
  function->code = grow(function->code, function->n_code, sizeof(emu_instr));
  emu_instr *instr = &function->code[function->n_code++];
  const emu_statement *statement = &reader->statement;
  *instr = (emu_instr){.run = run,
                       .line = statement->line,
                       .guard = statement->guard,
                       .guarded = statement->guarded,
                       .negated = statement->negated};
  return instr;
}

void emu_set_list(emu_reader *reader, emu_instr *instr, const uint32_t *rows, uint32_t n) {
  uint32_t *kept = emu_arena_alloc(&reader->module->arena, n * sizeof *kept + 4);
  memcpy(kept, rows, n * sizeof *kept);
  instr->list = kept;
  instr->n_list = n;
}
