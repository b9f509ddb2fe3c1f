// What is to be solved and how, as plain data that the host and the device both read.
#pragma once

#include <cstdint>

#include "schedule.hpp"
#include "tolerance.hpp"

namespace fast_sde {

// Numbers only some solvers read.
struct SolverOptions {
  double h0 = 0.01;       // adaptive: first step
  double safety = 0.9;    // adaptive: of every proposed step
  double exponent = 0.9;  // adaptive: h <- safety h E^-exponent
  uint32_t steps = 1000;  // fixed-step solvers: from t_start to t_end
};

struct Problem {
  Schedule schedule;
  double t_start = 1.0, t_end = 1e-3;  // reverse time: from the prior at t_start down to t_end
  double prior_std = 1.0;
  SolverKind solver = SolverKind::adaptive;
  SolverOptions options;
  Tolerance tolerance;
  Noise noise = Noise::bridge;
  Prediction predicts = Prediction::score;
  TimeInput time_input = TimeInput::t;
  bool final_denoise = true;
  uint64_t max_evaluations = 0;  // a sample; 0 is no limit
  uint64_t seed = 0;
  int64_t elements = 0;  // of one sample
};

}  // namespace fast_sde
