// One run of the engine on a thread of its own, with everything it leaves for a reader. Knows no JavaScript.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "../shell/cpu/run.hpp"
#include "callback_score.hpp"
#include "failure.hpp"
#include "tally.hpp"
#include "trajectory.hpp"

namespace fast_sde::node {

// What a job runs on. The pointers in `run` and `session` point into the vectors, or into arrays of the reader's, which
// outlive the thread.
struct JobSpec {
  JobOptions run;
  SessionOptions session;
  std::optional<int> device;          // a CUDA device; none: the CPU
  std::shared_ptr<ScoreModel> score;  // null: ask JavaScript
  std::vector<int64_t> shape;
  std::vector<double> edges, cubics;
  std::vector<Evaluation> evaluations;
};

// The reader's arrays, a row a sample, which outlive the thread. Null where the reader wants none.
struct Output {
  float* samples = nullptr;                                                   // [count, elements]
  uint32_t *evaluations = nullptr, *accepted = nullptr, *rejected = nullptr;  // [count]: all of these or none
  uint8_t* status = nullptr;                                                  // [count]
};

struct FinishedSample {
  SampleStats stats;
  std::vector<float> x;
};

struct Outcome {
  Tally tally;
  Totals totals;
  double solver_ms = 0;  // neither in the score nor waiting for the reader
  bool aborted = false;
  std::optional<Failure> failure;
};

class Job final : private Sink {
 public:
  // Finished samples go to `output.samples` or, where that is null, to a queue for take(). On the job's thread `wake`
  // says that there is something new to look at, and `ended` is the thread's last act.
  Job(JobSpec spec, Output output, std::function<void()> wake, std::function<void()> ended);
  ~Job() override;  // aborts and joins

  void start();  // once; throws std::system_error where no thread can be had
  void abort();
  void abandon();  // abort, and nobody will read what the job leaves
  void join();     // any thread, again and again

  const JobOptions& options() const { return spec_.run; }
  int64_t max_rows() const { return spec_.session.max_rows; }  // of a call
  Progress progress() const;
  std::optional<FinishedSample> take();
  CallbackScore* callback() { return callback_.get(); }  // null where the score is native
  const Outcome* outcome() const;                        // null while running, fixed afterwards
  Trajectory& trajectory() { return trajectory_; }       // the reader's once there is an outcome

 private:
  using Clock = std::chrono::steady_clock;

  void body();
  void queue(const SampleStats& stats, const float* x);
  void mark_unbegun();
  void finished(const SampleStats& stats, const float* x) override;
  void steps(const StepRecord* steps, int64_t count) override { trajectory_.add(steps, count); }
  void progress(const Progress& progress) override;

  const JobSpec spec_;
  const Output output_;
  const std::function<void()> wake_, ended_;
  const std::shared_ptr<CallbackScore> callback_;
  std::mutex joining_;
  std::thread thread_;
  std::atomic<bool> stop_ = false, abandoned_ = false;
  Clock::time_point next_wake_;     // progress is reported no earlier
  Clock::duration reader_wait_{0};  // time the engine waited for take()
  Tally tally_;                     // the job's thread's own until it is over, as is the next
  Trajectory trajectory_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable taken_;
  std::deque<FinishedSample> queue_;
  Progress progress_;
  Outcome outcome_;
  bool over_ = false;
};

}  // namespace fast_sde::node
