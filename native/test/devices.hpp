// The devices that CUDA tests run on: two emulated ones always, and the real ones of the plugin that
// FAST_SDE_CUDA_PLUGIN names. Where there is none, the reason is printed once.
#pragma once

#include <string>
#include <vector>

#include "../device/device_run.hpp"
#include "support.hpp"

namespace fast_sde::test {

struct TestDevice {
  std::string name;
  const fast_sde_cuda_api* api;
  int index;
  bool emulated;
};

// Of the emulated ones the first has clusters, the second has not.
const std::vector<TestDevice>& devices();

// As `collect` of support.hpp, on a device.
Collector collect_on(const TestDevice& device, const JobOptions& options, ScoreModel& score, Totals* totals = nullptr);

// The emulated device's streams and graphs, for tests that stand in for a network.
struct EmulatedStreams {
  void (*enqueue)(void* stream, void (*work)(void*), void* context);
  void* (*begin_capture)(void* stream);  // the graph to be
  void (*end_capture)(void* stream);
  void (*replay)(void* graph, void* stream);
  void (*drop)(void* graph);
};
const EmulatedStreams& emulated_streams();

// Samples, figures and endings are the same, bit for bit (NaN equals NaN).
bool same_bits(const Collector& a, const Collector& b);

}  // namespace fast_sde::test
