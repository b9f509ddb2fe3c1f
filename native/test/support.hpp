// What several tests need: runs whose samples are kept, and the tail of the normal law.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <vector>

#include "../engine/run.hpp"
#include "../score/mixture.hpp"

namespace fast_sde::test {

// Keeps every sample and its figures, by position.
class Collector final : public Sink {
 public:
  Collector(uint64_t count, int64_t elements) : elements_(elements), samples(count * elements), stats(count) {}
  void finished(const SampleStats& of, const float* x) override {
    stats[of.position] = of;
    std::copy_n(x, elements_, samples.begin() + static_cast<int64_t>(of.position) * elements_);
  }

 private:
  int64_t elements_;

 public:
  std::vector<float> samples;
  std::vector<SampleStats> stats;
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

inline RunOptions vp_run(int64_t elements, uint64_t count) {
  RunOptions options;
  options.problem.elements = elements;
  options.problem.seed = 7;
  options.count = count;
  return options;
}

inline MixtureScore gaussian(int64_t elements, float mean, double variance) {
  return MixtureScore({1.0}, std::vector<float>(elements, mean), {variance});
}

inline std::unique_ptr<ScoreSession> open(ScoreModel& model, const RunOptions& options) {
  SessionOptions session;
  session.elements = options.problem.elements;
  session.max_rows = options.batch;
  session.threads = options.threads;
  return model.open(session);
}

inline Collector collect(const RunOptions& options, ScoreSession& score, const Observer& observer = nullptr,
                         Totals* totals = nullptr) {
  Collector sink(options.count, options.problem.elements);
  Totals figures = run(options, score, sink, std::atomic<bool>(false), observer);
  if (totals != nullptr) *totals = figures;
  return sink;
}

inline Collector collect(const RunOptions& options, ScoreModel& model, const Observer& observer = nullptr,
                         Totals* totals = nullptr) {
  auto session = open(model, options);
  return collect(options, *session, observer, totals);
}

// As collect, where every sample has to succeed.
template <class Score>
Collector collect_all(const RunOptions& options, Score& score, const Observer& observer = nullptr) {
  Collector got = collect(options, score, observer);
  for (const SampleStats& stats : got.stats) REQUIRE(stats.status == Status::success);
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
