// Finished samples, and the steps recorded of all of them, on their way from the device's rings to the job's sink, by
// asynchronous copies beside the passes. A sample's steps come before it.
#pragma once

#include "job_memory.hpp"
#include "streams.hpp"

namespace fast_sde::cuda {

class FinishedSamples {
 public:
  FinishedSamples(const fast_sde_cuda_run& options, const Resident& resident, int device);
  ~FinishedSamples();
  FinishedSamples(const FinishedSamples&) = delete;
  FinishedSamples& operator=(const FinishedSamples&) = delete;

  // Hands over what has arrived and asks for more. `seen`: what is on the device at the end of the pass whose
  // event is `pass`. True where anything moved.
  bool move(const Published& seen, cudaEvent_t pass);

  // The same until all are handed over.
  void drain(const Published& seen, cudaEvent_t pass);

  uint64_t handed_over() const { return handed_over_; }
  uint64_t steps_handed_over() const { return steps_handed_over_; }

 private:
  void ask_for_steps(uint64_t recorded);
  void ask_for_samples(uint64_t finished);

  const fast_sde_cuda_run& options_;
  const Resident& resident_;
  const int64_t rows_;  // that fit in `x_`
  BorrowedStream stream_;
  PinnedArray<float> x_;
  PinnedArray<SampleStats> samples_;
  PinnedArray<StepRecord> steps_;  // [ring_steps, or 1]
  Event arrived_;
  uint64_t handed_over_ = 0, on_the_way_ = 0;  // samples
  uint64_t steps_handed_over_ = 0, steps_on_the_way_ = 0;
};

}  // namespace fast_sde::cuda
