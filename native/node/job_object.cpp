#include "job_object.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "fields.hpp"
#include "job_life.hpp"

namespace fast_sde::node {
namespace {

// Which numbers a call copies: those from argument `begin` to argument `end`, or all where they are not given.
struct Piece {
  size_t from = 0, to = SIZE_MAX;
  Piece(Napi::Value begin, Napi::Value end) {
    if (!begin.IsUndefined()) from = static_cast<size_t>(to_integer(begin, "from", 0));
    if (!end.IsUndefined()) to = static_cast<size_t>(to_integer(end, "to", static_cast<int64_t>(from)));
  }
};

class JobObject final : public JobLife<Job> {
 public:
  JobObject(Napi::Env env, ParsedJob parsed)
      : JobLife(env, parsed.arrays, [&](std::function<void()> wake, std::function<void()> ended) {
          return Job(std::move(parsed.spec), parsed.output, std::move(wake), std::move(ended));
        }) {}

  Napi::Value progress(Napi::Env env);
  Napi::Value take(Napi::Env env, Napi::Value float32_array, Napi::Value most);
  Napi::Value question(Napi::Env env, Napi::Value arrays, Piece piece);
  void answer(Napi::Env env, Napi::Value out, Piece piece);
  void fail();
  int64_t rows() { return job().max_rows(); }
  Napi::Value outcome(Napi::Env env);
  Napi::Value steps(Napi::Env env, Napi::Value arrays);
};

Napi::Value JobObject::progress(Napi::Env env) {
  Progress progress = job().progress();
  Napi::Object object = Napi::Object::New(env);
  object["finished"] = static_cast<double>(progress.finished);
  object["count"] = static_cast<double>(job().options().count);
  object["fraction"] = progress.fraction;
  object["networkCalls"] = static_cast<double>(progress.totals.network_calls);
  return object;
}

// A sample this large lends its memory to JavaScript: to copy it would hold the event loop up.
constexpr size_t worth_lending = size_t{1} << 18;  // numbers

// The sample's numbers as a `Float32Array` made by that constructor, of whatever realm it is.
Napi::Value numbers_of(Napi::Env env, std::vector<float> x, Napi::Function float32_array) {
  size_t length = x.size();
  if (length >= worth_lending) {
    auto lent = std::make_unique<std::vector<float>>(std::move(x));
    auto drop = [](napi_env, void*, void* lent) { delete static_cast<std::vector<float>*>(lent); };
    napi_value buffer = nullptr;
    napi_status status =
        napi_create_external_arraybuffer(env, lent->data(), length * sizeof(float), drop, lent.get(), &buffer);
    if (status == napi_ok) {
      static_cast<void>(lent.release());
      return float32_array.New({buffer});
    }
    x = std::move(*lent);  // some embedders allow no foreign memory
  }
  Napi::Object object = float32_array.New({Napi::Number::New(env, static_cast<double>(length))});
  auto array = as_array<Napi::Float32Array>(object, "data", napi_float32_array, "a Float32Array");
  if (array.ElementLength() != length) wrong_field(env, "data", "as many numbers as were asked for");
  std::copy(x.begin(), x.end(), array.Data());
  return object;
}

Napi::Value JobObject::take(Napi::Env env, Napi::Value float32_array, Napi::Value most) {
  if (!float32_array.IsFunction()) wrong_field(env, "Float32Array", "the constructor");
  int64_t limit = to_integer(most, "most", 1, INT32_MAX);
  constexpr size_t limit_in_all = 4 * worth_lending;
  Napi::Array array = Napi::Array::New(env);
  size_t taken = 0;
  for (uint32_t i = 0; i < limit && taken < limit_in_all; ++i) {
    std::optional<FinishedSample> sample = job().take();
    if (!sample) break;
    const SampleStats& stats = sample->stats;
    taken += sample->x.size();
    Napi::Object object = Napi::Object::New(env);
    object["index"] = Napi::BigInt::New(env, job().options().first + stats.position);
    object["data"] = numbers_of(env, std::move(sample->x), float32_array.As<Napi::Function>());
    object["evaluations"] = stats.evaluations;
    object["accepted"] = stats.accepted;
    object["rejected"] = stats.rejected;
    object["status"] = words<Status>[stats.status];
    array[i] = object;
  }
  return array;
}

Napi::Value JobObject::question(Napi::Env env, Napi::Value value, Piece piece) {
  if (job().callback() == nullptr) return env.Undefined();
  size_t most = static_cast<size_t>(job().max_rows());
  size_t elements = static_cast<size_t>(job().options().problem.elements);
  Fields arrays(value, "question");
  // All of them before the first look at their memory: a getter may take that away.
  auto x = arrays.floats("x");
  auto out = arrays.floats("out");
  auto time = arrays.doubles("time");
  auto samples = arrays.array<Napi::BigInt64Array>("samples", napi_bigint64_array, "a BigInt64Array");
  for (auto [name, have, need] : {std::tuple<const char*, size_t, size_t>{"x", x.ElementLength(), most * elements},
                                  {"out", out.ElementLength(), most * elements},
                                  {"time", time.ElementLength(), most},
                                  {"samples", samples.ElementLength(), most}}) {
    if (have < need) wrong_field(env, arrays.path(name), "room for " + std::to_string(most) + " rows");
  }
  size_t rows = 0;
  bool waits = job().callback()->read([&](const ScoreBatch& request) {
    rows = static_cast<size_t>(request.rows);
    const size_t from = std::min(piece.from, rows * elements), to = std::min(piece.to, rows * elements);
    std::copy(request.x + from, request.x + to, x.Data() + from);
    // A row that the callback forgets fails as not finite, instead of passing with the last call's answer.
    std::fill(out.Data() + from, out.Data() + to, std::numeric_limits<float>::quiet_NaN());
    if (from > 0) return;
    std::copy_n(request.time64, rows, time.Data());
    auto index = [&](uint64_t position) { return static_cast<int64_t>(job().options().first + position); };
    std::transform(request.positions, request.positions + rows, samples.Data(), index);
  });
  return waits ? Napi::Number::New(env, static_cast<double>(rows)) : env.Undefined();
}

void JobObject::answer(Napi::Env env, Napi::Value value, Piece piece) {
  if (job().callback() == nullptr) return;
  auto out = as_array<Napi::Float32Array>(value, "out", napi_float32_array, "a Float32Array");
  if (!job().callback()->answer(out.Data(), out.ElementLength(), piece.from, piece.to)) {
    throw coded_error(env, error_code::callback_failed, "the array to be answered in was transferred away");
  }
}

void JobObject::fail() {
  if (job().callback() != nullptr) job().callback()->fail();
}

Napi::Value JobObject::outcome(Napi::Env env) {
  const Outcome* outcome = job().outcome();
  if (outcome == nullptr) return env.Undefined();
  Napi::Object network = Napi::Object::New(env);
  network["calls"] = static_cast<double>(outcome->totals.network_calls);
  network["rows"] = static_cast<double>(outcome->totals.network_rows);
  Napi::Object timing = Napi::Object::New(env);
  timing["totalMs"] = outcome->totals.total_ms;
  timing["scoreMs"] = outcome->totals.score_ms;
  timing["solverMs"] = outcome->solver_ms;
  Napi::Object result = Napi::Object::New(env);
  const Tally& tally = outcome->tally;
  result["ended"] = array_of_counts(env, tally.ended);
  result["evaluations"] = static_cast<double>(tally.evaluations);
  result["accepted"] = static_cast<double>(tally.accepted);
  result["rejected"] = static_cast<double>(tally.rejected);
  result["mostEvaluations"] = tally.most_evaluations;
  if (tally.first_failure) {
    Napi::Object first = Napi::Object::New(env);
    first["index"] = static_cast<double>(job().options().first + tally.first_failure->position);
    first["status"] = words<Status>[static_cast<size_t>(tally.first_failure->status)];
    result["firstFailure"] = first;
  }
  result["network"] = network;
  result["timing"] = timing;
  result["steps"] = static_cast<double>(job().trajectory().size());
  if (outcome->totals.graph != Totals::Graph::none) {
    Napi::Object graph = Napi::Object::New(env);
    graph["captured"] = outcome->totals.graph == Totals::Graph::captured;
    if (outcome->totals.graph == Totals::Graph::refused) graph["reason"] = outcome->totals.graph_refusal;
    result["graph"] = graph;
  }
  Napi::Object object = Napi::Object::New(env);
  object["result"] = result;
  object["aborted"] = outcome->aborted;
  set_failure(object, outcome->failure);
  return object;
}

Napi::Value JobObject::steps(Napi::Env env, Napi::Value value) {
  if (job().outcome() == nullptr) return Napi::Number::New(env, 0);
  Fields arrays(value, "steps");
  // All of them before the first look at their memory: a getter may take that away.
  auto sample = arrays.array<Napi::Uint32Array>("sample", napi_uint32_array, "a Uint32Array");
  auto t = arrays.doubles("t");
  auto h = arrays.doubles("h");
  auto error = arrays.doubles("error");
  auto accepted = arrays.array<Napi::Uint8Array>("accepted", napi_uint8_array, "a Uint8Array");
  size_t room = sample.ElementLength();
  for (size_t length : {t.ElementLength(), h.ElementLength(), error.ElementLength(), accepted.ElementLength()}) {
    room = std::min(room, length);
  }
  size_t taken = job().trajectory().take(room, [&](size_t i, const StepRecord& step) {
    sample.Data()[i] = static_cast<uint32_t>(step.position);
    t.Data()[i] = step.t;
    h.Data()[i] = step.h;
    error.Data()[i] = step.error;
    accepted.Data()[i] = static_cast<uint8_t>(step.accepted);
  });
  return Napi::Number::New(env, static_cast<double>(taken));
}

}  // namespace

Napi::Object start_job(Napi::Env env, ParsedJob parsed, Napi::Function wake) {
  auto job = JobObject::started(env, std::make_shared<JobObject>(env, std::move(parsed)), wake);
  auto handle = std::make_shared<JobHandle<JobObject>>(std::move(job));
  Napi::Object object = Napi::Object::New(env);
  using Info = const Napi::CallbackInfo&;
  auto method = [&](const char* name, auto body) { add_method(object, handle, name, body); };
  object["rows"] = static_cast<double>(handle->job->rows());
  method("progress", [](JobObject& job, Info info) { return job.progress(info.Env()); });
  method("take", [](JobObject& job, Info info) { return job.take(info.Env(), info[0], info[1]); });
  method("question",
         [](JobObject& job, Info info) { return job.question(info.Env(), info[0], Piece(info[1], info[2])); });
  method("answer", [](JobObject& job, Info info) {
    job.answer(info.Env(), info[0], Piece(info[1], info[2]));
    return info.Env().Undefined();
  });
  method("fail", [](JobObject& job, Info info) { return job.fail(), info.Env().Undefined(); });
  method("abort", [](JobObject& job, Info info) { return job.abort(), info.Env().Undefined(); });
  method("ref", [](JobObject& job, Info info) { return job.keep_alive(info.Env(), true), info.Env().Undefined(); });
  method("unref", [](JobObject& job, Info info) { return job.keep_alive(info.Env(), false), info.Env().Undefined(); });
  method("steps", [](JobObject& job, Info info) { return job.steps(info.Env(), info[0]); });
  method("outcome", [](JobObject& job, Info info) { return job.outcome(info.Env()); });
  return object;
}

}  // namespace fast_sde::node
