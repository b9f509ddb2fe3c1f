#include "run.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "../cpu/dispatch.hpp"
#include "../cpu/thread_pool.hpp"
#include "seats.hpp"

namespace fast_sde {

using paths::PathJob;

int64_t paths_a_block(const PathJob& job) {
  constexpr int64_t numbers = 1 << 20, most = 4096, least = 16;
  const int64_t a_path = job.save_count * (job.equations.states + job.equations.noises);
  if (job.equations.asks_outside()) return std::clamp(numbers / a_path / least * least, least, most_seats(job));
  const int64_t shares = static_cast<int64_t>(std::min<uint64_t>(job.count, most * 8)) / 8;  // for several threads
  const int64_t paths = std::min({numbers / a_path, shares, most});
  return std::max(least, (paths + least - 1) / least * least);
}

void run_paths_on_cpu(const PathJob& job, int threads, PathSink& sink, const std::atomic<bool>& stop) {
  const auto size = static_cast<uint64_t>(paths_a_block(job));
  const uint64_t blocks = (job.count + size - 1) / size;
  std::atomic<bool> over = false;
  std::exception_ptr failure;
  std::mutex mutex;
  // The pool is everybody's: after some blocks others may have it.
  constexpr uint64_t at_once = 64;
  for (uint64_t from = 0; from < blocks && !stop && !over; from += at_once) {
    const auto now = static_cast<int64_t>(std::min(at_once, blocks - from));
    cpu::ThreadPool::shared().parallel_for(now, INT64_MAX, threads, [&](int64_t i) {
      if (stop || over) return;
      const auto failed = [&] {
        std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        over = true;
      };
      try {
        const uint64_t begin = (from + static_cast<uint64_t>(i)) * size;
        const auto count = static_cast<int64_t>(std::min(size, job.count - begin));
        const paths::PathRows rows = sink.rows(begin, count);
        try {
          cpu::kernels().paths->solve(job, begin, count, rows, stop);
        } catch (...) {
          failed();  // what it came to counts
        }
        sink.finished(begin, count, rows);
      } catch (...) {
        failed();
      }
    });
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace fast_sde
