// pow and cbrt, for float and double.
#pragma once

#include "exponential.hpp"
#include "floating.hpp"

namespace fast_sde::functions {

// A number of about 106 bits: high + low, |low| at most half of high's last place.
struct Pair {
  double high, low;
};

// For |a| >= |b| or a = 0.
HD Pair sum_of(double a, double b) {
  const double high = a + b;
  return {high, b - (high - a)};
}

// Dekker's product, exact; factors below 2^996.
HD Pair product_of(double a, double b) {
  const double wide_a = a * 134217729.0, wide_b = b * 134217729.0;
  const double a1 = wide_a - (wide_a - a), a2 = a - a1, b1 = wide_b - (wide_b - b), b2 = b - b1;
  const double high = a * b;
  return {high, ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2};
}

// ln x for positive finite x to some 2^-64: times an exponent it still gives e^… every bit.
HD Pair log_pair(double x) {
  const auto [n, m] = parts_of(x);
  // s = (m - 1) / (m + 1), and ln m = 2 s + 2/3 s^3 + s^5 (…), of which the first two need both halves.
  const Pair below = sum_of(m > 1 ? m : 1, m > 1 ? 1 : m);
  const double inverse = 1 / below.high, s = (m - 1) * inverse;
  const Pair back = product_of(s, below.high);
  const double s_low = (((m - 1) - back.high) - back.low - s * below.low) * inverse;
  const Pair square = product_of(s, s);
  Pair cube = product_of(s, square.high);
  cube.low = cube.low + (s * (square.low + 2 * s * s_low) + s_low * square.high);
  Pair third = product_of(cube.high, 0x1.5555555555555p-1);
  third.low = third.low + (cube.high * 0x1.5555555555555p-55 + cube.low * 0x1.5555555555555p-1);
  const double series =
      cube.high * square.high *
      polynomial(square.high, 0x1.999999999999fp-2, 0x1.249249248e2a2p-2, 0x1.c71c71d852fabp-3, 0x1.745d09b6e18c5p-3,
                 0x1.3b18c7951f19dp-3, 0x1.1016ec8ad7d89p-3, 0x1.088cfc78270bep-3);
  const Pair first = sum_of(n * ln2_high<double>, 2 * s);
  const Pair second = sum_of(first.high, third.high);
  return sum_of(second.high, second.low + (first.low + (n * ln2_low<double> + (2 * s_low + (third.low + series)))));
}

// |x|^y for finite x other than 0.
HD double pow_of_positive(double x, double y) {
  const Pair log = log_pair(x), exponent = product_of(y, log.high);
  const double high = clamped(exponent.high, exp_least<double>, exp_most<double>);
  const double low = high == exponent.high ? exponent.low + y * log.low : 0.0;
  const auto [n, r] = by_ln2(high);
  return exp_of_parts(n, r + low);
}

// In double a float's power has bits to spare, and needs no pairs.
HD float pow_of_positive(float x, double y) {
  const auto [n, m] = parts_of_normal(static_cast<double>(x));
  return static_cast<float>(exp(y * log_of_parts(n, m - 1, 0.0)));
}

// `yes` or `no` by their bits. Where the condition is the same for a whole loop, gcc 12 makes no vectors of `?:`.
template <class Real>
HD Real chosen(bool condition, Real yes, Real no) {
  const BitsOf<Real> mask = condition ? ~BitsOf<Real>{0} : BitsOf<Real>{0};
  return bits_as<Real>((bits_as<BitsOf<Real>>(yes) & mask) | (bits_as<BitsOf<Real>>(no) & ~mask));
}

// An exponent, and what it makes of bases that are special.
template <class Real>
struct Exponent {
  double value;
  Real of_zero, of_infinity, of_nan;
  Real domain, sign;  // factors: NaN for a negative base if it is no integer, -1 if it is odd
};
template <class Real>
HD Exponent<Real> exponent(Real y) {
  using F = Format<Real>;
  const Real half = Real(0.5) * y;
  const bool whole = floor_of(y) == y, odd = whole & (floor_of(half) != half);
  const Real at_zero = y == 0 ? Real(1) : y;  // or NaN
  // Beyond 2^64 the power is 0, 1 or infinity in any case.
  return {clamped(static_cast<double>(y), -0x1p64, 0x1p64),
          y < 0   ? F::infinity
          : y > 0 ? Real(0)
                  : at_zero,
          y < 0   ? Real(0)
          : y > 0 ? F::infinity
                  : at_zero,
          y == 0 ? Real(1) : F::nan,
          whole ? Real(1) : F::nan,
          odd ? Real(-1) : Real(1)};
}

// Zeros, infinities and NaN as IEEE 754 has them.
template <class Real>
HD Real pow(Real x, const Exponent<Real>& y) {
  using F = Format<Real>;
  const Real a = magnitude(x);
  Real result = pow_of_positive(a, y.value);
  result = chosen(x < 0, result * y.domain, result);
  result = chosen(a == 0, y.of_zero, result);
  result = chosen(a == F::infinity, y.of_infinity, result);
  result = chosen(times_sign(Real(1), x) < 0, result * y.sign, result);
  result = chosen(x != x, y.of_nan, result);
  return chosen(x == 1, Real(1), result);
}
template <class Real>
HD Real pow(Real x, Real y) {
  return pow(x, exponent(y));
}

template <class Real>
HD Real cbrt(Real x) {
  const Real a = magnitude(x);
  const auto [n, m] = parts_of(a);
  const Real thirds = nearest(n * Real(1.0 / 3)).value, over = n - 3 * thirds;  // -1, 0 or 1
  const Real of = m * (over == 0 ? Real(1) : over > 0 ? Real(2) : Real(0.5));
  const Real factor = over == 0 ? Real(1) : over > 0 ? Real(0x1.428a2f98d728bp+0) : Real(0x1.965fea53d6e3dp-1);
  Real y;
  if constexpr (is_float<Real>) {
    y = factor * polynomial(m, 0x1.1b7fe2p-1, 0x1.1b784ap-1, -0x1.b83422p-4);
  } else {
    y = factor * polynomial(m, 0x1.afd0544bfd567p-2, 0x1.0e55d69016b7ap0, -0x1.ac0c7e00344b7p-1, 0x1.05985c3178d92p-1,
                            -0x1.6fb18219eb071p-3, 0x1.b9913e112f35ap-6);
  }
  const Real cube = y * y * y;  // one step of Halley's: from 10 or 19 bits to all
  y = y + y * ((of - cube) / (2 * cube + of));
  const Real root = y * power_of_two(thirds);
  return a > 0 && a < Format<Real>::infinity ? times_sign(root, x) : x;
}

}  // namespace fast_sde::functions
