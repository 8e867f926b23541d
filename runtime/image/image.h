/* The image: what codegen builds from a partitioned program for one target, and all that the runtime reads.
 *
 * An image holds the program of a mesh as a tree of instruction lists over numbered buffers, the machine code of its
 * kernels, its constants, and a static memory plan.  Every device starts at the root; a branch on a number of the
 * device (ALPA_BUFFER_DEVICE) gives the stages of a pipeline programs of their own.  It knows nothing of IR.  In memory
 * it is this struct (everything in one arena); on disk it is the byte form written by alpa_image_write, which is
 * checked completely on reading. */
#ifndef ALPA_RUNTIME_IMAGE_IMAGE_H
#define ALPA_RUNTIME_IMAGE_IMAGE_H

#include "support/diag.h"

enum { ALPA_MAX_RANK = 32, ALPA_MAX_DEVICES = 4096 };
#define ALPA_NO_INDEX UINT32_MAX

/* Consecutive devices of the mesh; n 0: all of them. */
typedef struct alpa_device_range {
  uint32_t first, n;
} alpa_device_range;

/* A global tensor and its pieces on the devices that hold it: holder k (device holders.first + k) has the box that
 * starts at tiles[k * rank + d] * local_dims[d] in every dimension d; what reaches past global_dims is padding.
 * Holders with equal tiles have copies.  Where others have the rest of the tensor, all this is about the box of it that
 * starts at part_start and has part_dims. */
typedef struct alpa_image_tensor {
  const char *name; /* the user's name, "" where unknown */
  alpa_dtype dtype;
  uint32_t rank;
  const int64_t *global_dims, *local_dims;
  alpa_device_range holders;
  const uint32_t *tiles;                 /* number of holders * rank */
  const int64_t *part_start, *part_dims; /* NULL: all of it */
} alpa_image_tensor;

typedef enum alpa_buffer_kind {
  ALPA_BUFFER_ARGUMENT,  /* index: argument number */
  ALPA_BUFFER_RESULT,    /* index: result number; absent where the result aliases an argument (see aliases) */
  ALPA_BUFFER_TEMPORARY, /* offset: in the device's arena */
  ALPA_BUFFER_CONSTANT,  /* offset: in the constants; never written */
  ALPA_BUFFER_DEVICE     /* u32: this device's number in the mesh, or of index i > 0 its entry in numbers[i - 1] */
} alpa_buffer_kind;

typedef struct alpa_image_buffer {
  alpa_buffer_kind kind;
  uint32_t index;
  int64_t offset, bytes; /* offsets are multiples of 64 */
} alpa_image_buffer;

/* Bytes inside a buffer: what an instruction reads or writes. */
typedef struct alpa_image_ref {
  uint32_t buffer;
  int64_t offset;
} alpa_image_ref;

/* X(id, name, bytes): how the tensor memory accelerator permutes 16-byte pieces of shared memory; the inner dimension
 * of a box has at most so many bytes (0: any number). */
#define ALPA_SWIZZLE_TABLE(X)                                                                                          \
  X(NONE, "none", 0)                                                                                                   \
  X(32, "32B", 32)                                                                                                     \
  X(64, "64B", 64)                                                                                                     \
  X(128, "128B", 128)

typedef enum alpa_swizzle {
#define X(id, name, bytes) ALPA_SWIZZLE_##id,
  ALPA_SWIZZLE_TABLE(X)
#undef X
      ALPA_SWIZZLE_COUNT
} alpa_swizzle;

/* A tensor as the tensor memory accelerator copies boxes of it (the arguments of cuTensorMapEncodeTiled): dimension 0
 * is the fastest and dense.  What lies outside reads as zeros. */
enum { ALPA_TENSOR_MAP_RANK = 5 };
typedef struct alpa_image_tensor_map {
  uint32_t ref;   /* of the instruction: its buffer holds the tensor */
  int64_t offset; /* of the first element, in bytes from the ref; a multiple of 16 */
  alpa_dtype dtype;
  uint32_t rank;
  int64_t dims[ALPA_TENSOR_MAP_RANK], strides[ALPA_TENSOR_MAP_RANK]; /* strides in bytes; strides[0]: the element's */
  uint32_t box[ALPA_TENSOR_MAP_RANK];
  alpa_swizzle swizzle;
} alpa_image_tensor_map;

/* A host kernel is `void kernel(char *const *operands, int64_t task)`, called once for each task in 0..n_tasks-1, in
 * any order and on any cores at once; operands are the addresses of the instruction's refs.
 *
 * A PTX kernel is `.visible .entry symbol(...)` with one .u64 for each ref of the instruction, a generic address in
 * global memory and a multiple of 64, then one `.align 64 .b8[128]` for each tensor map.  One launch of the grid does
 * all the tasks.  What grid, block and shared memory are is the driver's: threads, threads, dynamic bytes. */
typedef struct alpa_image_kernel {
  const char *symbol; /* in the code */
  int64_t n_tasks;
  double flops;  /* of one launch, for reports; 0 where unknown */
  int64_t bytes; /* read and written by one launch */
  /* PTX only, zero for the host */
  uint32_t grid[3], block[3];
  int64_t shared_bytes;
  uint32_t n_tensor_maps;
  const alpa_image_tensor_map *tensor_maps;
} alpa_image_kernel;

/* X(id, name): how values combine in all-reduce and reduce-scatter. */
#define ALPA_REDUCTION_TABLE(X)                                                                                        \
  X(ADD, "add")                                                                                                        \
  X(MULTIPLY, "multiply")                                                                                              \
  X(MAXIMUM, "maximum")                                                                                                \
  X(MINIMUM, "minimum")                                                                                                \
  X(AND, "and")                                                                                                        \
  X(OR, "or")                                                                                                          \
  X(XOR, "xor")

typedef enum alpa_reduction {
#define X(id, name) ALPA_REDUCE_##id,
  ALPA_REDUCTION_TABLE(X)
#undef X
      ALPA_REDUCTION_COUNT
} alpa_reduction;

/* Collectives of a group of n devices; `outer` and `chunk` count elements of one device's part:
 *   ALL_REDUCE      from [chunk]            to [chunk]             (outer 1)
 *   ALL_GATHER      from [outer, chunk]     to [outer, n, chunk]
 *   REDUCE_SCATTER  from [outer, n, chunk]  to [outer, chunk]
 *   ALL_TO_ALL      from [n, chunk]         to [n, chunk]          part j goes to member j's part of this device
 *   PERMUTE         from [chunk]            to [chunk]             by source-target pairs; no source: zeros */
#define ALPA_COLLECTIVE_TABLE(X)                                                                                       \
  X(ALL_REDUCE, "all-reduce")                                                                                          \
  X(ALL_GATHER, "all-gather")                                                                                          \
  X(REDUCE_SCATTER, "reduce-scatter")                                                                                  \
  X(ALL_TO_ALL, "all-to-all")                                                                                          \
  X(PERMUTE, "collective-permute")

typedef enum alpa_collective {
#define X(id, name) ALPA_COLLECTIVE_##id,
  ALPA_COLLECTIVE_TABLE(X)
#undef X
      ALPA_COLLECTIVE_COUNT
} alpa_collective;

typedef struct alpa_image_collective {
  alpa_collective kind;
  alpa_reduction reduction; /* ALL_REDUCE, REDUCE_SCATTER */
  alpa_dtype dtype;
  int64_t outer, chunk;
  /* n_groups * group_size devices; every device that executes it occurs exactly once, and no other.  PERMUTE: n_groups
   * pairs (source, target), group_size 2, of such devices. */
  uint32_t n_groups, group_size;
  const uint32_t *groups;
  alpa_image_ref from, to; /* may be the same memory for ALL_REDUCE, disjoint otherwise */
} alpa_image_collective;

/* A box that moves from one device to another: extents in elements, strides in bytes, outermost dimension first;
 * offsets from the refs of SEND and RECEIVE. */
typedef struct alpa_image_copy {
  uint32_t from_device, to_device;
  int64_t from_offset, to_offset;
  uint32_t rank, element_bytes;
  const int64_t *extents, *from_strides, *to_strides;
} alpa_image_copy;

/* A tensor's way from one submesh to another.  A device executes SEND when its piece is complete and RECEIVE when its
 * memory is free, neither waits; a box moves when both sides are there.  SENT and RECEIVED wait for all boxes of the
 * device.  A device may send (receive) again only after SENT (RECEIVED); at the end of the step nothing is under way.
 */
typedef struct alpa_image_transfer {
  const char *name;             /* of the value, "" where unknown */
  int64_t from_bytes, to_bytes; /* of a piece on either side */
  uint32_t n_copies;
  const alpa_image_copy *copies;
} alpa_image_transfer;

typedef enum alpa_instruction_kind {
  ALPA_INSTRUCTION_RUN,        /* kernel on refs */
  ALPA_INSTRUCTION_COPY,       /* refs[0] <- refs[1], bytes; may overlap only when equal */
  ALPA_INSTRUCTION_COLLECTIVE, /* collective */
  ALPA_INSTRUCTION_WHILE,      /* lists[0] computes refs[0], an i1; while it holds, lists[1]; then lists[0] again */
  ALPA_INSTRUCTION_LOOP,       /* lists[0], `count` times */
  ALPA_INSTRUCTION_BRANCH,  /* refs[0] is an i1 (true: lists[0], false: lists[1]) or an i32 index, out of range: last */
  ALPA_INSTRUCTION_SEND,    /* transfer, from refs[0] */
  ALPA_INSTRUCTION_RECEIVE, /* transfer, to refs[0] */
  ALPA_INSTRUCTION_SENT,    /* transfer */
  ALPA_INSTRUCTION_RECEIVED /* transfer */
} alpa_instruction_kind;

typedef struct alpa_instruction alpa_instruction;
typedef struct alpa_instructions {
  const alpa_instruction *items;
  uint32_t n;
} alpa_instructions;

struct alpa_instruction {
  alpa_instruction_kind kind;
  uint32_t kernel;     /* RUN */
  uint32_t collective; /* COLLECTIVE */
  uint32_t transfer;   /* SEND, RECEIVE, SENT, RECEIVED */
  uint32_t n_refs;
  const alpa_image_ref *refs;
  int64_t count; /* LOOP: trips; COPY: bytes; BRANCH: 1 for an i1, 4 for an i32 */
  uint32_t n_lists;
  const alpa_instructions *lists;
  const char *where; /* "file:line:col" or a name, for flight records and traces; "" where unknown */
};

typedef struct alpa_image_alias {
  uint32_t result, argument;
} alpa_image_alias;

/* Code in the target's own format: relocatable ELF objects for the host; for PTX one text, whose size counts the NUL
 * that ends it. */
typedef struct alpa_image_code {
  const void *data;
  size_t size;
} alpa_image_code;

typedef struct alpa_image {
  const char *target; /* "host:<cpu>:<features>...", "ptx:<sm>:<version>"; compared on loading */
  uint32_t n_devices;
  uint32_t n_arguments, n_results;
  const alpa_image_tensor *arguments, *results;
  /* Donation: the result takes over the argument's memory, in place. */
  uint32_t n_aliases;
  const alpa_image_alias *aliases;
  uint32_t n_buffers;
  const alpa_image_buffer *buffers;
  uint32_t n_kernels;
  const alpa_image_kernel *kernels;
  uint32_t n_collectives;
  const alpa_image_collective *collectives;
  uint32_t n_transfers;
  const alpa_image_transfer *transfers;
  /* What devices can read about themselves beside their number: n_numbers tables of n_devices. */
  uint32_t n_numbers;
  const uint32_t *numbers;
  alpa_instructions program;
  int64_t arena_bytes; /* temporaries of one device */
  const void *constants;
  size_t constants_bytes;
  uint32_t n_code;
  const alpa_image_code *code;
} alpa_image;

/* Checks everything a reader relies on: indices, sizes, overlap with arena and constants, group structure, nesting. */
alpa_status alpa_image_verify(const alpa_image *image, alpa_diag *diag);
/* The byte form, in `arena`; equal images give equal bytes. */
alpa_str alpa_image_write(alpa_arena *arena, const alpa_image *image);
/* Reads and verifies; data is copied.  `name` is used in messages. */
alpa_status alpa_image_read(alpa_arena *arena, alpa_diag *diag, const char *name, alpa_str bytes,
                            alpa_image **out_image);

/* Whether the kernels are PTX. */
bool alpa_image_is_ptx(const alpa_image *image);
/* The holders of a tensor on a mesh of that many devices, and whether `device` is one. */
uint32_t alpa_image_tensor_n_holders(const alpa_image_tensor *tensor, uint32_t n_devices);
bool alpa_image_tensor_is_on(const alpa_image_tensor *tensor, uint32_t device);
/* The tile of a holder: `rank` numbers. */
const uint32_t *alpa_image_tensor_tile(const alpa_image_tensor *tensor, uint32_t device);
/* The box that the holders have together. */
int64_t alpa_image_tensor_part_start(const alpa_image_tensor *tensor, uint32_t d);
int64_t alpa_image_tensor_part_dim(const alpa_image_tensor *tensor, uint32_t d);
bool alpa_image_tensor_is_same_part(const alpa_image_tensor *a, const alpa_image_tensor *b);
/* Whether these are parts of one tensor, and those that differ have as many elements as all of it. */
bool alpa_image_tensors_are_whole(const alpa_image_tensor *const *parts, uint32_t n);
/* Bytes of one device's piece, and of the whole tensor; -1 where they cannot be represented. */
int64_t alpa_image_tensor_local_bytes(const alpa_image_tensor *tensor);
int64_t alpa_image_tensor_global_bytes(const alpa_image_tensor *tensor);
/* Equal in type and global dimensions. */
bool alpa_image_tensor_is_alike(const alpa_image_tensor *a, const alpa_image_tensor *b);
/* Equal also in local dimensions, holders and tiles; names may differ. */
bool alpa_image_tensor_is_placed_as(const alpa_image_tensor *a, const alpa_image_tensor *b, uint32_t n_devices);

/* Bitwise reductions are for integers and booleans, maximum and minimum for all but complex numbers. */
bool alpa_reduction_is_defined(alpa_reduction reduction, alpa_dtype dtype);
const char *alpa_reduction_name(alpa_reduction reduction);
const char *alpa_collective_name(alpa_collective kind);
const char *alpa_swizzle_name(alpa_swizzle swizzle);

#endif
