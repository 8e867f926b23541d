/* Attention on emulated GPUs, forward and backward, against the interpreter: types, widths, lengths that are no
 * multiples of blocks, and masks. */
#include "test/unit/cuda_check.h"

#include "dialects/kernel/kernel.h"

typedef enum mask { NO_MASK, CAUSAL, GIVEN_MASK } mask;

typedef struct attention_case {
  const char *name, *dtype, *value_dtype;
  int batch, heads, rows, columns, width, value_width;
  mask mask;
  const char *fill;                        /* of what is masked */
  bool backward, drops, tf32, of_quotient; /* the last: gradients of the normalised weights, not of both its parts */
  int n_multiprocessors;                   /* few: large blocks */
} attention_case;

static const attention_case cases[] = {
    {"bf16 32", "bf16", "bf16", 2, 2, 64, 64, 32, 32, NO_MASK, NULL, false, false, false, false, 132},
    {"bf16 odd lengths", "bf16", "bf16", 1, 2, 50, 83, 20, 12, NO_MASK, NULL, false, false, false, false, 132},
    {"bf16 64 causal", "bf16", "bf16", 1, 2, 200, 200, 64, 64, CAUSAL, "0xFF800000", false, false, false, false, 1},
    {"f16 128 causal, finite fill", "f16", "f16", 1, 1, 100, 100, 128, 128, CAUSAL, "-1.0e4", false, false, false,
     false, 132},
    {"causal with weights behind the mask", "f32", "f32", 1, 1, 70, 134, 16, 16, CAUSAL, "-1.0", false, false, false,
     false, 132},
    {"f32 rows that are masked", "f32", "f32", 1, 1, 40, 70, 16, 16, GIVEN_MASK, "0xFF800000", false, false, false,
     false, 132},
    {"f32 dropout", "f32", "f32", 1, 2, 33, 64, 48, 32, NO_MASK, NULL, false, true, false, false, 132},
    {"bf16 80 and 96 causal", "bf16", "bf16", 1, 1, 140, 270, 80, 96, CAUSAL, "0xFF800000", false, false, false, false,
     1},
    {"tf32", "f32", "f32", 1, 1, 70, 64, 32, 40, NO_MASK, NULL, false, false, true, false, 1},
    {"bf16 32 backward", "bf16", "bf16", 2, 2, 64, 64, 32, 32, NO_MASK, NULL, true, false, false, false, 132},
    {"bf16 64 causal backward", "bf16", "bf16", 1, 1, 150, 150, 64, 64, CAUSAL, "-1.0e4", true, false, false, false, 1},
    {"f16 128 backward", "f16", "f16", 1, 1, 65, 80, 128, 128, CAUSAL, "0xFF800000", true, false, false, false, 132},
    {"bf16 scores, f32 values backward", "bf16", "f32", 1, 2, 130, 70, 32, 32, NO_MASK, NULL, true, false, false, false,
     1},
    {"bf16 80 and 96 backward", "bf16", "bf16", 1, 1, 140, 75, 80, 96, GIVEN_MASK, "-1.0e4", true, false, false, false,
     1},
    {"f32 odd backward", "f32", "f32", 1, 2, 21, 37, 20, 12, NO_MASK, NULL, true, false, false, false, 132},
    {"f32 dropout backward", "f32", "f32", 1, 1, 48, 32, 32, 32, GIVEN_MASK, "-1.0e4", true, true, false, false, 132},
    {"causal backward with weights behind the mask", "f32", "f32", 1, 1, 134, 70, 16, 16, CAUSAL, "-1.0", true, false,
     false, false, 132},
    {"tf32 backward", "f32", "f32", 1, 1, 70, 64, 32, 32, NO_MASK, NULL, true, false, true, false, 1},
    {"gradients of the quotient", "bf16", "bf16", 1, 1, 100, 140, 64, 64, CAUSAL, "0xFF800000", true, true, false, true,
     1},
    {"f32 gradients of the quotient", "f32", "f32", 2, 1, 33, 40, 24, 16, GIVEN_MASK, "-1.0e4", true, false, false,
     true, 132},
};

/* ---- the program, as JAX writes it ---- */

typedef struct program {
  char text[16384];
  size_t n;
  char q[64], k[64], v[64], o[64], scores[64], weights[64], scores32[64], row[64], results[4][64];
  size_t n_results;
  const attention_case *c;
} program;

static void put(program *p, const char *format, ...) {
  va_list args;
  va_start(args, format);
  p->n += (size_t)vsnprintf(p->text + p->n, sizeof p->text - p->n, format, args);
  va_end(args);
  assert_true(p->n < sizeof p->text);
}

static void name_types(program *p) {
  const attention_case *c = p->c;
  snprintf(p->q, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->rows, c->heads, c->width, c->dtype);
  snprintf(p->k, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->columns, c->heads, c->width, c->dtype);
  snprintf(p->v, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->columns, c->heads, c->value_width, c->value_dtype);
  snprintf(p->o, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->rows, c->heads, c->value_width, c->value_dtype);
  snprintf(p->weights, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->rows, c->columns, c->value_dtype);
  snprintf(p->scores, 64, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->rows, c->columns, c->dtype);
  snprintf(p->scores32, 64, "tensor<%dx%dx%dx%dxf32>", c->batch, c->heads, c->rows, c->columns);
  snprintf(p->row, 64, "tensor<%dx%dx%dxf32>", c->batch, c->heads, c->rows);
  const char *types[] = {p->o, p->q, p->k, p->v};
  p->n_results = c->backward ? 4 : 1;
  for (size_t i = 0; i < p->n_results; i++) { /* tf32 and scores of bf16 are compared in bf16 */
    snprintf(p->results[i], 64, "%s", types[i]);
    if (c->tf32 || strcmp(c->dtype, c->value_dtype) != 0)
      strcpy(strrchr(p->results[i], 'x'), "xbf16>");
  }
}

static void put_dot(program *p, const char *result, const char *lhs, const char *lhs_type, const char *rhs,
                    const char *rhs_type, const char *dims, const char *type) {
  static const char tf32[] =
      ", algorithm = <lhs_precision_type = tf32, rhs_precision_type = tf32, accumulation_type = f32, "
      "lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 1, "
      "allow_imprecise_accumulation = false>";
  put(p, "  %%%s = stablehlo.dot_general %%%s, %%%s, %s%s : (%s, %s) -> %s\n", result, lhs, rhs, dims,
      p->c->tf32 ? tf32 : "", lhs_type, rhs_type, type);
}

static void put_convert(program *p, const char *result, const char *value, const char *from, const char *to) {
  put(p, "  %%%s = stablehlo.convert %%%s : (%s) -> %s\n", result, value, from, to);
}

static void put_reduce(program *p, const char *result, const char *value, const char *init, const char *op) {
  put(p,
      "  %%%s = stablehlo.reduce(%%%s init: %%%s) applies stablehlo.%s across dimensions = [3] : (%s, tensor<f32>) "
      "-> %s\n",
      result, value, init, op, p->scores32, p->row);
}

static void put_spread(program *p, const char *result, const char *row) {
  put(p, "  %%%s = stablehlo.broadcast_in_dim %%%s, dims = [0, 1, 2] : (%s) -> %s\n", result, row, p->row, p->scores32);
}

static void put_binary(program *p, const char *result, const char *op, const char *a, const char *b, const char *type) {
  put(p, "  %%%s = stablehlo.%s %%%s, %%%s : %s\n", result, op, a, b, type);
}

static void put_mask(program *p) {
  const attention_case *c = p->c;
  char flat[64], bits[64], full[64];
  snprintf(flat, sizeof flat, "tensor<%dx%dxi32>", c->rows, c->columns);
  snprintf(bits, sizeof bits, "tensor<%dx%dxi1>", c->rows, c->columns);
  snprintf(full, sizeof full, "tensor<%dx%dx%dx%dxi1>", c->batch, c->heads, c->rows, c->columns);
  if (c->mask == CAUSAL)
    put(p, "  %%i = stablehlo.iota dim = 0 : %s\n  %%j = stablehlo.iota dim = 1 : %s\n", flat, flat);
  else /* whole rows too */
    put(p,
        "  %%one = stablehlo.constant dense<1> : %s\n  %%r = stablehlo.iota dim = 0 : %s\n"
        "  %%seven = stablehlo.constant dense<7> : %s\n  %%rest = stablehlo.remainder %%r, %%seven : %s\n"
        "  %%i = stablehlo.multiply %%given, %%rest : %s\n  %%j = stablehlo.add %%one, %%one : %s\n",
        flat, flat, flat, flat, flat, flat);
  put(p, "  %%keep2 = stablehlo.compare GE, %%i, %%j, SIGNED : (%s, %s) -> %s\n", flat, flat, bits);
  put(p, "  %%keep = stablehlo.broadcast_in_dim %%keep2, dims = [2, 3] : (%s) -> %s\n", bits, full);
  put(p, "  %%fill = stablehlo.constant dense<%s> : %s\n", c->fill, p->scores32);
  put(p, "  %%masked = stablehlo.select %%keep, %%scaled, %%fill : %s, %s\n", full, p->scores32);
}

static void put_drop(program *p, const char *result, const char *value) {
  if (!p->c->drops)
    return;
  char bits[64];
  snprintf(bits, sizeof bits, "tensor<%dx%dx%dx%dxi1>", p->c->batch, p->c->heads, p->c->rows, p->c->columns);
  put(p, "  %%%s_c = stablehlo.compare GT, %%noise, %%zeros, FLOAT : (%s, %s) -> %s\n", result, p->scores32,
      p->scores32, bits);
  put(p, "  %%%s_m = stablehlo.multiply %%%s, %%two : %s\n", result, value, p->scores32);
  put(p, "  %%%s = stablehlo.select %%%s_c, %%%s_m, %%zeros : %s, %s\n", result, result, result, bits, p->scores32);
}

static void put_forward(program *p) {
  const attention_case *c = p->c;
  put(p, "  %%low = stablehlo.constant dense<0xFF800000> : tensor<f32>\n"
         "  %%zero = stablehlo.constant dense<0.0> : tensor<f32>\n");
  put(p, "  %%zeros = stablehlo.constant dense<0.0> : %s\n  %%two = stablehlo.constant dense<2.0> : %s\n", p->scores32,
      p->scores32);
  put_dot(p, "s", "q", p->q, "k", p->k, "batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3]", p->scores);
  put_convert(p, "s32", "s", p->scores, p->scores32);
  put(p, "  %%root = stablehlo.constant dense<1.7> : %s\n", p->scores32);
  put_binary(p, "scaled", "divide", "s32", "root", p->scores32);
  if (c->mask != NO_MASK)
    put_mask(p);
  const char *x = c->mask != NO_MASK ? "masked" : "scaled";
  put_reduce(p, "max", x, "low", "maximum");
  put_spread(p, "maxs", "max");
  put_binary(p, "d", "subtract", x, "maxs", p->scores32);
  put(p, "  %%e = stablehlo.exponential %%d : %s\n", p->scores32);
  put_reduce(p, "sum", "e", "zero", "add");
  put_spread(p, "sums", "sum");
  put_binary(p, "p", "divide", "e", "sums", p->scores32);
  put_drop(p, "dropped", "p");
  put_convert(p, "pd", c->drops ? "dropped" : "p", p->scores32, p->weights);
  char swapped[64];
  snprintf(swapped, sizeof swapped, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->value_width, c->rows,
           c->value_dtype);
  put_dot(p, "ot", "v", p->v, "pd", p->weights, "batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3]",
          swapped);
  put(p, "  %%o = stablehlo.transpose %%ot, dims = [0, 3, 1, 2] : (%s) -> %s\n", swapped, p->o);
}

/* The gradient of a softmax as JAX takes it of a quotient: of the exponentials, and of their sum. */
static void put_gradient(program *p, const char *dp) {
  put(p,
      "  %%sq = stablehlo.multiply %%sum, %%sum : %s\n  %%ones = stablehlo.constant dense<1.0> : %s\n"
      "  %%isq = stablehlo.divide %%ones, %%sq : %s\n",
      p->row, p->row, p->row);
  put_spread(p, "isqs", "isq");
  put_binary(p, "t", "multiply", dp, "isqs", p->scores32);
  put_binary(p, "te", "multiply", "t", "e", p->scores32);
  put_reduce(p, "rt", "te", "zero", "add");
  put(p, "  %%nt = stablehlo.negate %%rt : %s\n", p->row);
  put_spread(p, "nts", "nt");
  put_binary(p, "u", "divide", dp, "sums", p->scores32);
  put_binary(p, "de", "add", "u", "nts", p->scores32);
  put_binary(p, "dx", "multiply", "de", "e", p->scores32);
}

/* As its own rule in jax.nn.softmax takes it. */
static void put_gradient_of_quotient(program *p, const char *dp) {
  put_binary(p, "te", "multiply", dp, "p", p->scores32);
  put_reduce(p, "rt", "te", "zero", "add");
  put_spread(p, "rts", "rt");
  put_binary(p, "de", "subtract", dp, "rts", p->scores32);
  put_binary(p, "dx", "multiply", "de", "p", p->scores32);
}

static void put_backward(program *p) {
  const attention_case *c = p->c;
  char dv[64], dk[64], dq[64];
  snprintf(dv, sizeof dv, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->value_width, c->columns, c->value_dtype);
  snprintf(dk, sizeof dk, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->columns, c->width, c->dtype);
  snprintf(dq, sizeof dq, "tensor<%dx%dx%dx%dx%s>", c->batch, c->heads, c->rows, c->width, c->dtype);
  put_dot(p, "dp", "do", p->o, "v", p->v, "batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3]", p->weights);
  put_dot(p, "dvt", "do", p->o, "pd", p->weights, "batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [2]", dv);
  put(p, "  %%dv = stablehlo.transpose %%dvt, dims = [0, 3, 1, 2] : (%s) -> %s\n", dv, p->v);
  put_convert(p, "dp32", "dp", p->weights, p->scores32);
  put_drop(p, "dpd", "dp32");
  (c->of_quotient ? put_gradient_of_quotient : put_gradient)(p, c->drops ? "dpd" : "dp32");
  if (c->mask != NO_MASK)
    put(p, "  %%dm = stablehlo.select %%keep, %%dx, %%zeros : tensor<%dx%dx%dx%dxi1>, %s\n", c->batch, c->heads,
        c->rows, c->columns, p->scores32);
  put_binary(p, "ds32", "divide", c->mask != NO_MASK ? "dm" : "dx", "root", p->scores32);
  put_convert(p, "ds", "ds32", p->scores32, p->scores);
  put_dot(p, "dkt", "ds", p->scores, "q", p->q, "batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [1]", dk);
  put(p, "  %%dk = stablehlo.transpose %%dkt, dims = [0, 2, 1, 3] : (%s) -> %s\n", dk, p->k);
  put_dot(p, "dqt", "ds", p->scores, "k", p->k, "batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1]", dq);
  put(p, "  %%dq = stablehlo.transpose %%dqt, dims = [0, 2, 1, 3] : (%s) -> %s\n", dq, p->q);
}

static void put_types(program *p, const char *start) {
  for (size_t i = 0; i < p->n_results; i++)
    put(p, "%s%s", i ? ", " : start, p->results[i]);
}

static void write_program(program *p) {
  static const char *const names[] = {"o", "dq", "dk", "dv"};
  const attention_case *c = p->c;
  name_types(p);
  put(p, "func.func @main(%%q: %s, %%k: %s, %%v: %s, %%do: %s, %%noise: %s, %%given: tensor<%dx%dxi32>)", p->q, p->k,
      p->v, p->o, p->scores32, c->rows, c->columns);
  put_types(p, " -> (");
  put(p, ") {\n");
  put_forward(p);
  if (c->backward)
    put_backward(p);
  const char *types[] = {p->o, p->q, p->k, p->v};
  for (size_t i = 0; i < p->n_results; i++)
    put(p, "  %%r%zu = stablehlo.convert %%%s : (%s) -> %s\n", i, names[i], types[i], p->results[i]);
  for (size_t i = 0; i < p->n_results; i++)
    put(p, "%s%%r%zu", i ? ", " : "  return ", i);
  put_types(p, " : ");
  put(p, "\n}\n");
}

static const char *only;

/* No score is stored: forward is one kernel; backward adds dq, and dk with dv. */
static void check_kernels(const program *p) {
  codegen_check c;
  size_t n = 0;
  if (codegen_read(&c, p->c->name, p->text) != ALPA_OK ||
      alpa_codegen_fuse(c.func, &(alpa_fuse_options){.attention = true}) != ALPA_OK)
    fail_msg("%s: %s", p->c->name, c.message);
  for (const alpa_op *op = alpa_func_entry(c.func)->first; op; op = op->next)
    n += kernel_is(op, KERNEL_fused) && alpa_kernel_kind(op) == KERNEL_KIND_ATTENTION;
  assert_int_equal(n, p->c->backward ? 3 : 1);
  codegen_close(&c);
}

static void check(const char *gpu, bool backward) {
  for (size_t i = 0; i < countof(cases); i++) {
    program p = {.c = &cases[i]};
    if (cases[i].backward != backward || (only && strcmp(only, cases[i].name)))
      continue;
    write_program(&p);
    if (only)
      puts(p.text);
    check_kernels(&p);
    cuda_run(gpu, (uint32_t)cases[i].n_multiprocessors, cases[i].name, p.text, 5);
  }
}

static void test_warps(void **state) {
  (void)state;
  check("sm_80", false);
  check("sm_80", true);
}

static void test_warpgroups(void **state) {
  (void)state;
  check("sm_90a", false);
  check("sm_90a", true);
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  if (!cuda_load_emulator())
    return 1;
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_warps), cmocka_unit_test(test_warpgroups)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
