/* Products of matrices on a GPU:
 *
 *   out[b, m, n] = store(sum over k of lhs[b, m, k] * rhs[b, n, k])
 *
 * Both operands are matrices of rows and k, whose elements lie wherever `locate` says: contractions with any strides,
 * and convolutions, whose windows are not stored anywhere (implicit GEMM).  A block of threads computes a tile of the
 * result, or, where there are few tiles and much to sum, a part of its sums, which a second phase adds up.  Tiles of
 * the operands come through shared memory, and so does the finished tile, so that whoever stores it does so along n.
 * Sums are in the same order on every run. */
#ifndef ALPA_CODEGEN_PTX_PRODUCT_H
#define ALPA_CODEGEN_PTX_PRODUCT_H

#include "codegen/lower/expr.h"
#include "codegen/ptx/kernel.h"

typedef struct alpa_ptx_product alpa_ptx_product;

/* Elements that lie side by side: along k, or along the rows. */
typedef enum alpa_ptx_major { ALPA_PTX_K_MAJOR, ALPA_PTX_ROW_MAJOR } alpa_ptx_major;

typedef struct alpa_ptx_matrix alpa_ptx_matrix;
struct alpa_ptx_matrix {
  alpa_dtype dtype;
  uint32_t operand; /* number in the operand array */
  int64_t rows;     /* m or n */
  alpa_ptx_major major;
  /* So many elements from a multiple of it on, along the major dimension, are one access: a power of two, at most 16
   * bytes. */
  uint32_t vector;
  /* As the tensor memory accelerator sees it, box and swizzle apart: the major dimension, the other one, then those of
   * b from the last to the first; rank 0 where it cannot. */
  alpa_image_tensor_map map;
  /* Offset in elements of (b, row, k), all i64, and whether the element exists: NULL where it always does. */
  void (*locate)(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_matrix *matrix, LLVMValueRef b,
                 LLVMValueRef row, LLVMValueRef k, LLVMValueRef *out_offset, LLVMValueRef *out_exists);
};

struct alpa_ptx_product {
  int64_t b, m, n, k; /* extents */
  alpa_ptx_matrix lhs, rhs;
  alpa_dtype accumulator;
  bool tf32;      /* f32 operands may be rounded to tf32 */
  uint32_t lanes; /* elements side by side along n that are stored together: 4, 2 or 1 */
  /* Stores `lanes` finished sums from (b, m, n) on; n is a multiple of `lanes`. */
  void (*store)(alpa_lower *lower, const alpa_ptx_product *product, LLVMValueRef b, LLVMValueRef m, LLVMValueRef n,
                LLVMValueRef value);
  const void *user; /* what locate and store know */
};

/* The tile of one block.  rows and columns divide by what the kind of kernel asks for. */
typedef struct alpa_ptx_tile {
  uint32_t rows, columns, depth, threads;
  uint32_t n_parts;          /* of k, each for a block of its own; set by alpa_ptx_product_schedule */
  bool is_persistent;        /* no more blocks than multiprocessors, which take tiles in turn; else a block is a tile */
  int64_t n_rows, n_columns; /* of tiles */
  uint32_t n_maps;
  alpa_image_tensor_map maps[ALPA_MAX_MAPS];
} alpa_ptx_tile;

/* Sets phases, tasks, launch and scratch. */
void alpa_ptx_product_schedule(alpa_lower *lower, const alpa_ptx_product *product);
void alpa_ptx_product_emit(alpa_lower *lower, const alpa_ptx_product *product, uint32_t phase);

/* ---- shared by the kinds of kernel: codegen/ptx/product_*.c ---- */

/* Where a block works. */
typedef struct alpa_ptx_place {
  const alpa_ptx_product *product;
  const alpa_ptx_tile *tile;
  LLVMValueRef b, row, column; /* i64: the first of the tile */
  LLVMValueRef part;           /* i64 */
  LLVMValueRef k, k_end;       /* i64: what this block sums; k is a multiple of the depth */
  LLVMValueRef thread;         /* i32 */
} alpa_ptx_place;

/* The place of a tile, i64, among the b * n_rows * n_columns tiles. */
alpa_ptx_place alpa_ptx_place_find(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_tile *tile,
                                   LLVMValueRef number);

/* An access of several elements of an operand, of whose rows a tile has `extent`. */
typedef struct alpa_ptx_access {
  const alpa_ptx_matrix *matrix;
  uint32_t vector, extent;
} alpa_ptx_access;
/* The address of row and k (i64), and whether they exist; where they do not, some other place of the operand.  Rows
 * behind the last one are those of the last one, since nobody stores their sums. */
LLVMValueRef alpa_ptx_access_find(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_access *access,
                                  LLVMValueRef row, LLVMValueRef k, LLVMValueRef *out_exists);

/* A finished part of the tile in shared memory, from byte `byte` on; rows are ALPA_PTX_ROW_PAD elements longer than it
 * has columns.  The first `threads` threads of the block store it. */
enum { ALPA_PTX_ROW_PAD = 4 };
typedef struct alpa_ptx_result {
  int64_t byte;
  uint32_t rows, columns, first_column, threads;
} alpa_ptx_result;
int64_t alpa_ptx_result_bytes(const alpa_ptx_product *product, uint32_t rows, uint32_t columns);
/* The whole tile, at the beginning of shared memory. */
alpa_ptx_result alpa_ptx_result_of(const alpa_ptx_tile *tile);
/* Where an element stands; row and column of the part are i32. */
LLVMValueRef alpa_ptx_result_address(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_result *result,
                                     LLVMValueRef row, LLVMValueRef column);
/* Stores what those threads have written and waited for. */
void alpa_ptx_result_store(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_result *result);

/* Multiply-adds of every type of at least 32 bits. */
void alpa_ptx_product_fma_schedule(alpa_lower *lower, const alpa_ptx_product *product, alpa_ptx_tile *out_tile,
                                   int64_t *out_shared_bytes);
void alpa_ptx_product_fma_emit(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_tile *tile);

/* Tensor cores of compute capability 8.0: bf16, f16 and tf32, in 16-byte accesses. */
bool alpa_ptx_product_mma_fits(const alpa_lower *lower, const alpa_ptx_product *product);
void alpa_ptx_product_mma_schedule(alpa_lower *lower, const alpa_ptx_product *product, alpa_ptx_tile *out_tile,
                                   int64_t *out_shared_bytes);
void alpa_ptx_product_mma_emit(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_tile *tile);

/* Tensor cores of compute capability 9.0, for the same types, where there are tensor maps and work enough. */
bool alpa_ptx_product_wgmma_fits(const alpa_lower *lower, const alpa_ptx_product *product);
void alpa_ptx_product_wgmma_schedule(alpa_lower *lower, const alpa_ptx_product *product, alpa_ptx_tile *out_tile,
                                     int64_t *out_shared_bytes);
void alpa_ptx_product_wgmma_emit(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_tile *tile);

#endif
