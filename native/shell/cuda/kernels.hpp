// The kernels' launchers: what to start for a job, whatever its sampler, row length and device. All enqueue on a stream
// and throw StatusError where a launch is refused.
#pragma once

#include <cuda_runtime.h>

#include "resident.hpp"

namespace fast_sde::cuda {

// Of one sampler (solver_launches.inl).
struct SolverLaunches {
  SolverFacts facts;
  int sums;  // plain ones, beside the error

  // Whether rows of several chunks may be a cluster's: the device has clusters, large enough ones, and the plugin's
  // code for it was compiled for them.
  bool (*clusters_serve)(const Resident& run);

  // Fills the slots with the first samples.
  void (*begin)(const Resident& run, cudaStream_t stream);

  // One pass over the first `rows` slots. `clusters`: they serve.
  void (*pass)(const Resident& run, int64_t rows, bool clusters, cudaStream_t stream);
};

const SolverLaunches& launches_of(SolverKind solver);

// The exact score of the first `rows` requests.
void launch_mixture(const Resident& run, const DeviceMixture& mixture, int64_t rows, cudaStream_t stream);

// Moves what is in the slots rows … before - 1 to empty ones below; there have to be enough.
void launch_compact(const Resident& run, const Moves& moves, int64_t before, int64_t rows, cudaStream_t stream);

// `count` normals of a node.
void launch_normals(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count, cudaStream_t stream);

}  // namespace fast_sde::cuda
