// What is to be solved and how, as plain data that the host and the device both read. What each number is when the user
// says nothing is TypeScript's business: here there are no defaults.
#pragma once

#include <cstdint>

#include "grid.hpp"
#include "plan.hpp"
#include "schedule.hpp"
#include "tolerance.hpp"

namespace fast_sde {

constexpr int max_numbers = 8;  // options of one solver, the tolerance left out

struct Problem {
  Schedule schedule;
  double t_start = 0, t_end = 0;  // reverse time: from the prior at t_start down to t_end
  double prior_std = 0;
  SolverKind solver{};
  double numbers[max_numbers] = {};  // the solver's own options, in the order that it names them
  uint32_t steps = 0;                // of a solver with equal steps
  Plan plan;                         // of a solver that is one
  Tolerance tolerance;               // of a solver that adapts its steps
  Noise noise{};
  Prediction predicts{};
  TimeInput time_input{};
  bool final_denoise = false;
  uint64_t max_evaluations = 0;  // a sample; 0 is no limit
  uint64_t seed = 0;
  int64_t elements = 0;  // of one sample
};

}  // namespace fast_sde
