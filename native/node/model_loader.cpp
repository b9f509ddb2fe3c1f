#include "model_loader.hpp"

#include "../network/torch_plugin.hpp"
#include "../network/torch_score.hpp"
#include "fields.hpp"
#include "plugin_work.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

class Loader final : public PluginWork {
 public:
  Loader(Napi::Env env, const fast_sde_torch_api& api, TorchModelOptions options, Napi::ArrayBuffer bytes)
      : PluginWork(env, "fast_sde load"), api_(api), options_(std::move(options)), bytes_(Napi::Persistent(bytes)) {
    options_.bytes = bytes.Data();
    options_.size = bytes.ByteLength();
  }

 private:
  void work() override { score_ = std::make_shared<TorchScore>(api_, options_); }
  Napi::Value result(Napi::Env env) override { return wrap_score(env, std::move(score_)); }

  const fast_sde_torch_api& api_;
  TorchModelOptions options_;
  const Napi::Reference<Napi::ArrayBuffer> bytes_;  // keeps them in memory
  std::shared_ptr<TorchScore> score_;
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
  return PluginWork::start(std::make_unique<Loader>(env, torch_api(), std::move(model), bytes.As<Napi::ArrayBuffer>()));
}

}  // namespace fast_sde::node
