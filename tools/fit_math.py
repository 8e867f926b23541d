#!/usr/bin/env python3
"""Fits the polynomials of codegen/lower/math.c and prints codegen/lower/math_tables.h.

Each is a Chebyshev fit (near-minimax) in 40-digit arithmetic; needs mpmath.  The comment behind every table is the
error of the fit before rounding of the coefficients."""
from mpmath import mp, mpf, exp, log, log1p, sin, cos, erf, erfc, erfinv, atan, sqrt, expm1, pi, chebyfit, tan

mp.dps = 40
rows = []


def guarded(f, limit):
    """f with its limit where it is 0/0."""
    return lambda x: limit if abs(x) < mpf(10) ** -12 else f(x)


def guarded_at(f, limit):
    """A function of 3.125 + t, with its limit at 0."""
    return lambda t: limit if abs(t + mpf("3.125")) < mpf(10) ** -10 else f(t + mpf("3.125"))


def table(name, f, a, b, n32, n64):
    for suffix, n, form in (("f32", n32, "%.9gf"), ("f64", n64, "%.17g")):
        if not n:
            continue
        poly, error = chebyfit(f, [mpf(a), mpf(b)], n, error=True)
        low_first = [float(c) for c in reversed(poly)]
        text = ", ".join("%.17g" % c for c in low_first)
        rows.append(f"/* error {float(error):.1e} */\nstatic const double {name}_{suffix}[] = {{{text}}};")


half_ln2 = log(2) / 2 + mpf("0.0002")
table("exp_tail", guarded(lambda r: (expm1(r) - r) / r**2, mpf(1) / 2), -half_ln2, half_ln2, 5, 11)
table("log_tail", guarded(lambda f: (log1p(f) - f + f * f / 2) / f**3, mpf(1) / 3), sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1, 9, 0)


def log_atanh(z):
    if z < mpf(10) ** -14:
        return mpf(2) / 3
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


table("log_ratio", log_atanh, 0, mpf("0.02944"), 0, 8)
q = (pi / 4 + mpf("0.001")) ** 2
table("sin_tail", guarded(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), 0, q, 4, 7)
table("cos_tail", guarded(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), 0, q, 3, 7)
table("atan_tail", guarded(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3), 0, tan(pi / 8) ** 2 + mpf("0.001"), 5, 12)
table("erf_small", guarded(lambda z: erf(sqrt(z)) / sqrt(z), 2 / sqrt(pi)), 0, 1, 8, 15)
table("erfc_log", lambda t: log(erfc(t * 2 + 3)) + (t * 2 + 3) ** 2, mpf("-1.25"), mpf("0.55"), 13, 0)
table("erfc_near", lambda t: log(erfc(t + 2)) + (t + 2) ** 2, mpf("-1.5"), 1, 0, 22)
table("erfc_far", lambda t: log(erfc(t * 2 + 5)) + (t * 2 + 5) ** 2, -1, 1, 0, 24)
table("erfc_tail", guarded(lambda z: erfc(1 / sqrt(z)) * exp(1 / z) / sqrt(z), 1 / sqrt(pi)), mpf("0.0005"), mpf("0.06"), 6, 15)


def erf_inv_of(w):
    if w < mpf(10) ** -14:
        return sqrt(pi) / 2
    x = sqrt(-expm1(-w))
    with mp.workdps(60):
        y = sqrt(w)  # a start for Newton's iteration on log(erfc): stable near x = 1
        y = erfinv(x) if w < 20 else y
        if w >= 20:
            tail = -expm1(-w)
            one_minus = exp(-w) / (1 + sqrt(tail))
            for _ in range(30):
                y = y + (log(erfc(y)) - log(one_minus)) * erfc(y) * sqrt(pi) / 2 * exp(y * y)
        return y / x


table("erf_inv_0", lambda t: erf_inv_of(t + mpf("2.5")), -2.5, 2.5, 11, 0)
table("erf_inv_1", lambda t: erf_inv_of((t + 3) ** 2), sqrt(mpf(5)) - 3, mpf("1.1"), 11, 0)
table("erf_inv_2", guarded_at(lambda w: (erf_inv_of(w) - sqrt(pi) / 2) / w, sqrt(pi) * pi / 24), -3.125, 3.125, 0, 28)
table("erf_inv_3", lambda t: erf_inv_of((t + mpf("3.25")) ** 2), -0.75, 0.75, 0, 24)
table("erf_inv_4", lambda t: erf_inv_of((t + 5) ** 2), -1, mpf("1.1"), 0, 20)

print("/* Written by tools/fit_math.py: coefficients, lowest power first. */")
print("#ifndef ALPA_CODEGEN_LOWER_MATH_TABLES_H\n#define ALPA_CODEGEN_LOWER_MATH_TABLES_H\n")
print("\n\n".join(rows))
print("\n#endif")
