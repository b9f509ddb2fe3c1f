// The last request of every solver: Tweedie's formula, E[x(0) | x(t_end)] = (x + sigma^2 s(x, t_end)) / alpha.
#pragma once

#include "element.hpp"

namespace fast_sde {

struct Denoise {
  static constexpr Access element_access = {row_request | row_answer, row_x};

  HD static StepCoefficients coefficients(const Problem& problem) {
    ScheduleAt at = schedule_at(problem.schedule, problem.t_end);
    StepCoefficients c;
    c.score = score_from_answer(problem.predicts, at);
    c.of_x = static_cast<float>(1 / at.alpha);
    c.of_score = static_cast<float>(at.sigma * at.sigma / at.alpha);
    return c;
  }

  HD static float element(const StepCoefficients& c, Elements& e) {
    e.x = c.of_x * e.request + c.of_score * score_of(c, e.request, e.answer);
    return finite_check(e.x);
  }
};

}  // namespace fast_sde
