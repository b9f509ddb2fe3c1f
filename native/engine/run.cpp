#include "run.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "../core/prediction.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/thread_pool.hpp"
#include "slots.hpp"

namespace fast_sde {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Rows of a call for `active` slots. Every batch shape costs a network some set-up, so when samples run out the calls
// shrink through few sizes: 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, …
int64_t ladder(int64_t active, int64_t batch) {
  for (int64_t power = 1;; power *= 2) {
    if (power >= active) return std::min(power, batch);
    if (power > 1 && power / 2 * 3 >= active) return std::min(power / 2 * 3, batch);
  }
}

class Run {
 public:
  Run(const RunOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop,
      const Observer& observer)
      : options_(options),
        problem_(options.problem),
        score_(score),
        sink_(sink),
        stop_(stop),
        observer_(observer),
        kernels_(cpu::kernels()),
        batch_(options.pad_batch ? options.batch : slots_needed(options)),
        slots_(batch_, problem_.elements, problem_.solver),
        time_(batch_),
        t_(batch_),
        time64_(batch_),
        alpha_(batch_),
        sigma_(batch_),
        samples_(batch_) {}

  Totals operator()() {
    auto start = Clock::now();
    while (active_ < batch_ && admit(active_)) ++active_;
    try {
      while (active_ > 0 && !stop_) {
        ask();
        pass();
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
  static int64_t slots_needed(const RunOptions& options) {
    return static_cast<int64_t>(std::min<uint64_t>(static_cast<uint64_t>(options.batch), options.count));
  }

  // Puts the next sample into slot i; false where none is left.
  bool admit(int64_t i) {
    if (next_ == options_.count) return false;
    Slot& slot = slots_[i];
    slot.position = next_;
    slot.sample = options_.first + next_;
    const float* initial =
        options_.initial == nullptr ? nullptr : options_.initial + static_cast<int64_t>(next_) * problem_.elements;
    kernels_.start(slot, slots_.rows(i), problem_, initial);
    ++next_;
    return true;
  }

  // One network call: every active slot's request, and the first one's again up to the call's size.
  void ask() {
    const int64_t rows = options_.pad_batch ? batch_ : ladder(active_, batch_);
    for (int64_t i = active_; i < rows; ++i) slots_.repeat_request(0, i);
    for (int64_t i = 0; i < rows; ++i) {
      const Slot& slot = slots_[i < active_ ? i : 0];
      ScheduleAt at = schedule_at(problem_.schedule, slot.request_t);
      t_[i] = slot.request_t;
      time64_[i] = time_for_network(problem_.time_input, slot.request_t, at);
      time_[i] = static_cast<float>(time64_[i]);
      alpha_[i] = at.alpha;
      sigma_[i] = at.sigma;
      samples_[i] = slot.position;
    }
    ScoreBatch call;
    call.rows = rows;
    call.elements = problem_.elements;
    call.x = slots_.requests();
    call.time = time_.data();
    call.t = t_.data();
    call.time64 = time64_.data();
    call.alpha = alpha_.data();
    call.sigma = sigma_.data();
    call.samples = samples_.data();
    auto start = Clock::now();
    score_.evaluate(call, slots_.answers());
    totals_.score_ms += milliseconds_since(start);
    ++totals_.network_calls;
    totals_.network_rows += static_cast<uint64_t>(rows * score_.rows_per_request());
  }

  void pass() {
    cpu::ThreadPool::shared().parallel_for(active_, active_ * problem_.elements, options_.threads, [this](int64_t i) {
      kernels_.advance(slots_[i], slots_.rows(i), problem_);
    });
    if (observer_) {
      for (int64_t i = 0; i < active_; ++i) observer_(slots_[i]);
    }
  }

  // Reports what is done and refills its slots; without samples left, the last slots move up.
  void harvest() {
    for (int64_t i = 0; i < active_;) {
      if (slots_[i].stage != stage_done) {
        ++i;
        continue;
      }
      report(i);
      ++finished_;
      if (admit(i)) {
        ++i;
      } else {
        slots_.move(--active_, i);
      }
    }
  }

  // Where the run was stopped, or the score failed, the samples in flight stay unfinished.
  void abandon() {
    for (int64_t i = 0; i < active_; ++i) report(i);
  }

  void report(int64_t i) {
    const Slot& slot = slots_[i];
    sink_.finished({slot.position, slot.evaluations, slot.accepted, slot.rejected, slot.status}, slots_.x(i));
  }

  Progress progress() {
    double done = static_cast<double>(finished_);
    for (int64_t i = 0; i < active_; ++i) {
      done += (problem_.t_start - slots_[i].t) / (problem_.t_start - problem_.t_end);
    }
    return {finished_, done / static_cast<double>(options_.count), totals_};
  }

  const RunOptions& options_;
  const Problem& problem_;
  ScoreSession& score_;
  Sink& sink_;
  const std::atomic<bool>& stop_;
  const Observer& observer_;
  const cpu::Kernels& kernels_;
  const int64_t batch_;
  Slots slots_;
  std::vector<float> time_;  // of each row of a call, as are all these
  std::vector<double> t_, time64_, alpha_, sigma_;
  std::vector<uint64_t> samples_;
  int64_t active_ = 0;  // slots 0 … active - 1 hold samples
  uint64_t next_ = 0;   // position of the next sample to admit
  uint64_t finished_ = 0;
  Totals totals_;
};

}  // namespace

Totals run(const RunOptions& options, ScoreSession& score, Sink& sink, const std::atomic<bool>& stop,
           const Observer& observer) {
  return Run(options, score, sink, stop, observer)();
}

}  // namespace fast_sde
