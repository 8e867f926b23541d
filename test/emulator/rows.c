/* Names while PTX is read: symbols and their scopes, the rows of a function, constants. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

const emu_type_def emu_type_defs[EMU_TYPE_COUNT] = {
#define X(ID, name, bytes, class) [EMU_##ID] = {name, bytes, class},
#include "types.def"
#undef X
};

static const char *const special_names[] = {
#define X(ID, name, bytes, changes, value) name,
#include "specials.def"
#undef X
};

int emu_find_special(emu_word name) {
  for (size_t k = 0; k < countof(special_names); k++)
    if (emu_word_is(name, special_names[k]))
      return (int)k;
  return -1;
}

uint32_t emu_register_width(emu_type type) {
  uint32_t bytes = emu_type_defs[type].bytes;
  return bytes < 2 ? 2 : bytes;
}

/* Predicates are one word; the rest is aligned for vector instructions of the host. */
uint32_t emu_new_row(emu_reader *reader, uint32_t width) {
  emu_function *function = reader->function;
  uint32_t bytes = width == 1 ? 4 : width * EMU_LANES, align = width == 1 ? 4 : 32;
  uint32_t row = (function->row_bytes + align - 1) / align * align;
  function->row_bytes = row + bytes;
  return row;
}

static void *grow(void *array, size_t n, size_t size) {
  return n && (n & (n - 1)) ? array : emu_realloc(array, (n ? 2 * n : 1) * size);
}

emu_symbol *emu_declare(emu_reader *reader, emu_symbol symbol) {
  emu_symbol *kept = emu_arena_alloc(&reader->module->arena, sizeof *kept);
  *kept = symbol;
  emu_module *module = reader->module;
  if (symbol.space == EMU_SHARED)
    kept->index = module->n_shared++;
  if (reader->function) {
    reader->locals = grow(reader->locals, reader->n_locals, sizeof *reader->locals);
    reader->local_scopes = grow(reader->local_scopes, reader->n_locals, sizeof *reader->local_scopes);
    reader->local_scopes[reader->n_locals] = reader->scope;
    reader->locals[reader->n_locals++] = kept;
  } else {
    module->symbols = grow(module->symbols, module->n_symbols, sizeof(void *));
    module->symbols[module->n_symbols++] = kept;
  }
  return kept;
}

/* `%r<5>` declares %r0 to %r4; *out_index is the number in the name. */
static bool names(const emu_symbol *symbol, emu_word name, uint32_t *out_index) {
  *out_index = 0;
  if (!symbol->count)
    return emu_word_same(symbol->name, name);
  size_t n = symbol->name.n;
  if (name.n <= n || name.n > n + 9 || memcmp(symbol->name.text, name.text, n))
    return false;
  for (size_t k = n; k < name.n; k++) {
    if (name.text[k] < '0' || name.text[k] > '9')
      return false;
    *out_index = *out_index * 10 + (uint32_t)(name.text[k] - '0');
  }
  return *out_index < symbol->count;
}

const emu_symbol *emu_find_symbol(emu_reader *reader, emu_word name, uint32_t *out_index) {
  for (uint32_t k = reader->n_locals; k-- > 0;)
    if (names(reader->locals[k], name, out_index))
      return reader->locals[k];
  for (uint32_t k = reader->module->n_symbols; k-- > 0;)
    if (names(reader->module->symbols[k], name, out_index))
      return reader->module->symbols[k];
  return NULL;
}

static uint32_t add_constant(emu_reader *reader, emu_constant constant) {
  emu_function *function = reader->function;
  for (uint32_t k = function->n_constants; k-- > 0 && function->n_constants - k < 64;) {
    const emu_constant *old = &function->constants[k];
    if (old->width == constant.width && old->special == constant.special && old->shared == constant.shared &&
        old->bits == constant.bits && old->high == constant.high)
      return old->row;
  }
  constant.row = emu_new_row(reader, constant.width);
  function->constants = grow(function->constants, function->n_constants, sizeof constant);
  function->constants[function->n_constants++] = constant;
  return constant.row;
}

uint32_t emu_constant_row(emu_reader *reader, uint32_t width, uint64_t bits) {
  uint64_t kept = width >= 8 ? bits : bits & ((1ULL << 8 * width) - 1);
  uint64_t high = width == 16 && bits >> 63 ? UINT64_MAX : 0;
  return add_constant(reader, (emu_constant){.width = (uint8_t)width, .bits = kept, .high = high});
}

uint32_t emu_scratch_row(emu_reader *reader) { return emu_constant_row(reader, 16, 0); }

static uint64_t real_bits(double value, emu_type type) {
  float single = (float)value;
  uint32_t low;
  uint64_t bits;
  memcpy(&low, &single, 4);
  memcpy(&bits, &value, 8);
  return emu_type_defs[type].bytes == 8 ? bits : low;
}

static void note_shared(emu_reader *reader, const emu_symbol *symbol) {
  emu_function *function = reader->function;
  for (uint32_t k = 0; k < function->n_shared; k++)
    if (function->shared[k] == symbol)
      return;
  function->shared = grow(function->shared, function->n_shared, sizeof(void *));
  function->shared[function->n_shared++] = symbol;
}

/* An address as a constant; those in local memory depend on the frame and are left to the caller. */
static uint32_t variable_row(emu_reader *reader, const emu_operand *operand, uint32_t width) {
  const emu_symbol *symbol = operand->symbol;
  emu_constant constant = {.width = (uint8_t)width, .bits = symbol->address + (uint64_t)operand->offset};
  if (symbol->space == EMU_SHARED) {
    constant.shared = symbol;
    constant.bits = (uint64_t)operand->offset;
    note_shared(reader, symbol);
  } else if (symbol->space != EMU_GLOBAL && symbol->space != EMU_CONST) {
    emu_fail(reader, "the address of '%.*s' cannot be an operand here", (int)symbol->name.n, symbol->name.text);
  }
  return add_constant(reader, constant);
}

static uint32_t special_row(emu_reader *reader, const emu_operand *operand, uint32_t width) {
  return add_constant(reader, (emu_constant){.width = (uint8_t)width, .special = (uint8_t)(operand->special + 1)});
}

static uint32_t row_of(emu_reader *reader, const emu_operand *operand, uint32_t width, emu_type type) {
  switch (operand->kind) {
  case EMU_REGISTER:
    if (operand->width != width)
      emu_fail(reader, "'%.*s' has %u bytes where '%.*s' takes %u", (int)operand->name.n, operand->name.text,
               operand->width, (int)reader->statement.opcode.n, reader->statement.opcode.text, width);
    return operand->row;
  case EMU_IMMEDIATE:
    return emu_constant_row(reader, width, operand->real ? real_bits(operand->value, type) : operand->integer);
  case EMU_SPECIAL:
    return special_row(reader, operand, width);
  case EMU_VARIABLE:
    return variable_row(reader, operand, width);
  case EMU_NOTHING:
    return emu_scratch_row(reader);
  case EMU_ADDRESS:
  case EMU_LIST:
  case EMU_NAME:
    break;
  }
  emu_fail(reader, "'%.*s' is no operand of '%.*s'", (int)operand->name.n, operand->name.text,
           (int)reader->statement.opcode.n, reader->statement.opcode.text);
}

uint32_t emu_row(emu_reader *reader, const emu_operand *operand, emu_type type) {
  if (type == EMU_PRED)
    return emu_predicate(reader, operand);
  return row_of(reader, operand, emu_register_width(type), type);
}

uint32_t emu_row_of_width(emu_reader *reader, const emu_operand *operand, uint32_t width) {
  return row_of(reader, operand, width, width == 8 ? EMU_F64 : EMU_F32);
}

uint32_t emu_row_any(emu_reader *reader, const emu_operand *operand, emu_type type, uint8_t *width) {
  uint32_t wanted = operand->kind == EMU_REGISTER ? operand->width : emu_register_width(type);
  if (wanted < emu_type_defs[type].bytes || wanted == 1)
    emu_fail(reader, "'%.*s' is too small for .%s", (int)operand->name.n, operand->name.text, emu_type_defs[type].name);
  *width = (uint8_t)wanted;
  return row_of(reader, operand, wanted, type);
}

uint32_t emu_predicate(emu_reader *reader, const emu_operand *operand) {
  if (operand->kind == EMU_IMMEDIATE)
    return emu_constant_row(reader, 1, operand->integer ? 1 : 0);
  if (operand->kind == EMU_NOTHING)
    return emu_scratch_row(reader);
  if (operand->kind != EMU_REGISTER || operand->type != EMU_PRED)
    emu_fail(reader, "'%.*s' is no predicate", (int)operand->name.n, operand->name.text);
  return operand->row;
}

uint32_t emu_list(emu_reader *reader, const emu_operand *operand, emu_type type, uint32_t *rows) {
  if (operand->kind != EMU_LIST) {
    rows[0] = emu_row(reader, operand, type);
    return 1;
  }
  for (uint32_t k = 0; k < operand->n; k++)
    rows[k] = emu_row(reader, &reader->statement.elements[operand->first + k], type);
  return operand->n;
}

/* A base that is a register of 4 or 8 bytes, a constant address, or memory of the frame. */
void emu_address(emu_reader *reader, const emu_operand *operand, emu_instr *instr, uint32_t at) {
  if (operand->kind != EMU_ADDRESS)
    emu_fail(reader, "expects an address in brackets");
  emu_operand base = *operand;
  base.kind = operand->base;
  instr->offset = operand->offset;
  base.offset = 0;
  if (base.kind == EMU_VARIABLE && (base.symbol->space == EMU_LOCAL || base.symbol->space == EMU_PARAM)) {
    instr->offset += (int64_t)base.symbol->address;
    if (!base.symbol->launch)
      instr->flags |= EMU_FRAME;
    instr->at[at] = emu_constant_row(reader, 8, 0);
    return;
  }
  uint32_t width = base.kind == EMU_REGISTER ? base.width : 8;
  if (width < 4)
    emu_fail(reader, "an address has 4 or 8 bytes, not %u", width);
  if (width == 4)
    instr->flags |= EMU_NARROW;
  instr->at[at] = emu_row_of_width(reader, &base, width);
}
