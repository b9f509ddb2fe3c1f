// NativePathsJob (src/native-paths.ts): a PathsJob as JavaScript sees it.
#pragma once

#include "path_spec.hpp"

namespace fast_sde::node {

Napi::Object start_paths(Napi::Env env, ParsedPaths parsed, Napi::Function wake);

// NativeStepOptions (src/native-paths.ts): one step with noise given, at once.
Napi::Value step_once(Napi::Env env, Napi::Value options);

}  // namespace fast_sde::node
