// What a solver and the shell that runs it (shell/cpu, shell/cuda) agree on. A pass over a slot is
//
//   coefficients -> element, for every element -> norm -> decide -> accept or reject, for every element
//
// and a solver supplies just these, once, for host and device. A stage without a decision ends with `element`. Whether
// a step is accepted depends on the norm alone (`accepts`), so that a device can commit elements while one of its
// threads still decides what comes next.
#pragma once

#include <cstdint>

#include "../core/prediction.hpp"
#include "../core/slot.hpp"

namespace fast_sde {

constexpr int max_extras = 4;  // rows a solver may keep beside the state

// One element of a slot's rows. A shell loads the rows a function reads and stores those it writes.
struct Elements {
  float x;                  // state at time t
  float request;            // the pending request: where the score is asked for
  float answer;             // the network's answer to it
  float noise;              // this element of the step's Brownian increment
  float candidate;          // what `element` proposes, kept until the decision
  float extra[max_extras];  // the solver's own
};

// Sets of rows, by bit.
using Rows = uint32_t;
constexpr Rows row_x = 1, row_request = 2, row_answer = 4, row_candidate = 8;
constexpr Rows row_noise = 16;        // the step's increment, at its first use
constexpr Rows row_noise_again = 32;  // the same once more: a shell may have kept it, or computes it again
HD constexpr Rows row_extra(int i) { return 64u << i; }

struct Access {
  Rows reads, writes;
};

// x' = x + of_x y + of_score s(y) + of_noise dW for some point y: all the kernels know of drift and diffusion.
struct StepCoefficients {
  ScoreFromAnswer score;  // at the pending request
  float of_x = 0, of_score = 0, of_noise = 0;
  Tolerance tolerance;
};

// -h D(y, t) + g dW with D = f y - g^2 s: one reverse-time Euler-Maruyama increment of length h at time t.
HD StepCoefficients reverse_step(const Problem& problem, double t, double h) {
  ScheduleAt at = schedule_at(problem.schedule, t);
  StepCoefficients c;
  c.score = score_from_answer(problem.predicts, at);
  c.of_x = static_cast<float>(-h * at.f);
  c.of_score = static_cast<float>(h * at.g * at.g);
  c.of_noise = static_cast<float>(at.g);
  c.tolerance = problem.tolerance;
  return c;
}

// `request`: the point the answer is for.
HD float score_of(const StepCoefficients& c, float request, float answer) {
  return c.score.of_request * request + c.score.of_answer * answer;
}

HD float increment(const StepCoefficients& c, float y, float score, float noise) {
  return (c.of_x * y + c.of_score * score) + c.of_noise * noise;
}

// The error term of a stage that estimates none: 0, or NaN where the candidate is not finite.
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
