// The times of a solver with equal steps. Step k goes from time k to time k + 1, downwards.
#pragma once

#include <cstdint>

#include "hd.hpp"

namespace fast_sde {

// Computed from the step's number, not by adding up: the last step ends at t_end exactly.
HD double equal_step_time(uint32_t steps, uint32_t k, double t_start, double t_end) {
  if (k == steps) return t_end;
  double done = static_cast<double>(k) / static_cast<double>(steps);
  return t_start + (t_end - t_start) * done;
}

}  // namespace fast_sde
