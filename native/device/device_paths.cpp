#include "device_paths.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <mutex>

#include "../plugin/status.hpp"
#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/thread_pool.hpp"

namespace fast_sde {
namespace {

using paths::PathJob;
using paths::PathRows;

// Rows from … from + count - 1 of `all` become those of `to`.
void copy_rows(const PathJob& job, const PathRows& all, int64_t from, int64_t count, const PathRows& to) {
  auto copy = [&](void* into, const void* rows, int64_t row_bytes) {
    if (into == nullptr || rows == nullptr || row_bytes == 0) return;
    std::memcpy(into, static_cast<const char*>(rows) + from * row_bytes, static_cast<size_t>(count * row_bytes));
  };
  const int64_t saved = job.save_count * static_cast<int64_t>(job.float64 ? sizeof(double) : sizeof(float));
  copy(to.states, all.states, saved * job.equations.states);
  copy(to.W, all.W, saved * job.equations.noises);
  copy(to.accepted, all.accepted, sizeof *all.accepted);
  copy(to.rejected, all.rejected, sizeof *all.rejected);
  copy(to.status, all.status, sizeof *all.status);
  copy(to.ended, all.ended, sizeof *all.ended);
  copy(to.event_times, all.event_times, job.event_count * static_cast<int64_t>(sizeof *all.event_times));
  copy(to.event_counts, all.event_counts, job.event_count * static_cast<int64_t>(sizeof *all.event_counts));
  copy(to.next, all.next, sizeof *all.next);
}

// The sink behind a C border, over which nothing may be thrown: what it throws waits here, and stops the job.
class Border {
 public:
  Border(const PathJob& job, int64_t block, int threads, PathSink& sink, const std::atomic<bool>& stop)
      : job_(job), block_(block), threads_(threads), sink_(sink), stop_(stop) {}

  static void solved(void* self, uint64_t begin, int64_t count, const void* rows) {
    static_cast<Border*>(self)->hand_over(begin, count, *static_cast<const PathRows*>(rows));
  }
  static int32_t stopped(void* self) {
    const auto& border = *static_cast<const Border*>(self);
    return border.stop_ || border.over_ ? 1 : 0;
  }
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  // Block by block, as they come from the CPU.
  void hand_over(uint64_t begin, int64_t count, const PathRows& rows) {
    const int64_t blocks = (count + block_ - 1) / block_;
    cpu::ThreadPool::shared().parallel_for(blocks, INT64_MAX, threads_, [&](int64_t i) {
      if (over_) return;
      try {
        const int64_t from = i * block_, some = std::min(block_, count - from);
        const uint64_t first = begin + static_cast<uint64_t>(from);
        const PathRows to = sink_.rows(first, some);
        copy_rows(job_, rows, from, some, to);
        sink_.finished(first, some, to);
      } catch (...) {
        std::lock_guard lock(mutex_);
        if (!thrown_) thrown_ = std::current_exception();
        over_ = true;
      }
    });
  }

  const PathJob& job_;
  const int64_t block_;
  const int threads_;
  PathSink& sink_;
  const std::atomic<bool>& stop_;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::exception_ptr thrown_;
};

}  // namespace

void run_paths_on_device(const fast_sde_cuda_api& api, int device, const PathJob& job, KeptOfPaths keeps, int threads,
                         PathSink& sink, const std::atomic<bool>& stop) {
  const paths::Equations& equations = job.equations;
  if (equations.drift.length == 0 || (equations.entries.count > 0 && equations.diffusion.length == 0)) {
    throw Error(error_code::invalid_option,
                "drift and diffusion on a device are programs: use device 'cpu' for others");
  }
  fast_sde_cuda_paths run{};
  run.device = device;
  run.job = &job;
  run.scratch = cpu::kernels().paths->scratch(job);
  run.block = paths_a_block(job);
  run.keeps_W = keeps.W ? 1 : 0;
  run.keeps_next = keeps.next ? 1 : 0;
  Border border(job, run.block, threads, sink, stop);
  run.sink = &border;
  run.solved = &Border::solved;
  run.stopped = &Border::stopped;
  fast_sde_error error{};
  const fast_sde_status status = api.run_paths(&run, &error);
  border.rethrow();
  check(status, error);
}

}  // namespace fast_sde
