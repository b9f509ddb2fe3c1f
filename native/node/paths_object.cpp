#include "paths_object.hpp"

#include <algorithm>

#include "../shell/cpu/dispatch.hpp"
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
  cpu::kernels().paths->step(spec.job, t, h, x.Data(), params.Data(), dW.Data(), H.Data(), next.Data(), error.Data());
  return env.Undefined();
}

}  // namespace fast_sde::node
