// A stand-in for CUDA's header of that name: what native/cuda uses of it, on the CPU. The kernels themselves run,
// thread by thread (simt.cpp), and streams are queues that move only when they are asked about, so that the host is
// ahead of "the device" here as well. For tests alone: it is as slow as it sounds.
//
// It finds what a GPU would punish later: threads run in a different order in every launch, so a missing barrier shows;
// a barrier that not all threads reach ends the process; memory is poisoned where CUDA leaves it undefined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __grid_constant__
#define __launch_bounds__(...)

#define CUDART_VERSION 13000

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3() = default;
  explicit dim3(unsigned x_) : x(x_) {}
};

struct alignas(16) float4 {
  float x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

namespace simt {

struct Stream;
struct Event;

// Where the running thread is.
struct Position {
  unsigned thread, block, grid;  // grid: blocks in it
};
const Position& position();
void* block_memory();
void block_barrier();
void cluster_barrier();
uint64_t exchange(uint64_t value, unsigned delta);  // the value of the warp's lane `delta` above
uint64_t clock();

void launch(Stream* stream, unsigned blocks, unsigned threads, unsigned cluster, size_t memory,
            std::function<void()> thread);

}  // namespace simt

// threadIdx.x and its like, read anew at every use. No macros: CUDA's structs have members of these names.
template <unsigned simt::Position::*of>
struct CurrentIndex {
  struct {
    operator unsigned() const { return simt::position().*of; }
  } x;
};
inline constexpr CurrentIndex<&simt::Position::thread> threadIdx{};
inline constexpr CurrentIndex<&simt::Position::block> blockIdx{};
inline constexpr CurrentIndex<&simt::Position::grid> gridDim{};

inline void __syncthreads() { simt::block_barrier(); }
inline void __threadfence() {}
inline void __threadfence_system() {}
template <class T>
T __ldcg(const T* from) {
  return *from;
}
template <class T>
T atomicAdd(T* to, T amount) {
  T before = *to;
  *to = before + amount;
  return before;
}
inline double __shfl_down_sync(unsigned, double value, unsigned delta) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits = simt::exchange(bits, delta);
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorNotReady = 600,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2 };
enum cudaLaunchAttributeID { cudaLaunchAttributeClusterDimension = 4 };
enum : unsigned { cudaHostAllocPortable = 1, cudaHostAllocMapped = 2 };
enum : unsigned { cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2 };

using cudaStream_t = simt::Stream*;
using cudaEvent_t = simt::Event*;

struct cudaDeviceProp {
  char name[256];
  int major, minor, multiProcessorCount;
  size_t totalGlobalMem;
};
struct cudaLaunchAttribute {
  cudaLaunchAttributeID id;
  struct {
    struct {
      unsigned x, y, z;
    } clusterDim;
  } val;
};
struct cudaFuncAttributes {
  int binaryVersion, ptxVersion;
};
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};

const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);

cudaError_t cudaMalloc(void** memory, size_t bytes);
cudaError_t cudaFree(void* memory);
cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind);

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamQuery(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);

// What a kernel was compiled for: the device that is current decides.
cudaError_t emulated_code_version(int* version);
template <class... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*)(Parameters...)) {
  attributes->ptxVersion = 90;
  return emulated_code_version(&attributes->binaryVersion);
}
template <class... Parameters>
cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, void (*)(Parameters...), const cudaLaunchConfig_t*) {
  *clusters = 1;
  return cudaSuccess;
}

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...), Arguments&&... given) {
  unsigned cluster = 1;
  for (unsigned i = 0; i < config->numAttrs; ++i) cluster = config->attrs[i].val.clusterDim.x;
  if (config->gridDim.x == 0 || config->gridDim.x % cluster != 0) return cudaErrorInvalidValue;
  std::tuple<Parameters...> arguments(std::forward<Arguments>(given)...);
  simt::launch(config->stream, config->gridDim.x, config->blockDim.x, cluster, config->dynamicSmemBytes,
               [kernel, arguments] { std::apply(kernel, arguments); });
  return cudaSuccess;
}
