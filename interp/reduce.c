/* reduce and map.  A region of one known op accumulates in the compute type (floats in double) and rounds once; any
 * other region combines neighbours pairwise, as a balanced tree in the order of the elements, all pairs of a level at
 * once. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/combine.h"
#include "interp/convert.h"
#include "interp/strided.h"

/* An operand as a matrix: `rows` places that are reduced, `lanes` that are kept. */
typedef struct layout {
  int64_t kept[ALPA_MAX_RANK], reduced[ALPA_MAX_RANK];
  uint32_t n_kept, n_reduced;
  int64_t rows, lanes;
} layout;

static layout layout_of(const alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  size_t n;
  const int64_t *dims = alpa_op_i64s(call->op, stablehlo_reduce_dimensions, &n);
  bool reduced[ALPA_MAX_RANK] = {false};
  for (size_t i = 0; i < n; i++)
    reduced[dims[i]] = true;
  layout l = {.rows = 1, .lanes = 1};
  for (uint32_t i = 0; i < in->rank; i++)
    if (reduced[i]) {
      l.reduced[l.n_reduced++] = i;
      l.rows *= in->dims[i];
    } else {
      l.kept[l.n_kept++] = i;
      l.lanes *= in->dims[i];
    }
  return l;
}

/* The operand packed as [rows][lanes], or as [lanes][rows]; itself where it is that already. */
static void *pack(alpa_call *call, const layout *l, const alpa_tensor *in, bool rows_first) {
  int64_t order[ALPA_MAX_RANK];
  uint32_t n = 0;
  for (uint32_t i = 0; rows_first && i < l->n_reduced; i++)
    order[n++] = l->reduced[i];
  for (uint32_t i = 0; i < l->n_kept; i++)
    order[n++] = l->kept[i];
  for (uint32_t i = 0; !rows_first && i < l->n_reduced; i++)
    order[n++] = l->reduced[i];
  bool in_order = true;
  for (uint32_t i = 0; i < n; i++)
    in_order &= order[i] == (int64_t)i;
  if (in_order)
    return in->data;
  size_t bytes = alpa_call_element_bytes(call, in->dtype);
  void *packed = alpa_call_scratch(call, (size_t)alpa_tensor_count(in) * bytes);
  alpa_copy_transposed(in, order, bytes, packed);
  return packed;
}

/* ---- one known op ----------------------------------------------------------------------------------------------- */

enum { BLOCK = 256 };

typedef struct accumulation {
  const alpa_call *call;
  const alpa_combiner *combiner;
  alpa_dtype dtype;
  const char *data;
  const void *init; /* compute type */
  size_t bytes;     /* of an element */
} accumulation;

static void load(const accumulation *a, int64_t at, size_t n, void *to) {
  alpa_elements_load(a->call->machine->arith, a->dtype, a->data + (size_t)at * a->bytes, n, to);
}

/* Many lanes: blocks of lanes, row after row of [rows][lanes]. */
static void accumulate_lanes(const accumulation *a, const layout *l, char *out) {
  for (int64_t first = 0; first < l->lanes; first += BLOCK) {
    _Alignas(16) char acc[BLOCK * ALPA_NUMBER_MAX_BYTES], x[BLOCK * ALPA_NUMBER_MAX_BYTES];
    size_t n = (size_t)(l->lanes - first < BLOCK ? l->lanes - first : BLOCK);
    alpa_fill(acc, a->init, alpa_number_bytes(a->combiner->kind), (int64_t)n);
    for (int64_t row = 0; row < l->rows; row++) {
      load(a, row * l->lanes + first, n, x);
      alpa_combine_lanes(a->combiner, acc, x, n);
    }
    alpa_elements_store(a->call->machine->arith, a->dtype, acc, n, out + (size_t)first * a->bytes);
  }
}

/* Few lanes: within one lane of [lanes][rows] a block of places accumulates side by side and is folded at the end. */
static void accumulate_rows(const accumulation *a, const layout *l, char *out) {
  size_t number = alpa_number_bytes(a->combiner->kind);
  for (int64_t lane = 0; lane < l->lanes; lane++) {
    _Alignas(16) char acc[BLOCK * ALPA_NUMBER_MAX_BYTES], x[BLOCK * ALPA_NUMBER_MAX_BYTES];
    size_t width = (size_t)(l->rows < BLOCK ? l->rows : BLOCK);
    load(a, lane * l->rows, width, acc);
    for (int64_t row = BLOCK; row < l->rows; row += BLOCK) {
      size_t n = (size_t)(l->rows - row < BLOCK ? l->rows - row : BLOCK);
      load(a, lane * l->rows + row, n, x);
      alpa_combine_lanes(a->combiner, acc, x, n);
    }
    for (; width > 1; width = (width + 1) / 2)
      alpa_combine_lanes(a->combiner, acc, acc + (width + 1) / 2 * number, width / 2);
    memcpy(x, a->init, number);
    if (l->rows)
      alpa_combine_lanes(a->combiner, x, acc, 1);
    alpa_elements_store(a->call->machine->arith, a->dtype, x, 1, out + (size_t)lane * a->bytes);
  }
}

enum { FEW_LANES = 32 };

static void accumulate(alpa_call *call, const layout *l, const alpa_combiner *combiner) {
  const alpa_tensor *in = alpa_call_in(call, 0), *init = alpa_call_in(call, 1);
  _Alignas(16) char start[ALPA_NUMBER_MAX_BYTES];
  alpa_elements_load(call->machine->arith, init->dtype, init->data, 1, start);
  bool trailing = l->n_reduced && l->reduced[0] == (int64_t)l->n_kept; /* already [lanes][rows] */
  bool by_rows = l->lanes < FEW_LANES || (trailing && l->rows >= FEW_LANES);
  accumulation a = {.call = call,
                    .combiner = combiner,
                    .dtype = in->dtype,
                    .data = pack(call, l, in, !by_rows),
                    .init = start,
                    .bytes = alpa_call_element_bytes(call, in->dtype)};
  char *out = alpa_call_out(call, 0)->data;
  if (by_rows)
    accumulate_rows(&a, l, out);
  else
    accumulate_lanes(&a, l, out);
}

/* ---- any region ------------------------------------------------------------------------------------------------- */

/* One operand while it is reduced: rows of lanes, of the region's type. */
typedef struct column {
  alpa_tensor values, left, right;
} column;

static void convert_rows(alpa_call *call, alpa_tensor *tensor, alpa_dtype dtype, int64_t n) {
  alpa_tensor converted = *tensor;
  converted.dtype = dtype;
  converted.data = alpa_call_scratch(call, (size_t)n * alpa_call_element_bytes(call, dtype) + 1);
  alpa_elements_convert(call->machine, tensor, (size_t)n, &converted);
  *tensor = converted;
}

static void prepare_column(alpa_call *call, const layout *l, uint32_t i, column *c) {
  alpa_dtype dtype = call->op->results[i].type->dtype;
  int64_t n = l->rows * l->lanes;
  c->values = *alpa_call_in(call, i);
  c->values.data = pack(call, l, alpa_call_in(call, i), true);
  convert_rows(call, &c->values, dtype, n); /* a copy in any case: it is overwritten */
  c->left = c->right = c->values;
  size_t half = (size_t)(n / 2 + 1) * alpa_call_element_bytes(call, dtype);
  c->left.data = alpa_call_scratch(call, half);
  c->right.data = alpa_call_scratch(call, half);
}

/* Even rows to the left, odd rows to the right. */
static void deal_rows(alpa_call *call, const column *c, int64_t pairs, int64_t lanes) {
  alpa_copy copy = {.rank = 2, .dims = {pairs, lanes}, .to = {lanes, 1}, .from = {2 * lanes, 1}};
  copy.bytes = alpa_call_element_bytes(call, c->values.dtype);
  alpa_copy_run(&copy, c->left.data, c->values.data);
  copy.from_first = lanes;
  alpa_copy_run(&copy, c->right.data, c->values.data);
}

/* Halves the rows: row i becomes region(row 2i, row 2i+1); an odd last row moves down. */
static alpa_status combine_rows(alpa_call *call, column *columns, int64_t *rows, int64_t lanes) {
  uint32_t n = call->op->n_results;
  int64_t pairs = *rows / 2;
  alpa_tensor *args = alpa_call_scratch(call, 3 * n * sizeof *args), *results = args + 2 * n;
  for (uint32_t i = 0; i < n; i++) {
    deal_rows(call, &columns[i], pairs, lanes);
    args[i] = columns[i].left;
    args[n + i] = columns[i].right;
    results[i] = columns[i].values;
  }
  size_t odd = (size_t)(*rows % 2);
  ALPA_TRY(alpa_call_apply(call, 0, args, pairs * lanes, results));
  for (uint32_t i = 0; odd && i < n; i++) {
    size_t line = (size_t)lanes * alpa_call_element_bytes(call, columns[i].values.dtype);
    memmove((char *)columns[i].values.data + (size_t)pairs * line,
            (char *)columns[i].values.data + (size_t)(*rows - 1) * line, line);
  }
  *rows = pairs + (int64_t)odd;
  return ALPA_OK;
}

/* region(init, total), or init alone where there is nothing to reduce. */
static alpa_status add_init(alpa_call *call, const column *columns, bool empty, int64_t lanes) {
  uint32_t n = call->op->n_results;
  alpa_tensor *args = alpa_call_scratch(call, 3 * n * sizeof *args), *results = args + 2 * n;
  for (uint32_t i = 0; i < n; i++) {
    alpa_tensor init = *alpa_call_in(call, n + i);
    alpa_dtype dtype = call->op->results[i].type->dtype;
    if (init.dtype != dtype)
      convert_rows(call, &init, dtype, 1);
    size_t bytes = alpa_call_element_bytes(call, dtype);
    args[i] = init;
    args[i].data = alpa_call_scratch(call, (size_t)lanes * bytes + 1);
    alpa_fill(args[i].data, init.data, bytes, lanes);
    args[n + i] = columns[i].values;
    results[i] = *alpa_call_out(call, i);
    if (empty)
      memcpy(results[i].data, args[i].data, (size_t)lanes * bytes);
  }
  return empty ? ALPA_OK : alpa_call_apply(call, 0, args, lanes, results);
}

static alpa_status reduce_by_region(alpa_call *call, const layout *l) {
  column *columns = alpa_call_scratch(call, call->op->n_results * sizeof *columns);
  for (uint32_t i = 0; i < call->op->n_results; i++)
    prepare_column(call, l, i, &columns[i]);
  for (int64_t rows = l->rows; rows > 1;)
    ALPA_TRY(combine_rows(call, columns, &rows, l->lanes));
  return add_init(call, columns, l->rows == 0, l->lanes);
}

alpa_status alpa_eval_reduce(alpa_call *call) {
  layout l = layout_of(call);
  const alpa_tensor *in = alpa_call_in(call, 0);
  if (call->op->n_results == 1 && alpa_call_out(call, 0)->dtype == in->dtype) {
    alpa_combiner combiner = alpa_combiner_of(call, 0, in->dtype);
    if (combiner.function) {
      accumulate(call, &l, &combiner);
      return ALPA_OK;
    }
  }
  return reduce_by_region(call, &l);
}

alpa_status alpa_eval_map(alpa_call *call) {
  alpa_tensor *args = alpa_call_scratch(call, call->op->n_operands * sizeof *args);
  for (uint32_t i = 0; i < call->op->n_operands; i++)
    args[i] = *alpa_call_in(call, i);
  const alpa_tensor *out = alpa_call_out(call, 0);
  return alpa_call_apply(call, 0, args, alpa_tensor_count(out), out);
}
