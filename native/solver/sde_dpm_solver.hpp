// SDE-DPM-Solver++ of first order: Lu, Zhou, Bao, Chen, Li and Zhu, "DPM-Solver++" (arXiv:2211.01095), section 5. The
// reverse SDE in lambda = ln(alpha / sigma) is solved exactly but for the data prediction D, held over the step:
//   x' = (sigma' / sigma) e^-h x + alpha' (1 - e^-2h) D + (sigma'^2 / alpha') dB,  h = lambda' - lambda,
// where B is Brownian in the signal-to-noise ratio e^(2 lambda). DDIM with eta = 1 is the same sampler.
#pragma once

#include <vector>

#include "one_evaluation.hpp"

namespace fast_sde {

struct SdeDpmSolver : OneEvaluation<Clock::snr> {
  struct Step {
    FromAnswer data;  // at the pending request
    float of_x, of_data, of_noise;
  };

  // Equal steps of lambda.
  static void grid(const Problem& problem, std::vector<double>& times) {
    const double first = log_snr(schedule_at(problem.schedule, problem.t_start));
    const double last = log_snr(schedule_at(problem.schedule, problem.t_end));
    const uint32_t count = problem.grid.steps;
    times.resize(size_t{count} + 1, problem.t_start);
    for (uint32_t k = 1; k < count; ++k) {
      const double wanted = first + (last - first) * k / count;
      times[k] = time_of_log_snr(problem.schedule, wanted, problem.t_end, times[k - 1]);
    }
    times[count] = problem.t_end;
  }

  HD static Step before(const Slot& slot, const Problem& problem) {
    const ScheduleAt from = schedule_at(problem.schedule, slot.t);
    const ScheduleAt to = schedule_at(problem.schedule, next_time(slot, problem));
    const double shrink = from.alpha * to.sigma / (from.sigma * to.alpha);  // e^-h
    Step c;
    c.data = data_from_answer(problem.predicts, from);
    c.of_x = static_cast<float>(to.sigma / from.sigma * shrink);
    c.of_data = static_cast<float>(to.alpha * (1 - shrink * shrink));
    c.of_noise = static_cast<float>(to.sigma * to.sigma / to.alpha);
    return c;
  }

  template <int stage>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    const float data = read(c.data, e.request, e.answer);
    e.request = (c.of_x * e.request + c.of_data * data) + c.of_noise * e.noise;
    return {finite_check(e.request)};
  }
};

}  // namespace fast_sde
