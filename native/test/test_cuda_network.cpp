// Networks on a device: what the resident loop asks of LibTorch's plugin, and what becomes of its failures. The
// plugin's table is played by functions on the CPU that work in the emulated stream's order.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "../network/torch_score.hpp"
#include "../plugin/library.hpp"
#include "devices.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

// answer = c - 2 x / (1 + time / 999), c the row's condition; condition 5 answers NaN.
float answer(float x, float time, float condition) {
  return condition == 5 ? std::nanf("") : condition - 2 * x / (1 + time / 999);
}

struct Network {
  std::string refuse_capture;  // why it cannot be recorded; empty: it can
  int fails_at = -1;           // number of the evaluation or replay that fails
  int asked = 0, recorded = 0, dropped = 0, released = 0;
  std::map<int64_t, int> rows;            // calls by rows
  std::deque<fast_sde_model_call> calls;  // those that wait in a stream or a graph
};

Network* network = nullptr;  // the one that is loaded next and asked

void work(const fast_sde_model_call& call) {
  int64_t elements = 1;
  for (int i = 0; i < call.rank; ++i) elements *= call.shape[i];
  const auto* conditions = static_cast<const float*>(call.condition.values);
  const auto* none = static_cast<const float*>(call.condition.unconditional);
  for (int64_t row = 0; row < call.rows; ++row) {
    for (int64_t i = 0; i < elements; ++i) {
      const float x = call.x[row * elements + i], time = call.time[row];
      const float given = answer(x, time, conditions == nullptr ? 0 : conditions[row]);
      float& out = call.out[row * elements + i];
      out = given;
      if (none != nullptr) {
        const float free = answer(x, time, none[0]);
        out = free + call.condition.guidance_scale * (given - free);
      }
    }
  }
}

fast_sde_status answer_in_order(Network& self, const fast_sde_model_call& call, fast_sde_error* error) {
  if (self.asked++ == self.fails_at) {
    std::snprintf(error->message, sizeof error->message, "the network broke");
    return FAST_SDE_MODEL_FAILED;
  }
  ++self.rows[call.rows];
  if (call.stream == nullptr) {
    work(call);
  } else {
    self.calls.push_back(call);
    emulated_streams().enqueue(
        call.stream, [](void* waiting) { work(*static_cast<const fast_sde_model_call*>(waiting)); },
        &self.calls.back());
  }
  return FAST_SDE_OK;
}

Network& of(fast_sde_model* model) { return *reinterpret_cast<Network*>(model); }

// A graph needs to know whose it is, for its replays are counted, and may fail.
struct Graph {
  Network* network;
  int64_t rows;
  void* recorded;
};

fast_sde_status capture(fast_sde_model* model, const fast_sde_model_call* call, void (*then)(void*), void* context,
                        fast_sde_graph** graph, fast_sde_error* error) {
  Network& self = of(model);
  if (!self.refuse_capture.empty()) {
    std::snprintf(error->message, sizeof error->message, "%s", self.refuse_capture.c_str());
    return FAST_SDE_MODEL_FAILED;
  }
  CHECK(self.rows[call->rows] > 0);  // it has run for as many rows before
  const int asked = self.asked;
  void* recorded = emulated_streams().begin_capture(call->stream);
  answer_in_order(self, *call, error);
  then(context);
  emulated_streams().end_capture(call->stream);
  self.asked = asked;  // nothing has run
  --self.rows[call->rows];
  ++self.recorded;
  *graph = reinterpret_cast<fast_sde_graph*>(new Graph{&self, call->rows, recorded});
  return FAST_SDE_OK;
}

fast_sde_status replay(fast_sde_graph* graph, void* stream, fast_sde_error* error) {
  const auto& self = *reinterpret_cast<Graph*>(graph);
  if (self.network->asked++ == self.network->fails_at) {
    std::snprintf(error->message, sizeof error->message, "the graph broke");
    return FAST_SDE_MODEL_FAILED;
  }
  ++self.network->rows[self.rows];
  emulated_streams().replay(self.recorded, stream);
  return FAST_SDE_OK;
}

void drop(fast_sde_graph* graph) {
  auto* self = reinterpret_cast<Graph*>(graph);
  ++self->network->dropped;
  emulated_streams().drop(self->recorded);
  delete self;
}

Network* released = nullptr;  // told by release_memory, which names no model

const fast_sde_torch_api api = {
    FAST_SDE_PLUGIN_ABI,
    torch_fingerprint(),
    [] { return "none"; },
    [] { return 2; },
    [](const fast_sde_model_options*, fast_sde_model** model, fast_sde_error*) {
      *model = reinterpret_cast<fast_sde_model*>(network);
      return FAST_SDE_OK;
    },
    [](fast_sde_model* model, const fast_sde_model_call* call, fast_sde_error* error) {
      return answer_in_order(of(model), *call, error);
    },
    [](const fast_sde_model*) { return uint64_t{0}; },
    [](fast_sde_model*) {},
    capture,
    replay,
    drop,
    [] { ++released->released; },
    nullptr,  // describe, ask, unify and keep: nobody asks here
    nullptr,
    nullptr,
    nullptr,
};

TorchScore load(Network& as, const std::string& device) {
  network = released = &as;
  TorchModelOptions options;
  options.device = device;
  return TorchScore(api, options);
}

// A job with conditions, on the CPU or on one of the emulated devices.
struct Job {
  JobOptions run = vp_job(3, 20);
  SessionOptions session;
  std::vector<int64_t> shape = {3};
  std::vector<float> conditions, unconditional = {0.1f};

  Job() {
    run.batch = 6;
    run.problem.tolerance.rtol = 0.3f;
    run.problem.time_input = TimeInput::label;
    for (uint64_t k = 0; k < run.count; ++k) conditions.push_back(static_cast<float>(k % 4) * 0.25f);
    session.shape = shape.data();
    session.rank = 1;
    session.elements = 3;
    session.max_rows = static_cast<int64_t>(run.count);
    session.condition.type = FAST_SDE_CONDITION_FLOAT32;
    session.condition.width = 1;
    session.condition.values = conditions.data();
  }

  void guide() {
    session.condition.unconditional = unconditional.data();
    session.condition.guidance_scale = 1.5f;
  }

  Collector on_cpu() const {
    Network plain;
    TorchScore score = load(plain, "cpu");
    return collect(run, *score.open(session));
  }

  Totals on_device(Network& as, int device, Sink& sink, const std::atomic<bool>& stop = false) const {
    TorchScore score = load(as, "cuda:" + std::to_string(device));
    return run_on_device(*devices()[device].api, device, run, session, score, sink, stop);
  }
};

// What a job that fails leaves behind.
struct Endings final : Sink {
  std::map<Status, int> seen;
  void finished(const SampleStats& stats, const float*) override { ++seen[status_of(stats)]; }
};

template <class Body>
std::string code_of(Body body, std::string* message = nullptr) {
  try {
    body();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code;
  }
  return "";
}

}  // namespace

TEST_CASE("cuda: a network on a device answers as on the CPU, with each sample's own condition") {
  for (bool guided : {false, true}) {
    Job job;
    if (guided) job.guide();
    const Collector expected = job.on_cpu();
    for (int device : {0, 1}) {
      Network as;
      Collector got(job.run.count, 3);
      const Totals totals = job.on_device(as, device, got);
      CHECK(same_bits(got, expected));
      CHECK(totals.graph == Totals::Graph::captured);
      CHECK(as.recorded >= 1);
      CHECK(as.dropped == as.recorded);
      uint64_t calls = 0, rows = 0;
      for (const auto& [size, times] : as.rows) {
        calls += static_cast<uint64_t>(times);
        rows += static_cast<uint64_t>(size * times);
      }
      CHECK(totals.network_calls == calls);
      CHECK(totals.network_rows == (guided ? 2 : 1) * rows);
    }
  }
}

TEST_CASE("cuda: a network that cannot be recorded runs all the same, and the job says why") {
  Job job;
  const Collector expected = job.on_cpu();
  Network as;
  as.refuse_capture = "it asks the CPU";
  Collector got(job.run.count, 3);
  const Totals totals = job.on_device(as, 0, got);
  CHECK(same_bits(got, expected));
  CHECK(totals.graph == Totals::Graph::refused);
  CHECK(totals.graph_refusal == "it asks the CPU");
}

TEST_CASE("cuda: calls halve as samples run out") {
  Job job;
  job.run.batch = 20;
  Network as;
  Collector got(job.run.count, 3);
  job.on_device(as, 0, got);
  CHECK(as.rows[20] > 0);
  for (const auto& [rows, calls] : as.rows) CHECK((rows == 20 || rows == 10 || rows == 8 || rows == 5));
  CHECK(as.rows.size() > 1);
  CHECK(same_bits(got, job.on_cpu()));
}

TEST_CASE("cuda: a sample whose answer is not a number fails alone") {
  Job job;
  job.conditions[7] = 5;
  const Collector expected = job.on_cpu();
  CHECK(status_of(expected.stats[7]) == Status::non_finite);
  for (int device : {0, 1}) {
    Network as;
    Collector got(job.run.count, 3);
    job.on_device(as, device, got);
    for (uint64_t k = 0; k < job.run.count; ++k) CHECK(got.stats[k].status == expected.stats[k].status);
  }
}

TEST_CASE("cuda: a network that fails ends the job, and what was finished is kept") {
  for (bool recorded : {false, true}) {
    for (int fails_at : {0, 1, 60}) {
      Job job;
      Network as;
      if (!recorded) as.refuse_capture = "no";
      as.fails_at = fails_at;
      Endings endings;
      std::string message;
      CHECK(code_of([&] { job.on_device(as, 0, endings); }, &message) == "ERR_SDE_MODEL_FAILED");
      CHECK(message.find("broke") != std::string::npos);
      CHECK(as.dropped == as.recorded);
      if (fails_at == 0) continue;  // no sample was begun
      CHECK(endings.seen[Status::unfinished] == job.run.batch);
      CHECK((fails_at < 60 || endings.seen[Status::success] > 0));
    }
  }
}

TEST_CASE("cuda: stopping reports what was in flight as unfinished") {
  Job job;
  struct Stopper final : Sink {
    std::atomic<bool> stop{false};
    Endings endings;
    void finished(const SampleStats& stats, const float* x) override { endings.finished(stats, x); }
    void progress(const Progress& p) override { stop = p.finished >= 4; }
  } sink;
  Network as;
  job.on_device(as, 1, sink, sink.stop);
  CHECK(sink.endings.seen[Status::success] >= 4);
  CHECK(sink.endings.seen[Status::success] < 20);
  CHECK(sink.endings.seen[Status::unfinished] == job.run.batch);
}

TEST_CASE("cuda: what a sink throws ends the job and comes back") {
  struct Thrower final : Sink {
    void finished(const SampleStats&, const float*) override { throw std::bad_alloc(); }
  } sink;
  Job job;
  Network as;
  CHECK_THROWS_AS(job.on_device(as, 0, sink), std::bad_alloc);
}

TEST_CASE("cuda: a job that does not fit is told so, after the network's idle memory was asked for") {
  Job job;
  const Collector expected = job.on_cpu();
  for (const char* limit : {"1000", "100000"}) {
    setenv("FAST_SDE_EMULATED_MEMORY", limit, 1);
    Network as;
    Endings endings;
    CHECK(code_of([&] { job.on_device(as, 0, endings); }) == "ERR_SDE_OUT_OF_MEMORY");
    CHECK(as.released == 1);
    unsetenv("FAST_SDE_EMULATED_MEMORY");
    Network again;
    Collector got(job.run.count, 3);
    job.on_device(again, 0, got);
    CHECK(same_bits(got, expected));
  }
}

TEST_CASE("cuda: a score that is not on the device is refused") {
  Job job;
  Network as;
  Endings sink;
  TorchScore elsewhere = load(as, "cuda:1");
  const std::atomic<bool> stop{false};
  CHECK(code_of([&] { run_on_device(*devices()[0].api, 0, job.run, job.session, elsewhere, sink, stop); }) ==
        "ERR_SDE_INVALID_OPTION");
  struct Other final : ScoreModel {
    std::unique_ptr<ScoreSession> open(const SessionOptions&) override { return nullptr; }
  } other;
  CHECK(code_of([&] { run_on_device(*devices()[0].api, 0, job.run, job.session, other, sink, stop); }) ==
        "ERR_SDE_INVALID_OPTION");
}

TEST_CASE("cuda: plugins that are none are refused") {
  auto open = [](const char* path) {
    return code_of(
        [&] { open_plugin<fast_sde_cuda_api>(path, FAST_SDE_CUDA_SYMBOL, "", error_code::cuda_unavailable); });
  };
  CHECK(open("/nowhere/libfast_sde_cuda.so") == "ERR_SDE_CUDA_UNAVAILABLE");
  CHECK(open("libm.so.6") == "ERR_SDE_CUDA_UNAVAILABLE");
}
