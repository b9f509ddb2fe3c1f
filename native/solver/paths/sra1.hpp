// SRA1 of Roessler (2010), table 6.1: strong order 3/2 for additive noise.
#pragma once

#include "srk_additive.hpp"

namespace fast_sde::paths {

struct Sra1Tableau {
  static constexpr Weights c0{0., 3 / 4.}, c1{1., 0.};
  static constexpr Weights a{1 / 3., 2 / 3.}, b1{1., 0.}, b2{-1., 1.};
  static constexpr Weights<2> A0[]{{0, 0}, {3 / 4., 0}}, B0[]{{0, 0}, {3 / 2., 0}};
};

struct Sra1 : SrkAdditive<Sra1Tableau> {
  static constexpr Facts facts{
      .drifts = 2, .diffusions = 2, .levy_area = true, .estimates_error = true, .error_order = 1.5};
};

}  // namespace fast_sde::paths
