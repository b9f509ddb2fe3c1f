// loadModel: a TorchScript module loaded off the JavaScript thread.
#pragma once

#include "errors.hpp"

namespace fast_sde::node {

// A promise of a NativeScore. Throws ERR_SDE_INVALID_OPTION, or ERR_SDE_TORCH_UNAVAILABLE before openTorch.
Napi::Promise load_model(Napi::Env env, Napi::Value options);

}  // namespace fast_sde::node
