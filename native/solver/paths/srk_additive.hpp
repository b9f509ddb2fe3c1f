// A stochastic Runge-Kutta step for additive noise: Roessler, "Runge-Kutta methods for the strong approximation of
// solutions of stochastic differential equations", SIAM J. Numer. Anal. 48 (2010), section 7.
//
//   Y_i = x + h sum A0_ik f(Y_k, t + c0_k h) + sum B0_ik g(t + c1_k h) Z,   Z = dW / 2 + H
//   x + h sum a_k f_k + sum (b1_k dW + b2_k Z) g_k
//
// sum b1 = 1 and sum b2 = 0: the noise is g_0 dW and the differences of g from g_0, which are 0 where g does not depend
// on time. The error is against Euler's step.
#pragma once

#include "facts.hpp"
#include "tableau.hpp"

namespace fast_sde::paths {

template <class T>  // the tableau: c0, c1, a, b1, b2; A0, B0
struct SrkAdditive {
  static constexpr int stages = T::a.size;

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    using Block = typename P::Block;
    struct Of {
      Block at[stages];
    };
    const bool varies = p.diffusion_tells_time();
    const Block Z = p.noise([](auto v, int j) { return Real(0.5) * v.dW(j) + v.H(j); });
    Of f{}, g{}, gZ{};
    for_each_stage<stages>([&](auto stage) HD_LAMBDA {
      constexpr int k = decltype(stage)::value;
      constexpr int same = earlier(k);
      g.at[k] = !varies && k > 0 ? g.at[0] : same < k ? g.at[same] : p.diffusion(p.x(), T::c1[k]);
      if constexpr (any_weight(k, T::B0)) gZ.at[k] = !varies && k > 0 ? gZ.at[0] : p.times(g.at[k], Z);
    });
    for_each_stage<stages>([&](auto stage) HD_LAMBDA {
      constexpr int i = decltype(stage)::value;
      if constexpr (no_weight(T::A0[i]) && no_weight(T::B0[i])) {
        f.at[i] = p.drift(p.x(), T::c0[i]);
      } else {
        const Block y = p.state([=](auto v, int s) {
          const Real drift = weighted<T::A0[i], Real>([=](int k) { return v(f.at[k], s); });
          return v.x(s) + (v.h() * drift + weighted<T::B0[i], Real>([=](int k) { return v(gZ.at[k], s); }));
        });
        f.at[i] = p.drift(y, T::c0[i]);
      }
    });
    const Block noise = p.times(g.at[0], p.dW());
    const Block late = p.state([](auto, int) { return Real(0); });
    for_each_stage<stages>([&](auto stage) HD_LAMBDA {
      constexpr int k = decltype(stage)::value;
      if constexpr (k > 0 && (T::b1[k] != 0 || T::b2[k] != 0)) {
        if (!varies) return;
        const Block difference = p.entries([=](auto v, int e) { return v(g.at[k], e) - v(g.at[0], e); });
        const Block more = p.times_each(difference, [=](auto v, int j) {
          return static_cast<Real>(T::b1[k]) * v.dW(j) + static_cast<Real>(T::b2[k]) * v(Z, j);
        });
        p.assign(late, [=](auto v, int s) { return v(late, s) + v(more, s); });
      }
    });
    const auto drift = [=](auto v, int s) { return weighted<T::a, Real>([=](int k) { return v(f.at[k], s); }); };
    p.next([=](auto v, int s) { return v.x(s) + (v.h() * drift(v, s) + (v(noise, s) + v(late, s))); });
    if (!p.wants_error()) return;
    p.error([=](auto v, int s) { return v.h() * (drift(v, s) - v(f.at[0], s)) + v(late, s); });
  }

 private:
  // The first stage with the time of stage k.
  HD static constexpr int earlier(int k) {
    int first = 0;
    while (T::c1[first] != T::c1[k]) ++first;
    return first;
  }
};

}  // namespace fast_sde::paths
