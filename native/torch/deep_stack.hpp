// A thread with room for LibTorch's recursion.
#pragma once

#include <pthread.h>

#include <system_error>

namespace fast_sde {

// LibTorch reads code, types and functions that call each other by recursion. A thread's usual 8 MiB hold a few
// thousand levels, and `ulimit -s` may leave less; pages that are not used cost nothing.
inline constexpr size_t deep_stack_bytes = size_t{64} << 20;

// Runs `body`, which does not throw, on a thread of its own that ends with it. Throws std::system_error where there is
// none to be had.
template <class Body>
void run_on_deep_stack(Body body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, deep_stack_bytes);
  pthread_t thread;
  const auto run = [](void* given) -> void* {
    (*static_cast<Body*>(given))();
    return nullptr;
  };
  const int failure = pthread_create(&thread, &attributes, run, &body);
  pthread_attr_destroy(&attributes);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "no thread to load the model on");
  pthread_join(thread, nullptr);
}

}  // namespace fast_sde
