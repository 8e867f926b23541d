/* Lowering one kernel to LLVM IR: the state that all emitters share, and small builders around the C API.
 *
 * Everything here lives in the module alpa-llvm.so.  Emission is single-threaded per alpa_lower; several of them work
 * at once, each with its own LLVM context.  Values are emitted at the builder's position. */
#ifndef ALPA_CODEGEN_LOWER_LOWER_H
#define ALPA_CODEGEN_LOWER_LOWER_H

#include <llvm-c/Core.h>

#include "codegen/kernel_code.h"
#include "dialects/ir/op.h"

/* What the emitters need to know of the processor or GPU. */
typedef struct alpa_lower_target {
  uint32_t gpu;          /* compute capability, 80 or 90; 0: a processor */
  uint32_t vector_bytes; /* 64 with AVX-512, 32 with AVX2, else 16: the widest access of a GPU's thread too */
  uint32_t n_cores;      /* that one device may use */
  bool has_avx512, has_fma, has_f16c, has_avx512_bf16, has_avx512_vnni;
  int64_t l1_bytes, l2_bytes; /* of one core */
} alpa_lower_target;

/* LLVM types made once per context. */
typedef struct alpa_lower_types {
  LLVMTypeRef void_, i1, i8, i16, i32, i64, f32, f64, ptr;
} alpa_lower_types;

typedef struct alpa_lower {
  alpa_arena *arena; /* dies with the kernel */
  alpa_diag *diag;
  const alpa_lower_target *target;
  LLVMContextRef llvm;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  alpa_lower_types type;
  alpa_op *kernel;                /* the kernel.fused being lowered */
  alpa_kernel_schedule *schedule; /* its phases, tasks and scratch: written before emission, read-only during it */
  /* of the phase being emitted */
  LLVMValueRef function;
  LLVMValueRef task;      /* i64 */
  LLVMValueRef *operands; /* ptr: the kernel's operands, its results, then scratch where there is any */
  uint32_t n_operands;
  LLVMValueRef tensor_maps[ALPA_MAX_MAPS]; /* of a GPU: ptr */
  struct alpa_leaf *results;               /* the memory of the kernel's results */
  struct alpa_ptx_split
      *split;             /* of a GPU: threads share the reductions of the kernel (codegen/ptx/split.h); or NULL */
  struct alpa_expr *expr; /* state of expression generation (codegen/lower/expr.h) */
  alpa_status status;     /* the first failure; emission goes on with poison values */
  const alpa_op *culprit; /* what failed, and why: reported by the thread that owns the diagnostics */
  const char *reason;
} alpa_lower;

/* Records that an op cannot be lowered ("'stablehlo.sort' op <reason>"); the first record wins. */
void alpa_lower_unsupported(alpa_lower *lower, const alpa_op *op, const char *reason);

static inline bool alpa_lower_is_gpu(const alpa_lower *lower) { return lower->target->gpu != 0; }

static inline LLVMValueRef alpa_lower_scratch(const alpa_lower *lower) {
  return lower->operands[lower->n_operands - 1];
}

LLVMValueRef alpa_lower_i64(const alpa_lower *lower, int64_t value);
/* The LLVM type that a value of the type has while it is computed with (bf16: float; i1: i1), and in memory (i8). */
LLVMTypeRef alpa_lower_compute_type(const alpa_lower *lower, alpa_dtype dtype);
LLVMTypeRef alpa_lower_memory_type(const alpa_lower *lower, alpa_dtype dtype);
/* `type` itself for 1 lane, else a vector of it. */
LLVMTypeRef alpa_lower_vector_type(LLVMTypeRef type, uint32_t lanes);
/* A scalar in every lane. */
LLVMValueRef alpa_lower_splat(alpa_lower *lower, LLVMValueRef scalar, uint32_t lanes);
/* <0, 1, 2, ...> of i64 (or of `type`). */
LLVMValueRef alpa_lower_lane_numbers(alpa_lower *lower, LLVMTypeRef type, uint32_t lanes);
/* Calls an LLVM intrinsic overloaded on `types`. */
LLVMValueRef alpa_lower_intrinsic(alpa_lower *lower, const char *name, LLVMTypeRef *types, uint32_t n_types,
                                  LLVMValueRef *args, uint32_t n_args);
/* Allows fused multiply-add of this fmul, fadd or fsub; returns it. */
LLVMValueRef alpa_lower_contract(LLVMValueRef value);

/* Address of an element: base + index * size of the element type in memory. */
LLVMValueRef alpa_lower_address(alpa_lower *lower, LLVMValueRef base, LLVMValueRef index, alpa_dtype dtype);
/* Loads `lanes` consecutive elements and converts them to the compute type (bf16 to float); mask NULL: all of them,
 * lanes that are masked off are 0. Not for complex types. */
LLVMValueRef alpa_lower_load(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes,
                             LLVMValueRef mask);
/* The same of all lanes, at an address that is a multiple of `alignment` bytes. */
LLVMValueRef alpa_lower_load_aligned(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes,
                                     uint32_t alignment);
/* The reverse: rounds to the memory type and stores. */
void alpa_lower_store(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes, LLVMValueRef value,
                      LLVMValueRef mask);
/* acc + a * b in the compute type of the dtype: fma for floats. */
LLVMValueRef alpa_lower_multiply_add(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef a, LLVMValueRef b,
                                     LLVMValueRef acc);

/* A counted loop `for (index = start; index < end; index += step)`, entered only if start < end.  Between begin and
 * end the builder stands in the body.  Values carried around the loop are phis: give them their first value with
 * alpa_loop_carry before emitting the body, their next one with alpa_loop_next at its end, in the same order; after
 * alpa_loop_end, alpa_loop_result gives the last one. */
enum { ALPA_LOOP_MAX_CARRIED = 192 };
typedef struct alpa_loop {
  LLVMValueRef index;
  LLVMValueRef end;
  int64_t step;
  LLVMBasicBlockRef before, body, exit; /* before branches to body, or to exit where guarded */
  bool guarded;                         /* start < end is not known when compiling */
  uint32_t n_carried, n_next;
  LLVMValueRef first[ALPA_LOOP_MAX_CARRIED], carried[ALPA_LOOP_MAX_CARRIED], next[ALPA_LOOP_MAX_CARRIED];
} alpa_loop;

void alpa_loop_begin(alpa_lower *lower, alpa_loop *loop, LLVMValueRef start, LLVMValueRef end, int64_t step);
LLVMValueRef alpa_loop_carry(alpa_lower *lower, alpa_loop *loop, LLVMValueRef first);
void alpa_loop_next(alpa_loop *loop, LLVMValueRef next);
void alpa_loop_end(alpa_lower *lower, alpa_loop *loop);
static inline LLVMValueRef alpa_loop_result(const alpa_loop *loop, uint32_t i) { return loop->carried[i]; }

/* index / by and index % by of an i64 in [0, bound); in 32 bits for a GPU, which divides wider numbers slowly. */
void alpa_lower_divide(alpa_lower *lower, LLVMValueRef index, int64_t bound, int64_t by, LLVMValueRef *out_quotient,
                       LLVMValueRef *out_remainder);

/* Splits a task number into [start, end) of `extent` items: task t of n gets items t*extent/n to (t+1)*extent/n. */
void alpa_lower_task_range(alpa_lower *lower, LLVMValueRef task, int64_t n_tasks, int64_t extent,
                           LLVMValueRef *out_start, LLVMValueRef *out_end);
/* How many of at most `most` lanes (a power of two) to use for that extent.  A processor rounds up and masks what is
 * too much; a GPU's thread takes a divisor of the extent. */
uint32_t alpa_lower_lanes(const alpa_lower *lower, uint32_t most, int64_t extent);
/* Basic block of the function being emitted. */
LLVMBasicBlockRef alpa_lower_block(alpa_lower *lower, const char *name);

#endif
