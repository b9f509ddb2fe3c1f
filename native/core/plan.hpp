// A sampler as a list of its evaluations, made before a job and the same for all its samples. Every sampler whose next
// request is linear in the last one, in the predictions of the data and in noise is such a list, however it was
// derived:
//
//   request' = of_request request + sum of of_data[i] D_i + of_noise dB
//
// where D_0 is the data prediction that answers this request, D_i that of i evaluations before, and B the Brownian
// path.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fast_sde {

constexpr int plan_depth = 3;  // predictions kept beside the present one

struct Evaluation {
  double t;         // of the request
  double step_end;  // time at which the step it belongs to ends
  double ends;      // 1: the step ends with it; 0: another evaluation of the step follows
  double of_request;
  double of_data[1 + plan_depth];  // of predictions before the first one: 0
  double of_noise;
  double length;  // of dB, in the signal-to-noise ratio; 0: no noise
};

struct Plan {
  const Evaluation* evaluations = nullptr;  // [count]; the last leads to t_end. Belongs to the job.
  uint32_t count = 0;
  uint32_t depth = 0;  // predictions kept beside the present one, 0 … plan_depth
};

// How far back the evaluations look.
inline uint32_t depth_of(const Evaluation* evaluations, size_t count) {
  uint32_t depth = 0;
  for (size_t k = 0; k < count; ++k) {
    for (uint32_t i = depth + 1; i <= plan_depth; ++i) {
      if (evaluations[k].of_data[i] != 0) depth = i;
    }
  }
  return depth;
}

}  // namespace fast_sde
