/* Modules, kernels, launches, tensor maps. What linking gives is the PTX text with a line before it that says for which
 * device and of which length it is. */
#include "state.h"

#include "tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INVALID_HANDLE = 400, MAX_DEFAULT_SHARED = 49152 };
static const char cubin_format[] = "emulated cubin sm_%u %zu %08x\n";

static uint32_t checksum(const char *bytes, size_t n) {
  uint32_t sum = 2166136261u; /* FNV-1a */
  for (size_t k = 0; k < n; k++)
    sum = (sum ^ (unsigned char)bytes[k]) * 16777619u;
  return sum;
}

/* ---- linking ---- */

struct CUlinkState_st {
  char *text, *cubin;
  char *log;
  size_t log_bytes;
};

static void find_log(unsigned n, const unsigned *options, void **values, char **out_log, size_t *out_bytes) {
  for (unsigned k = 0; k < n; k++)
    if (options[k] == ALPA_CUDA_JIT_ERROR_LOG)
      *out_log = values[k];
    else if (options[k] == ALPA_CUDA_JIT_ERROR_LOG_BYTES)
      *out_bytes = (size_t)(uintptr_t)values[k];
}

/* Variables of a module that is only checked go to memory of the host. */
static bool place_on_host(void *self, size_t bytes, size_t align, uint64_t *out_address, void **out_bytes) {
  (void)align;
  *out_bytes = emu_arena_alloc(self, bytes);
  *out_address = (uint64_t)(uintptr_t)*out_bytes;
  return true;
}

static alpa_cuda_result refuse(const char *error, char *log, size_t log_bytes) {
  if (log && log_bytes)
    snprintf(log, log_bytes, "emulator: error: %s", error);
  emu_log("module: %s", error);
  return strstr(error, "the device is") ? ALPA_CUDA_NO_BINARY : ALPA_CUDA_INVALID_PTX;
}

alpa_cuda_result cuLinkCreate_v2(unsigned n_options, unsigned *options, void **values, alpa_cuda_link *out_link) {
  EMU_ENTER(cuLinkCreate_v2, true);
  alpa_cuda_link link = emu_alloc(sizeof *link);
  find_log(n_options, options, values, &link->log, &link->log_bytes);
  *out_link = link;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLinkAddData_v2(alpa_cuda_link link, unsigned type, void *data, size_t size, const char *name,
                                  unsigned n_options, unsigned *options, void **values) {
  EMU_ENTER(cuLinkAddData_v2, true);
  (void)name;
  find_log(n_options, options, values, &link->log, &link->log_bytes);
  if (type != ALPA_CUDA_LINK_PTX || link->text)
    return ALPA_CUDA_INVALID_VALUE;
  link->text = emu_alloc(size + 1);
  memcpy(link->text, data, size);
  char error[512];
  emu_arena scratch = {0};
  emu_module *module = emu_module_read(link->text, emu_get()->arch, (emu_placer){place_on_host, &scratch}, error);
  emu_arena_deinit(&scratch);
  emu_module_destroy(module);
  return module ? ALPA_CUDA_SUCCESS : refuse(error, link->log, link->log_bytes);
}

alpa_cuda_result cuLinkComplete(alpa_cuda_link link, void **out_cubin, size_t *out_size) {
  EMU_ENTER(cuLinkComplete, true);
  if (!link->text)
    return ALPA_CUDA_INVALID_VALUE;
  size_t n = strlen(link->text), size = n + 64;
  link->cubin = emu_realloc(link->cubin, size);
  int header = snprintf(link->cubin, size, cubin_format, emu_get()->arch, n, checksum(link->text, n));
  memcpy(link->cubin + header, link->text, n + 1);
  *out_cubin = link->cubin;
  *out_size = (size_t)header + n + 1;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLinkDestroy(alpa_cuda_link link) {
  EMU_ENTER(cuLinkDestroy, false);
  free(link->text);
  free(link->cubin);
  free(link);
  return ALPA_CUDA_SUCCESS;
}

/* ---- modules ---- */

static bool place_on_device(void *self, size_t bytes, size_t align, uint64_t *out_address, void **out_bytes) {
  alpa_cuda_module module = self;
  if (!emu_memory_alloc(&module->device->memory, bytes ? bytes : 1, align, out_address))
    return false;
  emu_memory_set_written(&module->device->memory, *out_address, bytes);
  *out_bytes = (void *)(uintptr_t)*out_address;
  module->globals = emu_realloc(module->globals, (module->n_globals + 1) * sizeof(uint64_t));
  module->globals[module->n_globals++] = *out_address;
  return true;
}

/* The PTX text of an image, or NULL if it is damaged or for another device. */
static const char *find_text(const char *image, alpa_cuda_result *out_error) {
  uint32_t arch, sum;
  size_t n;
  if (strncmp(image, cubin_format, 14))
    return image;
  const char *text = strchr(image, '\n');
  *out_error = ALPA_CUDA_INVALID_IMAGE;
  if (!text || sscanf(image, cubin_format, &arch, &n, &sum) != 3 || strlen(text + 1) != n ||
      checksum(text + 1, n) != sum)
    return NULL;
  *out_error = ALPA_CUDA_NO_BINARY;
  return arch == emu_get()->arch ? text + 1 : NULL;
}

alpa_cuda_result cuModuleLoadDataEx(alpa_cuda_module *out_module, const void *image, unsigned n_options,
                                    unsigned *options, void **values) {
  EMU_ENTER(cuModuleLoadDataEx, true);
  char *log = NULL, error[512];
  size_t log_bytes = 0;
  alpa_cuda_result status = ALPA_CUDA_SUCCESS;
  find_log(n_options, options, values, &log, &log_bytes);
  const char *text = find_text(image, &status);
  if (!text)
    return status;
  alpa_cuda_module module = emu_alloc(sizeof *module);
  module->device = emu_current();
  module->module = emu_module_read(text, emu_get()->arch, (emu_placer){place_on_device, module}, error);
  if (module->module) {
    pthread_mutex_lock(&module->device->mutex);
    module->next = module->device->modules;
    module->device->modules = module;
    pthread_mutex_unlock(&module->device->mutex);
    *out_module = module;
    return ALPA_CUDA_SUCCESS;
  }
  cuModuleUnload(module);
  return refuse(error, log, log_bytes);
}

alpa_cuda_result cuModuleUnload(alpa_cuda_module module) {
  EMU_ENTER(cuModuleUnload, false);
  pthread_mutex_lock(&module->device->mutex);
  for (alpa_cuda_module *at = &module->device->modules; *at; at = &(*at)->next)
    if (*at == module) {
      *at = module->next;
      break;
    }
  pthread_mutex_unlock(&module->device->mutex);
  for (size_t k = 0; k < module->n_globals; k++)
    emu_memory_free(&module->device->memory, module->globals[k]);
  while (module->functions) {
    alpa_cuda_function next = module->functions->next;
    free(module->functions);
    module->functions = next;
  }
  emu_module_destroy(module->module);
  free(module->globals);
  free(module);
  return ALPA_CUDA_SUCCESS;
}

void emu_modules_reset(alpa_cuda_context device) {
  while (device->modules)
    if (cuModuleUnload(device->modules))
      return; /* told to fail */
}

alpa_cuda_result cuModuleGetFunction(alpa_cuda_function *out_function, alpa_cuda_module module, const char *name) {
  EMU_ENTER(cuModuleGetFunction, true);
  emu_function *found = emu_module_find(module->module, name);
  if (!found)
    return ALPA_CUDA_NOT_FOUND;
  alpa_cuda_function function = emu_alloc(sizeof *function);
  *function = (struct CUfunc_st){
      .function = found, .module = module, .next = module->functions, .max_dynamic_shared = MAX_DEFAULT_SHARED};
  module->functions = function;
  *out_function = function;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuFuncGetAttribute(int *out_value, unsigned attribute, alpa_cuda_function function) {
  EMU_ENTER(cuFuncGetAttribute, true);
  enum { MAX_THREADS, SHARED_BYTES };
  enum { REGISTERS = 64 }; /* the emulator allocates none */
  const emu_function *code = function->function;
  switch (attribute) {
  case MAX_THREADS:
    *out_value = code->max_threads ? (int)code->max_threads : 1024;
    return ALPA_CUDA_SUCCESS;
  case SHARED_BYTES:
    *out_value = (int)code->shared_bytes;
    return ALPA_CUDA_SUCCESS;
  case ALPA_CUDA_FUNCTION_LOCAL_BYTES:
    *out_value = (int)code->local_bytes;
    return ALPA_CUDA_SUCCESS;
  case ALPA_CUDA_FUNCTION_REGISTERS:
    *out_value = REGISTERS;
    return ALPA_CUDA_SUCCESS;
  case ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES:
    *out_value = (int)function->max_dynamic_shared;
    return ALPA_CUDA_SUCCESS;
  default:
    return ALPA_CUDA_INVALID_VALUE;
  }
}

static uint32_t shared_limit(void) {
  int limit = 0;
  cuDeviceGetAttribute(&limit, ALPA_CUDA_ATTRIBUTE_SHARED_BYTES, 0);
  return (uint32_t)limit;
}

alpa_cuda_result cuFuncSetAttribute(alpa_cuda_function function, unsigned attribute, int value) {
  EMU_ENTER(cuFuncSetAttribute, true);
  if (attribute != ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES || value < 0 ||
      (uint32_t)value + function->function->shared_bytes > shared_limit())
    return ALPA_CUDA_INVALID_VALUE;
  function->max_dynamic_shared = (uint32_t)value;
  return ALPA_CUDA_SUCCESS;
}

/* ---- launches ---- */

static void log_statistics(const emu_launch *launch) {
  double seconds = (double)launch->cpu_ns * 1e-9;
  emu_log("launch of '%s': %llu thread instructions in %.3f ms of CPU time, %.1f M/s", launch->function->name,
          (unsigned long long)launch->instructions, seconds * 1e3, (double)launch->instructions / seconds * 1e-6);
}

static void run_kernel(const emu_op *op, alpa_cuda_context device) {
  emu_emulator *emulator = emu_get();
  if (device->error)
    return;
  emu_launch launch = {.function = op->function->function,
                       .memory = &device->memory,
                       .find_memory = emu_find_memory,
                       .find_host = emu_find_host,
                       .self = emulator,
                       .dynamic_shared_bytes = op->shared_bytes,
                       .parameters = op->parameters,
                       .serial = emulator->serial++,
                       .checks = emulator->checks,
                       .timeout_s = emulator->timeout_s,
                       .n_workers = emulator->n_workers};
  for (int k = 0; k < 3; k++) {
    launch.grid[k] = op->grid[k];
    launch.block[k] = op->block[k];
    launch.cluster[k] = launch.function->cluster[k] ? launch.function->cluster[k] : 1;
  }
  emu_launch_run(&launch);
  if (emulator->statistics)
    log_statistics(&launch);
  if (launch.error)
    device->error = launch.error;
}

static alpa_cuda_result check_launch(const emu_op *op) {
  const emu_function *code = op->function->function;
  uint64_t threads = (uint64_t)op->block[0] * op->block[1] * op->block[2];
  if (!threads || threads > 1024 || !op->grid[0] || !op->grid[1] || !op->grid[2] || op->grid[1] > 65535 ||
      op->grid[2] > 65535 || op->grid[0] > INT32_MAX)
    return ALPA_CUDA_INVALID_VALUE;
  if (code->max_threads && threads > code->max_threads)
    return ALPA_CUDA_INVALID_VALUE;
  uint32_t allowed = op->function->max_dynamic_shared;
  if (op->shared_bytes > allowed || (uint64_t)op->shared_bytes + code->shared_bytes > shared_limit())
    return ALPA_CUDA_INVALID_VALUE;
  for (int k = 0; k < 3; k++)
    if (code->cluster[k] && op->grid[k] % code->cluster[k])
      return ALPA_CUDA_INVALID_VALUE;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result emu_kernel_op(const alpa_cuda_kernel_node *kernel, emu_op *out_op) {
  if (!kernel->function || kernel->extra)
    return ALPA_CUDA_INVALID_VALUE;
  const emu_function *code = kernel->function->function;
  emu_op op = {.run = run_kernel, .function = kernel->function, .shared_bytes = kernel->shared_bytes};
  memcpy(op.grid, kernel->grid, sizeof op.grid);
  memcpy(op.block, kernel->block, sizeof op.block);
  alpa_cuda_result status = check_launch(&op);
  if (status || (code->n_parameters && !kernel->parameters))
    return status ? status : ALPA_CUDA_INVALID_VALUE;
  op.parameters = emu_alloc(code->parameter_bytes + 1u);
  for (uint32_t k = 0; k < code->n_parameters; k++)
    memcpy(op.parameters + code->parameters[k]->address, kernel->parameters[k], code->parameters[k]->bytes);
  *out_op = op;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLaunchKernel(alpa_cuda_function function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                alpa_cuda_stream stream, void **parameters, void **extra) {
  EMU_ENTER(cuLaunchKernel, true);
  alpa_cuda_kernel_node kernel = {.function = function,
                                  .grid = {grid_x, grid_y, grid_z},
                                  .block = {block_x, block_y, block_z},
                                  .shared_bytes = shared_bytes,
                                  .parameters = parameters,
                                  .extra = extra};
  emu_op op;
  alpa_cuda_result status = emu_kernel_op(&kernel, &op);
  if (status)
    return status;
  emu_enqueue(emu_stream(stream), &op);
  free(op.parameters);
  return ALPA_CUDA_SUCCESS;
}

/* ---- tensor maps ---- */

alpa_cuda_result cuTensorMapEncodeTiled(alpa_cuda_tensor_map *out_map, unsigned type, unsigned rank, void *address,
                                        const uint64_t *dims, const uint64_t *byte_strides, const uint32_t *box,
                                        const uint32_t *element_strides, unsigned interleave, unsigned swizzle,
                                        unsigned l2_promotion, unsigned fill) {
  EMU_ENTER(cuTensorMapEncodeTiled, false);
  (void)l2_promotion;
  if (interleave || !rank || rank > EMU_TENSOR_RANK || type > 12 || swizzle > 3)
    return ALPA_CUDA_INVALID_VALUE;
  emu_tensor_map map = {.magic = EMU_TENSOR_MAGIC,
                        .type = (uint8_t)type,
                        .rank = (uint8_t)rank,
                        .swizzle = (uint8_t)swizzle,
                        .fill_nan = fill != 0,
                        .address = (uint64_t)(uintptr_t)address};
  for (unsigned k = 0; k < rank; k++) {
    map.dims[k] = dims[k];
    map.box[k] = box[k];
    map.element_strides[k] = (uint8_t)element_strides[k];
    if (k)
      map.strides[k - 1] = byte_strides[k - 1];
  }
  const char *fault = emu_tensor_map_check(&map);
  if (fault) {
    emu_log("cuTensorMapEncodeTiled: %s", fault);
    return ALPA_CUDA_INVALID_VALUE;
  }
  memset(out_map, 0, sizeof *out_map);
  memcpy(out_map, &map, sizeof map);
  return ALPA_CUDA_SUCCESS;
}
