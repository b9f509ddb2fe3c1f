// ShARK of Foster, dos Reis and Strange, "High order splitting methods for SDEs satisfying a commutativity condition",
// SIAM J. Numer. Anal. 62 (2024), arXiv:2210.17543: strong order 3/2 for additive noise.
//
//   y1 = x + g0 H,   y2 = x + 5/6 f1 h + g0 (5/6 dW + H),   f1 = f(y1, t),   f2 = f(y2, t + 5/6 h)
//   x + (0.4 f1 + 0.6 f2) h + g0 dW + (g(t + h) - g0) (dW / 2 - H)
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct Shark {
  static constexpr Facts facts{
      .drifts = 2, .diffusions = 2, .levy_area = true, .estimates_error = true, .error_order = 1.5};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto g0 = p.diffusion(p.x(), 0);
    const auto W = p.times(g0, p.dW()), H = p.times(g0, p.H());
    const auto y1 = p.state([=](auto v, int i) { return v.x(i) + v(H, i); });
    const auto f1 = p.drift(y1, 0);
    const auto y2 =
        p.state([=](auto v, int i) { return v.x(i) + (Real(5 / 6.) * (v.h() * v(f1, i) + v(W, i)) + v(H, i)); });
    const auto f2 = p.drift(y2, 5 / 6.);
    auto late = p.state([](auto, int) { return Real(0); });  // what the noise gains from depending on time
    if (p.diffusion_tells_time()) {
      const auto g1 = p.diffusion(p.x(), 1);
      const auto gained = p.entries([=](auto v, int k) { return v(g1, k) - v(g0, k); });
      late = p.times_each(gained, [](auto v, int j) { return Real(0.5) * v.dW(j) - v.H(j); });
    }
    p.next([=](auto v, int i) {
      return v.x(i) + (v.h() * (Real(0.4) * v(f1, i) + Real(0.6) * v(f2, i)) + (v(W, i) + v(late, i)));
    });
    if (!p.wants_error()) return;
    p.error([=](auto v, int i) { return v.h() * (Real(0.6) * (v(f2, i) - v(f1, i))) + v(late, i); });
  }
};

}  // namespace fast_sde::paths
