// NativeJobOptions (src/native.ts) read into what the engine takes.
#pragma once

#include "errors.hpp"
#include "job.hpp"

namespace fast_sde::node {

struct ParsedJob {
  JobSpec spec;
  Output output;
  Napi::Array arrays;  // those that spec and output point into: to be held, and not transferred, until the thread ends
};

// Checks the type of every field and every length that memory safety rests on; what the numbers mean is the caller's
// business. Large arrays are not copied. Throws ERR_SDE_INVALID_OPTION or ERR_SDE_INVALID_SHAPE.
ParsedJob parse_job(Napi::Env env, Napi::Value options);

}  // namespace fast_sde::node
