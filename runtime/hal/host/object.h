/* Machine code from ELF relocatable objects. */
#ifndef ALPA_RUNTIME_HAL_HOST_OBJECT_H
#define ALPA_RUNTIME_HAL_HOST_OBJECT_H

#include "runtime/executor.h"

typedef struct alpa_host_object alpa_host_object;

/* Finds the address of an external symbol, or 0. */
typedef uint64_t alpa_host_resolve_fn(void *user, const char *name);

typedef struct alpa_host_object_source {
  const char *name; /* in messages */
  alpa_image_code code;
  alpa_host_resolve_fn *resolve; /* may be NULL */
  void *user;
} alpa_host_object_source;

/* Maps the sections of an ELF object of this machine's architecture (code read-execute, constants read-only, data
 * read-write, never write and execute at once) and relocates it.  Undefined symbols are resolved by `resolve` and then
 * from a fixed table of C library functions that compilers call by themselves.  The source is not referred to
 * afterwards.  Fails with ALPA_NOT_FOUND naming the symbol, ALPA_UNSUPPORTED naming the relocation, section or
 * architecture, ALPA_DATA_LOSS where the object is malformed, ALPA_OUT_OF_MEMORY. */
alpa_status alpa_host_object_load(alpa_arena *arena, alpa_diag *diag, const alpa_host_object_source *source,
                                  alpa_host_object **out_object);
/* Unmaps the code; legal on NULL.  The object itself lives in the arena. */
void alpa_host_object_destroy(alpa_host_object *object);

/* The address of a global symbol that the object defines, or NULL. */
void *alpa_host_object_find(const alpa_host_object *object, const char *name);

/* What compilers call without being asked: memory, mathematics, conversions; 0 for anything else. */
uint64_t alpa_host_library_find(const char *name);

#endif
