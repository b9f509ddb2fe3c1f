// Jobs over paths on a GPU, by way of the CUDA plugin (shell/paths/run.hpp: on the CPU).
#pragma once

#include <atomic>

#include "../contract/plugin_abi.h"
#include "../shell/paths/run.hpp"

namespace fast_sde {

// What a sink keeps beside states and figures.
struct KeptOfPaths {
  bool W, next;
};

// As run_paths_on_cpu, up to `threads` threads copying what comes from the device and handing it to the sink. The job
// keeps no trace. Throws Error, and what the sink throws.
void run_paths_on_device(const fast_sde_cuda_api& api, int device, const paths::PathJob& job, KeptOfPaths keeps,
                         int threads, PathSink& sink, const std::atomic<bool>& stop);

}  // namespace fast_sde
