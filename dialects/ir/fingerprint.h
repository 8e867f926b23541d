/* The structural hash of IR: XXH3-128 over a canonical serialisation in which names and locations do not occur.
 * Equal in every context, process and machine; changes with any op, type, attribute or use. */
#ifndef ALPA_DIALECTS_IR_FINGERPRINT_H
#define ALPA_DIALECTS_IR_FINGERPRINT_H

#include "dialects/ir/op.h"
#include "support/hash.h"

alpa_hash128 alpa_op_fingerprint(const alpa_op *op);
/* Equality of two ops up to names and locations, used where a hash is not proof enough: same canonical bytes. */
alpa_str alpa_op_serialise(alpa_arena *arena, const alpa_op *op);

#endif
