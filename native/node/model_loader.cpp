#include "model_loader.hpp"

#include <atomic>
#include <mutex>
#include <optional>

#include "../network/torch_plugin.hpp"
#include "../network/torch_score.hpp"
#include "../plugin/at_exit.hpp"
#include "fields.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

class Loader final : public Napi::AsyncWorker, private Unfinished {
 public:
  Loader(Napi::Env env, const fast_sde_torch_api& api, TorchModelOptions options, Napi::ArrayBuffer bytes)
      : Napi::AsyncWorker(env, "fast_sde load"),
        promise_(Napi::Promise::Deferred::New(env)),
        api_(api),
        options_(std::move(options)),
        bytes_(Napi::Persistent(bytes)),
        listed_(static_cast<napi_env>(env), *this) {
    options_.bytes = bytes.Data();
    options_.size = bytes.ByteLength();
  }

  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  void Execute() override {
    std::lock_guard lock(loading_);
    try {
      if (stopped_) throw Error(error_code::aborted, "the process ends");
      score_ = std::make_shared<TorchScore>(api_, options_);
    } catch (...) {
      failure_ = current_failure();
    }
  }

  void stop() override { stopped_ = true; }  // what has begun cannot be stopped
  void wait() override { std::lock_guard lock(loading_); }

  void OnOK() override {
    if (failure_) {
      promise_.Reject(coded_error(Env(), failure_->code, failure_->message).Value());
    } else {
      promise_.Resolve(wrap_score(Env(), std::move(score_)));
    }
  }

  Napi::Promise::Deferred promise_;
  const fast_sde_torch_api& api_;
  TorchModelOptions options_;
  const Napi::Reference<Napi::ArrayBuffer> bytes_;  // keeps them in memory
  std::shared_ptr<TorchScore> score_;
  std::optional<Failure> failure_;
  std::atomic<bool> stopped_ = false;
  std::mutex loading_;
  Listed listed_;
};

}  // namespace

Napi::Promise load_model(Napi::Env env, Napi::Value options) {
  Fields fields(options, "");
  TorchModelOptions model;
  model.path = fields.text("path");
  model.device = fields.text("device");
  model.dtype = fields.choice<fast_sde_dtype>("dtype");
  model.layout = fields.choice<fast_sde_layout>("layout");
  if (fields.has("freeze")) model.freeze = fields.boolean("freeze");
  Napi::Value bytes = fields.get("bytes");
  if (!bytes.IsArrayBuffer()) wrong_field(env, "bytes", "an ArrayBuffer");
  auto loader = std::make_unique<Loader>(env, torch_api(), std::move(model), bytes.As<Napi::ArrayBuffer>());
  Napi::Promise promise = loader->promise();
  loader.release()->Queue();  // deletes itself when it is done
  return promise;
}

}  // namespace fast_sde::node
