/* alpa: plans and runs programs; a thin client of the public header. */
#include <stdio.h>
#include <string.h>

#include "driver/tool/command.h"
#include "driver/tool/flags.h"
#include "driver/tool/listing.h"

#define AT(field) offsetof(alpa_tool_settings, field)

static const alpa_tool_flag flags[] = {
    {"cluster", ALPA_FLAG_STRING, AT(cluster), "name", NULL, "host:N, p3.16xlarge:N, ... or a JSON file (host:1)"},
    {"mesh", ALPA_FLAG_STRING, AT(mesh), "shape", NULL,
     "logical mesh, as 2x4; by default one axis of all devices, or what 'auto' finds best on several hosts"},
    {"method", ALPA_FLAG_STRING, AT(method), "name", NULL,
     "auto, pipeline (stages, too; auto where memory or several hosts need them), data, zero-2, zero-3, largest, or "
     "given: what the "
     "annotations say"},
    {"pipeline", ALPA_FLAG_STRING, AT(pipeline), "text", NULL, "passes that plan, instead of those of --method"},
    {"stages", ALPA_FLAG_INT, AT(stages), "n", NULL, "stages of a pipeline, on equal parts of the devices"},
    {"batch", ALPA_FLAG_STRING, AT(batch), "n,...", NULL,
     "arguments that carry the batch as their first dimension (what is neither a scalar nor state)"},
    {"micro-batches", ALPA_FLAG_INT, AT(micro_batches), "n", NULL, "equal parts that the batch is split into"},
    {"schedule", ALPA_FLAG_STRING, AT(schedule), "name", NULL,
     "gpipe, 1f1b, interleaved-1f1b, zb-h1, zb-v or inference (1f1b)"},
    {"layers", ALPA_FLAG_INT, AT(layers), "n", NULL, "layers that stages are made of, at most"},
    {"stage-options", ALPA_FLAG_STRING, AT(stage_options), "text", NULL,
     "options of the pass that makes stages, as plan=2:1x2,1:2: layers and mesh of each"},
    {"remat", ALPA_FLAG_STRING, AT(remat), "what", NULL,
     "what the backward pass computes again: none, least, selective, layer, full (auto)"},
    {"local-statistics", ALPA_FLAG_BOOL, AT(local_statistics), NULL, NULL,
     "statistics of the batch may be those of the micro-batch"},
    {"memory", ALPA_FLAG_STRING, AT(memory), "GiB", NULL, "what a device may use"},
    {"o", ALPA_FLAG_STRING, AT(output), "file", NULL,
     "plan, compile, profile: where to write the plan, the package or the cluster"},
    {"target", ALPA_FLAG_STRING, AT(target), "name", NULL, "compile: host, sm_80 or sm_90a (host)"},
    {"plan", ALPA_FLAG_STRING, AT(plan), "file", NULL, "run: a plan to run instead of searching one"},
    {"init", ALPA_FLAG_STRING, AT(init), "file", NULL,
     "run, compile: a program whose results are the leading arguments"},
    {"steps", ALPA_FLAG_INT, AT(steps), "n", NULL, "run: how many steps (as many as the inputs have, else 1)"},
    {"output", ALPA_FLAG_STRING, AT(output), "@file", NULL, "run: where to write the last step's results"},
    {"expected_output", ALPA_FLAG_STRING, AT(expected), "@file", NULL,
     "run: results to compare the last step's with; exit 1 where they differ"},
    {"rtol", ALPA_FLAG_STRING, AT(rtol), "x", NULL, "run: accepted relative difference (1e-5)"},
    {"atol", ALPA_FLAG_STRING, AT(atol), "x", NULL, "run: accepted absolute difference (1e-6)"},
    {"backend", ALPA_FLAG_STRING, AT(backend), "name", NULL, "run: host, cuda or interpreter"},
    {"arith", ALPA_FLAG_STRING, AT(arith), "name", NULL, "run: real, or field with the interpreter"},
    {"workers", ALPA_FLAG_INT, AT(workers), "n", NULL, "threads that run the devices (one per core)"},
    {"processes", ALPA_FLAG_STRING, AT(processes), "name", NULL,
     "how the processes of a job meet: mpi, tcp or none (as the launcher's environment says)"},
    {"deadline", ALPA_FLAG_STRING, AT(deadline), "s", NULL, "seconds until a stuck device is given up (60)"},
    {"repetitions", ALPA_FLAG_INT, AT(repetitions), "n", NULL, "bench: steps to measure (10)"},
    {"profile", ALPA_FLAG_BOOL, AT(profile), NULL, NULL, "bench: the operations that take most of a step"},
    {"simulate", ALPA_FLAG_BOOL, AT(simulate), NULL, NULL, "plan: what runs when in the stages, by the cost model"},
    {"trace", ALPA_FLAG_STRING, AT(trace), "file", NULL,
     "run, plan --simulate: where to write what ran when, for Perfetto (ui.perfetto.dev)"},
    {"poison", ALPA_FLAG_BOOL, AT(poison), NULL, NULL, "run: fill unwritten memory and padding with NaN"},
    {"no-cuda-graphs", ALPA_FLAG_BOOL, AT(no_cuda_graphs), NULL, NULL, "launch the operations of GPUs one by one"},
    {"cache", ALPA_FLAG_STRING, AT(cache), "directory", NULL, "where plans and code are kept ($XDG_CACHE_HOME/alpa)"},
    {"no-cache", ALPA_FLAG_BOOL, AT(no_cache), NULL, NULL, "neither look up nor store plans and code"},
    {"json", ALPA_FLAG_BOOL, AT(json), NULL, NULL, "print one JSON object"},
    {"verbose", ALPA_FLAG_BOOL, AT(verbose), NULL, NULL, "plan: every argument and communication"},
    {"help", ALPA_FLAG_BOOL, AT(help), NULL, NULL, "print this"},
    {"version", ALPA_FLAG_BOOL, AT(version), NULL, NULL, "print the version"},
    {0}};

typedef struct command {
  const char *name, *arguments, *summary;
  int (*run)(const alpa_tool_settings *settings);
  bool needs_file;
} command;

static const command commands[] = {
    {"plan", "FILE", "finds the best parallel program and says what was decided and why", alpa_tool_plan, true},
    {"compile", "FILE -o PACKAGE", "plans and compiles a program into a file that 'alpa run' executes anywhere",
     alpa_tool_compile, true},
    {"run", "FILE [--input=SPEC]...",
     "plans, compiles and runs a program (or a package) on the devices of this machine", alpa_tool_run, true},
    {"bench", "FILE", "measures planning, compilation and steps", alpa_tool_bench, true},
    {"profile", "[-o FILE]", "measures this machine's devices and collectives; --cluster=FILE then plans by it",
     alpa_tool_calibrate, false},
    {"cache", "ls|verify|rm", "lists, checks or empties the plan cache", alpa_tool_cache, true},
    {"devices", "", "says what this machine has", alpa_tool_devices, false},
};

/* Inputs repeat and may hold commas, so they are no list flag. */
static bool take_input(void *settings, const char *name, const char *value) {
  alpa_tool_specifications *inputs = &((alpa_tool_settings *)settings)->inputs;
  if (strcmp(name, "input") != 0 || !value)
    return false;
  if (inputs->n == inputs->cap) {
    inputs->cap = inputs->cap ? inputs->cap * 2 : 8;
    inputs->items = alpa_tool_realloc(inputs->items, inputs->cap * sizeof *inputs->items);
  }
  inputs->items[inputs->n++] = value;
  return true;
}

static const char *other_name(size_t i) { return i == 0 ? "input" : NULL; }

static void print_help(FILE *to) {
  alpa_tool_text text = {0};
  alpa_tool_text_string(&text, "USAGE: alpa <command> [options]\n\nCOMMANDS:\n");
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    char what[96];
    snprintf(what, sizeof what, "%s %s", commands[i].name, commands[i].arguments);
    alpa_tool_help_line(&text, 2, what, commands[i].summary);
  }
  alpa_tool_text_string(&text, "\nOPTIONS:\n");
  alpa_tool_help_line(&text, 2, "--input=<SPEC>",
                      "run: the next argument: 2x3xf32=1 2 3, @a.npy, or @f.safetensors with argument numbers as keys");
  alpa_tool_flags_help(flags, &text);
  fputs(text.data, to);
  alpa_tool_text_free(&text);
}

static const command *find_command(const char *name) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

int main(int argc, char **argv) {
  static const alpa_tool_flags table = {
      .program = "alpa", .flags = flags, .other = take_input, .other_name = other_name, .input = AT(file)};
  alpa_tool_settings settings = {0};
  const command *chosen = argc > 1 && argv[1][0] != '-' ? find_command(argv[1]) : NULL;
  if (argc > 1 && argv[1][0] != '-' && !chosen) {
    fprintf(stderr, "alpa: there is no command '%s'; 'alpa --help' lists them\n", argv[1]);
    return ALPA_EXIT_USAGE;
  }
  if (!alpa_tool_flags_parse(&table, argc - (chosen != NULL), argv + (chosen != NULL), &settings))
    return ALPA_EXIT_USAGE;
  if (settings.version) {
    alpa_tool_text text = {0};
    alpa_tool_list_version(&text);
    fputs(text.data, stdout);
    alpa_tool_text_free(&text);
    return ALPA_EXIT_OK;
  }
  if (settings.help || !chosen) {
    print_help(settings.help ? stdout : stderr);
    return settings.help ? ALPA_EXIT_OK : ALPA_EXIT_USAGE;
  }
  if (chosen->needs_file && !settings.file) {
    fprintf(stderr, "alpa: usage: alpa %s %s\n", chosen->name, chosen->arguments);
    return ALPA_EXIT_USAGE;
  }
  return chosen->run(&settings);
}
