/* What passes there are: the registry of all directories, and its listing in the public API. */
#include "driver/api_context.h"

static const alpa_pass_list *const lists[] = {&alpa_passes, &alpa_codegen_passes, NULL};

const alpa_pass_registry alpa_api_registry = {lists, alpa_pipelines};

static const alpa_pass_def *find_pass(size_t index) {
  for (const alpa_pass_list *const *list = lists; *list; list++) {
    if (index < (*list)->n)
      return (*list)->items[index];
    index -= (*list)->n;
  }
  return NULL;
}

static const alpa_pipeline_def *find_pipeline(size_t index) {
  for (const alpa_pass_list *const *list = lists; *list; list++)
    index -= (*list)->n;
  const alpa_pipeline_def *def = alpa_pipelines;
  while (index-- && def->name)
    def++;
  return def->name ? def : NULL;
}

static size_t count_options(const alpa_pass_def *pass) {
  size_t n = 0;
  while (pass->options && pass->options[n].name)
    n++;
  return n;
}

static size_t count_statistics(const alpa_pass_def *pass) {
  size_t n = 0;
  while (pass->statistics && pass->statistics[n].name)
    n++;
  return n;
}

alpa_status alpa_pass_get_info(size_t index, alpa_pass_info *out_info) {
  if (!out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_pass_info info = ALPA_PASS_INFO_INIT;
  const alpa_pass_def *pass = find_pass(index);
  const alpa_pipeline_def *pipeline = pass ? NULL : find_pipeline(index);
  if (pass) {
    info.name = pass->name;
    info.summary = pass->summary;
    info.anchor = pass->anchor;
    info.n_options = count_options(pass);
    info.n_statistics = count_statistics(pass);
  } else if (pipeline) {
    info.name = pipeline->name;
    info.summary = pipeline->summary;
    info.anchor = "builtin.module";
    info.expansion = pipeline->text;
  } else {
    return ALPA_NOT_FOUND;
  }
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}

alpa_status alpa_pass_get_option(size_t index, size_t option, alpa_pass_option_info *out_info) {
  static const char *const kinds[] = {[ALPA_OPTION_BOOL] = "bool",
                                      [ALPA_OPTION_INT] = "int",
                                      [ALPA_OPTION_DOUBLE] = "double",
                                      [ALPA_OPTION_STRING] = "string",
                                      [ALPA_OPTION_STRINGS] = "list"};
  static const char *const zeros[] = {[ALPA_OPTION_BOOL] = "false",
                                      [ALPA_OPTION_INT] = "0",
                                      [ALPA_OPTION_DOUBLE] = "0",
                                      [ALPA_OPTION_STRING] = "",
                                      [ALPA_OPTION_STRINGS] = ""};
  const alpa_pass_def *pass = find_pass(index);
  if (!out_info)
    return ALPA_INVALID_ARGUMENT;
  if (!pass || option >= count_options(pass))
    return ALPA_NOT_FOUND;
  const alpa_option_def *def = &pass->options[option];
  alpa_pass_option_info info = {.struct_size = sizeof info,
                                .name = def->name,
                                .help = def->help,
                                .kind = kinds[def->kind],
                                .initial = def->initial ? def->initial : zeros[def->kind]};
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}

alpa_status alpa_pass_get_statistic(size_t index, size_t statistic, alpa_statistic *out_statistic) {
  const alpa_pass_def *pass = find_pass(index);
  if (!out_statistic)
    return ALPA_INVALID_ARGUMENT;
  if (!pass || statistic >= count_statistics(pass))
    return ALPA_NOT_FOUND;
  const alpa_statistic_def *def = &pass->statistics[statistic];
  *out_statistic = (alpa_statistic){def->name, def->help, 0};
  return ALPA_OK;
}
