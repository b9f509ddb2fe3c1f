#include "options.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "../contract/limits.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/mixture_score.hpp"
#include "fields.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

constexpr int64_t max_int32 = std::numeric_limits<int32_t>::max();

void read_schedule(Napi::Env env, const Fields& fields, JobSpec& spec) {
  Schedule& schedule = spec.run.problem.schedule;
  schedule.kind = fields.choice<ScheduleKind>("kind");
  if (schedule.kind == ScheduleKind::ve) {
    schedule.lowest = fields.number("sigmaMin");
    schedule.highest = fields.number("sigmaMax");
  } else if (schedule.kind != ScheduleKind::table) {
    schedule.lowest = fields.number("betaMin");
    schedule.highest = fields.number("betaMax");
  } else {
    spec.edges = copy_of(fields.doubles("edges"));
    spec.cubics = copy_of(fields.doubles("cubics"));
    auto not_ascending = [](double a, double b) { return !(a < b); };  // NaN neither
    bool ascending = std::adjacent_find(spec.edges.begin(), spec.edges.end(), not_ascending) == spec.edges.end();
    if (spec.edges.size() < 2 || spec.edges.size() > max_int32 || !ascending) {
      wrong_field(env, fields.path("edges"), "at least two ascending numbers");
    }
    size_t pieces = spec.edges.size() - 1;
    if (spec.cubics.size() != 16 * pieces) wrong_field(env, fields.path("cubics"), "16 numbers a piece");
    schedule.edges = spec.edges.data();
    schedule.cubics = spec.cubics.data();
    schedule.pieces = static_cast<int32_t>(pieces);
  }
}

// The numbers of one evaluation after the other.
void read_plan(Napi::Env env, const Fields& fields, JobSpec& spec) {
  constexpr size_t width = sizeof(Evaluation) / sizeof(double);
  const std::vector<double> numbers = copy_of(fields.doubles("plan"));
  const size_t count = numbers.size() / width;
  const bool finite = std::all_of(numbers.begin(), numbers.end(), is_finite);
  if (count == 0 || count > max_int32 || numbers.size() % width != 0 || !finite) {
    wrong_field(env, fields.path("plan"), std::to_string(width) + " finite numbers an evaluation");
  }
  spec.evaluations.resize(count);
  std::memcpy(spec.evaluations.data(), numbers.data(), numbers.size() * sizeof(double));
  spec.run.problem.plan = {spec.evaluations.data(), static_cast<uint32_t>(count),
                           depth_of(spec.evaluations.data(), count)};
}

void read_solver(Napi::Env env, const Fields& fields, JobSpec& spec) {
  Problem& problem = spec.run.problem;
  problem.solver = fields.choice<SolverKind>("kind");
  const SolverFacts& solver = cpu::kernels().of(problem.solver).facts;
  for (int i = 0; i < solver.number_count; ++i) problem.numbers[i] = fields.number(solver.numbers[i]);
  if (solver.stepping == Stepping::equal) {
    problem.steps = static_cast<uint32_t>(fields.integer("steps", 1, limits::steps));
  }
  if (solver.stepping == Stepping::planned) read_plan(env, fields, spec);
  if (!solver.estimates_error) return;
  problem.tolerance.rtol = static_cast<float>(fields.number("rtol"));
  problem.tolerance.atol = static_cast<float>(fields.number("atol"));
  problem.tolerance.scale = fields.choice<Scale>("scale");
  problem.tolerance.norm = fields.choice<Norm>("norm");
}

void read_problem(Napi::Env env, const Fields& fields, JobSpec& spec) {
  Problem& problem = spec.run.problem;
  read_schedule(env, Fields(fields.get("schedule"), "schedule"), spec);
  read_solver(env, Fields(fields.get("solver"), "solver"), spec);
  problem.t_start = fields.number("tStart");
  problem.t_end = fields.number("tEnd");
  problem.prior_std = fields.number("priorStd");
  problem.noise = fields.choice<Noise>("noise");
  problem.predicts = fields.choice<Prediction>("predicts");
  problem.time_input = fields.choice<TimeInput>("timeInput");
  problem.final_denoise = fields.boolean("finalDenoise");
  problem.max_evaluations = static_cast<uint64_t>(fields.integer("maxEvaluations", 0));
  problem.seed = fields.uint64("seed");
}

// a · b, refused where a buffer of so many numbers could not even be addressed.
int64_t product(Napi::Env env, int64_t a, int64_t b, const char* what) {
  int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result) || result > max_safe_integer / 8) {
    throw coded_error(env, error_code::invalid_shape, std::string(what) + " is too large");
  }
  return result;
}

void read_sizes(Napi::Env env, const Fields& fields, JobSpec& spec) {
  Napi::Value shape = fields.get("shape");
  if (!shape.IsArray()) wrong_field(env, "shape", "an array of integers");
  auto sizes = shape.As<Napi::Array>();
  int64_t elements = 1;
  for (uint32_t i = 0; i < sizes.Length(); ++i) {
    spec.shape.push_back(to_integer(sizes.Get(i), "shape[" + std::to_string(i) + "]", 1));
    elements = product(env, elements, spec.shape.back(), "shape");
  }
  JobOptions& run = spec.run;
  run.problem.elements = elements;
  run.first = fields.uint64("firstIndex");
  run.count = static_cast<uint64_t>(fields.integer("count", 1));
  run.batch = fields.integer("batch", 1, limits::batch);
  run.pad_batch = fields.boolean("padBatch");
  if (fields.has("trajectory")) run.trajectory = fields.boolean("trajectory");
  run.threads = static_cast<int>(fields.integer("threads", 0, limits::threads));
  if (run.first > static_cast<uint64_t>(max_safe_integer)) wrong_field(env, "firstIndex", "at most 2^53 − 1");
  product(env, elements, run.batch, "batch · shape");
}

// Typed arrays that the job reads or writes where they lie. Every property is read first, then memory is looked at:
// reading may run a getter, and that could take a buffer away.
struct Arrays {
  Napi::Value initial, condition, unconditional, output, evaluations, accepted, rejected, status;

  explicit Arrays(const Fields& fields)
      : initial(fields.get("initial")),
        condition(fields.get("condition")),
        unconditional(fields.get("unconditional")),
        output(fields.get("output")) {
    if (!fields.has("figures")) return;
    Fields figures(fields.get("figures"), "figures");
    evaluations = figures.get("evaluations");
    accepted = figures.get("accepted");
    rejected = figures.get("rejected");
    status = figures.get("status");
  }

  Napi::Array all(Napi::Env env) const {
    Napi::Array list = Napi::Array::New(env);
    for (Napi::Value one : {initial, condition, unconditional, output, evaluations, accepted, rejected, status}) {
      if (!one.IsEmpty() && !one.IsUndefined()) list[list.Length()] = one;
    }
    return list;
  }
};

float* floats_of(Napi::Value value, const char* name, size_t length) {
  return data_of<Napi::Float32Array>(value, name, napi_float32_array, "a Float32Array", length);
}

size_t all_numbers(Napi::Env env, const JobOptions& run) {
  return static_cast<size_t>(product(env, run.problem.elements, static_cast<int64_t>(run.count), "count · shape"));
}

// A Float32Array or an Int32Array.
const void* numbers_of(Napi::Value value, const char* name, int32_t& type, size_t& length) {
  napi_typedarray_type kind =
      value.IsTypedArray() ? value.As<Napi::TypedArray>().TypedArrayType() : napi_uint8_clamped_array;
  if (kind != napi_float32_array && kind != napi_int32_array) {
    wrong_field(value.Env(), name, "a Float32Array or an Int32Array");
  }
  type = kind == napi_float32_array ? FAST_SDE_CONDITION_FLOAT32 : FAST_SDE_CONDITION_INT32;
  length = value.As<Napi::TypedArray>().ElementLength();
  if (kind == napi_float32_array) return value.As<Napi::Float32Array>().Data();
  return value.As<Napi::Int32Array>().Data();
}

void read_condition(Napi::Env env, const Arrays& arrays, JobSpec& spec) {
  fast_sde_condition& condition = spec.session.condition;
  if (arrays.condition.IsUndefined()) {
    if (!arrays.unconditional.IsUndefined()) wrong_field(env, "unconditional", "a condition beside it");
    return;
  }
  size_t length = 0;
  condition.values = numbers_of(arrays.condition, "condition", condition.type, length);
  if (length == 0 || length % spec.run.count != 0) wrong_field(env, "condition", "as many rows as there are samples");
  condition.width = static_cast<int64_t>(length / spec.run.count);
  if (arrays.unconditional.IsUndefined()) return;
  int32_t type = 0;
  condition.unconditional = numbers_of(arrays.unconditional, "unconditional", type, length);
  if (type != condition.type || length != static_cast<size_t>(condition.width)) {
    wrong_field(env, "unconditional", "the type and width of condition");
  }
}

Output read_output(Napi::Env env, const Arrays& arrays, const JobOptions& run) {
  size_t count = run.count;
  Output output;
  if (!arrays.output.IsUndefined()) output.samples = floats_of(arrays.output, "output", all_numbers(env, run));
  if (arrays.status.IsEmpty()) return output;
  if (run.count > static_cast<uint64_t>(limits::count)) wrong_field(env, "count", "few enough for figures of each");
  auto words = [&](Napi::Value value, const char* name) {
    return data_of<Napi::Uint32Array>(value, name, napi_uint32_array, "a Uint32Array", count);
  };
  output.evaluations = words(arrays.evaluations, "figures.evaluations");
  output.accepted = words(arrays.accepted, "figures.accepted");
  output.rejected = words(arrays.rejected, "figures.rejected");
  output.status = data_of<Napi::Uint8Array>(arrays.status, "figures.status", napi_uint8_array, "a Uint8Array", count);
  return output;
}

}  // namespace

ParsedJob parse_job(Napi::Env env, Napi::Value options) {
  Fields fields(options, "");
  ParsedJob job;
  JobSpec& spec = job.spec;
  read_problem(env, fields, spec);
  read_sizes(env, fields, spec);
  if (fields.has("guidanceScale"))
    spec.session.condition.guidance_scale = static_cast<float>(fields.number("guidanceScale"));

  if (fields.has("layout")) spec.session.layout = fields.choice<fast_sde_layout>("layout");
  spec.score = unwrap_score(env, fields.get("score"), "score");
  spec.session.shape = spec.shape.data();
  spec.session.rank = static_cast<int>(spec.shape.size());
  spec.session.elements = spec.run.problem.elements;
  const JobOptions& run = spec.run;
  spec.session.max_rows = run.pad_batch ? run.batch : std::min(run.batch, static_cast<int64_t>(run.count));
  spec.session.threads = spec.run.threads;
  if (fields.has("networkThreads")) {
    spec.session.network_threads = static_cast<int>(fields.integer("networkThreads", 0, limits::threads));
  }
  if (auto* mixture = dynamic_cast<MixtureScore*>(spec.score.get())) {
    if (mixture->elements() != spec.session.elements) {
      throw coded_error(env, error_code::invalid_shape,
                        "the mixture is over " + std::to_string(mixture->elements()) + " numbers, the shape holds " +
                            std::to_string(spec.session.elements));
    }
  }

  if (fields.has("device")) {
    spec.device = static_cast<int>(fields.integer("device", 0, 1023));
    if (spec.score == nullptr) wrong_field(env, "score", "a mixture or a model: a callback answers on the CPU only");
  }

  const Arrays arrays(fields);
  job.arrays = arrays.all(env);
  read_condition(env, arrays, spec);
  if (!arrays.initial.IsUndefined()) spec.run.initial = floats_of(arrays.initial, "initial", all_numbers(env, run));
  job.output = read_output(env, arrays, run);
  // It has a list for each sample, as figures have a row.
  if (run.trajectory && job.output.status == nullptr) wrong_field(env, "trajectory", "figures beside it");
  return job;
}

}  // namespace fast_sde::node
