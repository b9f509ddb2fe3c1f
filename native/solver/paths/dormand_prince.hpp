// Dormand and Prince's pair of orders 5 and 4, for equations without noise: "A family of embedded Runge-Kutta
// formulae", J. Comput. Appl. Math. 6 (1980).
#pragma once

#include "facts.hpp"
#include "tableau.hpp"

namespace fast_sde::paths {

struct DormandPrince {
  static constexpr Facts facts{.drifts = 6, .diffusions = 0, .estimates_error = true, .error_order = 5};

  static constexpr int stages = 7;
  static constexpr Weights c{0., 1 / 5., 3 / 10., 4 / 5., 8 / 9., 1., 1.};
  static constexpr Weights<7> A[]{
      {},
      {1 / 5.},
      {3 / 40., 9 / 40.},
      {44 / 45., -56 / 15., 32 / 9.},
      {19372 / 6561., -25360 / 2187., 64448 / 6561., -212 / 729.},
      {9017 / 3168., -355 / 33., 46732 / 5247., 49 / 176., -5103 / 18656.},
      {35 / 384., 0, 500 / 1113., 125 / 192., -2187 / 6784., 11 / 84.},
  };
  // The last row of A less the weights of order 4.
  static constexpr Weights e{71 / 57600., 0., -71 / 16695., 71 / 1920., -17253 / 339200., 22 / 525., -1 / 40.};

  template <class P>
  HD static void step(P& p) {
    using Real = typename P::Real;
    using Block = typename P::Block;
    struct {
      Block at[stages];
    } f{};
    for_each_stage<stages - 1>([&](auto stage) HD_LAMBDA {
      constexpr int i = decltype(stage)::value;
      f.at[i] = p.drift(i == 0 ? p.x() : stage_at<i>(p, f), c[i]);
    });
    const Block y = stage_at<6>(p, f);
    p.next([=](auto v, int s) { return v(y, s); });
    if (!p.wants_error()) return;
    f.at[6] = p.drift(p.next(), 1);
    p.error([=](auto v, int s) { return v.h() * weighted<e, Real>([=](int k) { return v(f.at[k], s); }); });
  }

 private:
  template <int i, class P, class Slopes>
  HD static auto stage_at(P& p, const Slopes& f) {
    using Real = typename P::Real;
    return p.state(
        [=](auto v, int s) { return v.x(s) + v.h() * weighted<A[i], Real>([=](int k) { return v(f.at[k], s); }); });
  }
};

}  // namespace fast_sde::paths
