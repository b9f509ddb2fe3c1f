// SRA3 of Roessler (2010), table 6.2: strong order 3/2 for additive noise, order 3 without noise.
#pragma once

#include "srk_additive.hpp"

namespace fast_sde::paths {

struct Sra3Tableau {
  static constexpr Weights c0{0., 1., 1 / 2.}, c1{1., 0., 0.};
  static constexpr Weights a{1 / 6., 1 / 6., 2 / 3.}, b1{1., 0., 0.}, b2{-1., 1., 0.};
  static constexpr Weights<3> A0[]{{0, 0, 0}, {1, 0, 0}, {1 / 4., 1 / 4., 0}};
  static constexpr Weights<3> B0[]{{0, 0, 0}, {0, 0, 0}, {1, 1 / 2., 0}};
};

struct Sra3 : SrkAdditive<Sra3Tableau> {
  static constexpr Facts facts{
      .drifts = 3, .diffusions = 2, .levy_area = true, .estimates_error = true, .error_order = 1.5};
};

}  // namespace fast_sde::paths
