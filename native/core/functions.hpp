// The functions of equations, for float and double: the same bits on every CPU variant and on the device, and loops
// over them are vectors. Only +, -, *, /, sqrt and rounding to integers, which IEEE 754 fixes; no branches.
//
// Errors, relative (of sin and cos absolute): below 1.5e-7 for float; for double below 4e-16, of tan, erf and pow below
// 1e-15. Zeros, infinities, NaN and the ends of the range are as in IEEE 754. test/test_functions.cpp holds them to it.
#pragma once

#include "exponential.hpp"
#include "floating.hpp"
#include "powers.hpp"
#include "trigonometric.hpp"

namespace fast_sde::functions {

// -1, 0 or 1; NaN stays NaN.
template <class Real>
HD Real sign(Real x) {
  return x > 0 ? Real(1) : x < 0 ? Real(-1) : x;
}

// Half away from zero.
template <class Real>
HD Real round(Real x) {
  const Real a = magnitude(x), whole = floor_of(a);
  return times_sign(a - whole >= Real(0.5) ? whole + 1 : whole, x);
}

// NaN where either is. `|`, here and elsewhere: of `||` gcc 12 makes branches, and no vectors.
template <class Real>
HD Real min(Real a, Real b) {
  return ((a < b) | (a != a)) ? a : b;
}
template <class Real>
HD Real max(Real a, Real b) {
  return ((a > b) | (a != a)) ? a : b;
}

// Up to 1 by the series of erf; beyond as 1 - e^(-a^2) times a function of (a - c) / (a + c).
template <class Real>
HD Real erf(Real x) {
  const Real a = magnitude(x), z = a * a;
  constexpr Real one = is_float<Real> ? 4 : 6;  // from here on
  constexpr Real c = is_float<Real> ? Real(2) : Real(2.5);
  const Real b = a > one ? one : a, s = (b - c) / (b + c);
  Real near, rest;
  if constexpr (is_float<Real>) {
    near = polynomial(z, 0x1.06eba8p-3, -0x1.81274p-2, 0x1.ce2d52p-4, -0x1.b7fec4p-6, 0x1.542fecp-8, -0x1.a5197ap-11,
                      0x1.4c5cb4p-14);
    rest = polynomial(s, 0x1.058672p-2, -0x1.b5703ep-2, 0x1.eeea2cp-3, -0x1.437496p-4, 0x1.eb1a7cp-9, 0x1.be864cp-8,
                      -0x1.e465cap-11);
  } else {
    near = polynomial(z, 0x1.06eba8214db68p-3, -0x1.812746b0379b5p-2, 0x1.ce2f21a040b02p-4, -0x1.b82ce311f7069p-6,
                      0x1.565bccf908894p-8, -0x1.c02db03ff6859p-11, 0x1.f9a2bb4bba0e4p-14, -0x1.f4ca5bb2856d7p-17,
                      0x1.b9807f233887cp-20, -0x1.5c0bc3130e21dp-23, 0x1.d73d744d56748p-27, -0x1.ac1a4196e188cp-31);
    rest = polynomial(s, 0x1.afbb3f3b7343ap-3, -0x1.7ca88dec217a1p-2, 0x1.01c11a735ce9bp-2, -0x1.001154371778ap-3,
                      0x1.470ba1f64953fp-5, -0x1.05bb2fdfb8e5ep-8, -0x1.5a571647cd1d5p-9, 0x1.cb3b5c240bf9fp-11,
                      0x1.def2223211d36p-13, -0x1.0e45209fc9d7fp-13, -0x1.1ea1760051b68p-15, 0x1.37febab0ad07bp-16,
                      0x1.f56e941aa7f69p-18, -0x1.2b8b08d95a474p-19, -0x1.9df87e5deb08bp-20);
  }
  return times_sign(a < 1 ? a + a * near : 1 - exp(-b * b) * rest, x);
}

}  // namespace fast_sde::functions
