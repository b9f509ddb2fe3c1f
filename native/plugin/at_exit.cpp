#include "at_exit.hpp"

#include <cstdlib>
#include <map>
#include <mutex>

namespace fast_sde {
namespace {

struct List {
  std::mutex mutex;
  std::map<Unfinished*, const void*> owners;

  template <class Wanted>
  void end(Wanted wanted) {
    std::lock_guard lock(mutex);  // held to the end: nobody leaves while we wait for them
    for (const auto& [work, owner] : owners) {
      if (wanted(owner)) work->stop();
    }
    for (const auto& [work, owner] : owners) {
      if (wanted(owner)) work->wait();
    }
  }
};

// Never destroyed: it is needed to the last.
List& list() {
  static auto* all = new List;
  return *all;
}

}  // namespace

Unfinished::Listed::Listed(const void* owner, Unfinished& work) : work_(work) {
  std::lock_guard lock(list().mutex);
  list().owners.emplace(&work, owner);
}

Unfinished::Listed::~Listed() {
  std::lock_guard lock(list().mutex);
  list().owners.erase(&work_);
}

void Unfinished::end(const void* owner) {
  list().end([owner](const void* one) { return one == owner; });
}

void Unfinished::end_all_at_exit() {
  std::atexit([] { list().end([](const void*) { return true; }); });
}

}  // namespace fast_sde
