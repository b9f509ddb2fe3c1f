// A run of the path engine on a thread of its own. Knows no JavaScript.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "../shell/paths/run.hpp"
#include "failure.hpp"
#include "path_spec.hpp"

namespace fast_sde::node {

struct PathsOutcome {
  double total_ms = 0;
  bool aborted = false;
  std::optional<Failure> failure;
};

// The steps of paths as they are kept: a list a path of t and then the states, again and again.
class KeptSteps final : public paths::PathTrace {
 public:
  KeptSteps(uint64_t paths, int states) : lists_(paths), states_(static_cast<size_t>(states)) {}
  void step(uint64_t position, double t, const double* x) override {
    std::vector<double>& list = lists_[position];
    list.push_back(t);
    list.insert(list.end(), x, x + states_);
  }
  const std::vector<std::vector<double>>& lists() const { return lists_; }

 private:
  std::vector<std::vector<double>> lists_;
  const size_t states_;
};

class PathsJob final : private PathSink {
 public:
  // On the job's thread `wake` says that there is something new to look at, and `ended` is the thread's last act.
  PathsJob(std::unique_ptr<PathSpec> spec, std::function<void()> wake, std::function<void()> ended);
  ~PathsJob() override;  // aborts and joins

  void start();  // once; throws std::system_error where no thread can be had
  void abort() {
    aborted_ = stop_ = true;
    handover_.stop();
  }
  void abandon() { abort(); }
  void join();  // any thread, again and again

  uint64_t count() const { return spec_->job.count; }
  uint64_t finished_paths() const { return finished_; }
  const PathsOutcome* outcome() const;                   // null while running, fixed afterwards
  CoefficientHandover& handover() { return handover_; }  // of functions that JavaScript answers
  // Of a job that is over, where it has them and there was memory for them.
  const PathSpec& spec() const { return *spec_; }
  const Reducer* reduced() const { return reducer_.get(); }
  const KeptSteps* steps() const { return steps_.get(); }

 private:
  using Clock = std::chrono::steady_clock;

  void body();
  void make_room();  // on the job's thread: it may be much
  paths::PathRows rows(uint64_t begin, int64_t count) override;
  void finished(uint64_t begin, int64_t count, const paths::PathRows& rows) override;

  const std::unique_ptr<PathSpec> spec_;
  const std::function<void()> wake_, ended_;
  CoefficientHandover handover_;
  std::optional<Coefficients> coefficients_;
  std::unique_ptr<Reducer> reducer_;
  std::unique_ptr<KeptSteps> steps_;
  std::mutex joining_;
  std::thread thread_;
  std::atomic<bool> stop_ = false, aborted_ = false;  // stop: aborted, or enough is known
  std::atomic<uint64_t> finished_ = 0;
  std::atomic<Clock::rep> next_wake_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  PathsOutcome outcome_;
  bool over_ = false;
};

}  // namespace fast_sde::node
