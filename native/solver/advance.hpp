// A slot's life around a solver's stages, the same for every shell: how a sample begins, and what becomes of it once
// the norm of a stage is known.
#pragma once

#include "element.hpp"

namespace fast_sde {

// A new sample: slot.position and slot.sample are set, all else is made here. The rows are the shell's business.
template <class Solver>
HD void begin(Slot& slot, const Problem& problem) {
  slot.t = problem.t_start;
  slot.evaluations = slot.accepted = slot.rejected = 0;
  slot.status = Status::unfinished;
  slot.path.reset();
  Solver::start(slot, problem);
}

// True where the candidates of a stage that decides are to be kept.
template <class Solver>
HD bool keeps(double error) {
  return is_finite(error) && Solver::accepts(error);
}

// Counts the evaluation and sets the slot's next request, or its end.
template <class Solver>
HD void conclude(Slot& slot, double error, const Problem& problem) {
  ++slot.evaluations;
  if (!is_finite(error)) return fail(slot, Status::non_finite);
  if (slot.stage == stage_denoise) {
    slot.stage = stage_done;
    slot.status = Status::success;
    return;
  }
  Solver::decide(slot, error, problem);
  if (slot.stage != stage_done && problem.max_evaluations != 0 && slot.evaluations >= problem.max_evaluations) {
    fail(slot, Status::max_evaluations);
  }
}

}  // namespace fast_sde
