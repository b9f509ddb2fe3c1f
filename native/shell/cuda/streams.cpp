#include "streams.hpp"

#include <map>
#include <mutex>
#include <vector>

#include "memory.hpp"

namespace fast_sde::cuda {
namespace {

struct Idle {
  std::mutex mutex;
  std::map<int, std::vector<cudaStream_t>> of_device;
};

// Never destroyed: the driver may be gone when static objects are.
Idle& idle() {
  static auto* all = new Idle;
  return *all;
}

}  // namespace

BorrowedStream::BorrowedStream(int device) : device_(device) {
  {
    std::lock_guard lock(idle().mutex);
    std::vector<cudaStream_t>& streams = idle().of_device[device];
    if (!streams.empty()) {
      stream_ = streams.back();
      streams.pop_back();
      return;
    }
  }
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream");
}

BorrowedStream::~BorrowedStream() {
  std::lock_guard lock(idle().mutex);
  idle().of_device[device_].push_back(stream_);
}

}  // namespace fast_sde::cuda
