/* The processor that code is generated for. */
#ifndef ALPA_CODEGEN_LLVM_TARGET_H
#define ALPA_CODEGEN_LLVM_TARGET_H

#include <llvm-c/TargetMachine.h>

#include "codegen/lower/lower.h"

typedef struct alpa_host {
  const char *triple, *cpu, *features; /* as LLVM names them */
  alpa_lower_target target;
} alpa_host;

/* Strings live in the arena. */
void alpa_host_init(alpa_host *host, const alpa_llvm_options *options, alpa_arena *arena);
/* NULL where LLVM has no such target. */
LLVMTargetMachineRef alpa_host_create_machine(const alpa_host *host, uint32_t optimisation);

#endif
