// SOSRI: strong order 3/2, with a wide region of stability; its weak order is 3/2 as well, though published as 2.
// Rackauckas and Nie, "Stability-optimized high order methods and stiffness detection for pathwise stiff stochastic
// differential equations", arXiv:1804.04344. Its drift is asked for at t - 0.042 h and at t + 3.75 h.
#pragma once

#include "srk_diagonal.hpp"

namespace fast_sde::paths {

struct SosriTableau {
  static constexpr Weights c0{0., -0.04199224421316468, 0.7898405466170333, 3.7504010171562823};
  static constexpr Weights c1{0., 0.26204282091330466, 0.05879875232001766, 0.758661169101175};
  static constexpr Weights a{1.140099274172029, -0.6401334255743456, 0.4736296532772559, 0.026404498125060714};
  static constexpr Weights b1{-1.8453464565104432, 2.688764531100726, -0.2523866501071323, 0.40896857551684956};
  static constexpr Weights b2{0.4969658141589478, -0.5771202869753592, -0.12919702470322217, 0.2093514975196336};
  static constexpr Weights b3{2.8453464565104425, -2.688764531100725, 0.2523866501071322, -0.40896857551684945};
  static constexpr Weights b4{0.11522663875443433, -0.57877086147738, 0.2857851028163886, 0.17775911990655704};
  static constexpr Weights<4> A0[]{{},
                                   {-0.04199224421316468},
                                   {2.842612915017106, -2.0527723684000727},
                                   {4.338237071435815, -2.8895936137439793, 2.3017575594644466}};
  static constexpr Weights<4> A1[]{{},
                                   {0.26204282091330466},
                                   {0.20903646383505375, -0.1502377115150361},
                                   {0.05836595312746999, 0.6149440396332373, 0.08535117634046772}};
  static constexpr Weights<4> B0[]{{},
                                   {-0.21641093549612528},
                                   {1.5336352863679572, 0.26066223492647056},
                                   {-1.0536037558179159, 1.7015284721089472, -0.20725685784180017}};
  static constexpr Weights<4> B1[]{{},
                                   {-0.5119011827621657},
                                   {2.67767339866713, -4.9395031322250995},
                                   {0.15580956238299215, 3.2361551006624674, -1.4223118283355949}};
};

struct Sosri : SrkDiagonal<SosriTableau> {
  static constexpr Facts facts{.drifts = 4,
                               .diffusions = 4,
                               .levy_area = true,
                               .estimates_error = true,
                               .error_order = 1.5,
                               .abscissae_inside = false};
};

}  // namespace fast_sde::paths
