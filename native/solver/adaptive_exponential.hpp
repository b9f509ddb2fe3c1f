// An exponential solver of the reverse SDE with a step size a sample, one evaluation a step and no rejections.
//
// In the clock r = alpha^2 / sigma^2 and the state u = (alpha / sigma^2) x the reverse SDE is du = D dr + dB, u(0) = 0,
// whatever the process: stochastic localisation (Montanari, "Sampling, diffusions, and stochastic localization",
// arXiv:2305.10690). D = E[x(0) | u] is a martingale, so a step that holds D has the exact mean however long it is.
// What it lacks is dr^2 C of the covariance, C = Cov(x(0) | u) = dD/du, and the step's own evaluation tells C along the
// step:
//
//   predict   x' = (sigma' / sigma) e^-h x + alpha' q D + (sigma'^2 / alpha') dB,   q = 1 - e^-2h = dr / r'
//   evaluate  d = D(x') - D
//   correct   x'' = x' + alpha' q psi d,   D'' = D + g d
//
// with y = dr C, C = d.d / d.dB, the share of the remaining variance that the step resolves, g = (1 - y)^-1/2 and
// psi = (g - 1) / y: exact for Gaussian data whose covariance is a multiple of the identity. The next step is as long
// as makes its y what the tolerances allow. It is known before the noise is, so noise stays Gaussian and none is
// redrawn.
#pragma once

#include <cmath>

#include "../core/controller.hpp"
#include "pass.hpp"

namespace fast_sde {

struct AdaptiveExponential {
  struct Own {
    // Of C: its largest eigenvalue, as far as steps see it, its mean one, and the most that the first has been.
    double largest, mean, most;
    float of_change, growth;  // alpha' q psi and g of the step just decided
  };
  struct Step {
    FromAnswer data;  // at the pending request
    float of_change, growth;
    float of_x, of_data, of_noise;  // of the prediction that follows
  };

  static constexpr int stages = 2;  // 0: the first evaluation, at t_start; 1: every other, at the end of a step
  static constexpr int extras = 1;  // D
  static constexpr int sums = 3;    // dB.dB, d.dB, d.d
  static constexpr Clock clock = Clock::snr;
  static constexpr Stepping stepping = Stepping::own;
  static constexpr bool estimates_error = false;
  static constexpr bool state_is_request = true;  // x' is all there is of x
  static constexpr bool accepts_without_step = false;

  enum Number { rtol, atol, spread };
  static constexpr const char* numbers[] = {"rtol", "atol", "spread"};

  static constexpr double most_resolved = 0.6;  // of the variance, in one step
  static constexpr double least_kept = 0.35;    // of an eigenvalue that a Gaussian would have left, in one step
  static constexpr double short_rest = 0.3;     // of the step: where less is left, it halves the way

  static constexpr Access measure_access(int stage) {
    if (stage == 0) return {row_request | row_answer | row_noise, row_request | row_extra(0)};
    return {row_request | row_answer | row_noise_again | row_extra(0), row_candidate};
  }
  static constexpr Access accept_access = {row_request | row_candidate | row_extra(0) | row_noise,
                                           row_request | row_extra(0)};
  static constexpr Access reject_access = {0, 0};  // no reject
  static constexpr Access start_access = {0, 0};
  HD static void start_element(Elements&) {}

  HD static void start(Slot& slot, const Problem& problem) {
    // An element's standard deviation is at most `spread`, and a third of the elements may go together.
    const double together = static_cast<double>(problem.elements) / 3;
    const double variance = (together > 1 ? together : 1) * problem.numbers[spread] * problem.numbers[spread];
    own_of<Own>(slot) = {variance, variance, 0, 0, 1};
    slot.stage = 0;
    slot.request_t = slot.t;
    plan(slot, problem);
  }

  HD static Step before(const Slot& slot, const Problem& problem) {
    const ScheduleAt at = schedule_at(problem.schedule, slot.request_t);
    Step c{};
    if (slot.stage == 0) c = prediction(slot.t, next_time(slot, problem), problem);
    c.data = data_from_answer(problem.predicts, at);
    return c;
  }

  template <int stage>
  HD static Terms<sums> measure(const Step& c, Elements& e) {
    const float data = read(c.data, e.request, e.answer);
    if constexpr (stage == 0) {
      e.extra[0] = data;
      e.request = predicted(c, e.request, data, e.noise);
      return {finite_check(e.request), {}};
    } else {
      const float change = data - e.extra[0];
      e.candidate = data;
      return {finite_check(data), {e.noise * e.noise, change * e.noise, change * change}};
    }
  }

  HD static bool accepts(int stage, const Sums&) { return stage == 1; }

  HD static Verdict decide(Slot& slot, const Sums& sums, const Problem& problem) {
    if (slot.stage == 0) {
      slot.stage = 1;
      slot.request_t = next_time(slot, problem);
      return Verdict::go_on;
    }
    learn(slot, sums, problem);
    ++slot.accepted;
    slot.path.accept();
    slot.t = slot.request_t;
    if (slot.t == problem.t_end) {  // the answer just taken is the final denoising
      slot.stage = stage_done;
      slot.status = Status::success;
    } else {
      plan(slot, problem);
      slot.request_t = next_time(slot, problem);
    }
    return Verdict::accept;
  }

  HD static Step after(const Slot& slot, const Problem& problem) {
    const Own& own = own_of<Own>(slot);
    Step c{};
    c.of_x = 1;  // of a sample that ends here
    if (slot.status == Status::success && problem.final_denoise) {
      c.growth = 1;
      c.of_x = 0;
      c.of_data = 1;
    } else {
      if (slot.stage != stage_done) c = prediction(slot.t, slot.request_t, problem);
      c.growth = own.growth;
      c.of_change = own.of_change;
    }
    return c;
  }

  HD static void accept(const Step& c, Elements& e) {
    const float change = e.candidate - e.extra[0];
    const float x = e.request + c.of_change * change;
    e.extra[0] = e.extra[0] + c.growth * change;
    e.request = predicted(c, x, e.extra[0], e.noise);
  }

 private:
  HD static double ratio_at(double t, const Problem& problem) { return clock_at(clock, problem.schedule, t); }

  HD static float predicted(const Step& c, float x, float data, float noise) {
    return (c.of_x * x + c.of_data * data) + c.of_noise * noise;
  }

  HD static Step prediction(double t, double next, const Problem& problem) {
    const ScheduleAt from = schedule_at(problem.schedule, t), to = schedule_at(problem.schedule, next);
    const double shrink = from.alpha * to.sigma / (from.sigma * to.alpha);  // e^-h
    Step c{};
    c.of_x = static_cast<float>(to.sigma / from.sigma * shrink);
    c.of_data = static_cast<float>(to.alpha * (1 - shrink * shrink));
    c.of_noise = static_cast<float>(to.sigma * to.sigma / to.alpha);
    return c;
  }

  // What the step from slot.t to slot.request_t tells of C.
  HD static void learn(Slot& slot, const Sums& sums, const Problem& problem) {
    Own& own = own_of<Own>(slot);
    const double noise = sums.plain[0], along = sums.plain[1], change = sums.plain[2];
    const ScheduleAt to = schedule_at(problem.schedule, slot.request_t);
    const double end = ratio_at(slot.request_t, problem), dr = end - ratio_at(slot.t, problem), q = dr / end;
    const bool seen = along > 0 && noise > 0;
    const double left = own.largest / (1 + dr * own.largest);  // of a Gaussian
    const double found = seen ? change / along : left;
    const double y = seen ? smaller(dr * found, smaller(q, most_resolved)) : 0;
    const double growth = 1 / sqrt(1 - y);
    const double psi = y < 1e-4 ? 0.5 + 0.375 * y : (growth - 1) / y;
    own.growth = static_cast<float>(growth);
    own.of_change = static_cast<float>(to.alpha * q * psi);
    const double mean_left = least_kept * own.mean / (1 + dr * own.mean), mean_found = seen ? along / noise : 0;
    own.mean = mean_found > mean_left ? mean_found : mean_left;
    own.largest = found > least_kept * left ? found : least_kept * left;
    if (slot.accepted > 0 && found > own.most) own.most = found;
  }

  // How long the next step is, before its noise is known.
  HD static void plan(Slot& slot, const Problem& problem) {
    const Own& own = own_of<Own>(slot);
    // A third of the power shares the error in the variance, of order C y^3, equally among steps.
    double relative = problem.numbers[rtol];
    if (own.most > own.largest) relative *= power(own.most / own.largest, 1.0 / 3);
    const double absolute = problem.numbers[atol] / sqrt(own.mean);
    const double y = share_of_effect(relative > absolute ? relative : absolute);
    const double ratio = ratio_at(slot.t, problem), dr = y / ((1 - y) * own.largest);
    const double here = 0.5 * natural_log(ratio), end = log_snr(schedule_at(problem.schedule, problem.t_end));
    double wanted = 0.5 * natural_log(ratio + dr);
    double next = problem.t_end;
    if (wanted < end - 1e-3) {
      if (end - wanted < short_rest * (wanted - here)) wanted = here + 0.5 * (end - here);
      next = time_of_log_snr(problem.schedule, wanted, problem.t_end, slot.t);
    }
    slot.h = slot.t - next;
    if (too_short(slot.h, slot.t)) {
      fail(slot, Status::step_underflow);
      return;
    }
    slot.path.take(ratio_at(next_time(slot, problem), problem) - ratio);
  }

  HD static double next_time(const Slot& slot, const Problem& problem) {
    const double next = slot.t - slot.h;
    return next < problem.t_end || too_short(next - problem.t_end, slot.t) ? problem.t_end : next;
  }

  // A step that resolves the share y of the variance errs by F(y) = (1 - sqrt(1 - y)) sqrt(y) of the remaining standard
  // deviation, the difference between a step of first and one of second order. The y at which F(y) is the given number,
  // at most most_resolved: with v = 1 - sqrt(1 - y) it is v^3 (2 - v) = effect^2, which Newton's method solves from
  // below.
  HD static double share_of_effect(double effect) {
    const double most = 1 - sqrt(1 - most_resolved);
    const double square = effect * effect;
    if (!(square < most * most * most * (2 - most))) return most_resolved;
    double v = power(0.5 * square, 1.0 / 3);
    for (int k = 0; k < 6; ++k) v -= (v * v * v * (2 - v) - square) / (2 * v * v * (3 - 2 * v));
    return v * (2 - v);
  }
};

}  // namespace fast_sde
