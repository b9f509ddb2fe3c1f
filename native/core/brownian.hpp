// A piece of a Brownian path of one noise: its increment W and its space-time Levy area
//
//   H = 1/h int_0^h (W_s - s/h W_h) ds,   normal with variance h / 12, independent of W.
//
// int_0^h W_s ds = h (W / 2 + H). Joining two pieces and splitting one keep the law: J. Foster, "Numerical
// approximations for stochastic differential equations", thesis, Oxford 2020, theorem 6.1.4.
#pragma once

#include <cmath>

#include "hd.hpp"

namespace fast_sde {

struct Increment {
  double W, H;
};

// Of `a`, of length `length_a`, and then `b`.
HD Increment join(double length_a, Increment a, double length_b, Increment b) {
  const double length = length_a + length_b;
  const double H = (length_a * a.H + length_b * b.H + 0.5 * (length_b * a.W - length_a * b.W)) / length;
  return {a.W + b.W, H};
}

struct Split {
  Increment first, rest;
};

// Of `whole`, of length a + b, after `a`. z1, z2: two normals that have not been used.
HD Split split(Increment whole, double a, double b, double z1, double z2) {
  const double h = a + b, cubes = a * a * a + b * b * b;
  const double v = 0.5 * sqrt(a * b / cubes);
  const double sqrt3 = 1.7320508075688772;
  const double share_a = a / h, share_b = b / h;
  Split parts;
  parts.first.W = share_a * whole.W + (6 * share_a * share_b) * whole.H + sqrt(a * b * cubes) / (h * h) * z1;
  parts.first.H = share_a * share_a * whole.H - v * a * share_a * z1 + v / sqrt3 * b * z2;
  parts.rest.W = whole.W - parts.first.W;
  parts.rest.H = share_b * share_b * whole.H - v * b * share_b * z1 - v / sqrt3 * a * z2;
  return parts;
}

// The same of the increment alone.
HD void split(double whole, double a, double b, double z, double& first, double& rest) {
  first = a / (a + b) * whole + sqrt(a * b / (a + b)) * z;
  rest = whole - first;
}

}  // namespace fast_sde
