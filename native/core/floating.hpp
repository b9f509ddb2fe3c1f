// What elementary functions know of float and double. All is without branches, and of operations that AVX2 has as
// vectors too: its 64-bit integers neither convert to double nor shift arithmetically.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "math.hpp"

namespace fast_sde::functions {

template <class Real>
struct Format;

template <>
struct Format<float> {
  using Bits = uint32_t;
  static constexpr int digits = 23, bias = 127;  // of the fraction, of the exponent
  static constexpr Bits sign = 0x80000000u, sqrt_half = 0x3f3504f3u;
  static constexpr float infinity = __builtin_inff(), nan = __builtin_nanf("");
  static constexpr float smallest_normal = 0x1p-126f, to_normal = 0x1p24f;
  static constexpr float integers = 0x1p23f;  // here and above every number is an integer
};

template <>
struct Format<double> {
  using Bits = uint64_t;
  static constexpr int digits = 52, bias = 1023;
  static constexpr Bits sign = 0x8000000000000000u, sqrt_half = 0x3fe6a09e667f3bcdu;
  static constexpr double infinity = __builtin_inf(), nan = __builtin_nan("");
  static constexpr double smallest_normal = 0x1p-1022, to_normal = 0x1p54;
  static constexpr double integers = 0x1p52;
};

template <class Real>
inline constexpr bool is_float = std::is_same_v<Real, float>;

template <class Real>
using BitsOf = typename Format<Real>::Bits;

template <class Real>
HD Real magnitude(Real x) {
  return bits_as<Real>(bits_as<BitsOf<Real>>(x) & ~Format<Real>::sign);
}

// `of` with its sign flipped where x is negative (-0 is).
template <class Real>
HD Real times_sign(Real of, Real x) {
  return bits_as<Real>(bits_as<BitsOf<Real>>(of) ^ (bits_as<BitsOf<Real>>(x) & Format<Real>::sign));
}

HD float sqrt_of(float x) { return ::sqrtf(x); }
HD double sqrt_of(double x) { return ::sqrt(x); }
HD float floor_of(float x) { return ::floorf(x); }
HD double floor_of(double x) { return ::floor(x); }

// c0 + x (c1 + x (c2 + …)): Horner's scheme.
template <class Real>
HD Real polynomial(Real, double last) {
  return static_cast<Real>(last);
}
template <class Real, class... More>
HD Real polynomial(Real x, double first, More... more) {
  return static_cast<Real>(first) + x * polynomial(x, more...);
}

// The nearest integer of x, as a number and as the low bits of `bits`; |x| below a quarter of `integers`.
template <class Real>
struct Nearest {
  Real value;
  BitsOf<Real> bits;
};
template <class Real>
HD Nearest<Real> nearest(Real x) {
  const Real shift = Real(1.5) * Format<Real>::integers;  // leaves no place for a fraction
  const Real shifted = x + shift;
  return {shifted - shift, bits_as<BitsOf<Real>>(shifted)};
}

// 2^n for an integer n for which that is a normal number.
template <class Real>
HD Real power_of_two(Real n) {
  return bits_as<Real>((nearest(n).bits + Format<Real>::bias) << Format<Real>::digits);
}

// x 2^n for |x| < 2, rounded once where the result is subnormal, infinite where it is too large.
template <class Real>
HD Real scaled(Real x, Real n) {
  constexpr Real margin = is_float<Real> ? 32 : 64;
  constexpr Real small = is_float<Real> ? Real(0x1p-32) : Real(0x1p-64);
  const bool large = n > margin;
  return x * power_of_two(n + (large ? -margin : margin)) * (large ? 1 / small : small);
}

// A positive finite number as 2^exponent * mantissa, mantissa in [sqrt(1/2), sqrt 2).
template <class Real>
struct Parts {
  Real exponent, mantissa;
};
template <class Real>
HD Parts<Real> parts_of_normal(Real x) {
  using F = Format<Real>;
  constexpr BitsOf<Real> one = F::bias + 1;  // keeps the biased exponent positive
  const BitsOf<Real> bits = bits_as<BitsOf<Real>>(x);
  const BitsOf<Real> biased = (bits - F::sqrt_half + (one << F::digits)) >> F::digits;
  const Real exponent = bits_as<Real>(biased | bits_as<BitsOf<Real>>(F::integers)) - (F::integers + Real(one));
  return {exponent, bits_as<Real>(bits - (biased << F::digits) + (one << F::digits))};
}
template <class Real>
HD Parts<Real> parts_of(Real x) {
  using F = Format<Real>;
  const bool subnormal = x < F::smallest_normal;
  const Parts<Real> parts = parts_of_normal(subnormal ? x * F::to_normal : x);
  constexpr Real shift = is_float<Real> ? 24 : 54;
  return {parts.exponent - (subnormal ? shift : Real(0)), parts.mantissa};
}

// ln 2 in two parts; an exponent times `ln2_high` is exact.
template <class Real>
inline constexpr Real ln2_high = is_float<Real> ? Real(0x1.62e4p-1) : Real(0x1.62e42fefa38p-1);
template <class Real>
inline constexpr Real ln2_low = is_float<Real> ? Real(0x1.7f7d1cp-20) : Real(0x1.ef35793c7673p-45);

}  // namespace fast_sde::functions
