#include "model_questions.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "../contract/limits.hpp"
#include "../contract/words.hpp"
#include "../network/torch_score.hpp"
#include "../plugin/at_exit.hpp"
#include "fields.hpp"
#include "room.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

std::shared_ptr<TorchScore> unwrap_module(Napi::Env env, Napi::Value value) {
  auto module = std::dynamic_pointer_cast<TorchScore>(unwrap_score(env, value, "score"));
  if (module == nullptr) wrong_field(env, "score", "a loaded module");
  return module;
}

// Runs `work` on libuv's pool; what it leaves in the vector is what the promise resolves to, undefined where empty.
class Worker final : public Napi::AsyncWorker, private Unfinished {
 public:
  using Work = std::function<std::vector<float>()>;

  static Napi::Promise start(Napi::Env env, Work work) {
    auto worker = std::make_unique<Worker>(env, std::move(work));
    Napi::Promise promise = worker->promise_.Promise();
    worker.release()->Queue();  // deletes itself when it is done
    return promise;
  }

  Worker(Napi::Env env, Work work)
      : Napi::AsyncWorker(env, "fast_sde ask"),
        promise_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        listed_(static_cast<napi_env>(env), *this) {}

 private:
  void Execute() override {
    std::lock_guard lock(working_);
    try {
      if (stopped_) throw Error(error_code::aborted, "the process ends");
      answer_ = work_();
    } catch (...) {
      failure_ = current_failure();
    }
  }

  void stop() override { stopped_ = true; }  // what has begun cannot be stopped
  void wait() override { std::lock_guard lock(working_); }

  void OnOK() override {
    if (failure_) {
      promise_.Reject(coded_error(Env(), failure_->code, failure_->message).Value());
    } else if (answer_.empty()) {
      promise_.Resolve(Env().Undefined());
    } else if (!has_room(answer_.size() * sizeof(float))) {
      promise_.Reject(coded_error(Env(), error_code::out_of_memory, "no memory for the answers").Value());
    } else {
      Napi::Float32Array array = Napi::Float32Array::New(Env(), answer_.size());
      std::copy(answer_.begin(), answer_.end(), array.Data());
      promise_.Resolve(array);
    }
  }

  Napi::Promise::Deferred promise_;
  const Work work_;
  std::vector<float> answer_;
  std::optional<Failure> failure_;
  std::atomic<bool> stopped_ = false;
  std::mutex working_;
  Listed listed_;
};

// A NativeModelCall, with copies of its arrays.
struct Question {
  std::vector<int64_t> shape;
  std::vector<float> x, time;
  std::vector<std::byte> condition, unconditional;
  fast_sde_model_call call{};
};

std::vector<std::byte> copy_bytes(Napi::Env env, const Fields& fields, const char* name, int32_t& type) {
  Napi::Value value = fields.get(name);
  const auto kind = value.IsTypedArray() ? value.As<Napi::TypedArray>().TypedArrayType() : napi_uint8_clamped_array;
  if (kind != napi_float32_array && kind != napi_int32_array) wrong_field(env, name, "a Float32Array or an Int32Array");
  type = kind == napi_float32_array ? FAST_SDE_CONDITION_FLOAT32 : FAST_SDE_CONDITION_INT32;
  auto array = value.As<Napi::TypedArray>();
  auto bytes = static_cast<const std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  return {bytes, bytes + array.ByteLength()};
}

std::shared_ptr<Question> read_question(Napi::Env env, Napi::Value value) {
  Fields fields(value, "");
  auto question = std::make_shared<Question>();
  fast_sde_model_call& call = question->call;
  Napi::Value shape = fields.get("shape");
  if (!shape.IsArray()) wrong_field(env, "shape", "an array of integers");
  size_t elements = 1;
  for (uint32_t i = 0; i < shape.As<Napi::Array>().Length(); ++i) {
    question->shape.push_back(to_integer(shape.As<Napi::Array>().Get(i), "shape", 1));
    elements *= static_cast<size_t>(question->shape.back());
  }
  question->x = copy_of(fields.floats("x"));
  question->time = copy_of(fields.floats("time"));
  const size_t rows = question->time.size();
  if (rows == 0 || question->x.size() != rows * elements) wrong_field(env, "x", "as many rows as time has");
  call.rows = static_cast<int64_t>(rows);
  call.shape = question->shape.data();
  call.rank = static_cast<int32_t>(question->shape.size());
  call.x = question->x.data();
  call.time = question->time.data();
  call.layout = fields.choice<fast_sde_layout>("layout");
  if (fields.has("columns")) call.columns = fields.integer("columns", 0, limits::path_states);
  call.condition.guidance_scale = fields.has("guidanceScale") ? static_cast<float>(fields.number("guidanceScale")) : 1;
  if (!fields.has("condition")) return question;
  question->condition = copy_bytes(env, fields, "condition", call.condition.type);
  const size_t width = question->condition.size() / sizeof(float) / rows;
  if (width == 0 || width * rows * sizeof(float) != question->condition.size()) {
    wrong_field(env, "condition", "as many rows as time has");
  }
  call.condition.values = question->condition.data();
  call.condition.width = static_cast<int64_t>(width);
  if (!fields.has("unconditional")) return question;
  int32_t type = 0;
  question->unconditional = copy_bytes(env, fields, "unconditional", type);
  if (type != call.condition.type || question->unconditional.size() != width * sizeof(float)) {
    wrong_field(env, "unconditional", "the type and width of condition");
  }
  call.condition.unconditional = question->unconditional.data();
  return question;
}

}  // namespace

Napi::Object describe_model(Napi::Env env, Napi::Value score) {
  const fast_sde_model_facts facts = unwrap_module(env, score)->describe();
  Napi::Object object = Napi::Object::New(env);
  object["layoutMatters"] = facts.layout_matters != 0;
  object["fellBack"] = facts.fell_back != 0;
  object["normsByBatch"] = facts.norms_by_batch != 0;
  object["trainMode"] = facts.train_mode;
  object["random"] = facts.random;
  object["foreignWeights"] = facts.foreign_weights;
  return object;
}

Napi::Promise ask_model(Napi::Env env, Napi::Value score, Napi::Value call) {
  return Worker::start(env, [module = unwrap_module(env, score), question = read_question(env, call)] {
    std::vector<float> answer(question->x.size() * static_cast<size_t>(std::max<int64_t>(question->call.columns, 1)));
    question->call.out = answer.data();
    module->ask(question->call);
    return answer;
  });
}

Napi::Promise unify_model(Napi::Env env, Napi::Value score) {
  return Worker::start(env, [module = unwrap_module(env, score)] {
    module->unify();
    return std::vector<float>();
  });
}

Napi::Promise keep_layout(Napi::Env env, Napi::Value score, Napi::Value layout) {
  const bool channels_last = to_text(layout, "layout") == "channels_last";
  return Worker::start(env, [module = unwrap_module(env, score), channels_last] {
    module->keep(channels_last ? FAST_SDE_CHANNELS_LAST : FAST_SDE_CONTIGUOUS);
    return std::vector<float>();
  });
}

}  // namespace fast_sde::node
