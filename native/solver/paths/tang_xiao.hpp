// Tang and Xiao, "Efficient weak second-order stochastic Runge-Kutta methods for Ito stochastic differential
// equations", BIT 57 (2017), with times of their own for the stages: without these it has weak order 1 where
// coefficients depend on time.
//
//   I_k: three-point;   xi = S sqrt(h);   I_kl = I_l (1 - T) / 2 for k < l, I_l (1 + T) / 2 for l < k;   S, T: coins
#pragma once

#include "coins.hpp"
#include "facts.hpp"

namespace fast_sde::paths {

struct TangXiao {
  static constexpr Facts facts{.drifts = 3, .diffusions = 3, .levy_area = true, .columns = true};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    constexpr double sqrt6 = 2.449489742783178;
    const auto root = p.root_h();
    const auto I = p.noise([=](auto v, int k) { return three_point(v, k, v(root, 0)); });
    const auto f1 = p.drift(p.x(), 0);
    const auto g = p.diffusion(p.x(), 0);
    const auto gI = p.times(g, I);
    const auto y2 = p.state(
        [=](auto v, int i) { return v.x(i) + (Real(0.5) * v.h() * v(f1, i) + Real((6 - sqrt6) / 10) * v(gI, i)); });
    const auto f2 = p.drift(y2, 0.5);
    const auto y3 = p.state([=](auto v, int i) {
      return v.x(i) + (v.h() * (Real(2) * v(f2, i) - v(f1, i)) + Real((3 + 2 * sqrt6) / 5) * v(gI, i));
    });
    const auto f3 = p.drift(y3, 1);
    p.next([=](auto v, int i) {
      const Real drift = (v(f1, i) + v(f3, i) + Real(4) * v(f2, i)) / Real(6);
      return v.x(i) + v.h() * drift;
    });
    const auto near = p.state([=](auto v, int i) { return v.x(i) + Real(0.25) * v.h() * v(f1, i); });
    const int second = p.noises() > 1 ? 1 : 0;
    for (int k = 0; k < p.noises(); ++k) {
      const auto mark = p.mark();
      const auto gk = p.column_of(g, k);
      const auto mixed = p.times_each(g, [=](auto v, int l) {
        const Real sign = k < l ? -coin(v, second) : coin(v, second);
        return l == k ? Real(0) : Real(0.5) * v(I, l) * (Real(1) + sign);
      });
      const auto above = p.state(
          [=](auto v, int i) { return v(near, i) + (Real(0.5) * (coin(v, 0) * v(root, 0)) * v(gk, i) + v(mixed, i)); });
      const auto below =
          p.state([=](auto v, int i) { return v(near, i) - Real(0.5) * (coin(v, 0) * v(root, 0)) * v(gk, i); });
      const auto g_above = p.column(above, 0.25, k), g_below = p.column(below, 0.25, k);
      const auto next = p.next();
      p.assign(next, [=](auto v, int i) {
        const Real Ik = v(I, k), xi = coin(v, 0) * v(root, 0), twice_chi = Ik * Ik / xi - xi;
        const Real ends = v(gk, i) * (twice_chi - Ik) + v(g_below, i) * (Ik - twice_chi);
        return v(next, i) + (ends + v(g_above, i) * Ik);
      });
      p.release(mark);
    }
  }
};

}  // namespace fast_sde::paths
