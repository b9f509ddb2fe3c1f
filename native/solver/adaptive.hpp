// Algorithm 1 of Jolicoeur-Martineau, Li, Piche-Taillefer, Kachman and Mitliagkas, "Gotta Go Fast When Generating Data
// with Score-Based Models" (arXiv:2105.14080): stochastic improved Euler with the Euler-Maruyama step as its error
// estimate, extrapolation, and a step size a sample. Strong order 1/2 (1 where the noise is additive), weak order 2
// for linear drift; two evaluations a step, one more for each rejection since the first stage is kept.
#pragma once

#include "../core/controller.hpp"
#include "element.hpp"

namespace fast_sde {

struct Adaptive {
  static constexpr int stages = 2;
  static constexpr int extras = 2;  // x'prev, the Euler-Maruyama candidate last accepted; the first stage's score
  static constexpr int previous = 0, first_score = 1;

  static constexpr bool decides(int stage) { return stage == 1; }
  static constexpr Access element_access(int stage) {
    if (stage == 0) return {row_x | row_answer | row_noise, row_request | row_extra(first_score)};  // asked for at x
    return {row_x | row_request | row_answer | row_noise_again | row_extra(previous), row_candidate};
  }
  static constexpr Access accept_access = {row_request | row_candidate, row_x | row_request | row_extra(previous)};
  static constexpr Access reject_access = {row_x | row_noise | row_extra(first_score), row_request};

  // Before the first pass; x is the prior or the caller's own starting point.
  HD static void start(Slot& slot, const Problem& problem) {
    slot.h = smaller(problem.options.h0, slot.t - problem.t_end);
    slot.stage = 0;
    slot.request_t = slot.t;
    slot.path.take(slot.h);  // a fresh path holds any step
  }
  static constexpr Access start_access = {row_x, row_request | row_extra(previous)};
  HD static void start_element(Elements& e) {
    e.extra[previous] = e.x;
    e.request = e.x;
  }

  HD static StepCoefficients coefficients(const Slot& slot, const Problem& problem) {
    return reverse_step(problem, slot.request_t, slot.h);
  }

  // Stage 0, the answer at (x, t): x' = x + K1 becomes the request. Stage 1, at (x', t - h): x'' = x + (K1 + K2) / 2
  // is the candidate; returned is the error in units of what is allowed.
  template <int stage>
  HD static float element(const StepCoefficients& c, Elements& e) {
    if constexpr (stage == 0) {
      float score = score_of(c, e.x, e.answer);
      e.extra[first_score] = score;
      e.request = e.x + increment(c, e.x, score, e.noise);
      return finite_check(e.request);
    } else {
      float score = score_of(c, e.request, e.answer);
      float k2 = increment(c, e.request, score, e.noise);
      e.candidate = e.x + 0.5f * ((e.request - e.x) + k2);
      float magnitude = larger(absolute(e.request), absolute(e.extra[previous]));
      return (e.request - e.candidate) / allowed_error(c.tolerance, magnitude);
    }
  }

  HD static bool accepts(double error) { return error <= 1; }

  // After the norm: sets time, step, path and the next request's time.
  HD static void decide(Slot& slot, double error, const Problem& problem) {
    if (slot.stage == 0) {
      slot.stage = 1;
      slot.request_t = slot.t - slot.h;
      if (slot.request_t < problem.t_end) slot.request_t = problem.t_end;
      return;
    }
    bool accepted = accepts(error);
    double remaining = slot.t - problem.t_end;
    double tried = slot.h;
    if (accepted) {
      ++slot.accepted;
      slot.path.accept();
      if (tried == remaining) {
        arrive(slot, problem);
        return;
      }
      slot.t -= tried;
      remaining = slot.t - problem.t_end;
      if (too_short(remaining, slot.t)) {  // there, but for rounding
        arrive(slot, problem);
        return;
      }
    } else {
      ++slot.rejected;
    }
    slot.h = next_step(problem.options, tried, error, remaining);
    // Neither too short for time to move, nor as long as what was just rejected: that would be tried for ever.
    if (too_short(slot.h, slot.t) || (!accepted && !(slot.h < tried))) {
      fail(slot, Status::step_underflow);
      return;
    }
    bool held = true;
    if (accepted) {
      slot.stage = 0;
      slot.request_t = slot.t;
      held = slot.path.take(slot.h);
    } else {
      slot.request_t = slot.t - slot.h;
      if (problem.noise == Noise::retain) {
        slot.path.retain(slot.h);
      } else {
        slot.path.reject(problem.noise);
        held = slot.path.take(slot.h);
      }
    }
    if (!held) fail(slot, Status::step_underflow);
  }

  HD static void accept(Elements& e) {
    e.extra[previous] = e.request;
    e.x = e.request = e.candidate;
  }

  // The coefficients of the shorter step at (x, t), and its increment: the first stage's score serves again.
  HD static StepCoefficients reject_coefficients(const Slot& slot, const Problem& problem) {
    return reverse_step(problem, slot.t, slot.h);
  }
  HD static void reject(const StepCoefficients& c, Elements& e) {
    e.request = e.x + increment(c, e.x, e.extra[first_score], e.noise);
  }
};

}  // namespace fast_sde
