/* The machine behind alpa_interp_run: storage of intermediate tensors, compiled blocks, and the call that an evaluation
 * function receives.  Internal to interp/. */
#ifndef ALPA_INTERP_MACHINE_H
#define ALPA_INTERP_MACHINE_H

#include "dialects/ir/context.h"
#include "dialects/ir/op.h"
#include "interp/element.h"
#include "interp/interp.h"

/* Tensors of higher rank are refused, so that index arrays have a fixed size. */
enum { ALPA_MAX_RANK = 32 };

/* ---- storage ---------------------------------------------------------------------------------------------------- */

/* Counted storage of one tensor or of scratch; returned to a free list of its size class. */
typedef struct alpa_buffer alpa_buffer;
struct alpa_buffer {
  uint32_t refs, size_class;
  alpa_buffer *next; /* free list, or the scratch list of a call */
};

/* A value of the program on one device.  buffer NULL: the data belong to somebody else and are only read. */
typedef struct alpa_slot {
  alpa_tensor tensor;
  alpa_buffer *buffer;
} alpa_slot;

enum { ALPA_SIZE_CLASSES = 200 };

typedef struct alpa_machine {
  alpa_context *ctx;
  alpa_interp_options options;
  alpa_arith arith;
  uint32_t n_devices, n_replicas;
  alpa_arena arena;  /* everything of the run */
  alpa_map programs; /* block -> alpa_program */
  alpa_buffer *free_buffers[ALPA_SIZE_CLASSES];
  int64_t n_steps;
  size_t live_bytes, peak_bytes;
  uint32_t depth; /* of calls */
} alpa_machine;

void alpa_machine_init(alpa_machine *machine, alpa_context *ctx, const alpa_interp_options *options);
void alpa_machine_deinit(alpa_machine *machine);

alpa_buffer *alpa_buffer_create(alpa_machine *machine, size_t bytes);
void alpa_buffer_release(alpa_machine *machine, alpa_buffer *buffer);
/* 64-byte aligned. */
static inline void *alpa_buffer_data(alpa_buffer *buffer) { return (char *)buffer + 64; }

void alpa_slot_clear(alpa_machine *machine, alpa_slot *slot);
/* Gives storage to a slot whose dtype and dims are set. */
void alpa_slot_allocate(alpa_machine *machine, alpa_slot *slot);
/* Makes `to` the same data as `from`; the type of `to` stays (it has as many elements). */
void alpa_slot_share(alpa_slot *to, const alpa_slot *from);
/* Makes `to` the tensor of `from`. */
void alpa_slot_copy(alpa_machine *machine, alpa_slot *to, const alpa_slot *from);

/* ---- compiled blocks -------------------------------------------------------------------------------------------- */

typedef struct alpa_call alpa_call;
typedef alpa_status alpa_eval_fn(alpa_call *call);

/* How an evaluation function wants to be called. */
typedef enum alpa_eval_kind {
  ALPA_EVAL_NONE,  /* not supported */
  ALPA_EVAL_LOCAL, /* for each device, results allocated */
  ALPA_EVAL_SHARE, /* for each device, allocates or shares its results itself */
  ALPA_EVAL_JOINT  /* once for all active devices */
} alpa_eval_kind;

typedef struct alpa_rule {
  alpa_eval_kind kind;
  alpa_eval_fn *eval;
} alpa_rule;

/* The evaluation column of the op's table; never NULL. */
const alpa_rule *alpa_rule_find(const alpa_op_def *def);

/* One op with the slots of its values. */
typedef struct alpa_step {
  alpa_op *op;
  const alpa_rule *rule;
  const uint32_t *operands, *results;
  const uint32_t *dead; /* slots not needed any more after this op */
  uint32_t n_dead;
  uint8_t answers; /* of a comparison of floats: bit 0 false was seen, bit 1 true */
} alpa_step;

/* One block. */
typedef struct alpa_program {
  const alpa_block *block;
  alpa_step *steps;
  uint32_t n_steps; /* without the terminator */
  const uint32_t *args, *results;
  uint32_t n_args, n_results;
  bool elementwise; /* nothing but elementwise ops and constants: runs on many lanes at once */
  uint32_t n_slots; /* of the function, where the block is its body */
} alpa_program;

/* The program of a function's body, compiled on first use together with all blocks inside. */
alpa_status alpa_program_compile(alpa_machine *machine, alpa_op *func, alpa_program **out_program);
static inline alpa_program *alpa_program_find(const alpa_machine *machine, const alpa_region *region) {
  return alpa_map_get_pointer(&machine->programs, region->first);
}

/* ---- execution -------------------------------------------------------------------------------------------------- */

/* The values of one activation of a function, on all devices. */
typedef struct alpa_frame {
  alpa_slot *slots; /* [device * n_slots + slot] */
  uint32_t n_slots;
  alpa_buffer *storage;
} alpa_frame;

static inline alpa_slot *alpa_frame_slot(const alpa_frame *frame, uint32_t device, uint32_t slot) {
  return &frame->slots[(size_t)device * frame->n_slots + slot];
}

/* The devices that execute a block. */
typedef struct alpa_active {
  const uint32_t *devices;
  uint32_t n;
} alpa_active;

struct alpa_call {
  alpa_machine *machine;
  alpa_step *step;
  alpa_op *op;
  alpa_frame *frame;
  alpa_active active;              /* one device unless the rule is JOINT */
  uint32_t device;                 /* active.devices[0] */
  const int64_t *lanes;            /* NULL, or rank-0 values may be vectors of so many elements */
  alpa_slot **operands, **results; /* NULL in a JOINT call */
  alpa_buffer *scratch;            /* released after the call */
};

static inline const alpa_tensor *alpa_call_in(const alpa_call *call, uint32_t i) { return &call->operands[i]->tensor; }
static inline const alpa_tensor *alpa_call_out(const alpa_call *call, uint32_t i) { return &call->results[i]->tensor; }
static inline size_t alpa_call_element_bytes(const alpa_call *call, alpa_dtype dtype) {
  return alpa_arith_element_bytes(call->machine->arith, dtype);
}
static inline alpa_slot *alpa_call_slot(const alpa_call *call, uint32_t device, uint32_t slot) {
  return alpa_frame_slot(call->frame, device, slot);
}

/* Uninitialised memory until the call returns. */
void *alpa_call_scratch(alpa_call *call, size_t bytes);
/* Gives back what was taken since call->scratch was `mark`. */
void alpa_call_release(alpa_call *call, alpa_buffer *mark);

/* Runs a compiled block for the active devices; its arguments are in their slots, its results in theirs afterwards.
 * lanes: NULL, or the number of elements of values that stand for rank-0 ones; outlives their use. */
alpa_status alpa_machine_run(alpa_machine *machine, alpa_frame *frame, alpa_program *program, alpa_active active,
                             const int64_t *lanes);
/* Evaluates one op for the active devices. */
alpa_status alpa_machine_eval(alpa_machine *machine, alpa_frame *frame, alpa_step *step, alpa_active active,
                              const int64_t *lanes);
void alpa_frame_init(alpa_machine *machine, alpa_frame *frame, const alpa_program *body);
void alpa_frame_deinit(alpa_machine *machine, alpa_frame *frame);
/* Releases what a block left in the slots of its arguments and results. */
void alpa_frame_clear(alpa_machine *machine, alpa_frame *frame, const alpa_program *program, alpa_active active);

/* Applies a region whose arguments and results are rank-0 tensors to `lanes` tuples of elements at once: args and
 * results are contiguous arrays, as many as the region has arguments and results.  Elements of args are converted where
 * their type differs from the region's; results have the region's types. */
alpa_status alpa_call_apply(alpa_call *call, uint32_t region, const alpa_tensor *args, int64_t lanes,
                            const alpa_tensor *results);
/* The region is `return op(arg0, arg1)` for one elementwise op of the arguments in this order, or reversed and
 * commutative: that op; else NULL. */
const alpa_op *alpa_region_single_op(const alpa_region *region);

#endif
