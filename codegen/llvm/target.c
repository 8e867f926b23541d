/* Finds out what processor this is, or describes a GPU: what the emitters may use of it. */
#include "codegen/llvm/target.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <llvm-c/Target.h>

static void init_targets(void) {
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
}

static const char *take(alpa_arena *arena, char *message) {
  const char *copy = alpa_arena_strdup(arena, message);
  LLVMDisposeMessage(message);
  return copy;
}

/* Whether "+name" stands in a feature list. */
static bool has(const char *features, const char *name) {
  size_t size = strlen(name);
  for (const char *at = features; (at = strstr(at, name)) != NULL; at += size)
    if (at > features && at[-1] == '+' && (at[size] == ',' || !at[size]))
      return true;
  return false;
}

static int64_t cache_bytes(int name, int64_t otherwise) {
  long bytes = sysconf(name);
  return bytes > 0 ? bytes : otherwise;
}

static void init_host(alpa_machine *host, const alpa_llvm_options *options, alpa_arena *arena) {
  host->triple = take(arena, LLVMGetDefaultTargetTriple());
  host->cpu = options->cpu ? options->cpu : take(arena, LLVMGetHostCPUName());
  host->features = options->cpu ? "" : take(arena, LLVMGetHostCPUFeatures());
  const char *f = host->features;
  bool avx512 = has(f, "avx512f") && has(f, "avx512bw") && has(f, "avx512vl") && has(f, "avx512dq");
  host->target = (alpa_lower_target){
      .vector_bytes = avx512           ? 64
                      : has(f, "avx2") ? 32
                                       : 16,
      .n_cores = options->n_cores ? options->n_cores : host->n_cores,
      .has_avx512 = avx512,
      .has_fma = has(f, "fma") || !strncmp(host->triple, "aarch64", 7),
      .has_f16c = has(f, "f16c") || !strncmp(host->triple, "aarch64", 7),
      .has_avx512_bf16 = avx512 && has(f, "avx512bf16"),
      .has_avx512_vnni = avx512 && has(f, "avx512vnni"),
      .l1_bytes = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, 32 << 10),
      .l2_bytes = cache_bytes(_SC_LEVEL2_CACHE_SIZE, 1 << 20),
  };
}

/* PTX 8.0 (CUDA 12.0) has everything that is emitted. */
static alpa_status init_gpu(alpa_machine *gpu, const alpa_llvm_options *options, alpa_diag *diag) {
  static const struct {
    const char *name;
    uint32_t capability, n_multiprocessors;
  } rows[] = {{"sm_80", 80, 108}, {"sm_90a", 90, 132}};
  const char *name = options->cpu ? options->cpu : rows[0].name;
  for (size_t i = 0; i < countof(rows); i++)
    if (!strcmp(name, rows[i].name)) {
      gpu->triple = "nvptx64-nvidia-cuda";
      gpu->cpu = name;
      gpu->features = "+ptx80";
      gpu->target = (alpa_lower_target){.gpu = rows[i].capability,
                                        .vector_bytes = 16,
                                        .n_cores = options->n_cores ? options->n_cores : rows[i].n_multiprocessors,
                                        .has_fma = true,
                                        .has_f16c = true};
      return ALPA_OK;
    }
  return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "unknown GPU '%s': expects sm_80 or sm_90a", name);
}

alpa_status alpa_machine_init(alpa_machine *machine, const alpa_llvm_options *options, alpa_diag *diag,
                              alpa_arena *arena) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, init_targets);
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  *machine = (alpa_machine){.n_cores = (uint32_t)(cores > 0 ? cores : 1)};
  switch (options->target) {
  case ALPA_TARGET_PTX:
    return init_gpu(machine, options, diag);
  case ALPA_TARGET_HOST:
  case ALPA_TARGET_COUNT:
    break;
  }
  init_host(machine, options, arena);
  return ALPA_OK;
}

LLVMTargetMachineRef alpa_machine_create(const alpa_machine *machine, uint32_t optimisation) {
  LLVMTargetRef target = NULL;
  char *message = NULL;
  if (LLVMGetTargetFromTriple(machine->triple, &target, &message)) {
    LLVMDisposeMessage(message);
    return NULL;
  }
  static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                               LLVMCodeGenLevelAggressive};
  LLVMCodeModel model = machine->target.gpu ? LLVMCodeModelDefault : LLVMCodeModelSmall;
  return LLVMCreateTargetMachine(target, machine->triple, machine->cpu, machine->features,
                                 levels[optimisation < 3 ? optimisation : 3], LLVMRelocPIC, model);
}
