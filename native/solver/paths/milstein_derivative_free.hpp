// Milstein's scheme with a difference in place of the derivative, for Ito's integral and noise of each state's own:
// Platen's explicit order 1.0 scheme, Kloeden and Platen, "Numerical Solution of Stochastic Differential Equations"
// (1992), (11.1.3).
//
//   y = x + f h + g sqrt(h);   x + f h + g dW + (g(y) - g) (dW^2 - h) / (2 sqrt(h))
//
// The error is Euler's step against the trapezoidal rule.
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct MilsteinDerivativeFree {
  static constexpr Facts facts{.drifts = 1, .diffusions = 2, .estimates_error = true, .error_order = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto root = p.root_h();
    const auto W = p.of_own_noise(p.dW());
    const auto f = p.drift(p.x(), 0);
    const auto g = p.own_diffusion(p.x(), 0);
    const auto y = p.state([=](auto v, int i) { return v.x(i) + (v.h() * v(f, i) + v(root, 0) * v(g, i)); });
    const auto gy = p.own_diffusion(y, 0);
    const auto slope = p.state([=](auto v, int i) { return (v(gy, i) - v(g, i)) / (Real(2) * v(root, 0)); });
    p.next([=](auto v, int i) {
      const Real w = v(W, i);
      return v.x(i) + (v.h() * v(f, i) + v(g, i) * w + v(slope, i) * (w * w - v.h()));
    });

    if (!p.wants_error()) return;
    const auto f1 = p.drift(p.next(), 1);
    const auto g1 = p.own_diffusion(p.next(), 1);
    p.error([=](auto v, int i) { return Real(0.5) * (v.h() * (v(f1, i) - v(f, i)) + (v(g1, i) - v(g, i)) * v(W, i)); });
  }
};

}  // namespace fast_sde::paths
