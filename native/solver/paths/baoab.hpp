// BAOAB for Langevin equations: Leimkuhler and Matthews, "Rational construction of stochastic numerical methods for
// molecular sampling", Appl. Math. Res. Express 2013. Half a kick, half a drift, friction and noise, half a drift, half
// a kick. In a harmonic well its positions have the exact stationary law at any step it is stable at.
#pragma once

#include "facts.hpp"
#include "langevin.hpp"

namespace fast_sde::paths {

struct Baoab {
  static constexpr Facts facts{.drifts = 2, .diffusions = 1};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const int half = p.states() / 2;
    const auto gamma = friction(p);
    const auto noise = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto F = force(p, p.x(), 0);
    const auto kicked =
        p.state([=](auto v, int i) { return i < half ? v.x(i) : v.x(i) + Real(0.5) * v.h() * v(F, i); });
    // The velocity after friction and noise, of variance sigma^2 (1 - e^(-2 gamma h)) / (2 gamma).
    const auto damped = p.state([=](auto v, int i) {
      if (i < half) return Real(0);
      const Real gh = v(gamma, i) * v.h();
      return functions::exp(-gh) * v(kicked, i) + functions::sqrt_of(phi1(Real(-2) * gh)) * v(noise, i);
    });
    const auto moved = p.state([=](auto v, int i) {
      return i < half ? v.x(i) + Real(0.5) * v.h() * (v(kicked, half + i) + v(damped, half + i)) : v(damped, i);
    });
    const auto F1 = force(p, moved, 1);
    p.next([=](auto v, int i) { return i < half ? v(moved, i) : v(moved, i) + Real(0.5) * v.h() * v(F1, i); });
  }
};

}  // namespace fast_sde::paths
