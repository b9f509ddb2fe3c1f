// NativeJobOptions (src/native.ts) read into what the engine takes.
#pragma once

#include "errors.hpp"
#include "job.hpp"

namespace fast_sde::node {

struct ParsedJob {
  JobSpec spec;
  Napi::Float32Array output;  // empty where finished samples are to be queued
};

// Checks the type of every field and every length that memory safety rests on; what the numbers mean is the caller's
// business. `initial`, `condition` and `unconditional` are copied, `output` is not. Throws ERR_SDE_INVALID_OPTION or
// ERR_SDE_INVALID_SHAPE.
ParsedJob parse_job(Napi::Env env, Napi::Value options);

}  // namespace fast_sde::node
