/* Reads a module: directives, variables with their initial values, functions (PTX ISA 8.x, chapters 4, 5 and 11). */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void emu_fail(emu_reader *reader, const char *format, ...) {
  char message[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  snprintf(reader->module->error, sizeof reader->module->error, "line %u: %s", reader->text.token.line, message);
  longjmp(reader->failed, 1);
}

static void expect(emu_reader *reader, const char *mark) {
  if (!emu_text_accept(&reader->text, mark))
    emu_fail(reader, "expects '%s', got '%.*s'", mark, (int)reader->text.token.word.n, reader->text.token.word.text);
}

static uint64_t expect_integer(emu_reader *reader) {
  bool negative = emu_text_accept(&reader->text, "-");
  if (reader->text.token.kind != EMU_INTEGER)
    emu_fail(reader, "expects a number, got '%.*s'", (int)reader->text.token.word.n, reader->text.token.word.text);
  uint64_t value = reader->text.token.integer;
  emu_text_next(&reader->text);
  return negative ? -value : value;
}

static emu_word expect_word(emu_reader *reader) {
  emu_word word = reader->text.token.word;
  if (reader->text.token.kind != EMU_WORD)
    emu_fail(reader, "expects a name, got '%.*s'", (int)word.n, word.text);
  emu_text_next(&reader->text);
  return word;
}

static void skip_to(emu_text *text, const char *mark) {
  while (text->token.kind != EMU_END && !emu_text_accept(text, mark))
    emu_text_next(text);
}

static emu_type find_type(emu_word word) {
  for (emu_type type = EMU_PRED; type < EMU_TYPE_COUNT; type++)
    if (word.n > 1 && word.text[0] == '.' &&
        emu_word_is((emu_word){word.text + 1, word.n - 1}, emu_type_defs[type].name))
      return type;
  return EMU_NO_TYPE;
}

/* ---- variables ---- */

static const struct space_row {
  const char *name;
  emu_space space;
} spaces[] = {{".reg", EMU_REGISTERS}, {".global", EMU_GLOBAL}, {".const", EMU_CONST},
              {".shared", EMU_SHARED}, {".local", EMU_LOCAL},   {".param", EMU_PARAM}};

static bool accept_space(emu_reader *reader, emu_space *out_space) {
  for (size_t k = 0; k < countof(spaces); k++)
    if (emu_text_accept(&reader->text, spaces[k].name)) {
      *out_space = spaces[k].space;
      return true;
    }
  return false;
}

/* What stands between the state space and the name: alignment, vector, type, .ptr with its attributes. */
static emu_symbol read_type(emu_reader *reader, emu_space space) {
  emu_symbol symbol = {.space = space, .bytes = 1};
  for (emu_space ignored;;) {
    emu_type type = find_type(reader->text.token.word);
    if (type != EMU_NO_TYPE) {
      symbol.type = type;
      symbol.width = type == EMU_PRED ? 1 : emu_register_width(type);
      emu_text_next(&reader->text);
    } else if (emu_text_accept(&reader->text, ".align")) {
      size_t align = expect_integer(reader);
      symbol.align = symbol.type == EMU_NO_TYPE ? align : symbol.align; /* after .ptr it is that of the pointee */
    } else if (emu_text_accept(&reader->text, ".v2")) {
      symbol.bytes = 2;
    } else if (emu_text_accept(&reader->text, ".v4")) {
      symbol.bytes = 4;
    } else if (emu_text_accept(&reader->text, ".ptr")) {
      accept_space(reader, &ignored);
    } else {
      break;
    }
  }
  if (symbol.type == EMU_NO_TYPE)
    emu_fail(reader, "expects a type, got '%.*s'", (int)reader->text.token.word.n, reader->text.token.word.text);
  symbol.bytes *= emu_type_defs[symbol.type].bytes;
  symbol.align = symbol.align ? symbol.align : symbol.bytes;
  return symbol;
}

static void read_dimensions(emu_reader *reader, emu_symbol *symbol) {
  while (emu_text_accept(&reader->text, "[")) {
    size_t n = emu_text_is(&reader->text, "]") ? 0 : expect_integer(reader);
    symbol->external |= n == 0;
    symbol->bytes *= n;
    expect(reader, "]");
  }
}

/* One value of an initialiser: a number, or the address of a variable. */
static uint64_t read_value(emu_reader *reader, emu_type type) {
  bool negative = emu_text_accept(&reader->text, "-");
  emu_token token = reader->text.token;
  if (token.kind == EMU_WORD) {
    bool generic = emu_text_accept(&reader->text, "generic");
    if (generic)
      expect(reader, "(");
    uint32_t index;
    emu_word name = expect_word(reader);
    const emu_symbol *symbol = emu_find_symbol(reader, name, &index);
    if (!symbol || (symbol->space != EMU_GLOBAL && symbol->space != EMU_CONST))
      emu_fail(reader, "no variable '%.*s' is known here", (int)name.n, name.text);
    if (generic)
      expect(reader, ")");
    return symbol->address + (emu_text_accept(&reader->text, "+") ? expect_integer(reader) : 0);
  }
  emu_text_next(&reader->text);
  if (token.kind == EMU_FLOAT || emu_type_defs[type].class == 'f') {
    double real = token.kind == EMU_FLOAT ? token.real : (double)token.integer;
    float single = (float)(negative ? -real : real);
    uint64_t bits = 0;
    real = negative ? -real : real;
    memcpy(&bits, type == EMU_F64 ? (void *)&real : (void *)&single, type == EMU_F64 ? 8 : 4);
    return bits;
  }
  return negative ? -token.integer : token.integer;
}

static void read_values(emu_reader *reader, const emu_symbol *symbol, uint8_t *bytes, size_t *filled) {
  if (emu_text_accept(&reader->text, "{")) {
    do
      read_values(reader, symbol, bytes, filled);
    while (emu_text_accept(&reader->text, ","));
    expect(reader, "}");
    return;
  }
  uint64_t value = read_value(reader, symbol->type);
  size_t n = emu_type_defs[symbol->type].bytes;
  if (*filled + n > symbol->bytes)
    emu_fail(reader, "'%.*s' has more values than elements", (int)symbol->name.n, symbol->name.text);
  memcpy(bytes + *filled, &value, n < 8 ? n : 8);
  *filled += n;
}

static size_t align_to(size_t offset, size_t align) { return (offset + align - 1) / align * align; }

static void place(emu_reader *reader, emu_symbol *symbol) {
  emu_function *function = reader->function;
  void *bytes = NULL;
  switch (symbol->space) {
  case EMU_REGISTERS:
    symbol->address = emu_new_row(reader, symbol->width);
    for (uint32_t k = 1; k < symbol->count; k++)
      emu_new_row(reader, symbol->width);
    break;
  case EMU_GLOBAL:
  case EMU_CONST:
    if (!reader->placer.place(reader->placer.self, symbol->bytes, symbol->align, &symbol->address, &bytes))
      emu_fail(reader, "no memory for '%.*s' (%zu bytes)", (int)symbol->name.n, symbol->name.text, symbol->bytes);
    memset(bytes, 0, symbol->bytes);
    break;
  case EMU_LOCAL:
  case EMU_PARAM:
    symbol->address = align_to(function->local_bytes, symbol->align);
    function->local_bytes = (uint32_t)(symbol->address + symbol->bytes);
    break;
  case EMU_GENERIC:
  case EMU_SHARED:
    break;
  }
  if (emu_text_accept(&reader->text, "=")) {
    size_t filled = 0;
    if (!bytes)
      emu_fail(reader, "'%.*s' cannot have an initial value", (int)symbol->name.n, symbol->name.text);
    read_values(reader, symbol, bytes, &filled);
  }
}

bool emu_read_variable(emu_reader *reader) {
  emu_space space;
  if (!accept_space(reader, &space))
    return false;
  if (!reader->function && (space == EMU_REGISTERS || space == EMU_LOCAL || space == EMU_PARAM))
    emu_fail(reader, "registers, local memory and parameters belong into functions");
  emu_symbol type = read_type(reader, space);
  do {
    emu_symbol symbol = type;
    symbol.name = expect_word(reader);
    if (emu_text_accept(&reader->text, "<")) {
      symbol.count = (uint32_t)expect_integer(reader);
      expect(reader, ">");
    }
    read_dimensions(reader, &symbol);
    place(reader, &symbol);
    emu_declare(reader, symbol);
  } while (emu_text_accept(&reader->text, ","));
  expect(reader, ";");
  return true;
}

/* ---- functions ---- */

uint32_t emu_function_find(emu_reader *reader, emu_word name) {
  for (uint32_t k = 0; k < reader->module->n_functions; k++)
    if (emu_word_is(name, reader->module->functions[k]->name))
      return k;
  return UINT32_MAX;
}

static emu_function *get_function(emu_reader *reader, emu_word name, bool kernel) {
  uint32_t found = emu_function_find(reader, name);
  if (found != UINT32_MAX)
    return reader->module->functions[found];
  emu_module *module = reader->module;
  emu_function *function = emu_arena_alloc(&module->arena, sizeof *function);
  function->name = emu_word_copy(&module->arena, name);
  function->kernel = kernel;
  module->functions = emu_realloc(module->functions, (module->n_functions + 1) * sizeof(void *));
  module->functions[module->n_functions++] = function;
  return function;
}

/* A list of formal parameters: of a kernel they lie in the launch's buffer, of others in the frame. */
static void read_formals(emu_reader *reader, emu_symbol ***out, uint32_t *out_n) {
  emu_symbol *formals[512];
  uint32_t n = 0;
  expect(reader, "(");
  emu_function *function = reader->function;
  for (emu_space space; accept_space(reader, &space); emu_text_accept(&reader->text, ",")) {
    emu_symbol symbol = read_type(reader, space);
    symbol.name = expect_word(reader);
    read_dimensions(reader, &symbol);
    if (n == countof(formals))
      emu_fail(reader, "more than %zu parameters", countof(formals));
    symbol.launch = function->kernel;
    if (function->kernel) {
      symbol.address = align_to(function->parameter_bytes, symbol.align);
      function->parameter_bytes = (uint32_t)(symbol.address + symbol.bytes);
    } else {
      place(reader, &symbol);
    }
    formals[n++] = emu_declare(reader, symbol);
  }
  expect(reader, ")");
  *out = emu_arena_alloc(&reader->module->arena, (n + 1) * sizeof(void *));
  memcpy(*out, formals, n * sizeof(void *));
  *out_n = n;
}

static void read_triple(emu_reader *reader, uint32_t triple[3]) {
  triple[0] = triple[1] = triple[2] = 1;
  for (int k = 0; k < 3; k++) {
    triple[k] = (uint32_t)expect_integer(reader);
    if (!emu_text_accept(&reader->text, ","))
      break;
  }
}

static void read_performance_directives(emu_reader *reader) {
  uint32_t triple[3];
  emu_function *function = reader->function;
  for (;;) {
    bool max = emu_text_is(&reader->text, ".maxntid"), cluster = emu_text_is(&reader->text, ".reqnctapercluster");
    if (max || cluster || emu_text_is(&reader->text, ".reqntid")) {
      emu_text_next(&reader->text);
      read_triple(reader, triple);
      if (cluster)
        memcpy(function->cluster, triple, sizeof triple);
      else
        function->max_threads = triple[0] * triple[1] * triple[2];
    } else if (emu_text_is(&reader->text, ".maxnreg") || emu_text_is(&reader->text, ".minnctapersm") ||
               emu_text_is(&reader->text, ".maxclusterrank") || emu_text_is(&reader->text, ".maxnctapersm")) {
      emu_text_next(&reader->text);
      expect_integer(reader);
    } else if (!emu_text_accept(&reader->text, ".noreturn") && !emu_text_accept(&reader->text, ".explicitcluster")) {
      if (!emu_text_accept(&reader->text, ".pragma"))
        return;
      skip_to(&reader->text, ";");
    }
  }
}

static void end_function(emu_reader *reader) {
  free(reader->locals);
  free(reader->local_scopes);
  free(reader->scope_parents);
  free(reader->labels);
  free(reader->jumps);
  free(reader->tables);
  reader->locals = NULL;
  reader->local_scopes = reader->scope_parents = NULL;
  reader->labels = reader->jumps = NULL;
  reader->tables = NULL;
  reader->n_locals = reader->n_scopes = reader->scope = reader->n_labels = reader->n_jumps = reader->n_tables = 0;
  reader->function = NULL;
}

static void read_function(emu_reader *reader, bool kernel) {
  emu_function declared = {.kernel = kernel};
  reader->function = &declared;
  if (emu_text_is(&reader->text, "("))
    read_formals(reader, &declared.results, &declared.n_results);
  emu_function *function = get_function(reader, expect_word(reader), kernel);
  declared.name = function->name;
  if (emu_text_is(&reader->text, "("))
    read_formals(reader, &declared.parameters, &declared.n_parameters);
  read_performance_directives(reader);
  bool body = emu_text_is(&reader->text, "{");
  if (body && function->defined)
    emu_fail(reader, "'%s' is defined twice", function->name);
  if (body) {
    *function = declared;
    function->defined = true;
    reader->function = function;
    emu_read_body(reader);
    emu_link(reader);
  } else {
    expect(reader, ";");
  }
  end_function(reader);
}

static void read_target(emu_reader *reader) {
  emu_word target = expect_word(reader);
  uint32_t arch = target.n > 3 ? (uint32_t)strtoul(target.text + 3, NULL, 10) : 0;
  if (arch > reader->module->arch)
    emu_fail(reader, "the module is for sm_%u, the device is sm_%u", arch, reader->module->arch);
  while (emu_text_accept(&reader->text, ","))
    expect_word(reader);
}

static void read_section(emu_reader *reader) {
  skip_to(&reader->text, "{");
  skip_to(&reader->text, "}");
}

static void read_directive(emu_reader *reader) {
  emu_text *text = &reader->text;
  if (emu_text_accept(text, ".version") || emu_text_accept(text, ".address_size"))
    emu_text_next(text);
  else if (emu_text_accept(text, ".target"))
    read_target(reader);
  else if (emu_text_accept(text, ".entry"))
    read_function(reader, true);
  else if (emu_text_accept(text, ".func"))
    read_function(reader, false);
  else if (emu_text_accept(text, ".section"))
    read_section(reader);
  else if (emu_text_accept(text, ".pragma"))
    skip_to(text, ";");
  else if (emu_text_accept(text, ".file"))
    for (uint32_t line = text->token.line; text->token.line == line && text->token.kind != EMU_END;)
      emu_text_next(text);
  else if (!emu_text_accept(text, ".visible") && !emu_text_accept(text, ".extern") && !emu_text_accept(text, ".weak") &&
           !emu_text_accept(text, ".common") && !emu_read_variable(reader))
    emu_fail(reader, "'%.*s' is no directive that is known here", (int)text->token.word.n, text->token.word.text);
}

emu_module *emu_module_read(const char *text, uint32_t arch, emu_placer placer, char error[512]) {
  emu_reader *reader = emu_alloc(sizeof *reader);
  emu_module *module = reader->module = emu_alloc(sizeof *module);
  module->arch = arch;
  reader->placer = placer;
  bool failed = setjmp(reader->failed) != 0;
  if (!failed) {
    emu_text_init(&reader->text, text);
    while (reader->text.token.kind != EMU_END)
      read_directive(reader);
    for (uint32_t k = 0; k < module->n_functions; k++)
      if (module->functions[k]->kernel)
        emu_function_place_shared(module->functions[k], module->n_shared);
  }
  if (failed)
    end_function(reader);
  free(reader);
  if (!failed)
    return module;
  memcpy(error, module->error, sizeof module->error);
  emu_module_destroy(module);
  return NULL;
}

void emu_module_destroy(emu_module *module) {
  if (!module)
    return;
  for (uint32_t k = 0; k < module->n_functions; k++) {
    emu_function *function = module->functions[k];
    free(function->code);
    free(function->constants);
    free(function->shared);
    free(function->callees);
    free(function->shared_address);
  }
  free(module->functions);
  free(module->symbols);
  emu_arena_deinit(&module->arena);
  free(module);
}

emu_function *emu_module_find(const emu_module *module, const char *kernel) {
  for (uint32_t k = 0; k < module->n_functions; k++)
    if (module->functions[k]->kernel && module->functions[k]->defined && !strcmp(module->functions[k]->name, kernel))
      return module->functions[k];
  return NULL;
}
