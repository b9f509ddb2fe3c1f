// The engine's front door: draw samples first … first + count - 1 of a problem with a score.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "../core/problem.hpp"
#include "../core/slot.hpp"
#include "../score/score_model.hpp"

namespace fast_sde {

struct RunOptions {
  Problem problem;
  uint64_t first = 0;  // index of the first sample
  uint64_t count = 0;
  int64_t batch = 32;              // slots
  bool pad_batch = false;          // every call keeps `batch` rows
  int threads = 0;                 // solver threads; 0 is one a core
  const float* initial = nullptr;  // [count, elements] or null: the prior
};

struct SampleStats {
  uint64_t position = 0;  // index - first
  uint32_t evaluations = 0, accepted = 0, rejected = 0;
  Status status = Status::unfinished;
};

struct Totals {
  uint64_t network_calls = 0, network_rows = 0;  // rows evaluated, wasted ones included
  double total_ms = 0, score_ms = 0;
  // On a device with a network: whether its passes ran as one CUDA graph, and if not, why.
  enum class Graph : uint8_t { none, captured, refused } graph = Graph::none;
  std::string graph_refusal;
};

struct Progress {
  uint64_t finished = 0;
  double fraction = 0;  // 0 … 1
  Totals totals;        // so far; total_ms comes at the end
};

// Called on the engine's thread.
class Sink {
 public:
  virtual ~Sink() = default;
  // One sample is done (or has failed: see stats.status; x is then its last state). x: [elements], valid in the call.
  virtual void finished(const SampleStats& stats, const float* x) = 0;
  virtual void progress(const Progress&) {}  // after every network call: keep it cheap
};

// For research and tests: sees every slot after every pass, before it is refilled.
using Observer = std::function<void(const Slot&)>;

// On the CPU (plugin/device_run.hpp: on a GPU). Runs on the calling thread (and the solver threads) until all samples
// are done or `stop` turns true; samples then in flight are reported to the sink as `unfinished`. Throws Error
// where the score fails as a whole, after the same report.
Totals run(const RunOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop,
           const Observer& observer = nullptr);

}  // namespace fast_sde
