#include "thread_pool.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>

#if defined(__linux__)
#include <pthread.h>
#endif

#include "dispatch.hpp"

namespace fast_sde::cpu {

namespace {

constexpr int64_t work_per_thread = 16384;            // elements, some 20 us: about what waking a thread costs
constexpr auto spin = std::chrono::microseconds(30);  // passes follow each other closely; sleeping costs more

}  // namespace

// Never destroyed: workers may still be asleep in it when the process exits.
ThreadPool& ThreadPool::shared() {
  static ThreadPool* pool = new ThreadPool(cores() - 1);
  return *pool;
}

ThreadPool::ThreadPool(int workers) : shares_(std::make_unique<Share[]>(workers + 1)) {
  try {
    while (workers_ < workers) {
      std::thread([this, self = workers_ + 1] { work(self); }).detach();
      ++workers_;
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those it gave have to do.
  }
}

void ThreadPool::drain(const Task& task, int self) {
  for (int k = 0; k < sharing_; ++k) {
    Share& share = shares_[(self + k) % sharing_];
    for (int64_t i = share.next.fetch_add(1); i < share.end; i = share.next.fetch_add(1)) task.call(task.context, i);
  }
}

void ThreadPool::run(const Task& task, int64_t work, int threads) {
  int64_t worth = std::min<int64_t>(task.count, work / work_per_thread);
  int64_t others = std::min<int64_t>(threads == 0 ? workers_ : std::min(threads - 1, workers_), worth - 1);
  std::unique_lock<std::mutex> owner(owner_, std::defer_lock);
  if (others <= 0 || !owner.try_lock()) {
    for (int64_t i = 0; i < task.count; ++i) task.call(task.context, i);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    task_ = &task;
    sharing_ = static_cast<int>(others) + 1;
    for (int k = 0; k < sharing_; ++k) {
      shares_[k].next = task.count * k / sharing_;
      shares_[k].end = task.count * (k + 1) / sharing_;
    }
    wanted_ = static_cast<int>(others);
  }
  start_.notify_all();
  drain(task, 0);
  std::unique_lock<std::mutex> lock(mutex_);
  wanted_ = 0;
  done_.wait(lock, [this] { return active_ == 0; });
  task_ = nullptr;
}

void ThreadPool::work(int self) {
#if defined(__linux__)
  pthread_setname_np(pthread_self(), "fast-sde solver");  // as `top -H` shows it
#endif
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (wanted_ == 0) {
      lock.unlock();
      auto until = std::chrono::steady_clock::now() + spin;
      while (wanted_ == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      lock.lock();
      start_.wait(lock, [this] { return wanted_ > 0; });
    }
    --wanted_;
    ++active_;
    const Task& task = *task_;
    lock.unlock();
    drain(task, self);
    lock.lock();
    if (--active_ == 0) done_.notify_one();
  }
}

}  // namespace fast_sde::cpu
