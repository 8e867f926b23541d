/* Functions in StableHLO text.
 *
 * lgamma: Lanczos' series with g = 7 and nine terms (Godfrey's coefficients); around its roots 1 and 2 their
 * factors times a Chebyshev series.  digamma: recurrence to x + 12 and the
 * asymptotic series, Abramowitz & Stegun 6.3.5, 6.3.18; both by reflection on the left.  bessel_i1e: Chebyshev series
 * of exp(-x) I_1(x) / x on [0, 8] in x/4 - 1, and of exp(-x) sqrt(x) I_1(x) beyond in 16/x - 1, summed by Clenshaw's
 * recurrence.  erf_inv of narrow floats: the kernel's in f64. */
#include "passes/chlo_library.h"

#include <string.h>

/* The text of a function, as tokens: line breaks are not kept. */
#define TEXT(...) #__VA_ARGS__

/* clang-format off */
static const char lgamma_text[] =
TEXT(func.func private @lgamma_term(%sum: !T, %z: !T, %k: !T, %c: !T) -> !T {
  %0 = stablehlo.add %z, %k : !T
  %1 = stablehlo.divide %c, %0 : !T
  %2 = stablehlo.add %sum, %1 : !T
  func.return %2 : !T
})
TEXT(func.func private @lgamma(%x: !T) -> !T {
  %half = stablehlo.constant dense<0.5> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %left = stablehlo.compare LT, %x, %half : (!T, !T) -> !B
  %minus = stablehlo.negate %x : !T
  %x1 = stablehlo.subtract %x, %one : !T
  %z = stablehlo.select %left, %minus, %x1 : !B, !T
  %c0 = stablehlo.constant dense<0.99999999999980993227684700473478> : !T
  %c1 = stablehlo.constant dense<676.520368121885098567009190444019> : !T
  %c2 = stablehlo.constant dense<-1259.13921672240287047156078755283> : !T
  %c3 = stablehlo.constant dense<771.3234287776530788486528258894> : !T
  %c4 = stablehlo.constant dense<-176.61502916214059906584551354> : !T
  %c5 = stablehlo.constant dense<12.507343278686904814458936853> : !T
  %c6 = stablehlo.constant dense<-0.13857109526572011689554707> : !T
  %c7 = stablehlo.constant dense<9.984369578019570859563e-6> : !T
  %c8 = stablehlo.constant dense<1.50563273514931155834e-7> : !T
  %k2 = stablehlo.constant dense<2.0> : !T
  %k3 = stablehlo.constant dense<3.0> : !T
  %k4 = stablehlo.constant dense<4.0> : !T
  %k5 = stablehlo.constant dense<5.0> : !T
  %k6 = stablehlo.constant dense<6.0> : !T
  %k7 = stablehlo.constant dense<7.0> : !T
  %k8 = stablehlo.constant dense<8.0> : !T
  %s1 = func.call @lgamma_term(%c0, %z, %one, %c1) : (!T, !T, !T, !T) -> !T
  %s2 = func.call @lgamma_term(%s1, %z, %k2, %c2) : (!T, !T, !T, !T) -> !T
  %s3 = func.call @lgamma_term(%s2, %z, %k3, %c3) : (!T, !T, !T, !T) -> !T
  %s4 = func.call @lgamma_term(%s3, %z, %k4, %c4) : (!T, !T, !T, !T) -> !T
  %s5 = func.call @lgamma_term(%s4, %z, %k5, %c5) : (!T, !T, !T, !T) -> !T
  %s6 = func.call @lgamma_term(%s5, %z, %k6, %c6) : (!T, !T, !T, !T) -> !T
  %s7 = func.call @lgamma_term(%s6, %z, %k7, %c7) : (!T, !T, !T, !T) -> !T
  %s8 = func.call @lgamma_term(%s7, %z, %k8, %c8) : (!T, !T, !T, !T) -> !T
  %g = stablehlo.constant dense<7.5> : !T
  %log_g = stablehlo.constant dense<2.0149030205422647> : !T
  %t = stablehlo.add %z, %g : !T
  %ratio = stablehlo.divide %z, %g : !T
  %log_ratio = stablehlo.log_plus_one %ratio : !T
  %log_t = stablehlo.add %log_g, %log_ratio : !T
  %quotient = stablehlo.divide %t, %log_t : !T
  %z_half = stablehlo.add %z, %half : !T
  %difference = stablehlo.subtract %z_half, %quotient : !T
  %product = stablehlo.multiply %difference, %log_t : !T
  %log_root = stablehlo.constant dense<0.91893853320467274178> : !T
  %log_s = stablehlo.log %s8 : !T
  %tail = stablehlo.add %log_root, %log_s : !T
  %right_value = stablehlo.add %product, %tail : !T
  %size = stablehlo.abs %x : !T
  %floor = stablehlo.floor %size : !T
  %fraction = stablehlo.subtract %size, %floor : !T
  %far = stablehlo.compare GT, %fraction, %half : (!T, !T) -> !B
  %folded = stablehlo.subtract %one, %fraction : !T
  %reduced = stablehlo.select %far, %folded, %fraction : !B, !T
  %pi = stablehlo.constant dense<3.14159265358979323846> : !T
  %angle = stablehlo.multiply %pi, %reduced : !T
  %sine = stablehlo.sine %angle : !T
  %log_sine = stablehlo.log %sine : !T
  %log_pi = stablehlo.constant dense<1.14472988584940017414> : !T
  %reflected = stablehlo.subtract %log_pi, %log_sine : !T
  %left_finite = stablehlo.subtract %reflected, %right_value : !T
  %finite = stablehlo.is_finite %log_sine : (!T) -> !B
  %minus_log_sine = stablehlo.negate %log_sine : !T
  %left_value = stablehlo.select %finite, %left_finite, %minus_log_sine : !B, !T
  %value = stablehlo.select %left, %left_value, %right_value : !B, !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %infinite = stablehlo.compare EQ, %size, %infinity : (!T, !T) -> !B
  %near_value, %near_roots = func.call @lgamma_near_roots(%x) : (!T) -> (!T, !B)
  %finite_value = stablehlo.select %near_roots, %near_value, %value : !B, !T
  %result = stablehlo.select %infinite, %infinity, %finite_value : !B, !T
  func.return %result : !T
});

static const char lgamma_near_text[] =
TEXT(func.func private @lgamma_near_roots(%x: !T) -> (!T, !B) {
  %one = stablehlo.constant dense<1.0> : !T
  %two = stablehlo.constant dense<2.0> : !T
  %middle = stablehlo.constant dense<1.5> : !T
  %reach = stablehlo.constant dense<0.75> : !T
  %from_one = stablehlo.subtract %x, %one : !T
  %from_two = stablehlo.subtract %x, %two : !T
  %from_middle = stablehlo.subtract %x, %middle : !T
  %distance = stablehlo.abs %from_middle : !T
  %near = stablehlo.compare LE, %distance, %reach : (!T, !T) -> !B
  %at = stablehlo.divide %from_middle, %reach : !T
  %series = func.call @roots_series(%at) : (!T) -> !T
  %factors = stablehlo.multiply %from_one, %from_two : !T
  %value = stablehlo.multiply %factors, %series : !T
  func.return %value, %near : !T, !B
});

static const char digamma_terms_text[] =
TEXT(func.func private @digamma_term(%sum: !T, %x: !T, %k: !T) -> !T {
  %one = stablehlo.constant dense<1.0> : !T
  %0 = stablehlo.add %x, %k : !T
  %1 = stablehlo.divide %one, %0 : !T
  %2 = stablehlo.subtract %sum, %1 : !T
  func.return %2 : !T
})
TEXT(func.func private @digamma_series(%power: !T, %square: !T, %sum: !T, %c: !T) -> (!T, !T) {
  %0 = stablehlo.multiply %power, %c : !T
  %1 = stablehlo.subtract %sum, %0 : !T
  %2 = stablehlo.multiply %power, %square : !T
  func.return %2, %1 : !T, !T
})
TEXT(func.func private @digamma_reflection(%x: !T) -> (!T, !B) {
  %zero = stablehlo.constant dense<0.0> : !T
  %nearest = stablehlo.round_nearest_even %x : !T
  %fraction = stablehlo.subtract %x, %nearest : !T
  %pi = stablehlo.constant dense<3.14159265358979323846> : !T
  %angle = stablehlo.multiply %pi, %fraction : !T
  %sine = stablehlo.sine %angle : !T
  %cosine = stablehlo.cosine %angle : !T
  %top = stablehlo.multiply %pi, %cosine : !T
  %reflection = stablehlo.divide %top, %sine : !T
  %whole = stablehlo.compare EQ, %fraction, %zero : (!T, !T) -> !B
  func.return %reflection, %whole : !T, !B
});

static const char digamma_text[] =
TEXT(func.func private @digamma(%x: !T) -> !T {
  %zero = stablehlo.constant dense<0.0> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %left = stablehlo.compare LE, %x, %zero : (!T, !T) -> !B
  %mirrored = stablehlo.subtract %one, %x : !T
  %z = stablehlo.select %left, %mirrored, %x : !B, !T
  %k2 = stablehlo.constant dense<2.0> : !T
  %k3 = stablehlo.constant dense<3.0> : !T
  %k4 = stablehlo.constant dense<4.0> : !T
  %k5 = stablehlo.constant dense<5.0> : !T
  %k6 = stablehlo.constant dense<6.0> : !T
  %k7 = stablehlo.constant dense<7.0> : !T
  %k8 = stablehlo.constant dense<8.0> : !T
  %k9 = stablehlo.constant dense<9.0> : !T
  %k10 = stablehlo.constant dense<10.0> : !T
  %k11 = stablehlo.constant dense<11.0> : !T
  %k12 = stablehlo.constant dense<12.0> : !T
  %s0 = func.call @digamma_term(%zero, %z, %zero) : (!T, !T, !T) -> !T
  %s1 = func.call @digamma_term(%s0, %z, %one) : (!T, !T, !T) -> !T
  %s2 = func.call @digamma_term(%s1, %z, %k2) : (!T, !T, !T) -> !T
  %s3 = func.call @digamma_term(%s2, %z, %k3) : (!T, !T, !T) -> !T
  %s4 = func.call @digamma_term(%s3, %z, %k4) : (!T, !T, !T) -> !T
  %s5 = func.call @digamma_term(%s4, %z, %k5) : (!T, !T, !T) -> !T
  %s6 = func.call @digamma_term(%s5, %z, %k6) : (!T, !T, !T) -> !T
  %s7 = func.call @digamma_term(%s6, %z, %k7) : (!T, !T, !T) -> !T
  %s8 = func.call @digamma_term(%s7, %z, %k8) : (!T, !T, !T) -> !T
  %s9 = func.call @digamma_term(%s8, %z, %k9) : (!T, !T, !T) -> !T
  %s10 = func.call @digamma_term(%s9, %z, %k10) : (!T, !T, !T) -> !T
  %s11 = func.call @digamma_term(%s10, %z, %k11) : (!T, !T, !T) -> !T
  %a = stablehlo.add %z, %k12 : !T
  %inverse = stablehlo.divide %one, %a : !T
  %square = stablehlo.multiply %inverse, %inverse : !T
  %b1 = stablehlo.constant dense<0.083333333333333333333> : !T
  %b2 = stablehlo.constant dense<-0.0083333333333333333333> : !T
  %b3 = stablehlo.constant dense<0.0039682539682539682540> : !T
  %b4 = stablehlo.constant dense<-0.0041666666666666666667> : !T
  %b5 = stablehlo.constant dense<0.0075757575757575757576> : !T
  %b6 = stablehlo.constant dense<-0.021092796092796092796> : !T
  %b7 = stablehlo.constant dense<0.083333333333333333333> : !T
  %t1:2 = func.call @digamma_series(%square, %square, %zero, %b1) : (!T, !T, !T, !T) -> (!T, !T)
  %t2:2 = func.call @digamma_series(%t1#0, %square, %t1#1, %b2) : (!T, !T, !T, !T) -> (!T, !T)
  %t3:2 = func.call @digamma_series(%t2#0, %square, %t2#1, %b3) : (!T, !T, !T, !T) -> (!T, !T)
  %t4:2 = func.call @digamma_series(%t3#0, %square, %t3#1, %b4) : (!T, !T, !T, !T) -> (!T, !T)
  %t5:2 = func.call @digamma_series(%t4#0, %square, %t4#1, %b5) : (!T, !T, !T, !T) -> (!T, !T)
  %t6:2 = func.call @digamma_series(%t5#0, %square, %t5#1, %b6) : (!T, !T, !T, !T) -> (!T, !T)
  %t7:2 = func.call @digamma_series(%t6#0, %square, %t6#1, %b7) : (!T, !T, !T, !T) -> (!T, !T)
  %log_a = stablehlo.log %a : !T
  %half_inverse = stablehlo.multiply %half, %inverse : !T
  %main = stablehlo.subtract %log_a, %half_inverse : !T
  %asymptotic = stablehlo.add %main, %t7#1 : !T
  %right_value = stablehlo.add %asymptotic, %s11 : !T
  %reflection:2 = func.call @digamma_reflection(%x) : (!T) -> (!T, !B)
  %left_value = stablehlo.subtract %right_value, %reflection#0 : !T
  %value = stablehlo.select %left, %left_value, %right_value : !B, !T
  %pole = stablehlo.and %left, %reflection#1 : !B
  %nan = stablehlo.constant dense<0x7FF8000000000000> : !T
  %poled = stablehlo.select %pole, %nan, %value : !B, !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %infinite = stablehlo.compare EQ, %x, %infinity : (!T, !T) -> !B
  %result = stablehlo.select %infinite, %infinity, %poled : !B, !T
  func.return %result : !T
});

static const char bessel_i1e_text[] =
TEXT(func.func private @bessel_i1e(%x: !T) -> !T {
  %one = stablehlo.constant dense<1.0> : !T
  %quarter = stablehlo.constant dense<0.25> : !T
  %eight = stablehlo.constant dense<8.0> : !T
  %sixteen = stablehlo.constant dense<16.0> : !T
  %size = stablehlo.abs %x : !T
  %near = stablehlo.compare LE, %size, %eight : (!T, !T) -> !B
  %scaled = stablehlo.multiply %size, %quarter : !T
  %near_at = stablehlo.subtract %scaled, %one : !T
  %inverse = stablehlo.divide %sixteen, %size : !T
  %far_at = stablehlo.subtract %inverse, %one : !T
  %near_sum = func.call @near_series(%near_at) : (!T) -> !T
  %near_value = stablehlo.multiply %near_sum, %size : !T
  %far_sum = func.call @far_series(%far_at) : (!T) -> !T
  %root = stablehlo.sqrt %size : !T
  %far_value = stablehlo.divide %far_sum, %root : !T
  %value = stablehlo.select %near, %near_value, %far_value : !B, !T
  %minus = stablehlo.negate %value : !T
  %zero = stablehlo.constant dense<0.0> : !T
  %negative = stablehlo.compare LT, %x, %zero : (!T, !T) -> !B
  %result = stablehlo.select %negative, %minus, %value : !B, !T
  func.return %result : !T
});

static const double near_series[] = {
    2.52587186443633649e-01, -1.76416518357834062e-01, 1.02643658689847095e-01, -5.29459812080949888e-02,
    2.47264490306265163e-02, -1.05640848946261974e-02, 4.15642294431288820e-03, -1.51357245063125315e-03,
    5.12285956168575759e-04, -1.61760815825896743e-04, 4.78156510755005422e-05, -1.32731636560394359e-05,
    3.47025130813767845e-06, -8.56872026469545475e-07, 2.00329475355213533e-07, -4.44505912879632805e-08,
    9.38153738649577259e-09, -1.88724975172282944e-09, 3.62559028155211725e-10, -6.66348972350202712e-11,
    1.17361862988909012e-11, -1.98397439776494364e-12, 3.22379336594557476e-13, -5.04218550472791179e-14,
    7.60068429473540767e-15, -1.10559694773538625e-15, 1.55363195773620054e-16, -2.11142121435816596e-17,
    2.77791411276104637e-18};
static const double far_series[] = {
    7.78576235018280105e-01,  -9.76109749136146870e-03, -1.10588938762623713e-04, -3.88256480887769059e-06,
    -2.51223623787020884e-07, -2.63146884688951959e-08, -3.83538038596423700e-09, -5.58974346219658378e-10,
    -1.89749581235054126e-11, 3.25260358301548844e-11,  1.41258074366137819e-11,  2.03562854414708956e-12,
    -7.19855177624590836e-13, -4.08355111109219740e-13, -2.10154184277266430e-14, 4.27244001671195168e-14,
    1.04202769841288021e-14,  -3.81440307243700675e-15, -1.88035477551078054e-15, 3.30820231092085013e-16,
    2.96262899764601565e-16,  -3.20952592199163711e-17, -4.65030536849478266e-17, 4.41434832309393674e-18,
    7.51729631101139754e-18,  -9.31417887090726310e-19, -1.24219327527599284e-18};

static const char erf_inv_text[] =
TEXT(func.func private @erf_inv(%x: !T) -> !T {
  %0 = chlo.erf_inv %x : !T -> !T
  func.return %0 : !T
});

static const char next_after_text[] =
TEXT(func.func private @next_after(%x: !S, %y: !S) -> !S {
  %zero = stablehlo.constant dense<0.0> : !S
  %one = stablehlo.constant dense<1> : !N
  %minus_one = stablehlo.constant dense<-1> : !N
  %bits = stablehlo.bitcast_convert %x : (!S) -> !N
  %positive = stablehlo.compare GT, %x, %zero : (!S, !S) -> !B
  %rises = stablehlo.compare GT, %y, %x : (!S, !S) -> !B
  %outward = stablehlo.compare EQ, %positive, %rises : (!B, !B) -> !B
  %step = stablehlo.select %outward, %one, %minus_one : !B, !N
  %moved = stablehlo.add %bits, %step : !N
  %value = stablehlo.bitcast_convert %moved : (!N) -> !S
  %least = stablehlo.bitcast_convert %one : (!N) -> !S
  %minus_least = stablehlo.negate %least : !S
  %signed_least = stablehlo.select %rises, %least, %minus_least : !B, !S
  %at_zero = stablehlo.compare EQ, %x, %zero : (!S, !S) -> !B
  %stepped = stablehlo.select %at_zero, %signed_least, %value : !B, !S
  %equal = stablehlo.compare EQ, %x, %y : (!S, !S) -> !B
  %kept = stablehlo.select %equal, %y, %stepped : !B, !S
  %ordered_x = stablehlo.compare EQ, %x, %x : (!S, !S) -> !B
  %ordered_y = stablehlo.compare EQ, %y, %y : (!S, !S) -> !B
  %ordered = stablehlo.and %ordered_x, %ordered_y : !B
  %sum = stablehlo.add %x, %y : !S
  %result = stablehlo.select %ordered, %kept, %sum : !B, !S
  func.return %result : !S
});
/* clang-format on */
#undef TEXT

static void print_bessel_series(alpa_text *text, const alpa_op *op) {
  (void)op;
  alpa_chlo_print_series(text, "near_series", near_series, countof(near_series));
  alpa_chlo_print_series(text, "far_series", far_series, countof(far_series));
}

static void print_list(alpa_text *text, const char *name, uint32_t n, int64_t each, int64_t last) {
  alpa_text_printf(text, ", %s = array<i64: ", name);
  for (uint32_t d = 0; d < n; d++)
    alpa_text_printf(text, "%s%lld", d ? ", " : "", (long long)(d + 1 < n ? each : last));
  alpa_text_string(text, ">");
}

/* A slice of the k leading elements of the last dimension; the other dimensions whole. */
static void print_leading(alpa_text *text, const alpa_op *op, uint32_t result) {
  const alpa_type *whole = alpa_op_operand_type(op, 0), *part = op->results[result].type;
  alpa_text_printf(text, "%%%u = \"stablehlo.slice\"(%%s#%u) <{limit_indices = array<i64: ", result, result);
  for (uint32_t d = 0; d < whole->rank; d++)
    alpa_text_printf(text, "%s%lld", d ? ", " : "", (long long)part->dims[d]);
  alpa_text_string(text, ">");
  print_list(text, "start_indices", whole->rank, 0, 0);
  print_list(text, "strides", whole->rank, 1, 1);
  alpa_text_printf(text, "}> : (%s) -> ", result ? "!J" : "!X");
  alpa_type_print(text, part);
  alpa_text_string(text, "\n");
}

/* A stable sort of elements and indices from the greatest down; floats in their total order. */
static void print_top_k(alpa_text *text, const alpa_op *op) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  const char *element = alpa_dtype_get_info(type->dtype)->spelling;
  const char *order = alpa_type_class(type) == ALPA_CLASS_FLOAT ? ", TOTALORDER" : "";
  alpa_context *ctx = alpa_op_context(op);
  unsigned last = type->rank - 1;
  alpa_text_string(text, "!X = ");
  alpa_type_print(text, type);
  alpa_text_string(text, "\n!J = ");
  alpa_type_print(text, alpa_type_with_dtype(ctx, type, ALPA_I32));
  alpa_text_string(text, "\nfunc.func private @top_k(%x: !X) -> (");
  alpa_type_print(text, op->results[0].type);
  alpa_text_string(text, ", ");
  alpa_type_print(text, op->results[1].type);
  alpa_text_printf(text,
                   ") {\n%%i = stablehlo.iota dim = %u : !J\n"
                   "%%s:2 = \"stablehlo.sort\"(%%x, %%i) <{dimension = %u : i64, is_stable = true}> ({\n"
                   "^bb0(%%a: tensor<%s>, %%b: tensor<%s>, %%c: tensor<i32>, %%d: tensor<i32>):\n"
                   "%%p = stablehlo.compare GT, %%a, %%b%s : (tensor<%s>, tensor<%s>) -> tensor<i1>\n"
                   "stablehlo.return %%p : tensor<i1>\n}) : (!X, !J) -> (!X, !J)\n",
                   last, last, element, element, order, element, element);
  print_leading(text, op, 0);
  print_leading(text, op, 1);
  alpa_text_string(text, "func.return %0, %1 : ");
  alpa_type_print(text, op->results[0].type);
  alpa_text_string(text, ", ");
  alpa_type_print(text, op->results[1].type);
  alpa_text_string(text, "\n}\n");
}

static void print_polygamma_parts(alpa_text *text, const alpa_op *op) {
  alpa_chlo_print_zeta(text, op);
  alpa_text_string(text, digamma_terms_text);
  alpa_text_string(text, digamma_text);
  alpa_text_string(text, alpa_chlo_zeta_text);
}

static const chlo_expansion rows[] = {
    {"chlo.lgamma", CHLO_REAL, "lgamma", lgamma_text, lgamma_near_text, alpa_chlo_print_roots},
    {"chlo.digamma", CHLO_REAL, "digamma", digamma_text, digamma_terms_text, NULL},
    {"chlo.bessel_i1e", CHLO_REAL, "bessel_i1e", bessel_i1e_text, "", print_bessel_series},
    {"chlo.zeta", CHLO_REAL, "zeta", alpa_chlo_zeta_text, "", alpa_chlo_print_zeta},
    {"chlo.polygamma", CHLO_REAL, "polygamma", alpa_chlo_polygamma_text, "", print_polygamma_parts},
    {"chlo.erf_inv", CHLO_NARROW, "erf_inv", erf_inv_text, "", NULL},
    {"chlo.next_after", CHLO_ANY, "next_after", next_after_text, "", NULL},
    {"chlo.mulhi", CHLO_ANY, "mulhi", alpa_chlo_mulhi_text, "", alpa_chlo_print_halves},
    {"stablehlo.abs", CHLO_COMPLEX, "complex_abs", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.cbrt", CHLO_COMPLEX, "complex_cbrt", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.cosine", CHLO_COMPLEX, "complex_cos", "", "", alpa_chlo_print_complex},
    {"stablehlo.exponential", CHLO_COMPLEX, "complex_exp", "", "", alpa_chlo_print_complex},
    {"stablehlo.exponential_minus_one", CHLO_COMPLEX, "complex_expm1", "", "", alpa_chlo_print_complex},
    {"stablehlo.log", CHLO_COMPLEX, "complex_log", "", "", alpa_chlo_print_complex},
    {"stablehlo.log_plus_one", CHLO_COMPLEX, "complex_log1p", "", "", alpa_chlo_print_complex},
    {"stablehlo.logistic", CHLO_COMPLEX, "complex_logistic", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.rsqrt", CHLO_COMPLEX, "complex_rsqrt", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.sign", CHLO_COMPLEX, "complex_sign", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.sine", CHLO_COMPLEX, "complex_sin", "", "", alpa_chlo_print_complex},
    {"stablehlo.sqrt", CHLO_COMPLEX, "complex_sqrt", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.tan", CHLO_COMPLEX, "complex_tan", "", "", alpa_chlo_print_complex},
    {"stablehlo.tanh", CHLO_COMPLEX, "complex_tanh", "", "", alpa_chlo_print_complex},
    {"stablehlo.atan2", CHLO_COMPLEX, "complex_atan2", "", "", alpa_chlo_print_complex_powers},
    {"stablehlo.divide", CHLO_COMPLEX, "complex_divide", "", "", alpa_chlo_print_complex},
    {"stablehlo.power", CHLO_COMPLEX, "complex_power", "", "", alpa_chlo_print_complex_powers},
    {"chlo.acos", CHLO_COMPLEX, "complex_acos", "", "", alpa_chlo_print_complex_powers},
    {"chlo.acosh", CHLO_COMPLEX, "complex_acosh", "", "", alpa_chlo_print_complex_powers},
    {"chlo.asin", CHLO_COMPLEX, "complex_asin", "", "", alpa_chlo_print_complex_powers},
    {"chlo.asinh", CHLO_COMPLEX, "complex_asinh", "", "", alpa_chlo_print_complex_powers},
    {"chlo.atan", CHLO_COMPLEX, "complex_atan", "", "", alpa_chlo_print_complex_powers},
    {"chlo.atanh", CHLO_COMPLEX, "complex_atanh", "", "", alpa_chlo_print_complex_powers},
    {"chlo.conj", CHLO_COMPLEX, "complex_conj", "", "", alpa_chlo_print_complex_powers},
    {"chlo.cosh", CHLO_COMPLEX, "complex_cosh", "", "", alpa_chlo_print_complex},
    {"chlo.sinh", CHLO_COMPLEX, "complex_sinh", "", "", alpa_chlo_print_complex},
    {"chlo.square", CHLO_COMPLEX, "complex_square", "", "", alpa_chlo_print_complex_powers},
    {"chlo.tan", CHLO_COMPLEX, "complex_tan", "", "", alpa_chlo_print_complex},
    {"chlo.conj", CHLO_ANY, "same", alpa_chlo_same_text, "", NULL},
    {"chlo.top_k", CHLO_ANY, "top_k", "", "", print_top_k},
};

const chlo_expansion *chlo_expansion_find(const alpa_op *op) {
  for (size_t i = 0; i < countof(rows); i++) {
    if (strcmp(rows[i].op, op->def->name) != 0 || !alpa_type_is_static_tensor(alpa_op_operand_type(op, 0)))
      continue;
    alpa_dtype_class class = alpa_type_class(alpa_op_operand_type(op, 0));
    bool narrow = class == ALPA_CLASS_FLOAT && alpa_op_operand_type(op, 0)->dtype != ALPA_F64;
    if (rows[i].when == CHLO_ANY || (rows[i].when == CHLO_NARROW && narrow) ||
        (rows[i].when == CHLO_REAL && class == ALPA_CLASS_FLOAT) ||
        (rows[i].when == CHLO_COMPLEX && class == ALPA_CLASS_COMPLEX))
      return &rows[i];
  }
  return NULL;
}

static void print_alias(alpa_text *text, const char *name, const alpa_op *op, alpa_dtype dtype) {
  alpa_text_printf(text, "!%s = ", name);
  alpa_type_print(text, alpa_type_with_dtype(alpa_op_context(op), alpa_op_operand_type(op, 0), dtype));
  alpa_text_string(text, "\n");
}

void chlo_expansion_print(alpa_text *text, const chlo_expansion *row, const alpa_op *op) {
  static const alpa_dtype integers[] = {ALPA_I8, ALPA_I16, ALPA_I32, ALPA_I32, ALPA_I64, ALPA_I64, ALPA_I64, ALPA_I64};
  alpa_dtype dtype = alpa_op_operand_type(op, 0)->dtype;
  size_t bytes = alpa_dtype_get_info(dtype)->bytes;
  print_alias(text, "T", op, ALPA_F64);
  print_alias(text, "C", op, ALPA_C128);
  print_alias(text, "B", op, ALPA_I1);
  print_alias(text, "S", op, dtype);
  print_alias(text, "I", op, ALPA_I64);
  print_alias(text, "N", op, integers[(bytes > 8 ? 8 : bytes) - 1]);
  if (row->print)
    row->print(text, op);
  alpa_text_string(text, row->uses);
  alpa_text_string(text, row->text);
}
