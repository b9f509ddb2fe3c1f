#include "path_spec.hpp"

#include <algorithm>
#include <cstring>

#include "../contract/limits.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "fields.hpp"
#include "score_handle.hpp"

namespace fast_sde::node {
namespace {

using paths::PathJob;

constexpr size_t next_numbers = sizeof(paths::Next) / sizeof(double);

Program program_of(const Fields& fields, int64_t states, int64_t params) {
  auto code = fields.array<Napi::Int32Array>("code", napi_int32_array, "an Int32Array");
  auto constants = fields.doubles("constants");
  const int64_t outputs = fields.integer("outputs", 0, limits::registers);
  const int64_t registers = fields.integer("registers", 0, limits::registers);
  return read_program(
      {{code.Data(), code.ElementLength()}, {constants.Data(), constants.ElementLength()}, outputs, registers}, states,
      params);
}

// Rows of numbers, each below its bound; `outputs` of them.
template <class Entry, int width>
std::vector<Entry> entries_of(const Fields& fields, int64_t outputs, const int64_t (&bounds)[width]) {
  static_assert(sizeof(Entry) == width * sizeof(int32_t));
  const auto numbers = fields.array<Napi::Int32Array>("entries", napi_int32_array, "an Int32Array");
  const size_t length = numbers.ElementLength();
  if (length != static_cast<size_t>(outputs) * width) {
    wrong_field(numbers.Env(), fields.path("entries"), "a row an output of the program");
  }
  std::vector<Entry> entries(length / width);
  for (size_t i = 0; i < length; ++i) {
    const int32_t number = numbers.Data()[i];
    const bool sorted = i % width != 0 || i == 0 || numbers.Data()[i - width] <= number;
    if (number < 0 || number >= bounds[i % width] || !sorted) {
      wrong_field(numbers.Env(), fields.path("entries"), "rows of numbers in range, sorted by state");
    }
  }
  std::memcpy(entries.data(), numbers.Data(), length * sizeof(int32_t));
  return entries;
}

// What stands for a program where a function outside answers.
ProgramView answered_outside(int64_t outputs) { return {nullptr, nullptr, 0, static_cast<int32_t>(outputs), 0, true}; }

void read_outside(const Fields& fields, OutsideSpec& outside) {
  auto model = [&](const char* name, bool& given) -> std::shared_ptr<ScoreModel> {
    given = fields.has(name);
    return given ? unwrap_score(fields.get(name).Env(), fields.get(name), name) : nullptr;
  };
  outside.drift_model = model("drift", outside.drift);
  outside.diffusion_model = model("diffusion", outside.diffusion);
  outside.columns = fields.integer("columns", 0, limits::path_states);
  if (fields.has("backwardsFrom")) outside.backwards_from = fields.number("backwardsFrom");
  outside.network_threads = static_cast<int>(fields.integer("networkThreads", 0, limits::threads));
}

void read_equations(const Fields& fields, PathSpec& spec) {
  paths::Equations& equations = spec.job.equations;
  const int64_t states = fields.integer("states", 1, limits::path_states);
  const int64_t noises = fields.integer("noises", 0, limits::path_states);
  const int64_t params = fields.integer("params", 0, limits::path_states);
  auto program = [&](const char* name) {
    return program_of(Fields(fields.get(name), fields.path(name)), states, params);
  };
  equations.states = static_cast<int32_t>(states);
  equations.noises = static_cast<int32_t>(noises);
  equations.params = static_cast<int32_t>(params);
  equations.ito = fields.boolean("ito");
  if (fields.has("outside")) read_outside(Fields(fields.get("outside"), fields.path("outside")), spec.outside);
  const OutsideSpec& outside = spec.outside;
  if (!outside.drift) spec.drift = program("drift");
  if (!outside.diffusion) spec.diffusion = program("diffusion");
  equations.drift = outside.drift ? answered_outside(states) : spec.drift.view();
  equations.diffusion =
      outside.diffusion ? answered_outside(states * std::max<int64_t>(outside.columns, 1)) : spec.diffusion.view();
  if (equations.drift.outputs != states)
    wrong_field(fields.get("drift").Env(), fields.path("drift"), "an output a state");
  spec.entries = entries_of<paths::Entry>(fields, equations.diffusion.outputs, {states, noises});
  auto optional = [&](const char* name, auto read) {
    if (!fields.has(name)) return;
    const Fields own(fields.get(name), fields.path(name));
    read(own, program_of(Fields(own.get("program"), own.path("program")), states, params));
  };
  optional("milstein", [&](const Fields& own, Program read) {
    spec.milstein_entries = entries_of<paths::MilsteinEntry>(own, read.outputs, {states, noises, noises});
    spec.milstein = std::move(read);
  });
  optional("jacobian", [&](const Fields& own, Program read) {
    spec.jacobian_entries = entries_of<paths::JacobianEntry>(own, read.outputs, {states, states});
    spec.jacobian = std::move(read);
  });
  if (fields.has("domain")) spec.domain = program("domain");
  if (fields.has("columns")) {
    const Napi::Value columns = fields.get("columns");
    const bool listed = columns.IsArray() && columns.As<Napi::Array>().Length() == static_cast<uint32_t>(noises);
    if (!listed) wrong_field(columns.Env(), fields.path("columns"), "a program a noise");
    std::vector<int32_t> outputs(static_cast<size_t>(noises));
    for (const paths::Entry& entry : spec.entries) ++outputs[static_cast<size_t>(entry.column)];
    for (uint32_t j = 0; j < noises; ++j) {
      spec.columns.push_back(program_of(Fields(columns.As<Napi::Array>().Get(j), "columns"), states, params));
      if (spec.columns.back().outputs != outputs[j]) wrong_field(columns.Env(), "columns", "an output an entry");
    }
    for (const Program& column : spec.columns) spec.column_views.push_back(column.view());
    equations.columns = spec.column_views.data();
  }
  equations.domain = spec.domain.view();
  equations.milstein = spec.milstein.view();
  equations.jacobian = spec.jacobian.view();
  equations.entries = {spec.entries.data(), static_cast<int32_t>(spec.entries.size())};
  equations.milstein_entries = {spec.milstein_entries.data(), static_cast<int32_t>(spec.milstein_entries.size())};
  equations.jacobian_entries = {spec.jacobian_entries.data(), static_cast<int32_t>(spec.jacobian_entries.size())};
}

void read_solver(const Fields& fields, PathJob& job) {
  job.solver = fields.choice<PathSolverKind>("solver");
  const paths::Facts& facts = cpu::kernels().paths->facts[static_cast<size_t>(job.solver)];
  const Fields numbers(fields.get("numbers"), "numbers");
  for (int i = 0; i < facts.number_count; ++i) job.numbers[i] = numbers.number(facts.numbers[i]);
  if (facts.columns && job.equations.columns == nullptr && job.equations.noises > 0) {
    wrong_field(fields.get("equations").Env(), "equations.columns", "a program a noise, which this solver needs");
  }
}

void read_control(const Fields& fields, paths::Control& control) {
  control.rtol = fields.number("rtol");
  control.atol = fields.number("atol");
  control.norm = fields.choice<Norm>("norm");
  control.h0 = fields.number("h0");
  control.h_max = fields.number("hMax");
  control.safety = fields.number("safety");
  control.factor_min = fields.number("factorMin");
  control.factor_max = fields.number("factorMax");
  control.p_now = fields.number("pNow");
  control.p_before = fields.number("pBefore");
  control.p_earlier = fields.number("pEarlier");
  if (!(control.factor_min > 0 && control.factor_min < 1)) {
    wrong_field(fields.get("factorMin").Env(), fields.path("factorMin"), "a number between 0 and 1");
  }
}

void read_times(Napi::Env env, const Fields& fields, PathSpec& spec) {
  PathJob& job = spec.job;
  job.t0 = fields.number("t0");
  job.t1 = fields.number("t1");
  if (!(job.t0 < job.t1)) wrong_field(env, "t1", "a time after t0");
  job.steps = static_cast<uint64_t>(fields.integer("steps", 0));
  job.cells = static_cast<uint64_t>(fields.integer("cells", 0));
  if (job.steps > 0 && job.cells % job.steps != 0) wrong_field(env, "cells", "a multiple of steps");
  if (job.steps == 0) read_control(Fields(fields.get("control"), "control"), job.control);
  job.control.max_steps = static_cast<uint64_t>(fields.integer("maxSteps", 1));
  spec.saves = copy_of(fields.doubles("saves"));
  double before = job.t0;
  for (double save : spec.saves) {
    if (!(before < save)) wrong_field(env, "saves", "increasing times after t0");
    before = save;
  }
  if (spec.saves.empty() || before > job.t1) wrong_field(env, "saves", "times up to t1");
  job.saves = spec.saves.data();
  job.save_count = static_cast<int64_t>(spec.saves.size());
}

void read_events(Napi::Env env, const Fields& fields, PathSpec& spec) {
  if (!fields.has("events")) return;
  const Napi::Value value = fields.get("events");
  if (!value.IsArray()) wrong_field(env, "events", "an array");
  const auto list = value.As<Napi::Array>();
  // Events are told of a diffusion outside after the parameters.
  const int64_t told = spec.outside.diffusion ? spec.job.equations.diffusion.outputs : 0;
  for (uint32_t k = 0; k < list.Length(); ++k) {
    const Fields event(list.Get(k), "events");
    const paths::Equations& equations = spec.job.equations;
    spec.event_functions.push_back(
        program_of(Fields(event.get("program"), "events.program"), equations.states, equations.params + told));
    if (spec.event_functions.back().outputs != 2) wrong_field(env, "events.program", "two outputs");
    spec.events.push_back({{}, static_cast<int>(event.integer("direction", -1, 1)), event.boolean("terminal")});
  }
  for (size_t k = 0; k < spec.events.size(); ++k) spec.events[k].function = spec.event_functions[k].view();
  spec.job.events = spec.events.data();
  spec.job.event_count = static_cast<int>(spec.events.size());
}

void read_reductions(Napi::Env env, const Fields& fields, PathSpec& spec) {
  const Fields own(fields.get("reductions"), "reductions");
  const Napi::Value functions = own.get("functions"), histograms = own.get("histograms");
  if (!functions.IsArray() || !histograms.IsArray()) wrong_field(env, "reductions", "functions and histograms");
  const paths::Equations& equations = spec.job.equations;
  const uint32_t count = functions.As<Napi::Array>().Length();
  for (uint32_t i = 0; i < count; ++i) {
    const Fields function(functions.As<Napi::Array>().Get(i), "reductions.functions");
    spec.functions.push_back(program_of(function, equations.states, equations.params));
    if (spec.functions.back().outputs != 1) wrong_field(env, "reductions.functions", "programs of one output");
  }
  if (count == 0) wrong_field(env, "reductions.functions", "at least one");
  spec.reduces = true;
  paths::ReductionSpec& reductions = spec.reductions;
  reductions.functions = static_cast<int>(count);
  reductions.covariance = own.boolean("covariance");
  reductions.quantiles = own.boolean("quantiles");
  for (uint32_t i = 0; i < histograms.As<Napi::Array>().Length(); ++i) {
    const Fields one(histograms.As<Napi::Array>().Get(i), "reductions.histograms");
    reductions.histograms.push_back({static_cast<int>(one.integer("function", 0, count - 1)), one.number("low"),
                                     one.number("high"), static_cast<int>(one.integer("bins", 1, 1 << 20))});
    const paths::Histogram& read = reductions.histograms.back();
    if (!(read.low < read.high)) wrong_field(env, "reductions.histograms.high", "more than low");
  }
  if (!own.has("stop")) return;
  const Fields stop(own.get("stop"), "reductions.stop");
  spec.stop_rule = {static_cast<int>(stop.integer("function", 0, count - 1)),
                    stop.integer("save", 0, spec.job.save_count - 1), stop.number("z"), stop.number("halfWidth")};
}

// Every property is read before memory is looked at: reading may run a getter, and that could take a buffer away.
void read_arrays(Napi::Env env, const Fields& fields, PathSpec& spec, Napi::Array held) {
  PathJob& job = spec.job;
  const auto count = static_cast<size_t>(job.count);
  const Napi::Value states = fields.get("output"), W = fields.get("W");
  const Fields figures(fields.get("figures"), "figures");
  const Napi::Value accepted = figures.get("accepted"), rejected = figures.get("rejected");
  const Napi::Value status = figures.get("status"), ended = figures.get("ended");
  const Napi::Value next = figures.has("next") ? figures.get("next") : env.Undefined();
  const Napi::Value event_times = figures.get("eventTimes"), event_counts = figures.get("eventCounts");
  auto hold = [&](Napi::Value array) { held[held.Length()] = array; };
  auto numbers = [&](Napi::Value value, const char* name, size_t width) -> void* {
    if (value.IsUndefined()) return nullptr;
    hold(value);
    const size_t length = count * spec.saves.size() * width;
    if (job.float64) return data_of<Napi::Float64Array>(value, name, napi_float64_array, "a Float64Array", length);
    return data_of<Napi::Float32Array>(value, name, napi_float32_array, "a Float32Array", length);
  };
  auto words = [&](Napi::Value value, const char* name, size_t length) {
    hold(value);
    return data_of<Napi::Uint32Array>(value, name, napi_uint32_array, "a Uint32Array", length);
  };
  auto times = [&](Napi::Value value, const char* name, size_t length) {
    hold(value);
    return data_of<Napi::Float64Array>(value, name, napi_float64_array, "a Float64Array", length);
  };
  spec.rows.states = numbers(states, "output", static_cast<size_t>(job.equations.states));
  spec.rows.W = numbers(W, "W", static_cast<size_t>(job.equations.noises));
  if (spec.rows.states == nullptr) wrong_field(env, "output", "an array");
  spec.rows.accepted = words(accepted, "figures.accepted", count);
  spec.rows.rejected = words(rejected, "figures.rejected", count);
  spec.rows.ended = times(ended, "figures.ended", count);
  if (!next.IsUndefined()) {
    spec.rows.next = reinterpret_cast<paths::Next*>(times(next, "figures.next", count * next_numbers));
  }
  const size_t events = count * static_cast<size_t>(job.event_count);
  spec.rows.event_times = times(event_times, "figures.eventTimes", events);
  spec.rows.event_counts = words(event_counts, "figures.eventCounts", events);
  hold(status);
  spec.rows.status = data_of<Napi::Uint8Array>(status, "figures.status", napi_uint8_array, "a Uint8Array", count);
}

// What paths that go on have behind them: a row a path of each array, which is copied.
void read_earlier(Napi::Env env, const Fields& fields, PathSpec& spec) {
  if (!fields.has("earlier")) return;
  const Fields own(fields.get("earlier"), "earlier");
  PathJob& job = spec.job;
  paths::Earlier& earlier = job.earlier;
  earlier.t0 = own.number("t0");
  earlier.step = own.number("step");
  earlier.cell = own.number("cell");
  earlier.steps = static_cast<uint64_t>(own.integer("steps", 0));
  earlier.cells = static_cast<uint64_t>(own.integer("cells", 0));
  const auto count = static_cast<size_t>(job.count);
  auto rows = [&](const char* name, size_t width, std::vector<double>& into) {
    into = copy_of(own.doubles(name));
    if (into.size() != count * width) wrong_field(env, own.path(name), "a row a path");
    return into.data();
  };
  earlier.attempts = rows("attempts", 1, spec.attempts);
  earlier.ended = rows("ended", 1, spec.ended);
  if (own.has("W")) earlier.W = rows("W", static_cast<size_t>(job.equations.noises), spec.earlier_W);
  if (job.steps == 0) earlier.next = reinterpret_cast<const paths::Next*>(rows("next", next_numbers, spec.next));
  spec.status = copy_of(own.array<Napi::Uint8Array>("status", napi_uint8_array, "a Uint8Array"));
  const bool known = spec.status.size() == count &&
                     std::ranges::all_of(spec.status, [](uint8_t status) { return status < words<PathStatus>.size(); });
  if (!known) wrong_field(env, "earlier.status", "a status a path");
  earlier.status = spec.status.data();
  if (job.steps > 0 && !(earlier.step > 0)) wrong_field(env, "earlier.step", "a length");
  if (job.cells > 0 && !(earlier.cell > 0)) wrong_field(env, "earlier.cell", "a length");
  if (fields.doubles("x0").ElementLength() != count * static_cast<size_t>(job.equations.states))
    wrong_field(env, "x0", "the states of each path");
}

void read_start(Napi::Env env, const Fields& fields, PathSpec& spec, Napi::Array held) {
  PathJob& job = spec.job;
  const Napi::Value params = fields.get("params");
  if (!params.IsArray() || params.As<Napi::Array>().Length() != static_cast<uint32_t>(job.equations.params)) {
    wrong_field(env, "params", "an array a parameter that differs by path");
  }
  for (uint32_t i = 0; i < params.As<Napi::Array>().Length(); ++i) {
    const Napi::Value one = params.As<Napi::Array>().Get(i);
    held[held.Length()] = one;
    spec.params.push_back(data_of<Napi::Float64Array>(one, "params", napi_float64_array, "Float64Arrays", job.count));
  }
  job.params = spec.params.data();
  // Last: see read_arrays.
  const auto states = static_cast<size_t>(job.equations.states);
  const Napi::Float64Array x0 = fields.doubles("x0");
  held[held.Length()] = x0;
  const size_t length = x0.ElementLength();
  if (length != states && length != job.count * states) {
    wrong_field(env, "x0", "a number a state, or as many a path");
  }
  job.x0 = x0.Data();
  job.x0_by_path = length != states;
}

}  // namespace

void parse_step(const Fields& fields, PathSpec& spec) {
  read_equations(Fields(fields.get("equations"), "equations"), spec);
  read_solver(fields, spec.job);
}

ParsedPaths parse_paths(Napi::Env env, Napi::Value options) {
  const Fields fields(options, "");
  ParsedPaths parsed{std::make_unique<PathSpec>(), Napi::Array::New(env)};
  PathSpec& spec = *parsed.spec;
  PathJob& job = spec.job;
  read_equations(Fields(fields.get("equations"), "equations"), spec);
  read_solver(fields, job);
  job.float64 = fields.boolean("float64");
  job.seed = fields.uint64("seed");
  job.first = fields.uint64("firstIndex");
  job.count = static_cast<uint64_t>(fields.integer("count", 1));
  spec.threads = static_cast<int>(fields.integer("threads", 0, limits::threads));
  read_times(env, fields, spec);
  read_earlier(env, fields, spec);
  read_events(env, fields, spec);
  read_start(env, fields, spec, parsed.arrays);
  if (fields.has("reductions")) {
    read_reductions(env, fields, spec);
  } else {
    read_arrays(env, fields, spec, parsed.arrays);
  }
  if (fields.has("trace")) spec.trace = fields.boolean("trace");
  if (fields.has("device")) spec.device = static_cast<int>(fields.integer("device", 0, 1023));
  if (spec.device && spec.outside.any()) wrong_field(env, "device", "none, since functions answer on the CPU");
  if (spec.device && spec.trace) wrong_field(env, "trace", "no trace on a device");
  return parsed;
}

}  // namespace fast_sde::node
