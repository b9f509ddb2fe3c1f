// Maruyama, "Continuous Markov processes and stochastic equations" (1955), with equal steps from t_start to t_end: one
// evaluation a step, whose increment is added to the state, which is the request.
#pragma once

#include "reverse_step.hpp"

namespace fast_sde {

struct EulerMaruyama {
  using Step = ReverseStep;

  static constexpr int stages = 1;
  static constexpr int extras = 0;
  static constexpr int sums = 0;
  static constexpr Clock clock = Clock::t;
  static constexpr Stepping stepping = Stepping::equal;
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

  HD static Step before(const Slot& slot, const Problem& problem) { return reverse_step(problem, slot.t, slot.h); }

  template <int stage>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    e.request = e.request + increment(c, e.request, read(c.score, e.request, e.answer), e.noise);
    return {finite_check(e.request)};
  }

  HD static bool accepts(int, const Sums&) { return true; }

  HD static Verdict decide(Slot& slot, const Sums&, const Problem& problem) {
    ++slot.accepted;
    slot.path.accept();
    slot.t = time_reached(problem, slot.accepted);
    if (slot.accepted == problem.steps) {
      arrive(slot, problem);
    } else {
      ask(slot, problem);
    }
    return Verdict::accept;
  }

 private:
  HD static double time_reached(const Problem& problem, uint32_t k) {
    return equal_step_time(problem.steps, k, problem.t_start, problem.t_end);
  }

  HD static void ask(Slot& slot, const Problem& problem) {
    slot.stage = 0;
    slot.request_t = slot.t;
    slot.h = slot.t - time_reached(problem, slot.accepted + 1);
    slot.path.take(slot.h);
  }
};

}  // namespace fast_sde
