/* What code is generated for. */
#ifndef ALPA_CODEGEN_TARGET_H
#define ALPA_CODEGEN_TARGET_H

/* X(ID, name) */
#define ALPA_TARGET_TABLE(X)                                                                                           \
  X(HOST, "host") /* machine code of a processor */                                                                    \
  X(PTX, "ptx")   /* text for NVIDIA GPUs, of compute capability 8.0 (sm_80) or 9.0 (sm_90a) */

typedef enum alpa_target {
#define X(ID, name) ALPA_TARGET_##ID,
  ALPA_TARGET_TABLE(X)
#undef X
      ALPA_TARGET_COUNT
} alpa_target;

#endif
