// What a shell and the binding have to know of a sampler without its type, and what every sampler has to be.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

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
  // Fills the times [steps + 1] of a solver with fixed steps, or leaves them empty where all steps are equal. Null
  // where the solver chooses its steps itself. On the host, once a job.
  void (*grid)(const Problem&, std::vector<double>&);
};

// Makes the times of a solver with fixed steps, once for all samples of a job. They stay in `times`, which outlives it.
inline void make_grid(const SolverFacts& solver, Problem& problem, std::vector<double>& times) {
  if (solver.grid == nullptr) return;
  solver.grid(problem, times);
  if (!times.empty()) problem.grid.times = times.data();
}

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

// Of the file that includes this, as all code of an instruction set is: a table points to it, and of one function that
// several files share the linker would take any.
namespace {
template <class Solver>
[[gnu::flatten]] void grid_of(const Problem& problem, std::vector<double>& times) {
  Solver::grid(problem, times);
}
}  // namespace

template <class Solver>
constexpr SolverFacts facts_of(const char* word) {
  static_assert(Solver::stages >= 1 && Solver::stages <= max_stages);
  static_assert(Solver::extras >= 0 && Solver::extras <= max_extras);
  static_assert(Solver::sums >= 0 && Solver::sums <= max_sums);
  static_assert(rows_named<Solver>() < row_extra(Solver::extras), "a row is used that `extras` does not count");
  static_assert(!Solver::state_is_request || (rows_named<Solver>() & row_x) == 0, "the state is the request");
  static_assert(std::is_trivially_copyable_v<typename Solver::Step> && sizeof(typename Solver::Step) <= max_step_bytes);
  static_assert(std::size(Solver::numbers) <= max_numbers);
  SolverFacts facts{word,
                    Solver::extras,
                    uses_noise_again<Solver>(),
                    Solver::state_is_request,
                    Solver::estimates_error,
                    Solver::numbers,
                    static_cast<int>(std::size(Solver::numbers)),
                    nullptr};
  if constexpr (requires { Solver::grid; }) facts.grid = &grid_of<Solver>;
  return facts;
}

}  // namespace fast_sde
