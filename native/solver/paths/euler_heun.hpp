// Euler and Heun for Stratonovich's integral: the trapezoidal rule for the noise alone. Kloeden and Platen, "Numerical
// Solution of Stochastic Differential Equations" (1992), chapter 11.
//
//   y = x + g dW;   x + f h + (g(x) + g(y)) dW / 2
//
// The error is Euler's step against the trapezoidal rule.
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct EulerHeun {
  static constexpr Facts facts{.drifts = 1, .diffusions = 2, .estimates_error = true, .error_order = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto f = p.drift(p.x(), 0);
    const auto g = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto y = p.state([=](auto v, int i) { return v.x(i) + v(g, i); });
    const auto gy = p.times(p.diffusion(y, 1), p.dW());
    p.next([=](auto v, int i) { return v.x(i) + (v.h() * v(f, i) + Real(0.5) * (v(g, i) + v(gy, i))); });

    if (!p.wants_error()) return;
    const auto f1 = p.drift(p.next(), 1);
    p.error([=](auto v, int i) { return Real(0.5) * (v.h() * (v(f1, i) - v(f, i)) + (v(gy, i) - v(g, i))); });
  }
};

}  // namespace fast_sde::paths
