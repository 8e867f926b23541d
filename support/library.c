/* Foreign libraries by dlopen. */
#include "support/library.h"

#include <dlfcn.h>
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
