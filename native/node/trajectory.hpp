// The steps that the samples of a job tried, each sample's own together, from the engine's thread to JavaScript.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../engine/record.hpp"

namespace fast_sde::node {

class Trajectory {
 public:
  // For the samples 0 … count - 1 of the job.
  void open(uint64_t count) { steps_.resize(count); }

  void add(const StepRecord* steps, int64_t count) {
    for (const StepRecord* step = steps; step != steps + count; ++step) steps_[step->position].push_back(*step);
    size_ += static_cast<uint64_t>(count);
  }

  uint64_t size() const { return size_; }

  // Once the job is over: calls put(i, step) for the next steps in the order of samples, at most `most`, and says how
  // many there were. Steps that were taken are gone.
  template <class Put>
  size_t take(size_t most, Put put) {
    size_t taken = 0;
    for (; sample_ < steps_.size() && taken < most; ++sample_, step_ = 0) {
      std::vector<StepRecord>& steps = steps_[sample_];
      while (step_ < steps.size() && taken < most) put(taken++, steps[step_++]);
      if (step_ < steps.size()) return taken;
      steps = {};
    }
    return taken;
  }

 private:
  std::vector<std::vector<StepRecord>> steps_;  // of each sample, in the order of its tries
  uint64_t size_ = 0;                           // of all that came
  size_t sample_ = 0, step_ = 0;                // the next one to take
};

}  // namespace fast_sde::node
