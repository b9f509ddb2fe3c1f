// The plugin's one exported symbol and its table of functions; see contract/plugin_abi.h.
#include <cuda_runtime.h>

#include <cstdio>
#include <string>

#include "../../contract/fence.hpp"
#include "../../core/problem.hpp"
#include "../../paths/fingerprint.hpp"
#include "kernels.hpp"
#include "memory.hpp"
#include "paths_run.hpp"
#include "run.hpp"
#include "streams.hpp"

namespace {

using fast_sde::StatusError;
using fast_sde::cuda::check;

template <class Body>
fast_sde_status fenced(fast_sde_error* error, Body body) noexcept {
  return fast_sde::fenced(error, FAST_SDE_INTERNAL, body);
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// Why the runtime shows no device, in words that say what to do.
std::string why_none(cudaError_t result) {
  int driver = 0;
  static_cast<void>(cudaDriverGetVersion(&driver));
  static_cast<void>(cudaGetLastError());
  if (driver == 0) return "there is no NVIDIA driver (libcuda.so.1 is not found)";
  if (result == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver knows CUDA up to " + version_text(driver) + ", this plugin needs " +
           version_text(CUDART_VERSION);
  }
  return std::string("the NVIDIA driver shows no device: ") + cudaGetErrorString(result);
}

int32_t runtime() { return CUDART_VERSION; }

fast_sde_status devices(int32_t* count, fast_sde_error* error) {
  *count = 0;
  return fenced(error, [&] {
    int found = 0;
    const cudaError_t result = cudaGetDeviceCount(&found);
    if (result != cudaSuccess || found == 0) {
      throw StatusError(FAST_SDE_DEVICE_UNAVAILABLE, why_none(result == cudaSuccess ? cudaErrorNoDevice : result));
    }
    *count = found;
  });
}

fast_sde_status describe(int32_t device, fast_sde_device_info* info, fast_sde_error* error) {
  return fenced(error, [&] {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, device), "describing a device");
    std::snprintf(info->name, sizeof info->name, "%s", properties.name);
    info->major = properties.major;
    info->minor = properties.minor;
    info->multiprocessors = properties.multiProcessorCount;
    info->memory = properties.totalGlobalMem;
  });
}

fast_sde_status run(const fast_sde_cuda_run* options, fast_sde_totals* totals, fast_sde_error* error) {
  return fenced(error, [&] { fast_sde::cuda::run_job(*options, *totals); });
}

fast_sde_status run_paths(const fast_sde_cuda_paths* options, fast_sde_error* error) {
  return fenced(error, [&] { fast_sde::cuda::run_paths(*options); });
}

fast_sde_status normals(int32_t device, uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count,
                        fast_sde_error* error) {
  return fenced(error, [&] {
    check(cudaSetDevice(device), "choosing the device");
    const fast_sde::cuda::BorrowedStream stream(device);
    const fast_sde::cuda::DeviceArray<float> array(count, stream.get());
    fast_sde::cuda::launch_normals(seed, sample, node, array.data(), count, stream.get());
    check(cudaMemcpyAsync(out, array.data(), static_cast<size_t>(count) * sizeof(float), cudaMemcpyDeviceToHost,
                          stream.get()),
          "copying normals");
    check(cudaStreamSynchronize(stream.get()), "computing normals");
  });
}

const fast_sde_cuda_api& api() {
  static const std::string fingerprint =
      fast_sde::cuda_fingerprint(sizeof(fast_sde::Problem), fast_sde::paths::fingerprint_of_jobs());
  static const fast_sde_cuda_api all = {
      FAST_SDE_PLUGIN_ABI, fingerprint.c_str(), runtime, devices, describe, run, run_paths, normals,
  };
  return all;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const fast_sde_cuda_api* fast_sde_cuda_get_api(uint32_t abi_version) {
  return abi_version == FAST_SDE_PLUGIN_ABI ? &api() : nullptr;
}
