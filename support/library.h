/* Foreign libraries that are loaded at run time: a table of their functions, filled in by name. */
#ifndef ALPA_SUPPORT_LIBRARY_H
#define ALPA_SUPPORT_LIBRARY_H

#include "support/diag.h"

typedef struct alpa_library_symbol {
  const char *name;
  size_t offset; /* of the function pointer in the table */
} alpa_library_symbol;

typedef struct alpa_library {
  const char *file;    /* "libcuda.so.1" */
  const char *missing; /* what to do where it cannot be loaded, */
  const char *old;     /* and where it lacks a function */
  const alpa_library_symbol *symbols;
  size_t n_symbols;
} alpa_library;

/* Loads the library for as long as the process lives, and fills in the table.  ALPA_UNAVAILABLE. */
alpa_status alpa_library_load(const alpa_library *library, alpa_diag *diag, void *out_table);

/* Opens a module of this project, which lies in the directory `alpa` beside this library, for as long as the process
 * lives, and finds the variable that it exports.  `missing` is what to do where it cannot be opened.  ALPA_UNAVAILABLE.
 */
alpa_status alpa_library_open_module(alpa_diag *diag, const char *file, const char *table, const char *missing,
                                     const void **out_table);

#endif
