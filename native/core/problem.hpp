// What is to be solved and how, as plain data that the host and the device both read.
#pragma once

#include <cstdint>

#include "schedule.hpp"
#include "tolerance.hpp"

namespace fast_sde {

// How the answer of a network is to be read; core/prediction.hpp holds the formulas.
enum class Prediction : uint8_t { score, noise, denoised, velocity };

// What the network takes for its time: t, 999 t, sigma(t) or ln(sigma(t)) / 4.
enum class TimeInput : uint8_t { t, label, sigma, edm };

// What becomes of a rejected step's Brownian increment.
enum class Noise : uint8_t {
  bridge,  // split by a Brownian bridge: the path stays a Brownian path
  redraw,  // forgotten, a new one is drawn (the paper's code); biased in low dimensions
  retain,  // its normals are kept and scaled to the shorter step; biased too, less
};

enum class SolverKind : uint8_t { adaptive, euler_maruyama };

enum class Status : uint8_t { success, non_finite, step_underflow, max_evaluations, unfinished };

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
