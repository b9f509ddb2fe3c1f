// Waves of paths: as many at one time as fill a device. Each is a number of launches, short ones, between which the
// host looks whether somebody wants to stop. Two waves are under way: while one is handed over, the other is solved.
#include "paths_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "path_kernels.hpp"
#include "paths_memory.hpp"
#include "streams.hpp"

namespace fast_sde::cuda {
namespace {

using paths::PathJob;

constexpr int64_t threads_together = 2048;          // of a multiprocessor: a wave has as many paths
constexpr int64_t wave_bytes = int64_t{256} << 20;  // of a wave, unless a block takes more

// Steps of a launch, so that it takes some milliseconds.
class Pace {
 public:
  uint64_t steps() const { return steps_; }
  void took(std::chrono::steady_clock::duration time) {
    using std::chrono::milliseconds;
    if (time < milliseconds(5)) steps_ = std::min<uint64_t>(2 * steps_, 1 << 16);
    if (time > milliseconds(20)) steps_ = std::max<uint64_t>(steps_ / 2, 1);
  }

 private:
  uint64_t steps_ = 8;
};

void wait_for(const Event& event) {
  // A short launch is waited for awake, a long one asleep.
  for (int i = 0; !event.reached(); ++i) {
    if (i < 100) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
}

int64_t bytes_of_wave(const fast_sde_cuda_paths& options, const ResidentPaths& run, int64_t count) {
  const PathJob& job = *static_cast<const PathJob*>(options.job);
  const int64_t real = job.float64 ? 8 : 4, W = options.keeps_W != 0 ? job.equations.noises : 0;
  const int64_t a_path = real * thread_rows(job, run.levels, options.scratch) +
                         8 * (thread_work(job, run.levels, run.lockstep) + W) + static_cast<int64_t>(sizeof(PathRest));
  return count * a_path + RowsLayout(job, options.keeps_W != 0, options.keeps_next != 0, count).bytes();
}

int64_t paths_of_wave(const fast_sde_cuda_paths& options, const ResidentPaths& run) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, options.device), "describing a device");
  const int64_t together = properties.multiProcessorCount * threads_together;
  const int64_t a_block = bytes_of_wave(options, run, options.block);
  const int64_t blocks = std::max<int64_t>(1, std::min(together / options.block, wave_bytes / a_block));
  const auto count = static_cast<int64_t>(static_cast<const PathJob*>(options.job)->count);
  return std::min(blocks * options.block, count);
}

// Room for a wave, and its way through the device.
class Wave {
 public:
  Wave(const fast_sde_cuda_paths& options, const PathsMemory& memory, const PathLaunches& solver, int64_t most)
      : options_(options),
        solver_(solver),
        stream_(options.device),
        run_(memory.resident()),
        rest_(most * static_cast<int64_t>(sizeof(PathRest)), stream_.get()),
        rows_(most * thread_rows(run_.job, run_.levels, options.scratch) * (run_.job.float64 ? 8 : 4), stream_.get()),
        W_(options.keeps_W != 0 ? most * run_.job.equations.noises : 0, stream_.get()),
        work_(most * thread_work(run_.job, run_.levels, run_.lockstep), stream_.get()),
        under_way_(1, stream_.get()),
        out_(layout(most).bytes(), stream_.get()),
        out_on_host_(layout(most).bytes()) {
    run_.rest = reinterpret_cast<PathRest*>(rest_.data());
    run_.rows = rows_.data();
    run_.W = W_.data();
    run_.work = work_.data();
    run_.under_way = under_way_.data();
  }
  Wave(const Wave&) = delete;
  Wave& operator=(const Wave&) = delete;
  ~Wave() { cudaStreamSynchronize(stream_.get()); }  // before the memory goes

  void solve(uint64_t begin, int64_t count) {
    const RowsLayout rows = layout(count);
    run_.begin = begin;
    run_.count = count;
    run_.out = rows.at(out_.data());
    run_.first = true;
    run_.from = 0;
    clear(out_.data(), 0, rows.bytes());
    clear(run_.out.status, static_cast<int>(PathStatus::unfinished), count);
    while (options_.stopped(options_.sink) == 0 && launch() > 0) {
    }
    copy(out_on_host_.data(), out_.data(), rows.bytes());
    end();
    const paths::PathRows result = rows.at(out_on_host_.data());
    options_.solved(options_.sink, begin, count, &result);
  }

 private:
  RowsLayout layout(int64_t count) const { return {run_.job, options_.keeps_W != 0, options_.keeps_next != 0, count}; }

  // Some steps of every path; how many paths are not over then.
  unsigned launch() {
    const auto start = std::chrono::steady_clock::now();
    run_.at_most = pace_.steps();
    clear(under_way_.data(), 0, sizeof(unsigned));
    solver_.steps(run_, stream_.get());
    copy(left_.data(), under_way_.data(), sizeof(unsigned));
    end();
    run_.first = false;
    run_.from += run_.at_most;
    pace_.took(std::chrono::steady_clock::now() - start);
    return *left_.data();
  }

  void clear(void* memory, int value, int64_t bytes) const {
    check(cudaMemsetAsync(memory, value, static_cast<size_t>(bytes), stream_.get()), "clearing memory");
  }
  void copy(void* to, const void* from, int64_t bytes) const {
    check(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, stream_.get()),
          "copying to the host");
  }
  void end() const {
    ended_.record(stream_.get());
    wait_for(ended_);
  }

  const fast_sde_cuda_paths& options_;
  const PathLaunches& solver_;
  const BorrowedStream stream_;
  ResidentPaths run_;
  DeviceArray<char> rest_, rows_;
  DeviceArray<double> W_, work_;
  DeviceArray<unsigned> under_way_;
  DeviceArray<char> out_;
  PinnedArray<char> out_on_host_;
  PinnedArray<unsigned> left_{1};
  const Event ended_;
  Pace pace_;
};

class Waves {
 public:
  Waves(const fast_sde_cuda_paths& options, const PathsMemory& memory, const PathLaunches& solver)
      : options_(options),
        memory_(memory),
        solver_(solver),
        count_(static_cast<const PathJob*>(options.job)->count),
        most_(static_cast<uint64_t>(paths_of_wave(options, memory.resident()))) {}

  void operator()() {
    std::thread second;
    if (most_ < count_) second = std::thread([this] { work(); });
    work();
    if (second.joinable()) second.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // One wave after the other, until there are none.
  void work() {
    try {
      check(cudaSetDevice(options_.device), "choosing the device");
      Wave wave(options_, memory_, solver_, static_cast<int64_t>(most_));
      while (!over_ && options_.stopped(options_.sink) == 0) {
        const uint64_t begin = next_.fetch_add(most_);
        if (begin >= count_) return;
        wave.solve(begin, static_cast<int64_t>(std::min(most_, count_ - begin)));
      }
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      over_ = true;
    }
  }

  const fast_sde_cuda_paths& options_;
  const PathsMemory& memory_;
  const PathLaunches& solver_;
  const uint64_t count_, most_;  // paths, and those of a wave
  std::atomic<uint64_t> next_ = 0;
  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_paths(const fast_sde_cuda_paths& options) {
  check(cudaSetDevice(options.device), "choosing the device");
  const PathLaunches& solver = launches_of(static_cast<const PathJob*>(options.job)->solver);
  const BorrowedStream stream(options.device);
  const PathsMemory memory(options, solver.levy_area, stream.get());
  Waves(options, memory, solver)();
}

}  // namespace fast_sde::cuda
