// What an engine must know of a path solver before it runs it. Orders, calculus and noise classes are the business of
// TypeScript (src/solver), which refuses what does not fit.
#pragma once

#include "../../core/hd.hpp"
#include "../../paths/path.hpp"

namespace fast_sde::paths {

struct Facts {
  int drifts, diffusions;                // evaluations a step; of solvers that go by columns: a noise
  bool levy_area = false;                // takes H beside W
  bool estimates_error = false;          // else fixed steps only
  double error_order = 0;                // of that estimate: E = O(h^order)
  bool abscissae_inside = true;          // asks for nothing before t or after t + h
  bool columns = false;                  // asks for single columns of g
  const char* const* numbers = nullptr;  // names of its own numbers
  int number_count = 0;
};

}  // namespace fast_sde::paths
