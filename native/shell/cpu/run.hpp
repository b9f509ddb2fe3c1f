// Jobs on the CPU (device/device_run.hpp: on a GPU).
#pragma once

#include <atomic>

#include "../../engine/job.hpp"
#include "../../score/score_model.hpp"

namespace fast_sde {

// Works on the calling thread (and the solver threads) until all samples are done or `stop` turns true; samples then in
// flight are reported to the sink as `unfinished`. Throws Error where the score fails as a whole, after the same
// report.
Totals run_on_cpu(const JobOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop);

}  // namespace fast_sde
