// The resident loop. Slots live on the device, which finishes and refills them by itself; the host enqueues passes, at
// most a few ahead, and reads in pinned memory how far they have come. It waits for no pass.
#include "run.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "../../engine/ladder.hpp"
#include "finished.hpp"
#include "kernels.hpp"
#include "passes.hpp"

namespace fast_sde::cuda {
namespace {

// Enqueued beyond the pass last heard of: enough for the device never to wait, few enough to waste little at the end.
constexpr uint64_t passes_ahead_network = 2;
constexpr uint64_t passes_ahead_exact = 8;  // far shorter ones
static_assert(passes_ahead_exact < published_passes);

int64_t slots_of(const fast_sde_cuda_run& options) {
  if (options.pad_batch != 0) return options.slots;
  return static_cast<int64_t>(std::min(static_cast<uint64_t>(options.slots), options.count));
}

uint64_t passes_ahead(const fast_sde_cuda_run& options) {
  return options.mixture != nullptr ? passes_ahead_exact : passes_ahead_network;
}

// In the worst case every slot finishes in every pass.
int64_t ring_rows(const fast_sde_cuda_run& options) {
  const uint64_t most = (passes_ahead(options) + 1) * static_cast<uint64_t>(slots_of(options));
  return static_cast<int64_t>(std::min(most, options.count));
}

// Every slot may try a step in every pass.
int64_t ring_steps(const fast_sde_cuda_run& options) {
  if (options.steps == nullptr) return 0;
  return static_cast<int64_t>(passes_ahead(options) + 1) * slots_of(options);
}

class ResidentLoop {
 public:
  ResidentLoop(const fast_sde_cuda_run& options, fast_sde_totals& totals)
      : options_(options),
        totals_(totals),
        stream_(options.device),
        memory_(options, slots_of(options), ring_rows(options), ring_steps(options), stream_.get()),
        passes_(options, memory_, stream_.get()),
        finished_(options, memory_.resident(), options.device),
        ends_(published_passes),
        rows_(slots_of(options)) {}

  ~ResidentLoop() {
    cudaStreamSynchronize(stream_.get());  // before the memory goes
  }

  void operator()() {
    try {
      if (options_.score != nullptr) passes_.warm_up(rows_);
      passes_.begin();
      begun_ = true;
      while (finished_.handed_over() < options_.count && options_.stopped(options_.sink) == 0) {
        const bool heard = hear();
        const bool moved = finished_.move(seen_, end_of(heard_).get());
        const bool enqueued = may_enqueue();
        if (enqueued) enqueue();
        if (!heard && !moved && !enqueued) wait();
      }
    } catch (...) {
      report_totals();
      try {
        abandon();
      } catch (...) {
        // The device does not answer any more: report what it failed with first.
      }
      throw;
    }
    abandon();
    report_totals();
  }

 private:
  const Event& end_of(uint64_t pass) const { return ends_[pass % published_passes]; }

  // Reads what the next pass has left, if it has ended.
  bool hear() {
    if (heard_ == enqueued_ || !end_of(heard_ + 1).reached()) return false;
    ++heard_;
    seen_ = memory_.published()[heard_ % published_passes];
    report_totals();
    options_.progress(options_.sink, &totals_);
    return true;
  }

  bool may_enqueue() const {
    const uint64_t ahead = enqueued_ - heard_;
    if (seen_.finished == options_.count || ahead >= passes_ahead(options_)) return false;
    const Resident& resident = memory_.resident();
    const uint64_t coming = (ahead + 1) * static_cast<uint64_t>(rows_);  // at most
    if (resident.steps != nullptr && seen_.steps - finished_.steps_handed_over() + coming > resident.ring_steps) {
      return false;
    }
    if (resident.ring_rows >= options_.count) return true;
    return seen_.finished - finished_.handed_over() + coming <= resident.ring_rows;
  }

  void enqueue() {
    shrink();
    passes_.enqueue(rows_);
    ++enqueued_;
    end_of(enqueued_).record(stream_.get());
  }

  // Towards the end calls halve as samples run out. What is in flight can only make fewer of them.
  void shrink() {
    if (options_.pad_batch != 0) return;
    const int64_t rows = halved_rows(rows_, static_cast<int64_t>(options_.count - seen_.finished));
    if (rows == rows_) return;
    launch_compact(memory_.resident(), memory_.moves(), rows_, rows, stream_.get());
    rows_ = rows;
  }

  void wait() {
    using Clock = std::chrono::steady_clock;
    const auto now = Clock::now();
    if (heard_ != waiting_for_) {
      waiting_for_ = heard_;
      waiting_since_ = now;
    }
    // A short pass is waited for awake, a long one asleep.
    if (now - waiting_since_ < std::chrono::microseconds(200)) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

  void report_totals() {
    totals_.network_calls = passes_.calls();
    totals_.network_rows = passes_.rows();
    totals_.finished = seen_.finished;
    totals_.fraction = static_cast<double>(seen_.progress) / (static_cast<double>(options_.count) * whole_sample);
    totals_.network_ms = static_cast<double>(seen_.network_ns) * 1e-6;
    totals_.graph = options_.score == nullptr ? -1 : passes_.recorded() ? 1 : 0;
    std::snprintf(totals_.graph_reason, sizeof totals_.graph_reason, "%s", passes_.refusal().c_str());
  }

  // Ends the passes enqueued, hands over what they finished, and reports what is in flight as unfinished.
  void abandon() {
    if (!begun_) return;
    check(cudaStreamSynchronize(stream_.get()), "ending the passes");
    while (heard_ < enqueued_ && hear()) {
    }
    finished_.drain(seen_, end_of(heard_).get());
    if (seen_.finished == options_.count) return;

    const Resident& resident = memory_.resident();
    const int64_t n = resident.problem.elements;
    constexpr size_t head = offsetof(Slot, path);
    std::vector<unsigned char> heads(static_cast<size_t>(rows_) * head);
    check(cudaMemcpy2D(heads.data(), head, resident.slot, sizeof(Slot), head, static_cast<size_t>(rows_),
                       cudaMemcpyDeviceToHost),
          "reading the slots");
    std::vector<float> x(static_cast<size_t>(n));
    for (int64_t i = 0; i < rows_; ++i) {
      const auto& slot = *reinterpret_cast<const Slot*>(heads.data() + static_cast<size_t>(i) * head);
      if (slot.stage == stage_done) continue;
      check(
          cudaMemcpy(x.data(), rows_of(resident, i).x, static_cast<size_t>(n) * sizeof(float), cudaMemcpyDeviceToHost),
          "reading a sample");
      const SampleStats stats = stats_of(slot);
      options_.finished(options_.sink, &stats, x.data());
    }
  }

  const fast_sde_cuda_run& options_;
  fast_sde_totals& totals_;
  BorrowedStream stream_;
  JobMemory memory_;
  Passes passes_;
  FinishedSamples finished_;
  std::vector<Event> ends_;  // of passes, by number
  int64_t rows_;             // of the next pass
  bool begun_ = false;
  uint64_t enqueued_ = 0, heard_ = 0;  // passes; numbered from 1
  Published seen_{};                   // as the last pass that was heard of left it
  uint64_t waiting_for_ = ~uint64_t{0};
  std::chrono::steady_clock::time_point waiting_since_;
};

std::unique_ptr<ResidentLoop> make_loop(const fast_sde_cuda_run& options, fast_sde_totals& totals) {
  try {
    return std::make_unique<ResidentLoop>(options, totals);
  } catch (const StatusError& error) {
    // An earlier network may have left the device full of memory that nobody uses.
    if (error.status != FAST_SDE_OUT_OF_MEMORY || options.score == nullptr) throw;
    options.score->release_memory(options.score->self);
  }
  return std::make_unique<ResidentLoop>(options, totals);
}

}  // namespace

void run_job(const fast_sde_cuda_run& options, fast_sde_totals& totals) {
  check(cudaSetDevice(options.device), "choosing the device");
  (*make_loop(options, totals))();
}

}  // namespace fast_sde::cuda
