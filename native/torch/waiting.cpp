#include "waiting.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

// libgomp's own, where LibTorch brings that: a parallel region.
extern "C" __attribute__((weak)) void GOMP_parallel(void (*body)(void*), void* data, unsigned threads, unsigned flags);

namespace fast_sde {
namespace {

// libgomp waits shortly as soon as it manages more threads than there are cores. These threads do nothing: their number
// is what counts.
class Crowd {
 public:
  explicit Crowd(unsigned threads)
      : thread_([this, threads] {
          GOMP_parallel([](void*) {}, nullptr, threads, 0);
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [this] { return over_; });
        }) {}

  ~Crowd() {
    {
      std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();  // its team ends with it
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

// Threads of all programs that run or could, those of the caller included; 0 where the system does not say.
int runnable() {
  std::FILE* file = std::fopen("/proc/loadavg", "re");
  if (file == nullptr) return 0;
  int found = 0;
  if (std::fscanf(file, "%*f %*f %*f %d/", &found) != 1) found = 0;
  std::fclose(file);
  return found;
}

class Waiting {
 public:
  void settle(int threads) {
    if (settled_ || threads < 2) return;
    std::lock_guard lock(mutex_);
    // Long waiters are among the runnable ones; short waiters sleep by now.
    const int others = std::max(0, runnable() - (crowd_ ? 1 : threads));
    const bool crowded = others + threads > cores_;
    in_a_row_ = crowded == last_ ? in_a_row_ + 1 : 1;
    last_ = crowded;
    if (crowded && in_a_row_ >= calls_to_shorten && !crowd_) gather();
    if (!crowded && in_a_row_ >= calls_to_lengthen) crowd_.reset();
  }

 private:
  // A moment's work of another program is no reason, nor is a moment's rest.
  static constexpr int calls_to_shorten = 2, calls_to_lengthen = 8;

  void gather() {
    try {
      crowd_.emplace(static_cast<unsigned>(cores_) + 1);
    } catch (const std::system_error&) {  // no more threads: slower, and no worse than that
    }
  }

  const bool settled_ =
      GOMP_parallel == nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
  const int cores_ = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  std::mutex mutex_;
  bool last_ = false;
  int in_a_row_ = 0;  // calls that found the machine as the last one did
  std::optional<Crowd> crowd_;
};

}  // namespace

void settle_waiting(int threads) {
  static auto* waiting = new Waiting;  // never destroyed: jobs may call to the last
  waiting->settle(threads);
}

}  // namespace fast_sde
