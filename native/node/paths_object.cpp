#include "paths_object.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/paths/seats.hpp"
#include "fields.hpp"
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

  // The question that JavaScript has to answer now, put into arrays; undefined where none is asked.
  Napi::Value question(Napi::Env env, Napi::Value into);
  void answer(Napi::Env env, Napi::Value out);
  void fail() { job().handover().fail(); }
  int64_t rows() { return most_seats(job().spec().job); }

  // Fills what a job that reduces its paths has come to at the times from `first` on; returns how its paths ended.
  Napi::Value reduced(Napi::Env env, Napi::Value into, Napi::Value first);
  // Of a job that keeps its steps: how many numbers each path has, or the numbers themselves one path after the other.
  Napi::Value step_sizes(Napi::Env env, Napi::Value into);
  Napi::Value steps(Napi::Env env, Napi::Value into, Napi::Value first);

  Napi::Value outcome(Napi::Env env) {
    const PathsOutcome* outcome = job().outcome();
    if (outcome == nullptr) return env.Undefined();
    Napi::Object object = Napi::Object::New(env);
    object["totalMs"] = outcome->total_ms;
    object["aborted"] = outcome->aborted;
    set_failure(object, outcome->failure);
    return object;
  }
};

Napi::Value PathsObject::question(Napi::Env env, Napi::Value into) {
  const paths::PathJob& of = job().spec().job;
  const Fields arrays(into, "question");
  // All of them before the first look at their memory: a getter may take that away.
  auto x = arrays.doubles("x"), t = arrays.doubles("t"), indices = arrays.doubles("indices"),
       out = arrays.doubles("out");
  const auto most = static_cast<size_t>(rows()), states = static_cast<size_t>(of.equations.states);
  const auto outputs = static_cast<size_t>(std::max(of.equations.drift.outputs, of.equations.diffusion.outputs));
  for (auto [name, have, need] : {std::tuple<const char*, size_t, size_t>{"x", x.ElementLength(), most * states},
                                  {"t", t.ElementLength(), most},
                                  {"indices", indices.ElementLength(), most},
                                  {"out", out.ElementLength(), most * outputs}}) {
    if (have < need) wrong_field(env, arrays.path(name), "room for " + std::to_string(most) + " rows");
  }
  Napi::Value asked = env.Undefined();
  job().handover().read([&](const CoefficientQuestion& question) {
    const OutsidePoints& points = question.points;
    const auto rows = static_cast<size_t>(points.rows);
    std::copy_n(points.x, rows * states, x.Data());
    std::copy_n(points.t, rows, t.Data());
    for (size_t row = 0; row < rows; ++row) indices.Data()[row] = static_cast<double>(of.first + points.positions[row]);
    // A row that the function forgets ends its path as not finite, instead of passing with the last call's answer.
    std::fill_n(out.Data(), rows * static_cast<size_t>(question.outputs), std::numeric_limits<double>::quiet_NaN());
    Napi::Object object = Napi::Object::New(env);
    object["rows"] = static_cast<double>(rows);
    object["of"] = question.which == Coefficient::drift ? "drift" : "diffusion";
    asked = object;
  });
  return asked;
}

void PathsObject::answer(Napi::Env env, Napi::Value value) {
  auto out = as_array<Napi::Float64Array>(value, "out", napi_float64_array, "a Float64Array");
  const size_t length = out.ElementLength();
  if (!job().handover().answer(out.Data(), length, 0, length)) {
    throw coded_error(env, error_code::callback_failed, "the array to be answered in was transferred away");
  }
}

Napi::Value PathsObject::reduced(Napi::Env env, Napi::Value value, Napi::Value first) {
  const Reducer* reducer = job().outcome() == nullptr ? nullptr : job().reduced();
  if (reducer == nullptr) return env.Undefined();
  const std::vector<paths::Summary>& summaries = reducer->summaries();
  const paths::ReductionSpec& spec = job().spec().reductions;
  const auto functions = static_cast<size_t>(spec.functions);
  const auto begin = static_cast<size_t>(to_integer(first, "first", 0, static_cast<int64_t>(summaries.size())));
  const size_t products = spec.covariance ? functions * functions : functions;
  size_t bins = 0;
  for (const paths::Histogram& histogram : spec.histograms) bins += static_cast<size_t>(histogram.bins) + 2;
  const Fields fields(value, "reduced");
  auto array = [&](const char* name) { return fields.doubles(name); };
  // All of them before the first look at their memory: a getter may take that away.
  auto count = array("count"), mean = array("mean"), variance = array("products"), least = array("min");
  auto most = array("max"), counts = array("counts"), levels = array("levels"), quantiles = array("quantiles");
  const size_t level_count = levels.ElementLength(), saves = count.ElementLength();
  if (saves > summaries.size() - begin) wrong_field(env, fields.path("count"), "a number a saved time");
  auto check = [&](Napi::Float64Array of, size_t length, const char* name) {
    if (of.ElementLength() != length) wrong_field(env, fields.path(name), std::to_string(length) + " numbers");
  };
  check(mean, saves * functions, "mean");
  check(variance, saves * products, "products");
  check(least, saves * functions, "min");
  check(most, saves * functions, "max");
  check(counts, saves * bins, "counts");
  check(quantiles, spec.quantiles ? saves * functions * level_count : 0, "quantiles");
  double* bin = counts.Data();
  double* quantile = quantiles.Data();
  for (size_t save = 0; save < saves; ++save) {
    const paths::Summary& of = summaries[begin + save];
    count.Data()[save] = static_cast<double>(of.count);
    std::copy(of.mean.begin(), of.mean.end(), mean.Data() + save * functions);
    std::copy(of.products.begin(), of.products.end(), variance.Data() + save * products);
    std::copy(of.least.begin(), of.least.end(), least.Data() + save * functions);
    std::copy(of.most.begin(), of.most.end(), most.Data() + save * functions);
    for (const auto& histogram : of.counts) bin = std::copy(histogram.begin(), histogram.end(), bin);
    for (const paths::Sketch& sketch : of.sketches) {
      for (size_t level = 0; level < level_count; ++level) *quantile++ = sketch.quantile(levels.Data()[level]);
    }
  }
  Napi::Object object = Napi::Object::New(env);
  object["ended"] = array_of_counts(env, reducer->ended());
  object["accepted"] = static_cast<double>(reducer->accepted());
  object["rejected"] = static_cast<double>(reducer->rejected());
  object["satisfied"] = reducer->satisfied();
  return object;
}

Napi::Value PathsObject::step_sizes(Napi::Env env, Napi::Value into) {
  const KeptSteps* kept = job().outcome() == nullptr ? nullptr : job().steps();
  if (kept == nullptr) return env.Undefined();
  auto sizes = as_array<Napi::Float64Array>(into, "sizes", napi_float64_array, "a Float64Array");
  if (sizes.ElementLength() != kept->lists().size()) wrong_field(env, "sizes", "a number a path");
  for (size_t i = 0; i < kept->lists().size(); ++i) sizes.Data()[i] = static_cast<double>(kept->lists()[i].size());
  return sizes;
}

// As many whole paths as there is room for, from `first` on; returns how many.
Napi::Value PathsObject::steps(Napi::Env env, Napi::Value into, Napi::Value first) {
  const KeptSteps* kept = job().outcome() == nullptr ? nullptr : job().steps();
  if (kept == nullptr) return env.Undefined();
  auto numbers = as_array<Napi::Float64Array>(into, "numbers", napi_float64_array, "a Float64Array");
  size_t path = static_cast<size_t>(to_integer(first, "first", 0)), room = numbers.ElementLength(), taken = 0;
  double* to = numbers.Data();
  for (; path < kept->lists().size() && kept->lists()[path].size() <= room; ++path, ++taken) {
    const std::vector<double>& list = kept->lists()[path];
    to = std::copy(list.begin(), list.end(), to);
    room -= list.size();
  }
  return Napi::Number::New(env, static_cast<double>(taken));
}

}  // namespace

Napi::Object start_paths(Napi::Env env, ParsedPaths parsed, Napi::Function wake) {
  auto job = PathsObject::started(env, std::make_shared<PathsObject>(env, std::move(parsed)), wake);
  auto handle = std::make_shared<JobHandle<PathsObject>>(std::move(job));
  Napi::Object object = Napi::Object::New(env);
  using Info = const Napi::CallbackInfo&;
  auto method = [&](const char* name, auto body) { add_method(object, handle, name, body); };
  object["rows"] = static_cast<double>(handle->job->rows());
  method("question", [](PathsObject& job, Info info) { return job.question(info.Env(), info[0]); });
  method("answer", [](PathsObject& job, Info info) {
    job.answer(info.Env(), info[0]);
    return info.Env().Undefined();
  });
  method("fail", [](PathsObject& job, Info info) { return job.fail(), info.Env().Undefined(); });
  method("progress", [](PathsObject& job, Info info) { return job.progress(info.Env()); });
  method("ref", [](PathsObject& job, Info info) { return job.keep_alive(info.Env(), true), info.Env().Undefined(); });
  method("unref",
         [](PathsObject& job, Info info) { return job.keep_alive(info.Env(), false), info.Env().Undefined(); });
  method("abort", [](PathsObject& job, Info info) { return job.abort(), info.Env().Undefined(); });
  method("reduced", [](PathsObject& job, Info info) { return job.reduced(info.Env(), info[0], info[1]); });
  method("stepSizes", [](PathsObject& job, Info info) { return job.step_sizes(info.Env(), info[0]); });
  method("steps", [](PathsObject& job, Info info) { return job.steps(info.Env(), info[0], info[1]); });
  method("outcome", [](PathsObject& job, Info info) { return job.outcome(info.Env()); });
  return object;
}

namespace {

// Of one path, at once: answer(of, x, t) gives the numbers.
void call(Napi::Function answer, const CoefficientQuestion& question, double* answers) {
  const Napi::Env env = answer.Env();
  const size_t states = question.states;
  auto x = Napi::Float64Array::New(env, states);
  std::copy_n(question.points.x, states, x.Data());
  const char* of = question.which == Coefficient::drift ? "drift" : "diffusion";
  const Napi::Value given = answer.Call({Napi::String::New(env, of), x, Napi::Number::New(env, question.points.t[0])});
  auto out = as_array<Napi::Float64Array>(given, "answer", napi_float64_array, "a Float64Array");
  if (out.ElementLength() != static_cast<size_t>(question.outputs)) wrong_field(env, "answer", "a number an output");
  std::copy_n(out.Data(), question.outputs, answers);
}

}  // namespace

Napi::Value step_once(Napi::Env env, Napi::Value options) {
  const Fields fields(options, "");
  PathSpec spec;
  parse_step(fields, spec);
  auto doubles = [&](const char* name) { return fields.doubles(name); };
  auto x = doubles("x"), params = doubles("params"), dW = doubles("dW"), H = doubles("H"), next = doubles("next");
  auto error = doubles("error");
  const double t = fields.number("t"), h = fields.number("h");
  const paths::Equations& equations = spec.job.equations;
  auto check = [&](Napi::Float64Array array, int length, const char* name) {
    if (array.ElementLength() != static_cast<size_t>(length)) {
      wrong_field(env, name, std::to_string(length) + " numbers");
    }
  };
  check(x, equations.states, "x");
  check(next, equations.states, "next");
  check(error, equations.states, "error");
  check(dW, equations.noises, "dW");
  check(H, equations.noises, "H");
  check(params, equations.params, "params");
  std::optional<Coefficients> coefficients;
  if (spec.outside.any()) {
    const Napi::Value answer = fields.get("answer");
    if (!answer.IsFunction()) wrong_field(env, "answer", "a function");
    coefficients.emplace(spec.outside, spec.job.equations, [&](const CoefficientQuestion& question, double* answers) {
      call(answer.As<Napi::Function>(), question, answers);
    });
  }
  cpu::kernels().paths->step(spec.job, t, h, x.Data(), params.Data(), dW.Data(), H.Data(), next.Data(), error.Data());
  return env.Undefined();
}

}  // namespace fast_sde::node
