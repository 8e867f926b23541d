/* Build ids from the notes of the loaded objects (ELF, NT_GNU_BUILD_ID): hashes of their contents. */
#include "driver/build_id.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "support/text.h"

static size_t align4(size_t size) { return (size + 3) & ~(size_t)3; }

static void print_notes(alpa_text *text, const char *at, size_t size) {
  const char *end = at + size;
  while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    memcpy(&note, at, sizeof note);
    const char *name = at + sizeof note, *contents = name + align4(note.n_namesz);
    if (align4(note.n_namesz) + align4(note.n_descsz) > (size_t)(end - name))
      return;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0)
      for (size_t i = 0; i < note.n_descsz; i++)
        alpa_text_printf(text, "%02x", (unsigned char)contents[i]);
    at = contents + align4(note.n_descsz);
  }
}

typedef struct search {
  alpa_text text;
  const char *object;
} search;

static int visit(struct dl_phdr_info *info, size_t size, void *user) {
  search *s = user;
  (void)size;
  const char *slash = strrchr(info->dlpi_name, '/'), *name = slash ? slash + 1 : info->dlpi_name;
  if (strncmp(name, s->object, strlen(s->object)) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_NOTE) /* notes are part of a loaded segment */
      print_notes(&s->text, (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), info->dlpi_phdr[i].p_memsz);
  return 1; /* ends the search */
}

const char *alpa_build_id(alpa_arena *arena, const char *object) {
  search s = {.object = object};
  alpa_text_init(&s.text, arena);
  dl_iterate_phdr(visit, &s);
  return alpa_text_finish(&s.text);
}
