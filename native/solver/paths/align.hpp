// ALIGN for Langevin equations, a form of the shifted ODE method: Foster, Lyons and Oberhauser, "The shifted ODE method
// for underdamped Langevin MCMC", arXiv:2101.03446. Strong order 2. With z = -friction h:
//
//   x + phi1 h v + phi2 h^2 F(x) + sigma h (phi2 dW + chi H),                   chi = 3 - 6 (2 - z) phi3
//   e^z v + (phi1 - phi2) h F(x) + phi2 h F(x1) + sigma (phi1 dW + z chi H)
//
// The error: the force of the new position against that of the old one.
#pragma once

#include "facts.hpp"
#include "langevin.hpp"

namespace fast_sde::paths {

struct Align {
  static constexpr Facts facts{
      .drifts = 2, .diffusions = 1, .levy_area = true, .estimates_error = true, .error_order = 2};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const int half = p.states() / 2;
    const auto gamma = friction(p);
    const auto g = p.diffusion(p.x(), 0);
    const auto W = p.times(g, p.dW()), H = p.times(g, p.H());
    const auto F0 = force(p, p.x(), 0);
    const auto phi = p.state([=](auto v, int i) { return i < half ? Real(0) : phi3(-v(gamma, i) * v.h()); });
    const auto phi2 = p.state([=](auto v, int i) { return Real(0.5) - v(gamma, i) * v.h() * v(phi, i); });
    const auto chi =
        p.state([=](auto v, int i) { return Real(3) - Real(6) * (Real(2) + v(gamma, i) * v.h()) * v(phi, i); });
    const auto phi_1 = p.state([=](auto v, int i) { return Real(1) - v(gamma, i) * v.h() * v(phi2, i); });
    const auto moved = p.state([=](auto v, int i) {
      if (i >= half) return v.x(i);
      const int k = half + i;
      const Real free = v.h() * (v(phi_1, k) * v.x(k) + v(phi2, k) * v.h() * v(F0, k));
      return v.x(i) + (free + v.h() * (v(phi2, k) * v(W, k) + v(chi, k) * v(H, k)));
    });
    const auto F1 = force(p, moved, 1);
    p.next([=](auto v, int i) {
      if (i < half) return v(moved, i);
      const Real z = -v(gamma, i) * v.h();
      const Real kick = v.h() * ((v(phi_1, i) - v(phi2, i)) * v(F0, i) + v(phi2, i) * v(F1, i));
      return (Real(1) + z * v(phi_1, i)) * v.x(i) + (kick + (v(phi_1, i) * v(W, i) + z * v(chi, i) * v(H, i)));
    });
    if (!p.wants_error()) return;
    p.error([=](auto v, int i) {
      const int k = i < half ? half + i : i;
      const Real kick = v.h() * v(phi2, k) * (v(F1, k) - v(F0, k));
      return i < half ? v.h() * kick / Real(3) : kick;
    });
  }
};

}  // namespace fast_sde::paths
