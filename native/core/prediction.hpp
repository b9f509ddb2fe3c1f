// From what a network predicts to what a solver reads, and from solver time to the network's time input.
#pragma once

#include "problem.hpp"

namespace fast_sde {

// How a solver reads an answer, as the score s, the noise e or the data D = E[x(0) | x]:
// of_request x + of_answer y, with x the request and y the network's answer to it.
struct FromAnswer {
  float of_request, of_answer;
};

// noise: s = -y / sigma.  denoised: s = (alpha y - x) / sigma^2.
// velocity, y = alpha eps - sigma x0 (Salimans and Ho 2022): eps = (alpha y + sigma x) / (alpha^2 + sigma^2).
HD FromAnswer score_from_answer(Prediction predicts, const ScheduleAt& at) {
  double variance = at.sigma * at.sigma;
  double total = at.alpha * at.alpha + variance;
  switch (predicts) {
    case Prediction::score:
      break;
    case Prediction::noise:
      return {0, static_cast<float>(-1 / at.sigma)};
    case Prediction::denoised:
      return {static_cast<float>(-1 / variance), static_cast<float>(at.alpha / variance)};
    case Prediction::velocity:
      return {static_cast<float>(-1 / total), static_cast<float>(-at.alpha / (at.sigma * total))};
  }
  return {0, 1};
}

// e = -sigma s, without the way over s where the answer is nearer.
HD FromAnswer noise_from_answer(Prediction predicts, const ScheduleAt& at) {
  double total = at.alpha * at.alpha + at.sigma * at.sigma;
  switch (predicts) {
    case Prediction::score:
      return {0, static_cast<float>(-at.sigma)};
    case Prediction::noise:
      break;
    case Prediction::denoised:
      return {static_cast<float>(1 / at.sigma), static_cast<float>(-at.alpha / at.sigma)};
    case Prediction::velocity:
      return {static_cast<float>(at.sigma / total), static_cast<float>(at.alpha / total)};
  }
  return {0, 1};
}

// D = (x + sigma^2 s) / alpha.
HD FromAnswer data_from_answer(Prediction predicts, const ScheduleAt& at) {
  double variance = at.sigma * at.sigma;
  double total = at.alpha * at.alpha + variance;
  switch (predicts) {
    case Prediction::score:
      return {static_cast<float>(1 / at.alpha), static_cast<float>(variance / at.alpha)};
    case Prediction::noise:
      return {static_cast<float>(1 / at.alpha), static_cast<float>(-at.sigma / at.alpha)};
    case Prediction::denoised:
      break;
    case Prediction::velocity:
      return {static_cast<float>(at.alpha / total), static_cast<float>(-at.sigma / total)};
  }
  return {0, 1};
}

// Whether time_for_network looks at `at`.
HD bool needs_schedule(TimeInput input) { return input == TimeInput::sigma || input == TimeInput::edm; }

HD double time_for_network(TimeInput input, double t, const ScheduleAt& at) {
  switch (input) {
    case TimeInput::t:
      break;
    case TimeInput::label:
      return 999 * t;
    case TimeInput::sigma:
      return at.sigma;
    case TimeInput::edm:
      return natural_log(at.sigma) / 4;
  }
  return t;
}

}  // namespace fast_sde
