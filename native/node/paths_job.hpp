// A run of the path engine on a thread of its own. Knows no JavaScript.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "../shell/paths/run.hpp"
#include "failure.hpp"
#include "path_spec.hpp"

namespace fast_sde::node {

struct PathsOutcome {
  double total_ms = 0;
  bool aborted = false;
  std::optional<Failure> failure;
};

class PathsJob final : private PathSink {
 public:
  // On the job's thread `wake` says that there is something new to look at, and `ended` is the thread's last act.
  PathsJob(std::unique_ptr<PathSpec> spec, std::function<void()> wake, std::function<void()> ended);
  ~PathsJob() override;  // aborts and joins

  void start();  // once; throws std::system_error where no thread can be had
  void abort() { stop_ = true; }
  void abandon() { stop_ = true; }
  void join();  // any thread, again and again

  uint64_t count() const { return spec_->job.count; }
  uint64_t finished_paths() const { return finished_; }
  const PathsOutcome* outcome() const;  // null while running, fixed afterwards

 private:
  using Clock = std::chrono::steady_clock;

  void body();
  paths::PathRows rows(uint64_t begin, int64_t count) override;
  void finished(uint64_t begin, int64_t count, const paths::PathRows& rows) override;

  const std::unique_ptr<PathSpec> spec_;
  const std::function<void()> wake_, ended_;
  std::mutex joining_;
  std::thread thread_;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> finished_ = 0;
  std::atomic<Clock::rep> next_wake_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  PathsOutcome outcome_;
  bool over_ = false;
};

}  // namespace fast_sde::node
