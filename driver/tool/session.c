/* Contexts, files and plans of a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/tool/command.h"

static void show(void *user, const alpa_diagnostic *diagnostic) {
  (void)user;
  fputs(diagnostic->rendered, stderr);
}

alpa_context *alpa_tool_context_create(void) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_context *context = NULL;
  options.diagnostic = show;
  if (alpa_context_create(&options, &context) != ALPA_OK)
    fputs("alpa: error: out of memory\n", stderr);
  return context;
}

static bool parse(alpa_context *context, const char *path, const alpa_tool_text *text, alpa_module **out_module) {
  alpa_module_parse_options options = ALPA_MODULE_PARSE_OPTIONS_INIT;
  options.name = path;
  return alpa_module_parse(context, text->data ? text->data : "", text->size, &options, out_module) == ALPA_OK;
}

bool alpa_tool_module_read(alpa_context *context, const char *path, alpa_tool_text *text, alpa_module **out_module) {
  return alpa_tool_file_read(path, text) && parse(context, path, text, out_module);
}

const char *alpa_tool_cache_directory(const alpa_tool_settings *settings) {
  static alpa_tool_text path;
  if (settings->no_cache)
    return NULL;
  if (settings->cache)
    return settings->cache;
  const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  if (path.data)
    return path.data;
  if (xdg && xdg[0] == '/')
    alpa_tool_text_printf(&path, "%s/alpa", xdg);
  else if (home && home[0] == '/')
    alpa_tool_text_printf(&path, "%s/.cache/alpa", home);
  return path.data;
}

alpa_compile_options alpa_tool_compile_options(const alpa_tool_settings *settings, const char *method) {
  alpa_compile_options options = ALPA_COMPILE_OPTIONS_INIT;
  options.cluster = settings->cluster;
  options.mesh = settings->mesh;
  options.method = method ? method : settings->method;
  options.pipeline = method ? NULL : settings->pipeline;
  options.memory_gib = settings->memory ? strtod(settings->memory, NULL) : 0;
  options.cache_directory = alpa_tool_cache_directory(settings);
  options.cores = (uint32_t)settings->workers;
  if (method)
    return options;
  options.stages = (uint32_t)settings->stages;
  options.micro_batches = (uint32_t)settings->micro_batches;
  options.layers = (uint32_t)settings->layers;
  options.schedule = settings->schedule;
  options.remat = settings->remat;
  options.stage_options = settings->stage_options;
  options.local_statistics = settings->local_statistics;
  return options;
}

/* How launchers tell a process its number and how many there are, and how they then meet. */
typedef struct launcher {
  const char *rank, *n, *way;
} launcher;

static const launcher launchers[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "mpi"},
                                     {"PMI_RANK", "PMI_SIZE", "mpi"},
                                     {"RANK", "WORLD_SIZE", "tcp"},
                                     {"SLURM_PROCID", "SLURM_NTASKS", "tcp"}};

/* The launcher of several processes that started this one, or NULL. */
static const launcher *find_launcher(void) {
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
    const char *rank = getenv(launchers[i].rank), *n = getenv(launchers[i].n);
    if (rank && n && strtol(n, NULL, 10) > 1)
      return &launchers[i];
  }
  return NULL;
}

/* The address of process 0 is where torchrun says, or at a port of this machine. */
static void name_address(alpa_tool_text *name, const launcher *from) {
  const char *host = getenv("MASTER_ADDR"), *port = getenv("MASTER_PORT");
  alpa_tool_text_printf(name, "tcp:%s:%s:%s:%s", host ? host : "127.0.0.1", port ? port : "29500", getenv(from->rank),
                        getenv(from->n));
}

/* The job that started this process: as its environment or --processes says.  Only process 0 prints. */
static bool join_processes(alpa_tool_session *session) {
  const launcher *from = find_launcher();
  const char *way = session->settings->processes ? session->settings->processes : from ? from->way : "none";
  alpa_tool_text name = {0};
  if (strcmp(way, "none") == 0)
    return true;
  if (strcmp(way, "tcp") == 0 && from)
    name_address(&name, from);
  else
    alpa_tool_text_string(&name, way);
  bool ok = alpa_processes_open(session->context, name.data, &session->processes) == ALPA_OK;
  alpa_tool_text_free(&name);
  return ok && (alpa_processes_get_rank(session->processes) == 0 || freopen("/dev/null", "w", stdout));
}

/* Compares hashes of the plan with process 0. */
static bool is_same_everywhere(const alpa_tool_session *session) {
  alpa_tool_text text = {0};
  alpa_module_print_options print = ALPA_MODULE_PRINT_OPTIONS_INIT;
  uint64_t hash = 0xCBF29CE484222325, first;
  bool ok = alpa_plan_print(session->plan, &print, alpa_tool_text_write, &text) == ALPA_OK;
  for (size_t i = 0; i < text.size; i++)
    hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001B3;
  first = hash;
  alpa_tool_text_free(&text);
  ok = ok && alpa_processes_broadcast(session->processes, &first, sizeof first, 0) == ALPA_OK;
  if (ok && hash != first)
    fprintf(stderr, "alpa: error: process %u has another plan than process 0; run the same version everywhere\n",
            alpa_processes_get_rank(session->processes));
  return ok && hash == first;
}

static bool make_plan(alpa_tool_session *session, const char *method) {
  const alpa_tool_settings *settings = session->settings;
  alpa_tool_progress("planning");
  alpa_compile_options options = alpa_tool_compile_options(settings, method);
  return alpa_plan_create(session->module, &options, &session->plan) == ALPA_OK &&
         alpa_plan_get_info(session->plan, &session->info) == ALPA_OK;
}

/* The plan of process 0, as text, for all: everybody, process 0 too, makes the same of it, and compares. */
static bool share_plan(alpa_tool_session *session, const char *path) {
  alpa_tool_text text = {0};
  bool is_planner = alpa_processes_get_rank(session->processes) == 0, ok = true;
  alpa_module_print_options print = ALPA_MODULE_PRINT_OPTIONS_INIT;
  print.debug_info = true;
  if (is_planner)
    ok = make_plan(session, session->settings->plan ? "given" : NULL) &&
         alpa_plan_print(session->plan, &print, alpa_tool_text_write, &text) == ALPA_OK;
  uint64_t size = ok ? text.size : 0;
  ok = alpa_processes_broadcast(session->processes, &size, sizeof size, 0) == ALPA_OK && size > 0 && ok;
  if (ok && !is_planner) {
    alpa_tool_text_free(&text);
    text.data = alpa_tool_realloc(NULL, size + 1);
    text.size = size;
    text.data[size] = 0;
  }
  ok = ok && alpa_processes_broadcast(session->processes, text.data, size, 0) == ALPA_OK;
  if (ok) {
    alpa_plan_destroy(session->plan);
    alpa_module_destroy(session->module);
    session->plan = NULL;
    session->module = NULL;
    ok = parse(session->context, path, &text, &session->module) && make_plan(session, "given");
  }
  alpa_tool_text_free(&text);
  return ok && is_same_everywhere(session);
}

/* The arguments that --batch names, or all that look like it. */
static bool mark_batch(alpa_tool_session *session) {
  const char *at = session->settings->batch;
  uint32_t *arguments = NULL;
  size_t n = 0;
  bool ok = true;
  for (char *end; at && *at && ok; at = *end ? end + 1 : end) {
    long number = strtol(at, &end, 10);
    ok = end != at && number >= 0 && number < UINT32_MAX && (*end == 0 || (*end == ',' && end[1]));
    arguments = alpa_tool_realloc(arguments, (n + 1) * sizeof *arguments);
    arguments[n++] = (uint32_t)number;
  }
  if (!ok)
    fprintf(stderr, "alpa: error: --batch expects numbers of arguments, as 7,8, got '%s'\n", session->settings->batch);
  ok = ok && (n == 0 || alpa_module_set_batch(session->module, arguments, n) == ALPA_OK);
  free(arguments);
  return ok;
}

static bool plan(alpa_tool_session *session, const char *path) {
  const alpa_tool_settings *settings = session->settings;
  session->backend = settings->backend ? settings->backend : "host";
  return parse(session->context, path, &session->text, &session->module) && mark_batch(session) &&
         (session->processes ? share_plan(session, path) : make_plan(session, settings->plan ? "given" : NULL));
}

/* What planning would decide stands in the package already. */
static bool check_package_settings(const alpa_tool_settings *settings, const alpa_package_info *info) {
  const char *decided = settings->cluster    ? "cluster"
                        : settings->mesh     ? "mesh"
                        : settings->method   ? "method"
                        : settings->pipeline ? "pipeline"
                        : settings->plan     ? "plan"
                        : settings->init     ? "init"
                                             : NULL;
  if (decided)
    fprintf(stderr, "alpa: error: '%s' is a compiled program; give --%s to 'alpa compile'\n", settings->file, decided);
  else if (settings->backend && strcmp(settings->backend, info->backend) != 0)
    fprintf(stderr, "alpa: error: '%s' was compiled for --backend=%s, got '%s'\n", settings->file, info->backend,
            settings->backend);
  else
    return true;
  return false;
}

static bool open_package(alpa_tool_session *session, const char *path) {
  alpa_package_info info = ALPA_PACKAGE_INFO_INIT;
  if (alpa_package_read(session->context, path, session->text.data, session->text.size, &session->package) != ALPA_OK ||
      alpa_package_get_info(session->package, &info) != ALPA_OK || !check_package_settings(session->settings, &info))
    return false;
  session->backend = info.backend;
  session->info.cluster = info.cluster;
  session->info.mesh = info.mesh;
  session->info.n_devices = info.n_devices;
  session->info.n_check_results = info.n_check_results;
  return true;
}

bool alpa_tool_session_open(const alpa_tool_settings *settings, alpa_tool_session *session) {
  *session = (alpa_tool_session){.settings = settings, .info = ALPA_PLAN_INFO_INIT};
  session->context = alpa_tool_context_create();
  const char *path = settings->plan ? settings->plan : settings->file;
  if (!session->context || !join_processes(session) || !alpa_tool_file_read(path, &session->text))
    return false;
  bool is_package = alpa_package_detect(session->text.data, session->text.size);
  return is_package ? open_package(session, path) : plan(session, path);
}

bool alpa_tool_session_open_text(const alpa_tool_settings *settings, const char *name, const char *text,
                                 alpa_tool_session *session) {
  *session = (alpa_tool_session){.settings = settings, .info = ALPA_PLAN_INFO_INIT};
  session->context = alpa_tool_context_create();
  alpa_tool_text_string(&session->text, text);
  return session->context && plan(session, name);
}

void alpa_tool_session_close(alpa_tool_session *session, bool failed) {
  alpa_package_destroy(session->package);
  alpa_plan_destroy(session->plan);
  alpa_module_destroy(session->module);
  alpa_processes_close(session->processes, failed);
  alpa_context_destroy(session->context);
  alpa_tool_text_free(&session->text);
}

bool alpa_tool_init_open(const alpa_tool_session *session, alpa_tool_init *init) {
  alpa_tool_progress("initialising");
  alpa_compile_options options = alpa_tool_compile_options(session->settings, "given");
  return alpa_tool_module_read(session->context, session->settings->init, &init->text, &init->module) &&
         alpa_module_follow(init->module, session->plan) == ALPA_OK &&
         alpa_plan_create(init->module, &options, &init->plan) == ALPA_OK;
}

void alpa_tool_init_close(alpa_tool_init *init) {
  alpa_plan_destroy(init->plan);
  alpa_module_destroy(init->module);
  alpa_tool_text_free(&init->text);
}

void alpa_tool_progress(const char *what) {
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "alpa: %s...\n", what);
}

const char *alpa_tool_bytes(int64_t bytes, char *buffer) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = (double)bytes;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
    value /= 1024;
    unit++;
  }
  snprintf(buffer, 32, unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
  return buffer;
}
