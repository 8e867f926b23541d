/* Runs a compiled program with libalpa-runtime alone, without a compiler: `run_package model.image [steps]`.
 *
 * Arguments that the package's initial program does not make are zeros; scalar results are printed. */
#include <stdio.h>
#include <stdlib.h>

#include "alpa/alpa.h"

typedef struct run {
  alpa_devices *devices;
  alpa_program *program;
  uint32_t n_arguments, n_results;
  alpa_array **arguments, **results;
} run;

static void show(void *user, const alpa_diagnostic *diagnostic) {
  (void)user;
  fputs(diagnostic->rendered, stderr);
}

static void *read_file(const char *path, size_t *out_size) {
  FILE *file = fopen(path, "rb");
  char *data = NULL;
  size_t size = 0, got;
  if (!file)
    return NULL;
  do {
    data = realloc(data, size + 65536);
    got = data ? fread(data + size, 1, 65536, file) : 0;
    size += got;
  } while (got);
  fclose(file);
  *out_size = size;
  return data;
}

static alpa_status initialise(run *r, const alpa_package *package, const alpa_package_info *info) {
  alpa_program *init = NULL;
  if (!info->has_init)
    return ALPA_OK;
  alpa_status status = alpa_program_load(package, ALPA_PART_INIT, r->devices, &init);
  if (status == ALPA_OK)
    status = alpa_program_run(init, NULL, r->arguments);
  alpa_program_destroy(init);
  return status;
}

static alpa_status fill(run *r) {
  for (uint32_t i = 0; i < r->n_arguments; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    alpa_status status = alpa_program_get_argument(r->program, i, &info);
    if (status != ALPA_OK || r->arguments[i])
      continue;
    size_t bytes = alpa_dtype_get_info(info.dtype)->bytes;
    for (uint32_t d = 0; d < info.rank; d++)
      bytes *= (size_t)info.dims[d];
    void *zeros = calloc(bytes + 1, 1);
    status = zeros ? alpa_program_create_array(r->program, i, zeros, &r->arguments[i]) : ALPA_OUT_OF_MEMORY;
    free(zeros);
    if (status != ALPA_OK)
      return status;
  }
  return ALPA_OK;
}

/* One step; what was donated takes the place of its argument. */
static alpa_status step(run *r, int number) {
  alpa_status status = alpa_program_run(r->program, r->arguments, r->results);
  for (uint32_t i = 0; i < r->n_results && status == ALPA_OK; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    float value;
    status = alpa_program_get_result(r->program, i, &info);
    if (status == ALPA_OK && info.rank == 0 && info.dtype == ALPA_F32)
      status = alpa_program_read_array(r->program, r->results[i], &value);
    if (status == ALPA_OK && info.rank == 0 && info.dtype == ALPA_F32)
      printf("step %d %s %.7g\n", number, info.name, (double)value);
  }
  for (uint32_t i = 0; i < r->n_arguments && status == ALPA_OK; i++) {
    alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
    status = alpa_program_get_argument(r->program, i, &info);
    if (status != ALPA_OK || info.donated_to < 0)
      continue;
    alpa_array_release(r->arguments[i]);
    r->arguments[i] = r->results[info.donated_to];
    r->results[info.donated_to] = NULL;
  }
  for (uint32_t i = 0; i < r->n_results; i++) {
    alpa_array_release(r->results[i]);
    r->results[i] = NULL;
  }
  return status;
}

static alpa_status execute(run *r, alpa_context *context, const alpa_package *package, int steps) {
  alpa_package_info info = ALPA_PACKAGE_INFO_INIT;
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  alpa_status status = alpa_package_get_info(package, &info);
  options.n_devices = info.n_devices;
  options.backend = info.backend;
  if (status == ALPA_OK)
    status = alpa_devices_create(context, &options, &r->devices);
  if (status == ALPA_OK)
    status = alpa_program_load(package, ALPA_PART_PROGRAM, r->devices, &r->program);
  if (status != ALPA_OK)
    return status;
  r->n_arguments = alpa_program_count_arguments(r->program);
  r->n_results = alpa_program_count_results(r->program);
  r->arguments = calloc(r->n_arguments + 1, sizeof(alpa_array *));
  r->results = calloc(r->n_results + 1, sizeof(alpa_array *));
  if (!r->arguments || !r->results)
    return ALPA_OUT_OF_MEMORY;
  status = initialise(r, package, &info);
  if (status == ALPA_OK)
    status = fill(r);
  for (int i = 0; i < steps && status == ALPA_OK; i++)
    status = step(r, i);
  return status;
}

int main(int argc, char **argv) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  alpa_context *context = NULL;
  alpa_package *package = NULL;
  run r = {NULL, NULL, 0, 0, NULL, NULL};
  size_t size = 0;
  void *data = argc > 1 ? read_file(argv[1], &size) : NULL;
  options.diagnostic = show;
  if (!data) {
    fprintf(stderr, "usage: %s model.image [steps]\n", argv[0]);
    return 2;
  }
  alpa_status status = alpa_context_create(&options, &context);
  if (status == ALPA_OK)
    status = alpa_package_read(context, argv[1], data, size, &package);
  if (status == ALPA_OK)
    status = execute(&r, context, package, argc > 2 ? atoi(argv[2]) : 1);
  for (uint32_t i = 0; i < r.n_arguments && r.arguments; i++)
    alpa_array_release(r.arguments[i]);
  for (uint32_t i = 0; i < r.n_results && r.results; i++)
    alpa_array_release(r.results[i]);
  free(r.arguments);
  free(r.results);
  alpa_program_destroy(r.program);
  alpa_devices_destroy(r.devices);
  alpa_package_destroy(package);
  alpa_context_destroy(context);
  free(data);
  return status == ALPA_OK ? 0 : 1;
}
