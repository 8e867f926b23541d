/* A driver without a GPU, for tests of the engine: memory is the host's, everything is done at once, and kernels are
 * functions of the test program, `void kernel(char *const *operands, int64_t task)`, called for every block.
 *
 * The "PTX" that it takes is a list of lines "name number-of-operands"; anything else is refused as a compiler would.
 * Two names are its own: a stream never comes back from "hang", and "fault" is an illegal access that loses the device.
 *
 * FAKE_CUDA_DEVICES, FAKE_CUDA_CAPABILITY (90) and FAKE_CUDA_BYTES (of a device) say what machine this is;
 * FAKE_CUDA_GRAPHS=0: one on which no graph fits. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/hal/cuda/driver.h"

#define X(name, parameters) __attribute__((visibility("default"))) alpa_cuda_result name parameters;
#include "runtime/hal/cuda/driver.def"
#undef X
/* Nodes that have been given new parameters. */
__attribute__((visibility("default"))) uint32_t fake_cuda_count_updates(void);

enum { MOST_DEVICES = 64, ALIGNMENT = 512, MOST_OPERANDS = 64 };

typedef struct CUctx_st {
  int device;
  _Atomic alpa_cuda_result lost; /* what every call answers from now on */
  _Atomic int64_t bytes;
} context;

typedef struct CUstream_st {
  context *context;
  _Atomic bool is_hung;
} stream;

typedef struct CUevent_st {
  stream *stream;
} event;

typedef struct CUfunc_st {
  struct CUfunc_st *next;
  char name[128];
  unsigned n_operands;
  void (*call)(char *const *operands, int64_t task);
} function;

typedef struct CUmod_st {
  function *functions;
} module;

static context contexts[MOST_DEVICES];
static _Thread_local context *current;

static int64_t setting(const char *name, int64_t otherwise) {
  const char *value = getenv(name);
  return value ? strtoll(value, NULL, 10) : otherwise;
}

/* ---- the driver, devices, contexts ---- */

alpa_cuda_result cuInit(unsigned flags) {
  (void)flags;
  return setting("FAKE_CUDA_DEVICES", 1) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_NO_DEVICE;
}

alpa_cuda_result cuDriverGetVersion(int *out_version) {
  *out_version = 13000;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGetErrorName(alpa_cuda_result result, const char **out_name) {
  static const struct {
    alpa_cuda_result result;
    const char *name;
  } rows[] = {
#define X(name, cuda, value, status, remedy) {value, #cuda},
      ALPA_CUDA_RESULT_TABLE(X)
#undef X
  };
  *out_name = "CUDA_ERROR_UNKNOWN";
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].result == result)
      *out_name = rows[i].name;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGetErrorString(alpa_cuda_result result, const char **out_text) {
  (void)result;
  *out_text = "the fake driver says so";
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDeviceGetCount(int *out_n) {
  *out_n = (int)setting("FAKE_CUDA_DEVICES", 1);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDeviceGet(alpa_cuda_device *out_device, int ordinal) {
  *out_device = ordinal;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDeviceGetName(char *name, int size, alpa_cuda_device device) {
  snprintf(name, (size_t)size, "fake GPU %d", device);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDeviceGetAttribute(int *out_value, unsigned attribute, alpa_cuda_device device) {
  int capability = (int)setting("FAKE_CUDA_CAPABILITY", 90);
  (void)device;
  *out_value = attribute == ALPA_CUDA_ATTRIBUTE_CAPABILITY_MAJOR   ? capability / 10
               : attribute == ALPA_CUDA_ATTRIBUTE_CAPABILITY_MINOR ? capability % 10
                                                                   : 1;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDeviceTotalMem_v2(size_t *out_bytes, alpa_cuda_device device) {
  (void)device;
  *out_bytes = (size_t)setting("FAKE_CUDA_BYTES", 1 << 30);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDevicePrimaryCtxRetain(alpa_cuda_context *out_context, alpa_cuda_device device) {
  contexts[device].device = device;
  atomic_store(&contexts[device].lost, ALPA_CUDA_SUCCESS);
  *out_context = &contexts[device];
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuDevicePrimaryCtxRelease_v2(alpa_cuda_device device) {
  (void)device;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuCtxSetCurrent(alpa_cuda_context given) {
  current = given;
  return ALPA_CUDA_SUCCESS;
}

/* ---- memory ---- */

alpa_cuda_result cuMemGetInfo_v2(size_t *out_free, size_t *out_total) {
  *out_total = (size_t)setting("FAKE_CUDA_BYTES", 1 << 30);
  *out_free = *out_total - (size_t)atomic_load(&current->bytes);
  return ALPA_CUDA_SUCCESS;
}

/* The size stands in front of the block. */
alpa_cuda_result cuMemAlloc_v2(alpa_cuda_pointer *out_pointer, size_t bytes) {
  if (atomic_load(&current->bytes) + (int64_t)bytes > setting("FAKE_CUDA_BYTES", 1 << 30))
    return ALPA_CUDA_OUT_OF_MEMORY;
  char *block = aligned_alloc(ALIGNMENT, (bytes + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  if (!block)
    return ALPA_CUDA_OUT_OF_MEMORY;
  memcpy(block, &bytes, sizeof bytes);
  atomic_fetch_add(&current->bytes, (int64_t)bytes);
  *out_pointer = (uintptr_t)(block + ALIGNMENT);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuMemFree_v2(alpa_cuda_pointer pointer) {
  char *block = (char *)(uintptr_t)pointer - ALIGNMENT;
  size_t bytes;
  memcpy(&bytes, block, sizeof bytes);
  atomic_fetch_sub(&current->bytes, (int64_t)bytes);
  free(block);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuMemAllocHost_v2(void **out_pointer, size_t bytes) {
  *out_pointer = malloc(bytes);
  return *out_pointer ? ALPA_CUDA_SUCCESS : ALPA_CUDA_OUT_OF_MEMORY;
}

alpa_cuda_result cuMemFreeHost(void *pointer) {
  free(pointer);
  return ALPA_CUDA_SUCCESS;
}

static alpa_cuda_result move(void *to, const void *from, size_t bytes, const stream *on) {
  alpa_cuda_result lost = atomic_load(&on->context->lost);
  if (lost == ALPA_CUDA_SUCCESS)
    memmove(to, from, bytes);
  return lost;
}

alpa_cuda_result cuMemsetD8Async(alpa_cuda_pointer to, unsigned char byte, size_t n, alpa_cuda_stream on) {
  (void)on;
  memset((void *)(uintptr_t)to, byte, n);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuMemcpyHtoDAsync_v2(alpa_cuda_pointer to, const void *from, size_t bytes, alpa_cuda_stream on) {
  return move((void *)(uintptr_t)to, from, bytes, on);
}

alpa_cuda_result cuMemcpyDtoHAsync_v2(void *to, alpa_cuda_pointer from, size_t bytes, alpa_cuda_stream on) {
  return move(to, (void *)(uintptr_t)from, bytes, on);
}

alpa_cuda_result cuMemcpyDtoDAsync_v2(alpa_cuda_pointer to, alpa_cuda_pointer from, size_t bytes, alpa_cuda_stream on) {
  return move((void *)(uintptr_t)to, (void *)(uintptr_t)from, bytes, on);
}

static char *address_of(const alpa_cuda_side_2d *side) {
  char *base = side->memory == ALPA_CUDA_MEMORY_HOST ? (char *)(uintptr_t)side->host : (char *)(uintptr_t)side->device;
  return base + side->y * side->pitch + side->x_bytes;
}

alpa_cuda_result cuMemcpy2DAsync_v2(const alpa_cuda_copy_2d *copy, alpa_cuda_stream on) {
  if (copy->from.pitch < copy->width_bytes || copy->to.pitch < copy->width_bytes)
    return ALPA_CUDA_INVALID_VALUE;
  for (size_t row = 0; row < copy->height; row++) {
    alpa_cuda_result result = move(address_of(&copy->to) + row * copy->to.pitch,
                                   address_of(&copy->from) + row * copy->from.pitch, copy->width_bytes, on);
    if (result != ALPA_CUDA_SUCCESS)
      return result;
  }
  return ALPA_CUDA_SUCCESS;
}

/* ---- streams, events ---- */

alpa_cuda_result cuStreamCreate(alpa_cuda_stream *out_stream, unsigned flags) {
  (void)flags;
  *out_stream = calloc(1, sizeof **out_stream);
  (*out_stream)->context = current;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamDestroy_v2(alpa_cuda_stream on) {
  free(on);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuStreamQuery(alpa_cuda_stream on) {
  return atomic_load(&on->is_hung) ? ALPA_CUDA_NOT_READY : atomic_load(&on->context->lost);
}

alpa_cuda_result cuStreamSynchronize(alpa_cuda_stream on) { return cuStreamQuery(on); }

alpa_cuda_result cuStreamWaitEvent(alpa_cuda_stream on, alpa_cuda_event awaited, unsigned flags) {
  (void)on;
  (void)awaited;
  (void)flags;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventCreate(alpa_cuda_event *out_event, unsigned flags) {
  (void)flags;
  *out_event = calloc(1, sizeof **out_event);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventDestroy_v2(alpa_cuda_event given) {
  free(given);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventRecord(alpa_cuda_event given, alpa_cuda_stream on) {
  given->stream = on;
  return atomic_load(&on->context->lost);
}

alpa_cuda_result cuEventQuery(alpa_cuda_event given) {
  return given->stream ? cuStreamQuery(given->stream) : ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuEventSynchronize(alpa_cuda_event given) { return cuEventQuery(given); }

alpa_cuda_result cuEventElapsedTime(float *out_ms, alpa_cuda_event start, alpa_cuda_event end) {
  (void)start;
  (void)end;
  *out_ms = 0;
  return ALPA_CUDA_SUCCESS;
}

/* ---- code ---- */

static alpa_cuda_result refuse(unsigned n_options, const unsigned *options, void **values, const char *line) {
  for (unsigned i = 0; i < n_options; i++)
    if (options[i] == ALPA_CUDA_JIT_ERROR_LOG)
      snprintf(values[i], 128, "fake ptxas: no such thing as '%.40s'", line);
  return ALPA_CUDA_INVALID_PTX;
}

alpa_cuda_result cuModuleLoadDataEx(alpa_cuda_module *out_module, const void *image, unsigned n_options,
                                    unsigned *options, void **values) {
  module *loaded = calloc(1, sizeof *loaded);
  for (const char *line = image; *line; line = strchr(line, '\n') + 1) {
    function *f = calloc(1, sizeof *f);
    if (sscanf(line, "%127s %u", f->name, &f->n_operands) != 2 || !strchr(line, '\n')) {
      free(f);
      cuModuleUnload(loaded);
      return refuse(n_options, options, values, line);
    }
    void *address = dlsym(RTLD_DEFAULT, f->name);
    memcpy(&f->call, &address, sizeof address);
    f->next = loaded->functions;
    loaded->functions = f;
  }
  *out_module = loaded;
  return ALPA_CUDA_SUCCESS;
}

/* Linking gives the text back. */
typedef struct CUlinkState_st {
  char *text;
} link_state;

alpa_cuda_result cuLinkCreate_v2(unsigned n_options, unsigned *options, void **values, alpa_cuda_link *out_link) {
  link_state *link = calloc(1, sizeof *link);
  (void)n_options, (void)options, (void)values;
  *out_link = link;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLinkAddData_v2(alpa_cuda_link link, unsigned type, void *data, size_t size, const char *name,
                                  unsigned n_options, unsigned *options, void **values) {
  (void)type, (void)name, (void)n_options, (void)options, (void)values;
  alpa_cuda_module parsed = NULL;
  link->text = strndup(data, size);
  alpa_cuda_result result = cuModuleLoadDataEx(&parsed, link->text, 0, NULL, NULL);
  if (result == ALPA_CUDA_SUCCESS)
    cuModuleUnload(parsed);
  return result;
}

alpa_cuda_result cuLinkComplete(alpa_cuda_link link, void **out_cubin, size_t *out_size) {
  *out_cubin = link->text;
  *out_size = strlen(link->text) + 1;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLinkDestroy(alpa_cuda_link link) {
  free(link->text);
  free(link);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuModuleUnload(alpa_cuda_module given) {
  while (given->functions) {
    function *f = given->functions;
    given->functions = f->next;
    free(f);
  }
  free(given);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuModuleGetFunction(alpa_cuda_function *out_function, alpa_cuda_module given, const char *name) {
  for (function *f = given->functions; f; f = f->next)
    if (strcmp(f->name, name) == 0) {
      *out_function = f;
      return ALPA_CUDA_SUCCESS;
    }
  return ALPA_CUDA_NOT_FOUND;
}

alpa_cuda_result cuFuncGetAttribute(int *out_value, unsigned attribute, alpa_cuda_function given) {
  (void)attribute;
  (void)given;
  *out_value = 0;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuFuncSetAttribute(alpa_cuda_function given, unsigned attribute, int value) {
  (void)given;
  return attribute == ALPA_CUDA_FUNCTION_DYNAMIC_SHARED_BYTES && value > 160000 ? ALPA_CUDA_INVALID_VALUE
                                                                                : ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuLaunchKernel(alpa_cuda_function given, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                alpa_cuda_stream on, void **parameters, void **extra) {
  char *operands[MOST_OPERANDS];
  (void)block_x, (void)block_y, (void)block_z, (void)shared_bytes, (void)extra;
  if (strcmp(given->name, "hang") == 0)
    atomic_store(&on->is_hung, true);
  if (strcmp(given->name, "fault") == 0)
    atomic_store(&on->context->lost, ALPA_CUDA_ILLEGAL_ADDRESS);
  for (unsigned i = 0; i < given->n_operands; i++)
    memcpy(&operands[i], parameters[i], sizeof operands[i]);
  for (int64_t task = 0; given->call && task < (int64_t)grid_x * grid_y * grid_z; task++)
    given->call(operands, task);
  return ALPA_CUDA_SUCCESS;
}

/* ---- graphs: what is instantiated is the graph itself ---- */

typedef struct CUgraphNode_st {
  struct CUgraphNode_st *next;
  bool is_copy;
  alpa_cuda_kernel_node kernel;
  alpa_cuda_copy_3d copy;
  char *operands[MOST_OPERANDS];
  void *parameters[MOST_OPERANDS];
} node;

typedef struct CUgraph_st {
  node *first, **last;
} graph;

static _Atomic uint32_t n_updates;

uint32_t fake_cuda_count_updates(void) { return atomic_load(&n_updates); }

alpa_cuda_result cuGraphCreate(alpa_cuda_graph *out_graph, unsigned flags) {
  (void)flags;
  *out_graph = calloc(1, sizeof **out_graph);
  (*out_graph)->last = &(*out_graph)->first;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphDestroy(alpa_cuda_graph given) {
  for (node *at = given->first, *next; at; at = next) {
    next = at->next;
    free(at);
  }
  free(given);
  return ALPA_CUDA_SUCCESS;
}

static void set_kernel(node *at, const alpa_cuda_kernel_node *kernel) {
  at->kernel = *kernel;
  at->kernel.parameters = at->parameters;
  for (unsigned i = 0; i < kernel->function->n_operands; i++) {
    memcpy(&at->operands[i], kernel->parameters[i], sizeof at->operands[i]);
    at->parameters[i] = &at->operands[i];
  }
}

static node *add_node(graph *to) {
  node *added = calloc(1, sizeof *added);
  *to->last = added;
  to->last = &added->next;
  return added;
}

alpa_cuda_result cuGraphAddKernelNode_v2(alpa_cuda_graph_node *out_node, alpa_cuda_graph to,
                                         const alpa_cuda_graph_node *dependencies, size_t n_dependencies,
                                         const alpa_cuda_kernel_node *kernel) {
  (void)dependencies, (void)n_dependencies;
  *out_node = add_node(to);
  set_kernel(*out_node, kernel);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphAddMemcpyNode(alpa_cuda_graph_node *out_node, alpa_cuda_graph to,
                                      const alpa_cuda_graph_node *dependencies, size_t n_dependencies,
                                      const alpa_cuda_copy_3d *copy, alpa_cuda_context given) {
  (void)dependencies, (void)n_dependencies, (void)given;
  *out_node = add_node(to);
  (*out_node)->is_copy = true;
  (*out_node)->copy = *copy;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphInstantiateWithFlags(alpa_cuda_graph_exec *out_exec, alpa_cuda_graph given,
                                             unsigned long long flags) {
  (void)flags;
  *out_exec = (alpa_cuda_graph_exec)(void *)given;
  return setting("FAKE_CUDA_GRAPHS", 1) ? ALPA_CUDA_SUCCESS : ALPA_CUDA_OUT_OF_MEMORY;
}

alpa_cuda_result cuGraphExecKernelNodeSetParams_v2(alpa_cuda_graph_exec exec, alpa_cuda_graph_node at,
                                                   const alpa_cuda_kernel_node *kernel) {
  (void)exec;
  atomic_fetch_add(&n_updates, 1);
  set_kernel(at, kernel);
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphExecMemcpyNodeSetParams(alpa_cuda_graph_exec exec, alpa_cuda_graph_node at,
                                                const alpa_cuda_copy_3d *copy, alpa_cuda_context given) {
  (void)exec, (void)given;
  atomic_fetch_add(&n_updates, 1);
  at->copy = *copy;
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphLaunch(alpa_cuda_graph_exec exec, alpa_cuda_stream on) {
  const graph *launched = (const graph *)(void *)exec;
  for (node *at = launched->first; at; at = at->next) {
    const alpa_cuda_kernel_node *k = &at->kernel;
    alpa_cuda_result result =
        at->is_copy ? cuMemcpyDtoDAsync_v2(at->copy.to.device, at->copy.from.device, at->copy.width_bytes, on)
                    : cuLaunchKernel(k->function, k->grid[0], k->grid[1], k->grid[2], k->block[0], k->block[1],
                                     k->block[2], k->shared_bytes, on, k->parameters, NULL);
    if (result != ALPA_CUDA_SUCCESS)
      return result;
  }
  return ALPA_CUDA_SUCCESS;
}

alpa_cuda_result cuGraphExecDestroy(alpa_cuda_graph_exec exec) {
  (void)exec;
  return ALPA_CUDA_SUCCESS;
}

/* ---- what no test of the engine needs ---- */

#define UNSUPPORTED(name, parameters)                                                                                  \
  alpa_cuda_result name parameters { return 801; }

#pragma GCC diagnostic ignored "-Wunused-parameter"
UNSUPPORTED(cuTensorMapEncodeTiled,
            (alpa_cuda_tensor_map * out_map, unsigned type, unsigned rank, void *address, const uint64_t *dims,
             const uint64_t *byte_strides, const uint32_t *box, const uint32_t *element_strides, unsigned interleave,
             unsigned swizzle, unsigned l2_promotion, unsigned fill))
