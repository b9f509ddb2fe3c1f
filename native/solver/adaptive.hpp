// Algorithm 1 of Jolicoeur-Martineau, Li, Piche-Taillefer, Kachman and Mitliagkas, "Gotta Go Fast When Generating Data
// with Score-Based Models" (arXiv:2105.14080): stochastic improved Euler with the Euler-Maruyama step as its error
// estimate, extrapolation, and a step size a sample. Two evaluations a step, one more for each rejection since the
// first stage is kept.
#pragma once

#include "../core/controller.hpp"
#include "reverse_step.hpp"

namespace fast_sde {

struct Adaptive {
  using Step = ReverseStep;

  static constexpr int stages = 2;
  static constexpr int extras = 2;  // x'prev, the Euler-Maruyama candidate last accepted; the first stage's score
  static constexpr int sums = 0;
  static constexpr Clock clock = Clock::t;
  static constexpr Stepping stepping = Stepping::own;
  static constexpr bool estimates_error = true;
  static constexpr bool state_is_request = false;
  static constexpr bool accepts_without_step = true;

  enum Number { h0, safety, exponent };
  static constexpr const char* numbers[] = {"h0", "safety", "exponent"};

  static constexpr int previous = 0, first_score = 1;  // extras

  static constexpr Access measure_access(int stage) {
    if (stage == 0) return {row_x | row_answer | row_noise, row_request | row_extra(first_score)};  // asked for at x
    return {row_x | row_request | row_answer | row_noise_again | row_extra(previous), row_candidate};
  }
  static constexpr Access accept_access = {row_request | row_candidate, row_x | row_request | row_extra(previous)};
  static constexpr Access reject_access = {row_x | row_noise | row_extra(first_score), row_request};

  // Before the first pass; x is the prior or the caller's own starting point.
  HD static void start(Slot& slot, const Problem& problem) {
    slot.h = smaller(problem.numbers[h0], slot.t - problem.t_end);
    slot.stage = 0;
    slot.request_t = slot.t;
    slot.path.take(slot.h);
  }
  static constexpr Access start_access = {row_x, row_request | row_extra(previous)};
  HD static void start_element(Elements& e) {
    e.extra[previous] = e.x;
    e.request = e.x;
  }

  HD static Step before(const Slot& slot, const Problem& problem) {
    return reverse_step(problem, slot.request_t, slot.h);
  }

  // Stage 0, the answer at (x, t): x' = x + K1 becomes the request. Stage 1, at (x', t - h): x'' = x + (K1 + K2) / 2
  // is the candidate, and its distance from x' the error.
  template <int stage>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    if constexpr (stage == 0) {
      float score = read(c.score, e.x, e.answer);
      e.extra[first_score] = score;
      e.request = e.x + increment(c, e.x, score, e.noise);
      return {finite_check(e.request)};
    } else {
      float score = read(c.score, e.request, e.answer);
      float k2 = increment(c, e.request, score, e.noise);
      e.candidate = e.x + 0.5f * ((e.request - e.x) + k2);
      float magnitude = larger(absolute(e.request), absolute(e.extra[previous]));
      return {(e.request - e.candidate) / allowed_error(c.tolerance, magnitude)};
    }
  }

  // Of stage 1, known from the norm alone: elements are kept while `decide` still thinks about what comes next.
  HD static bool accepts(int stage, const Sums& sums) { return stage == 1 && sums.error <= 1; }

  HD static Verdict decide(Slot& slot, const Sums& sums, const Problem& problem) {
    if (slot.stage == 0) {
      slot.stage = 1;
      slot.request_t = slot.t - slot.h;
      if (slot.request_t < problem.t_end) slot.request_t = problem.t_end;
      return Verdict::go_on;
    }
    const bool accepted = accepts(1, sums);
    const Verdict verdict = accepted ? Verdict::accept : Verdict::reject;
    double remaining = slot.t - problem.t_end;
    const double tried = slot.h;
    if (accepted) {
      ++slot.accepted;
      slot.path.accept();
      slot.t -= tried;
      // The second is the case of a step that arrives but for rounding.
      if (tried == remaining || too_short(slot.t - problem.t_end, slot.t)) {
        arrive(slot, problem);
        return verdict;
      }
      remaining = slot.t - problem.t_end;
    } else {
      ++slot.rejected;
    }
    slot.h = next_step(problem.numbers[safety], problem.numbers[exponent], tried, sums.error, remaining);
    // Neither too short for time to move, nor as long as what was just rejected: that would be tried for ever.
    if (too_short(slot.h, slot.t) || (!accepted && !(slot.h < tried))) {
      fail(slot, Status::step_underflow);
      return verdict;
    }
    if (accepted) {
      slot.stage = 0;
      slot.request_t = slot.t;
    } else {
      slot.request_t = slot.t - slot.h;
      if (problem.noise == Noise::retain) {
        slot.path.retain(slot.h);
        return verdict;
      }
      slot.path.reject(problem.noise);
    }
    slot.path.take(slot.h);
    return verdict;
  }

  // After a rejection: the coefficients of the shorter step at (x, t), where the first stage's score serves again.
  HD static Step after(const Slot& slot, const Problem& problem) { return reverse_step(problem, slot.t, slot.h); }

  HD static void accept(const Step&, Elements& e) {
    e.extra[previous] = e.request;
    e.x = e.request = e.candidate;
  }

  HD static void reject(const Step& c, Elements& e) {
    e.request = e.x + increment(c, e.x, e.extra[first_score], e.noise);
  }
};

}  // namespace fast_sde
