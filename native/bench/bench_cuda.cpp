// The fused pass beside a device-to-device copy, over slots and sample sizes. Prints JSON: copy_gb_per_s, and for each
// size the microseconds of a pass, the gigabytes a second it moves of those that must move, their percentage of the
// large copy's, and the microseconds of a copy of as many bytes.
//
// A pass's rows would lie in the second-level cache where a network has pushed them out in between: so passes take
// turns over several jobs whose rows together do not fit. Answers are zero, so no step is rejected.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "../shell/cuda/job_memory.hpp"
#include "../shell/cuda/kernels.hpp"
#include "problem.hpp"

using namespace fast_sde;
using namespace fast_sde::cuda;

namespace {

constexpr int device = 0;
constexpr int repeats = 51;
constexpr int64_t beyond_cache = int64_t{256} << 20;  // bytes; the largest cache of today holds 126 MB
constexpr int64_t most_memory = int64_t{24} << 30;

// Bytes of one sample that must move: each row a stage reads or writes, once, averaged over the stages of a step.
// Rejections, refills and finished samples are left out.
template <class Solver>
double bytes_of_pass(int64_t elements) {
  auto rows = [](Rows set) { return __builtin_popcount(set & ~(row_noise | row_noise_again | row_candidate)); };
  int count = 0;
  for (int stage = 0; stage < Solver::stages; ++stage) {
    const Access access = Solver::measure_access(stage);
    count += rows(access.reads) + rows(access.writes);
    if (stage == Solver::stages - 1) count += rows(Solver::accept_access.writes);
  }
  return 4.0 * static_cast<double>(elements * count) / Solver::stages;
}

class Timer {
 public:
  Timer() {
    check(cudaEventCreate(&start_), "creating an event");
    check(cudaEventCreate(&end_), "creating an event");
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    cudaEventDestroy(start_);
    cudaEventDestroy(end_);
  }

  // Median microseconds of `body`, which enqueues on the stream.
  double median(cudaStream_t stream, const std::function<void()>& body) const {
    for (int i = 0; i < 3; ++i) body();
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
      check(cudaEventRecord(start_, stream), "recording an event");
      body();
      check(cudaEventRecord(end_, stream), "recording an event");
      check(cudaEventSynchronize(end_), "running");
      float ms = 0;
      check(cudaEventElapsedTime(&ms, start_, end_), "reading a time");
      times.push_back(1000.0 * ms);
    }
    std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
    return times[repeats / 2];
  }

 private:
  cudaEvent_t start_ = nullptr, end_ = nullptr;
};

// Microseconds of a copy of `bytes`, several of which take turns where they would fit in the cache.
double copy_us(int64_t bytes, const Timer& timer, cudaStream_t stream) {
  const int64_t sets = std::clamp<int64_t>(beyond_cache / (2 * bytes) + 1, 1, 64);
  const DeviceArray<char> from(bytes * sets, stream), to(bytes * sets, stream);
  const double us = timer.median(stream, [&] {
    for (int64_t k = 0; k < sets; ++k) {
      check(cudaMemcpyAsync(to.data() + k * bytes, from.data() + k * bytes, static_cast<size_t>(bytes),
                            cudaMemcpyDeviceToDevice, stream),
            "copying");
    }
  });
  return us / static_cast<double>(sets);
}

double pass_us(int64_t slots, int64_t elements, const Timer& timer, cudaStream_t stream) {
  const Problem problem = paper_problem(elements);
  fast_sde_cuda_run options{};
  options.problem = &problem;
  options.count = uint64_t{1} << 40;  // never out of samples
  const auto bytes = static_cast<int64_t>(bytes_of_pass<Adaptive>(elements)) * slots;
  const int64_t sets = std::clamp<int64_t>(beyond_cache / bytes + 1, 1, 64);
  const SolverLaunches& solver = launches_of(problem.solver);
  std::vector<std::unique_ptr<JobMemory>> jobs;
  for (int64_t k = 0; k < sets; ++k) {
    jobs.push_back(std::make_unique<JobMemory>(options, slots, slots, 0, stream));
    solver.begin(jobs.back()->resident(), stream);
  }
  const bool clusters = solver.clusters_serve(jobs.front()->resident());
  constexpr int passes = 2 * Adaptive::stages;  // whole steps
  const double us = timer.median(stream, [&] {
    for (int pass = 0; pass < passes; ++pass) {
      for (const auto& job : jobs) solver.pass(job->resident(), slots, clusters, stream);
    }
  });
  return us / static_cast<double>(passes * sets);
}

void run() {
  check(cudaSetDevice(device), "choosing the device");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, device), "describing the device");
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a stream");
  const Timer timer;

  constexpr int64_t large = int64_t{1} << 30;
  const double copy_rate = 2.0 * static_cast<double>(large) / copy_us(large, timer, stream) * 1e-3;
  std::printf("{\n  \"device\": \"%s\",\n  \"copy_gb_per_s\": %.1f,\n  \"passes\": [", properties.name, copy_rate);
  bool first = true;
  for (int64_t elements : {784, 3072, 12288, 49152, 196608, 3 * 1024 * 1024}) {
    for (int64_t slots : {16, 64, 256, 1024, 4096}) {
      if (slots * elements * 32 > most_memory) continue;
      const double bytes = bytes_of_pass<Adaptive>(elements) * static_cast<double>(slots);
      const double us = pass_us(slots, elements, timer, stream);
      const double equal = copy_us(static_cast<int64_t>(bytes / 2), timer, stream);
      const double rate = bytes / us * 1e-3;
      std::printf(
          "%s\n    {\"slots\": %lld, \"elements\": %lld, \"us\": %.2f, \"gb_per_s\": %.1f, \"percent_of_copy\": %.1f, "
          "\"equal_copy_us\": %.2f}",
          first ? "" : ",", static_cast<long long>(slots), static_cast<long long>(elements), us, rate,
          100 * rate / copy_rate, equal);
      first = false;
    }
  }
  std::printf("\n  ]\n}\n");
}

}  // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const StatusError& error) {
    std::fprintf(stderr, "bench_cuda: %s\n", error.what());
    return 1;
  }
}
