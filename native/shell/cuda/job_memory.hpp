// A job's memory on its device, all of it made before the first pass.
#pragma once

#include <vector>

#include "memory.hpp"
#include "resident.hpp"

namespace fast_sde::cuda {

class JobMemory {
 public:
  // `ring_rows`, `ring_steps`: finished samples and recorded steps that may wait for the host. Throws StatusError,
  // FAST_SDE_OUT_OF_MEMORY above all.
  JobMemory(const fast_sde_cuda_run& options, int64_t slots, int64_t ring_rows, int64_t ring_steps,
            cudaStream_t stream);

  const Resident& resident() const { return resident_; }
  const Published* published() const { return published_.data(); }
  const Moves& moves() const { return moves_; }
  const DeviceMixture& mixture() const { return mixture_; }
  const void* unconditional() const { return unconditional_.data(); }

 private:
  void take_schedule(cudaStream_t stream);
  void take_slots(int plain_sums, cudaStream_t stream);
  void take_inputs(const fast_sde_cuda_run& options, cudaStream_t stream);

  Resident resident_{};
  Moves moves_{};
  DeviceMixture mixture_{};

  DeviceArray<double> edges_, cubics_;
  DeviceArray<Evaluation> evaluations_;
  DeviceArray<Slot> slot_;
  DeviceArray<Pending> pending_;
  DeviceArray<Aftermath> aftermath_;
  DeviceArray<NoiseRoom> room_;
  DeviceArray<float> x_, request_, answer_, extra_, time_, ring_, initial_;
  DeviceArray<double> partial_;
  DeviceArray<unsigned> chunks_done_;
  DeviceArray<uint32_t> conditions_, condition_, unconditional_;
  DeviceArray<SampleStats> finished_;
  DeviceArray<StepRecord> steps_;
  DeviceArray<Counters> counters_;
  DeviceArray<int64_t> move_lists_;
  DeviceArray<double> log_weights_, variances_, shares_;
  DeviceArray<float> means_;
  PinnedArray<Published> published_{published_passes};
};

}  // namespace fast_sde::cuda
