// Elementary functions whose bits are the same on every CPU variant and on the device: libm's and CUDA's differ in
// the last place. Only +, -, *, / and sqrt, which IEEE 754 fixes, and no contraction to fma.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "hd.hpp"

namespace fast_sde {

template <class To, class From>
HD To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

HD float absolute(float x) { return x < 0 ? -x : x; }
HD float larger(float a, float b) { return a > b ? a : b; }
HD double smaller(double a, double b) { return a < b ? a : b; }

// False for NaN and both infinities.
HD bool is_finite(double x) { return x - x == 0; }

// ln x for normal positive x, relative error below 2^-52: ln m = 2 atanh((m-1)/(m+1)), m in [sqrt(1/2), sqrt 2).
HD double natural_log(double x) {
  uint64_t bits = bits_as<uint64_t>(x);
  const uint64_t sqrt_half = 0x3fe6a09e667f3bcdull;
  int64_t exponent = static_cast<int64_t>(bits - sqrt_half) >> 52;
  double m = bits_as<double>(bits - (static_cast<uint64_t>(exponent) << 52));
  double s = (m - 1) / (m + 1);
  double z = s * s;  // at most 0.0295
  double series = 0;
  for (int k = 23; k >= 3; k -= 2) series = z * (1.0 / k + series);
  const double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;
  double e = static_cast<double>(exponent);
  return e * ln2_high + (2 * s + (2 * s * series + e * ln2_low));
}

// e^x, relative error about 2^-52; 0 below -708, infinity above 709.
HD double exponential(double x) {
  if (!(x > -708)) return x == x ? 0 : x;
  if (x > 709) return bits_as<double>(uint64_t{0x7ff0000000000000});
  const double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;
  double scaled = x * 1.4426950408889634;
  int64_t k = static_cast<int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  double r = (x - static_cast<double>(k) * ln2_high) - static_cast<double>(k) * ln2_low;  // |r| <= ln2 / 2
  // Taylor's series: the next term is below 2^-57. No divisions: on a device they are long, and this waits for them.
  double series = 1.0 / 6227020800;
  series = 1.0 / 479001600 + r * series;
  series = 1.0 / 39916800 + r * series;
  series = 1.0 / 3628800 + r * series;
  series = 1.0 / 362880 + r * series;
  series = 1.0 / 40320 + r * series;
  series = 1.0 / 5040 + r * series;
  series = 1.0 / 720 + r * series;
  series = 1.0 / 120 + r * series;
  series = 1.0 / 24 + r * series;
  series = 1.0 / 6 + r * series;
  series = 0.5 + r * series;
  series = r + r * r * series;
  return (1 + series) * bits_as<double>(static_cast<uint64_t>(k + 1023) << 52);
}

// x^p for normal positive x.
HD double power(double x, double p) { return exponential(p * natural_log(x)); }

}  // namespace fast_sde
