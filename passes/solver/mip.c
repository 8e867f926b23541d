/* Opens the module of the integer-program solver.  The loader counts references; once open it stays mapped, for the
 * libraries behind it register destructors. */
#include "passes/solver/mip.h"

#include <dlfcn.h>
#include <string.h>

/* Where the modules of the running library are. */
static const char *own_directory(alpa_arena *arena) {
  Dl_info info;
  if (!dladdr((void *)(uintptr_t)&alpa_mip_load, &info) || !info.dli_fname)
    return "alpa";
  const char *slash = strrchr(info.dli_fname, '/');
  if (!slash)
    return "alpa";
  return alpa_arena_printf(arena, "%.*s/alpa", (int)(slash - info.dli_fname), info.dli_fname);
}

const alpa_mip_solver_module *alpa_mip_load(const char *directory, alpa_arena *arena, const char **out_reason) {
  const char *path = alpa_arena_printf(arena, "%s/alpa-cbc.so", directory ? directory : own_directory(arena));
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const alpa_mip_solver_module *module = handle ? dlsym(handle, "alpa_mip_solver") : NULL;
  if (!module) {
    const char *error = dlerror();
    *out_reason = alpa_arena_strdup(arena, error ? error : "no reason is known");
  }
  if (handle)
    dlclose(handle);
  return module;
}
