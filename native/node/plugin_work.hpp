// Work inside a plugin on a thread of Node's pool, and the promise that it settles. The process does not exit in its
// midst: what has begun cannot be stopped, and is waited for.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "../plugin/at_exit.hpp"
#include "errors.hpp"

namespace fast_sde::node {

class PluginWork : public Napi::AsyncWorker, private Unfinished {
 public:
  static Napi::Promise start(std::unique_ptr<PluginWork> work) {
    Napi::Promise promise = work->promise_.Promise();
    work.release()->Queue();  // deletes itself when it is done
    return promise;
  }

 protected:
  PluginWork(Napi::Env env, const char* name)
      : Napi::AsyncWorker(env, name),
        promise_(Napi::Promise::Deferred::New(env)),
        listed_(static_cast<napi_env>(env), *this) {}

  virtual void work() = 0;                        // on the pool's thread
  virtual Napi::Value result(Napi::Env env) = 0;  // on JavaScript's

 private:
  void Execute() override {
    std::lock_guard lock(working_);
    try {
      if (stopped_) throw Error(error_code::aborted, "the process ends");
      work();
    } catch (...) {
      failure_ = current_failure();
    }
  }

  void stop() override { stopped_ = true; }
  void wait() override { std::lock_guard lock(working_); }

  void OnOK() override {
    if (failure_) {
      promise_.Reject(coded_error(Env(), failure_->code, failure_->message).Value());
    } else {
      promise_.Resolve(result(Env()));
    }
  }

  Napi::Promise::Deferred promise_;
  std::optional<Failure> failure_;
  std::atomic<bool> stopped_ = false;
  std::mutex working_;
  Listed listed_;
};

}  // namespace fast_sde::node
