// What a sampler and the shell that runs it (shell/cpu, shell/cuda) agree on. A pass over a slot is
//
//   before -> measure, for every element -> sums -> decide -> after -> accept or reject, for every element
//
// and a sampler supplies just these, once, for host and device. `before` and `after` turn float64 schedules into the
// float32 coefficients (`Step`) that elements see; `measure` reads the answer and proposes; `decide` accepts, shortens,
// takes noise, sets the next request; `accept` or `reject` make what is kept and what is asked next.
//
// A sampler is a struct of static members, all of them found in solver/adaptive.hpp. docs/extending.md goes through it
// step by step. One that is linear needs none of this: it is a plan (solver/linear.hpp).
#pragma once

#include <cstdint>

#include "../core/prediction.hpp"
#include "../core/slot.hpp"

namespace fast_sde {

constexpr int max_stages = 8;
constexpr int max_extras = 4;  // rows a sampler may keep beside the state
constexpr int max_sums = 4;    // plain sums of a pass, beside the error
constexpr int max_step_bytes = 64;

// One element of a slot's rows. A shell loads the rows a function reads and stores those it writes.
struct Elements {
  float x;                  // state at time t
  float request;            // the pending request: where the network is asked
  float answer;             // the network's answer to it
  float noise;              // this element of the step's Brownian increment
  float candidate;          // what `measure` proposes, kept until the decision
  float extra[max_extras];  // the sampler's own
};

// Sets of rows, by bit.
using Rows = uint32_t;
constexpr Rows row_x = 1, row_request = 2, row_answer = 4, row_candidate = 8;
constexpr Rows row_noise = 16;        // the step's increment, at its first use
constexpr Rows row_noise_again = 32;  // the same once more: a shell may have kept it, or computes it again
HD constexpr Rows row_extra(int i) { return 64u << i; }
HD constexpr Rows first_extras(int count) { return row_extra(count) - row_extra(0); }

struct Access {
  Rows reads, writes;
};

// What one element adds to the sums of a pass: its error in units of what is allowed, and `count` numbers of the
// sampler's own.
template <int count>
struct Terms {
  float error;
  float plain[count];
};
template <>
struct Terms<0> {
  float error;
};

// The norm of the errors, as the tolerance says, and the plain sums, each in float64 in the order of core/reduce.hpp.
struct Sums {
  double error;
  double plain[max_sums];
};

// What a pass has come to. `go_on`: the step is not over, and elements have nothing more to do.
enum class Verdict : uint8_t { go_on, accept, reject };

// Where a sampler's steps come from: it chooses them itself, sample by sample; equal in t; those of a plan.
enum class Stepping : uint8_t { own, equal, planned };

// The time in which a sampler's noise is Brownian: t, or the signal-to-noise ratio alpha^2 / sigma^2.
enum class Clock : uint8_t { t, snr };

HD double clock_at(Clock clock, const Schedule& schedule, double t) {
  if (clock == Clock::t) return t;
  const ScheduleAt at = schedule_at(schedule, t);
  const double ratio = at.alpha / at.sigma;
  return ratio * ratio;
}

// The scalars that a sampler keeps in a slot.
template <class Own>
HD Own& own_of(Slot& slot) {
  static_assert(sizeof(Own) <= max_own_bytes && alignof(Own) <= 8);
  return *reinterpret_cast<Own*>(slot.own);
}
template <class Own>
HD const Own& own_of(const Slot& slot) {
  static_assert(sizeof(Own) <= max_own_bytes && alignof(Own) <= 8);
  return *reinterpret_cast<const Own*>(slot.own);
}

// `request`: the point the answer is for.
HD float read(const FromAnswer& from, float request, float answer) {
  return from.of_request * request + from.of_answer * answer;
}

// The error of a stage that estimates none: 0, or NaN where the candidate is not finite.
HD float finite_check(float candidate) { return candidate - candidate; }

// A slot that has reached t_end asks for the final denoising, or is done.
HD void arrive(Slot& slot, const Problem& problem) {
  slot.t = slot.request_t = problem.t_end;
  if (problem.final_denoise) {
    slot.stage = stage_denoise;
  } else {
    slot.stage = stage_done;
    slot.status = Status::success;
  }
}

HD void fail(Slot& slot, Status status) {
  slot.stage = stage_done;
  slot.status = status;
}

}  // namespace fast_sde
