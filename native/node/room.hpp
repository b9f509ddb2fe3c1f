// Whether memory can be had, asked before V8 is: it answers a large array that it cannot have by a collection, and ends
// the process where there is no room for that either.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace fast_sde::node {

// For `bytes` in one piece and for what a collection needs beside them. Nothing is kept, or touched: it costs
// microseconds.
inline bool has_room(size_t bytes) {
  constexpr size_t for_the_collector = size_t{64} << 20;
  if (bytes > SIZE_MAX - for_the_collector) return false;
  void* volatile piece = std::malloc(bytes + for_the_collector);
  std::free(piece);
  return piece != nullptr;
}

}  // namespace fast_sde::node
