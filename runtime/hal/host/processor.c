/* The extensions of the instruction set that machine code may be compiled for, asked of the processor itself: an image
 * that needs more would end in an illegal instruction. */
#include "runtime/hal/host/processor.h"

#include <string.h>

/* X(LLVM's name, the compiler's name): the extensions that vector code is chosen by. */
#define X86_TABLE(X)                                                                                                   \
  X("sse4.1", "sse4.1")                                                                                                \
  X("sse4.2", "sse4.2")                                                                                                \
  X("popcnt", "popcnt")                                                                                                \
  X("avx", "avx")                                                                                                      \
  X("avx2", "avx2")                                                                                                    \
  X("fma", "fma")                                                                                                      \
  X("bmi", "bmi")                                                                                                      \
  X("bmi2", "bmi2")                                                                                                    \
  X("avx512f", "avx512f")                                                                                              \
  X("avx512bw", "avx512bw")                                                                                            \
  X("avx512dq", "avx512dq")                                                                                            \
  X("avx512vl", "avx512vl")                                                                                            \
  X("avx512vnni", "avx512vnni")                                                                                        \
  X("avx512bf16", "avx512bf16")

typedef struct extension {
  const char *name;
  bool is_present;
} extension;

/* Whether "+name" stands in the target. */
static bool names_extension(const char *target, const char *name) {
  size_t size = strlen(name);
  for (const char *at = target; (at = strchr(at, '+')) != NULL; at++)
    if (strncmp(at + 1, name, size) == 0 && (at[1 + size] == ',' || at[1 + size] == ':' || !at[1 + size]))
      return true;
  return false;
}

static const char *find_missing(const char *target) {
#if defined(__x86_64__)
  const extension extensions[] = {
#define X(llvm, compiler) {llvm, __builtin_cpu_supports(compiler) != 0},
      X86_TABLE(X)
#undef X
  };
  for (size_t i = 0; i < countof(extensions); i++)
    if (!extensions[i].is_present && names_extension(target, extensions[i].name))
      return extensions[i].name;
#else
  (void)target;
  (void)names_extension;
#endif
  return NULL;
}

alpa_status alpa_host_check_target(alpa_diag *diag, const char *name, const char *target) {
  const char *missing = find_missing(target);
  if (missing)
    return alpa_error(diag, (alpa_place){.file = name}, ALPA_UNSUPPORTED,
                      "the program was compiled for a processor with '%s', which this one lacks; compile it here",
                      missing);
  return ALPA_OK;
}
