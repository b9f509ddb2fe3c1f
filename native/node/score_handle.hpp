// NativeScore: the opaque object that stands for a score in JavaScript.
#pragma once

#include <memory>

#include "../score/score_model.hpp"
#include "errors.hpp"

namespace fast_sde::node {

// `model` is null for a callback score: the job then asks JavaScript (callback_score.hpp).
Napi::Object wrap_score(Napi::Env env, std::shared_ptr<ScoreModel> model);

// Throws ERR_SDE_INVALID_OPTION where `value` was not made by wrap_score, or has been disposed of.
std::shared_ptr<ScoreModel> unwrap_score(Napi::Env env, Napi::Value value, const char* name);

// Lets go of the model: it is freed at once, or with the last job that runs on it. Again: nothing.
void dispose_score(Napi::Env env, Napi::Value value);

}  // namespace fast_sde::node
