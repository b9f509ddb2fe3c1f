// The engine's other front door: the same job, run by the CUDA plugin on a GPU.
#pragma once

#include "../contract/plugin_abi.h"
#include "../engine/run.hpp"

namespace fast_sde {

// As `run` of engine/run.hpp, with the score itself in place of a session: it has to be a MixtureScore, or a TorchScore
// on that device. Totals::score_ms is the time on the device between the passes of the solver. Throws Error, also
// for a score that cannot be had on a device (ERR_SDE_INVALID_OPTION).
Totals run_on_device(const fast_sde_cuda_api& api, int device, const RunOptions& options, const SessionOptions& session,
                     ScoreModel& score, Sink& sink, const std::atomic<bool>& stop);

}  // namespace fast_sde
