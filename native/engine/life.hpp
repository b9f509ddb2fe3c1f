// A slot's life, the same for every shell: how a sample comes into it, and what becomes of it once the sums of a pass
// are known. What happens to rows of elements is the shell's business.
#pragma once

#include "../solver/pass.hpp"
#include "record.hpp"

namespace fast_sde {

// Sample `position` of the job comes into the slot; false where none is left.
template <class Solver>
HD bool admit(Slot& slot, uint64_t position, uint64_t first, uint64_t count, const Problem& problem) {
  if (position >= count) return false;
  slot.position = position;
  slot.sample = first + position;
  slot.t = problem.t_start;
  slot.evaluations = slot.accepted = slot.rejected = 0;
  slot.status = Status::unfinished;
  slot.path.reset();
  Solver::start(slot, problem);
  return true;
}

// Counts the evaluation and sets the slot's next request, or its end. `record` is filled where a step was decided,
// which the verdict says.
template <class Solver>
HD Verdict conclude(Slot& slot, const Sums& sums, const Problem& problem, StepRecord& record) {
  ++slot.evaluations;
  bool finite = is_finite(sums.error);
  if (slot.stage != stage_denoise) {
    for (int k = 0; k < Solver::sums; ++k) finite = finite && is_finite(sums.plain[k]);
  }
  if (!finite) {
    fail(slot, Status::non_finite);
    return Verdict::go_on;
  }
  if (slot.stage == stage_denoise) {
    slot.stage = stage_done;
    slot.status = Status::success;
    return Verdict::go_on;
  }
  record = {slot.position, slot.t, slot.h, Solver::estimates_error ? sums.error : 0, 0};
  const Verdict verdict = Solver::decide(slot, sums, problem);
  record.accepted = verdict == Verdict::accept ? 1 : 0;
  if (slot.stage != stage_done && problem.max_evaluations != 0 && slot.evaluations >= problem.max_evaluations) {
    fail(slot, Status::max_evaluations);
  }
  return verdict;
}

// Whether the elements of this stage are to be kept, as the sums alone tell it before `conclude`.
template <class Solver>
HD bool keeps(int stage, const Sums& sums) {
  for (int k = 0; k < Solver::sums; ++k) {
    if (!is_finite(sums.plain[k])) return false;
  }
  return is_finite(sums.error) && Solver::accepts(stage, sums);
}

}  // namespace fast_sde
