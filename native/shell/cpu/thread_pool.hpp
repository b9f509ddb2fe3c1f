// The solver's threads: one pool a process, made at first use and never taken down. A job that finds it busy with
// another job's pass does its own work alone; what is computed never depends on who computes it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>

namespace fast_sde::cpu {

class ThreadPool {
 public:
  static ThreadPool& shared();

  // Calls body(0) … body(count - 1) on up to `threads` threads (0: one a core), the caller among them, and returns
  // when all are done. `work`: elements touched in all; too little of it is not worth waking anybody for.
  template <class Body>
  void parallel_for(int64_t count, int64_t work, int threads, Body&& body) {
    using Function = std::remove_reference_t<Body>;
    Task task{count, [](const void* context, int64_t i) { (*static_cast<const Function*>(context))(i); },
              std::addressof(body)};
    run(task, work, threads);
  }

 private:
  struct Task {
    int64_t count;
    void (*call)(const void*, int64_t);
    const void* context;
  };

  // A share of a task. Where all workers take part everybody starts with their own, the same in every pass, so that a
  // slot's rows stay in one core's cache; whoever is done helps with the others'.
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };

  explicit ThreadPool(int workers);
  void run(const Task& task, int64_t work, int threads);
  void work(int self);
  void drain(const Task& task, int self);

  int workers_ = 0;
  std::mutex owner_;  // the job whose pass is running
  std::mutex mutex_;  // of what follows
  std::condition_variable start_, done_;
  const Task* task_ = nullptr;
  int sharing_ = 1;                  // shares in use
  std::unique_ptr<Share[]> shares_;  // [workers + 1]
  std::atomic<int> wanted_{0};       // workers the task may still take
  int active_ = 0;                   // workers inside the task
};

}  // namespace fast_sde::cpu
