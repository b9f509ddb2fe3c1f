// What kernels take from the machine: a block's memory and barriers, clusters, a clock, launches.
//
// With FAST_SDE_EMULATED the same kernels are compiled as ordinary C++ and run on the CPU, thread by thread
// (test/simt): that is how they are tested where there is no GPU.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

#ifdef __CUDACC__
#include <cooperative_groups.h>
#endif

namespace fast_sde::cuda {

constexpr int threads = 256;  // of a block, always
constexpr int warp = 32;

// The block's shared memory, given to the launch as sizeof(T).
template <class T>
__device__ T& block_memory() {
#ifdef FAST_SDE_EMULATED
  return *static_cast<T*>(simt::block_memory());
#else
  extern __shared__ __align__(16) unsigned char bytes[];
  return *reinterpret_cast<T*>(bytes);
#endif
}

// All blocks of the cluster have come here, and see what the others wrote to global memory before.
__device__ inline void cluster_barrier() {
#ifdef FAST_SDE_EMULATED
  simt::cluster_barrier();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cooperative_groups::this_cluster().sync();
#endif
}

// Nanoseconds, the same clock in all blocks.
__device__ inline uint64_t device_clock() {
#ifdef FAST_SDE_EMULATED
  return simt::clock();
#else
  uint64_t now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
#endif
}

struct Launch {
  cudaStream_t stream = nullptr;
  int64_t blocks = 0;
  int cluster = 1;  // blocks of a cluster; above 1 only where the device has clusters
  size_t memory = 0;
};

// The same in CUDA's words.
class Config {
 public:
  explicit Config(const Launch& how) {
    attribute_.id = cudaLaunchAttributeClusterDimension;
    attribute_.val.clusterDim.x = static_cast<unsigned>(how.cluster);
    attribute_.val.clusterDim.y = attribute_.val.clusterDim.z = 1;
    config_.gridDim = dim3(static_cast<unsigned>(how.blocks));
    config_.blockDim = dim3(threads);
    config_.dynamicSmemBytes = how.memory;
    config_.stream = how.stream;
    config_.attrs = &attribute_;
    config_.numAttrs = how.cluster > 1 ? 1 : 0;
  }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  const cudaLaunchConfig_t* get() const { return &config_; }

 private:
  cudaLaunchAttribute attribute_{};
  cudaLaunchConfig_t config_{};
};

template <class... Parameters, class... Arguments>
cudaError_t launch(const Launch& how, void (*kernel)(Parameters...), Arguments&&... arguments) {
  const Config config(how);
  return cudaLaunchKernelEx(config.get(), kernel, std::forward<Arguments>(arguments)...);
}

}  // namespace fast_sde::cuda
