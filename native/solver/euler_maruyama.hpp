// Maruyama, "Continuous Markov processes and stochastic equations" (1955), with a fixed number of equal steps from
// t_start to t_end. Strong order 1/2 (1 where the noise is additive), weak order 1, one evaluation a step.
#pragma once

#include "element.hpp"

namespace fast_sde {

struct EulerMaruyama {
  static constexpr int stages = 1;
  static constexpr int extras = 0;

  static constexpr bool decides(int) { return false; }
  static constexpr Access element_access(int) { return {row_request | row_answer | row_noise, row_x | row_request}; }

  HD static void start(Slot& slot, const Problem& problem) { ask(slot, problem); }
  static constexpr Access start_access = {row_x, row_request};
  HD static void start_element(Elements& e) { e.request = e.x; }

  HD static StepCoefficients coefficients(const Slot& slot, const Problem& problem) {
    return reverse_step(problem, slot.t, slot.h);
  }

  template <int stage>
  HD static float element(const StepCoefficients& c, Elements& e) {
    e.x = e.request = e.request + increment(c, e.request, score_of(c, e.request, e.answer), e.noise);
    return finite_check(e.x);
  }

  HD static bool accepts(double) { return true; }

  HD static void decide(Slot& slot, double, const Problem& problem) {
    ++slot.accepted;
    slot.path.accept();
    slot.t = time_after(slot.accepted, problem);
    if (slot.accepted == problem.options.steps)
      arrive(slot, problem);
    else
      ask(slot, problem);
  }

 private:
  // From the step's number, not by adding up: all steps are equal and the last ends at t_end exactly.
  HD static double time_after(uint32_t steps, const Problem& problem) {
    if (steps == problem.options.steps) return problem.t_end;
    double done = static_cast<double>(steps) / static_cast<double>(problem.options.steps);
    return problem.t_start + (problem.t_end - problem.t_start) * done;
  }

  HD static void ask(Slot& slot, const Problem& problem) {
    slot.stage = 0;
    slot.request_t = slot.t;
    slot.h = slot.t - time_after(slot.accepted + 1, problem);
    slot.path.take(slot.h);
  }
};

}  // namespace fast_sde
