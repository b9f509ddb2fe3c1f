// What an engine must know of a path solver before it runs it. Orders, calculus and noise classes are the business of
// TypeScript (src/solver), which refuses what does not fit.
#pragma once

#include "../../core/hd.hpp"
#include "../../paths/path.hpp"

namespace fast_sde::paths {

struct Facts {
  int drifts, diffusions;        // evaluations a step; of solvers that go by columns: a noise
  bool levy_area = false;        // takes H beside W
  bool estimates_error = false;  // else fixed steps only
};

}  // namespace fast_sde::paths
