// A device gives the CPU's bits: noise, updates, norms, decisions, whole runs, for rows a block holds, rows a cluster
// holds, and longer ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "devices.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

// The same steps of each sample; those of different samples may come in any order.
bool same_steps(const Collector& a, const Collector& b) {
  auto sorted = [](std::vector<StepRecord> steps) {
    std::stable_sort(steps.begin(), steps.end(),
                     [](const StepRecord& x, const StepRecord& y) { return x.position < y.position; });
    return steps;
  };
  const std::vector<StepRecord> x = sorted(a.records), y = sorted(b.records);
  if (x.size() != y.size() || x.empty()) return false;
  return std::memcmp(x.data(), y.data(), x.size() * sizeof(StepRecord)) == 0;
}

// What the device is told to do is done by the CPU too.
void check_same(const JobOptions& options, ScoreModel& score) {
  const Collector expected = collect(options, score);
  for (const TestDevice& device : devices()) {
    INFO(device.name, ", n = ", options.problem.elements);
    const Collector got = collect_on(device, options, score);
    CHECK(same_bits(got, expected));
    if (options.trajectory) CHECK(same_steps(got, expected));
  }
}

// An emulated device is slow: there, and under a sanitizer's eyes, long rows are tried once and for a few evaluations.
bool quick() { return devices().back().emulated || std::getenv("FAST_SDE_GPU_QUICK") != nullptr; }

}  // namespace

TEST_CASE("cuda: normals have the CPU's bits") {
  for (const TestDevice& device : devices()) {
    for (int64_t count : {1, 3, 4, 5, 1023, 1024, 1025, 5000}) {
      std::vector<float> expected(count), got(count);
      cpu::kernels().normals(42, (uint64_t{1} << 40) + 3, 9, expected.data(), count);
      fast_sde_error error{};
      REQUIRE(device.api->normals(device.index, 42, (uint64_t{1} << 40) + 3, 9, got.data(), count, &error) ==
              FAST_SDE_OK);
      INFO(device.name);
      CHECK(std::memcmp(got.data(), expected.data(), count * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("cuda: whole runs have the CPU's bits, for every row length a block takes") {
  for (int64_t n : {1, 2, 3, 4, 5, 784, 1023, 1024, 1025, 3072}) {
    MixtureScore score = two_components(n);
    JobOptions options = vp_job(n, n < 100 ? 5 : 3);
    options.batch = 2;
    options.problem.tolerance.rtol = n < 100 ? 0.1f : 0.5f;
    options.problem.tolerance.norm = n % 2 == 0 ? Norm::rms : Norm::max;
    options.problem.tolerance.scale = n % 3 == 0 ? Scale::sum : Scale::max;
    options.trajectory = true;
    check_same(options, score);
  }
}

TEST_CASE("cuda: long rows have the CPU's bits, in clusters and in two passes") {
  for (int64_t n : {4096, 4097, 8192, 12289, 32768, 32772}) {
    MixtureScore score = two_components(n);
    JobOptions options = vp_job(n, 3);
    options.batch = 2;
    options.problem.tolerance.rtol = 0.3f;
    options.problem.max_evaluations = quick() ? 8 : 0;
    check_same(options, score);
  }
}

TEST_CASE("cuda: the largest rows have the CPU's bits") {
  for (int64_t n : {196608, 3 * 1024 * 1024}) {
    MixtureScore score = gaussian(n, 0.1f, 0.25);
    JobOptions options = vp_job(n, 1);
    options.problem.max_evaluations = n < 1000000 ? 5 : 2;
    options.problem.tolerance.rtol = n < 1000000 ? 0.001f : 1;  // a rejection among them
    check_same(options, score);
  }
}

TEST_CASE("cuda: rejections, noise policies and endings have the CPU's bits") {
  for (int64_t n : {2, 5, 4100}) {
    for (Noise noise : {Noise::bridge, Noise::redraw, Noise::retain}) {
      MixtureScore score = two_components(n);
      JobOptions options = vp_job(n, n < 100 ? 4 : 2);
      options.batch = 3;
      options.first = 77;
      options.problem.noise = noise;
      options.problem.tolerance.rtol = 0.01f;
      options.problem.numbers[Adaptive::h0] = 0.5;  // refused several times over
      options.problem.max_evaluations = n < 100 ? 120 : 12;
      options.problem.final_denoise = noise != Noise::redraw;
      const Collector expected = collect(options, score);
      CHECK(rejected_share(expected) > 0);
      check_same(options, score);
    }
  }
}

TEST_CASE("cuda: every sampler has the CPU's bits") {
  for (int64_t n : {1, 6, 1500, 9000}) {
    for (SolverKind solver : all_solvers()) {
      const bool denoise = n != 6;
      MixtureScore score = two_components(n);
      JobOptions options = vp_job(n, n < 2000 ? 7 : 4);
      options.batch = 3;
      options.problem.max_evaluations = n < 2000 ? 40 : 8;
      use_solver(options.problem, solver, n < 2000 ? 13 : 4);
      options.problem.final_denoise = denoise;
      check_same(options, score);
    }
  }
}

TEST_CASE("cuda: every schedule and prediction has the CPU's bits") {
  const std::vector<double> edges = {0, 0.3, 1};
  const std::vector<double> cubics = {1,   -0.2, 0,    0, 0.1, 0.3,  0.01, 0, -0.5, -1, 0.1, 0, 0.6, 0.9, 0.05, 0,
                                      0.8, -0.7, 0.05, 0, 0.4, 0.55, 0.02, 0, -1.4, -2, 0.2, 0, 1.5, 2.0, 0.1,  0};
  for (ScheduleKind kind : {ScheduleKind::vp, ScheduleKind::sub_vp, ScheduleKind::ve, ScheduleKind::table}) {
    JobOptions options = vp_job(10, 3);
    options.batch = 2;
    Problem& problem = options.problem;
    problem.schedule.kind = kind;
    problem.tolerance.rtol = 0.2f;
    problem.max_evaluations = 60;
    if (kind == ScheduleKind::ve) {
      use_ve(problem);
    } else if (kind == ScheduleKind::table) {
      problem.schedule.edges = edges.data();
      problem.schedule.cubics = cubics.data();
      problem.schedule.pieces = 2;
    }
    MixtureScore score = two_components(10);
    // The mixture answers with a score whatever it is taken for: what counts is that both sides take it alike.
    for (Prediction predicts : {Prediction::score, Prediction::noise, Prediction::denoised, Prediction::velocity}) {
      problem.predicts = predicts;
      check_same(options, score);
    }
  }
}

TEST_CASE("cuda: any number of slots gives the same samples, refilled and compacted") {
  MixtureScore score = two_components(3);
  JobOptions options = vp_job(3, 40);
  use_solver(options.problem, SolverKind::euler_maruyama, 6);
  options.batch = 32;
  const Collector expected = collect(options, score);
  for (const TestDevice& device : devices()) {
    for (int64_t batch : {1, 7, 33, 1000}) {
      for (bool pad : {false, true}) {
        if (pad && batch == 1000) continue;
        options.batch = batch;
        options.pad_batch = pad;
        Totals totals;
        CHECK(same_bits(collect_on(device, options, score, &totals), expected));
        uint64_t useful = 0;
        for (const SampleStats& stats : expected.stats) useful += stats.evaluations;
        CHECK(totals.network_rows >= useful);
        if (pad) CHECK(totals.network_rows == totals.network_calls * static_cast<uint64_t>(batch));
      }
    }
  }
}

TEST_CASE("cuda: starting points of one's own are used as they are") {
  for (int64_t n : {3, 8}) {
    std::vector<float> initial(6 * n);
    for (size_t i = 0; i < initial.size(); ++i) initial[i] = std::sin(static_cast<float>(i));
    MixtureScore score = two_components(n);
    JobOptions options = vp_job(n, 6);
    options.batch = 2;
    options.initial = initial.data();
    options.problem.tolerance.rtol = 0.3f;
    check_same(options, score);
  }
}

TEST_CASE("cuda: a sample that fails leaves the others as they are") {
  for (int64_t n : {5, 8}) {
    std::vector<float> initial(5 * n, 0.25f);
    initial[2 * n + 1] = HUGE_VALF;
    MixtureScore score = two_components(n);
    JobOptions options = vp_job(n, 5);
    options.batch = 2;
    options.initial = initial.data();
    options.problem.tolerance.rtol = 0.3f;
    const Collector expected = collect(options, score);
    CHECK(status_of(expected.stats[2]) == Status::non_finite);
    CHECK(status_of(expected.stats[3]) == Status::success);
    check_same(options, score);
  }
}

TEST_CASE("cuda: samples in flight count in the progress by how far they have come") {
  struct Reports final : Sink {
    std::vector<Progress> all;
    void finished(const SampleStats&, const float*) override {}
    void progress(const Progress& report) override { all.push_back(report); }
  };
  MixtureScore score = two_components(2);
  JobOptions options = vp_job(2, 3);
  use_solver(options.problem, SolverKind::euler_maruyama, 200);
  const int64_t shape[] = {2};
  SessionOptions session;
  session.shape = shape;
  session.rank = 1;
  session.elements = 2;
  for (const TestDevice& device : devices()) {
    INFO(device.name);
    Reports sink;
    run_on_device(*device.api, device.index, options, session, score, sink, std::atomic<bool>(false));
    // All three end in the same pass: what is told before that is of samples in flight.
    size_t in_flight = 0;
    double before = 0;
    for (const Progress& report : sink.all) {
      CHECK(report.fraction >= before);
      CHECK(report.fraction <= 1);
      if (report.finished == 0 && report.fraction > before) ++in_flight;
      before = report.fraction;
    }
    CHECK(in_flight > 10);
    CHECK(before == 1);
    CHECK(sink.all.back().finished == 3);
  }
}
