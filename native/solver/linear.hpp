// Any sampler that is a plan (core/plan.hpp). Which ones there are, and by what formulas, is written in src/solver.
#pragma once

#include <array>

#include "pass.hpp"

namespace fast_sde {

struct Linear {
  struct Step {
    FromAnswer data;  // at the pending request
    float of_request;
    float of_data[1 + plan_depth];
    float of_noise;
  };

  static constexpr int stages = 1 + plan_depth;  // stage d keeps d predictions: a job has one for all its evaluations
  static constexpr int extras = plan_depth;      // the last predictions, the newest first
  static constexpr int sums = 0;
  static constexpr Clock clock = Clock::snr;
  static constexpr Stepping stepping = Stepping::planned;
  static constexpr bool estimates_error = false;
  static constexpr bool state_is_request = true;
  static constexpr bool accepts_without_step = true;

  static constexpr std::array<const char*, 0> numbers{};  // its options are in the plan

  static constexpr Access measure_access(int depth) {
    return {row_request | row_answer | row_noise | first_extras(depth), row_request | first_extras(depth)};
  }
  static constexpr Access accept_access = {0, 0}, reject_access = {0, 0};  // no accept, no reject

  HD static void start(Slot& slot, const Problem& problem) {
    slot.stage = problem.plan.depth;
    ask(slot, problem, 0);
  }
  // What the sample before left there may be no number, and 0 times it neither.
  static constexpr Access start_access = {0, first_extras(plan_depth)};
  HD static void start_element(Elements& e) {
    for (int i = 0; i < plan_depth; ++i) e.extra[i] = 0;
  }

  HD static Step before(const Slot& slot, const Problem& problem) {
    const Evaluation& now = problem.plan.evaluations[slot.evaluations];
    Step c;
    c.data = data_from_answer(problem.predicts, schedule_at(problem.schedule, now.t));
    c.of_request = static_cast<float>(now.of_request);
    for (int i = 0; i <= plan_depth; ++i) c.of_data[i] = static_cast<float>(now.of_data[i]);
    c.of_noise = static_cast<float>(now.of_noise);
    return c;
  }

  template <int depth>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    const float data = read(c.data, e.request, e.answer);
    float next = c.of_request * e.request + c.of_data[0] * data;
    if constexpr (depth > 0) {
      for (int i = 0; i < depth; ++i) next = next + c.of_data[1 + i] * e.extra[i];
      for (int i = depth - 1; i > 0; --i) e.extra[i] = e.extra[i - 1];
      e.extra[0] = data;
    }
    e.request = next + c.of_noise * e.noise;
    return {finite_check(e.request)};
  }

  HD static bool accepts(int, const Sums&) { return true; }

  HD static Verdict decide(Slot& slot, const Sums&, const Problem& problem) {
    const uint32_t next = slot.evaluations;  // the present one is counted already
    const Evaluation& now = problem.plan.evaluations[next - 1];
    slot.path.accept();
    const bool ends = now.ends != 0;
    if (ends) {
      ++slot.accepted;
      slot.t = now.step_end;
    }
    if (next == problem.plan.count) {
      arrive(slot, problem);
    } else {
      ask(slot, problem, next);
    }
    return ends ? Verdict::accept : Verdict::go_on;
  }

 private:
  HD static void ask(Slot& slot, const Problem& problem, uint32_t k) {
    const Evaluation& next = problem.plan.evaluations[k];
    slot.request_t = next.t;
    slot.h = slot.t - next.step_end;
    slot.path.take(next.length);
  }
};

}  // namespace fast_sde
