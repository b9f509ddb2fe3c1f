// discard: the memory of a large buffer, given back at once and off the JavaScript thread.
#pragma once

#include "errors.hpp"

namespace fast_sde::node {

// A promise; the buffer is empty when it is settled. Nobody may use it from the call on.
Napi::Promise discard(Napi::Env env, Napi::Value bytes);

}  // namespace fast_sde::node
