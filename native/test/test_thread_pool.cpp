#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/thread_pool.hpp"

using namespace fast_sde;

TEST_CASE("a task is shared by as many threads as it is given, where there are so many cores") {
  constexpr int64_t much = int64_t{1} << 30;
  for (int threads : {0, 1, 2, 3}) {
    const size_t wanted = threads == 0 ? cpu::cores() : std::min(threads, cpu::cores());
    std::mutex mutex;
    std::condition_variable came;
    std::set<std::thread::id> seen;
    bool waited = false;
    cpu::ThreadPool::shared().parallel_for(256, much, threads, [&](int64_t) {
      std::unique_lock lock(mutex);
      seen.insert(std::this_thread::get_id());
      came.notify_all();
      came.wait_for(lock, std::chrono::seconds(20), [&] { return seen.size() >= wanted; });
      // Time for one more to come, once.
      if (!std::exchange(waited, true)) {
        came.wait_for(lock, std::chrono::milliseconds(50), [&] { return seen.size() > wanted; });
      }
    });
    CHECK(seen.size() == wanted);
    CHECK(seen.count(std::this_thread::get_id()) == 1);
  }
}

TEST_CASE("little work is done by the caller alone") {
  std::set<std::thread::id> seen;
  cpu::ThreadPool::shared().parallel_for(256, 256, 0, [&](int64_t) { seen.insert(std::this_thread::get_id()); });
  CHECK(seen == std::set<std::thread::id>{std::this_thread::get_id()});
}
