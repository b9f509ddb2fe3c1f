#include "paths_object.hpp"

#include "job_life.hpp"
#include "paths_job.hpp"

namespace fast_sde::node {
namespace {

class PathsObject final : public JobLife<PathsJob> {
 public:
  PathsObject(Napi::Env env, ParsedPaths parsed)
      : JobLife(env, parsed.arrays, [&](std::function<void()> wake, std::function<void()> ended) {
          return PathsJob(std::move(parsed.spec), std::move(wake), std::move(ended));
        }) {}

  Napi::Value progress(Napi::Env env) {
    Napi::Object object = Napi::Object::New(env);
    object["finished"] = static_cast<double>(job().finished_paths());
    object["count"] = static_cast<double>(job().count());
    return object;
  }

  Napi::Value outcome(Napi::Env env) {
    const PathsOutcome* outcome = job().outcome();
    if (outcome == nullptr) return env.Undefined();
    Napi::Object object = Napi::Object::New(env);
    object["totalMs"] = outcome->total_ms;
    object["aborted"] = outcome->aborted;
    if (outcome->failure) {
      Napi::Object error = Napi::Object::New(env);
      error["code"] = outcome->failure->code;
      error["message"] = outcome->failure->message;
      object["error"] = error;
    }
    return object;
  }
};

}  // namespace

Napi::Object start_paths(Napi::Env env, ParsedPaths parsed, Napi::Function wake) {
  auto job = PathsObject::started(env, std::make_shared<PathsObject>(env, std::move(parsed)), wake);
  auto handle = std::make_shared<JobHandle<PathsObject>>(std::move(job));
  Napi::Object object = Napi::Object::New(env);
  using Info = const Napi::CallbackInfo&;
  auto method = [&](const char* name, auto body) { add_method(object, handle, name, body); };
  method("progress", [](PathsObject& job, Info info) { return job.progress(info.Env()); });
  method("abort", [](PathsObject& job, Info info) { return job.abort(), info.Env().Undefined(); });
  method("outcome", [](PathsObject& job, Info info) { return job.outcome(info.Env()); });
  return object;
}

}  // namespace fast_sde::node
