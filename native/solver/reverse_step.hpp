// One Euler-Maruyama increment of the reverse-time SDE, dx = -(f x - g^2 s) dt + g dW with t running down:
// what the samplers of the paper and many others are made of.
#pragma once

#include "pass.hpp"

namespace fast_sde {

struct ReverseStep {
  FromAnswer score;  // at the pending request
  float of_x = 0, of_score = 0, of_noise = 0;
  Tolerance tolerance;
};

// -h D(y, t) + g dW with D = f y - g^2 s: of length h at time t.
HD ReverseStep reverse_step(const Problem& problem, double t, double h) {
  ScheduleAt at = schedule_at(problem.schedule, t);
  ReverseStep c;
  c.score = score_from_answer(problem.predicts, at);
  c.of_x = static_cast<float>(-h * at.f);
  c.of_score = static_cast<float>(h * at.g * at.g);
  c.of_noise = static_cast<float>(at.g);
  c.tolerance = problem.tolerance;
  return c;
}

HD float increment(const ReverseStep& c, float y, float score, float noise) {
  return (c.of_x * y + c.of_score * score) + c.of_noise * noise;
}

}  // namespace fast_sde
