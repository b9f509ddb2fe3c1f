// From a file's bytes to a module, after they have been checked.
#pragma once

#include <torch/script.h>

#include "../contract/plugin_abi.h"

namespace fast_sde {

// Throws StatusError where the bytes are no TorchScript file or damaged, and c10::Error where memory runs out.
torch::jit::Module read_module(const fast_sde_model_options& options, at::Device device);

}  // namespace fast_sde
