// The times of a solver with fixed steps. Step k goes from time k to time k + 1, downwards.
#pragma once

#include <cstdint>

#include "hd.hpp"

namespace fast_sde {

struct Grid {
  uint32_t steps = 0;
  // [steps + 1], from t_start to t_end; null: equal steps. Belongs to the job.
  const double* times = nullptr;
};

// Equal steps are computed from the step's number, not by adding up: the last one ends at t_end exactly.
HD double grid_time(const Grid& grid, uint32_t k, double t_start, double t_end) {
  if (grid.times != nullptr) return grid.times[k];
  if (k == grid.steps) return t_end;
  double done = static_cast<double>(k) / static_cast<double>(grid.steps);
  return t_start + (t_end - t_start) * done;
}

}  // namespace fast_sde
