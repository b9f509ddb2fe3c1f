// Roberts, "Modify the improved Euler scheme to integrate stochastic differential equations", arXiv:1210.0933 (2012),
// with a sign for each noise: one sign for all goes to another limit where a state has two noises.
//
//   K1 = f(x, t) h + g(x, t) (dW - S sqrt(h)),   K2 = f(x + K1, t + h) h + g(x + K1, t + h) (dW + S sqrt(h))
//   x + (K1 + K2) / 2,   S_j = -1 or 1, each with probability 1/2, for Ito's integral; 0 for Stratonovich's
//
// The sign of H is such a coin, and independent of dW.
#pragma once

#include "coins.hpp"
#include "facts.hpp"

namespace fast_sde::paths {

struct RobertsImprovedEuler {
  static constexpr Facts facts{.drifts = 2, .diffusions = 2, .levy_area = true};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const auto root = p.root_h();
    const bool ito = p.is_ito();
    const auto S = p.noise([=](auto v, int j) { return ito ? coin(v, j) * v(root, 0) : Real(0); });
    const auto f0 = p.drift(p.x(), 0);
    const auto g0 = p.times_each(p.diffusion(p.x(), 0), [=](auto v, int j) { return v.dW(j) - v(S, j); });
    const auto y = p.state([=](auto v, int i) { return v.x(i) + (v.h() * v(f0, i) + v(g0, i)); });
    const auto f1 = p.drift(y, 1);
    const auto g1 = p.times_each(p.diffusion(y, 1), [=](auto v, int j) { return v.dW(j) + v(S, j); });
    p.next([=](auto v, int i) { return v.x(i) + Real(0.5) * (v.h() * (v(f0, i) + v(f1, i)) + (v(g0, i) + v(g1, i))); });
  }
};

}  // namespace fast_sde::paths
