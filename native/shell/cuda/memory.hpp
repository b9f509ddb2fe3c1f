// CUDA's resources as objects, and its errors as exceptions that become a status at the plugin's border.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "../../contract/fence.hpp"

namespace fast_sde::cuda {

// Throws where a call failed, and takes the error away so that the next call does not report it again.
inline void check(cudaError_t result, const char* doing) {
  if (result == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  const bool memory = result == cudaErrorMemoryAllocation;
  throw StatusError(memory ? FAST_SDE_OUT_OF_MEMORY : FAST_SDE_INTERNAL,
                    std::string("CUDA, ") + doing + ": " + cudaGetErrorString(result));
}

// `count` numbers on the device, zero at first; on the current device.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  explicit DeviceArray(int64_t count, cudaStream_t stream) {
    if (count <= 0) return;
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    const cudaError_t taken = cudaMalloc(&data_, bytes);
    if (taken != cudaSuccess) {
      data_ = nullptr;
      const std::string doing = "taking " + std::to_string(bytes) + " bytes on the device";
      check(taken, doing.c_str());
    }
    const cudaError_t cleared = cudaMemsetAsync(data_, 0, bytes, stream);
    if (cleared != cudaSuccess) {
      cudaFree(data_);
      check(cleared, "clearing memory");
    }
  }
  DeviceArray(DeviceArray&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~DeviceArray() {
    if (data_ != nullptr) cudaFree(data_);
  }

  T* data() const { return static_cast<T*>(data_); }

 private:
  void* data_ = nullptr;
};

// A copy of `count` numbers of the host's, or null where there are none.
template <class T>
DeviceArray<T> to_device(const T* host, int64_t count, cudaStream_t stream) {
  if (host == nullptr) return {};
  DeviceArray<T> array(count, stream);
  check(cudaMemcpyAsync(array.data(), host, static_cast<size_t>(count) * sizeof(T), cudaMemcpyHostToDevice, stream),
        "copying to the device");
  return array;
}

// Host memory that the device reads and writes too; not cleared. With unified addressing, which every 64-bit device
// has, the same pointer serves both sides.
template <class T>
class PinnedArray {
 public:
  explicit PinnedArray(int64_t count) {
    check(cudaHostAlloc(&data_, static_cast<size_t>(count) * sizeof(T), cudaHostAllocPortable | cudaHostAllocMapped),
          "pinning host memory");
  }
  PinnedArray(const PinnedArray&) = delete;
  PinnedArray& operator=(const PinnedArray&) = delete;
  ~PinnedArray() { cudaFreeHost(data_); }

  T* data() const { return static_cast<T*>(data_); }

 private:
  void* data_ = nullptr;
};

class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "creating an event"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }

  void record(cudaStream_t stream) const { check(cudaEventRecord(event_, stream), "recording an event"); }
  bool reached() const {
    const cudaError_t state = cudaEventQuery(event_);
    if (state == cudaErrorNotReady) return false;
    check(state, "waiting for the device");
    return true;
  }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace fast_sde::cuda
