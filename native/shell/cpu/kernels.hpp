// The CPU shell's kernels: one table of functions a variant, all compiled from kernels.inl.
#pragma once

#include <cstdint>

#include "../../core/slot.hpp"
#include "../../score/mixture.hpp"
#include "../../solver/element.hpp"

namespace fast_sde::cpu {

// One slot's rows, each of problem.elements floats. The candidate of a stage takes the place of its answer.
struct SlotRows {
  float* x;
  float* request;
  float* answer;
  float* extra[max_extras];
  float*
      noise;  // the step's increment, kept for solvers that use it again (reading is cheaper than computing); or null
};

struct Kernels {
  const char* name;

  // `count` standard normals of a node, elements 0 … count - 1.
  void (*normals)(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count);

  // Puts a new sample into a slot: slot.position and slot.sample are set, all else is made here. `initial`: the
  // sample's own starting point, or null for the prior.
  void (*start)(Slot& slot, const SlotRows& rows, const Problem& problem, const float* initial);

  // One pass: takes the answer of the pending request and leaves the slot with its next one, or done.
  void (*advance)(Slot& slot, const SlotRows& rows, const Problem& problem);

  // The score of one row of a mixture at (alpha, sigma). `shares`: scratch, one number a component.
  void (*mixture)(const MixtureScore& mixture, double alpha, double sigma, const float* x, float* score,
                  double* shares);
};

}  // namespace fast_sde::cpu
