/* Decoders: each turns the reader's statement into instructions of the function that is read. */
#ifndef EMULATOR_DECODE_H
#define EMULATOR_DECODE_H

#include "machine.h"
#include "parse.h"

#define X(opcode, decoder) void decoder(emu_reader *reader);
#include "opcodes.def"
#undef X

/* Logic of predicates: and.pred ... */
void emu_decode_predicate(emu_reader *reader);

/* The operation of atom, red and cp.reduce that the statement names. */
uint8_t emu_atomic_operation(emu_reader *reader);
void emu_atomic_apply(uint8_t *at, uint32_t operation, emu_type type, const uint8_t *operand);
/* cp.reduce: the operation plus one, else 0; and the copy, with the operation in choice2. */
uint8_t emu_reduction_of(emu_reader *reader);
void emu_reduce_bytes(const emu_instr *instr, uint8_t *to, const uint8_t *from, uint32_t bytes);
/* Forms of cp, by what they copy. */
void emu_decode_copy_arrive(emu_reader *reader);
void emu_decode_tensor_copy(emu_reader *reader);

/* .rn .rz .rm .rp and their integral forms, .ftz, .sat ...; unknown ones are left. */
emu_rounding emu_rounding_of(emu_reader *reader);
uint32_t emu_flags_of(emu_reader *reader);
/* Cache hints, scopes and similar modifiers without effect here are understood. */
void emu_accept_hints(emu_reader *reader);
/* The membermask must name all threads that execute and only live ones; else reports. */
bool emu_members(emu_warp *warp, const uint32_t *masks);
emu_instr *emu_append_nothing(emu_reader *reader);

#endif
