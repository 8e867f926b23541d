/* Trains a small perceptron with the library alone: embed STEP.mlir
 *
 *   cc embed.c $(pkg-config --cflags --libs alpa) -o embed
 *
 * The program is a train step as JAX exports it: main(state..., x, y) -> (state..., loss), with the state donated. */
#include <alpa/alpa.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_TENSORS = 64, STEPS = 5, DEVICES = 4 };

static void show(void *user, const alpa_diagnostic *diagnostic) {
  (void)user;
  fputs(diagnostic->rendered, stderr);
}

static char *read_file(const char *path, size_t *out_size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = malloc((size_t)size);
  *out_size = text ? fread(text, 1, (size_t)size, file) : 0;
  fclose(file);
  return text;
}

/* Some numbers in [-0.25, 0.25): a linear congruential generator. */
static void fill(float *values, size_t n, uint32_t seed) {
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (float)(seed >> 8) / 16777216.0f * 0.5f - 0.25f;
  }
}

static alpa_status create_argument(const alpa_plan *plan, const alpa_program *program, uint32_t index,
                                   alpa_array **out_array) {
  alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
  alpa_status status = alpa_plan_get_argument(plan, index, &info);
  size_t n = 1;
  for (uint32_t d = 0; d < info.rank; d++)
    n *= (size_t)info.dims[d];
  float *values = malloc(n * sizeof *values);
  if (status == ALPA_OK && values) {
    fill(values, n, index + 1);
    status = alpa_program_create_array(program, index, values, out_array);
  }
  free(values);
  return status;
}

/* One step: donated arguments are replaced by the results that take their place. */
static alpa_status step(const alpa_plan *plan, alpa_program *program, alpa_array **arguments, float *out_loss) {
  alpa_array *results[MAX_TENSORS];
  uint32_t n_results = alpa_plan_count_results(plan), n_arguments = alpa_plan_count_arguments(plan);
  alpa_status status = alpa_program_run(program, arguments, results);
  if (status != ALPA_OK)
    return status;
  status = alpa_program_read_array(program, results[n_results - 1], out_loss);
  for (uint32_t i = 0; i < n_arguments; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    if (alpa_plan_get_argument(plan, i, &info) != ALPA_OK || info.donated_to < 0)
      continue;
    alpa_array_release(arguments[i]);
    arguments[i] = alpa_array_retain(results[info.donated_to]);
  }
  for (uint32_t i = 0; i < n_results; i++)
    alpa_array_release(results[i]);
  return status;
}

static alpa_status train(const alpa_plan *plan, alpa_program *program) {
  alpa_array *arguments[MAX_TENSORS] = {NULL};
  uint32_t n = alpa_plan_count_arguments(plan);
  alpa_status status = n <= MAX_TENSORS ? ALPA_OK : ALPA_UNSUPPORTED;
  for (uint32_t i = 0; i < n && status == ALPA_OK; i++)
    status = create_argument(plan, program, i, &arguments[i]);
  for (int i = 0; i < STEPS && status == ALPA_OK; i++) {
    float loss = 0;
    status = step(plan, program, arguments, &loss);
    printf("step %d  loss %g\n", i, (double)loss);
  }
  for (uint32_t i = 0; i < n && i < MAX_TENSORS; i++)
    alpa_array_release(arguments[i]);
  return status;
}

int main(int argc, char **argv) {
  size_t size = 0;
  char *text = argc == 2 ? read_file(argv[1], &size) : NULL;
  if (!text) {
    fprintf(stderr, "usage: embed STEP.mlir\n");
    return 2;
  }
  alpa_context_options context_options = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_compile_options compile_options = ALPA_COMPILE_OPTIONS_INIT;
  alpa_devices_options devices_options = ALPA_DEVICES_OPTIONS_INIT;
  context_options.diagnostic = show;
  compile_options.cluster = "host:4";
  devices_options.n_devices = DEVICES;
  alpa_context *context = NULL;
  alpa_module *module = NULL;
  alpa_plan *plan = NULL;
  alpa_devices *devices = NULL;
  alpa_program *program = NULL;
  alpa_status status = alpa_context_create(&context_options, &context);
  if (status == ALPA_OK)
    status = alpa_module_parse(context, text, size, NULL, &module);
  if (status == ALPA_OK)
    status = alpa_plan_create(module, &compile_options, &plan);
  if (status == ALPA_OK)
    status = alpa_devices_create(context, &devices_options, &devices);
  if (status == ALPA_OK)
    status = alpa_program_create(plan, devices, &program);
  if (status == ALPA_OK)
    status = train(plan, program);
  alpa_program_destroy(program);
  alpa_devices_destroy(devices);
  alpa_plan_destroy(plan);
  alpa_module_destroy(module);
  alpa_context_destroy(context);
  free(text);
  if (status != ALPA_OK)
    fprintf(stderr, "embed: %s\n", alpa_status_name(status));
  return status != ALPA_OK;
}
