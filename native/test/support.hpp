// What several tests need: runs whose samples are kept, and the tail of the normal law.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/mixture_score.hpp"
#include "../shell/cpu/run.hpp"
#include "../shell/cpu/slots.hpp"
#include "../solver/adaptive.hpp"

namespace fast_sde::test {

// Keeps every sample and its figures, by position.
class Collector final : public Sink {
 public:
  Collector(uint64_t count, int64_t elements) : elements_(elements), samples(count * elements), stats(count) {}
  void steps(const StepRecord* some, int64_t count) override { records.insert(records.end(), some, some + count); }
  void finished(const SampleStats& of, const float* x) override {
    REQUIRE(of.position < stats.size());
    stats[of.position] = of;
    std::copy_n(x, elements_, samples.begin() + static_cast<int64_t>(of.position) * elements_);
  }

 private:
  int64_t elements_;

 public:
  std::vector<float> samples;
  std::vector<SampleStats> stats;
  std::vector<StepRecord> records;  // where the job keeps trajectories
};

// A score that is a function of one row, called in order.
class FunctionScore final : public ScoreSession {
 public:
  using Function = std::function<void(const ScoreBatch&, int64_t row, const float* x, float* answer)>;
  explicit FunctionScore(Function function) : function_(std::move(function)) {}
  void evaluate(const ScoreBatch& batch, float* answers) override {
    for (int64_t row = 0; row < batch.rows; ++row) {
      function_(batch, row, batch.x + row * batch.elements, answers + row * batch.elements);
    }
  }

 private:
  Function function_;
};

// SDE-DPM-Solver++ (2M) (Lu et al., arXiv:2211.01095) with steps equal in ln(alpha / sigma): the data prediction D of
// the middle of a step is extrapolated from the last two, and the rest of the reverse SDE is solved exactly. A little
// of the third difference is added, so that every prediction which is kept counts.
inline std::vector<Evaluation> extrapolating_plan(const Problem& problem, uint32_t steps) {
  const double first = log_snr(schedule_at(problem.schedule, problem.t_start));
  const double last = log_snr(schedule_at(problem.schedule, problem.t_end));
  std::vector<Evaluation> plan(steps);
  double t = problem.t_start;
  for (uint32_t k = 0; k < steps; ++k) {
    const double wanted = first + (last - first) * (k + 1) / steps;
    const double next = k + 1 == steps ? problem.t_end : time_of_log_snr(problem.schedule, wanted, problem.t_end, t);
    const ScheduleAt from = schedule_at(problem.schedule, t), to = schedule_at(problem.schedule, next);
    const double shrink = from.alpha * to.sigma / (from.sigma * to.alpha);
    plan[k].t = t;
    plan[k].step_end = next;
    plan[k].ends = 1;
    plan[k].of_request = to.sigma / from.sigma * shrink;
    const double of_data = to.alpha * (1 - shrink * shrink);
    const std::array<double, 4> weights =
        k >= 3 ? std::array{1.51, -0.53, 0.03, -0.01} : std::array{1.0, 0.0, 0.0, 0.0};
    for (size_t i = 0; i < weights.size(); ++i) plan[k].of_data[i] = weights[i] * of_data;
    plan[k].of_noise = to.sigma * to.sigma / to.alpha;
    plan[k].length = clock_at(Clock::snr, problem.schedule, next) - clock_at(Clock::snr, problem.schedule, t);
    t = next;
  }
  return plan;
}

// A sampler with `steps` steps where it takes that option, and the numbers of the paper where it takes those.
inline void use_solver(Problem& problem, SolverKind kind, uint32_t steps = 25) {
  const SolverFacts& solver = cpu::kernels().of(kind).facts;
  problem.solver = kind;
  for (int i = 0; i < solver.number_count; ++i) {
    const std::string name = solver.numbers[i];
    problem.numbers[i] = name == "steps"    ? steps
                         : name == "h0"     ? 0.01
                         : name == "rtol"   ? 0.04
                         : name == "atol"   ? 0.0078
                         : name == "spread" ? 1.0
                                            : 0.9;
  }
  problem.steps = steps;
  static std::deque<std::vector<Evaluation>> plans;  // as long as any problem
  if (solver.stepping == Stepping::planned) {
    const std::vector<Evaluation>& plan = plans.emplace_back(extrapolating_plan(problem, steps));
    problem.plan = {plan.data(), static_cast<uint32_t>(plan.size()), depth_of(plan.data(), plan.size())};
  }
}

inline void use_vp(Problem& problem) {
  problem.schedule.kind = ScheduleKind::vp;
  problem.schedule.lowest = 0.1;
  problem.schedule.highest = 20;
  problem.t_start = 1;
  problem.t_end = 1e-3;
  problem.prior_std = 1;
}

inline void use_ve(Problem& problem) {
  problem.schedule.kind = ScheduleKind::ve;
  problem.schedule.lowest = 0.01;
  problem.schedule.highest = 50;
  problem.t_start = 1;
  problem.t_end = 1e-5;
  problem.prior_std = 50;
}

// Every sampler there is.
inline std::vector<SolverKind> all_solvers() {
  std::vector<SolverKind> all;
  for (size_t i = 0; i < words<SolverKind>.size(); ++i) all.push_back(static_cast<SolverKind>(i));
  return all;
}

// Exact scores under VP, at the paper's tolerance.
inline Problem vp_problem(int64_t elements, SolverKind kind = SolverKind::adaptive, uint32_t steps = 25) {
  Problem problem;
  use_vp(problem);
  problem.tolerance = {0.05f, 0.0078f, Scale::max, Norm::rms};
  problem.final_denoise = true;
  problem.seed = 7;
  problem.elements = elements;
  use_solver(problem, kind, steps);
  return problem;
}

inline JobOptions vp_job(int64_t elements, uint64_t count) {
  JobOptions options;
  options.problem = vp_problem(elements);
  options.count = count;
  options.batch = 32;
  return options;
}

// Two modes, far enough apart for rejections.
inline MixtureScore two_components(int64_t n) {
  std::vector<float> means(2 * n, 0.5f);
  for (int64_t i = 0; i < n; ++i) means[n + i] = i % 3 == 0 ? -0.7f : 0.1f;
  return MixtureScore({0.3, 0.7}, means, {0.01, 0.04});
}

inline MixtureScore gaussian(int64_t elements, float mean, double variance) {
  return MixtureScore({1.0}, std::vector<float>(elements, mean), {variance});
}

inline std::unique_ptr<ScoreSession> open(ScoreModel& model, const JobOptions& options) {
  SessionOptions session;
  session.elements = options.problem.elements;
  session.max_rows = options.batch;
  session.threads = options.threads;
  return model.open(session);
}

inline Collector collect(const JobOptions& options, ScoreSession& score, Totals* totals = nullptr) {
  Collector sink(options.count, options.problem.elements);
  Totals figures = run_on_cpu(options, score, sink, std::atomic<bool>(false));
  if (totals != nullptr) *totals = figures;
  return sink;
}

inline Collector collect(const JobOptions& options, ScoreModel& model, Totals* totals = nullptr) {
  auto session = open(model, options);
  return collect(options, *session, totals);
}

inline Status status_of(const SampleStats& stats) { return static_cast<Status>(stats.status); }

// As collect, where every sample has to succeed.
template <class Score>
Collector collect_all(const JobOptions& options, Score& score) {
  Collector got = collect(options, score);
  for (const SampleStats& stats : got.stats) REQUIRE(status_of(stats) == Status::success);
  return got;
}

// |got - expected| <= share |expected|. (doctest's Approx allows share (1 + |expected|), far too much for small
// numbers.)
inline bool within(double got, double expected, double share) {
  return std::fabs(got - expected) <= share * std::fabs(expected);
}

struct Moments {
  double mean = 0, variance = 0;
};

template <class Values>
Moments moments(const Values& values) {
  double sum = 0, squares = 0;
  for (double v : values) sum += v;
  double mean = sum / static_cast<double>(values.size());
  for (double v : values) squares += (v - mean) * (v - mean);
  return {mean, squares / static_cast<double>(values.size() - 1)};
}

inline double mean_evaluations(const Collector& run) {
  double sum = 0;
  for (const SampleStats& stats : run.stats) sum += stats.evaluations;
  return sum / static_cast<double>(run.stats.size());
}

inline double rejected_share(const Collector& run) {
  double rejected = 0, tried = 0;
  for (const SampleStats& stats : run.stats) {
    rejected += stats.rejected;
    tried += stats.rejected + stats.accepted;
  }
  return rejected / tried;
}

}  // namespace fast_sde::test
