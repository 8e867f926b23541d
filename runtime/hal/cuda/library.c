/* The driver: found at run time, its failures explained. */
#include "runtime/hal/cuda/engine.h"
#include "support/library.h"

static const alpa_library_symbol symbols[] = {
#define X(name, parameters) {#name, offsetof(alpa_cuda_driver, name)},
#include "runtime/hal/cuda/driver.def"
#undef X
};

static const alpa_library library = {
    .file = "libcuda.so.1",
    .missing = "install NVIDIA's driver (in a container: start it with the GPUs), or use --backend=host",
    .old = "update NVIDIA's driver",
    .symbols = symbols,
    .n_symbols = countof(symbols)};

typedef struct row {
  alpa_cuda_result result;
  alpa_status status;
  const char *remedy;
} row;

static const row *find_row(alpa_cuda_result result) {
  static const row rows[] = {
#define X(name, cuda, value, status, remedy) {value, ALPA_##status, remedy},
      ALPA_CUDA_RESULT_TABLE(X)
#undef X
  };
  for (size_t i = 0; i < countof(rows); i++)
    if (rows[i].result == result)
      return &rows[i];
  return NULL;
}

alpa_status alpa_cuda_status(alpa_cuda_result result) {
  const row *known = find_row(result);
  return known ? known->status : ALPA_INTERNAL;
}

alpa_status alpa_cuda_error(const alpa_cuda_driver *driver, alpa_diag *diag, alpa_place place, alpa_cuda_result result,
                            const char *what) {
  const char *name = NULL, *text = NULL;
  const row *known = find_row(result);
  driver->cuGetErrorName(result, &name);
  driver->cuGetErrorString(result, &text);
  const char *remedy = known ? known->remedy : "";
  return alpa_error(diag, place, alpa_cuda_status(result), "%s: %s (%s)%s%s", what, text ? text : "unknown failure",
                    name ? name : "?", remedy[0] ? "; " : "", remedy);
}

alpa_status alpa_cuda_driver_load(alpa_diag *diag, alpa_cuda_driver *out_driver, int *out_version) {
  ALPA_TRY(alpa_library_load(&library, diag, out_driver));
  alpa_cuda_result result = out_driver->cuInit(0);
  if (result == ALPA_CUDA_SUCCESS)
    result = out_driver->cuDriverGetVersion(out_version);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_error(out_driver, diag, (alpa_place){0}, result, "cannot start the CUDA driver");
  return ALPA_OK;
}
