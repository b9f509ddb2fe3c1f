// Maruyama, "Continuous Markov processes and stochastic equations" (1955), with equal steps from t_start to t_end.
#pragma once

#include <vector>

#include "one_evaluation.hpp"
#include "reverse_step.hpp"

namespace fast_sde {

struct EulerMaruyama : OneEvaluation<Clock::t> {
  using Step = ReverseStep;

  static void grid(const Problem&, std::vector<double>&) {}  // equal steps need no list

  HD static Step before(const Slot& slot, const Problem& problem) { return reverse_step(problem, slot.t, slot.h); }

  template <int stage>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    e.request = e.request + increment(c, e.request, read(c.score, e.request, e.answer), e.noise);
    return {finite_check(e.request)};
  }
};

}  // namespace fast_sde
