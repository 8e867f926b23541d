/* From the statement to instructions: finds the row of the opcode; refuses modifiers that nothing has asked for. */
#include "decode.h"

#include "alu.h"

#include <stdio.h>
#include <string.h>

static const struct opcode {
  const char *name;
  void (*decode)(emu_reader *reader);
} opcodes[] = {
#define X(opcode, decoder) {#opcode, decoder},
#include "opcodes.def"
#undef X
};

emu_rounding emu_rounding_of(emu_reader *reader) {
  static const char *const names[] = {"rn", "rz", "rm", "rp", "rna", NULL};
  static const char *const integral[] = {"rni", "rzi", "rmi", "rpi", NULL};
  int k = emu_choice(reader, names);
  if (k < 0)
    k = emu_choice(reader, integral);
  return k < 0 ? EMU_RN : (emu_rounding)k;
}

uint32_t emu_flags_of(emu_reader *reader) {
  static const struct flag {
    const char *name;
    uint32_t flag;
  } flags[] = {{"ftz", EMU_FTZ},      {"sat", EMU_SAT},      {"relu", EMU_RELU},    {"satfinite", EMU_SATFINITE},
               {"rni", EMU_INTEGRAL}, {"rzi", EMU_INTEGRAL}, {"rmi", EMU_INTEGRAL}, {"rpi", EMU_INTEGRAL}};
  uint32_t found = 0;
  for (size_t k = 0; k < countof(flags); k++)
    if (emu_has(reader, flags[k].name))
      found |= flags[k].flag;
  return found;
}

void emu_accept_hints(emu_reader *reader) {
  static const char *const hints[] = {"ca",
                                      "cg",
                                      "cs",
                                      "lu",
                                      "cv",
                                      "wb",
                                      "wt",
                                      "nc",
                                      "L1::no_allocate",
                                      "L1::evict_first",
                                      "L1::evict_last",
                                      "L1::evict_normal",
                                      "L1::evict_unchanged",
                                      "L2::64B",
                                      "L2::128B",
                                      "L2::256B",
                                      "L2::cache_hint",
                                      "L2::evict_first",
                                      "L2::evict_last",
                                      "L2::evict_normal",
                                      "cta",
                                      "cluster",
                                      "gpu",
                                      "sys",
                                      "weak",
                                      "relaxed",
                                      "noftz"};
  for (size_t k = 0; k < countof(hints); k++)
    emu_has(reader, hints[k]);
}

static void run_nothing(emu_warp *w, const emu_instr *i) {
  (void)w;
  (void)i;
}

emu_instr *emu_append_nothing(emu_reader *reader) { return emu_append(reader, run_nothing); }

/* What is a hint, or orders what is in order here anyway. */
void emu_decode_nothing(emu_reader *reader) {
  reader->statement.used = UINT32_MAX;
  emu_append_nothing(reader);
}

/* ---- rows of the tables ---- */

static bool is_in(const char *words, const char *word) {
  size_t n = strlen(word);
  for (const char *at = words; (at = strstr(at, word)); at += n)
    if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
      return true;
  return false;
}

static bool matches(const emu_alu *row, const char *key, const emu_statement *statement) {
  if (strcmp(row->name, key))
    return false;
  const char *first = emu_type_defs[statement->types[0]].name;
  if (statement->n_types < 2)
    return is_in(row->types, first);
  char both[32];
  snprintf(both, sizeof both, "%s %s", first, emu_type_defs[statement->types[1]].name);
  return !strcmp(row->types, both);
}

/* The opcode with the modifiers that are no flags. */
static void write_key(emu_reader *reader, char *key, size_t size) {
  static const char *const neutral[] = {"rn", "rz", "rm", "rp", "ftz", "approx", "full"};
  emu_statement *statement = &reader->statement;
  char class = statement->n_types ? emu_type_defs[statement->types[0]].class : 'u';
  bool integer = class == 'u' || class == 's' || class == 'b';
  int n = snprintf(key, size, "%.*s", (int)statement->base.n, statement->base.text);
  for (size_t k = 0; k < countof(neutral); k++)
    emu_has(reader, neutral[k]);
  if (!integer) {
    emu_has(reader, "sat");
    emu_has(reader, "relu");
  }
  for (uint32_t k = 0; k < statement->n_modifiers; k++)
    if (!(statement->used >> k & 1))
      n += snprintf(key + n, size - (size_t)n, ".%.*s", (int)statement->modifiers[k].n, statement->modifiers[k].text);
  statement->used = UINT32_MAX;
}

static const emu_alu *find_alu(emu_reader *reader) {
  static const emu_alu *const tables[] = {emu_alu_integer, emu_alu_float, emu_alu_half};
  char key[96];
  write_key(reader, key, sizeof key - 32);
  for (size_t t = 0; reader->statement.n_types && t < countof(tables); t++)
    for (const emu_alu *row = tables[t]; row->name; row++)
      if (matches(row, key, &reader->statement))
        return row;
  emu_fail(reader, "no instruction '%.*s' is known", (int)reader->statement.opcode.n, reader->statement.opcode.text);
}

static void decode_alu(emu_reader *reader) {
  const emu_alu *row = find_alu(reader);
  emu_statement *statement = &reader->statement;
  emu_expect_operands(reader, row->n_sources + 1u, row->n_sources + 1u);
  uint32_t rows[4];
  for (uint32_t k = 0; k <= row->n_sources; k++) {
    emu_type type = statement->types[0];
    if (emu_register_width(type) != row->width[k])
      type = row->width[k] == 2 ? EMU_B16 : row->width[k] == 4 ? EMU_B32 : EMU_B64;
    rows[k] = emu_row(reader, emu_operand_at(reader, k), type);
  }
  emu_instr *instr = emu_append(reader, row->run);
  memcpy(instr->at, rows, sizeof rows);
  instr->rounding = (uint8_t)emu_rounding_of(reader);
  instr->flags = emu_flags_of(reader);
}

void emu_decode(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  bool carry = emu_has(reader, "cc");
  bool logic = statement->n_types && statement->types[0] == EMU_PRED;
  const struct opcode *found = NULL;
  for (size_t k = 0; k < countof(opcodes) && !found; k++)
    if (emu_word_is(statement->base, opcodes[k].name))
      found = &opcodes[k];
  if (carry)
    emu_decode_carry(reader);
  else if (found)
    found->decode(reader);
  else if (logic)
    emu_decode_predicate(reader);
  else
    decode_alu(reader);
  for (uint32_t k = 0; k < statement->n_modifiers; k++)
    if (!(statement->used >> k & 1))
      emu_fail(reader, "'.%.*s' of '%.*s' is not known", (int)statement->modifiers[k].n, statement->modifiers[k].text,
               (int)statement->opcode.n, statement->opcode.text);
}
