/* Code on GPUs: PTX assembled by the driver, its kernels found, their tensor maps. */
#include <string.h>

#include "runtime/hal/cuda/engine.h"

enum { LOG_BYTES = 8192, MOST_LOG = 2000, STATIC_SHARED_BYTES = 48 << 10 };

static alpa_cuda_engine *engine_of(const alpa_executable *e) { return e->mesh->engine; }

/* ---- the target ------------------------------------------------------------------------------------------------- */

/* PTX for sm_80 runs on that and everything newer; with the suffix `a`, on that chip alone. */
static alpa_status check_architecture(const alpa_executable *e, alpa_diag *diag, const char *target) {
  int capability = engine_of(e)->capability, wanted = 0;
  const char *at = strstr(target, "sm_");
  for (at = at ? at + 3 : ""; *at >= '0' && *at <= '9' && wanted < 1000; at++)
    wanted = wanted * 10 + (*at - '0');
  if (wanted && (*at == 'a' ? wanted == capability : wanted <= capability))
    return ALPA_OK;
  return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_UNSUPPORTED,
                    "the program was compiled for '%.32s', this machine's GPUs are sm_%d; compile it with --target=%s",
                    target, capability, engine_of(e)->target);
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

/* PTX to the machine code of these GPUs, by the driver's compiler. */
static alpa_cuda_result assemble(alpa_executable *e, alpa_image_code ptx, alpa_str *out_cubin) {
  const alpa_cuda_driver *driver = &engine_of(e)->driver;
  alpa_cuda_link link = NULL;
  void *cubin = NULL;
  size_t size = 0;
  alpa_cuda_enter(&engine_of(e)->gpus[engine_of(e)->own]);
  alpa_cuda_result result = driver->cuLinkCreate_v2(0, NULL, NULL, &link);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuLinkAddData_v2(link, ALPA_CUDA_LINK_PTX, (void *)(uintptr_t)ptx.data, ptx.size, e->name, 0, NULL,
                                      NULL);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuLinkComplete(link, &cubin, &size);
  if (result == ALPA_CUDA_SUCCESS)
    *out_cubin = (alpa_str){alpa_arena_copy(&e->arena, cubin, size), size};
  if (link)
    driver->cuLinkDestroy(link);
  return result;
}

/* Machine code from the cache, under the driver's version, the GPUs' capability and the PTX; without a cache, and where
 * the linker does not take it, the PTX itself, so that the driver explains what is wrong with it when it loads it. */
static alpa_str find_code(alpa_executable *e, alpa_image_code code, const alpa_code_cache *cache) {
  const alpa_cuda_engine *engine = engine_of(e);
  alpa_str cubin, ptx = {code.data, code.size};
  if (!cache)
    return ptx;
  char *text =
      alpa_arena_printf(&e->arena, "cubin sm_%d driver %d\n%s", engine->capability, engine->driver_version, ptx.data);
  alpa_str key = {text, strlen(text)};
  if (cache->find(cache->user, &e->arena, key, &cubin))
    return cubin;
  if (assemble(e, code, &cubin) != ALPA_CUDA_SUCCESS)
    return ptx;
  cache->store(cache->user, &e->arena, key, cubin);
  return cubin;
}

static alpa_status load_module(alpa_executable *e, alpa_diag *diag, alpa_str code, alpa_cuda_module *out_module) {
  const alpa_cuda_driver *driver = &engine_of(e)->driver;
  char *log = alpa_arena_calloc(&e->arena, LOG_BYTES, 1);
  unsigned options[] = {ALPA_CUDA_JIT_ERROR_LOG, ALPA_CUDA_JIT_ERROR_LOG_BYTES};
  void *values[] = {log, (void *)(uintptr_t)LOG_BYTES};
  alpa_cuda_result result = driver->cuModuleLoadDataEx(out_module, code.data, 2, options, values);
  if (result == ALPA_CUDA_SUCCESS)
    return ALPA_OK;
  alpa_status status = alpa_cuda_error(driver, diag, (alpa_place){.file = e->name}, result,
                                       "the driver does not accept the program's kernels");
  if (log[0])
    alpa_note(diag, (alpa_place){0}, "the driver says: %.*s", MOST_LOG, log);
  return status;
}

/* Assembled once, loaded on every device of this process. */
static alpa_status load_modules(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                                const alpa_code_cache *cache) {
  alpa_cuda_engine *engine = engine_of(e);
  alpa_cuda_code *code = e->code;
  code->modules = alpa_arena_new(&e->arena, alpa_cuda_module, (size_t)image->n_code * engine->n_gpus);
  for (uint32_t i = 0; i < image->n_code; i++) {
    alpa_str found = find_code(e, image->code[i], cache);
    for (uint32_t d = 0; d < engine->n_gpus; d++, code->n_modules++) {
      if (!alpa_device_mesh_is_local(e->mesh, d))
        continue;
      alpa_cuda_enter(&engine->gpus[d]);
      ALPA_TRY(load_module(e, diag, found, &code->modules[code->n_modules]));
    }
  }
  return ALPA_OK;
}

static alpa_status prepare_function(alpa_executable *e, alpa_diag *diag, const alpa_image_kernel *from,
                                    alpa_cuda_function function) {
  const alpa_cuda_driver *driver = &engine_of(e)->driver;
  if (from->shared_bytes <= STATIC_SHARED_BYTES)
    return ALPA_OK;
  alpa_cuda_result result =
      driver->cuFuncSetAttribute(function, ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES, (int)from->shared_bytes);
  if (result == ALPA_CUDA_SUCCESS)
    return ALPA_OK;
  return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_UNSUPPORTED,
                    "kernel '%s' needs %lld bytes of shared memory, more than these GPUs have; compile it with "
                    "--target=%s",
                    from->symbol, (long long)from->shared_bytes, engine_of(e)->target);
}

/* Looks in all modules of the device. */
static alpa_status find_function(alpa_executable *e, alpa_diag *diag, const alpa_image_kernel *from, uint32_t device,
                                 alpa_cuda_function *out_function) {
  const alpa_cuda_code *code = e->code;
  const alpa_cuda_driver *driver = &engine_of(e)->driver;
  uint32_t n_gpus = engine_of(e)->n_gpus;
  for (uint32_t m = device; m < code->n_modules; m += n_gpus)
    if (driver->cuModuleGetFunction(out_function, code->modules[m], from->symbol) == ALPA_CUDA_SUCCESS)
      return prepare_function(e, diag, from, *out_function);
  return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_NOT_FOUND,
                    "kernel '%s' is in none of the image's %u modules", from->symbol, code->n_modules / n_gpus);
}

static alpa_status load_kernels(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  alpa_cuda_engine *engine = engine_of(e);
  alpa_cuda_code *code = e->code;
  code->kernels = alpa_arena_new(&e->arena, alpa_cuda_kernel, image->n_kernels);
  for (uint32_t k = 0; k < image->n_kernels; k++) {
    const alpa_image_kernel *from = &image->kernels[k];
    alpa_cuda_kernel *kernel = &code->kernels[k];
    memcpy(kernel->grid, from->grid, sizeof kernel->grid);
    memcpy(kernel->block, from->block, sizeof kernel->block);
    kernel->shared_bytes = (uint32_t)from->shared_bytes;
    kernel->n_maps = from->n_tensor_maps;
    kernel->maps = alpa_arena_copy(&e->arena, from->tensor_maps, from->n_tensor_maps * sizeof(alpa_image_tensor_map));
    kernel->functions = alpa_arena_new(&e->arena, alpa_cuda_function, engine->n_gpus);
    for (uint32_t d = 0; d < engine->n_gpus; d++) {
      if (!alpa_device_mesh_is_local(e->mesh, d))
        continue;
      alpa_cuda_enter(&engine->gpus[d]);
      ALPA_TRY(find_function(e, diag, from, d, &kernel->functions[d]));
    }
  }
  return ALPA_OK;
}

/* ---- operations ------------------------------------------------------------------------------------------------- */

/* What branches on a number of the device read, by device; NULL: it has to be read back. */
static const uint32_t *find_known(alpa_executable *e, const alpa_image *image, const alpa_operation *operation) {
  const alpa_image_ref *ref = &e->program.refs[operation->first_ref];
  if (operation->kind != ALPA_OPERATION_BRANCH || image->buffers[ref->buffer].kind != ALPA_BUFFER_DEVICE ||
      operation->count != 4)
    return NULL;
  uint32_t index = image->buffers[ref->buffer].index, n = image->n_devices;
  uint32_t *known = alpa_arena_new(&e->arena, uint32_t, n);
  for (uint32_t d = 0; d < n; d++)
    known[d] = index ? image->numbers[(size_t)(index - 1) * n + d] : d;
  return known;
}

static void load_operations(alpa_executable *e, const alpa_image *image) {
  uint32_t n_gpus = engine_of(e)->n_gpus, n_maps = 0, most_parameters = 1;
  alpa_cuda_code *code = e->code;
  code->operations = alpa_arena_new(&e->arena, alpa_cuda_operation, e->program.n_operations);
  for (size_t i = 0; i < e->program.n_operations; i++) {
    const alpa_operation *operation = &e->program.operations[i];
    bool is_run = operation->kind == ALPA_OPERATION_RUN;
    uint32_t n = is_run ? code->kernels[operation->index].n_maps : 0;
    code->operations[i] = (alpa_cuda_operation){.first_map = n_maps, .known = find_known(e, image, operation)};
    n_maps += n;
    if (is_run && operation->n_refs + n > most_parameters)
      most_parameters = operation->n_refs + n;
  }
  code->maps = alpa_arena_new(&e->arena, alpa_cuda_map *, n_gpus);
  code->counters = alpa_arena_new(&e->arena, int64_t *, n_gpus);
  code->parameters = alpa_arena_new(&e->arena, void **, n_gpus);
  for (uint32_t d = 0; d < n_gpus; d++) {
    code->maps[d] = alpa_arena_alloc_aligned(&e->arena, (n_maps + 1) * sizeof(alpa_cuda_map), 128);
    memset(code->maps[d], 0, n_maps * sizeof(alpa_cuda_map));
    code->counters[d] = alpa_arena_new(&e->arena, int64_t, e->program.n_counters + 1);
    code->parameters[d] = alpa_arena_new(&e->arena, void *, most_parameters);
  }
}

/* ---- collectives ------------------------------------------------------------------------------------------------ */

alpa_status alpa_cuda_open_nccl(alpa_executable *e, alpa_diag *diag) {
  alpa_cuda_engine *engine = engine_of(e);
  if (engine->nccl)
    return alpa_nccl_restore(engine->nccl, diag);
  alpa_cuda_context *contexts = alpa_arena_new(&e->arena, alpa_cuda_context, engine->n_gpus);
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    contexts[d] = engine->gpus[d].context;
  alpa_nccl_source source = {e->mesh, &engine->driver, contexts, engine->deadline_ns};
  return alpa_nccl_create(&source, diag, &engine->nccl);
}

static alpa_status load_scratch(alpa_executable *e, alpa_diag *diag) {
  alpa_cuda_engine *engine = engine_of(e);
  alpa_cuda_code *code = e->code;
  for (uint32_t i = 0; i < code->n_collectives; i++)
    if (code->collectives[i].scratch_bytes > code->scratch_bytes)
      code->scratch_bytes = code->collectives[i].scratch_bytes;
  if (!code->scratch_bytes)
    return ALPA_OK;
  code->scratch = alpa_arena_new(&e->arena, char *, engine->n_gpus);
  for (uint32_t d = 0; d < engine->n_gpus; d++) {
    if (!alpa_device_mesh_is_local(e->mesh, d))
      continue;
    code->scratch[d] = e->mesh->backend->alloc(e->mesh, d, code->scratch_bytes);
    if (!code->scratch[d])
      return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_OUT_OF_MEMORY,
                        "no memory on GPU %u for %lld bytes that collectives rearrange; use more devices or a smaller "
                        "batch",
                        d, (long long)code->scratch_bytes);
  }
  return ALPA_OK;
}

static alpa_status load_collectives(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  alpa_cuda_code *code = e->code;
  if (image->n_collectives == 0)
    return ALPA_OK;
  ALPA_TRY(alpa_cuda_open_nccl(e, diag));
  code->collectives = alpa_arena_new(&e->arena, alpa_nccl_collective, image->n_collectives);
  for (; code->n_collectives < image->n_collectives; code->n_collectives++)
    ALPA_TRY(alpa_nccl_prepare(engine_of(e)->nccl, &e->arena, diag, e->name, &image->collectives[code->n_collectives],
                               &code->collectives[code->n_collectives]));
  return load_scratch(e, diag);
}

alpa_status alpa_cuda_load(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                           const alpa_load_options *options) {
  e->code = alpa_arena_new(&e->arena, alpa_cuda_code, 1);
  ALPA_TRY(check_architecture(e, diag, image->target));
  ALPA_TRY(load_modules(e, diag, image, options->cache));
  ALPA_TRY(load_kernels(e, diag, image));
  load_operations(e, image);
  alpa_cuda_graphs_load(e);
  ALPA_TRY(alpa_cuda_transfers_load(e, diag, image));
  return load_collectives(e, diag, image);
}

/* Flight records must not name operations that are gone. */
static void forget_flights(alpa_cuda_engine *engine, const alpa_executable *e) {
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    for (size_t i = 0; i < ALPA_FLIGHT_ENTRIES; i++)
      if (engine->gpus[d].flights[i].executable == e)
        engine->gpus[d].n_flights = 0;
}

void alpa_cuda_unload(alpa_executable *e) {
  alpa_cuda_engine *engine = engine_of(e);
  alpa_cuda_code *code = e->code;
  if (!code || !engine || e->mesh->is_stuck)
    return;
  forget_flights(engine, e);
  alpa_cuda_graphs_unload(engine, code);
  alpa_cuda_transfers_unload(e->mesh, code);
  for (uint32_t d = 0; code->scratch && d < engine->n_gpus; d++)
    e->mesh->backend->free(e->mesh, d, code->scratch[d], code->scratch_bytes);
  for (uint32_t m = 0; m < code->n_modules; m++) {
    if (!code->modules[m])
      continue;
    alpa_cuda_enter(&engine->gpus[m % engine->n_gpus]);
    engine->driver.cuModuleUnload(code->modules[m]);
  }
}

/* ---- tensor maps ------------------------------------------------------------------------------------------------ */

/* Types that the accelerator does not know are copied as integers of their size. */
static unsigned map_type(alpa_dtype dtype) {
  static const struct {
    alpa_dtype dtype;
    unsigned type;
  } rows[] = {{ALPA_BF16, ALPA_CUDA_MAP_BFLOAT16}, {ALPA_F16, ALPA_CUDA_MAP_FLOAT16}, {ALPA_F32, ALPA_CUDA_MAP_FLOAT32},
              {ALPA_F64, ALPA_CUDA_MAP_FLOAT64},   {ALPA_I32, ALPA_CUDA_MAP_INT32},   {ALPA_I64, ALPA_CUDA_MAP_INT64}};
  for (size_t i = 0; i < countof(rows); i++)
    if (rows[i].dtype == dtype)
      return rows[i].type;
  uint32_t bytes = alpa_dtype_get_info(dtype)->bytes;
  return bytes == 1   ? ALPA_CUDA_MAP_UINT8
         : bytes == 2 ? ALPA_CUDA_MAP_UINT16
         : bytes == 4 ? ALPA_CUDA_MAP_UINT32
                      : ALPA_CUDA_MAP_UINT64;
}

alpa_cuda_result alpa_cuda_map_update(const alpa_cuda_gpu *gpu, const alpa_image_tensor_map *from, const char *operand,
                                      alpa_cuda_map *map) {
  static const unsigned swizzles[] = {[ALPA_SWIZZLE_NONE] = ALPA_CUDA_MAP_SWIZZLE_NONE,
                                      [ALPA_SWIZZLE_32] = ALPA_CUDA_MAP_SWIZZLE_32,
                                      [ALPA_SWIZZLE_64] = ALPA_CUDA_MAP_SWIZZLE_64,
                                      [ALPA_SWIZZLE_128] = ALPA_CUDA_MAP_SWIZZLE_128};
  uint64_t dims[ALPA_TENSOR_MAP_RANK], strides[ALPA_TENSOR_MAP_RANK];
  uint32_t ones[ALPA_TENSOR_MAP_RANK];
  const char *address = operand + from->offset;
  if (map->address == address)
    return ALPA_CUDA_SUCCESS;
  for (uint32_t d = 0; d < from->rank; d++) {
    dims[d] = (uint64_t)from->dims[d];
    strides[d] = (uint64_t)from->strides[d];
    ones[d] = 1;
  }
  alpa_cuda_result result = gpu->engine->driver.cuTensorMapEncodeTiled(
      &map->map, map_type(from->dtype), from->rank, (void *)(uintptr_t)address, dims, strides + 1, from->box, ones, 0,
      swizzles[from->swizzle], ALPA_CUDA_MAP_L2_256, 0);
  map->address = result == ALPA_CUDA_SUCCESS ? address : NULL;
  return result;
}
