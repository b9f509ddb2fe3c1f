#include "run.hpp"

#include <chrono>
#include <vector>

#include "../../core/prediction.hpp"
#include "../../engine/ladder.hpp"
#include "../../engine/progress.hpp"
#include "dispatch.hpp"
#include "slots.hpp"
#include "thread_pool.hpp"

namespace fast_sde {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Loop {
 public:
  Loop(const JobOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop)
      : options_(options),
        problem_(options.problem),
        score_(score),
        sink_(sink),
        stop_(stop),
        solver_(cpu::kernels().of(problem_.solver)),
        batch_(options.pad_batch ? options.batch : slots_needed(options)),
        slots_(batch_, problem_.elements, solver_.facts),
        time_(batch_),
        time64_(batch_),
        alpha_(batch_),
        sigma_(batch_),
        positions_(batch_),
        steps_(batch_),
        decided_(batch_) {}

  Totals operator()() {
    auto start = Clock::now();
    while (active_ < batch_ && refill(active_)) ++active_;
    try {
      while (active_ > 0 && !stop_) {
        ask();
        pass();
        if (options_.trajectory) report_steps();
        harvest();
        sink_.progress(progress());
      }
    } catch (...) {
      abandon();
      throw;
    }
    abandon();
    totals_.total_ms = milliseconds_since(start);
    return totals_;
  }

 private:
  static int64_t slots_needed(const JobOptions& options) {
    return static_cast<int64_t>(std::min<uint64_t>(static_cast<uint64_t>(options.batch), options.count));
  }

  // Puts the next sample into slot i; false where none is left.
  bool refill(int64_t i) {
    if (next_ == options_.count) return false;
    const float* initial =
        options_.initial == nullptr ? nullptr : options_.initial + static_cast<int64_t>(next_) * problem_.elements;
    solver_.start(slots_[i], slots_.rows(i), problem_, next_++, options_.first, initial);
    return true;
  }

  // One network call: every active slot's request, and the first one's again up to the call's size.
  void ask() {
    const int64_t rows = options_.pad_batch ? batch_ : rows_for(active_, batch_);
    for (int64_t i = active_; i < rows; ++i) slots_.repeat_request(0, i);
    for (int64_t i = 0; i < rows; ++i) {
      const Slot& slot = slots_[i < active_ ? i : 0];
      ScheduleAt at = schedule_at(problem_.schedule, slot.request_t);
      time64_[i] = time_for_network(problem_.time_input, slot.request_t, at);
      time_[i] = static_cast<float>(time64_[i]);
      alpha_[i] = at.alpha;
      sigma_[i] = at.sigma;
      positions_[i] = slot.position;
    }
    ScoreBatch call;
    call.rows = rows;
    call.elements = problem_.elements;
    call.x = slots_.requests();
    call.time = time_.data();
    call.time64 = time64_.data();
    call.alpha = alpha_.data();
    call.sigma = sigma_.data();
    call.positions = positions_.data();
    auto start = Clock::now();
    score_.evaluate(call, slots_.answers());
    totals_.score_ms += milliseconds_since(start);
    ++totals_.network_calls;
    totals_.network_rows += static_cast<uint64_t>(rows * score_.rows_per_request());
  }

  void pass() {
    cpu::ThreadPool::shared().parallel_for(active_, active_ * problem_.elements, options_.threads, [this](int64_t i) {
      decided_[i] = solver_.advance(slots_[i], slots_.rows(i), problem_, steps_[i]) ? 1 : 0;
    });
  }

  void report_steps() {
    for (int64_t i = 0; i < active_; ++i) {
      if (decided_[i] != 0) sink_.steps(&steps_[i], 1);
    }
  }

  // Reports what is done and refills its slots; without samples left, the last slots move up.
  void harvest() {
    for (int64_t i = 0; i < active_;) {
      if (slots_[i].stage != stage_done) {
        ++i;
        continue;
      }
      sink_.finished(stats_of(slots_[i]), slots_.x(i));
      ++finished_;
      if (refill(i)) {
        ++i;
      } else {
        slots_.move(--active_, i);
      }
    }
  }

  // Where the job was stopped, or the score failed, the samples in flight stay unfinished.
  void abandon() {
    for (int64_t i = 0; i < active_; ++i) sink_.finished(stats_of(slots_[i]), slots_.x(i));
  }

  Progress progress() {
    double done = static_cast<double>(finished_);
    for (int64_t i = 0; i < active_; ++i) done += share_done(slots_[i], problem_);
    return {finished_, done / static_cast<double>(options_.count), totals_};
  }

  const JobOptions& options_;
  const Problem& problem_;
  ScoreSession& score_;
  Sink& sink_;
  const std::atomic<bool>& stop_;
  const cpu::SolverKernels& solver_;
  const int64_t batch_;
  cpu::Slots slots_;
  std::vector<float> time_;  // of each row of a call, as are all up to positions_
  std::vector<double> time64_, alpha_, sigma_;
  std::vector<uint64_t> positions_;
  std::vector<StepRecord> steps_;  // of each slot's last pass
  std::vector<uint8_t> decided_;   // whether there was one
  int64_t active_ = 0;             // slots 0 … active - 1 hold samples
  uint64_t next_ = 0;              // position of the next sample
  uint64_t finished_ = 0;
  Totals totals_;
};

}  // namespace

Totals run_on_cpu(const JobOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop) {
  return Loop(options, score, sink, stop)();
}

}  // namespace fast_sde
