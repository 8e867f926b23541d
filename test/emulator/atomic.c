/* atom and red (PTX ISA 8.x, 9.7.12.5, 9.7.12.6): one compare-and-swap loop around a table of operations. */
#include "decode.h"
#include "float.h"

#include <string.h>

/* ---- operations on bits of a type: old value, operand, second operand ---- */

typedef uint64_t atomic_fn(emu_type type, uint64_t old, uint64_t b, uint64_t c);

static bool is_float(emu_type type) { return emu_type_defs[type].class == 'f'; }
static bool is_half(emu_type type) { return emu_type_defs[type].class == 'h'; }

static double as_real(emu_type type, uint64_t bits) {
  double value;
  memcpy(&value, &bits, 8);
  return type == EMU_F64   ? value
         : type == EMU_F32 ? (double)emu_bits_float((uint32_t)bits)
                           : emu_from_bits(emu_format_of(type), (uint32_t)bits);
}

static uint64_t add_bits(emu_type type, uint64_t old, uint64_t b) {
  double sum;
  uint64_t bits;
  if (is_half(type))
    return emu_round_to(emu_format_of(type), emu_fma_odd(as_real(type, old), 1, as_real(type, b)), EMU_RN, false);
  if (type == EMU_F32)
    return emu_float_bits(emu_bits_float((uint32_t)old) + emu_bits_float((uint32_t)b));
  if (type != EMU_F64)
    return old + b;
  sum = as_real(type, old) + as_real(type, b);
  memcpy(&bits, &sum, 8);
  return bits;
}

static uint64_t packed(emu_type half, uint64_t old, uint64_t b, uint64_t (*each)(emu_type, uint64_t, uint64_t)) {
  return each(half, old & 0xffff, b & 0xffff) | each(half, old >> 16 & 0xffff, b >> 16 & 0xffff) << 16;
}

static bool is_less(emu_type type, uint64_t a, uint64_t b) {
  if (is_float(type) || is_half(type))
    return isnan(as_real(type, b)) || as_real(type, a) < as_real(type, b);
  if (emu_type_defs[type].class != 's')
    return a < b;
  return type == EMU_S32 ? (int32_t)a < (int32_t)b : (int64_t)a < (int64_t)b;
}

static uint64_t min_bits(emu_type type, uint64_t old, uint64_t b) { return is_less(type, b, old) ? b : old; }
static uint64_t max_bits(emu_type type, uint64_t old, uint64_t b) {
  return is_less(type, old, b) && !(is_half(type) && isnan(as_real(type, b))) ? b : old;
}

#define BOTH(name, each)                                                                                               \
  static uint64_t name(emu_type type, uint64_t old, uint64_t b, uint64_t c) {                                          \
    (void)c;                                                                                                           \
    return type == EMU_F16X2    ? packed(EMU_F16, old, b, each)                                                        \
           : type == EMU_BF16X2 ? packed(EMU_BF16, old, b, each)                                                       \
                                : each(type, old, b);                                                                  \
  }
BOTH(op_add, add_bits)
BOTH(op_min, min_bits)
BOTH(op_max, max_bits)
#undef BOTH

#define OP(name, expression)                                                                                           \
  static uint64_t name(emu_type type, uint64_t old, uint64_t b, uint64_t c) {                                          \
    (void)type, (void)old, (void)b, (void)c;                                                                           \
    return expression;                                                                                                 \
  }
OP(op_and, old &b)
OP(op_or, old | b)
OP(op_xor, old ^ b)
OP(op_exch, b)
OP(op_cas, old == b ? c : old)
OP(op_inc, old >= b ? 0 : old + 1)
OP(op_dec, old == 0 || old > b ? b : old - 1)
#undef OP

static const struct operation {
  const char *name;
  atomic_fn *apply;
} operations[] = {{"add", op_add}, {"min", op_min},   {"max", op_max}, {"and", op_and}, {"or", op_or},
                  {"xor", op_xor}, {"exch", op_exch}, {"cas", op_cas}, {"inc", op_inc}, {"dec", op_dec}};

/* ---- memory ---- */

#define EXCHANGE(T)                                                                                                    \
  {                                                                                                                    \
    T old = __atomic_load_n((T *)(void *)at, __ATOMIC_SEQ_CST), new;                                                   \
    do                                                                                                                 \
      new = (T)apply(type, old, b, c);                                                                                 \
    while (!__atomic_compare_exchange_n((T *)(void *)at, &old, new, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));        \
    return old;                                                                                                        \
  }
static uint64_t exchange(uint8_t *at, atomic_fn *apply, emu_type type, uint64_t b, uint64_t c) {
  switch (emu_type_defs[type].bytes) {
  case 2:
    EXCHANGE(uint16_t)
  case 4:
    EXCHANGE(uint32_t)
  default:
    EXCHANGE(uint64_t)
  }
}
#undef EXCHANGE

void emu_atomic_apply(uint8_t *at, uint32_t operation, emu_type type, const uint8_t *operand) {
  uint64_t b = 0;
  memcpy(&b, operand, emu_type_defs[type].bytes);
  exchange(at, operations[operation].apply, type, b, 0);
}

/* cas of 16 bytes: no atomic of the host, but blocks run one at a time for it. */
static void exchange_128(uint8_t *at, bool compare, const uint8_t *b, const uint8_t *c, uint8_t *old) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  memcpy(old, at, 16);
  if (!compare)
    memcpy(at, b, 16);
  else if (!memcmp(old, b, 16))
    memcpy(at, c, 16);
  pthread_mutex_unlock(&mutex);
}

static uint64_t get(const emu_warp *w, uint32_t row, uint32_t lane, uint32_t width) {
  uint64_t bits = 0;
  memcpy(&bits, w->rows + row + lane * width, width);
  return bits;
}

/* Element k of a thread; whether memory may have changed. */
static bool update(emu_warp *w, const emu_instr *i, uint32_t lane, uint32_t k, uint8_t *at) {
  emu_type type = (emu_type)i->type;
  uint32_t bytes = emu_type_defs[type].bytes, n = i->count, result = i->list[k], b = i->list[n + k],
           c = i->list[2 * n + k];
  const struct operation *operation = &operations[i->choice];
  if (bytes == 16) {
    uint8_t old[16];
    exchange_128(at, i->choice2, w->rows + b + lane * 16, w->rows + c + lane * 16, old);
    memcpy(w->rows + result + lane * 16, old, 16);
    return true;
  }
  uint64_t operand = get(w, b, lane, bytes);
  uint64_t old = exchange(at, operation->apply, type, operand, get(w, c, lane, bytes));
  memcpy(w->rows + result + lane * bytes, &old, bytes);
  return operation->apply == op_cas ? old == operand : operation->apply != op_exch || old != operand;
}

/* list: results (if wanted), operands, and for cas the second ones; one each for every element of the vector. */
static void run_atom(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint32_t bytes = emu_type_defs[i->type].bytes;
  bool changed = false;
  emu_addresses(w, i, 0, addresses);
  emu_order_atomic(w);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    if (!(w->mask >> l & 1))
      continue;
    uint8_t *at = emu_at(w, l, (emu_space)i->space, addresses[l], bytes * i->count, EMU_ATOMIC);
    for (uint32_t k = 0; at && k < i->count; k++)
      changed |= update(w, i, l, k, at + k * bytes);
  }
  if (!changed) {
    emu_note_spin(w);
    return;
  }
  w->spins = 0;
  w->cta->gang->version++;
}

uint8_t emu_atomic_operation(emu_reader *reader) {
  for (uint8_t k = 0; k < countof(operations); k++)
    if (emu_has(reader, operations[k].name))
      return k;
  emu_fail(reader, "'%.*s' lacks an operation", (int)reader->statement.opcode.n, reader->statement.opcode.text);
}

void emu_decode_atom(emu_reader *reader) {
  static const char *const vectors[] = {"v2", "v4", "v8", NULL}, *const orders[] = {"acquire", "release", "acq_rel",
                                                                                    NULL};
  static const uint8_t counts[] = {1, 2, 4, 8};
  if (emu_has(reader, "async"))
    emu_fail(reader, "red.async is not known");
  bool red = reader->statement.base.text[0] == 'r';
  emu_type type = emu_type_at(reader, 0);
  uint8_t kind = emu_atomic_operation(reader), n = counts[emu_choice(reader, vectors) + 1];
  bool cas = operations[kind].apply == op_cas;
  emu_choice(reader, orders);
  emu_accept_hints(reader);
  emu_space space = emu_space_of(reader);
  uint32_t address = red ? 0 : 1, rows[24];
  emu_expect_operands(reader, address + 2 + cas, address + 3 + cas);
  for (uint32_t part = 0; part < 3; part++) {
    uint32_t got = n;
    if (part == 0 && red)
      for (uint32_t k = 0; k < n; k++)
        rows[k] = emu_scratch_row(reader);
    else
      got = emu_list(reader, emu_operand_at(reader, part == 0 ? 0 : address + (part == 2 && cas ? 2 : 1)), type,
                     rows + part * n);
    if (got != n)
      emu_fail(reader, "expects %u values, got %u", n, got);
  }
  emu_instr *instr = emu_append(reader, run_atom);
  emu_set_list(reader, instr, rows, 3u * n);
  emu_address(reader, emu_operand_at(reader, address), instr, 0);
  instr->type = (uint8_t)type;
  instr->count = n;
  instr->space = (uint8_t)space;
  instr->choice = kind;
  instr->choice2 = cas;
}
