// Milstein's scheme with its derivatives, for commutative noise: Milstein, "Approximate integration of stochastic
// differential equations", Theory Probab. Appl. 19 (1974).
//
//   x + f h + g dW + 1/2 sum over j, k of L^j g_k (dW_j dW_k - h where j = k and the integral is Ito's)
//
// The error is Euler's step against the trapezoidal rule.
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct Milstein {
  static constexpr Facts facts{.drifts = 1, .diffusions = 1, .estimates_error = true, .error_order = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto f = p.drift(p.x(), 0);
    const auto g = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto products = p.milstein(p.x(), 0);
    const bool ito = p.is_ito();
    const auto second = p.times_pairs(products, [=](auto v, int j, int k) {
      const Real both = v.dW(j) * v.dW(k);  // of j < k for k < j too
      return j < k ? both : Real(0.5) * (ito ? both - v.h() : both);
    });
    p.next([=](auto v, int i) { return v.x(i) + (v.h() * v(f, i) + v(g, i) + v(second, i)); });

    if (!p.wants_error()) return;
    const auto f1 = p.drift(p.next(), 1);
    const auto g1 = p.times(p.diffusion(p.next(), 1), p.dW());
    p.error([=](auto v, int i) { return Real(0.5) * (v.h() * (v(f1, i) - v(f, i)) + (v(g1, i) - v(g, i))); });
  }
};

}  // namespace fast_sde::paths
