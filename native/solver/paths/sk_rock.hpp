// SK-ROCK: Abdulle, Almuslimani and Vilmart, "Optimal explicit stabilized integrator of weak order one for stiff and
// ergodic stochastic differential equations", SIAM/ASA J. Uncertain. Quantif. 6 (2018). Chebyshev's polynomials T_i of
// the first kind make it stable for |lambda| h up to about 2 (1 - 2/3 eta) s^2 with s stages.
//
//   w0 = 1 + eta / s^2,   w1 = T_s(w0) / T_s'(w0),   Q = g(x) dW
//   K_1 = x + w1/w0 h f(x + s w1/2 Q) + s w1/w0 Q
//   K_i = 2 w1 T_(i-1)/T_i h f(K_(i-1)) + 2 w0 T_(i-1)/T_i K_(i-1) - T_(i-2)/T_i K_(i-2)
#pragma once

#include "facts.hpp"

namespace fast_sde::paths {

struct SkRock {
  static constexpr const char* numbers[] = {"stages"};
  static constexpr Facts facts{.drifts = 1, .diffusions = 1, .numbers = numbers, .number_count = 1};  // drifts: stages
  static constexpr double eta = 0.05;

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const int stages = static_cast<int>(p.number(0));
    const double s = stages, w0 = 1 + eta / (s * s), w1 = slope_of_stages(stages, w0);
    const auto Q = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto moved = p.state([=](auto v, int i) { return v.x(i) + Real(s * w1 / 2) * v(Q, i); });
    const auto f = p.drift(moved, 0);
    auto before = p.state([](auto v, int i) { return v.x(i); });
    auto now = p.state(
        [=](auto v, int i) { return v.x(i) + (Real(w1 / w0) * v.h() * v(f, i) + Real(s * w1 / w0) * v(Q, i)); });
    double T_before = 1, T_now = w0, c_before = 0, c_now = w1 / w0;
    for (int stage = 2; stage <= stages; ++stage) {
      const double T_next = 2 * w0 * T_now - T_before, up = T_now / T_next, down = T_before / T_next;
      const auto mark = p.mark();
      const auto slope = p.drift(now, c_now);
      p.assign(before, [=](auto v, int i) {
        return Real(2 * w1 * up) * v.h() * v(slope, i) + (Real(2 * w0 * up) * v(now, i) - Real(down) * v(before, i));
      });
      p.release(mark);
      const double c_next = 2 * w1 * up + 2 * w0 * up * c_now - down * c_before;
      const auto made = before;
      before = now, now = made;
      T_before = T_now, T_now = T_next, c_before = c_now, c_now = c_next;
    }
    p.next([=](auto v, int i) { return v(now, i); });
  }

 private:
  // T_s(w) / T_s'(w).
  HD static double slope_of_stages(int stages, double w) {
    double T_before = 1, T = w, slope_before = 0, slope = 1;
    for (int i = 2; i <= stages; ++i) {
      const double T_next = 2 * w * T - T_before, slope_next = 2 * T + 2 * w * slope - slope_before;
      T_before = T, T = T_next, slope_before = slope, slope = slope_next;
    }
    return T / slope;
  }
};

}  // namespace fast_sde::paths
