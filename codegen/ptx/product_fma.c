/* Products by multiply-adds of the threads, for every type of 32 or 64 bits: exact in f32, unlike tensor cores.
 *
 * A thread has 4 or 8 rows and as many columns of the tile, in groups of 4 that are half a tile apart, so that all its
 * accesses to shared memory are 16 bytes wide and without conflicts of banks.  While a step of k is multiplied from
 * one of two buffers, the next one is on its way from memory to registers; one barrier a step is enough. */
#include "codegen/ptx/product.h"

typedef LLVMValueRef V;

enum { GROUP = 4, MOST_EACH = 8, MOST_VECTORS = 16 };

/* Tiles, largest first: the first that gives every multiprocessor a block is taken. */
static const struct {
  uint32_t size, depth, each, threads; /* each: rows and columns of a thread */
} shapes[] = {{128, 8, 8, 256}, {64, 16, 4, 256}, {32, 16, 4, 64}};

typedef struct side {
  const alpa_ptx_matrix *matrix;
  uint32_t extent, vector, n_vectors; /* of the tile; accesses of a thread */
  V first;                            /* of the rows, i64 */
  int64_t byte;                       /* in shared memory, of the first buffer */
} side;

typedef struct product {
  const alpa_ptx_place *at;
  alpa_lower *lower;
  side sides[2];
  uint32_t each;
  int64_t buffer_bytes;
  LLVMTypeRef type; /* of sums */
  uint32_t element_bytes;
} product;

static uint32_t shape_of(const alpa_lower *lower, const alpa_ptx_product *p) {
  bool wide = alpa_dtype_get_info(p->accumulator)->bytes > 4;
  for (uint32_t i = wide; i + 1 < countof(shapes); i++) {
    int64_t size = shapes[i].size, tiles = ((p->m + size - 1) / size) * ((p->n + size - 1) / size) * p->b;
    if (tiles >= lower->target->n_cores && 2 * p->m > size && 2 * p->n > size)
      return i;
  }
  return countof(shapes) - 1;
}

static uint32_t row_elements(uint32_t extent) { return extent + GROUP; }

void alpa_ptx_product_fma_schedule(alpa_lower *lower, const alpa_ptx_product *p, alpa_ptx_tile *out_tile,
                                   int64_t *out_shared_bytes) {
  uint32_t shape = shape_of(lower, p), size = shapes[shape].size;
  *out_tile = (alpa_ptx_tile){.rows = size,
                              .columns = size,
                              .depth = shapes[shape].depth,
                              .threads = shapes[shape].threads,
                              .n_rows = (p->m + size - 1) / size,
                              .n_columns = (p->n + size - 1) / size};
  uint32_t element = alpa_dtype_get_info(p->accumulator)->bytes;
  int64_t buffers = (int64_t)4 * shapes[shape].depth * row_elements(size) * element;
  int64_t result = alpa_ptx_result_bytes(p, size, size);
  *out_shared_bytes = buffers > result ? buffers : result;
}

/* ---- from memory to registers ---- */

/* Row and k, in the tile, of access `v` of the thread (i32). */
static void find_access(const product *p, const side *s, uint32_t v, V *out_row, V *out_k) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  bool along_k = s->matrix->major == ALPA_PTX_K_MAJOR;
  uint32_t pieces = (along_k ? p->at->tile->depth : s->extent) / s->vector;
  V number = LLVMBuildAdd(b, p->at->thread, alpa_ptx_i32(l, (int64_t)v * p->at->tile->threads), "");
  V outer = LLVMBuildUDiv(b, number, alpa_ptx_i32(l, pieces), "");
  V inner = LLVMBuildURem(b, number, alpa_ptx_i32(l, pieces), "");
  inner = LLVMBuildMul(b, inner, alpa_ptx_i32(l, s->vector), "");
  *out_row = along_k ? outer : inner;
  *out_k = along_k ? inner : outer;
}

/* `vector` elements in the type of sums; zero outside of k and where they do not exist. */
static V load_vector(const product *p, const side *s, V row, V k) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  const alpa_ptx_product *whole = p->at->product;
  alpa_ptx_access access = {s->matrix, s->vector, s->extent};
  V at = LLVMBuildAdd(b, s->first, LLVMBuildZExt(b, row, l->type.i64, ""), ""), exists;
  V address = alpa_ptx_access_find(l, p->at, &access, at, k, &exists);
  uint32_t bytes = s->vector * alpa_dtype_get_info(s->matrix->dtype)->bytes;
  V value = alpa_lower_load_aligned(l, address, s->matrix->dtype, s->vector, bytes);
  value = alpa_element_convert(l, s->matrix->dtype, whole->accumulator, (alpa_element){value, NULL}).re;
  return LLVMBuildSelect(b, exists, value, LLVMConstNull(LLVMTypeOf(value)), "");
}

static void load_step(const product *p, V step, V *values) {
  alpa_lower *l = p->lower;
  for (uint32_t s = 0; s < 2; s++)
    for (uint32_t v = 0; v < p->sides[s].n_vectors; v++) {
      V row, k;
      find_access(p, &p->sides[s], v, &row, &k);
      k = LLVMBuildAdd(l->builder, step, LLVMBuildZExt(l->builder, k, l->type.i64, ""), "");
      *values++ = load_vector(p, &p->sides[s], row, k);
    }
}

/* ---- in shared memory: [k][row] ---- */

static V shared_at(const product *p, const side *s, V buffer, V k, V row) {
  LLVMBuilderRef b = p->lower->builder;
  V index = LLVMBuildAdd(b, LLVMBuildMul(b, k, alpa_ptx_i32(p->lower, row_elements(s->extent)), ""), row, "");
  index = LLVMBuildAdd(b, index, buffer, "");
  return alpa_ptx_shared(p->lower, p->type, s->byte, index);
}

static void share_vector(const product *p, const side *s, V buffer, uint32_t v, V value) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  V row, k;
  find_access(p, s, v, &row, &k);
  if (s->matrix->major == ALPA_PTX_ROW_MAJOR || s->vector == 1) {
    V store = LLVMBuildStore(b, value, shared_at(p, s, buffer, k, row));
    uint32_t bytes = s->vector * p->element_bytes;
    LLVMSetAlignment(store, bytes > 16 ? 16 : bytes);
    return;
  }
  for (uint32_t i = 0; i < s->vector; i++) {
    V element = LLVMBuildExtractElement(b, value, alpa_ptx_i32(l, i), "");
    LLVMBuildStore(b, element, shared_at(p, s, buffer, LLVMBuildAdd(b, k, alpa_ptx_i32(l, i), ""), row));
  }
}

static void share_step(const product *p, V buffer, V *values) {
  for (uint32_t s = 0; s < 2; s++)
    for (uint32_t v = 0; v < p->sides[s].n_vectors; v++)
      share_vector(p, &p->sides[s], buffer, v, *values++);
}

/* ---- sums ---- */

/* First of group g of the thread's rows or columns. */
static V group_start(const product *p, const side *s, uint32_t g) {
  alpa_lower *l = p->lower;
  uint32_t across = s->extent / p->each, groups = p->each / GROUP;
  V number = s == &p->sides[0] ? LLVMBuildUDiv(l->builder, p->at->thread, alpa_ptx_i32(l, across), "")
                               : LLVMBuildURem(l->builder, p->at->thread, alpa_ptx_i32(l, across), "");
  V start = LLVMBuildMul(l->builder, number, alpa_ptx_i32(l, GROUP), "");
  return LLVMBuildAdd(l->builder, start, alpa_ptx_i32(l, (int64_t)g * (s->extent / groups)), "");
}

static void load_fragment(const product *p, const side *s, V buffer, uint32_t k, V *out) {
  alpa_lower *l = p->lower;
  for (uint32_t g = 0; g < p->each / GROUP; g++) {
    V address = shared_at(p, s, buffer, alpa_ptx_i32(l, k), group_start(p, s, g));
    V load = LLVMBuildLoad2(l->builder, LLVMVectorType(p->type, GROUP), address, "");
    LLVMSetAlignment(load, 16);
    for (uint32_t i = 0; i < GROUP; i++)
      *out++ = LLVMBuildExtractElement(l->builder, load, alpa_ptx_i32(l, i), "");
  }
}

static void multiply_step(const product *p, V buffer, V *sums) {
  for (uint32_t k = 0; k < p->at->tile->depth; k++) {
    V rows[MOST_EACH], columns[MOST_EACH];
    load_fragment(p, &p->sides[0], buffer, k, rows);
    load_fragment(p, &p->sides[1], buffer, k, columns);
    for (uint32_t i = 0; i < p->each; i++)
      for (uint32_t j = 0; j < p->each; j++) {
        V *sum = &sums[i * p->each + j];
        *sum = alpa_lower_multiply_add(p->lower, p->at->product->accumulator, rows[i], columns[j], *sum);
      }
  }
}

/* The steps of k: registers to shared memory, barrier, the next loads, then the sums. */
static void sum_all(const product *p, V *sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  uint32_t n_values = p->sides[0].n_vectors + p->sides[1].n_vectors, n_sums = p->each * p->each;
  int64_t depth = p->at->tile->depth;
  V values[2 * MOST_VECTORS], next[2 * MOST_VECTORS];
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = LLVMConstNull(p->type);
  if (!p->at->product->k)
    return;
  load_step(p, p->at->k, values);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, p->at->k, p->at->k_end, depth);
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = alpa_loop_carry(l, &loop, sums[i]);
  for (uint32_t i = 0; i < n_values; i++)
    values[i] = alpa_loop_carry(l, &loop, values[i]);
  V buffer = alpa_loop_carry(l, &loop, alpa_ptx_i32(l, 0));
  alpa_expr_push(l);
  share_step(p, buffer, values);
  alpa_ptx_barrier(l);
  load_step(p, LLVMBuildAdd(b, loop.index, alpa_lower_i64(l, depth), ""), next);
  alpa_ptx_keep_loads(l);
  multiply_step(p, buffer, sums);
  alpa_expr_pop(l);
  for (uint32_t i = 0; i < n_sums; i++)
    alpa_loop_next(&loop, sums[i]);
  for (uint32_t i = 0; i < n_values; i++)
    alpa_loop_next(&loop, next[i]);
  V other = alpa_ptx_i32(l, p->buffer_bytes / p->element_bytes);
  alpa_loop_next(&loop, LLVMBuildSub(b, other, buffer, ""));
  alpa_loop_end(l, &loop);
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = alpa_loop_result(&loop, i);
}

/* ---- the kernel ---- */

static side side_of(const alpa_ptx_matrix *matrix, const alpa_ptx_tile *tile, uint32_t extent, V first) {
  side s = {
      .matrix = matrix, .extent = extent, .first = first, .vector = matrix->vector < GROUP ? matrix->vector : GROUP};
  uint32_t elements = extent * tile->depth;
  while (elements % (s.vector * tile->threads)) /* every thread has the same number of accesses */
    s.vector /= 2;
  s.n_vectors = elements / (s.vector * tile->threads);
  return s;
}

static void write_result(const product *p, const alpa_ptx_result *result, V *const sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  for (uint32_t i = 0; i < p->each; i++)
    for (uint32_t g = 0; g < p->each / GROUP; g++) {
      V row = LLVMBuildAdd(b, group_start(p, &p->sides[0], i / GROUP), alpa_ptx_i32(l, i % GROUP), "");
      V value = LLVMGetPoison(LLVMVectorType(p->type, GROUP));
      for (uint32_t j = 0; j < GROUP; j++)
        value = LLVMBuildInsertElement(b, value, sums[i * p->each + g * GROUP + j], alpa_ptx_i32(l, j), "");
      V address = alpa_ptx_result_address(l, p->at, result, row, group_start(p, &p->sides[1], g));
      LLVMSetAlignment(LLVMBuildStore(b, value, address), 16);
    }
}

void alpa_ptx_product_fma_emit(alpa_lower *lower, const alpa_ptx_product *whole, const alpa_ptx_tile *tile) {
  alpa_ptx_place at = alpa_ptx_place_find(lower, whole, tile, lower->task);
  alpa_ptx_result result = alpa_ptx_result_of(tile);
  product p = {.at = &at,
               .lower = lower,
               .each = shapes[shape_of(lower, whole)].each,
               .type = alpa_lower_compute_type(lower, whole->accumulator),
               .element_bytes = alpa_dtype_get_info(whole->accumulator)->bytes};
  p.sides[0] = side_of(&whole->lhs, tile, tile->rows, at.row);
  p.sides[1] = side_of(&whole->rhs, tile, tile->columns, at.column);
  p.buffer_bytes = (int64_t)tile->depth * row_elements(tile->rows) * p.element_bytes;
  p.sides[1].byte = 2 * p.buffer_bytes;
  V sums[MOST_EACH * MOST_EACH];
  sum_all(&p, sums);
  alpa_ptx_barrier(lower); /* the buffers have been read: the result may go there */
  write_result(&p, &result, sums);
  alpa_ptx_barrier(lower);
  alpa_ptx_result_store(lower, &at, &result);
}
