// Streams for jobs, lent and taken back. LibTorch keeps its free memory by the stream it was used on: with a new stream
// for every job that memory would be lost to all others, and the device would fill up.
#pragma once

#include <cuda_runtime.h>

namespace fast_sde::cuda {

// One stream of the current device for the time of a job. Destroy it with nothing pending.
class BorrowedStream {
 public:
  explicit BorrowedStream(int device);
  BorrowedStream(const BorrowedStream&) = delete;
  BorrowedStream& operator=(const BorrowedStream&) = delete;
  ~BorrowedStream();

  cudaStream_t get() const { return stream_; }

 private:
  int device_;
  cudaStream_t stream_ = nullptr;
};

}  // namespace fast_sde::cuda
