// One job over paths on one device.
#pragma once

#include "../../contract/plugin_abi.h"

namespace fast_sde::cuda {

// Solves the paths in waves; returns when all are handed over or `stopped` says so. Throws StatusError.
void run_paths(const fast_sde_cuda_paths& options);

}  // namespace fast_sde::cuda
