// A job as every shell takes it, samples first … first + count - 1 of a problem, and what it tells of them.
#pragma once

#include <cstdint>
#include <string>

#include "record.hpp"

namespace fast_sde {

struct JobOptions {
  Problem problem;     // its arrays outlive the run
  uint64_t first = 0;  // index of the first sample
  uint64_t count = 0;
  int64_t batch = 0;               // slots
  bool pad_batch = false;          // every call keeps `batch` rows
  int threads = 0;                 // solver threads; 0 is one a core
  bool trajectory = false;         // the sink is told of every step
  const float* initial = nullptr;  // [count, elements] or null: the prior
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
  // Steps tried, of any samples, a sample's in their order and before its `finished`; where the job keeps trajectories.
  virtual void steps(const StepRecord*, int64_t /*count*/) {}
  virtual void progress(const Progress&) {}  // after every network call: keep it cheap
};

}  // namespace fast_sde
