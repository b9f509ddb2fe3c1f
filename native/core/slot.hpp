// One sample in flight. Plain data, the same on the host and on the device.
#pragma once

#include <cstdint>

#include "noise_path.hpp"
#include "problem.hpp"

namespace fast_sde {

// Stages every solver shares; its own are 0, 1, … below these.
constexpr uint32_t stage_denoise = 100;  // the answer asked for is the final denoising's
constexpr uint32_t stage_done = 101;     // finished or failed: see status

constexpr int max_own_bytes = 32;  // of scalars that a solver keeps in a slot

struct Slot {
  uint64_t position = 0;  // of the sample within the job
  uint64_t sample = 0;    // its index: what its noise depends on, with the seed
  double t = 0;           // time reached
  double h = 0;           // step being tried (positive; time runs down)
  double request_t = 0;   // time of the request now pending
  uint32_t stage = 0;     // of the request now pending
  Status status = Status::unfinished;
  uint32_t evaluations = 0, accepted = 0, rejected = 0;
  alignas(8) unsigned char own[max_own_bytes] = {};  // the solver's: see own_of in solver/pass.hpp
  NoisePath path;                                    // the Brownian path ahead of t, as far as it is already fixed
};

}  // namespace fast_sde
