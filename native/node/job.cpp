#include "job.hpp"

#include <algorithm>
#include <limits>

#include "../device/cuda_plugin.hpp"
#include "../device/device_run.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "progress_interval.hpp"

namespace fast_sde::node {
namespace {

double milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Job::Job(JobSpec spec, Output output, std::function<void()> wake, std::function<void()> ended)
    : spec_(std::move(spec)),
      output_(output),
      wake_(std::move(wake)),
      ended_(std::move(ended)),
      callback_(spec_.score ? nullptr : std::make_shared<CallbackScore>(wake_)) {}

Job::~Job() {
  abandon();
  join();
}

void Job::start() {
  next_wake_ = Clock::now() + progress_interval;
  thread_ = std::thread([this] { body(); });
}

void Job::abort() {
  {
    std::lock_guard lock(mutex_);  // or the engine might miss it between its look at stop_ and its wait
    stop_ = true;
  }
  taken_.notify_one();
  if (callback_) callback_->stop();
}

void Job::abandon() {
  abandoned_ = true;
  abort();
}

void Job::join() {
  std::lock_guard lock(joining_);
  if (thread_.joinable()) thread_.join();
}

void Job::body() {
  auto begin = Clock::now();
  std::optional<Totals> totals;
  std::optional<Failure> failure;
  try {
    if (output_.status != nullptr) {
      std::fill_n(output_.status, spec_.run.count, static_cast<uint8_t>(Status::unfinished));
    }
    if (spec_.run.trajectory) trajectory_.open(spec_.run.count);
    ScoreModel& score = callback_ ? *callback_ : *spec_.score;
    JobOptions run = spec_.run;
    if (spec_.device) {
      totals = run_on_device(cuda_api(), *spec_.device, run, spec_.session, score, *this, stop_);
    } else {
      std::unique_ptr<ScoreSession> session = score.open(spec_.session);
      totals = run_on_cpu(run, *session, *this, stop_);
    }
  } catch (...) {
    failure = current_failure();
  }
  tally_.close(spec_.run.count);
  mark_unbegun();
  {
    std::lock_guard lock(mutex_);
    outcome_.tally = tally_;
    outcome_.aborted = stop_ && progress_.finished < spec_.run.count;
    if (failure && failure->code != error_code::aborted) outcome_.failure = std::move(failure);
    if (!totals) {  // failed: as far as it came
      totals = progress_.totals;
      totals->total_ms = milliseconds(Clock::now() - begin);
    }
    outcome_.totals = *totals;
    outcome_.solver_ms = std::max(0.0, totals->total_ms - totals->score_ms - milliseconds(reader_wait_));
    over_ = true;
  }
  wake_();
  ended_();
}

void Job::finished(const SampleStats& stats, const float* x) {
  tally_.add(stats);
  size_t position = stats.position;
  if (output_.status != nullptr) {
    output_.evaluations[position] = stats.evaluations;
    output_.accepted[position] = stats.accepted;
    output_.rejected[position] = stats.rejected;
    output_.status[position] = static_cast<uint8_t>(stats.status);
  }
  if (output_.samples != nullptr) {
    size_t elements = static_cast<size_t>(spec_.run.problem.elements);
    std::copy_n(x, elements, output_.samples + position * elements);
  } else if (static_cast<Status>(stats.status) != Status::unfinished) {
    queue(stats, x);
  }
}

void Job::queue(const SampleStats& stats, const float* x) {
  FinishedSample sample{stats, std::vector<float>(x, x + spec_.run.problem.elements)};
  std::unique_lock lock(mutex_);
  size_t limit = 2 * static_cast<size_t>(spec_.run.batch);
  if (queue_.size() >= limit) {
    auto begin = Clock::now();
    taken_.wait(lock, [&] { return queue_.size() < limit || stop_; });
    reader_wait_ += Clock::now() - begin;
  }
  queue_.push_back(std::move(sample));
  lock.unlock();
  wake_();
}

// Fills the rows of samples that an interrupted job never began with NaN, so that nobody takes them for samples.
void Job::mark_unbegun() {
  constexpr size_t unfinished = static_cast<size_t>(Status::unfinished);
  if (output_.samples == nullptr || output_.status == nullptr || tally_.ended[unfinished] == 0) return;
  size_t elements = static_cast<size_t>(spec_.run.problem.elements);
  for (size_t i = 0; i < spec_.run.count && !abandoned_; ++i) {
    if (output_.status[i] != unfinished || output_.evaluations[i] > 0) continue;
    std::fill_n(output_.samples + i * elements, elements, std::numeric_limits<float>::quiet_NaN());
  }
}

void Job::progress(const Progress& progress) {
  {
    std::lock_guard lock(mutex_);
    progress_ = progress;
  }
  auto now = Clock::now();
  if (now < next_wake_) return;
  next_wake_ = now + progress_interval;
  wake_();
}

Progress Job::progress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

std::optional<FinishedSample> Job::take() {
  std::optional<FinishedSample> taken;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) return taken;
    taken = std::move(queue_.front());
    queue_.pop_front();
  }
  taken_.notify_one();
  return taken;
}

const Outcome* Job::outcome() const {
  std::lock_guard lock(mutex_);
  return over_ ? &outcome_ : nullptr;
}

}  // namespace fast_sde::node
