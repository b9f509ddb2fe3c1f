// RI1 of Roessler, "Second order Runge-Kutta methods for Ito stochastic differential equations", SIAM J. Numer. Anal.
// 47 (2009): weak order 2 for any noise, of deterministic order 3.
//
//   I_k: three-point;   T_k: coins;   I_kk = (I_k^2 - h) / 2
//   I_kl = (I_k I_l - sqrt(h) T_k sqrt(h)) / 2 for k < l,   (I_k I_l + sqrt(h) T_l sqrt(h)) / 2 for l < k
#pragma once

#include "coins.hpp"
#include "facts.hpp"

namespace fast_sde::paths {

struct Ri1 {
  static constexpr Facts facts{.drifts = 3, .diffusions = 5, .levy_area = true, .columns = true};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto root = p.root_h();
    const auto I = p.noise([=](auto v, int k) { return three_point(v, k, v(root, 0)); });
    const auto f1 = p.drift(p.x(), 0);
    const auto g = p.diffusion(p.x(), 0);
    const auto gI = p.times(g, I);
    const auto y2 = p.state([=](auto v, int i) { return v.x(i) + (Real(2 / 3.) * v.h() * v(f1, i) + v(gI, i)); });
    const auto f2 = p.drift(y2, 2 / 3.);
    const auto y3 = p.state([=](auto v, int i) { return v.x(i) + v.h() * (v(f2, i) - v(f1, i) / Real(3)); });
    const auto f3 = p.drift(y3, 2 / 3.);
    p.next([=](auto v, int i) { return v.x(i) + v.h() * (Real(0.25) * (v(f1, i) + v(f3, i)) + Real(0.5) * v(f2, i)); });
    const auto far = p.state([=](auto v, int i) { return v.x(i) + v.h() * v(f1, i); });
    const auto next = p.next();
    for (int k = 0; k < p.noises(); ++k) {
      const auto mark = p.mark();
      // Noise k by itself.
      const auto gk = p.column_of(g, k);
      const auto above = p.state([=](auto v, int i) { return v(far, i) + v(root, 0) * v(gk, i); });
      const auto below = p.state([=](auto v, int i) { return v(far, i) - v(root, 0) * v(gk, i); });
      const auto g_above = p.column(above, 1, k), g_below = p.column(below, 1, k);
      p.assign(next, [=](auto v, int i) {
        const Real Ik = v(I, k), half = Real(0.25) * (Ik * Ik - v.h()) / v(root, 0);
        const Real ends = Real(0.25) * (v(g_above, i) + v(g_below, i)) + Real(0.5) * v(gk, i);
        return v(next, i) + (ends * Ik + (v(g_above, i) - v(g_below, i)) * half);
      });
      if (p.noises() > 1) with_others(p, k, root, I, g, gk);
      p.release(mark);
    }
  }

 private:
  template <class P, class Block>
  HD static void with_others(P& p, int k, Block root, Block I, Block g, Block gk) {
    using Real = typename P::Real;
    const auto mixed = p.times_each(g, [=](auto v, int l) {
      const Real area = k < l ? -coin(v, k) : coin(v, l);
      return l == k ? Real(0) : Real(0.5) * (v(I, k) * v(I, l) / v(root, 0) + area * v(root, 0));
    });
    const auto above = p.state([=](auto v, int i) { return v.x(i) + v(mixed, i); });
    const auto below = p.state([=](auto v, int i) { return v.x(i) - v(mixed, i); });
    const auto g_above = p.column(above, 0, k), g_below = p.column(below, 0, k);
    const auto next = p.next();
    p.assign(next, [=](auto v, int i) {
      const Real ends = Real(0.25) * (v(g_above, i) + v(g_below, i)) - Real(0.5) * v(gk, i);
      return v(next, i) + (ends * v(I, k) + Real(0.5) * (v(g_above, i) - v(g_below, i)) * v(root, 0));
    });
  }
};

}  // namespace fast_sde::paths
