// Langevin equations in second-order form: positions, then as many velocities,
//
//   dx = v dt,   dv = (F(x, t) - friction v) dt + sigma dW,   friction a number a velocity; neither it nor sigma of x
//   or v
//
// read out of general equations: F is their drift at v = 0, the friction the diagonal of their Jacobian there.
#pragma once

#include "../../core/functions.hpp"

namespace fast_sde::paths {

// F at (x of `y`, t + abscissa h): its rows states / 2 … states - 1.
template <class P, class Block>
HD Block force(P& p, Block y, double abscissa) {
  const int half = p.states() / 2;
  const auto still = p.state([=](auto v, int i) { return i < half ? v(y, i) : typename P::Real(0); });
  return p.drift(still, abscissa);
}

// The friction: a row a velocity, at its row.
template <class P>
HD auto friction(P& p) {
  using Real = typename P::Real;
  const int half = p.states() / 2;
  const auto made = p.state([](auto, int) { return Real(0); });
  const auto J = p.jacobian(p.x(), 0);
  const auto entries = p.jacobian_entries();
  for (int k = 0; k < entries.count; ++k) {
    const int i = entries.data[k].row;
    if (i >= half && entries.data[k].column == i) p.assign_row(made, i, [=](auto v) { return -v(J, k); });
  }
  return made;
}

// (e^z - 1) / z.
template <class Real>
HD Real phi1(Real z) {
  return z == 0 ? Real(1) : functions::expm1(z) / z;
}

// (e^z - 1 - z - z^2 / 2) / z^3, by its series where that would cancel.
template <class Real>
HD Real phi3(Real z) {
  Real series = 0;
  for (int n = 20; n >= 3; --n) series = (series * z + Real(1)) / Real(n);  // sum z^k 2! / (k + 3)!
  const Real direct = (functions::expm1(z) - z - Real(0.5) * z * z) / (z * z * z);
  return functions::magnitude(z) < 1 ? Real(0.5) * series : direct;
}

}  // namespace fast_sde::paths
