// The error allowed in each element, and the norm that makes one number of all of them.
#pragma once

#include <cmath>
#include <cstdint>

#include "../contract/words.hpp"
#include "math.hpp"

namespace fast_sde {

struct Tolerance {
  float rtol = 0, atol = 0;
  Scale scale{};
  Norm norm{};
};

// The error allowed in an element of magnitude |x|.
HD float allowed_error(const Tolerance& tolerance, float magnitude) {
  float relative = tolerance.rtol * magnitude;
  return tolerance.scale == Scale::max ? larger(tolerance.atol, relative) : tolerance.atol + relative;
}

}  // namespace fast_sde
