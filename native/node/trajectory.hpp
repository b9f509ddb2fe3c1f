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
    most = static_cast<size_t>(std::min<uint64_t>(most, size_ - taken_));
    taken_ += most;
    for (size_t i = 0; i < most; ++i) {
      while (step_ == steps_[sample_].size()) {
        steps_[sample_++] = {};
        step_ = 0;
      }
      put(i, steps_[sample_][step_++]);
    }
    return most;
  }

 private:
  std::vector<std::vector<StepRecord>> steps_;  // of each sample, in the order of its tries
  uint64_t size_ = 0, taken_ = 0;               // steps that came, and those of them that were taken
  size_t sample_ = 0, step_ = 0;                // the next one to take
};

}  // namespace fast_sde::node
