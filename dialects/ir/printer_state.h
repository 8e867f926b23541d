/* The printer's inside, shared by print*.c and by nobody else. */
#ifndef ALPA_DIALECTS_IR_PRINTER_STATE_H
#define ALPA_DIALECTS_IR_PRINTER_STATE_H

#include "dialects/ir/print_text.h"
#include "dialects/ir/printer.h"
#include "support/hash.h"

/* A location that is printed as #locN. */
typedef struct alpa_loc_alias {
  const alpa_loc *loc;
  uint32_t depth;    /* 1 for one that holds no other */
  uint32_t number;   /* N; 0 prints as #loc */
  bool can_be_later; /* its definition may stand behind the op */
} alpa_loc_alias;

/* The names of values: open addressing by address, so that what was made together stays together. */
typedef struct alpa_name_table {
  struct alpa_name_slot {
    const alpa_value *value; /* NULL: free */
    uint64_t name;           /* number * 2 + 1, or const char * */
  } *slots;
  size_t n, cap;
} alpa_name_table;

/* Where an interned object was printed before, to copy it from there. */
typedef struct alpa_print_cache {
  struct {
    const void *object;
    size_t offset, size; /* in the text */
  } slots[256];
} alpa_print_cache;

/* A block that branches to another; a list in the order of the region. */
typedef struct alpa_predecessor {
  const alpa_block *block;
  struct alpa_predecessor *next;
} alpa_predecessor;

struct alpa_printer {
  alpa_text *text;
  const alpa_print_options *options;
  alpa_arena arena;
  uint32_t indent;
  bool collecting;             /* nothing is kept of the text: the locations that need aliases are being visited */
  const char *default_dialect; /* ops of it print without the dialect's name; "" for none */
  alpa_name_table names;
  alpa_print_cache types, attrs;
  alpa_map blocks;                        /* block -> its number in its region */
  alpa_map predecessors;                  /* block -> alpa_predecessor */
  alpa_map used;                          /* hash of a name -> whether it is taken where the names are being given */
  ALPA_VEC(const alpa_op *) with_regions; /* stack of the naming walk */
  ALPA_VEC(uint64_t) taken;               /* hashes of taken names, in order: given back when a region ends */
  alpa_map alias_of;                      /* location -> position in `aliases`, plus 1 */
  ALPA_VEC(alpa_loc_alias) aliases;
};

/* print_names.c: names for all values under an op, by MLIR's rules. */
void alpa_printer_name_values(alpa_printer *printer, const alpa_op *root);
/* Whether each result has a name of its own, as `%values, %indices = ...`. */
bool alpa_printer_names_each(const alpa_printer *printer, const alpa_op *op);
/* The name alone, without the number of a result among several. */
void alpa_printer_result_name(alpa_printer *printer, const alpa_value *result);
void alpa_printer_block_name(alpa_printer *printer, const alpa_block *block);

/* print_loc.c */
void alpa_printer_visit_loc(alpa_printer *printer, const alpa_loc *loc, bool can_be_later);
void alpa_printer_number_aliases(alpa_printer *printer);
void alpa_printer_aliases(alpa_printer *printer, bool later);
/* ` loc(...)`; the location itself is written out where with_alias is false. */
void alpa_printer_loc_of(alpa_printer *printer, const alpa_loc *loc, bool with_alias);

/* print_format.c */
void alpa_printer_format(alpa_printer *printer, const alpa_op *op);

/* Ordinals of the attributes that an op has, sorted by name; out has room for def->n_attrs.  Returns how many. */
size_t alpa_op_sorted_attrs(const alpa_op *op, uint64_t elided, uint16_t *out);

#endif
