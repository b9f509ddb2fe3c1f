// NativeJob (src/native.ts): a Job as JavaScript sees it.
#pragma once

#include "errors.hpp"
#include "options.hpp"

namespace fast_sde::node {

// Starts the job. The process (or worker) stays alive until it ends; `wake` is called on the JavaScript thread. A job
// whose object is collected, or whose environment is torn down, is aborted.
Napi::Object start_job(Napi::Env env, ParsedJob parsed, Napi::Function wake);

}  // namespace fast_sde::node
