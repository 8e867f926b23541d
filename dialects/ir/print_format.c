/* The format language of op_def.h, written: each element of a format produces its part of the text. */
#include <string.h>

#include "dialects/ir/lexer.h"
#include "dialects/ir/printer_state.h"

typedef struct format_state {
  alpa_printer *printer;
  const alpa_op *op;
  uint32_t operand; /* the next one */
  uint64_t printed; /* attributes, by ordinal */
  bool began;       /* something stands behind the op's name */
} format_state;

static const char *end_of_name(const char *at) {
  while (alpa_char_is_word(*at))
    at++;
  return at;
}

static int ordinal_of(const alpa_op_def *def, const char *name, size_t size) {
  for (int i = 0; i < def->n_attrs; i++)
    if (strncmp(def->attrs[i].name, name, size) == 0 && def->attrs[i].name[size] == 0)
      return i;
  return -1;
}

/* The blank between the op's name and what follows. */
static void begin(format_state *state) {
  if (!state->began)
    alpa_text_char(alpa_printer_text(state->printer), ' ');
  state->began = true;
}

static void print_operands(format_state *state, uint32_t n) {
  if (n == 0)
    return;
  begin(state);
  alpa_printer_operands(state->printer, state->op, state->operand, n);
  state->operand += n;
}

static const char *print_attribute(format_state *state, const char *name) {
  const char *end = end_of_name(name);
  int ordinal = ordinal_of(state->op->def, name, (size_t)(end - name));
  const alpa_attr *attr = ordinal < 0 ? NULL : state->op->attrs[ordinal];
  begin(state);
  if (attr) {
    alpa_printer_field(state->printer, &state->op->def->attrs[ordinal], attr);
    state->printed |= 1ull << ordinal;
  }
  return end;
}

/* Behind the { of a group whose attribute is there, or behind the } of one whose attribute is not. */
static const char *enter_group(const format_state *state, const char *name) {
  const char *end = end_of_name(name);
  int ordinal = ordinal_of(state->op->def, name, (size_t)(end - name));
  return ordinal >= 0 && state->op->attrs[ordinal] ? end + 1 : strchr(end, '}') + 1;
}

static const char *print_literal(format_state *state, const char *at) {
  const char *end = at;
  while (*end && !strchr("%$?{}:", *end))
    end++;
  const char *shown = end;
  if (*end == '{' || *end == ':') /* these bring their own blank */
    while (shown > at && shown[-1] == ' ')
      shown--;
  if (shown > at) {
    begin(state);
    alpa_text_append(alpa_printer_text(state->printer), at, (size_t)(shown - at));
  }
  return end;
}

static const char *print_element(format_state *state, const char *at) {
  if (at[0] == '%' && at[1] == '*') {
    print_operands(state, state->op->n_operands - state->operand);
    return at + 2;
  }
  if (at[0] == '%') {
    print_operands(state, 1);
    return at + 1;
  }
  if (at[0] == '$')
    return print_attribute(state, at + 1);
  if (at[0] == '?')
    return enter_group(state, at + 1);
  if (at[0] == '{' && at[1] == '}') {
    alpa_printer_attr_dict(state->printer, state->op, state->printed);
    return at + 2;
  }
  if (at[0] == ':' && at[1] == 'T') {
    alpa_printer_op_type_or_types(state->printer, state->op);
    return at + 2;
  }
  if (at[0] == ':' && at[1] == 'F') {
    alpa_printer_op_types(state->printer, state->op);
    return at + 2;
  }
  if (at[0] == '}')
    return at + 1;
  return print_literal(state, at);
}

void alpa_printer_format(alpa_printer *printer, const alpa_op *op) {
  format_state state = {.printer = printer, .op = op};
  for (const char *at = op->def->syntax.format; *at;)
    at = print_element(&state, at);
}
