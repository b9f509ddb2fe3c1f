// The last request of every sampler: Tweedie's formula, E[x(0) | x(t_end)] = (x + sigma^2 s(x, t_end)) / alpha.
#pragma once

#include "pass.hpp"

namespace fast_sde {

struct Denoise {
  struct Step {
    FromAnswer score;
    float of_x = 0, of_score = 0;
  };

  static constexpr Access access = {row_request | row_answer, row_x};

  HD static Step before(const Problem& problem) {
    ScheduleAt at = schedule_at(problem.schedule, problem.t_end);
    Step c;
    c.score = score_from_answer(problem.predicts, at);
    c.of_x = static_cast<float>(1 / at.alpha);
    c.of_score = static_cast<float>(at.sigma * at.sigma / at.alpha);
    return c;
  }

  HD static Terms<0> measure(const Step& c, Elements& e) {
    e.x = c.of_x * e.request + c.of_score * read(c.score, e.request, e.answer);
    return {finite_check(e.x)};
  }
};

}  // namespace fast_sde
