/* Special functions that the C library lacks, in double precision (relative errors of some 1e-15 away from zeros). */
#ifndef ALPA_INTERP_SPECIAL_H
#define ALPA_INTERP_SPECIAL_H

/* exp(-|x|) I_1(x), the scaled modified Bessel function. */
double alpa_special_bessel_i1e(double x);
/* The derivative of log gamma; NaN at negative whole numbers, -inf at +0 and inf at -0. */
double alpa_special_digamma(double x);
double alpa_special_erf_inv(double y);
double alpa_special_lgamma(double x);
/* The derivative of digamma of whole order n >= 0; NaN for other n. */
double alpa_special_polygamma(double n, double x);
/* Hurwitz zeta: the sum over k >= 0 of (q + k)^-s. */
double alpa_special_zeta(double s, double q);

#endif
