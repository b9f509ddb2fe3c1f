// The CUDA plugin, opened once a process and never closed.
#pragma once

#include <string>
#include <vector>

#include "../contract/plugin_abi.h"

namespace fast_sde {

struct CudaDevice {
  std::string name;
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  uint64_t memory = 0;  // bytes
};

// Opens the plugin at `path`; where one is open already, returns that. A failed attempt may be repeated. Thread-safe.
// Throws Error ERR_SDE_CUDA_UNAVAILABLE with the dynamic loader's words.
const fast_sde_cuda_api& open_cuda(const std::string& path);

// The open plugin. Throws ERR_SDE_CUDA_UNAVAILABLE where there is none.
const fast_sde_cuda_api& cuda_api();

// At least one. Throws ERR_SDE_CUDA_UNAVAILABLE with the reason why the driver shows none.
std::vector<CudaDevice> cuda_devices(const fast_sde_cuda_api& api);

}  // namespace fast_sde
