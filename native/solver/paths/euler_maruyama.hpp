// Euler and Maruyama: Maruyama, "Continuous Markov processes and stochastic equations", Rend. Circ. Mat. Palermo 4
// (1955). Of equal steps alone: with steps that look at the noise it goes to another limit where the noise is
// multiplicative (Gaines and Lyons, "Variable step size control in the numerical solution of stochastic differential
// equations", SIAM J. Appl. Math. 57 (1997)).
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct EulerMaruyama {
  static constexpr Facts facts{.drifts = 1, .diffusions = 1};

  template <class P>
  HD static void step(P& p) {
    const auto f = p.drift(p.x(), 0);
    const auto g = p.diffusion(p.x(), 0);
    p.next_with_noise(g, [=](auto v, int i, auto noise) { return v.x(i) + (v.h() * v(f, i) + noise); });
  }
};

}  // namespace fast_sde::paths
