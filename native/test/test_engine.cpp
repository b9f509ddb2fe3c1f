// Slots, refill, counts, failures: what the engine promises whatever the score.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <vector>

#include "allocations.hpp"
#include "support.hpp"

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

MixtureScore three_modes() { return MixtureScore({1, 2, 1}, {-1, 0.5, 1, -0.5, 0, 0.9f}, {0.01, 0.04, 0.002}); }

// One row of a batch, answered by another score.
void answer_row(ScoreSession& score, const ScoreBatch& batch, int64_t row, const float* x, float* answer) {
  ScoreBatch one = batch;
  one.rows = 1;
  one.x = x;
  one.alpha += row;
  one.sigma += row;
  score.evaluate(one, answer);
}

bool same(const Collector& a, const Collector& b) {
  if (a.samples != b.samples) return false;
  for (size_t k = 0; k < a.stats.size(); ++k) {
    if (a.stats[k].evaluations != b.stats[k].evaluations || a.stats[k].rejected != b.stats[k].rejected) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("sample k has the same bits for any batch, thread count, and company") {
  MixtureScore score = three_modes();
  JobOptions options = vp_job(2, 100);
  options.batch = 64;
  Collector expected = collect(options, score);
  for (int64_t batch : {1, 7, 64, 1000}) {
    for (int threads : {1, 2, 5}) {
      for (bool pad : {false, true}) {
        options.batch = batch;
        options.threads = threads;
        options.pad_batch = pad;
        CHECK(same(collect(options, score), expected));
      }
    }
  }
  JobOptions alone = vp_job(2, 1);
  for (uint64_t k : {0, 41, 99}) {
    alone.first = k;
    Collector one = collect(alone, score);
    CHECK(one.samples[0] == expected.samples[2 * k]);
    CHECK(one.samples[1] == expected.samples[2 * k + 1]);
  }
}

TEST_CASE("large rows over several threads have the bits of one thread") {
  // Enough work a pass for the pool to be woken.
  MixtureScore score = gaussian(3072, 0.2f, 0.25);
  JobOptions options = vp_job(3072, 24);
  options.problem.tolerance.rtol = 0.3f;
  options.batch = 16;
  options.threads = 1;
  Collector expected = collect(options, score);
  options.threads = 2;
  CHECK(same(collect(options, score), expected));
}

TEST_CASE("evaluations are counted exactly, rejections and the final denoising included") {
  MixtureScore mixture = three_modes();
  for (SolverKind solver : all_solvers()) {
    for (bool denoise : {true, false}) {
      JobOptions options = vp_job(2, 20);
      use_solver(options.problem, solver, 25);
      options.problem.final_denoise = denoise;
      options.batch = 6;
      std::map<uint64_t, uint32_t> counted;
      uint64_t rows = 0, calls = 0;
      auto exact = open(mixture, options);
      FunctionScore counting([&](const ScoreBatch& batch, int64_t row, const float* x, float* answer) {
        calls += row == 0;
        ++rows;
        answer_row(*exact, batch, row, x, answer);
        // Padding rows repeat the sample of row 0.
        if (row == 0 || batch.positions[row] != batch.positions[0]) ++counted[batch.positions[row]];
      });
      Totals totals;
      Collector got = collect(options, counting, &totals);
      CHECK(totals.network_calls == calls);
      CHECK(totals.network_rows == rows);
      for (const SampleStats& stats : got.stats) {
        CHECK(status_of(stats) == Status::success);
        CHECK(stats.evaluations == counted[stats.position]);
        if (solver == SolverKind::adaptive_exponential) {  // its last evaluation denoises too
          CHECK(stats.evaluations == stats.accepted + 1);
          continue;
        }
        uint32_t steps = solver == SolverKind::adaptive ? 2 * stats.accepted + stats.rejected : stats.accepted;
        CHECK(stats.evaluations == steps + (denoise ? 1 : 0));
        if (cpu::kernels().of(solver).facts.stepping != Stepping::own) CHECK(stats.accepted == 25);
      }
    }
  }
}

TEST_CASE("a sample whose score is not a number fails alone") {
  for (SolverKind solver : all_solvers()) {
    for (Norm norm : {Norm::rms, Norm::max}) {
      MixtureScore mixture = gaussian(5, 0, 0.25);
      JobOptions options = vp_job(5, 12);
      use_solver(options.problem, solver, 20);
      options.problem.tolerance.norm = norm;
      options.batch = 4;
      Collector healthy = collect(options, mixture);
      auto exact = open(mixture, options);
      FunctionScore failing([&](const ScoreBatch& batch, int64_t row, const float* x, float* answer) {
        answer_row(*exact, batch, row, x, answer);
        if (batch.positions[row] == 5 && batch.time64[row] < 0.5) answer[3] = std::nanf("");
      });
      Collector got = collect(options, failing);
      for (uint64_t k = 0; k < 12; ++k) {
        CHECK(status_of(got.stats[k]) == (k == 5 ? Status::non_finite : Status::success));
        for (int i = 0; i < 5 && k != 5; ++i) CHECK(got.samples[5 * k + i] == healthy.samples[5 * k + i]);
      }
    }
  }
}

TEST_CASE("a limit on evaluations ends a sample with that status") {
  MixtureScore mixture = three_modes();
  JobOptions options = vp_job(2, 8);
  options.problem.max_evaluations = 30;
  Collector got = collect(options, mixture);
  for (const SampleStats& stats : got.stats) {
    CHECK(status_of(stats) == Status::max_evaluations);
    CHECK(stats.evaluations == 30);
  }
}

TEST_CASE("a score that defeats every step ends in step_underflow, not in an endless loop") {
  // Huge and of changing sign: no step is ever good enough.
  FunctionScore hostile([](const ScoreBatch& batch, int64_t row, const float* x, float* answer) {
    for (int64_t i = 0; i < batch.elements; ++i) {
      answer[i] = std::sin(1e6f * x[i]) > 0 ? 1e18f : -1e18f;
    }
    (void)row;
  });
  JobOptions options = vp_job(3, 4);
  options.problem.tolerance = {1e-6f, 1e-6f, Scale::max, Norm::rms};
  for (Noise noise : {Noise::bridge, Noise::redraw, Noise::retain}) {
    options.problem.noise = noise;
    Collector got = collect(options, hostile);
    for (const SampleStats& stats : got.stats) CHECK(status_of(stats) == Status::step_underflow);
  }
}

TEST_CASE("a first step that ends at t_end but for rounding is an arrival") {
  MixtureScore mixture = gaussian(3, 0, 0.25);
  JobOptions options = vp_job(3, 4);
  options.problem.t_end = 0.99;  // 1 - 0.99 > 0.01 in float64, and yet 1 - 0.01 == 0.99
  REQUIRE(1 - 0.99 > 0.01);
  options.problem.tolerance.rtol = 1;
  Collector got = collect(options, mixture);
  for (const SampleStats& stats : got.stats) {
    CHECK(status_of(stats) == Status::success);
    CHECK(stats.accepted == 1);
  }
}

TEST_CASE("a rejected step that does not shrink ends the sample instead of being tried for ever") {
  FunctionScore hostile([](const ScoreBatch& batch, int64_t, const float* x, float* answer) {
    for (int64_t i = 0; i < batch.elements; ++i) answer[i] = std::sin(1e6f * x[i]) > 0 ? 1e6f : -1e6f;
  });
  JobOptions options = vp_job(3, 2);
  options.problem.numbers[Adaptive::safety] = 1;
  options.problem.numbers[Adaptive::exponent] = 1e-17;
  Collector got = collect(options, hostile);
  for (const SampleStats& stats : got.stats) CHECK(status_of(stats) == Status::step_underflow);
}

TEST_CASE("steps of no length add no noise") {
  MixtureScore mixture = gaussian(3, 0, 0.25);
  JobOptions options = vp_job(3, 4);
  use_solver(options.problem, SolverKind::euler_maruyama, 1000);
  options.problem.t_end = 1 - 1e-13;  // fewer numbers in between than steps
  Collector first = collect(options, mixture), second = collect(options, mixture);
  CHECK(first.samples == second.samples);
  for (const SampleStats& stats : first.stats) CHECK(status_of(stats) == Status::success);
}

TEST_CASE("stopping reports what was in flight as unfinished") {
  MixtureScore mixture = three_modes();
  JobOptions options = vp_job(2, 50);
  options.batch = 8;
  std::atomic<bool> stop{false};
  struct Stopper final : Sink {
    explicit Stopper(std::atomic<bool>& stop_) : stop(stop_) {}
    void finished(const SampleStats& stats, const float*) override { ++seen[status_of(stats)]; }
    void progress(const Progress& p) override { stop = p.finished >= 10; }
    std::map<Status, int> seen;
    std::atomic<bool>& stop;
  } sink(stop);
  auto session = open(mixture, options);
  run_on_cpu(options, *session, sink, stop);
  CHECK(sink.seen[Status::success] >= 10);
  CHECK(sink.seen[Status::success] < 50);
  CHECK(sink.seen[Status::unfinished] == 8);
}

TEST_CASE("starting points of one's own are used as they are") {
  std::vector<float> initial = {0.5f, -2, 1, 3};
  JobOptions options = vp_job(2, 2);
  options.initial = initial.data();
  std::map<uint64_t, std::vector<float>> first;
  FunctionScore recording([&](const ScoreBatch& batch, int64_t row, const float* x, float* answer) {
    first.try_emplace(batch.positions[row], x, x + 2);
    for (int i = 0; i < 2; ++i) answer[i] = -x[i];
  });
  collect(options, recording);
  CHECK(first[0] == std::vector<float>{0.5f, -2});
  CHECK(first[1] == std::vector<float>{1, 3});
}

TEST_CASE("nothing is allocated after the first pass") {
  MixtureScore mixture = three_modes();
  JobOptions options = vp_job(2, 40);
  options.batch = 8;
  uint64_t after_first = 0, at_end = 0;
  struct Quiet final : Sink {
    void finished(const SampleStats&, const float*) override {}
  } sink;
  struct Watched final : ScoreSession {
    Watched(ScoreSession& exact_, uint64_t& first_, uint64_t& last_) : exact(exact_), first(first_), last(last_) {}
    void evaluate(const ScoreBatch& batch, float* answers) override {
      last = allocations();
      if (++calls == 2) first = last;
      exact.evaluate(batch, answers);
    }
    ScoreSession& exact;
    uint64_t &first, &last;
    int calls = 0;
  };
  auto session = open(mixture, options);
  Watched watched(*session, after_first, at_end);
  run_on_cpu(options, watched, sink, std::atomic<bool>(false));
  CHECK(after_first > 0);
  CHECK(at_end == after_first);
}

TEST_CASE("every step that was tried is told of, in order, and before its sample is finished") {
  MixtureScore mixture = three_modes();
  for (SolverKind solver : all_solvers()) {
    JobOptions options = vp_job(2, 30);
    use_solver(options.problem, solver);
    options.batch = 8;
    options.trajectory = true;
    const Collector got = collect_all(options, mixture);
    for (const SampleStats& stats : got.stats) {
      double t = options.problem.t_start;
      uint32_t accepted = 0, rejected = 0;
      for (const StepRecord& step : got.records) {
        if (step.position != stats.position) continue;
        CHECK(std::fabs(step.t - t) < 1e-12);
        CHECK(step.h > 0);
        CHECK((step.error > 1) == (step.accepted == 0));
        (step.accepted != 0 ? accepted : rejected) += 1;
        if (step.accepted != 0) t -= step.h;
      }
      CHECK(std::fabs(t - options.problem.t_end) < 1e-12);
      CHECK(accepted == stats.accepted);
      CHECK(rejected == stats.rejected);
    }
  }
}
