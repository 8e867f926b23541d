/* Interning of names, and the registry of op and attribute definitions. */
#include "dialects/ir/context.h"

#include <string.h>

#include "dialects/ir/type.h"

void alpa_context_init(alpa_context *ctx, alpa_realloc_fn *realloc, void *realloc_user, alpa_diag_fn *sink,
                       void *sink_user) {
  *ctx = (alpa_context){0};
  alpa_memory_init(&ctx->memory, realloc, realloc_user);
  alpa_arena_init(&ctx->arena, &ctx->memory);
  alpa_diag_init(&ctx->diag, &ctx->memory, sink, sink_user);
}

void alpa_context_deinit(alpa_context *ctx) {
  alpa_diag_deinit(&ctx->diag);
  alpa_arena_deinit(&ctx->arena);
}

static bool name_equal(const void *a, const void *b) {
  const alpa_str *name = b;
  return strncmp(a, name->data, name->size) == 0 && ((const char *)a)[name->size] == 0;
}

const char *alpa_name_n(alpa_context *ctx, const char *text, size_t size) {
  uint64_t hash = alpa_hash64(text, size, 0);
  alpa_str key = {text, size};
  const char *name = alpa_intern_find(&ctx->names, hash, &key, name_equal);
  if (name)
    return name;
  char *copy = alpa_arena_strndup(&ctx->arena, text, size);
  alpa_intern_insert(&ctx->arena, &ctx->names, hash, copy);
  return copy;
}

const char *alpa_name(alpa_context *ctx, const char *text) { return alpa_name_n(ctx, text, strlen(text)); }

/* Registered definitions are entered on first use, so that an empty context costs nothing; all or none of them, should
 * memory be exhausted on the way. */
static void register_ops(alpa_context *ctx) {
  alpa_map defs = {0};
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++)
    for (size_t i = 0; i < alpa_dialects[d]->n_ops; i++) {
      const alpa_op_def *def = &alpa_dialects[d]->ops[i];
      const char *name = alpa_name(ctx, def->name);
      *alpa_map_insert(&ctx->arena, &defs, (uintptr_t)name, NULL) = (uintptr_t)def;
    }
  ctx->op_defs = defs;
}

static const alpa_op_def *find_def(alpa_context *ctx, const char *name) {
  if (ctx->op_defs.n == 0)
    register_ops(ctx);
  uint64_t *def = alpa_map_find(&ctx->op_defs, (uintptr_t)name);
  return def ? (const alpa_op_def *)(uintptr_t)*def : NULL;
}

const alpa_op_def *alpa_op_def_find(alpa_context *ctx, const char *name, size_t size) {
  const alpa_op_def *def = find_def(ctx, alpa_name_n(ctx, name, size));
  return def && def->dialect ? def : NULL;
}

const alpa_op_def *alpa_op_def_unregistered(alpa_context *ctx, const char *name, size_t size) {
  static const alpa_field_def no_attrs[] = {{0}};
  const char *interned = alpa_name_n(ctx, name, size);
  const alpa_op_def *def = find_def(ctx, interned);
  if (def)
    return def;
  alpa_op_def *made = alpa_arena_new(&ctx->arena, alpa_op_def, 1);
  *made = (alpa_op_def){.name = interned,
                        .operands = {0, ALPA_VARIADIC},
                        .results = {0, ALPA_VARIADIC},
                        .regions = ALPA_VARIADIC,
                        .traits = ALPA_NO_TERMINATOR,
                        .attrs = no_attrs,
                        .summary = "an op of an unregistered dialect"};
  *alpa_map_insert(&ctx->arena, &ctx->op_defs, (uintptr_t)interned, NULL) = (uintptr_t)made;
  return made;
}

static bool spells(const char *name, const char *text, size_t size) {
  return strncmp(name, text, size) == 0 && name[size] == 0;
}

const alpa_attr_def *alpa_attr_def_find(const char *dialect, size_t dialect_size, const char *mnemonic,
                                        size_t mnemonic_size) {
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++) {
    if (!spells(alpa_dialects[d]->name, dialect, dialect_size))
      continue;
    for (const alpa_attr_def *const *def = alpa_dialects[d]->attrs; def && *def; def++)
      if (spells((*def)->mnemonic, mnemonic, mnemonic_size))
        return *def;
  }
  return NULL;
}
