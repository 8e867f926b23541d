/* Canonicalisation: greedy rewriting from a worklist.
 *
 * Every op is looked at once in program order (operands before users) and again whenever an operand is replaced, so an
 * op costs time in proportion to its own changes and a module time in proportion to its size.  Looking at an op means:
 * erase it if it is dead; move the constant operand of a commutative op to the right; evaluate it if all operands are
 * small constants (interp/ knows what may be); else run the hook of its fold column.  Ops with attributes of the sdy or
 * alpa dialects are hints or decisions about that op, and are not folded away. */
#include "passes/canonicalize.h"

#include <string.h>

#include "dialects/ir/builder.h"
#include "dialects/ir/walk.h"
#include "interp/interp.h"
#include "passes/pass.h"
#include "support/number.h"

typedef struct canonicalize_options {
  int64_t max_iterations;
  int64_t max_constant;
  bool top_down;
} canonicalize_options;

enum { FOLDED, EVALUATED, ERASED };

struct alpa_rewriter {
  alpa_context *ctx;
  const canonicalize_options *options;
  alpa_pass_context *pass;
  ALPA_VEC(alpa_op *) work; /* a stack; NULL where the op was erased or moved up */
  alpa_map places;          /* op -> 1 + its place in the stack, or 0 */
  bool changed;
};

/* ---- the worklist ---- */

static void push(alpa_rewriter *rewriter, alpa_op *op) {
  uint64_t *place = alpa_map_insert(rewriter->pass->arena, &rewriter->places, (uintptr_t)op, NULL);
  if (*place)
    return;
  *place = rewriter->work.n + 1;
  alpa_vec_push(rewriter->pass->arena, &rewriter->work, op);
}

static alpa_op *pop(alpa_rewriter *rewriter) {
  while (rewriter->work.n) {
    alpa_op *op = rewriter->work.items[--rewriter->work.n];
    if (op) {
      *alpa_map_find(&rewriter->places, (uintptr_t)op) = 0;
      return op;
    }
  }
  return NULL;
}

static void forget(alpa_rewriter *rewriter, alpa_op *op) {
  uint64_t *place = alpa_map_find(&rewriter->places, (uintptr_t)op);
  if (place && *place) {
    rewriter->work.items[*place - 1] = NULL;
    *place = 0;
  }
}

static alpa_status forget_visited(void *rewriter, alpa_op *op) {
  forget(rewriter, op);
  return ALPA_OK;
}

static void push_users(alpa_rewriter *rewriter, const alpa_value *value) {
  for (const alpa_use *use = value->uses; use; use = use->next)
    push(rewriter, use->owner);
}

/* Erases an op, after which what only it used is looked at again. */
static void erase(alpa_rewriter *rewriter, alpa_op *op) {
  alpa_value **operands = alpa_arena_new(rewriter->pass->arena, alpa_value *, op->n_operands);
  uint32_t n_operands = op->n_operands;
  for (uint32_t i = 0; i < n_operands; i++)
    operands[i] = op->operands[i].value;
  if (op->n_regions)
    (void)alpa_op_walk(op, forget_visited, rewriter);
  else
    forget(rewriter, op);
  alpa_op_erase(op);
  for (uint32_t i = 0; i < n_operands; i++)
    if (operands[i]->op && !operands[i]->uses)
      push(rewriter, operands[i]->op);
  rewriter->changed = true;
}

/* ---- what hooks do ---- */

alpa_arena *alpa_rewriter_arena(alpa_rewriter *rewriter) { return rewriter->pass->arena; }

alpa_value *alpa_rewriter_build(alpa_rewriter *rewriter, alpa_op *at, const alpa_op_state *state) {
  alpa_builder builder = alpa_builder_before(at);
  alpa_op *op = alpa_build(&builder, state);
  push(rewriter, op);
  return &op->results[0];
}

alpa_value *alpa_rewriter_build_constant(alpa_rewriter *rewriter, alpa_op *at, const alpa_attr *value) {
  const alpa_attr *attrs[stablehlo_constant_attr_count] = {[stablehlo_constant_value] = value};
  return alpa_rewriter_build(
      rewriter, at,
      &(alpa_op_state){
          .def = &alpa_stablehlo_ops[STABLEHLO_constant], .attrs = attrs, .results = &value->type, .n_results = 1});
}

void alpa_rewriter_replace_uses(alpa_rewriter *rewriter, alpa_value *value, alpa_value *by) {
  push_users(rewriter, value);
  if (!by->name && by->op)
    by->name = value->name;
  alpa_value_replace(value, by);
  rewriter->changed = true;
}

bool alpa_rewriter_replace(alpa_rewriter *rewriter, alpa_op *op, alpa_value *const *values) {
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_rewriter_replace_uses(rewriter, &op->results[i], values[i]);
  erase(rewriter, op);
  return true;
}

bool alpa_rewriter_replace_one(alpa_rewriter *rewriter, alpa_op *op, alpa_value *value) {
  return value->type == alpa_op_type(op) && alpa_rewriter_replace(rewriter, op, &value);
}

bool alpa_rewriter_replace_constant(alpa_rewriter *rewriter, alpa_op *op, const alpa_attr *value) {
  return alpa_rewriter_replace_one(rewriter, op, alpa_rewriter_build_constant(rewriter, op, value));
}

bool alpa_rewriter_replace_op(alpa_rewriter *rewriter, alpa_op *op, const alpa_op_state *state) {
  return alpa_rewriter_replace_one(rewriter, op, alpa_rewriter_build(rewriter, op, state));
}

bool alpa_rewriter_revisit(alpa_rewriter *rewriter, alpa_op *op) {
  push(rewriter, op);
  for (uint32_t i = 0; i < op->n_results; i++)
    push_users(rewriter, &op->results[i]);
  rewriter->changed = true;
  return true;
}

void alpa_rewriter_inline_block(alpa_rewriter *rewriter, alpa_block *block, alpa_op *at) {
  for (alpa_op *op = block->first, *next; op != block->last; op = next) {
    next = op->next;
    alpa_op_remove(op);
    alpa_op_insert(op, at->block, at);
    push(rewriter, op);
  }
}

/* ---- questions about values ---- */

const alpa_attr *alpa_value_find_splat(const alpa_value *value) {
  const alpa_attr *attr = alpa_value_find_constant(value);
  if (!attr || attr->kind != ALPA_ATTR_ELEMENTS || attr->elements.n == 0 || !alpa_type_is_static_tensor(attr->type))
    return NULL;
  return attr->elements.splat || attr->elements.n == 1 ? attr : NULL;
}

bool alpa_value_is_number(const alpa_value *value, double number) {
  const alpa_attr *attr = alpa_value_find_splat(value);
  if (!attr)
    return false;
  alpa_dtype dtype = attr->type->dtype;
  const void *at = alpa_attr_element(attr, 0);
  switch (alpa_type_class(attr->type)) {
  case ALPA_CLASS_BOOL:
  case ALPA_CLASS_INT:
  case ALPA_CLASS_UINT:
    return (double)alpa_integer_load(dtype, at) == number;
  case ALPA_CLASS_FLOAT:
    return alpa_float_decode(dtype, alpa_element_load(dtype, at)) == number;
  case ALPA_CLASS_COMPLEX:
    return false;
  }
  return false;
}

bool alpa_value_find_integer(const alpa_value *value, int64_t *out_number) {
  const alpa_attr *attr = alpa_value_find_splat(value);
  if (!attr || alpa_type_class(attr->type) > ALPA_CLASS_UINT)
    return false;
  *out_number = alpa_integer_load(attr->type->dtype, alpa_attr_element(attr, 0));
  return true;
}

bool alpa_type_counts_to(const alpa_type *type, int64_t n) {
  const alpa_dtype_info *info = alpa_dtype_get_info(type->dtype);
  uint32_t bits = info->bits - (info->class_ == ALPA_CLASS_INT);
  bool whole = info->class_ == ALPA_CLASS_INT || info->class_ == ALPA_CLASS_UINT;
  return whole && (bits >= 63 || n <= INT64_C(1) << bits);
}

const alpa_attr *alpa_constant_respread(alpa_context *ctx, const alpa_type *type, const alpa_attr *splat) {
  return alpa_attr_get_elements(ctx, type, alpa_attr_element(splat, 0), true);
}

const alpa_attr *alpa_constant_of(alpa_context *ctx, const alpa_type *type, int64_t number) {
  uint64_t element[2] = {0};
  if (alpa_type_class(type) == ALPA_CLASS_FLOAT)
    alpa_element_store(type->dtype, element, alpa_float_encode(type->dtype, (double)number));
  else
    alpa_integer_store(type->dtype, element, number);
  return alpa_attr_get_elements(ctx, type, element, true);
}

/* ---- one op ---- */

#define alpa_fold_none NULL
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, ...)                         \
  [STABLEHLO_##id] = alpa_fold_##fold,
static alpa_fold_fn *const stablehlo_folds[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};
#undef alpa_fold_none

static alpa_fold_fn *find_hook(const alpa_op *op) {
  return op->def->dialect == &alpa_stablehlo_dialect ? stablehlo_folds[op->def->id] : NULL;
}

static bool is_dead(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (op->results[i].uses)
      return false;
  return !alpa_op_has(op, ALPA_TERMINATOR) && alpa_op_is_pure(op);
}

/* Hints and decisions stand on the op that they are about. */
static bool is_annotated(const alpa_op *op) {
  for (size_t i = 0; op->extra && i < op->extra->dict.n; i++) {
    const char *name = op->extra->dict.items[i].name;
    if (strncmp(name, "sdy.", 4) == 0 || strncmp(name, "alpa.", 5) == 0)
      return true;
  }
  return false;
}

static bool order_operands(alpa_rewriter *rewriter, alpa_op *op) {
  if (!alpa_op_has(op, ALPA_COMMUTATIVE) || op->n_operands < 2)
    return false;
  alpa_value *a = alpa_op_operand(op, 0), *b = alpa_op_operand(op, 1);
  if (!alpa_value_find_constant(a) || alpa_value_find_constant(b))
    return false;
  alpa_op_set_operand(op, 0, b);
  alpa_op_set_operand(op, 1, a);
  return alpa_rewriter_revisit(rewriter, op);
}

/* Evaluates an op of small constants. */
static bool evaluate(alpa_rewriter *rewriter, alpa_op *op) {
  const alpa_attr *operands[8], *results[8];
  if (op->n_operands == 0 || op->n_operands > countof(operands) || op->n_results == 0 ||
      op->n_results > countof(results) || op->n_regions || !alpa_op_has(op, ALPA_PURE))
    return false;
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!alpa_type_is_static_tensor(op->results[i].type) ||
        alpa_type_count(op->results[i].type) > rewriter->options->max_constant)
      return false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    operands[i] = alpa_value_find_constant(alpa_op_operand(op, i));
    if (!operands[i] || operands[i]->kind != ALPA_ATTR_ELEMENTS || !alpa_type_is_static_tensor(operands[i]->type) ||
        alpa_type_count(operands[i]->type) > rewriter->options->max_constant)
      return false;
  }
  if (!alpa_interp_fold(op, operands, results))
    return false;
  alpa_value *values[8];
  for (uint32_t i = 0; i < op->n_results; i++)
    values[i] = alpa_rewriter_build_constant(rewriter, op, results[i]);
  rewriter->pass->counters[EVALUATED]++;
  return alpa_rewriter_replace(rewriter, op, values);
}

static void look_at(alpa_rewriter *rewriter, alpa_op *op) {
  if (is_dead(op)) {
    erase(rewriter, op);
    rewriter->pass->counters[ERASED]++;
    return;
  }
  if (is_annotated(op) || order_operands(rewriter, op) || evaluate(rewriter, op))
    return;
  alpa_fold_fn *hook = find_hook(op);
  if (hook && hook(rewriter, op))
    rewriter->pass->counters[FOLDED]++;
}

/* ---- the pass ---- */

typedef struct op_list {
  alpa_arena *arena;
  ALPA_VEC(alpa_op *) ops;
} op_list;

static alpa_status collect(void *user, alpa_op *op) {
  op_list *list = user;
  alpa_vec_push(list->arena, &list->ops, op);
  return ALPA_OK;
}

/* The stack is popped from its end. */
static void push_all(alpa_rewriter *rewriter, alpa_op *root, bool top_down) {
  op_list list = {.arena = rewriter->pass->arena};
  (void)alpa_op_walk(root, collect, &list);
  for (size_t i = 1; i < list.ops.n; i++) /* the root itself stays */
    push(rewriter, list.ops.items[top_down ? list.ops.n - i : i]);
}

static alpa_status run(alpa_op *root, const void *options, alpa_pass_context *pass) {
  alpa_rewriter rewriter = {.ctx = alpa_op_context(root), .options = options, .pass = pass};
  for (int64_t i = 0; i < rewriter.options->max_iterations; i++) {
    rewriter.changed = false;
    push_all(&rewriter, root, rewriter.options->top_down);
    for (alpa_op *op; (op = pop(&rewriter));)
      look_at(&rewriter, op);
    if (!rewriter.changed)
      break;
  }
  return ALPA_OK;
}

#define FIELD(field) offsetof(canonicalize_options, field)
static const alpa_option_def option_defs[] = {
    {.name = "max-constant",
     .help = "largest constant, in elements, that evaluation makes or reads",
     .kind = ALPA_OPTION_INT,
     .offset = FIELD(max_constant),
     .initial = "1024"},
    {.name = "max-iterations",
     .help = "sweeps over the module before the pass ends without having reached a normal form",
     .kind = ALPA_OPTION_INT,
     .offset = FIELD(max_iterations),
     .initial = "10",
     .min = 1},
    {.name = "top-down",
     .help = "look at operands before their users",
     .kind = ALPA_OPTION_BOOL,
     .offset = FIELD(top_down),
     .initial = "true"},
    {0}};
#undef FIELD

static const alpa_statistic_def statistics[] = {[FOLDED] = {"folded", "ops simplified"},
                                                [EVALUATED] = {"evaluated", "ops replaced by their constant result"},
                                                [ERASED] = {"erased", "dead ops erased"},
                                                {0}};

const alpa_pass_def alpa_pass_canonicalize = {
    .name = "canonicalize",
    .summary = "simplify ops and evaluate small constants",
    .options = option_defs,
    .options_size = sizeof(canonicalize_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
