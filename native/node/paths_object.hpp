// NativePathsJob (src/native.ts): a PathsJob as JavaScript sees it.
#pragma once

#include "path_spec.hpp"

namespace fast_sde::node {

Napi::Object start_paths(Napi::Env env, ParsedPaths parsed, Napi::Function wake);

}  // namespace fast_sde::node
