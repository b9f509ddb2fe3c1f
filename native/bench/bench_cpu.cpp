// What the CPU shell does in a second, beside what the machine can do: normals a core, bytes of a pass against a plain
// copy, and the solver alone (exact Gaussian score, d = 3072, 64 slots, rtol 0.05). Prints JSON, a figure a key.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/mixture_score.hpp"
#include "../shell/cpu/run.hpp"
#include "../shell/cpu/slots.hpp"
#include "problem.hpp"

using namespace fast_sde;

namespace {

// Seconds a call takes: the best of several tries of about 50 ms each.
double best_seconds(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int attempt = 0; attempt < 7; ++attempt) {
    auto start = Clock::now();
    int calls = 0;
    double seconds = 0;
    do {
      call();
      ++calls;
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    } while (seconds < 0.05);
    best = std::min(best, seconds / calls);
  }
  return best;
}

constexpr int64_t elements = 3072, slots_count = 64;

// Bytes a pass must move: each row a stage reads or writes, once; rejections are rare and left out.
template <class Solver>
int64_t bytes_of_stage(int stage) {
  auto rows = [](Rows set) { return __builtin_popcount(set & ~(row_noise | row_candidate)); };
  const Access access = Solver::measure_access(stage);
  int64_t count = rows(access.reads) + rows(access.writes);
  if (uses_noise_again<Solver>() && (access.reads & row_noise) != 0) count += 1;  // kept
  if (stage == Solver::stages - 1) count += rows(Solver::accept_access.writes);
  return count * 4 * elements;
}

struct PassFigures {
  double seconds, bytes;
};

// Passes of all slots on one thread, with a constant answer of zero: no step is rejected.
PassFigures passes(const cpu::Kernels& kernels) {
  Problem problem = paper_problem(elements);
  const cpu::SolverKernels& solver = kernels.of(problem.solver);
  cpu::Slots slots(slots_count, elements, solver.facts);
  std::fill_n(slots.answers(), slots_count * elements, 0.0f);
  StepRecord record{};
  auto restart = [&] {
    for (int64_t i = 0; i < slots_count; ++i) {
      solver.start(slots[i], slots.rows(i), problem, static_cast<uint64_t>(i), 0, nullptr);
    }
  };
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int attempt = 0; attempt < 15; ++attempt) {
    restart();
    auto start = Clock::now();
    for (int stage = 0; stage < 2; ++stage) {
      for (int64_t i = 0; i < slots_count; ++i) solver.advance(slots[i], slots.rows(i), problem, record);
    }
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return {best, static_cast<double>(slots_count * (bytes_of_stage<Adaptive>(0) + bytes_of_stage<Adaptive>(1)))};
}

class Counter final : public Sink {
 public:
  void finished(const SampleStats& stats, const float*) override { evaluations += stats.evaluations; }
  double evaluations = 0;
};

}  // namespace

int main() {
  std::printf("{\n  \"cores\": %d,\n  \"chosen\": \"%s\",\n", cpu::cores(), cpu::kernels().name);

  std::vector<float> from(slots_count * elements * 4, 1.0f), to(from.size());
  double copy = best_seconds([&] { std::memcpy(to.data(), from.data(), from.size() * sizeof(float)); });
  double copy_rate = 2.0 * static_cast<double>(from.size() * sizeof(float)) / copy * 1e-9;
  std::printf("  \"copy_gb_per_s_one_core\": %.1f,\n  \"variants\": {\n", copy_rate);

  std::vector<float> normals(4096);
  auto variants = cpu::available();
  for (const cpu::Kernels* kernels : variants) {
    double seconds = best_seconds([&] { kernels->normals(1, 2, 3, normals.data(), 4096); });
    PassFigures pass = passes(*kernels);
    std::printf(
        "    \"%s\": {\"normals_per_s_one_core\": %.3g, \"pass_gb_per_s_one_core\": %.1f, \"pass_ns_per_element\": "
        "%.2f}%s\n",
        kernels->name, 4096 / seconds, pass.bytes / pass.seconds * 1e-9,
        pass.seconds * 1e9 / (2.0 * slots_count * elements), kernels == variants.back() ? "" : ",");
  }
  std::printf("  },\n");

  MixtureScore score({1.0}, std::vector<float>(elements, 0.0f), {0.25});
  JobOptions options;
  options.problem = paper_problem(elements);
  options.count = options.batch = slots_count;
  SessionOptions session_options;
  session_options.elements = elements;
  session_options.max_rows = slots_count;
  auto session = score.open(session_options);
  Totals best;
  best.total_ms = 1e9;
  double evaluations = 0;
  for (int attempt = 0; attempt < 9; ++attempt) {
    Counter sink;
    Totals totals = run_on_cpu(options, *session, sink, std::atomic<bool>(false));
    evaluations = sink.evaluations / slots_count;
    if (totals.total_ms - totals.score_ms < best.total_ms - best.score_ms) best = totals;
  }
  std::printf(
      "  \"solver_alone\": {\"elements\": %lld, \"slots\": %lld, \"rtol\": 0.05, \"network_calls\": %llu, "
      "\"mean_evaluations\": %.1f, \"solver_ms\": %.2f, \"score_ms\": %.2f}\n}\n",
      static_cast<long long>(elements), static_cast<long long>(slots_count),
      static_cast<unsigned long long>(best.network_calls), evaluations, best.total_ms - best.score_ms, best.score_ms);
}
