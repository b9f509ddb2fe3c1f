// What a shell and the binding have to know of a sampler without its type, and what every sampler has to be.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "../contract/limits.hpp"
#include "denoise.hpp"

namespace fast_sde {

struct SolverFacts {
  const char* word;  // in contract/solvers.def
  int extras;        // rows beside the state
  bool keeps_noise;  // some stage uses the step's increment again
  bool state_is_request;
  bool estimates_error;        // it adapts its steps to a tolerance
  const char* const* numbers;  // names of its options
  int number_count;
  Stepping stepping;
};

// Whether any of a sampler's stages uses the step's increment again.
template <class Solver>
constexpr bool uses_noise_again() {
  for (int stage = 0; stage < Solver::stages; ++stage) {
    if ((Solver::measure_access(stage).reads & row_noise_again) != 0) return true;
  }
  return false;
}

// Every row that a sampler names, over all its stages.
template <class Solver>
constexpr Rows rows_named() {
  Rows all = Solver::start_access.reads | Solver::start_access.writes | Solver::accept_access.reads |
             Solver::accept_access.writes | Solver::reject_access.reads | Solver::reject_access.writes;
  for (int stage = 0; stage < Solver::stages; ++stage) {
    all |= Solver::measure_access(stage).reads | Solver::measure_access(stage).writes;
  }
  return all;
}

template <class Solver>
constexpr SolverFacts facts_of(const char* word) {
  static_assert(Solver::stages >= 1 && Solver::stages <= max_stages);
  static_assert(Solver::extras >= 0 && Solver::extras <= max_extras);
  static_assert(Solver::sums >= 0 && Solver::sums <= max_sums);
  static_assert(rows_named<Solver>() < row_extra(Solver::extras), "a row is used that `extras` does not count");
  static_assert(!Solver::state_is_request || (rows_named<Solver>() & row_x) == 0, "the state is the request");
  static_assert(std::is_trivially_copyable_v<typename Solver::Step> && sizeof(typename Solver::Step) <= max_step_bytes);
  static_assert(std::size(Solver::numbers) <= max_numbers);
  return {word,
          Solver::extras,
          uses_noise_again<Solver>(),
          Solver::state_is_request,
          Solver::estimates_error,
          std::data(Solver::numbers),
          static_cast<int>(std::size(Solver::numbers)),
          Solver::stepping};
}

}  // namespace fast_sde
