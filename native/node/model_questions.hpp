// What is asked of a loaded module outside of a job: how it was exported, and single network calls.
#pragma once

#include "errors.hpp"

namespace fast_sde::node {

// NativeModelFacts of src/native.ts. All of these throw ERR_SDE_INVALID_OPTION where `score` is no loaded module.
Napi::Object describe_model(Napi::Env env, Napi::Value score);

// A promise of the answers to a NativeModelCall, [rows, …shape]. The arrays are copied.
Napi::Promise ask_model(Napi::Env env, Napi::Value score, Napi::Value call);

// A promise: the module computes in float32 from then on.
Napi::Promise unify_model(Napi::Env env, Napi::Value score);

// A promise: the weights in the other layout are gone.
Napi::Promise keep_layout(Napi::Env env, Napi::Value score, Napi::Value layout);

}  // namespace fast_sde::node
