/* The list of this directory's passes, look-up by name, and the properties that modules carry. */
#include "passes/pass.h"

#include <string.h>

#define PASS(id) extern const alpa_pass_def alpa_pass_##id;
#include "passes/passes.def"

static const alpa_pass_def *const passes[] = {
#define PASS(id) &alpa_pass_##id,
#include "passes/passes.def"
};

const alpa_pass_list alpa_passes = {passes, countof(passes)};

const alpa_pipeline_def alpa_pipelines[] = {
#define PIPELINE(name, summary, text) {name, summary, text},
#include "passes/pipelines.def"
    {0}};

const alpa_pass_def *alpa_pass_find(const alpa_pass_registry *registry, const char *name) {
  for (const alpa_pass_list *const *list = registry->lists; *list; list++)
    for (size_t i = 0; i < (*list)->n; i++)
      if (strcmp((*list)->items[i]->name, name) == 0)
        return (*list)->items[i];
  return NULL;
}

const alpa_pipeline_def *alpa_pipeline_def_find(const alpa_pass_registry *registry, const char *name) {
  for (const alpa_pipeline_def *def = registry->pipelines; def->name; def++)
    if (strcmp(def->name, name) == 0)
      return def;
  return NULL;
}

/* ---- properties ---- */

static const char property_attr[] = "alpa.properties";

const alpa_property_def alpa_property_defs[ALPA_PROPERTY_COUNT] = {
#define X(ID, name, pass) {name, pass},
    ALPA_PROPERTY_TABLE(X)
#undef X
};

uint32_t alpa_properties_get(const alpa_module *module) {
  const alpa_attr *attr = alpa_attr_find(module->op->extra, property_attr);
  uint32_t mask = 0;
  if (!attr || attr->kind != ALPA_ATTR_ARRAY)
    return 0;
  for (size_t i = 0; i < attr->array.n; i++)
    for (uint32_t bit = 0; bit < ALPA_PROPERTY_COUNT; bit++)
      if (attr->array.items[i] == alpa_attr_get_string(module->ctx, alpa_property_defs[bit].name))
        mask |= 1u << bit;
  return mask;
}

void alpa_properties_set(alpa_module *module, uint32_t mask) {
  if (mask == alpa_properties_get(module))
    return;
  const alpa_attr *names[ALPA_PROPERTY_COUNT];
  size_t n = 0;
  for (uint32_t bit = 0; bit < ALPA_PROPERTY_COUNT; bit++)
    if (mask & 1u << bit)
      names[n++] = alpa_attr_get_string(module->ctx, alpa_property_defs[bit].name);
  alpa_op_set_attr(module->op, property_attr, n ? alpa_attr_get_array(module->ctx, names, n) : NULL);
}
