// One job on one device.
#pragma once

#include "../../contract/plugin_abi.h"

namespace fast_sde::cuda {

// Draws the samples; returns when all are handed over or `stopped` says so. Throws StatusError; samples in flight are
// then reported as unfinished where the device still answers. `totals` is true to the last pass in every case.
void run_job(const fast_sde_cuda_run& options, fast_sde_totals& totals);

}  // namespace fast_sde::cuda
