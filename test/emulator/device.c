/* The emulated driver: start, settings, fault injection, devices, contexts, memory. */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static emu_emulator the_emulator;
static bool is_initialised;
static _Thread_local alpa_cuda_context current;

emu_emulator *emu_get(void) { return is_initialised ? &the_emulator : NULL; }
alpa_cuda_context emu_current(void) { return current; }

/* ---- settings ---- */

static const char *setting(const char *name, const char *initial) {
  const char *value = getenv(name);
  return value && *value ? value : initial;
}

static size_t read_bytes(const char *text) {
  char *end;
  size_t n = strtoull(text, &end, 10);
  int shift = *end == 'G' ? 30 : *end == 'M' ? 20 : *end == 'K' ? 10 : 0;
  return n << shift;
}

static uint32_t read_arch(const char *text) {
  text += strcspn(text, "0123456789");
  return (uint32_t)strtoul(text, NULL, 10);
}

static alpa_cuda_result initialise(emu_emulator *emulator) {
  const char *checks = setting("ALPA_EMULATOR_CHECKS", "uninitialised,races");
  emulator->n_devices = atoi(setting("ALPA_EMULATOR_DEVICES", "1"));
  emulator->arch = read_arch(setting("ALPA_EMULATOR_ARCH", "sm_90a"));
  emulator->memory_bytes = read_bytes(setting("ALPA_EMULATOR_MEMORY", "2G")) & ~(size_t)4095;
  emulator->n_workers = (uint32_t)atoi(setting("ALPA_EMULATOR_THREADS", "2"));
  emulator->timeout_s = atof(setting("ALPA_EMULATOR_TIMEOUT", "60"));
  emulator->statistics = atoi(setting("ALPA_EMULATOR_STATISTICS", "0"));
  emulator->checks = (emu_checks){strstr(checks, "uninitialised") != NULL, strstr(checks, "races") != NULL};
  if (emulator->n_devices < 1)
    return ALPA_CUDA_NO_DEVICE;
  if (emulator->n_devices > EMU_MAX_DEVICES)
    emulator->n_devices = EMU_MAX_DEVICES;
  size_t bytes = emulator->memory_bytes * (size_t)emulator->n_devices;
  emulator->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (emulator->base == MAP_FAILED)
    return ALPA_CUDA_OUT_OF_MEMORY;
  for (int k = 0; k < emulator->n_devices; k++) {
    emulator->devices[k].ordinal = k;
    emu_memory_init(&emulator->devices[k].memory, emulator->base + (size_t)k * emulator->memory_bytes,
                    emulator->memory_bytes);
    pthread_mutex_init(&emulator->devices[k].mutex, NULL);
  }
  pthread_mutex_init(&emulator->mutex, NULL);
  return ALPA_CUDA_SUCCESS;
}

/* ---- fault injection ---- */

/* How often each function has been called since cuInit. */
static _Atomic unsigned call_counts[EMU_CALL_COUNT];
static char faults[256];

static const char *const call_names[EMU_CALL_COUNT] = {
#define X(name, parameters) [EMU_CALL_##name] = #name,
#include "runtime/hal/cuda/driver.def"
#undef X
};

static void read_faults(void) {
  snprintf(faults, sizeof faults, "%s", setting("ALPA_EMULATOR_FAIL", ""));
  for (int k = 0; k < EMU_CALL_COUNT; k++)
    call_counts[k] = 0;
}

/* "cuMemAlloc_v2:3:2,...": the third call of cuMemAlloc_v2 returns 2. */
static alpa_cuda_result injected(const char *function, unsigned call) {
  size_t n = strlen(function);
  for (const char *at = faults; *at;) {
    unsigned number, error;
    if (!strncmp(at, function, n) && sscanf(at + n, ":%u:%u", &number, &error) == 2 && number == call)
      return error;
    at += strcspn(at, ",");
    at += *at == ',';
  }
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result emu_enter(emu_driver_call call, bool needs_context) {
  enum { NOT_INITIALISED = 3, INVALID_CONTEXT = 201 };
  alpa_cuda_result error = ALPA_CUDA_SUCCESS;
  if (call < EMU_CALL_COUNT && *faults)
    error = injected(call_names[call], ++call_counts[call]);
  if (error || !needs_context)
    return error;
  if (!is_initialised)
    return NOT_INITIALISED;
  return current ? current->error : INVALID_CONTEXT;
}

/* ---- driver, devices ---- */

static alpa_cuda_result init_status;
static void init_once(void) {
  init_status = initialise(&the_emulator);
  is_initialised = init_status == ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuInit(unsigned flags) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  read_faults();
  EMU_ENTER(cuInit, false);
  pthread_once(&once, init_once);
  return flags ? ALPA_CUDA_INVALID_VALUE : init_status;
}

alpa_cuda_result cuDriverGetVersion(int *out_version) {
  EMU_ENTER(cuDriverGetVersion, false);
  *out_version = 13000;
  return ALPA_CUDA_SUCCESS;
}

static const struct result_row {
  alpa_cuda_result result;
  const char *name;
} results[] = {
#define X(name, cuda, value, status, remedy) {value, #cuda},
    ALPA_CUDA_RESULT_TABLE(X)
#undef X
        {3, "CUDA_ERROR_NOT_INITIALIZED"},
    {201, "CUDA_ERROR_INVALID_CONTEXT"},
    {400, "CUDA_ERROR_INVALID_HANDLE"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT"},
    {710, "CUDA_ERROR_ASSERT"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"}};

alpa_cuda_result cuGetErrorName(alpa_cuda_result result, const char **out_name) {
  EMU_ENTER(cuGetErrorName, false);
  for (size_t k = 0; k < countof(results); k++)
    if (results[k].result == result) {
      *out_name = results[k].name;
      return ALPA_CUDA_SUCCESS;
    }
  *out_name = NULL;
  return ALPA_CUDA_INVALID_VALUE;
}

alpa_cuda_result cuGetErrorString(alpa_cuda_result result, const char **out_text) {
  EMU_ENTER(cuGetErrorString, false);
  return cuGetErrorName(result, out_text);
}

static bool is_device(alpa_cuda_device device) {
  return is_initialised && device >= 0 && device < the_emulator.n_devices;
}

alpa_cuda_result cuDeviceGetCount(int *out_n) {
  EMU_ENTER(cuDeviceGetCount, false);
  *out_n = the_emulator.n_devices;
  return is_initialised ? ALPA_CUDA_SUCCESS : ALPA_CUDA_NO_DEVICE;
}

alpa_cuda_result cuDeviceGet(alpa_cuda_device *out_device, int ordinal) {
  EMU_ENTER(cuDeviceGet, false);
  *out_device = ordinal;
  return is_device(ordinal) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_INVALID_VALUE;
}

alpa_cuda_result cuDeviceGetName(char *name, int size, alpa_cuda_device device) {
  EMU_ENTER(cuDeviceGetName, false);
  snprintf(name, (size_t)size, "emulated sm_%u", the_emulator.arch);
  return is_device(device) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_INVALID_VALUE;
}

static uint32_t shared_limit(void) { return the_emulator.arch >= 90 ? 232448 : 166912; }

alpa_cuda_result cuDeviceGetAttribute(int *out_value, unsigned attribute, alpa_cuda_device device) {
  EMU_ENTER(cuDeviceGetAttribute, false);
  const struct attribute_row {
    unsigned attribute;
    int value;
  } rows[] = {{1, 1024},  /* threads of a block */
              {8, 49152}, /* shared bytes of a block without asking */
              {10, EMU_LANES},
              {ALPA_CUDA_ATTRIBUTE_MULTIPROCESSORS, EMU_MULTIPROCESSORS},
              {39, 2048}, /* threads of a multiprocessor */
              {ALPA_CUDA_ATTRIBUTE_CAPABILITY_MAJOR, (int)the_emulator.arch / 10},
              {ALPA_CUDA_ATTRIBUTE_CAPABILITY_MINOR, (int)the_emulator.arch % 10},
              {ALPA_CUDA_ATTRIBUTE_SHARED_BYTES, (int)shared_limit()}};
  for (size_t k = 0; is_device(device) && k < countof(rows); k++)
    if (rows[k].attribute == attribute) {
      *out_value = rows[k].value;
      return ALPA_CUDA_SUCCESS;
    }
  return ALPA_CUDA_INVALID_VALUE;
}

alpa_cuda_result cuDeviceTotalMem_v2(size_t *out_bytes, alpa_cuda_device device) {
  EMU_ENTER(cuDeviceTotalMem_v2, false);
  *out_bytes = the_emulator.memory_bytes;
  return is_device(device) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_INVALID_VALUE;
}

/* ---- contexts ---- */

alpa_cuda_result cuDevicePrimaryCtxRetain(alpa_cuda_context *out_context, alpa_cuda_device device) {
  EMU_ENTER(cuDevicePrimaryCtxRetain, false);
  if (!is_device(device))
    return ALPA_CUDA_INVALID_VALUE;
  *out_context = &the_emulator.devices[device];
  __atomic_fetch_add(&the_emulator.devices[device].retained, 1, __ATOMIC_SEQ_CST);
  return ALPA_CUDA_SUCCESS;
}

/* The last release ends what the context has: streams, memory, errors. */
alpa_cuda_result cuDevicePrimaryCtxRelease_v2(alpa_cuda_device device) {
  EMU_ENTER(cuDevicePrimaryCtxRelease_v2, false);
  if (!is_device(device))
    return ALPA_CUDA_INVALID_VALUE;
  alpa_cuda_context context = &the_emulator.devices[device];
  if (__atomic_sub_fetch(&context->retained, 1, __ATOMIC_SEQ_CST))
    return ALPA_CUDA_SUCCESS;
  emu_streams_reset(context);
  emu_modules_reset(context);
  while (context->memory.n_allocations)
    emu_memory_free(&context->memory, context->memory.allocations[0].address);
  context->error = ALPA_CUDA_SUCCESS;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuCtxSetCurrent(alpa_cuda_context context) {
  EMU_ENTER(cuCtxSetCurrent, false);
  current = context;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuCtxGetCurrent(alpa_cuda_context *out_context) {
  *out_context = current;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuCtxGetDevice(alpa_cuda_device *out_device) {
  EMU_ENTER(COUNT, true);
  *out_device = current->ordinal;
  return ALPA_CUDA_SUCCESS;
}

/* ---- memory ---- */

emu_memory *emu_find_memory(void *self, uint64_t address) {
  emu_emulator *emulator = self;
  uint64_t offset = address - (uint64_t)(uintptr_t)emulator->base;
  uint64_t device = offset / emulator->memory_bytes;
  return device < (uint64_t)emulator->n_devices ? &emulator->devices[device].memory : NULL;
}

bool emu_find_host(void *self, uint64_t address, size_t bytes) {
  emu_emulator *emulator = self;
  bool found = false;
  pthread_mutex_lock(&emulator->mutex);
  for (emu_host_block *block = emulator->host_blocks; block && !found; block = block->next)
    found = address >= block->address && address + bytes <= block->address + block->bytes;
  pthread_mutex_unlock(&emulator->mutex);
  return found;
}

bool emu_is_usable(uint64_t address, size_t bytes) {
  emu_memory *memory = emu_find_memory(&the_emulator, address);
  return !bytes || (memory ? emu_memory_is_allocated(memory, address, bytes) : address != 0);
}

void emulatorWrote(alpa_cuda_pointer address, size_t bytes) {
  emu_memory *memory = emu_find_memory(&the_emulator, address);
  if (memory)
    emu_memory_set_written(memory, address, bytes);
}

alpa_cuda_result cuMemGetInfo_v2(size_t *out_free, size_t *out_total) {
  EMU_ENTER(cuMemGetInfo_v2, true);
  *out_total = current->memory.size;
  *out_free = current->memory.size - current->memory.used;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuMemAlloc_v2(alpa_cuda_pointer *out_pointer, size_t bytes) {
  EMU_ENTER(cuMemAlloc_v2, true);
  uint64_t address;
  if (!bytes)
    return ALPA_CUDA_INVALID_VALUE;
  if (!emu_memory_alloc(&current->memory, bytes, 512, &address))
    return ALPA_CUDA_OUT_OF_MEMORY;
  *out_pointer = address;
  return ALPA_CUDA_SUCCESS;
}

/* Waits for the work of the device, which may use the memory. */
alpa_cuda_result cuMemFree_v2(alpa_cuda_pointer pointer) {
  EMU_ENTER(cuMemFree_v2, true);
  emu_memory *memory = emu_find_memory(&the_emulator, pointer);
  cuCtxSynchronize();
  return !pointer || (memory && emu_memory_free(memory, pointer)) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_INVALID_VALUE;
}

alpa_cuda_result cuMemAllocHost_v2(void **out_pointer, size_t bytes) {
  EMU_ENTER(cuMemAllocHost_v2, true);
  emu_host_block *block = emu_alloc(sizeof *block);
  if (posix_memalign(out_pointer, 4096, bytes ? bytes : 1)) {
    free(block);
    return ALPA_CUDA_OUT_OF_MEMORY;
  }
  *block = (emu_host_block){.address = (uint64_t)(uintptr_t)*out_pointer, .bytes = bytes};
  pthread_mutex_lock(&the_emulator.mutex);
  block->next = the_emulator.host_blocks;
  the_emulator.host_blocks = block;
  pthread_mutex_unlock(&the_emulator.mutex);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuMemFreeHost(void *pointer) {
  EMU_ENTER(cuMemFreeHost, true);
  emu_host_block *found = NULL;
  pthread_mutex_lock(&the_emulator.mutex);
  for (emu_host_block **at = &the_emulator.host_blocks; *at && !found; at = &(*at)->next)
    if ((*at)->address == (uint64_t)(uintptr_t)pointer) {
      found = *at;
      *at = found->next;
      break;
    }
  pthread_mutex_unlock(&the_emulator.mutex);
  if (!found)
    return ALPA_CUDA_INVALID_VALUE;
  free(pointer);
  free(found);
  return ALPA_CUDA_SUCCESS;
}
