// The error allowed in each element, and the norm that makes one number of all of them.
#pragma once

#include <cstdint>

#include "hd.hpp"

namespace fast_sde {

enum class Scale : uint8_t {
  max,  // delta = max(atol, rtol |x|), the paper's
  sum,  // delta = atol + rtol |x|, as scipy, torchsde and diffrax have it
};

enum class Norm : uint8_t {
  rms,  // sqrt(mean(e^2)), the paper's scaled l2
  max,  // max |e|
};

struct Tolerance {
  float rtol = 0.05f;
  float atol = 0.0078f;
  Scale scale = Scale::max;
  Norm norm = Norm::rms;
};

}  // namespace fast_sde
