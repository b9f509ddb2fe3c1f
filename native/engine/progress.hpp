// How far a sample in flight has come, for progress reports.
#pragma once

#include "../core/slot.hpp"

namespace fast_sde {

// 0 … 1, by the time reached.
HD double share_done(const Slot& slot, const Problem& problem) {
  return (problem.t_start - slot.t) / (problem.t_start - problem.t_end);
}

}  // namespace fast_sde
