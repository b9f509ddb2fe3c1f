#include "paths_job.hpp"

#include <algorithm>

#include "../device/cuda_plugin.hpp"
#include "../device/device_paths.hpp"
#include "progress_interval.hpp"

namespace fast_sde::node {
PathsJob::PathsJob(std::unique_ptr<PathSpec> spec, std::function<void()> wake, std::function<void()> ended)
    : spec_(std::move(spec)), wake_(std::move(wake)), ended_(std::move(ended)), handover_(wake_) {
  if (!spec_->outside.any()) return;
  auto ask = [this](const CoefficientQuestion& question, double* answers) {
    handover_.ask(question, answers, static_cast<size_t>(question.points.rows * question.outputs));
  };
  coefficients_.emplace(spec_->outside, spec_->job.equations, ask);
}

PathsJob::~PathsJob() {
  abandon();
  join();
}

void PathsJob::start() {
  thread_ = std::thread([this] { body(); });
}

void PathsJob::join() {
  std::lock_guard lock(joining_);
  if (thread_.joinable()) thread_.join();
}

void PathsJob::make_room() {
  paths::PathJob& job = spec_->job;
  if (spec_->reduces) {
    reducer_ = std::make_unique<Reducer>(job, spec_->reductions, std::move(spec_->functions), spec_->stop_rule);
  }
  if (spec_->trace) {
    steps_ = std::make_unique<KeptSteps>(job.count, job.equations.states);
    job.trace = steps_.get();
  }
}

void PathsJob::body() {
  const auto begin = Clock::now();
  next_wake_ = (begin + progress_interval).time_since_epoch().count();
  std::optional<Failure> failure;
  try {
    make_room();
    if (!reducer_) std::fill_n(spec_->rows.status, count(), static_cast<uint8_t>(PathStatus::unfinished));
    if (spec_->device) {
      const KeptOfPaths keeps{spec_->rows.W != nullptr, spec_->rows.next != nullptr};
      run_paths_on_device(cuda_api(), *spec_->device, spec_->job, keeps, spec_->threads, *this, stop_);
    } else {
      run_paths_on_cpu(spec_->job, coefficients_ ? 1 : spec_->threads, *this, stop_);
    }
  } catch (...) {
    failure = current_failure();
  }
  {
    std::lock_guard lock(mutex_);
    outcome_.total_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    outcome_.aborted = aborted_ && finished_ < count();
    if (failure && failure->code != error_code::aborted) outcome_.failure = std::move(failure);
    over_ = true;
  }
  wake_();
  ended_();
}

paths::PathRows PathsJob::rows(uint64_t begin, int64_t count) {
  if (reducer_) return reducer_->rows(begin, count);
  const paths::PathJob& job = spec_->job;
  const size_t size = job.float64 ? sizeof(double) : sizeof(float);
  const auto path = static_cast<size_t>(begin), saves = static_cast<size_t>(job.save_count);
  auto row = [&](void* all, int width) -> void* {
    return all == nullptr ? nullptr : static_cast<char*>(all) + path * saves * static_cast<size_t>(width) * size;
  };
  const paths::PathRows& all = spec_->rows;
  const size_t events = path * static_cast<size_t>(job.event_count);
  return {row(all.states, job.equations.states),
          row(all.W, job.equations.noises),
          all.accepted + path,
          all.rejected + path,
          all.status + path,
          all.ended + path,
          all.event_times + events,
          all.event_counts + events,
          all.next == nullptr ? nullptr : all.next + path};
}

void PathsJob::finished(uint64_t begin, int64_t count, const paths::PathRows& rows) {
  const auto unfinished = std::count(rows.status, rows.status + count, static_cast<uint8_t>(PathStatus::unfinished));
  if (reducer_) {
    reducer_->finished(begin, count, rows);
    if (reducer_->satisfied()) stop_ = true;
  }
  finished_ += static_cast<uint64_t>(count - unfinished);
  const Clock::rep now = Clock::now().time_since_epoch().count();
  Clock::rep next = next_wake_;
  if (now < next) return;
  if (next_wake_.compare_exchange_strong(next, now + Clock::duration(progress_interval).count())) wake_();
}

const PathsOutcome* PathsJob::outcome() const {
  std::lock_guard lock(mutex_);
  return over_ ? &outcome_ : nullptr;
}

}  // namespace fast_sde::node
