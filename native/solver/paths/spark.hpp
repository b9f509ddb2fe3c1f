// SPaRK of Foster, dos Reis and Strange, "High order splitting methods for SDEs satisfying a commutativity condition",
// SIAM J. Numer. Anal. 62 (2024), arXiv:2210.17543, for Stratonovich's integral: strong order 3/2 for additive noise, 1
// for commutative, 1/2 for any. Its error is an embedded one, of other weights at the ends.
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct Spark {
  static constexpr Facts facts{
      .drifts = 3, .diffusions = 3, .levy_area = true, .estimates_error = true, .error_order = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    constexpr double sqrt3 = 1.7320508075688772, end = (3 - sqrt3) / 6, mid = sqrt3 / 3;
    const auto f1 = p.drift(p.x(), 0);
    const auto g1 = p.diffusion(p.x(), 0);
    const auto W1 = p.times(g1, p.dW()), H1 = p.times(g1, p.H());
    const auto y2 = p.state(
        [=](auto v, int i) { return v.x(i) + (Real(0.5) * (v.h() * v(f1, i) + v(W1, i)) + Real(sqrt3) * v(H1, i)); });
    const auto f2 = p.drift(y2, 0.5);
    const auto W2 = p.times(p.diffusion(y2, 0.5), p.dW());
    const auto y3 = p.state([=](auto v, int i) { return v.x(i) + (v.h() * v(f2, i) + v(W2, i)); });
    const auto f3 = p.drift(y3, 1);
    const auto g3 = p.diffusion(y3, 1);
    const auto W3 = p.times(g3, p.dW()), H3 = p.times(g3, p.H());
    const auto change = [=](auto v, int i) {
      const Real drift = Real(end) * (v(f1, i) + v(f3, i)) + Real(mid) * v(f2, i);
      const Real noise = Real(end) * (v(W1, i) + v(W3, i)) + Real(mid) * v(W2, i);
      return v.h() * drift + (noise + (v(H1, i) - v(H3, i)));
    };
    p.next([=](auto v, int i) { return v.x(i) + change(v, i); });
    if (!p.wants_error()) return;
    p.error([=](auto v, int i) { return change(v, i) - (v.h() * v(f1, i) + v(W1, i)); });
  }
};

}  // namespace fast_sde::paths
