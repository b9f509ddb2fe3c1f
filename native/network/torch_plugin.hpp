// The LibTorch plugin, opened once a process and never closed: LibTorch cannot be unloaded safely.
#pragma once

#include <string>

#include "../contract/plugin_abi.h"

namespace fast_sde {

// Opens the plugin at `path`; where one is open already, returns that. A failed attempt may be repeated. Thread-safe.
// Throws Error ERR_SDE_TORCH_UNAVAILABLE with the dynamic loader's words.
const fast_sde_torch_api& open_torch(const std::string& path);

// The open plugin. Throws ERR_SDE_TORCH_UNAVAILABLE where there is none.
const fast_sde_torch_api& torch_api();

}  // namespace fast_sde
