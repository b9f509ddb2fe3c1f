#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

using Holder = std::shared_ptr<ScoreModel>;

// Any object may be passed where a handle is wanted, wrapped ones of other addons included: only the tag tells.
constexpr napi_type_tag score_tag = {0x8f0d5c3e6a1b4f27, 0xa94e7d2160c8b35d};

}  // namespace

Napi::Object wrap_score(Napi::Env env, std::shared_ptr<ScoreModel> model) {
  Napi::Object object = Napi::Object::New(env);
  auto holder = std::make_unique<Holder>(std::move(model));
  auto drop = [](napi_env, void* data, void*) { delete static_cast<Holder*>(data); };
  napi_status status = napi_wrap(env, object, holder.get(), drop, nullptr, nullptr);
  if (status != napi_ok) throw Napi::Error::New(env);
  static_cast<void>(holder.release());
  object.TypeTag(&score_tag);
  return object;
}

std::shared_ptr<ScoreModel> unwrap_score(Napi::Env env, Napi::Value value, const char* name) {
  void* data = nullptr;
  bool ours = value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&score_tag) &&
              napi_unwrap(env, value, &data) == napi_ok;
  if (!ours) throw coded_error(env, error_code::invalid_option, std::string(name) + " is not a native score");
  return *static_cast<Holder*>(data);
}

}  // namespace fast_sde::node
