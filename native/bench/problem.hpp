// What the benchmarks solve: VP with the paper's numbers, by Algorithm 1.
#pragma once

#include "../solver/adaptive.hpp"

namespace fast_sde {

inline Problem paper_problem(int64_t elements) {
  Problem problem;
  problem.schedule.kind = ScheduleKind::vp;
  problem.schedule.lowest = 0.1;
  problem.schedule.highest = 20;
  problem.t_start = problem.prior_std = 1;
  problem.t_end = 1e-3;
  problem.solver = SolverKind::adaptive;
  problem.numbers[Adaptive::h0] = 0.01;
  problem.numbers[Adaptive::safety] = problem.numbers[Adaptive::exponent] = 0.9;
  problem.tolerance = {0.05f, 0.0078f, Scale::max, Norm::rms};
  problem.final_denoise = true;
  problem.elements = elements;
  problem.seed = 1;
  return problem;
}

}  // namespace fast_sde
