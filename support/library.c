/* Foreign libraries and modules by dlopen. */
#include "support/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

alpa_status alpa_library_load(const alpa_library *library, alpa_diag *diag, void *out_table) {
  void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "cannot load %s; %s", dlerror(), library->missing);
  alpa_status status = ALPA_OK;
  for (size_t i = 0; i < library->n_symbols && status == ALPA_OK; i++) {
    void *address = dlsym(handle, library->symbols[i].name);
    memcpy((char *)out_table + library->symbols[i].offset, &address, sizeof address);
    if (!address)
      status = alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "%s has no function '%s'; %s", library->file,
                          library->symbols[i].name, library->old);
  }
  dlclose(handle); /* only the count of users: NODELETE keeps it */
  return status;
}

alpa_status alpa_library_open_module(alpa_diag *diag, const char *file, const char *table, const char *missing,
                                     const void **out_table) {
  Dl_info info;
  char path[4096];
  bool is_known = dladdr((void *)(uintptr_t)&alpa_library_open_module, &info) && info.dli_fname;
  const char *slash = is_known ? strrchr(info.dli_fname, '/') : NULL;
  snprintf(path, sizeof path, "%.*s/alpa/%s", slash ? (int)(slash - info.dli_fname) : 1, slash ? info.dli_fname : ".",
           file);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  *out_table = handle ? dlsym(handle, table) : NULL;
  if (*out_table)
    return ALPA_OK;
  const char *reason = dlerror();
  return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "cannot open %s; %s", reason ? reason : path, missing);
}
