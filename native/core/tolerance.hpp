// The error allowed in each element, and the norm that makes one number of all of them.
#pragma once

#include <cmath>
#include <cstdint>

#include "math.hpp"

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

// The error allowed in an element of magnitude |x|.
HD float allowed_error(const Tolerance& tolerance, float magnitude) {
  float relative = tolerance.rtol * magnitude;
  return tolerance.scale == Scale::max ? larger(tolerance.atol, relative) : tolerance.atol + relative;
}

}  // namespace fast_sde
