// Euler's scheme with an implicit drift: Kloeden and Platen, "Numerical Solution of Stochastic Differential Equations"
// (1992), section 12.2.
//
//   y = x + ((1 - theta) f(x, t) + theta f(y, t + h)) h + g dW,   0 < theta <= 1
//
// by Newton's method with the equations' own Jacobian. A path whose iteration does not converge ends as one that is not
// finite.
#pragma once

#include <limits>

#include "elimination.hpp"
#include "facts.hpp"

namespace fast_sde::paths {

// Of the largest state's size: what a change by Newton's method is when it is done.
template <class Real>
inline constexpr Real newton_done = 16 * std::numeric_limits<Real>::epsilon();
template <class Real>
inline constexpr Real no_number = std::numeric_limits<Real>::quiet_NaN();

struct DriftImplicit {
  static constexpr const char* numbers[] = {"theta"};
  static constexpr Facts facts{.drifts = 1, .diffusions = 1, .numbers = numbers, .number_count = 1};
  static constexpr int most_iterations = 16;

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    const Real theta = static_cast<Real>(p.number(0));
    const auto g = p.times(p.diffusion(p.x(), 0), p.dW());
    const auto f0 = p.drift(p.x(), 0);
    const auto known = p.state([=](auto v, int i) { return v.x(i) + ((1 - theta) * v.h() * v(f0, i) + v(g, i)); });
    const auto y = p.state([](auto v, int i) { return v.x(i); });
    const auto open = p.take(1), size = p.take(1), change = p.take(1);  // open: 1 until a lane has converged
    p.assign_row(open, 0, [](auto) { return Real(1); });
    for (int round = 0; round < most_iterations; ++round) {
      const auto mark = p.mark();
      const auto f = p.drift(y, 1);
      const auto rest = p.state([=](auto v, int i) { return v(y, i) - theta * v.h() * v(f, i) - v(known, i); });
      eliminate(p, newton_matrix(p, y, theta), rest);
      p.assign_row(size, 0, [](auto) { return Real(0); });
      p.assign_row(change, 0, [](auto) { return Real(0); });
      for (int i = 0; i < p.states(); ++i) {
        p.assign_row(size, 0, [=](auto v) { return functions::max(v(size, 0), functions::magnitude(v(y, i))); });
        p.assign_row(change, 0, [=](auto v) { return functions::max(v(change, 0), functions::magnitude(v(rest, i))); });
      }
      p.assign(y, [=](auto v, int i) { return v(open, 0) != 0 ? v(y, i) - v(rest, i) : v(y, i); });
      p.assign_row(open, 0, [=](auto v) {
        return v(open, 0) != 0 && !(v(change, 0) <= newton_done<Real> * v(size, 0)) ? Real(1) : Real(0);
      });
      p.release(mark);
      if (!p.any([=](auto v) { return v(open, 0) != 0; })) break;
    }
    // What still moves in its last digits has converged too.
    constexpr Real enough = 4096 * newton_done<Real>;
    p.next([=](auto v, int i) {
      const bool there = v(open, 0) == 0 || v(change, 0) <= enough * v(size, 0);
      return there ? v(y, i) : no_number<Real>;
    });
  }

 private:
  // 1 - theta h df/dx at (y, t + h).
  template <class P, class Block>
  HD static Block newton_matrix(P& p, Block y, typename P::Real theta) {
    using Real = typename P::Real;
    const int n = p.states();
    const auto A = p.take(n * n);
    for (int k = 0; k < n * n; ++k) {
      const Real unit = k % (n + 1) == 0 ? Real(1) : Real(0);
      p.assign_row(A, k, [=](auto) { return unit; });
    }
    const auto J = p.jacobian(y, 1);
    const auto entries = p.jacobian_entries();
    for (int k = 0; k < entries.count; ++k) {
      const int at = entries.data[k].row * n + entries.data[k].column;
      p.assign_row(A, at, [=](auto v) { return v(A, at) - theta * v.h() * v(J, k); });
    }
    return A;
  }
};

}  // namespace fast_sde::paths
