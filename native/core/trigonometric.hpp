// sin, cos, tan and their inverses, for float and double; polynomials as in exponential.hpp.
#pragma once

#include "floating.hpp"

namespace fast_sde::functions {

// The point of the circle at angle x, turned back by quarters to |angle| <= pi / 4.
template <class Real>
struct Octant {
  Real sine, cosine;
  BitsOf<Real> quarters;  // in its two lowest bits
};

// Exact to the last place for |x| < 10^8 (2^26 quarters). Beyond, the angle is off by up to 2^-53 |x|, less than half
// of x's own last place; from 2^50 on, where doubles are a quarter of a radian apart, the answer is NaN.
template <class Real>
HD Octant<Real> octant(Real x) {
  const double angle = static_cast<double>(x);
  const auto [n, bits] = nearest(angle * 0.63661977236758134);
  double rest;
  if constexpr (is_float<Real>) {
    rest = (angle - n * 0x1.921fb544p+0) - n * 0x1.0b4611a626331p-34;
  } else {
    rest = ((angle - n * 0x1.921fb54p+0) - n * 0x1.10b461p-30) - n * 0x1.a62633145c06ep-58;
  }
  const Real r = static_cast<Real>(magnitude(angle) < 0x1p50 ? rest : Format<double>::nan), z = r * r;
  Real sine, cosine;
  if constexpr (is_float<Real>) {
    sine = r + r * z * polynomial(z, -0x1.555552p-3, 0x1.110be2p-7, -0x1.9ab1dep-13);
    cosine = 1 - (Real(0.5) * z - z * z * polynomial(z, 0x1.555554p-5, -0x1.6c129cp-10, 0x1.9bc644p-16));
  } else {
    sine = r + r * z *
                   polynomial(z, -0x1.5555555555555p-3, 0x1.1111111110c75p-7, -0x1.a01a019e9daa3p-13,
                              0x1.71de37ad58585p-19, -0x1.ae601c94d2ddfp-26, 0x1.5e1009160d081p-33);
    cosine = 1 - (Real(0.5) * z - z * z *
                                      polynomial(z, 0x1.5555555555555p-5, -0x1.6c16c16c168c8p-10, 0x1.a01a019f37a4ep-16,
                                                 -0x1.27e4fa0213fd3p-22, 0x1.1eeb56f12ca6p-29, -0x1.9072de2e718cfp-37));
  }
  return {sine, cosine, static_cast<BitsOf<Real>>(bits)};
}

// The sine of an octant's point after so many quarters.
template <class Real>
HD Real sine_after(const Octant<Real>& at, BitsOf<Real> quarters) {
  using Bits = BitsOf<Real>;
  const Bits swap = Bits{0} - (quarters & 1);
  const Bits bits = (bits_as<Bits>(at.sine) & ~swap) | (bits_as<Bits>(at.cosine) & swap);
  return bits_as<Real>(bits ^ ((quarters & 2) << (sizeof(Bits) * 8 - 2)));
}

template <class Real>
HD Real sin(Real x) {
  const Octant<Real> at = octant(x);
  return x == 0 ? x : sine_after(at, at.quarters);
}

template <class Real>
HD Real cos(Real x) {
  const Octant<Real> at = octant(x);
  return sine_after(at, at.quarters + 1);
}

HD double tan(double x) {
  const Octant<double> at = octant(x);
  return x == 0 ? x : sine_after(at, at.quarters) / sine_after(at, at.quarters + 1);
}
HD float tan(float x) { return static_cast<float>(tan(static_cast<double>(x))); }

// pi / 4 in two parts; small multiples of the first are exact.
template <class Real>
inline constexpr Real eighth_high = is_float<Real> ? Real(0x1.921fbp-1) : Real(0x1.921fb54442d18p-1);
template <class Real>
inline constexpr Real eighth_low = is_float<Real> ? Real(0x1.5110b4p-23) : Real(0x1.1a62633145c07p-55);

// `eighths` of a turn plus a small angle.
template <class Real>
HD Real from_eighths(Real eighths, Real angle) {
  return eighths * eighth_high<Real> + (angle + eighths * eighth_low<Real>);
}

// (asin s - s) / s for |s| <= 1/2, z = s^2.
template <class Real>
HD Real asin_beyond_linear(Real z) {
  if constexpr (is_float<Real>) {
    return z * polynomial(z, 0x1.555554p-3, 0x1.3334c8p-4, 0x1.6d4032p-5, 0x1.ff9494p-6, 0x1.10abf6p-6, 0x1.1a258cp-5);
  } else {
    return z * polynomial(z, 0x1.5555555555556p-3, 0x1.3333333332dcdp-4, 0x1.6db6db6e4397cp-5, 0x1.f1c71c14da09cp-6,
                          0x1.6e8bb2fe2329ap-6, 0x1.1c4d1bf9d28bap-6, 0x1.c9d1cecf332c6p-7, 0x1.780cd7fa32f64p-7,
                          0x1.52df0d2510d0ap-7, 0x1.60a47d90a4778p-8, 0x1.205df5d58257p-6, -0x1.f07d84df139b7p-7,
                          0x1.da67301f28b34p-6);
  }
}

// asin |x| to 1/2; beyond, asin sqrt((1 - |x|) / 2), half of acos |x|. `most` has few bits: what it is subtracted from
// loses none of its own.
template <class Real>
struct Arcsine {
  Real most, rest;
};
template <class Real>
HD bool is_near_one(Real x) {
  return magnitude(x) > Real(0.5);
}
template <class Real>
HD Arcsine<Real> arcsine(Real x) {
  const Real a = magnitude(x);
  const bool near_one = is_near_one(x);
  const Real z = near_one ? Real(0.5) * (1 - a) : a * a;
  const Real s = near_one ? sqrt_of(z) : a, beyond = s * asin_beyond_linear(z);
  constexpr BitsOf<Real> first_half = ~BitsOf<Real>{0} << (is_float<Real> ? 12 : 27);
  const Real head = bits_as<Real>(bits_as<BitsOf<Real>>(s) & first_half), both = s + head;
  const Real tail = (z - head * head) / (both == 0 ? Real(1) : both);
  return {near_one ? head : a, near_one ? tail + beyond : beyond};
}

template <class Real>
HD Real asin(Real x) {
  const bool near_one = is_near_one(x);
  const auto [most, rest] = arcsine(x);
  const Real large = (2 * eighth_high<Real> - 2 * most) + (2 * eighth_low<Real> - 2 * rest);
  return times_sign(near_one ? large : most + rest, x);
}

template <class Real>
HD Real acos(Real x) {
  const bool near_one = is_near_one(x);
  const auto [most, rest] = arcsine(x);
  const Real eighths = near_one ? (x < 0 ? Real(4) : Real(0)) : Real(2), factor = near_one ? Real(2) : Real(-1);
  const Real signed_factor = times_sign(factor, x);
  return (eighths * eighth_high<Real> + signed_factor * most) + (eighths * eighth_low<Real> + signed_factor * rest);
}

// Of a float's quotient, so that rounding the denominator does not show.
template <class Real>
HD Real atan_of_small(double numerator, double denominator) {
  const Real s = static_cast<Real>(numerator / denominator), z = s * s;
  if constexpr (is_float<Real>) {
    return s + s * (z * polynomial(z, -0x1.555556p-2, 0x1.99998ap-3, -0x1.248082p-3, 0x1.c3c88ep-4, -0x1.551572p-4,
                                   0x1.651436p-5));
  } else {
    return s + s * (z * polynomial(z, -0x1.5555555555554p-2, 0x1.9999999998dfp-3, -0x1.249249240709ap-3,
                                   0x1.c71c71752b27fp-4, -0x1.745d0ac1df513p-4, 0x1.3b128efe6f7abp-4,
                                   -0x1.110048a48e14cp-4, 0x1.e0977577bf0bap-5, -0x1.a68b25840dfdbp-5,
                                   0x1.5f07b980dfdfcp-5, -0x1.dac7528b23dfap-6, 0x1.6e0c643301ecep-7));
  }
}

// What stands for |x| beside an infinity: 1 for infinity, 0 for a number.
template <class Real>
HD Real at_infinity(Real x) {
  const Real a = magnitude(x);
  return a == Format<Real>::infinity ? Real(1) : a != a ? a : Real(0);
}

// From 0 to 1/2, from there to 2 about an eighth of a turn, beyond about two.
template <class Real>
HD Real atan(Real x) {
  const double a = magnitude(x);
  const bool first = a <= 0.5, last = a > 2;
  const double numerator = first ? a : last ? -1.0 : a - 1, denominator = first ? 1.0 : last ? a : a + 1;
  const Real eighths = first ? Real(0) : last ? Real(2) : Real(1);
  return times_sign(from_eighths(eighths, atan_of_small<Real>(numerator, denominator)), x);
}

template <class Real>
HD Real atan2(Real y, Real x) {
  using F = Format<Real>;
  const bool endless = magnitude(x) == F::infinity || magnitude(y) == F::infinity;
  const double ax = endless ? at_infinity(x) : magnitude(x), ay = endless ? at_infinity(y) : magnitude(y);
  const bool steep = ay > ax;
  const double shrink = (steep ? ay : ax) > 0x1p1022 ? 0.25 : 1;
  const double low = (steep ? ax : ay) * shrink, most = (steep ? ay : ax) * shrink, high = most == 0 ? 1 : most;
  // Turned back by an eighth where that brings it nearer; then the octants are put together again.
  const bool turned = low > 0.5 * high;
  const Real angle = atan_of_small<Real>(turned ? low - high : low, turned ? low + high : high);
  const bool left = (bits_as<BitsOf<Real>>(x) & F::sign) != 0;
  Real eighths = turned ? Real(1) : Real(0);
  eighths = steep ? 2 - eighths : eighths;
  eighths = left ? 4 - eighths : eighths;
  return times_sign(from_eighths(eighths, steep != left ? -angle : angle), y);
}

}  // namespace fast_sde::functions
