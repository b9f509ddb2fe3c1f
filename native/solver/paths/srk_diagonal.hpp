// A stochastic Runge-Kutta step for Ito's integral and noise of each state's own, or one noise: Roessler, "Runge-Kutta
// methods for the strong approximation of solutions of stochastic differential equations", SIAM J. Numer. Anal. 48
// (2010), section 5.
//
//   chi1 = (dW^2 - h) / (2 sqrt(h)),   chi2 = dW / 2 + H,   chi3 = (dW^3 - 3 dW h) / (6 h)
//   H0_i = x + h sum A0_ik f_k + chi2 sum B0_ik g_k,        f_i = f(H0_i, t + c0_i h)
//   H1_i = x + h sum A1_ik f_k + sqrt(h) sum B1_ik g_k,     g_i = g(H1_i, t + c1_i h)
//   x + h sum a_k f_k + sum (b1_k dW + b2_k chi1 + b3_k chi2 + b4_k chi3) g_k
//
// The error: of the drift against Euler's step; of the noise the terms of chi2 and chi3, as Rackauckas and Nie,
// "Adaptive methods for stochastic differential equations via natural embeddings and rejection sampling with memory",
// DCDS-B 22 (2017).
#pragma once

#include "facts.hpp"
#include "tableau.hpp"

namespace fast_sde::paths {

template <class T>  // the tableau: c0, c1, a, b1 … b4; A0, A1, B0, B1
struct SrkDiagonal {
  static constexpr int stages = T::a.size;

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    using Block = typename P::Block;
    struct Of {
      Block at[stages];
    };
    const Block root = p.root_h(), W = p.of_own_noise(p.dW()), H = p.of_own_noise(p.H());
    const Block chi2 = p.state([=](auto v, int s) { return Real(0.5) * v(W, s) + v(H, s); });
    Of f{}, g{};
    for_each_stage<stages>([&](auto stage) HD_LAMBDA {
      constexpr int i = decltype(stage)::value;
      if constexpr (any_weight(i, T::A0, T::a) || any_weight(i, T::A1)) {
        constexpr bool moves = !no_weight(T::A0[i]) || !no_weight(T::B0[i]);
        Block y = p.x();
        if constexpr (moves) {
          y = p.state([=](auto v, int s) {
            const Real drift = weighted<T::A0[i], Real>([=](int k) { return v(f.at[k], s); });
            const Real noise = weighted<T::B0[i], Real>([=](int k) { return v(g.at[k], s); });
            return v.x(s) + (v.h() * drift + v(chi2, s) * noise);
          });
        }
        constexpr bool is_first_again = i > 0 && !moves && T::c0[i] == T::c0[0];
        f.at[i] = is_first_again ? f.at[0] : p.drift(y, T::c0[i]);
      }
      Block y = p.x();
      if constexpr (!no_weight(T::A1[i]) || !no_weight(T::B1[i])) {
        y = p.state([=](auto v, int s) {
          const Real drift = weighted<T::A1[i], Real>([=](int k) { return v(f.at[k], s); });
          const Real noise = weighted<T::B1[i], Real>([=](int k) { return v(g.at[k], s); });
          return v.x(s) + (v.h() * drift + v(root, 0) * noise);
        });
      }
      g.at[i] = p.own_diffusion(y, T::c1[i]);
    });

    const auto drift = [=](auto v, int s) { return weighted<T::a, Real>([=](int k) { return v(f.at[k], s); }); };
    const auto later = [=](auto v, int s) {  // the terms of chi2 and chi3
      const Real w = v(W, s), chi3 = w * (w * w / v.h() - Real(3)) / Real(6);
      const auto at = [=](int k) { return v(g.at[k], s); };
      return v(chi2, s) * weighted<T::b3, Real>(at) + chi3 * weighted<T::b4, Real>(at);
    };
    p.next([=](auto v, int s) {
      const Real w = v(W, s), chi1 = (w * w - v.h()) / (Real(2) * v(root, 0));
      const auto at = [=](int k) { return v(g.at[k], s); };
      const Real noise = w * weighted<T::b1, Real>(at) + chi1 * weighted<T::b2, Real>(at);
      return v.x(s) + (v.h() * drift(v, s) + (noise + later(v, s)));
    });
    if (!p.wants_error()) return;
    p.error([=](auto v, int s) { return v.h() * (drift(v, s) - v(f.at[0], s)) + later(v, s); });
  }
};

}  // namespace fast_sde::paths
