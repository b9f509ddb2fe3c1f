// Equal steps that all paths take together.
#pragma once

#include <cmath>

#include "../core/hd.hpp"
#include "job.hpp"

namespace fast_sde::paths {

// The equal step that ends at a time after t0, from 1; 0: none does.
HD uint64_t step_that_ends_at(const PathJob& job, double time) {
  const double steps = (time - job.t0) / job.step_length();
  const double nearest = floor(steps + 0.5);
  const double apart = steps < nearest ? nearest - steps : steps - nearest;
  return apart < 1e-9 * (nearest > 1 ? nearest : 1) ? static_cast<uint64_t>(nearest) : 0;
}

// Whether every time that is to be saved ends a step, and nothing is looked at in between.
HD bool in_lockstep(const PathJob& job) {
  if (job.steps == 0 || job.event_count > 0 || job.equations.domain.outputs > 0 || job.trace != nullptr) return false;
  for (int64_t i = 0; i < job.save_count; ++i) {
    if (step_that_ends_at(job, job.saves[i]) == 0) return false;
  }
  return true;
}

// To `before` cells that are joined to W and H already, one more: core/brownian.hpp's join, in units of a cell. H comes
// first: it takes W as it was.
template <class Real>
HD Real joined_area(Real before, Real W, Real H, Real cell_W, Real cell_H) {
  return 1 / (before + 1) * ((before * H + cell_H) + Real(0.5) * (W - before * cell_W));
}

}  // namespace fast_sde::paths
