// The addon's exports: NativeAddon of src/native.ts.
//
// No JavaScript value is kept in a static, so that any number of environments (worker threads) may load it.
#include <bit>
#include <cstring>

#include "../contract/limits.hpp"
#include "../contract/words.hpp"
#include "../device/cuda_plugin.hpp"
#include "../equations/program.hpp"
#include "../network/torch_plugin.hpp"
#include "../plugin/at_exit.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/mixture_score.hpp"
#include "discard.hpp"
#include "fields.hpp"
#include "job_object.hpp"
#include "model_loader.hpp"
#include "model_questions.hpp"
#include "paths_object.hpp"
#include "plugin_work.hpp"
#include "room.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

using Info = const Napi::CallbackInfo&;

Napi::Value cpu_info(Info info) {
  Napi::Env env = info.Env();
  std::vector<const cpu::Kernels*> available = cpu::available();
  Napi::Array variants = Napi::Array::New(env, available.size());
  for (uint32_t i = 0; i < available.size(); ++i) variants[i] = available[i]->name;
  Napi::Object object = Napi::Object::New(env);
  object["variant"] = cpu::kernels().name;
  object["variants"] = variants;
  object["cores"] = cpu::cores();
  return object;
}

template <class List>
Napi::Array array_of(Napi::Env env, const List& list) {
  Napi::Array array = Napi::Array::New(env, std::size(list));
  for (uint32_t i = 0; i < std::size(list); ++i) array[i] = list[i];
  return array;
}

// What native/contract says, for the test that compares it with src/.
Napi::Value contract(Info info) {
  Napi::Env env = info.Env();
  Napi::Object object = Napi::Object::New(env);
  for_each_list_of_words([&]<class Enum>(const char* name) { object[name] = array_of(env, words<Enum>); });
  object["errorCodes"] = array_of(env, error_code::all);
  object["ops"] = array_of(env, op_words);
  object["opOperands"] = array_of(env, op_operands);
  Napi::Object most = Napi::Object::New(env);
  most["threads"] = static_cast<double>(limits::threads);
  most["batch"] = static_cast<double>(limits::batch);
  most["count"] = static_cast<double>(limits::count);
  most["steps"] = static_cast<double>(limits::steps);
  most["elements"] = static_cast<double>(limits::elements);
  most["instructions"] = static_cast<double>(limits::instructions);
  most["pathStates"] = static_cast<double>(limits::path_states);
  most["registers"] = static_cast<double>(limits::registers);
  object["limits"] = most;
  return object;
}

Napi::Value open_torch_plugin(Info info) {
  const fast_sde_torch_api& api = open_torch(to_text(info[0], "pluginPath"));
  Napi::Object object = Napi::Object::New(info.Env());
  object["version"] = api.version();
  object["cudaDevices"] = api.cuda_devices();
  return object;
}

class TorchOpening final : public PluginWork {
 public:
  TorchOpening(Napi::Env env, std::string path) : PluginWork(env, "fast_sde open"), path_(std::move(path)) {}

 private:
  void work() override { open_torch(path_).cuda_devices(); }  // which wakes the driver
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

  const std::string path_;
};

Napi::Value prepare_torch_plugin(Info info) {
  return PluginWork::start(std::make_unique<TorchOpening>(info.Env(), to_text(info[0], "pluginPath")));
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Napi::Value open_cuda_plugin(Info info) {
  Napi::Env env = info.Env();
  const fast_sde_cuda_api& api = open_cuda(to_text(info[0], "pluginPath"));
  std::vector<CudaDevice> found = cuda_devices(api);
  Napi::Array devices = Napi::Array::New(env, found.size());
  for (uint32_t i = 0; i < found.size(); ++i) {
    Napi::Object device = Napi::Object::New(env);
    device["name"] = found[i].name;
    device["computeCapability"] = std::to_string(found[i].major) + "." + std::to_string(found[i].minor);
    device["multiprocessors"] = found[i].multiprocessors;
    device["memoryBytes"] = static_cast<double>(found[i].memory);
    devices[i] = device;
  }
  Napi::Object object = Napi::Object::New(env);
  object["runtime"] = version_text(api.runtime());
  object["devices"] = devices;
  return object;
}

Napi::Value load(Info info) { return load_model(info.Env(), info[0]); }
Napi::Value describe(Info info) { return describe_model(info.Env(), info[0]); }
Napi::Value ask(Info info) { return ask_model(info.Env(), info[0], info[1]); }
Napi::Value unify(Info info) { return unify_model(info.Env(), info[0]); }
Napi::Value keep(Info info) { return keep_layout(info.Env(), info[0], info[1]); }

Napi::Value discard_bytes(Info info) { return discard(info.Env(), info[0]); }

Napi::Value create_mixture(Info info) {
  Napi::Env env = info.Env();
  Napi::Object arguments = Napi::Object::New(env);
  arguments["weights"] = info[0];
  arguments["means"] = info[1];
  arguments["variances"] = info[2];
  Fields fields(arguments, "");
  auto weights = copy_of(fields.doubles("weights"));
  auto means = fields.floats("means");
  auto variances = copy_of(fields.doubles("variances"));
  size_t count = means.ElementLength();
  if (!info[3].IsUndefined()) {
    count = static_cast<size_t>(to_integer(info[3], "count", static_cast<int64_t>(means.ElementLength())));
  }
  if (weights.empty()) wrong_field(env, "weights", "at least one component");
  if (variances.size() != weights.size()) wrong_field(env, "variances", "as many as weights");
  if (count == 0 || count % weights.size() != 0) wrong_field(env, "means", "n numbers a component");
  auto mixture = std::make_shared<MixtureScore>(std::move(weights), count, std::move(variances));
  mixture->add_means(means.Data(), means.ElementLength());
  return wrap_score(env, std::move(mixture));
}

Napi::Value add_means(Info info) {
  auto mixture = std::dynamic_pointer_cast<MixtureScore>(unwrap_score(info.Env(), info[0], "score"));
  auto means = as_array<Napi::Float32Array>(info[1], "means", napi_float32_array, "a Float32Array");
  if (!mixture || mixture->complete()) wrong_field(info.Env(), "score", "a mixture whose means are not all there");
  mixture->add_means(means.Data(), means.ElementLength());
  return info.Env().Undefined();
}

Napi::Value dispose(Info info) {
  dispose_score(info.Env(), info[0]);
  return info.Env().Undefined();
}

Napi::Value create_callback(Info info) { return wrap_score(info.Env(), nullptr); }

Napi::Value start(Info info) {
  if (!info[1].IsFunction()) wrong_field(info.Env(), "wake", "a function");
  cpu::kernels();  // a wrong FAST_SDE_CPU is refused here, not in the job
  return start_job(info.Env(), parse_job(info.Env(), info[0]), info[1].As<Napi::Function>());
}

Napi::Value start_of_paths(Info info) {
  if (!info[1].IsFunction()) wrong_field(info.Env(), "wake", "a function");
  cpu::kernels();  // as above
  return start_paths(info.Env(), parse_paths(info.Env(), info[0]), info[1].As<Napi::Function>());
}

Napi::Value step(Info info) { return step_once(info.Env(), info[0]); }

Napi::Value normals(Info info) {
  Napi::Env env = info.Env();
  uint64_t seed = to_uint64(info[0], "seed"), sample = to_uint64(info[1], "sample");
  auto node = static_cast<uint32_t>(to_integer(info[2], "node", 0, UINT32_MAX));
  const cpu::Kernels* kernels = &cpu::kernels();
  if (!info[4].IsUndefined()) kernels = cpu::find(to_text(info[4], "variant"));
  if (kernels == nullptr) wrong_field(env, "variant", "one of cpu().variants");
  auto out = as_array<Napi::Float32Array>(info[3], "out", napi_float32_array, "a Float32Array");
  kernels->normals(seed, sample, node, out.Data(), static_cast<int64_t>(out.ElementLength()));
  return out;
}

Napi::Value room(Info info) {
  double bytes = to_number(info[0], "bytes");
  bool fits = bytes < static_cast<double>(PTRDIFF_MAX) && has_room(static_cast<size_t>(std::max(0.0, bytes)));
  return Napi::Boolean::New(info.Env(), fits);
}

// In blocks that stay in the cache between the copy and the look at them: JavaScript takes twice as long.
Napi::Value copy_finite(Info info) {
  auto from = as_array<Napi::Float32Array>(info[0], "from", napi_float32_array, "a Float32Array");
  auto to = as_array<Napi::Float32Array>(info[1], "to", napi_float32_array, "a Float32Array");
  const size_t length = from.ElementLength();
  if (to.ElementLength() != length) wrong_field(info.Env(), "to", "as many numbers");
  constexpr size_t block = 4096;
  constexpr uint32_t exponent = 0x7f80'0000;  // all of its bits are set in what is infinite or NaN
  for (size_t begin = 0; begin < length; begin += block) {
    const size_t count = std::min(block, length - begin);
    const float* numbers = to.Data() + begin;
    std::memcpy(to.Data() + begin, from.Data() + begin, count * sizeof(float));
    uint32_t odd = 0;
    for (size_t i = 0; i < count; ++i) odd |= (std::bit_cast<uint32_t>(numbers[i]) & exponent) == exponent;
    if (odd != 0) return Napi::Boolean::New(info.Env(), false);
  }
  return Napi::Boolean::New(info.Env(), true);
}

template <Napi::Value (*body)(Info)>
Napi::Value exported(Info info) {
  return guarded(info.Env(), [&] { return body(info); });
}

// Before exit(), whatever it comes from: process.exit, an uncaught exception. First of the listeners, since one that
// throws keeps those after it from being called.
void listen_for_exit(Napi::Env env) {
  Napi::Value process = env.Global().Get("process");
  if (!process.IsObject()) return;
  Napi::Value listen = process.As<Napi::Object>().Get("prependListener");
  if (!listen.IsFunction()) return;
  auto end = [](Info info) { Unfinished::end(static_cast<napi_env>(info.Env())); };
  listen.As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), Napi::Function::New(env, end)});
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  listen_for_exit(env);
  exports["contract"] = Napi::Function::New<exported<contract>>(env, "contract");
  exports["cpu"] = Napi::Function::New<exported<cpu_info>>(env, "cpu");
  exports["openTorch"] = Napi::Function::New<exported<open_torch_plugin>>(env, "openTorch");
  exports["prepareTorch"] = Napi::Function::New<exported<prepare_torch_plugin>>(env, "prepareTorch");
  exports["openCuda"] = Napi::Function::New<exported<open_cuda_plugin>>(env, "openCuda");
  exports["loadModel"] = Napi::Function::New<exported<load>>(env, "loadModel");
  exports["describeModel"] = Napi::Function::New<exported<describe>>(env, "describeModel");
  exports["askModel"] = Napi::Function::New<exported<ask>>(env, "askModel");
  exports["unifyModel"] = Napi::Function::New<exported<unify>>(env, "unifyModel");
  exports["keepLayout"] = Napi::Function::New<exported<keep>>(env, "keepLayout");
  exports["discard"] = Napi::Function::New<exported<discard_bytes>>(env, "discard");
  exports["createMixture"] = Napi::Function::New<exported<create_mixture>>(env, "createMixture");
  exports["addMeans"] = Napi::Function::New<exported<add_means>>(env, "addMeans");
  exports["createCallback"] = Napi::Function::New<exported<create_callback>>(env, "createCallback");
  exports["disposeScore"] = Napi::Function::New<exported<dispose>>(env, "disposeScore");
  exports["start"] = Napi::Function::New<exported<start>>(env, "start");
  exports["startPaths"] = Napi::Function::New<exported<start_of_paths>>(env, "startPaths");
  exports["stepPath"] = Napi::Function::New<exported<step>>(env, "stepPath");
  exports["copyFinite"] = Napi::Function::New<exported<copy_finite>>(env, "copyFinite");
  exports["hasRoom"] = Napi::Function::New<exported<room>>(env, "hasRoom");
  exports["normals"] = Napi::Function::New<exported<normals>>(env, "normals");
  return exports;
}

}  // namespace
}  // namespace fast_sde::node

static Napi::Object init_addon(Napi::Env env, Napi::Object exports) { return fast_sde::node::init(env, exports); }

NODE_API_MODULE(fast_sde, init_addon)
