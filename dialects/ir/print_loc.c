/* Locations and their aliases, by the rules of MLIR's printer.
 *
 * Every location gets an alias, numbered by depth and then in the order of the text.  Those that arguments of blocks
 * need stand before the op, the others behind it.  Arguments themselves print their location in place. */
#include <stdlib.h>
#include <string.h>

#include "dialects/ir/printer_state.h"

/* ---- aliases ---- */

static alpa_loc_alias *find_alias(const alpa_printer *printer, const alpa_loc *loc) {
  const uint64_t *position = alpa_map_find(&printer->alias_of, (uintptr_t)loc);
  return position && *position ? &printer->aliases.items[*position - 1] : NULL;
}

static void need_before(alpa_printer *printer, const alpa_loc *loc) {
  alpa_loc_alias *alias = find_alias(printer, loc);
  if (!alias || !alias->can_be_later)
    return;
  alias->can_be_later = false;
  for (uint32_t i = 0; i < loc->n_children; i++)
    need_before(printer, loc->children[i]);
}

static uint32_t visit(alpa_printer *printer, const alpa_loc *loc, bool can_be_later) {
  const alpa_loc_alias *known = find_alias(printer, loc);
  if (known) {
    if (!can_be_later)
      need_before(printer, loc);
    return known->depth;
  }
  size_t at = printer->aliases.n;
  alpa_vec_push(&printer->arena, &printer->aliases, (alpa_loc_alias){loc, 1, 0, can_be_later});
  *alpa_map_insert(&printer->arena, &printer->alias_of, (uintptr_t)loc, NULL) = at + 1;
  uint32_t depth = 0;
  for (uint32_t i = 0; i < loc->n_children; i++) {
    uint32_t child = visit(printer, loc->children[i], can_be_later);
    depth = depth < child ? child : depth;
  }
  return printer->aliases.items[at].depth = depth + 1;
}

void alpa_printer_visit_loc(alpa_printer *printer, const alpa_loc *loc, bool can_be_later) {
  visit(printer, loc, can_be_later);
}

/* Sorts by depth, stably: a counting sort. */
void alpa_printer_number_aliases(alpa_printer *printer) {
  size_t n = printer->aliases.n;
  uint32_t deepest = 0;
  for (size_t i = 0; i < n; i++)
    deepest = printer->aliases.items[i].depth > deepest ? printer->aliases.items[i].depth : deepest;
  size_t *starts = alpa_arena_new(&printer->arena, size_t, deepest + 2);
  for (size_t i = 0; i < n; i++)
    starts[printer->aliases.items[i].depth + 1]++;
  for (uint32_t d = 1; d <= deepest + 1; d++)
    starts[d] += starts[d - 1];
  alpa_loc_alias *sorted = alpa_arena_new(&printer->arena, alpa_loc_alias, n);
  for (size_t i = 0; i < n; i++) {
    alpa_loc_alias alias = printer->aliases.items[i];
    size_t to = starts[alias.depth]++;
    alias.number = (uint32_t)to;
    sorted[to] = alias;
    *alpa_map_insert(&printer->arena, &printer->alias_of, (uintptr_t)alias.loc, NULL) = to + 1;
  }
  printer->aliases.items = sorted;
}

/* ---- printing ---- */

static void print_alias(alpa_printer *printer, const alpa_loc_alias *alias) {
  alpa_text_append(printer->text, "#loc", 4);
  if (alias->number)
    alpa_text_int(printer->text, alias->number);
}

static void print_body(alpa_printer *printer, const alpa_loc *loc, bool with_alias);

static void print_children(alpa_printer *printer, const alpa_loc *loc, const char *separator) {
  for (uint32_t i = 0; i < loc->n_children; i++) {
    alpa_text_string(printer->text, i ? separator : "");
    print_body(printer, loc->children[i], true);
  }
}

static void print_position(alpa_text *text, const alpa_loc *loc) {
  alpa_text_quoted(text, loc->name, strlen(loc->name));
  alpa_text_char(text, ':');
  alpa_text_int(text, loc->line);
  alpa_text_char(text, ':');
  alpa_text_int(text, loc->column);
  if (!loc->end_line)
    return;
  alpa_text_append(text, " to ", 4);
  if (loc->end_line != loc->line)
    alpa_text_int(text, loc->end_line);
  alpa_text_char(text, ':');
  alpa_text_int(text, loc->end_column);
}

static void print_named(alpa_printer *printer, const alpa_loc *loc) {
  alpa_text_quoted(printer->text, loc->name, strlen(loc->name));
  if (!loc->n_children)
    return;
  alpa_text_char(printer->text, '(');
  print_children(printer, loc, "");
  alpa_text_char(printer->text, ')');
}

static void print_fused(alpa_printer *printer, const alpa_loc *loc) {
  alpa_text_string(printer->text, "fused");
  if (loc->meta) {
    alpa_text_char(printer->text, '<');
    alpa_attr_print(printer->text, loc->meta);
    alpa_text_char(printer->text, '>');
  }
  alpa_text_char(printer->text, '[');
  print_children(printer, loc, ", ");
  alpa_text_char(printer->text, ']');
}

static void print_form(alpa_printer *printer, const alpa_loc *loc) {
  switch (loc->kind) {
  case ALPA_LOC_UNKNOWN:
    alpa_text_string(printer->text, "unknown");
    return;
  case ALPA_LOC_FILE:
    print_position(printer->text, loc);
    return;
  case ALPA_LOC_NAME:
    print_named(printer, loc);
    return;
  case ALPA_LOC_CALLSITE:
    alpa_text_string(printer->text, "callsite(");
    print_children(printer, loc, " at ");
    alpa_text_char(printer->text, ')');
    return;
  case ALPA_LOC_FUSED:
    print_fused(printer, loc);
    return;
  case ALPA_LOC_OPAQUE:
    alpa_text_string(printer->text, loc->name);
    return;
  }
}

static void print_body(alpa_printer *printer, const alpa_loc *loc, bool with_alias) {
  const alpa_loc_alias *alias = with_alias ? find_alias(printer, loc) : NULL;
  if (alias)
    print_alias(printer, alias);
  else
    print_form(printer, loc);
}

void alpa_printer_loc_of(alpa_printer *printer, const alpa_loc *loc, bool with_alias) {
  if (!printer->options->debug_info || printer->collecting)
    return;
  alpa_text_append(printer->text, " loc(", 5);
  print_body(printer, loc, with_alias);
  alpa_text_char(printer->text, ')');
}

void alpa_printer_loc(alpa_printer *printer, const alpa_loc *loc) { alpa_printer_loc_of(printer, loc, true); }

void alpa_printer_aliases(alpa_printer *printer, bool later) {
  for (size_t i = 0; i < printer->aliases.n; i++) {
    const alpa_loc_alias *alias = &printer->aliases.items[i];
    if (alias->can_be_later != later)
      continue;
    print_alias(printer, alias);
    alpa_text_append(printer->text, " = loc(", 7);
    print_form(printer, alias->loc);
    alpa_text_append(printer->text, ")\n", 2);
  }
}
