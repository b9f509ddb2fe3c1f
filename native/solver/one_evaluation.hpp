// What samplers share that evaluate once a step, on a grid of times fixed beforehand: the state is the request, a step
// is always accepted, and nothing is left to do after `measure`. Such a sampler derives from this and adds its grid,
// its coefficients and its update.
#pragma once

#include "pass.hpp"

namespace fast_sde {

template <Clock clock_>
struct OneEvaluation {
  static constexpr int stages = 1;
  static constexpr int extras = 0;
  static constexpr int sums = 0;
  static constexpr Clock clock = clock_;
  static constexpr bool estimates_error = false;
  static constexpr bool state_is_request = true;
  static constexpr bool accepts_without_step = true;

  enum Number { steps };
  static constexpr const char* numbers[] = {"steps"};

  static constexpr Access measure_access(int) { return {row_request | row_answer | row_noise, row_request}; }
  static constexpr Access start_access = {0, 0};
  static constexpr Access accept_access = {0, 0}, reject_access = {0, 0};  // no accept, no reject
  HD static void start_element(Elements&) {}
  HD static void start(Slot& slot, const Problem& problem) { ask(slot, problem); }

  // Where the slot's step ends; it begins at slot.t.
  HD static double next_time(const Slot& slot, const Problem& problem) {
    return grid_time(problem.grid, slot.accepted + 1, problem.t_start, problem.t_end);
  }

  HD static bool accepts(int, const Sums&) { return true; }

  HD static Verdict decide(Slot& slot, const Sums&, const Problem& problem) {
    ++slot.accepted;
    slot.path.accept();
    slot.t = grid_time(problem.grid, slot.accepted, problem.t_start, problem.t_end);
    if (slot.accepted == problem.grid.steps) {
      arrive(slot, problem);
    } else {
      ask(slot, problem);
    }
    return Verdict::accept;
  }

 private:
  HD static void ask(Slot& slot, const Problem& problem) {
    const double next = next_time(slot, problem);
    slot.stage = 0;
    slot.request_t = slot.t;
    slot.h = slot.t - next;
    if constexpr (clock == Clock::t) {
      slot.path.take(slot.h);
    } else {
      slot.path.take(clock_at(clock, problem.schedule, next) - clock_at(clock, problem.schedule, slot.t));
    }
  }
};

}  // namespace fast_sde
