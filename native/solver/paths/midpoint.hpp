// The explicit midpoint rule for Stratonovich's integral: Ruemelin, "Numerical treatment of stochastic differential
// equations", SIAM J. Numer. Anal. 19 (1982). The error is against Euler's step.
//
//   y = x + (f h + g dW) / 2;   x + f(y) h + g(y) dW
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct Midpoint {
  static constexpr Facts facts{.drifts = 2, .diffusions = 2, .estimates_error = true, .error_order = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto f0 = p.drift(p.x(), 0);
    const auto g0 = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto y = p.state([=](auto v, int i) { return v.x(i) + Real(0.5) * (v.h() * v(f0, i) + v(g0, i)); });
    const auto f1 = p.drift(y, 0.5);
    const auto g1 = p.times(p.diffusion(y, 0.5), p.dW());
    p.next([=](auto v, int i) { return v.x(i) + (v.h() * v(f1, i) + v(g1, i)); });
    if (!p.wants_error()) return;
    p.error([=](auto v, int i) { return v.h() * (v(f1, i) - v(f0, i)) + (v(g1, i) - v(g0, i)); });
  }
};

}  // namespace fast_sde::paths
