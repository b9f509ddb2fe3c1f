// A device gives the CPU's bits of every path: each solver, equal steps and steps of its own, whatever is saved, looked
// at or summed up.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "../device/device_paths.hpp"
#include "../shell/paths/reduce.hpp"
#include "devices.hpp"
#include "path_steps.hpp"

using namespace fast_sde;
using namespace fast_sde::test;
using paths::PathJob;
using paths::PathRows;

namespace {

// All rows of a job.
class AllRows final : public PathSink {
 public:
  AllRows(const PathJob& job, KeptOfPaths keeps)
      : job_(job),
        states_(size_of(job.equations.states)),
        W_(keeps.W ? size_of(job.equations.noises) : 0),
        accepted_(job.count),
        rejected_(job.count),
        status_(job.count, static_cast<uint8_t>(PathStatus::unfinished)),
        ended_(job.count),
        event_times_(job.count * static_cast<size_t>(job.event_count)),
        event_counts_(event_times_.size()),
        next_(keeps.next ? job.count : 0) {}

  PathRows rows(uint64_t begin, int64_t) override {
    const size_t events = begin * static_cast<size_t>(job_.event_count);
    return {states_.data() + begin * states_.size() / job_.count,
            W_.empty() ? nullptr : W_.data() + begin * W_.size() / job_.count,
            accepted_.data() + begin,
            rejected_.data() + begin,
            status_.data() + begin,
            ended_.data() + begin,
            event_times_.data() + events,
            event_counts_.data() + events,
            next_.empty() ? nullptr : next_.data() + begin};
  }
  void finished(uint64_t, int64_t, const PathRows&) override {}

  // Bit for bit.
  bool same(const AllRows& other) const {
    return states_ == other.states_ && W_ == other.W_ && accepted_ == other.accepted_ && rejected_ == other.rejected_ &&
           status_ == other.status_ && bytes(ended_) == bytes(other.ended_) &&
           bytes(event_times_) == bytes(other.event_times_) && event_counts_ == other.event_counts_ &&
           bytes(next_) == bytes(other.next_);
  }
  uint64_t count(PathStatus status) const {
    return static_cast<uint64_t>(std::count(status_.begin(), status_.end(), static_cast<uint8_t>(status)));
  }
  uint64_t rejected() const {
    uint64_t all = 0;
    for (uint32_t one : rejected_) all += one;
    return all;
  }
  // What a later run is told of them.
  const Numbers& ended() const { return ended_; }
  const std::vector<paths::Next>& next() const { return next_; }
  const std::vector<uint8_t>& status() const { return status_; }
  Numbers attempts() const {
    Numbers all(job_.count);
    for (size_t i = 0; i < all.size(); ++i) all[i] = accepted_[i] + rejected_[i];
    return all;
  }
  Numbers last_states() const {  // of jobs in float64 that save once
    Numbers all(states_.size() / sizeof(double));
    std::memcpy(all.data(), states_.data(), states_.size());
    return all;
  }

 private:
  size_t size_of(int width) const {
    return job_.count * static_cast<size_t>(job_.save_count * width) * (job_.float64 ? sizeof(double) : sizeof(float));
  }
  template <class T>
  static std::string bytes(const std::vector<T>& of) {
    return std::string(reinterpret_cast<const char*>(of.data()), of.size() * sizeof(T));
  }

  const PathJob& job_;
  std::vector<char> states_, W_;
  std::vector<uint32_t> accepted_, rejected_;
  std::vector<uint8_t> status_;
  Numbers ended_, event_times_;
  std::vector<uint32_t> event_counts_;
  std::vector<paths::Next> next_;
};

const std::atomic<bool> never = false;

// What the CPU makes of a job, after all devices made the same of it.
AllRows everywhere(const PathJob& job, KeptOfPaths keeps = {true, true}) {
  AllRows expected(job, keeps);
  run_paths_on_cpu(job, 2, expected, never);
  for (const TestDevice& device : devices()) {
    AllRows got(job, keeps);
    run_paths_on_device(*device.api, device.index, job, keeps, 2, got, never);
    INFO(device.name, ", ", words<PathSolverKind>[static_cast<size_t>(job.solver)], job.float64 ? " 64" : " 32",
         job.steps > 0 ? " equal" : " free");
    CHECK(got.same(expected));
  }
  return expected;
}

const Expression x = state(0), y = state(1), t = time();

// An oscillator with noise, which every solver steps; and what the ones for any noise step.
const Sde& oscillator() {
  static const Sde sde{{y, -4 * x - 0.5 * y + cos(2 * t)}, {{0}, {0.9 + 0.1 * t}}};
  return sde;
}
const Sde& any_noise() {
  static const Sde sde{{-x + 0.5 * y, 0.2 * x - 0.8 * y + sin(t)}, {{0.3 * x + 0.2 * y, 0.1 * x}, {0.1 * y, 0.4 * x}}};
  return sde;
}

const Numbers x0 = {0.7, -0.4};

PathJob job_of(const Sde& sde, PathSolverKind solver, uint64_t count = 5) {
  PathJob job = equal_steps(solver, 6);
  job.equations = sde.equations;
  job.cells = 6;
  job.seed = 11;
  job.first = 3;
  job.count = count;
  job.x0 = x0.data();
  job.saves = &job.t1;
  return job;
}

void adapt(PathJob& job) {
  job.steps = job.cells = 0;
  job.control = {.rtol = 1e-2,
                 .atol = 1e-3,
                 .norm = Norm::rms,
                 .h0 = 0.3,
                 .h_max = 1,
                 .safety = 0.9,
                 .factor_min = 0.2,
                 .factor_max = 5,
                 .p_now = 0.6,
                 .p_before = 0.1,
                 .p_earlier = 0,
                 .max_steps = 1000};
}

bool estimates_error(PathSolverKind solver) {
  return cpu::kernels().paths->facts[static_cast<size_t>(solver)].estimates_error;
}

}  // namespace

TEST_CASE("cuda: every path solver has the CPU's bits, with equal steps and with steps of its own") {
  const double in_lockstep[] = {0.5, 1.0}, between[] = {0.4321, 1.0};
  for (size_t k = 0; k < words<PathSolverKind>.size(); ++k) {
    const auto solver = static_cast<PathSolverKind>(k);
    for (const Sde* sde : {&oscillator(), &any_noise()}) {
      const bool langevin = solver == PathSolverKind::baoab || solver == PathSolverKind::align;
      if (langevin && sde == &any_noise()) continue;
      for (bool float64 : {true, false}) {
        PathJob job = job_of(*sde, solver);
        job.float64 = float64;
        job.saves = in_lockstep;
        job.save_count = 2;
        everywhere(job);
        job.saves = between;
        everywhere(job);
        if (!estimates_error(solver)) continue;
        adapt(job);
        everywhere(job);
      }
    }
  }
}

TEST_CASE("cuda: a step of several cells, and cells of several steps, have the CPU's bits") {
  for (bool float64 : {true, false}) {
    for (auto solver : {PathSolverKind::euler_maruyama, PathSolverKind::sra1}) {
      PathJob job = job_of(oscillator(), solver);
      job.float64 = float64;
      job.cells = 18;
      everywhere(job);
      adapt(job);
      if (!estimates_error(solver)) continue;
      job.cells = 4;
      everywhere(job);
    }
  }
}

TEST_CASE("cuda: rejected steps, starts of their own and a path alone have the CPU's bits") {
  PathJob job = job_of(any_noise(), PathSolverKind::heun, 40);
  adapt(job);
  job.control.norm = Norm::max;
  Numbers starts(80);
  for (size_t i = 0; i < starts.size(); ++i) starts[i] = std::cos(static_cast<double>(i));
  job.x0 = starts.data();
  job.x0_by_path = true;
  CHECK(everywhere(job).rejected() > 40);
  job.count = 1;
  everywhere(job);
  job.control.max_steps = 3;
  CHECK(everywhere(job).count(PathStatus::max_steps) == 1);
}

TEST_CASE("cuda: events and domains have the CPU's bits") {
  const Program up = program_of({x - 0.71, 0.1 + 0 * x}, 2), down = program_of({y + 1.5, 0.05 + 0 * x}, 2);
  const Program domain = program_of({operation(Op::less, y, 0.9 + 0 * x)}, 2);
  for (uint64_t steps : {0, 12}) {
    PathJob job = job_of(oscillator(), PathSolverKind::heun, 60);
    adapt(job);
    job.steps = job.cells = steps;
    const double saves[] = {0.2, 0.55, 1.0};
    job.saves = saves;
    job.save_count = 3;
    const paths::Event events[] = {{up.view(), 1, false}, {down.view(), -1, true}};
    job.events = events;
    job.event_count = 2;
    job.equations.domain = domain.view();
    const AllRows rows = everywhere(job);
    CHECK(rows.count(PathStatus::event) > 0);
    CHECK(rows.count(PathStatus::success) > 0);
  }
}

TEST_CASE("cuda: parameters that differ by path have the CPU's bits") {
  // dx = -k x dt + k dW
  auto op = [](Op op) { return static_cast<int32_t>(op); };
  const std::vector<int32_t> drift_code = {op(Op::mul), 0, 4, 0, 2, 0, op(Op::neg), 0, 3, 4, 0, 0};
  const std::vector<int32_t> diffusion_code = {op(Op::copy), 0, 3, 2, 0, 0};
  const Program drift = read_program({drift_code, {}, 1, 5}, 1, 1),
                diffusion = read_program({diffusion_code, {}, 1, 4}, 1, 1);
  const paths::Entry entry{0, 0};
  PathJob job = job_of(oscillator(), PathSolverKind::euler_maruyama, 7);
  job.equations = {};
  job.equations.states = job.equations.noises = job.equations.params = 1;
  job.equations.drift = drift.view();
  job.equations.diffusion = diffusion.view();
  job.equations.entries = {&entry, 1};
  const Numbers k = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7};
  const double* params[] = {k.data()};
  job.params = params;
  everywhere(job);
}

TEST_CASE("cuda: a path that leaves the numbers ends alone, as on the CPU") {
  PathJob job = job_of(any_noise(), PathSolverKind::heun, 9);
  Numbers starts(18, 0.3);
  starts[8] = 1e308;
  job.x0 = starts.data();
  job.x0_by_path = true;
  CHECK(everywhere(job).count(PathStatus::non_finite) == 1);
  adapt(job);
  CHECK(everywhere(job).count(PathStatus::success) == 8);
}

TEST_CASE("cuda: paths of several waves, and sums over them, have the CPU's bits") {
  PathJob job = job_of(any_noise(), PathSolverKind::euler_maruyama, 2500);  // an emulated device holds 2048
  job.steps = job.cells = 2;
  everywhere(job, {false, false});
  paths::ReductionSpec spec;
  spec.functions = 2;
  spec.covariance = spec.quantiles = true;
  auto reduced = [&] { return Reducer(job, spec, {program_of({x * y}, 2), program_of({x}, 2)}, {}); };
  auto expected = reduced();
  run_paths_on_cpu(job, 2, expected, never);
  for (const TestDevice& device : devices()) {
    auto got = reduced();
    run_paths_on_device(*device.api, device.index, job, {false, false}, 2, got, never);
    const paths::Summary &a = got.summaries()[0], &b = expected.summaries()[0];
    CHECK(a.count == 2500);
    CHECK(a.mean == b.mean);
    CHECK(a.products == b.products);
    CHECK(a.sketches[0].quantile(0.3) == b.sketches[0].quantile(0.3));
    CHECK(got.ended() == expected.ended());
  }
}

TEST_CASE("cuda: paths go on from an earlier run to the CPU's bits") {
  for (bool equal : {true, false}) {
    PathJob job = job_of(any_noise(), PathSolverKind::heun, 6);
    if (!equal) adapt(job);
    const AllRows begun = everywhere(job);
    const Numbers ends = begun.last_states(), attempts = begun.attempts();
    PathJob later = job;
    later.t0 = 1;
    later.t1 = 2;
    later.saves = &later.t1;
    later.x0 = ends.data();
    later.x0_by_path = true;
    later.earlier.step = later.earlier.cell = 1.0 / 6;
    later.earlier.steps = job.steps;
    later.earlier.cells = job.cells;
    later.earlier.attempts = attempts.data();
    later.earlier.next = begun.next().data();
    std::vector<uint8_t> status = begun.status();
    status[2] = static_cast<uint8_t>(PathStatus::left_domain);
    status[4] = static_cast<uint8_t>(PathStatus::event);
    later.earlier.status = status.data();
    later.earlier.ended = begun.ended().data();
    const AllRows rows = everywhere(later);
    CHECK(rows.count(PathStatus::left_domain) == 1);
    CHECK(rows.count(PathStatus::success) == 4);
  }
}

TEST_CASE("cuda: a job over paths that is stopped ends soon, and what was not finished says so") {
  PathJob job = job_of(any_noise(), PathSolverKind::euler_maruyama, 40);
  job.steps = job.cells = uint64_t{1} << 40;
  for (const TestDevice& device : devices()) {
    std::atomic<bool> stop = false;
    AllRows rows(job, {false, false});
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      stop = true;
    });
    run_paths_on_device(*device.api, device.index, job, {false, false}, 1, rows, stop);
    stopper.join();
    CHECK(rows.count(PathStatus::unfinished) == 40);
  }
}

TEST_CASE("cuda: what a sink of paths throws, what is no program, and where memory ends, is told") {
  struct Thrower final : PathSink {
    PathRows rows(uint64_t, int64_t) override { throw Error("ERR_SDE_TEST", "no room"); }
    void finished(uint64_t, int64_t, const PathRows&) override {}
  };
  PathJob job = job_of(any_noise(), PathSolverKind::heun);
  for (const TestDevice& device : devices()) {
    Thrower thrower;
    CHECK_THROWS_WITH_AS(run_paths_on_device(*device.api, device.index, job, {}, 1, thrower, never), "no room", Error);
    AllRows rows(job, {});
    PathJob elsewhere = job;
    elsewhere.equations.drift = {};  // something else than a program answers
    CHECK_THROWS_AS(run_paths_on_device(*device.api, device.index, elsewhere, {}, 1, rows, never), Error);
    if (!device.emulated) continue;
    setenv("FAST_SDE_EMULATED_MEMORY", "4096", 1);
    std::string code;
    try {
      run_paths_on_device(*device.api, device.index, job, {}, 1, rows, never);
    } catch (const Error& error) {
      code = error.code;
    }
    unsetenv("FAST_SDE_EMULATED_MEMORY");
    CHECK(code == error_code::out_of_memory);
  }
}
