#include "job_object.hpp"

#include <algorithm>
#include <limits>

#include "../plugin/at_exit.hpp"

namespace fast_sde::node {
namespace {

template <class Array, class T>
Array array_of(Napi::Env env, const std::vector<T>& numbers) {
  Array array = Array::New(env, numbers.size());
  std::copy(numbers.begin(), numbers.end(), array.Data());
  return array;
}

// The JavaScript side of a job: created, used and destroyed on the JavaScript thread, save for wake() and ended().
class JobObject final : private Unfinished {
 public:
  JobObject(Napi::Env env, ParsedJob parsed)
      : output_(parsed.output.IsEmpty() ? Napi::Reference<Napi::Float32Array>() : Napi::Persistent(parsed.output)),
        job_(
            std::move(parsed.spec), parsed.output.IsEmpty() ? nullptr : parsed.output.Data(), [this] { wake(); },
            [this] { wake_js_.Release(); }),
        listed_(static_cast<napi_env>(env), *this) {}

  static std::shared_ptr<JobObject> start(Napi::Env env, ParsedJob parsed, Napi::Function wake);

  Napi::Value progress(Napi::Env env);
  Napi::Value take(Napi::Env env);
  Napi::Value question(Napi::Env env);
  void answer(Napi::Env env);
  void fail();
  void abort() { job_.abort(); }
  Napi::Value outcome(Napi::Env env);

 private:
  static void call_wake(Napi::Env env, Napi::Function wake, JobObject* self, void*);
  static void tear_down(void* self);
  void wake();
  void stop() override { job_.abort(); }
  void wait() override { job_.join(); }

  using Wake = Napi::TypedThreadSafeFunction<JobObject, void, call_wake>;

  Napi::Reference<Napi::Float32Array> output_;  // the engine writes into it
  // A question's arrays are views of these; sized for the largest call at the first question.
  struct {
    Napi::Reference<Napi::ArrayBuffer> x, time, samples, out;
    uint64_t number = 0;
  } asked_;
  Wake wake_js_;
  std::atomic<bool> woken_ = false;  // a call of `wake` is on its way
  bool torn_down_ = false;
  Job job_;  // its thread uses the members above
  Listed listed_;
};

std::shared_ptr<JobObject> JobObject::start(Napi::Env env, ParsedJob parsed, Napi::Function wake) {
  auto self = std::make_shared<JobObject>(env, std::move(parsed));
  auto keeper = std::make_unique<std::shared_ptr<JobObject>>(self);
  auto ended = [](Napi::Env env, std::shared_ptr<JobObject>* keeper, JobObject* self) {
    self->job_.join();  // its last act was to let go of wake_js_
    if (!self->torn_down_) napi_remove_env_cleanup_hook(env, tear_down, self);
    self->output_.Reset();
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
  return self;
}

void JobObject::tear_down(void* data) {
  auto self = static_cast<JobObject*>(data);
  self->torn_down_ = true;
  self->job_.abort();
  self->job_.join();
}

void JobObject::wake() {
  if (!woken_.exchange(true)) wake_js_.NonBlockingCall();
}

void JobObject::call_wake(Napi::Env env, Napi::Function wake, JobObject* self, void*) {
  if (env == nullptr) return;  // torn down
  self->woken_ = false;        // before JavaScript looks, so that nothing new goes unseen
  try {
    wake.Call(std::initializer_list<napi_value>{});
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());  // 'uncaughtException'; Node by itself would only print a warning
  }
}

Napi::Value JobObject::progress(Napi::Env env) {
  Progress progress = job_.progress();
  Napi::Object object = Napi::Object::New(env);
  object["finished"] = static_cast<double>(progress.finished);
  object["count"] = static_cast<double>(job_.options().count);
  object["fraction"] = progress.fraction;
  object["networkCalls"] = static_cast<double>(progress.totals.network_calls);
  return object;
}

Napi::Value JobObject::take(Napi::Env env) {
  std::vector<FinishedSample> samples = job_.take();
  Napi::Array array = Napi::Array::New(env, samples.size());
  for (uint32_t i = 0; i < samples.size(); ++i) {
    const SampleStats& stats = samples[i].stats;
    Napi::Object object = Napi::Object::New(env);
    object["index"] = Napi::BigInt::New(env, job_.options().first + stats.position);
    object["data"] = array_of<Napi::Float32Array>(env, samples[i].x);
    object["evaluations"] = stats.evaluations;
    object["accepted"] = stats.accepted;
    object["rejected"] = stats.rejected;
    object["status"] = words<Status>[static_cast<size_t>(stats.status)];
    array[i] = object;
  }
  return array;
}

Napi::Value JobObject::question(Napi::Env env) {
  if (job_.callback() == nullptr) return env.Undefined();
  size_t most = static_cast<size_t>(job_.max_rows());
  size_t elements = static_cast<size_t>(job_.options().problem.elements);
  // Made anew where a callback has transferred one to another thread.
  auto buffer = [&](Napi::Reference<Napi::ArrayBuffer>& kept, size_t bytes) {
    if (kept.IsEmpty() || kept.Value().IsDetached()) kept = Napi::Persistent(Napi::ArrayBuffer::New(env, bytes));
    return kept.Value();
  };
  Napi::ArrayBuffer x = buffer(asked_.x, most * elements * sizeof(float));
  Napi::ArrayBuffer time = buffer(asked_.time, most * sizeof(double));
  Napi::ArrayBuffer samples = buffer(asked_.samples, most * sizeof(int64_t));
  Napi::ArrayBuffer out = buffer(asked_.out, most * elements * sizeof(float));
  size_t rows = 0;
  bool waits = job_.callback()->read([&](const ScoreBatch& request, uint64_t number) {
    rows = static_cast<size_t>(request.rows);
    std::copy_n(request.x, rows * elements, static_cast<float*>(x.Data()));
    std::copy_n(request.time64, rows, static_cast<double*>(time.Data()));
    auto index = [&](uint64_t position) { return static_cast<int64_t>(job_.options().first + position); };
    std::transform(request.samples, request.samples + rows, static_cast<int64_t*>(samples.Data()), index);
    if (number == asked_.number) return;
    asked_.number = number;
    // A row that the callback forgets fails as not finite, instead of passing with the last call's answer.
    std::fill_n(static_cast<float*>(out.Data()), rows * elements, std::numeric_limits<float>::quiet_NaN());
  });
  if (!waits) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object["rows"] = static_cast<double>(rows);
  object["x"] = Napi::Float32Array::New(env, rows * elements, x, 0);
  object["time"] = Napi::Float64Array::New(env, rows, time, 0);
  object["samples"] = Napi::BigInt64Array::New(env, rows, samples, 0);
  object["out"] = Napi::Float32Array::New(env, rows * elements, out, 0);
  return object;
}

void JobObject::answer(Napi::Env env) {
  if (job_.callback() == nullptr || asked_.out.IsEmpty()) return;
  Napi::ArrayBuffer out = asked_.out.Value();
  if (out.IsDetached())
    throw coded_error(env, error_code::callback_failed, "the array to be answered in was transferred away");
  job_.callback()->answer(static_cast<const float*>(out.Data()));
}

void JobObject::fail() {
  if (job_.callback() != nullptr) job_.callback()->fail();
}

Napi::Value JobObject::outcome(Napi::Env env) {
  const Outcome* outcome = job_.outcome();
  if (outcome == nullptr) return env.Undefined();
  Napi::Object network = Napi::Object::New(env);
  network["calls"] = static_cast<double>(outcome->totals.network_calls);
  network["rows"] = static_cast<double>(outcome->totals.network_rows);
  Napi::Object timing = Napi::Object::New(env);
  timing["totalMs"] = outcome->totals.total_ms;
  timing["scoreMs"] = outcome->totals.score_ms;
  timing["solverMs"] = outcome->solver_ms;
  Napi::Object result = Napi::Object::New(env);
  result["evaluations"] = array_of<Napi::Uint32Array>(env, outcome->evaluations);
  result["accepted"] = array_of<Napi::Uint32Array>(env, outcome->accepted);
  result["rejected"] = array_of<Napi::Uint32Array>(env, outcome->rejected);
  result["status"] = array_of<Napi::Uint8Array>(env, outcome->status);
  result["network"] = network;
  result["timing"] = timing;
  if (outcome->totals.graph != Totals::Graph::none) {
    Napi::Object graph = Napi::Object::New(env);
    graph["captured"] = outcome->totals.graph == Totals::Graph::captured;
    if (outcome->totals.graph == Totals::Graph::refused) graph["reason"] = outcome->totals.graph_refusal;
    result["graph"] = graph;
  }
  Napi::Object object = Napi::Object::New(env);
  object["result"] = result;
  object["aborted"] = outcome->aborted;
  if (outcome->failure) {
    Napi::Object error = Napi::Object::New(env);
    error["code"] = outcome->failure->code;
    error["message"] = outcome->failure->message;
    object["error"] = error;
  }
  return object;
}

// What the methods of one NativeJob share: when the last of them is collected, nobody can hear of the job any more.
struct Handle {
  std::shared_ptr<JobObject> job;
  explicit Handle(std::shared_ptr<JobObject> started) : job(std::move(started)) {}
  ~Handle() { job->abort(); }
};

}  // namespace

Napi::Object start_job(Napi::Env env, ParsedJob parsed, Napi::Function wake) {
  auto handle = std::make_shared<Handle>(JobObject::start(env, std::move(parsed), wake));
  Napi::Object object = Napi::Object::New(env);
  // The methods hold the job themselves, so there is no `this` to be mistaken about.
  auto method = [&](const char* name, auto body) {
    auto function = [handle, body](const Napi::CallbackInfo& info) -> Napi::Value {
      return guarded(info.Env(), [&]() -> Napi::Value { return body(*handle->job, info.Env()); });
    };
    object[name] = Napi::Function::New(env, function, name);
  };
  method("progress", [](JobObject& job, Napi::Env env) { return job.progress(env); });
  method("take", [](JobObject& job, Napi::Env env) { return job.take(env); });
  method("question", [](JobObject& job, Napi::Env env) { return job.question(env); });
  method("answer", [](JobObject& job, Napi::Env env) { return job.answer(env), env.Undefined(); });
  method("fail", [](JobObject& job, Napi::Env env) { return job.fail(), env.Undefined(); });
  method("abort", [](JobObject& job, Napi::Env env) { return job.abort(), env.Undefined(); });
  method("outcome", [](JobObject& job, Napi::Env env) { return job.outcome(env); });
  return object;
}

}  // namespace fast_sde::node
