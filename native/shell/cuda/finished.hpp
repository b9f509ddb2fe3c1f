// Finished samples on their way from the device's ring to the job's sink, by asynchronous copies beside the passes.
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

  // Hands over what has arrived and asks for more. `finished`: samples done so far on the device, all of them by the
  // end of the pass whose event that is. True where anything moved.
  bool move(uint64_t finished, cudaEvent_t pass);

  // The same until all are handed over.
  void drain(uint64_t finished, cudaEvent_t pass);

  uint64_t handed_over() const { return handed_over_; }

 private:
  const fast_sde_cuda_run& options_;
  const Resident& resident_;
  const int64_t rows_;  // that fit in `x_`
  BorrowedStream stream_;
  PinnedArray<float> x_;
  PinnedArray<fast_sde_sample> samples_;
  Event arrived_;
  uint64_t handed_over_ = 0, on_the_way_ = 0;
};

}  // namespace fast_sde::cuda
