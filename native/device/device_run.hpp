// Jobs on a GPU, by way of the CUDA plugin (shell/cpu/run.hpp: on the CPU).
#pragma once

#include <atomic>

#include "../contract/plugin_abi.h"
#include "../engine/job.hpp"
#include "../score/score_model.hpp"

namespace fast_sde {

// As run_on_cpu, with the score itself in place of a session: it has to be a mixture's, or a TorchScore on that
// device. Totals::score_ms is the time on the device between the passes of the solver. Throws Error, also
// for a score that cannot be had on a device (ERR_SDE_INVALID_OPTION).
Totals run_on_device(const fast_sde_cuda_api& api, int device, const JobOptions& options, const SessionOptions& session,
                     ScoreModel& score, Sink& sink, const std::atomic<bool>& stop);

}  // namespace fast_sde
