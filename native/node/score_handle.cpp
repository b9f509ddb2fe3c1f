#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

struct Holder {
  std::shared_ptr<ScoreModel> model;
  int64_t told;  // bytes that the collector has been told of
  bool disposed = false;

  void dispose(napi_env env) {
    int64_t ignored = 0;
    napi_adjust_external_memory(env, -told, &ignored);
    told = 0;
    model.reset();
    disposed = true;
  }
};

// Any object may be passed where a handle is wanted, wrapped ones of other addons included: only the tag tells.
constexpr napi_type_tag score_tag = {0x8f0d5c3e6a1b4f27, 0xa94e7d2160c8b35d};

Holder& holder_of(Napi::Env env, Napi::Value value, const char* name) {
  void* data = nullptr;
  bool ours = value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&score_tag) &&
              napi_unwrap(env, value, &data) == napi_ok;
  if (!ours) throw coded_error(env, error_code::invalid_option, std::string(name) + " is not a native score");
  return *static_cast<Holder*>(data);
}

}  // namespace

Napi::Object wrap_score(Napi::Env env, std::shared_ptr<ScoreModel> model) {
  Napi::Object object = Napi::Object::New(env);
  const int64_t bytes = model ? model->memory() : 0;
  auto holder = std::make_unique<Holder>(Holder{std::move(model), bytes});
  auto drop = [](napi_env env, void* data, void*) {
    auto* holder = static_cast<Holder*>(data);
    holder->dispose(env);
    delete holder;
  };
  napi_status status = napi_wrap(env, object, holder.get(), drop, nullptr, nullptr);
  if (status != napi_ok) throw Napi::Error::New(env);
  static_cast<void>(holder.release());
  // Without it nothing would tell the collector that a small object holds a large model.
  int64_t ignored = 0;
  napi_adjust_external_memory(env, bytes, &ignored);
  object.TypeTag(&score_tag);
  return object;
}

std::shared_ptr<ScoreModel> unwrap_score(Napi::Env env, Napi::Value value, const char* name) {
  const Holder& holder = holder_of(env, value, name);
  if (holder.disposed) throw coded_error(env, error_code::invalid_option, std::string(name) + " has been disposed of");
  return holder.model;
}

void dispose_score(Napi::Env env, Napi::Value value) { holder_of(env, value, "score").dispose(env); }

}  // namespace fast_sde::node
