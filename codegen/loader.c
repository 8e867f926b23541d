/* Opens alpa-llvm.so on first use. */
#include <dlfcn.h>
#include <string.h>

#include "codegen/kernel_code.h"

/* The directory `alpa` beside the library that holds this function. */
static const char *find_directory(alpa_arena *arena) {
  Dl_info info;
  if (!dladdr((void *)(uintptr_t)&alpa_llvm_open, &info) || !info.dli_fname)
    return ".";
  const char *slash = strrchr(info.dli_fname, '/');
  return slash ? alpa_arena_printf(arena, "%.*s/alpa", (int)(slash - info.dli_fname), info.dli_fname) : "./alpa";
}

alpa_status alpa_llvm_open(alpa_diag *diag, const char *module_dir, const alpa_llvm_module **out_module) {
  alpa_arena arena;
  alpa_arena_init(&arena, diag->arena.memory);
  const char *directory = module_dir ? module_dir : find_directory(&arena);
  const char *path = alpa_arena_printf(&arena, "%s/alpa-llvm.so", directory);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays open: code of LLVM may not be unloaded */
  const void *table = handle ? dlsym(handle, "alpa_llvm_module_table") : NULL;
  alpa_status status = ALPA_OK;
  if (!table) {
    const char *reason = dlerror();
    status = alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "cannot open the code generator '%s': %s", path,
                        reason ? reason : "it exports no table");
  } else {
    *out_module = table;
  }
  alpa_arena_deinit(&arena);
  return status;
}
