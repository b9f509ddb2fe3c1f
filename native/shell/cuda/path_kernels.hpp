// The launchers of path solvers. They enqueue on a stream and throw StatusError where a launch is refused.
#pragma once

#include <cuda_runtime.h>

#include "resident_paths.hpp"

namespace fast_sde::cuda {

// Of one path solver (path_launches.inl).
struct PathLaunches {
  bool levy_area;  // takes H beside W
  void (*steps)(const ResidentPaths& run, cudaStream_t stream);
};

const PathLaunches& launches_of(PathSolverKind solver);

}  // namespace fast_sde::cuda
