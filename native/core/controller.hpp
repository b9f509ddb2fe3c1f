// The step size rule of Algorithm 1 (arXiv:2105.14080): h <- min(remaining, safety h E^-exponent), after accepted and
// rejected steps alike. Zero error takes all that remains.
#pragma once

#include "math.hpp"

namespace fast_sde {

HD double next_step(double safety, double exponent, double h, double error, double remaining) {
  if (error == 0) return remaining;
  return smaller(remaining, safety * h * power(error, -exponent));
}

// True where a step is too short to move time: a few units in the last place of t.
HD bool too_short(double h, double t) { return !(h > 8 * 0x1p-52 * t); }

// Whether no step leads from one of two times to the other: sums that mean the same time round apart.
HD bool same_time(double a, double b) {
  const double size_a = a < 0 ? -a : a, size_b = b < 0 ? -b : b;
  return too_short(a < b ? b - a : a - b, size_a > size_b ? size_a : size_b);
}

}  // namespace fast_sde
