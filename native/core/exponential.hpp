// exp, log and what is made of them, for float and double. A polynomial is the best of its degree with coefficients of
// its format (Brisebarre and Chevillard's fpminimax).
#pragma once

#include "floating.hpp"

namespace fast_sde::functions {

// x = n ln 2 + r, |r| <= ln 2 / 2.
template <class Real>
struct ExponentAndRest {
  Real n, r;
};
template <class Real>
HD ExponentAndRest<Real> by_ln2(Real x) {
  const Real n = nearest(x * Real(1.4426950408889634)).value;
  return {n, (x - n * ln2_high<Real>)-n * ln2_low<Real>};
}

// e^r - 1 - r for such an r.
template <class Real>
HD Real exp_beyond_linear(Real r) {
  if constexpr (is_float<Real>) {
    return r * r * polynomial(r, 0.5, 0x1.555556p-3, 0x1.555502p-5, 0x1.110ff2p-7, 0x1.6d2e04p-10, 0x1.a2675ep-13);
  } else {
    return r * r *
           polynomial(r, 0.5, 0x1.5555555555557p-3, 0x1.5555555555552p-5, 0x1.1111111110054p-7, 0x1.6c16c16c1892ep-10,
                      0x1.a01a01ac1be2dp-13, 0x1.a01a0197bf4cap-16, 0x1.71de01b37eb94p-19, 0x1.27e500d834d01p-22,
                      0x1.af4ebda277033p-26, 0x1.1f32fdb611c2cp-29);
  }
}

// 2^n e^r.
template <class Real>
HD Real exp_of_parts(Real n, Real r) {
  return scaled(1 + (r + exp_beyond_linear(r)), n);
}

// Beyond these e^x is infinity and 0.
template <class Real>
inline constexpr Real exp_most = is_float<Real> ? Real(89) : Real(710);
template <class Real>
inline constexpr Real exp_least = is_float<Real> ? Real(-104) : Real(-746);

// NaN stays NaN.
template <class Real>
HD Real clamped(Real x, Real least, Real most) {
  x = x > most ? most : x;
  return x < least ? least : x;
}

template <class Real>
HD Real exp(Real x) {
  const auto [n, r] = by_ln2(clamped(x, exp_least<Real>, exp_most<Real>));
  return exp_of_parts(n, r);
}

// 2^shift (2^n e^r - 1); `beyond` is exp_beyond_linear(r).
template <class Real>
HD Real expm1_of_parts(Real n, Real r, Real beyond, Real shift) {
  constexpr Real all = is_float<Real> ? 60 : 100;  // from here on 1 - 2^-n is 1
  return scaled(((1 - power_of_two(n < all ? -n : -all)) + r) + beyond, n + shift);
}

template <class Real>
HD Real expm1(Real x) {
  const auto [n, r] = by_ln2(clamped(x, is_float<Real> ? Real(-20) : Real(-40), exp_most<Real>));
  const Real result = expm1_of_parts(n, r, exp_beyond_linear(r), Real(0));
  return x == 0 ? x : result;  // -0 stays -0
}

// n ln 2 + ln(1 + f) + more, 1 + f in [sqrt(1/2), sqrt 2): ln(1 + f) = 2 atanh(f / (2 + f)), arranged so that f, its
// leading term, is added last.
template <class Real>
HD Real log_of_parts(Real n, Real f, Real more) {
  const Real s = f / (2 + f), z = s * s, half_square = Real(0.5) * f * f;
  Real series;
  if constexpr (is_float<Real>) {
    series = z * polynomial(z, 0x1.55555cp-1, 0x1.997b8cp-2, 0x1.2efa24p-2);
  } else {
    series = z * polynomial(z, 0x1.5555555555558p-1, 0x1.9999999995284p-2, 0x1.2492492e03d5p-2, 0x1.c71c62c9cb7e9p-3,
                            0x1.7462bd218b3e6p-3, 0x1.39fd3c2df8d38p-3, 0x1.2b66b9bfa6c5p-3);
  }
  return n * ln2_high<Real> - ((half_square - (s * (half_square + series) + (n * ln2_low<Real> + more))) - f);
}

template <class Real>
HD Real log(Real x) {
  using F = Format<Real>;
  const auto [n, m] = parts_of(x);
  const Real inside = log_of_parts(n, m - 1, Real(0));
  const Real above = x < F::infinity ? inside : x;
  const Real below = x == 0 ? -F::infinity : F::nan;
  return x > 0 ? above : below;
}

template <class Real>
HD Real log1p(Real x) {
  using F = Format<Real>;
  const Real u = 1 + x;
  const auto [n, m] = parts_of_normal(u);
  const Real lost = (x >= 1 ? 1 - (u - x) : x - (u - 1)) / u;  // what u rounds off
  const Real f = n == 0 ? x : m - 1;
  const Real sum = log_of_parts(n, f, n == 0 ? Real(0) : lost);
  const Real inside = x == 0 ? x : sum;
  const Real above = x < F::infinity ? inside : x;
  const Real below = x == -1 ? -F::infinity : F::nan;
  return x > -1 ? above : below;
}

// By half = (e^a - 1) / 2, which does not overflow before sinh does. Below ln 2 / 2, where e^a - 1 is a + beyond, a is
// added last.
template <class Real>
HD Real sinh(Real x) {
  const Real a = magnitude(x);
  const auto [n, r] = by_ln2(clamped(a, Real(0), exp_most<Real> + 1));
  const Real beyond = exp_beyond_linear(r), half = expm1_of_parts(n, r, beyond, Real(-1)), whole = 2 * half;
  const Real small = r + (beyond - half * whole / (whole + 1));
  const Real large = half + (half < Format<Real>::infinity ? half / (whole + 1) : Real(0));
  return times_sign(n == 0 ? small : large, x);
}

template <class Real>
HD Real cosh(Real x) {
  const auto [n, r] = by_ln2(clamped(magnitude(x), Real(0), exp_most<Real> + 1));
  const Real half = exp_of_parts(n - 1, r);  // e^|x| / 2
  return half + Real(0.25) / half;
}

// By e^2a - 1, a = |x|; a is added last as in sinh.
template <class Real>
HD Real tanh(Real x) {
  const Real a = clamped(magnitude(x), Real(0), is_float<Real> ? Real(10) : Real(22));
  const auto [n, r] = by_ln2(2 * a);
  const Real beyond = exp_beyond_linear(r), whole = expm1_of_parts(n, r, beyond, Real(0));
  const Real base = n == 0 ? a : Real(0), rest = n == 0 ? beyond - a * whole : whole;
  return times_sign(base + rest / (whole + 2), x);
}

}  // namespace fast_sde::functions
