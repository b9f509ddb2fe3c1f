// SLOW-RK of Foster, dos Reis and Strange, "High order splitting methods for SDEs satisfying a commutativity
// condition", SIAM J. Numer. Anal. 62 (2024), arXiv:2210.17543, (6.2), for Stratonovich's integral: strong order 3/2
// for commutative noise.
//
//   x + (f1 + 2 f2) h / 3 + (g1 + 2 g2 + 2 g3 + g4) dW / 6 + 2 (g3 - g5) H
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct SlowRk {
  static constexpr Facts facts{.drifts = 2, .diffusions = 5, .levy_area = true};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto f1 = p.drift(p.x(), 0);
    const auto y = p.state([=](auto v, int i) { return v.x(i) + Real(0.5) * v.h() * v(f1, i); });
    const auto W1 = p.times(p.diffusion(y, 0.5), p.dW());
    const auto y2 = p.state([=](auto v, int i) { return v(y, i) + Real(0.5) * v(W1, i); });
    const auto W2 = p.times(p.diffusion(y2, 0.5), p.dW());
    const auto y3 = p.state([=](auto v, int i) { return v(y, i) + Real(0.5) * v(W2, i); });
    const auto g3 = p.diffusion(y3, 0.5);
    const auto W3 = p.times(g3, p.dW()), H3 = p.times(g3, p.H());
    const auto y4 = p.state([=](auto v, int i) { return v(y, i) + v(W3, i); });
    const auto W4 = p.times(p.diffusion(y4, 0.5), p.dW());
    const auto z = p.state(
        [=](auto v, int i) { return v.x(i) + (Real(0.75) * (v.h() * v(f1, i) + v(W3, i)) + Real(1.5) * v(H3, i)); });
    const auto f2 = p.drift(z, 0.75);
    const auto y5 = p.state([=](auto v, int i) { return v.x(i) + (v.h() * v(f1, i) + Real(0.5) * v(W2, i)); });
    const auto H5 = p.times(p.diffusion(y5, 1), p.H());
    p.next([=](auto v, int i) {
      const Real drift = (v(f1, i) + Real(2) * v(f2, i)) / Real(3);
      const Real noise = ((v(W1, i) + v(W4, i)) + Real(2) * (v(W2, i) + v(W3, i))) / Real(6);
      return v.x(i) + (v.h() * drift + (noise + Real(2) * (v(H3, i) - v(H5, i))));
    });
  }
};

}  // namespace fast_sde::paths
