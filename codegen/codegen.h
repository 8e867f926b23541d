/* Code generation: a per-device StableHLO program to an image with code for a processor or a GPU.
 *
 * The module holds one function @main (calls inlined, collectives inserted) of static shapes.  `fuse` groups its ops
 * into kernels (kernel.fused, see dialects/kernel/kernel.h); a module that has been through the pass already is taken
 * as it is.  Each different kernel is lowered to LLVM IR and compiled once, buffers are assigned statically, and the
 * result is an image (runtime/image/image.h) that the runtime executes without knowing IR or LLVM.
 * LLVM lives in the module alpa-llvm.so, which is opened on the first call. */
#ifndef ALPA_CODEGEN_CODEGEN_H
#define ALPA_CODEGEN_CODEGEN_H

#include "codegen/target.h"
#include "dialects/ir/op.h"
#include "runtime/image/image.h"

/* How the program's arguments and results lie on the devices: what the driver knows from their shardings. */
typedef struct alpa_codegen_layout {
  uint32_t n_devices;
  /* One per argument and per result of @main; NULL: every device holds the whole value (tiles all zero), with names
   * from the argument locations and from jax.result_info. */
  const alpa_image_tensor *arguments, *results;
} alpa_codegen_layout;

typedef struct alpa_codegen_options {
  const char
      *module_dir; /* where alpa-llvm.so is; NULL: the directory `alpa` beside the library that holds this code */
  alpa_target target;
  uint32_t n_threads; /* that compile; 0: one per core */
  uint32_t n_cores; /* that one device may use: decides into how many tasks kernels are split; 0: all.  Multiprocessors
                       of a GPU */
  uint32_t optimisation; /* of LLVM: 0 to 3; the driver's default is 2 */
  const char *cpu;       /* LLVM's name of the target processor; NULL: this machine, with all its features, or sm_80 */
  alpa_text *dump;       /* receives the LLVM IR of every kernel, or NULL */
} alpa_codegen_options;

/* Builds the image in `arena`.  The module is rewritten (its ops are fused).  layout NULL means one device.  Fails
 * with ALPA_UNAVAILABLE where the LLVM module cannot be opened, ALPA_UNSUPPORTED, located, for an op that has no
 * lowering, and ALPA_INVALID_ARGUMENT for a GPU that is not known. */
alpa_status alpa_codegen_build(alpa_module *module, const alpa_codegen_options *options,
                               const alpa_codegen_layout *layout, alpa_arena *arena, alpa_image **out_image);

/* One of several programs that are compiled together. */
typedef struct alpa_codegen_part {
  alpa_op *module; /* holds its function @main; may be nested */
  const alpa_codegen_layout *layout;
  alpa_image *image; /* the result; all parts have the same kernels and code */
} alpa_codegen_part;

alpa_status alpa_codegen_build_parts(alpa_diag *diag, const alpa_codegen_options *options, alpa_arena *arena,
                                     alpa_codegen_part *parts, size_t n_parts);

/* "host:<cpu>:<features>:<llvm version>" or "ptx:<cpu>:<llvm version>": what compiled code depends on, for cache keys
 * and alpa_image.target. */
alpa_status alpa_codegen_target(alpa_diag *diag, alpa_arena *arena, const alpa_codegen_options *options,
                                const char **out_target);

/* Groups the ops of every function into kernels, in place: the pass `fuse`. */
typedef struct alpa_fuse_options {
  bool attention; /* kernels of attention that store no scores, which GPUs have */
} alpa_fuse_options;
alpa_status alpa_codegen_fuse(alpa_op *root, const alpa_fuse_options *options);

#endif
