/* The list of dialects. */
#include "dialects/ir/op_def.h"

#define X(ID, variable) extern const alpa_dialect_def alpa_##variable##_dialect;
ALPA_DIALECT_TABLE(X)
#undef X

const alpa_dialect_def *const alpa_dialects[ALPA_DIALECT_COUNT] = {
#define X(ID, variable) [ALPA_DIALECT_##ID] = &alpa_##variable##_dialect,
    ALPA_DIALECT_TABLE(X)
#undef X
};
