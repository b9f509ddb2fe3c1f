// SOSRA: strong order 3/2 for additive noise, with a wide region of stability. Rackauckas and Nie, "Stability-optimized
// high order methods and stiffness detection for pathwise stiff stochastic differential equations", arXiv:1804.04344.
#pragma once

#include "srk_additive.hpp"

namespace fast_sde::paths {

struct SosraTableau {
  static constexpr Weights c0{0., 0.6923962376159507, 1.}, c1{0., 0.041248171110700504, 1.};
  static constexpr Weights a{0.2889874966892885, 0.6859880440839937, 0.025024459226717772};
  static constexpr Weights b1{-16.792534242221663, 17.514995785380226, 0.27753845684143835};
  static constexpr Weights b2{0.4237535769069274, 0.6010381474428539, -1.0247917243497813};
  static constexpr Weights<3> A0[]{{0, 0, 0}, {0.6923962376159507, 0, 0}, {-3.1609142252828395, 4.1609142252828395, 0}};
  static constexpr Weights<3> B0[]{{0, 0, 0}, {1.3371632704399763, 0, 0}, {1.442371048468624, 1.8632741501139225, 0}};
};

struct Sosra : SrkAdditive<SosraTableau> {
  static constexpr Facts facts{
      .drifts = 3, .diffusions = 3, .levy_area = true, .estimates_error = true, .error_order = 1.5};
};

}  // namespace fast_sde::paths
