/* A loader of ELF relocatable objects (System V gABI, chapters 4 and 5; x86-64 psABI, section 4.4).
 *
 * All sections that occupy memory go into one mapping of three parts: code with a stub for every external function,
 * constants with the global offset table, and data.  Everything is therefore within reach of 32-bit displacements, and
 * external functions are reached through stubs.  The mapping is writable while it is filled and then protected; no
 * part of it is ever writable and executable at once. */
#include "runtime/hal/host/object.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, STUB_BYTES = 16, GOT_BYTES = 8, MOST_BYTES = 1 << 30 };

typedef enum segment { CODE, CONSTANTS, DATA, N_SEGMENTS } segment;

typedef struct symbol {
  const char *name;
  uint64_t address;
  bool is_external;
} symbol;

struct alpa_host_object {
  char *map;
  size_t map_bytes;
  symbol *exports; /* sorted by name */
  size_t n_exports;
};

typedef struct loader {
  alpa_arena *arena;
  alpa_diag *diag;
  alpa_place place;
  const char *data;
  size_t size;
  const Elf64_Ehdr *header;
  const Elf64_Shdr *sections;
  size_t n_sections;
  const Elf64_Sym *symbols;
  size_t n_symbols;
  const char *strings;
  size_t n_strings;
  uint64_t *at;     /* offset of each section in the mapping; 0: not loaded */
  symbol *resolved; /* by symbol number */
  size_t starts[N_SEGMENTS + 1];
  size_t stubs, got; /* offsets in the mapping: a slot of each for every symbol */
  alpa_host_object *object;
} loader;

#define fail(l, status, ...) alpa_error((l)->diag, (l)->place, status, "code object: " __VA_ARGS__)

/* ---- parsing ---------------------------------------------------------------------------------------------------- */

static bool is_inside(const loader *l, uint64_t offset, uint64_t size) {
  return offset <= l->size && size <= l->size - offset;
}

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#else
enum { MACHINE = EM_NONE };
#endif

static alpa_status parse_header(loader *l) {
  const Elf64_Ehdr *h = l->header = (const void *)l->data;
  if (l->size < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
    return fail(l, ALPA_DATA_LOSS, "not an ELF file");
  if (MACHINE == EM_NONE)
    return fail(l, ALPA_UNSUPPORTED, "the loader knows no relocations of this machine's architecture");
  if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != MACHINE)
    return fail(l, ALPA_UNSUPPORTED, "made for another machine (ELF machine %u, expects %d)", h->e_machine, MACHINE);
  if (h->e_type != ET_REL)
    return fail(l, ALPA_UNSUPPORTED, "expects a relocatable object, got ELF type %u", h->e_type);
  if (h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff % 8 || !is_inside(l, h->e_shoff, sizeof(Elf64_Shdr)))
    return fail(l, ALPA_DATA_LOSS, "the section table is damaged");
  l->sections = (const void *)(l->data + h->e_shoff);
  l->n_sections = h->e_shnum ? h->e_shnum : l->sections[0].sh_size; /* as from 0xff00 sections on */
  if (l->n_sections > l->size / sizeof(Elf64_Shdr) || !is_inside(l, h->e_shoff, l->n_sections * sizeof(Elf64_Shdr)))
    return fail(l, ALPA_DATA_LOSS, "the section table exceeds the file");
  return ALPA_OK;
}

static alpa_status parse_symbols(loader *l, const Elf64_Shdr *table) {
  if (l->symbols)
    return fail(l, ALPA_DATA_LOSS, "two symbol tables");
  if (table->sh_link >= l->n_sections || table->sh_entsize != sizeof(Elf64_Sym) || table->sh_offset % 8)
    return fail(l, ALPA_DATA_LOSS, "the symbol table is damaged");
  const Elf64_Shdr *strings = &l->sections[table->sh_link];
  if (strings->sh_type != SHT_STRTAB || strings->sh_size == 0 || l->data[strings->sh_offset + strings->sh_size - 1])
    return fail(l, ALPA_DATA_LOSS, "the string table is damaged");
  l->symbols = (const void *)(l->data + table->sh_offset);
  l->n_symbols = table->sh_size / sizeof(Elf64_Sym);
  l->strings = l->data + strings->sh_offset;
  l->n_strings = strings->sh_size;
  return ALPA_OK;
}

static alpa_status parse_sections(loader *l) {
  for (size_t i = 0; i < l->n_sections; i++) {
    const Elf64_Shdr *s = &l->sections[i];
    if (i && s->sh_type != SHT_NOBITS && s->sh_type != SHT_NULL && !is_inside(l, s->sh_offset, s->sh_size))
      return fail(l, ALPA_DATA_LOSS, "section %zu exceeds the file", i);
    if ((s->sh_flags & SHF_ALLOC) && (s->sh_addralign > PAGE || (s->sh_addralign & (s->sh_addralign - 1))))
      return fail(l, ALPA_UNSUPPORTED, "section %zu is aligned to %llu bytes; at most %d are supported", i,
                  (unsigned long long)s->sh_addralign, PAGE);
    bool is_special = s->sh_type == SHT_INIT_ARRAY || s->sh_type == SHT_FINI_ARRAY || (s->sh_flags & SHF_TLS);
    if ((s->sh_flags & SHF_ALLOC) && is_special)
      return fail(l, ALPA_UNSUPPORTED, "section %zu holds constructors or thread-local data, which kernels cannot have",
                  i);
  }
  for (size_t i = 0; i < l->n_sections; i++)
    if (l->sections[i].sh_type == SHT_SYMTAB)
      ALPA_TRY(parse_symbols(l, &l->sections[i]));
  return ALPA_OK;
}

static const char *name_of(const loader *l, size_t number) {
  uint32_t at = l->symbols[number].st_name;
  return at < l->n_strings ? l->strings + at : "";
}

/* ---- layout ----------------------------------------------------------------------------------------------------- */

static segment segment_of(const Elf64_Shdr *section) {
  return section->sh_flags & SHF_EXECINSTR ? CODE : section->sh_flags & SHF_WRITE ? DATA : CONSTANTS;
}

static size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

/* The first page stays empty, so that offset 0 means "not loaded". */
static alpa_status lay_out(loader *l) {
  l->at = alpa_arena_new(l->arena, uint64_t, l->n_sections);
  size_t end = PAGE;
  for (segment part = CODE; part < N_SEGMENTS; part++) {
    l->starts[part] = end = round_up(end, PAGE);
    for (size_t i = 0; i < l->n_sections; i++) {
      const Elf64_Shdr *s = &l->sections[i];
      if (!(s->sh_flags & SHF_ALLOC) || segment_of(s) != part)
        continue;
      l->at[i] = end = round_up(end, s->sh_addralign ? s->sh_addralign : 1);
      if (s->sh_size > MOST_BYTES || (end += s->sh_size) > MOST_BYTES)
        return fail(l, ALPA_UNSUPPORTED, "larger than %d bytes", MOST_BYTES);
    }
    if (part == CODE) {
      l->stubs = end = round_up(end, STUB_BYTES);
      end += l->n_symbols * STUB_BYTES;
    } else if (part == CONSTANTS) {
      l->got = end = round_up(end, GOT_BYTES);
      end += l->n_symbols * GOT_BYTES;
    }
  }
  l->starts[N_SEGMENTS] = round_up(end, PAGE);
  return l->starts[N_SEGMENTS] > MOST_BYTES ? fail(l, ALPA_UNSUPPORTED, "larger than %d bytes", MOST_BYTES) : ALPA_OK;
}

static alpa_status map_sections(loader *l) {
  size_t bytes = l->starts[N_SEGMENTS];
  char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return fail(l, ALPA_OUT_OF_MEMORY, "no memory for %zu bytes of code", bytes);
  l->object->map = map;
  l->object->map_bytes = bytes;
  for (size_t i = 0; i < l->n_sections; i++)
    if (l->at[i] && l->sections[i].sh_type != SHT_NOBITS)
      memcpy(map + l->at[i], l->data + l->sections[i].sh_offset, l->sections[i].sh_size);
  return ALPA_OK;
}

static uint64_t address_of(const loader *l, uint64_t offset) { return (uint64_t)(uintptr_t)l->object->map + offset; }

/* ---- symbols ---------------------------------------------------------------------------------------------------- */

static alpa_status resolve_external(loader *l, size_t i, const alpa_host_object_source *source) {
  symbol *s = &l->resolved[i];
  if (strcmp(s->name, "_GLOBAL_OFFSET_TABLE_") == 0) {
    s->address = address_of(l, l->got);
    return ALPA_OK;
  }
  s->is_external = true;
  s->address = source->resolve ? source->resolve(source->user, s->name) : 0;
  if (!s->address)
    s->address = alpa_host_library_find(s->name);
  if (!s->address && ELF64_ST_BIND(l->symbols[i].st_info) != STB_WEAK)
    return fail(l, ALPA_NOT_FOUND, "calls '%s', which neither the image nor the library has", s->name);
  return ALPA_OK;
}

static alpa_status resolve_symbols(loader *l, const alpa_host_object_source *source) {
  for (size_t i = 1; i < l->n_symbols; i++) {
    const Elf64_Sym *from = &l->symbols[i];
    symbol *s = &l->resolved[i];
    if (from->st_shndx == SHN_UNDEF)
      ALPA_TRY(resolve_external(l, i, source));
    else if (from->st_shndx == SHN_ABS)
      s->address = from->st_value;
    else if (from->st_shndx >= l->n_sections)
      return fail(l, ALPA_UNSUPPORTED, "symbol '%s' lies in special section 0x%x", s->name, from->st_shndx);
    else if (from->st_value > l->sections[from->st_shndx].sh_size)
      return fail(l, ALPA_DATA_LOSS, "symbol '%s' lies outside its section", s->name);
    else if (l->at[from->st_shndx])
      s->address = address_of(l, l->at[from->st_shndx] + from->st_value);
  }
  return ALPA_OK;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const symbol *)a)->name, ((const symbol *)b)->name);
}

/* Before the mapping exists: exhaustion of the arena must not leak it.  Addresses follow in export_symbols. */
static void allocate_tables(loader *l) {
  l->resolved = alpa_arena_new(l->arena, symbol, l->n_symbols);
  l->object->exports = alpa_arena_new(l->arena, symbol, l->n_symbols);
  for (size_t i = 1; i < l->n_symbols; i++)
    l->resolved[i].name = alpa_arena_strdup(l->arena, name_of(l, i));
}

static void export_symbols(loader *l) {
  for (size_t i = 1; i < l->n_symbols; i++)
    if (ELF64_ST_BIND(l->symbols[i].st_info) != STB_LOCAL && !l->resolved[i].is_external && l->resolved[i].address)
      l->object->exports[l->object->n_exports++] = l->resolved[i];
  qsort(l->object->exports, l->object->n_exports, sizeof(symbol), by_name);
}

/* ---- relocation ------------------------------------------------------------------------------------------------- */

/* The symbol's slot in the global offset table. */
static uint64_t got_slot(const loader *l, size_t number) {
  uint64_t offset = l->got + number * GOT_BYTES;
  memcpy(l->object->map + offset, &l->resolved[number].address, GOT_BYTES);
  return address_of(l, offset);
}

/* Where a call of the symbol goes: itself, or `jmp *got(%rip)` where it is far away. */
static uint64_t call_target(const loader *l, size_t number) {
  if (!l->resolved[number].is_external)
    return l->resolved[number].address;
  uint64_t offset = l->stubs + number * STUB_BYTES, target = got_slot(l, number);
  char *stub = l->object->map + offset;
  int32_t displacement = (int32_t)(target - address_of(l, offset) - 6);
  memcpy(stub, "\xff\x25", 2);
  memcpy(stub + 2, &displacement, sizeof displacement);
  return address_of(l, offset);
}

/* X(type, bytes written, is signed, value); S symbol, A addend, P place, G slot in the table, L where a call goes. */
#define RELOCATION_TABLE(X)                                                                                            \
  X(R_X86_64_NONE, 0, false, 0)                                                                                        \
  X(R_X86_64_64, 8, false, S + A)                                                                                      \
  X(R_X86_64_PC64, 8, true, S + A - P)                                                                                 \
  X(R_X86_64_32, 4, false, S + A)                                                                                      \
  X(R_X86_64_32S, 4, true, S + A)                                                                                      \
  X(R_X86_64_PC32, 4, true, (is_function ? call_target(l, number) : S) + A - P)                                        \
  X(R_X86_64_PLT32, 4, true, call_target(l, number) + A - P)                                                           \
  X(R_X86_64_GOTPCREL, 4, true, got_slot(l, number) + A - P)                                                           \
  X(R_X86_64_GOTPCRELX, 4, true, got_slot(l, number) + A - P)                                                          \
  X(R_X86_64_REX_GOTPCRELX, 4, true, got_slot(l, number) + A - P)                                                      \
  X(R_X86_64_GOTPC32, 4, true, address_of(l, l->got) + A - P)                                                          \
  X(R_X86_64_GOTOFF64, 8, true, S + A - address_of(l, l->got))

typedef struct fixup {
  uint64_t value;
  uint32_t bytes;
  bool is_signed, is_known;
} fixup;

static fixup compute(const loader *l, const Elf64_Rela *rela, uint64_t P) {
  size_t number = ELF64_R_SYM(rela->r_info);
  uint64_t S = l->resolved[number].address, A = (uint64_t)rela->r_addend;
  bool is_function = l->resolved[number].is_external && S;
  switch (ELF64_R_TYPE(rela->r_info)) {
#define X(type, bytes, is_signed, value)                                                                               \
  case type:                                                                                                           \
    return (fixup){value, bytes, is_signed, true};
    RELOCATION_TABLE(X)
#undef X
  default: /* the psABI's numbers, not an enum of ours */
    return (fixup){.is_known = false};
  }
}

static bool is_fitting(fixup f) {
  if (f.bytes == 8 || f.bytes == 0)
    return true;
  return f.is_signed ? (int64_t)f.value == (int32_t)f.value : f.value == (uint32_t)f.value;
}

static alpa_status relocate(loader *l, size_t section, const Elf64_Rela *rela) {
  size_t number = ELF64_R_SYM(rela->r_info);
  uint32_t type = ELF64_R_TYPE(rela->r_info);
  if (number >= l->n_symbols)
    return fail(l, ALPA_DATA_LOSS, "a relocation names symbol %zu of %zu", number, l->n_symbols);
  fixup f = compute(l, rela, address_of(l, l->at[section] + rela->r_offset));
  if (!f.is_known)
    return fail(l, ALPA_UNSUPPORTED, "relocation of type %u to '%s' is not supported", type, l->resolved[number].name);
  if (rela->r_offset > l->sections[section].sh_size || f.bytes > l->sections[section].sh_size - rela->r_offset)
    return fail(l, ALPA_DATA_LOSS, "a relocation to '%s' lies outside its section", l->resolved[number].name);
  if (!is_fitting(f))
    return fail(l, ALPA_UNSUPPORTED,
                "relocation of type %u to '%s' does not reach it; compile position-independent code", type,
                l->resolved[number].name);
  memcpy(l->object->map + l->at[section] + rela->r_offset, &f.value, f.bytes);
  return ALPA_OK;
}

static alpa_status relocate_all(loader *l) {
  for (size_t i = 0; i < l->n_sections; i++) {
    const Elf64_Shdr *s = &l->sections[i];
    if (s->sh_type != SHT_RELA && s->sh_type != SHT_REL)
      continue;
    if (s->sh_info >= l->n_sections || s->sh_type == SHT_REL || s->sh_entsize != sizeof(Elf64_Rela) || s->sh_offset % 8)
      return fail(l, ALPA_DATA_LOSS, "relocation section %zu is damaged", i);
    const Elf64_Rela *relas = (const void *)(l->data + s->sh_offset);
    for (size_t r = 0; l->at[s->sh_info] && r < s->sh_size / sizeof *relas; r++)
      ALPA_TRY(relocate(l, s->sh_info, &relas[r]));
  }
  return ALPA_OK;
}

static alpa_status protect(loader *l) {
  static const int protections[N_SEGMENTS] = {PROT_READ | PROT_EXEC, PROT_READ, PROT_READ | PROT_WRITE};
  char *map = l->object->map;
  int error = mprotect(map, l->starts[CODE], PROT_NONE);
  for (segment part = CODE; part < N_SEGMENTS && !error; part++) {
    size_t bytes = round_up(l->starts[part + 1], PAGE) - l->starts[part];
    error = bytes ? mprotect(map + l->starts[part], bytes, protections[part]) : 0;
  }
  if (error)
    return fail(l, ALPA_UNAVAILABLE, "the system does not let this process make memory executable");
  __builtin___clear_cache(map + l->starts[CODE], map + l->starts[CONSTANTS]);
  return ALPA_OK;
}

/* ---- public ----------------------------------------------------------------------------------------------------- */

static alpa_status load(loader *l, const alpa_host_object_source *source) {
  ALPA_TRY(parse_header(l));
  ALPA_TRY(parse_sections(l));
  ALPA_TRY(lay_out(l));
  allocate_tables(l);
  ALPA_TRY(map_sections(l));
  ALPA_TRY(resolve_symbols(l, source));
  ALPA_TRY(relocate_all(l));
  export_symbols(l);
  return protect(l);
}

alpa_status alpa_host_object_load(alpa_arena *arena, alpa_diag *diag, const alpa_host_object_source *source,
                                  alpa_host_object **out_object) {
  loader l = {.arena = arena, .diag = diag, .place = {.file = source->name}, .size = source->code.size};
  /* Tables are read in place and need their alignment. */
  l.data = (uintptr_t)source->code.data % 8 ? alpa_arena_copy(arena, source->code.data, l.size) : source->code.data;
  l.object = alpa_arena_new(arena, alpa_host_object, 1);
  alpa_status status = load(&l, source);
  if (status == ALPA_OK)
    *out_object = l.object;
  else
    alpa_host_object_destroy(l.object);
  return status;
}

void alpa_host_object_destroy(alpa_host_object *object) {
  if (object && object->map)
    munmap(object->map, object->map_bytes);
}

void *alpa_host_object_find(const alpa_host_object *object, const char *name) {
  symbol key = {.name = name};
  const symbol *found =
      object->n_exports ? bsearch(&key, object->exports, object->n_exports, sizeof(symbol), by_name) : NULL;
  return found ? (void *)(uintptr_t)found->address : NULL;
}
