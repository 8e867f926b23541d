/* The processor or GPU that code is generated for. */
#ifndef ALPA_CODEGEN_LLVM_TARGET_H
#define ALPA_CODEGEN_LLVM_TARGET_H

#include <llvm-c/TargetMachine.h>

#include "codegen/lower/lower.h"

typedef struct alpa_machine {
  const char *triple, *cpu, *features; /* as LLVM names them */
  alpa_lower_target target;
  uint32_t n_cores; /* of this machine, which compiles */
} alpa_machine;

/* Strings live in the arena.  Fails for a GPU that is not known. */
alpa_status alpa_machine_init(alpa_machine *machine, const alpa_llvm_options *options, alpa_diag *diag,
                              alpa_arena *arena);
/* NULL where LLVM has no such target. */
LLVMTargetMachineRef alpa_machine_create(const alpa_machine *machine, uint32_t optimisation);

#endif
