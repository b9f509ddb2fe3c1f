// The JavaScript side of a job's thread, whatever the job is: created, used and destroyed on the JavaScript thread,
// save for wake() and ended(). The process (or worker) stays alive until the thread ends; `wake` is called on the
// JavaScript thread. A job whose object is collected, or whose environment is torn down, is aborted.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "../plugin/at_exit.hpp"
#include "errors.hpp"
#include "failure.hpp"

namespace fast_sde::node {

// Job: made from what `parsed` holds and two functions, `wake` and `ended`, that its thread calls; it has start, abort,
// abandon and join.
template <class Job>
class JobLife : private Unfinished {
 public:
  // `arrays`: what the job reads and writes, held until its thread has ended. `make(wake, ended)`: the job.
  template <class Make>
  JobLife(Napi::Env env, Napi::Array arrays, Make make)
      : arrays_(Napi::Persistent(arrays)),
        job_(make([this] { wake(); }, [this] { wake_js_.Release(); })),
        listed_(static_cast<napi_env>(env), *this) {}

  // Of a class that derives from this one.
  template <class Object>
  static std::shared_ptr<Object> started(Napi::Env env, std::shared_ptr<Object> object, Napi::Function wake) {
    start(env, object, wake);
    return object;
  }

  void abort() { job_.abort(); }
  void abandon() { job_.abandon(); }

  void keep_alive(Napi::Env env, bool keep) {
    if (ended_ || torn_down_) return;
    keep ? wake_js_.Ref(env) : wake_js_.Unref(env);
  }

 protected:
  Job& job() { return job_; }

 private:
  static void call_wake(Napi::Env env, Napi::Function wake, JobLife* self, void*) {
    if (env == nullptr) return;  // torn down
    self->woken_ = false;        // before JavaScript looks, so that nothing new goes unseen
    try {
      wake.Call(std::initializer_list<napi_value>{});
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());  // 'uncaughtException'; Node by itself would only print a warning
    }
  }

  using Wake = Napi::TypedThreadSafeFunction<JobLife, void, call_wake>;

  static void start(Napi::Env env, std::shared_ptr<JobLife> self, Napi::Function wake) {
    auto keeper = std::make_unique<std::shared_ptr<JobLife>>(self);
    auto ended = [](Napi::Env env, std::shared_ptr<JobLife>* keeper, JobLife* self) {
      self->ended_ = true;
      self->job_.join();  // its last act was to let go of wake_js_
      if (!self->torn_down_) napi_remove_env_cleanup_hook(env, tear_down, self);
      self->arrays_.Reset();
      delete keeper;
    };
    self->wake_js_ = Wake::New(env, wake, "fast_sde job", 0, 1, self.get(), ended, keeper.get());
    static_cast<void>(keeper.release());
    // Hooks run in reverse order, so this one runs while wake_js_, which the engine's thread still calls, is whole.
    napi_add_env_cleanup_hook(env, tear_down, self.get());
    try {
      self->job_.start();
    } catch (...) {
      self->wake_js_.Release();
      throw;
    }
  }

  static void tear_down(void* data) {
    auto self = static_cast<JobLife*>(data);
    self->torn_down_ = true;
    self->job_.abandon();
    self->job_.join();
  }

  void wake() {
    if (!woken_.exchange(true)) wake_js_.NonBlockingCall();
  }
  void stop() override { job_.abandon(); }
  void wait() override { job_.join(); }

  Napi::Reference<Napi::Array> arrays_;  // the engine reads and writes them
  Wake wake_js_;
  std::atomic<bool> woken_ = false;  // a call of `wake` is on its way
  bool ended_ = false;               // wake_js_ is no more
  bool torn_down_ = false;
  Job job_;  // its thread uses the members above
  Listed listed_;
};

// How a job's outcome says what it failed with.
inline void set_failure(Napi::Object outcome, const std::optional<Failure>& failure) {
  if (!failure) return;
  Napi::Object error = Napi::Object::New(outcome.Env());
  error["code"] = failure->code;
  error["message"] = failure->message;
  outcome["error"] = error;
}

// Counts by the number of the word they belong to.
template <class Counts>
Napi::Array array_of_counts(Napi::Env env, const Counts& counts) {
  Napi::Array array = Napi::Array::New(env, counts.size());
  for (uint32_t i = 0; i < counts.size(); ++i) array[i] = static_cast<double>(counts[i]);
  return array;
}

// What the methods of one object in JavaScript share: when the last of them is collected, nobody can hear of the job
// any more.
template <class Object>
struct JobHandle {
  std::shared_ptr<Object> job;
  explicit JobHandle(std::shared_ptr<Object> started) : job(std::move(started)) {}
  ~JobHandle() { job->abandon(); }
};

// Gives `object` a method. The methods hold the job themselves, so there is no `this` to be mistaken about.
template <class Object, class Body>
void add_method(Napi::Object object, const std::shared_ptr<JobHandle<Object>>& handle, const char* name, Body body) {
  auto function = [handle, body](const Napi::CallbackInfo& info) -> Napi::Value {
    return guarded(info.Env(), [&]() -> Napi::Value { return body(*handle->job, info); });
  };
  object[name] = Napi::Function::New(object.Env(), function, name);
}

}  // namespace fast_sde::node
