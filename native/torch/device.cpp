#include "device.hpp"

#include "failure.hpp"

#ifdef FAST_SDE_TORCH_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace fast_sde {
namespace {

[[noreturn]] void no_device(const std::string& name, const std::string& reason) {
  throw StatusError(FAST_SDE_DEVICE_UNAVAILABLE, "device \"" + name + "\": " + reason);
}

c10::Device parse(const std::string& name) {
  try {
    return c10::Device(name);
  } catch (const std::exception&) {
    no_device(name, "no such kind of device; it has to be \"cpu\", \"cuda\" or \"cuda:N\"");
  }
}

}  // namespace

#ifdef FAST_SDE_TORCH_CUDA

namespace {

// Why the driver shows no device.
std::string no_cuda_reason() {
  try {
    c10::cuda::device_count_ensure_non_zero();
    return "no reason given";
  } catch (const c10::Error& failure) {
    return first_line(failure.what_without_backtrace());
  }
}

}  // namespace

int32_t cuda_device_count() { return c10::cuda::device_count(); }

c10::Device find_device(const std::string& name) {
  const c10::Device device = parse(name);
  if (device.is_cpu()) return device;
  if (!device.is_cuda()) no_device(name, "networks run on \"cpu\" or \"cuda:N\"");
  const int32_t count = cuda_device_count();
  if (count == 0) no_device(name, "LibTorch sees no CUDA device: " + no_cuda_reason());
  const c10::DeviceIndex index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  if (index >= count) {
    const std::string devices = count == 1 ? "is one CUDA device" : "are " + std::to_string(count) + " CUDA devices";
    no_device(name, "there " + devices + ", and this is none of them");
  }
  return c10::Device(c10::DeviceType::CUDA, index);
}

StreamScope::StreamScope(c10::Device device, void* stream) {
  if (!device.is_cuda()) return;
  if (stream == nullptr) throw StatusError(FAST_SDE_INTERNAL, "a network on a CUDA device was called without a stream");
  guard_.reset_stream(c10::cuda::getStreamFromExternal(static_cast<cudaStream_t>(stream), device.index()));
}

// The process's first stream on a device opens it, which can fail: another process may own it alone.
StreamScope::StreamScope(c10::Device device) try {
  if (device.is_cuda()) guard_.reset_stream(c10::cuda::getStreamFromPool(false, device.index()));
} catch (const c10::Error& failure) {
  const std::string what = failure.what_without_backtrace();
  forget_device_error();
  if (is_out_of_memory(what)) throw;
  no_device(device.str(), first_line(what));
}

void* StreamScope::stream() const {
  const auto stream = guard_.current_stream();
  return stream ? c10::cuda::CUDAStream(*stream).stream() : nullptr;
}

void release_device_memory() { c10::cuda::CUDACachingAllocator::emptyCache(); }

void forget_device_error() { static_cast<void>(cudaGetLastError()); }

#else

int32_t cuda_device_count() { return 0; }

c10::Device find_device(const std::string& name) {
  const c10::Device device = parse(name);
  if (!device.is_cpu()) no_device(name, FAST_SDE_TORCH_NO_CUDA);
  return device;
}

StreamScope::StreamScope(c10::Device, void*) {}
StreamScope::StreamScope(c10::Device) {}
void* StreamScope::stream() const { return nullptr; }
void release_device_memory() {}
void forget_device_error() {}

#endif

void StreamScope::finish() {
  if (const auto stream = guard_.current_stream()) stream->synchronize();
}

}  // namespace fast_sde
