/* Combination of elements by a region.  Places that are hit several times are served in rounds: the k-th hit of every
 * place belongs to round k, so a round runs on many lanes and the order of hits of one place is kept. */
#include "interp/combine.h"

#include <string.h>

#include "dialects/stablehlo/stablehlo.h"

alpa_combiner alpa_combiner_of(const alpa_call *call, uint32_t region, alpa_dtype dtype) {
  static const bool qualifies[STABLEHLO_OP_COUNT] = {
      [STABLEHLO_add] = true, [STABLEHLO_multiply] = true, [STABLEHLO_maximum] = true, [STABLEHLO_minimum] = true,
      [STABLEHLO_and] = true, [STABLEHLO_or] = true,       [STABLEHLO_xor] = true,
  };
  const alpa_op *op = alpa_region_single_op(&call->op->regions[region]);
  bool known = op && op->def->dialect == &alpa_stablehlo_dialect && qualifies[op->def->id];
  if (!known || alpa_op_type(op)->dtype != dtype || alpa_op_operand_type(op, 0)->dtype != dtype)
    return (alpa_combiner){0};
  alpa_combiner combiner = {.kind = alpa_number_kind_of(call->machine->arith, dtype),
                            .scalar = alpa_scalar_of(call->machine, op, dtype)};
  combiner.function = alpa_scalar_find(op->def, combiner.kind);
  return combiner;
}

enum { BLOCK = 256 };

void alpa_combine_lanes(const alpa_combiner *combiner, void *acc, const void *x, size_t n) {
  size_t bytes = alpa_number_bytes(combiner->kind);
  for (size_t first = 0; first < n; first += BLOCK) {
    _Alignas(16) char results[BLOCK * ALPA_NUMBER_MAX_BYTES];
    size_t count = n - first < BLOCK ? n - first : BLOCK;
    char *at = (char *)acc + first * bytes;
    const void *const in[3] = {at, (const char *)x + first * bytes, at};
    combiner->function(&combiner->scalar, count, in, results);
    memcpy(at, results, count * bytes);
  }
}

/* ---- combination at places -------------------------------------------------------------------------------------- */

static char *element(const alpa_call *call, const alpa_tensor *tensor, int64_t i) {
  return (char *)tensor->data + (size_t)i * alpa_call_element_bytes(call, tensor->dtype);
}

/* A region of one op: element by element. */
static void combine_each(alpa_call *call, const alpa_combiner *combiner, const alpa_hits *hits) {
  alpa_arith arith = call->machine->arith;
  const alpa_tensor *target = &hits->targets[0], *update = &hits->updates[0];
  for (int64_t i = 0; i < hits->lanes; i++) {
    _Alignas(16) char acc[ALPA_NUMBER_MAX_BYTES], x[ALPA_NUMBER_MAX_BYTES];
    if (hits->at[i] < 0)
      continue;
    alpa_elements_load(arith, target->dtype, element(call, target, hits->at[i]), 1, acc);
    alpa_elements_load(arith, update->dtype, element(call, update, i), 1, x);
    alpa_combine_lanes(combiner, acc, x, 1);
    alpa_elements_store(arith, target->dtype, acc, 1, element(call, target, hits->at[i]));
  }
}

/* The lanes sorted by round; *out_ends[r] is the end of round r. */
typedef struct rounds {
  int64_t *lanes, *ends;
  int64_t n;
} rounds;

static rounds find_rounds(alpa_call *call, const int64_t *at, int64_t lanes, int64_t places) {
  uint32_t *hits = alpa_call_scratch(call, (size_t)(places + 1) * sizeof *hits);
  uint32_t *round_of = alpa_call_scratch(call, (size_t)(lanes + 1) * sizeof *round_of);
  memset(hits, 0, (size_t)(places + 1) * sizeof *hits);
  rounds r = {0};
  for (int64_t i = 0; i < lanes; i++) {
    round_of[i] = at[i] < 0 ? 0 : hits[at[i]]++;
    if (at[i] >= 0 && round_of[i] >= r.n)
      r.n = round_of[i] + 1;
  }
  r.lanes = alpa_call_scratch(call, (size_t)(lanes + 1) * sizeof *r.lanes);
  r.ends = alpa_call_scratch(call, (size_t)(r.n + 1) * sizeof *r.ends);
  memset(r.ends, 0, (size_t)(r.n + 1) * sizeof *r.ends);
  for (int64_t i = 0; i < lanes; i++)
    if (at[i] >= 0)
      r.ends[round_of[i] + 1]++;
  for (int64_t k = 0; k < r.n; k++)
    r.ends[k + 1] += r.ends[k];
  for (int64_t i = 0; i < lanes; i++)
    if (at[i] >= 0)
      r.lanes[r.ends[round_of[i]]++] = i; /* afterwards ends[k] is the end of round k */
  return r;
}

/* A new tensor of the elements of `from` at the given places. */
static alpa_tensor gather(alpa_call *call, const alpa_tensor *from, const int64_t *places, int64_t n) {
  alpa_tensor to = *from;
  size_t bytes = alpa_call_element_bytes(call, from->dtype);
  to.data = alpa_call_scratch(call, (size_t)n * bytes);
  for (int64_t i = 0; i < n; i++)
    memcpy(element(call, &to, i), element(call, from, places[i]), bytes);
  return to;
}

static alpa_status run_round(alpa_call *call, uint32_t region, const alpa_hits *hits, const int64_t *lanes, int64_t n) {
  uint32_t n_tensors = call->op->n_results;
  alpa_tensor *args = alpa_call_scratch(call, 3 * n_tensors * sizeof *args), *results = args + 2 * n_tensors;
  int64_t *places = alpa_call_scratch(call, (size_t)n * sizeof *places);
  for (int64_t i = 0; i < n; i++)
    places[i] = hits->at[lanes[i]];
  for (uint32_t k = 0; k < n_tensors; k++) {
    args[k] = gather(call, &hits->targets[k], places, n);
    args[n_tensors + k] = gather(call, &hits->updates[k], lanes, n);
    results[k] = hits->targets[k];
    results[k].data = alpa_call_scratch(call, (size_t)n * alpa_call_element_bytes(call, results[k].dtype));
  }
  ALPA_TRY(alpa_call_apply(call, region, args, n, results));
  for (uint32_t k = 0; k < n_tensors; k++)
    for (int64_t i = 0; i < n; i++)
      memcpy(element(call, &hits->targets[k], places[i]), element(call, &results[k], i),
             alpa_call_element_bytes(call, results[k].dtype));
  return ALPA_OK;
}

alpa_status alpa_combine_at(alpa_call *call, uint32_t region, const alpa_hits *hits) {
  alpa_dtype dtype = hits->targets[0].dtype;
  if (call->op->n_results == 1 && hits->updates[0].dtype == dtype) {
    alpa_combiner combiner = alpa_combiner_of(call, region, dtype);
    if (combiner.function) {
      combine_each(call, &combiner, hits);
      return ALPA_OK;
    }
  }
  rounds r = find_rounds(call, hits->at, hits->lanes, alpa_tensor_count(&hits->targets[0]));
  alpa_buffer *mark = call->scratch;
  for (int64_t k = 0; k < r.n; k++) {
    int64_t first = k ? r.ends[k - 1] : 0;
    ALPA_TRY(run_round(call, region, hits, r.lanes + first, r.ends[k] - first));
    alpa_call_release(call, mark);
  }
  return ALPA_OK;
}
