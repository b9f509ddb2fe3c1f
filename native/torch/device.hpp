// Where a module runs: a device by its name, and the stream its work is enqueued on.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>

#include <cstdint>
#include <string>

namespace fast_sde {

// CUDA devices this plugin can serve; none where LibTorch is a CPU build.
int32_t cuda_device_count();

// "cpu", "cuda:0", … Throws StatusError(FAST_SDE_DEVICE_UNAVAILABLE) with the reason why there is none.
c10::Device find_device(const std::string& name);

// What this thread enqueues goes to one stream of one device until the scope ends. On a CPU nothing happens.
class StreamScope {
 public:
  // The caller's own stream, a cudaStream_t.
  StreamScope(c10::Device device, void* stream);

  // A stream of LibTorch's own. Not the default one: what is enqueued there waits for other streams, and is an error
  // while one of them is recorded.
  explicit StreamScope(c10::Device device);

  // The stream, a cudaStream_t; null on a CPU.
  void* stream() const;

  // Waits for what has been enqueued.
  void finish();

 private:
  c10::OptionalStreamGuard guard_;
};

// Device memory that LibTorch keeps for later calls and that nobody uses goes back to the driver.
void release_device_memory();

// CUDA keeps a call's error until somebody asks for it, and whoever asks next takes it for their own.
void forget_device_error();

}  // namespace fast_sde
