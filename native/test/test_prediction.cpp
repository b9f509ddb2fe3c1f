// Every prediction read as score, noise and data, against what the three are of a known x = alpha x0 + sigma e.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "../core/prediction.hpp"
#include "../solver/pass.hpp"

using namespace fast_sde;

TEST_CASE("score, noise and data are read from any prediction") {
  Schedule vp, ve;
  vp.kind = ScheduleKind::vp;
  vp.lowest = 0.1;
  vp.highest = 20;
  ve.kind = ScheduleKind::ve;
  ve.lowest = 0.01;
  ve.highest = 50;
  for (const Schedule& schedule : {vp, ve}) {
    for (double t : {1e-3, 0.1, 0.5, 1.0}) {
      const ScheduleAt at = schedule_at(schedule, t);
      for (auto [x0, e] : {std::pair{0.3, -1.2}, {-0.8, 0.4}, {0.0, 2.0}, {0.9, 0.0}}) {
        const double x = at.alpha * x0 + at.sigma * e;
        const double score = -e / at.sigma;
        const std::pair<Prediction, double> answers[] = {{Prediction::score, score},
                                                         {Prediction::noise, e},
                                                         {Prediction::denoised, x0},
                                                         {Prediction::velocity, at.alpha * e - at.sigma * x0}};
        for (const auto& [predicts, y] : answers) {
          const auto check = [&](const FromAnswer& from, double truth) {
            const double got = read(from, static_cast<float>(x), static_cast<float>(y));
            // Both terms are float32, and may cancel.
            const double terms = std::fabs(from.of_request * x) + std::fabs(from.of_answer * y);
            CHECK(std::fabs(got - truth) <= 4e-7 * terms);
          };
          check(score_from_answer(predicts, at), score);
          check(noise_from_answer(predicts, at), e);
          check(data_from_answer(predicts, at), x0);
        }
      }
    }
  }
}

TEST_CASE("an answer is taken as it is where it is what is read") {
  const ScheduleAt at{0.5, 0.7, 0, 0};
  for (const FromAnswer& from : {score_from_answer(Prediction::score, at), noise_from_answer(Prediction::noise, at),
                                 data_from_answer(Prediction::denoised, at)}) {
    CHECK(from.of_request == 0);
    CHECK(from.of_answer == 1);
  }
}
