// Whether a path crossed a level within a step, and when, without the bias of looking at the steps' ends alone: between
// them e is taken for a Brownian bridge of the variance it has at the step's begin.
//
// A bridge of variance v h from a to b, both on one side, touches 0 with probability exp(-2 a b / (v h)). Given that it
// does, its first time there is h Z / (1 + Z), Z inverse Gaussian of mean |a / b| and shape a^2 / (v h): A. Beskos, O.
// Papaspiliopoulos and G. Roberts, "Retrospective exact simulation of diffusion sample paths", Bernoulli 12
// (2006), 3.1.
#pragma once

#include <cmath>

#include "../core/normal.hpp"

namespace fast_sde::paths {

// Uniform in (0, 1).
HD double uniform_of(uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

// Inverse Gaussian: J. Michael, W. Schucany, R. Haas, "Generating random variates using transformations with multiple
// roots", The American Statistician 30 (1976).
HD double inverse_gaussian(double mean, double shape, double normal, double uniform) {
  const double y = normal * normal, ratio = mean * y / (2 * shape);
  // The smaller root, without the difference of large numbers.
  const double x = mean / (1 + ratio + sqrt(ratio * (2 + ratio)));
  return uniform * (mean + x) <= mean ? x : mean * (mean / x);
}

struct Crossing {
  bool crossed;
  double share;  // of the step, at its first crossing
};

// From e = a to e = b over a step of length h. `words`: four random words of this event and attempt. A path that begins
// on the level has not crossed it.
HD Crossing crossing(double a, double b, double variance, double h, int direction, const uint32_t* words) {
  if (!(a < 0 || a > 0) || !(b == b) || (direction > 0 && a > 0) || (direction < 0 && a < 0)) return {false, 0};
  const bool through = (a < 0) != (b < 0) || b == 0;
  const double vh = variance * h;
  if (!(vh > 0)) return {through, through ? a / (a - b) : 0};
  if (!through) {
    const double exponent = -2 * a * b / vh;
    if (exponent < -60 || !(uniform_of(words[0]) < exponential(exponent))) return {false, 0};
  }
  if (b == 0) return {true, 1};
  float normal = 0, unused = 0;
  box_muller(words[1], words[2], normal, unused);
  const double z = inverse_gaussian(fabs(a / b), a * a / vh, static_cast<double>(normal), uniform_of(words[3]));
  return {true, z / (1 + z)};
}

}  // namespace fast_sde::paths
