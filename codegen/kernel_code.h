/* Kernels between their description in IR and the image: schedules, and the interface of the LLVM module. */
#ifndef ALPA_CODEGEN_KERNEL_CODE_H
#define ALPA_CODEGEN_KERNEL_CODE_H

#include "codegen/target.h"
#include "dialects/ir/op.h"
#include "runtime/image/image.h"

enum { ALPA_MAX_PHASES = 4, ALPA_MAX_MAPS = 2 };

/* How the tasks of a phase are spread over a GPU; as in alpa_image_kernel. */
typedef struct alpa_kernel_launch {
  bool is_block_task;  /* a task is a block of threads, else one thread */
  uint32_t min_blocks; /* that fit on a multiprocessor at once: a limit of registers; 0: none */
  uint32_t grid[3], block[3];
  int64_t shared_bytes;
  uint32_t n_tensor_maps;
  alpa_image_tensor_map tensor_maps[ALPA_MAX_MAPS];
} alpa_kernel_launch;

/* How a kernel is launched: phases one after the other, the tasks of a phase in any order and at once. */
typedef struct alpa_kernel_schedule {
  uint32_t n_phases;
  int64_t n_tasks[ALPA_MAX_PHASES];
  alpa_kernel_launch launch[ALPA_MAX_PHASES]; /* of a GPU; zero for the host */
  int64_t scratch_bytes; /* memory that lives from the first phase to the last; its address follows the results' */
  double flops;
  int64_t bytes;
  int64_t tile[8]; /* what the kernel's own emitter decided for itself */
} alpa_kernel_schedule;

/* One kernel to be compiled.  Phase p becomes the function `symbol` (phase 0) or `symbol_p`. */
typedef struct alpa_kernel_code {
  alpa_op *op; /* kernel.fused, only read */
  const char *symbol;
  alpa_kernel_schedule schedule; /* filled in by the compilation */
} alpa_kernel_code;

typedef struct alpa_llvm_options {
  alpa_target target;
  uint32_t n_threads, n_cores, optimisation;
  const char *cpu; /* NULL: this machine, or sm_80 */
} alpa_llvm_options;

/* What alpa-llvm.so exports as the variable `alpa_llvm_module_table`. */
typedef struct alpa_llvm_module {
  /* Compiles the kernels into one object or several, or one text of PTX, in `arena`.  dump may be NULL. */
  alpa_status (*compile)(const alpa_llvm_options *options, alpa_diag *diag, alpa_arena *arena,
                         alpa_kernel_code *kernels, size_t n_kernels, alpa_text *dump, alpa_image_code **out_code,
                         uint32_t *out_n_code);
  /* The name of the target, as in alpa_image.target. */
  alpa_status (*target)(const alpa_llvm_options *options, alpa_diag *diag, alpa_arena *arena, const char **out_name);
} alpa_llvm_module;

/* Opens alpa-llvm.so once per process; module_dir NULL: beside this library. */
alpa_status alpa_llvm_open(alpa_diag *diag, const char *module_dir, const alpa_llvm_module **out_module);

#endif
