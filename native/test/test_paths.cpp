// The path engine: a path's bits depend on seed and index alone; what fails ends alone; times are hit.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/paths/run.hpp"

namespace fast_sde::cpu {
extern const Kernels kernels_unoptimised;
}

using namespace fast_sde;
using namespace fast_sde::paths;

namespace {

// Two states with a noise each: dx = (sin(t) - x) dt + 0.5 sqrt(1 + x^2) dW, dy = x y dt + 0.3 y dW.
struct Pair {
  Program drift, diffusion;
  std::vector<Entry> entries = {{0, 0}, {1, 1}};
  double x0[2] = {0.3, 1.1};
  std::vector<double> saves = {0.5, 1.0};
  PathJob job;

  Pair() {
    auto program = [](std::vector<int32_t> code, std::vector<double> constants) {
      return read_program({code, constants, 2, 7}, 2, 0);  // registers: x y, t, two outputs, two temporaries
    };
    auto op = [](Op op) { return static_cast<int32_t>(op); };
    drift = program({op(Op::sin), 0, 5, 2, 0, 0, op(Op::sub), 0, 3, 5, 0, 0, op(Op::mul), 0, 4, 0, 1, 0}, {});
    diffusion = program({op(Op::mul), 0, 5, 0, 0, 0, op(Op::add), 1, 5, 5, 0, 0, op(Op::sqrt), 0, 6, 5, 0, 0,
                         op(Op::mul), 1, 3, 6, 1, 0, op(Op::mul), 1, 4, 1, 2, 0},
                        {1, 0.5, 0.3});
    job.equations.states = job.equations.noises = 2;
    job.equations.drift = drift.view();
    job.equations.diffusion = diffusion.view();
    job.equations.entries = {entries.data(), 2};
    job.solver = PathSolverKind::euler_maruyama;
    job.t1 = 1;
    job.steps = job.cells = 16;
    job.seed = 5;
    job.x0 = x0;
    job.saves = saves.data();
    job.save_count = static_cast<int64_t>(saves.size());
    job.control.max_steps = 1000;
  }
  Pair(const Pair&) = delete;
};

struct Results final : PathSink {
  explicit Results(const PathJob& job)
      : job(job),
        states(job.count * static_cast<size_t>(job.save_count * job.equations.states)),
        accepted(job.count),
        rejected(job.count),
        status(job.count, static_cast<uint8_t>(PathStatus::unfinished)),
        ended(job.count) {}

  PathRows rows(uint64_t begin, int64_t) override {
    const size_t numbers = begin * static_cast<size_t>(job.save_count * job.equations.states);
    void* at = job.float64 ? static_cast<void*>(states.data() + numbers)
                           : static_cast<void*>(reinterpret_cast<float*>(states.data()) + numbers);
    return {at,
            nullptr,
            accepted.data() + begin,
            rejected.data() + begin,
            status.data() + begin,
            ended.data() + begin,
            nullptr,
            nullptr,
            nullptr};
  }
  void finished(uint64_t, int64_t, const PathRows&) override {}

  const PathJob& job;
  std::vector<double> states;
  std::vector<uint32_t> accepted, rejected;
  std::vector<uint8_t> status;
  std::vector<double> ended;
};

const std::atomic<bool> never = false;

std::vector<const cpu::Kernels*> variants() {
  auto all = cpu::available();
  all.push_back(&cpu::kernels_unoptimised);
  return all;
}

}  // namespace

TEST_CASE("paths have the same bits in every variant, in lockstep and with steps of their own") {
  for (bool float64 : {true, false}) {
    for (bool lockstep : {true, false}) {
      Pair pair;
      pair.job.float64 = float64;
      pair.job.count = 70;
      if (!lockstep) pair.saves[0] = 0.4567;  // no end of a step
      std::vector<double> expected;
      for (const cpu::Kernels* variant : variants()) {
        Results results(pair.job);
        variant->paths->solve(pair.job, 0, 70, results.rows(0, 70), never);
        if (expected.empty()) expected = results.states;
        CHECK_MESSAGE(std::memcmp(expected.data(), results.states.data(), expected.size() * sizeof(double)) == 0,
                      variant->name);
      }
      CHECK(expected[0] == expected[0]);
    }
  }
}

TEST_CASE("a path's bits do not depend on the number of paths, the blocks, the threads or the first index") {
  Pair pair;
  pair.job.count = 3000;
  Results all(pair.job);
  run_paths_on_cpu(pair.job, 2, all, never);
  Results alone(pair.job);
  run_paths_on_cpu(pair.job, 1, alone, never);
  CHECK(all.states == alone.states);
  CHECK(all.status == std::vector<uint8_t>(3000, static_cast<uint8_t>(PathStatus::success)));
  pair.job.first = 1234;
  pair.job.count = 1;
  Results one(pair.job);
  run_paths_on_cpu(pair.job, 1, one, never);
  for (size_t i = 0; i < one.states.size(); ++i) CHECK(one.states[i] == all.states[1234 * one.states.size() + i]);
}

TEST_CASE("paths of equal steps have the same bits whether or not times between steps are saved") {
  Pair pair;
  pair.job.count = 40;
  Results on_steps(pair.job);
  run_paths_on_cpu(pair.job, 1, on_steps, never);
  struct Trace final : PathTrace {
    void step(uint64_t, double, const double*) override { ++count; }
    std::atomic<int> count = 0;
  } trace;
  pair.job.trace = &trace;  // looked at in between: each lane has steps of its own
  Results looked_at(pair.job);
  run_paths_on_cpu(pair.job, 1, looked_at, never);
  CHECK(on_steps.states == looked_at.states);
  CHECK(trace.count == 40 * 16);
}

TEST_CASE("a cell is several steps' or a step several cells': the path is the same to the discretisation") {
  // dx = 0 dt + dW by hand: W itself, whatever the steps.
  Pair pair;
  std::vector<int32_t> zeros = {static_cast<int32_t>(Op::fill), 2, 3, 0, 0, 0,
                                static_cast<int32_t>(Op::fill), 2, 4, 0, 0, 0};
  const std::vector<double> zero = {0}, one = {1};
  const Program nothing = read_program({zeros, zero, 2, 7}, 2, 0), unit = read_program({zeros, one, 2, 7}, 2, 0);
  pair.job.equations.drift = nothing.view();
  pair.job.equations.diffusion = unit.view();
  pair.job.count = 100;
  pair.job.cells = 64;
  std::vector<double> expected;
  for (uint64_t steps : {64, 32, 16, 2}) {
    pair.job.steps = steps;
    Results results(pair.job);
    run_paths_on_cpu(pair.job, 1, results, never);
    if (expected.empty()) expected = results.states;
    double most = 0;
    for (size_t i = 0; i < expected.size(); ++i) most = std::max(most, std::abs(expected[i] - results.states[i]));
    CHECK(most < 1e-13);
  }
}

TEST_CASE("a path that leaves the numbers ends alone, with the time it came to") {
  Pair pair;
  pair.job.count = 100;
  // y' = x y with x0 = 1e200 for one path: it overflows at once.
  std::vector<double> starts(200);
  for (size_t i = 0; i < 100; ++i) {
    starts[2 * i] = i == 37 ? 1e200 : 0.3;
    starts[2 * i + 1] = i == 37 ? 1e200 : 1.1;
  }
  pair.job.x0 = starts.data();
  pair.job.x0_by_path = true;
  for (bool lockstep : {true, false}) {
    pair.saves[0] = lockstep ? 0.5 : 0.4567;
    Results results(pair.job);
    run_paths_on_cpu(pair.job, 1, results, never);
    for (size_t i = 0; i < 100; ++i) {
      CHECK(results.status[i] == static_cast<uint8_t>(i == 37 ? PathStatus::non_finite : PathStatus::success));
      CHECK(std::isfinite(results.states[4 * i + 3]) == (i != 37));
    }
    CHECK(results.ended[37] <= 0.5);
    CHECK(results.ended[36] == 1);
  }
}

TEST_CASE("a path stops after as many steps as it may try") {
  Pair pair;
  pair.saves = {0.4567, 1.0};
  pair.job.saves = pair.saves.data();
  pair.job.control.max_steps = 5;
  Results results(pair.job);
  run_paths_on_cpu(pair.job, 1, results, never);
  CHECK(results.status[0] == static_cast<uint8_t>(PathStatus::max_steps));
  CHECK(results.accepted[0] == 5);
}
