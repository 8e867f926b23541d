/* Finds out what processor this is and what the emitters may use of it. */
#include "codegen/llvm/target.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <llvm-c/Target.h>

static void init_native(void) {
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
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

void alpa_host_init(alpa_host *host, const alpa_llvm_options *options, alpa_arena *arena) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, init_native);
  host->triple = take(arena, LLVMGetDefaultTargetTriple());
  host->cpu = options->cpu ? options->cpu : take(arena, LLVMGetHostCPUName());
  host->features = options->cpu ? "" : take(arena, LLVMGetHostCPUFeatures());
  const char *f = host->features;
  bool avx512 = has(f, "avx512f") && has(f, "avx512bw") && has(f, "avx512vl") && has(f, "avx512dq");
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  host->target = (alpa_lower_target){
      .vector_bytes = avx512           ? 64
                      : has(f, "avx2") ? 32
                                       : 16,
      .n_cores = options->n_cores ? options->n_cores : (uint32_t)(cores > 0 ? cores : 1),
      .has_avx512 = avx512,
      .has_fma = has(f, "fma") || !strncmp(host->triple, "aarch64", 7),
      .has_f16c = has(f, "f16c") || !strncmp(host->triple, "aarch64", 7),
      .has_avx512_bf16 = avx512 && has(f, "avx512bf16"),
      .has_avx512_vnni = avx512 && has(f, "avx512vnni"),
      .l1_bytes = cache_bytes(_SC_LEVEL1_DCACHE_SIZE, 32 << 10),
      .l2_bytes = cache_bytes(_SC_LEVEL2_CACHE_SIZE, 1 << 20),
  };
}

LLVMTargetMachineRef alpa_host_create_machine(const alpa_host *host, uint32_t optimisation) {
  LLVMTargetRef target = NULL;
  char *message = NULL;
  if (LLVMGetTargetFromTriple(host->triple, &target, &message)) {
    LLVMDisposeMessage(message);
    return NULL;
  }
  static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                               LLVMCodeGenLevelAggressive};
  return LLVMCreateTargetMachine(target, host->triple, host->cpu, host->features,
                                 levels[optimisation < 3 ? optimisation : 3], LLVMRelocPIC, LLVMCodeModelSmall);
}
