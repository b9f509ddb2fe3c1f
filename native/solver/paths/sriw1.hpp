// SRIW1 of Roessler (2010), table 6.3: strong order 3/2, weak order 2.
#pragma once

#include "srk_diagonal.hpp"

namespace fast_sde::paths {

struct Sriw1Tableau {
  static constexpr Weights c0{0., 3 / 4., 0., 0.}, c1{0., 1 / 4., 1., 1 / 4.};
  static constexpr Weights a{1 / 3., 2 / 3., 0., 0.};
  static constexpr Weights b1{-1., 4 / 3., 2 / 3., 0.}, b2{-1., 4 / 3., -1 / 3., 0.};
  static constexpr Weights b3{2., -4 / 3., -2 / 3., 0.}, b4{-2., 5 / 3., -2 / 3., 1.};
  static constexpr Weights<4> A0[]{{}, {3 / 4.}, {}, {}}, A1[]{{}, {1 / 4.}, {1}, {0, 0, 1 / 4.}};
  static constexpr Weights<4> B0[]{{}, {3 / 2.}, {}, {}}, B1[]{{}, {1 / 2.}, {-1}, {-5, 3, 1 / 2.}};
};

struct Sriw1 : SrkDiagonal<Sriw1Tableau> {
  static constexpr Facts facts{
      .drifts = 2, .diffusions = 4, .levy_area = true, .estimates_error = true, .error_order = 1.5};
};

}  // namespace fast_sde::paths
