// The emulated runtime: two devices, their memory, streams that are queues, events.
//
// FAST_SDE_EMULATED_MEMORY: bytes of memory of all devices together, 1 GiB otherwise.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "cuda_runtime.h"
#include "fibers.hpp"

namespace simt {

using Work = std::function<void()>;

struct Stream {
  std::deque<Work> pending;
  std::vector<Work>* recording = nullptr;  // where work goes instead while a graph is made
};

struct Event {
  uint64_t recorded = 0, reached = 0;  // how often
  Stream* stream = nullptr;            // of the last record
};

namespace {

// Device 0 has clusters, device 1 has not, so that both ways through a row of several chunks are taken.
constexpr int devices = 2;
constexpr int major_of[devices] = {9, 8};

struct State {
  std::recursive_mutex mutex;
  std::map<void*, size_t> memory;
  std::set<Stream*> streams;
  size_t used = 0;
  uint64_t launches = 0;
};

State& state() {
  static auto* all = new State;
  return *all;
}

using Lock = std::lock_guard<std::recursive_mutex>;

size_t limit() {
  const char* given = std::getenv("FAST_SDE_EMULATED_MEMORY");
  return given == nullptr ? size_t{1} << 30 : std::strtoull(given, nullptr, 10);
}

bool step(Stream& stream) {
  if (stream.pending.empty()) return false;
  auto next = std::move(stream.pending.front());
  stream.pending.pop_front();
  next();
  return true;
}

void finish(Stream& stream) {
  while (step(stream)) {
  }
}

void finish_all() {
  for (Stream* stream : state().streams) finish(*stream);
}

void enqueue(Stream* stream, Work work) {
  const Lock lock(state().mutex);
  if (stream->recording != nullptr) {
    stream->recording->push_back(std::move(work));
  } else {
    stream->pending.push_back(std::move(work));
  }
}

}  // namespace

uint64_t clock() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

void launch(Stream* stream, unsigned blocks, unsigned threads, unsigned cluster, size_t memory,
            std::function<void()> thread) {
  enqueue(stream, [=] {
    const uint64_t seed = ++state().launches;
    const unsigned groups = blocks / cluster;
    for (unsigned k = 0; k < groups; ++k) {
      const unsigned group = seed % 2 == 0 ? k : groups - 1 - k;  // blocks come in any order
      run_group({group * cluster, cluster, blocks, threads, memory}, thread, seed * 7919 + group);
    }
  });
}

}  // namespace simt

using simt::finish;
using simt::Lock;
using simt::state;

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorInvalidValue:
      return "invalid argument";
    default:
      return "an emulated error";
  }
}

cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = simt::devices;
  return cudaSuccess;
}

namespace {
thread_local int current_device = 0;
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= simt::devices) return cudaErrorInvalidDevice;
  current_device = device;
  return cudaSuccess;
}

cudaError_t emulated_code_version(int* version) {
  *version = 10 * simt::major_of[current_device];
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  std::snprintf(properties->name, sizeof properties->name, "emulated");
  properties->major = simt::major_of[device];
  properties->minor = 0;
  properties->multiProcessorCount = 1;
  properties->totalGlobalMem = simt::limit();
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  const Lock lock(state().mutex);
  if (bytes > simt::limit() || state().used > simt::limit() - bytes) return cudaErrorMemoryAllocation;
  *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(*memory, 0xff, bytes);
  state().memory[*memory] = bytes;
  state().used += bytes;
  return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
  const Lock lock(state().mutex);
  simt::finish_all();  // as CUDA does
  auto found = state().memory.find(memory);
  if (found == state().memory.end()) std::abort();
  state().used -= found->second;
  state().memory.erase(found);
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned) {
  *memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  simt::enqueue(stream, [=] { std::memset(memory, value, bytes); });
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  simt::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind) {
  for (size_t row = 0; row < height; ++row) {
    std::memcpy(static_cast<char*>(to) + row * to_pitch, static_cast<const char*>(from) + row * from_pitch, width);
  }
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Lock lock(state().mutex);
  *stream = new simt::Stream;
  state().streams.insert(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock(state().mutex);
  finish(*stream);
  return cudaSuccess;
}

// Being asked is what makes time pass.
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const Lock lock(state().mutex);
  return simt::step(*stream) ? cudaErrorNotReady : cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const Lock lock(state().mutex);
  const uint64_t awaited = event->recorded;
  simt::enqueue(stream, [=] {
    while (event->reached < awaited && simt::step(*event->stream)) {
    }
  });
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new simt::Event;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Lock lock(state().mutex);
  simt::finish_all();
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock(state().mutex);
  const uint64_t number = ++event->recorded;
  event->stream = stream;
  simt::enqueue(stream, [=] { event->reached = number; });
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Lock lock(state().mutex);
  if (event->reached == event->recorded) return cudaSuccess;
  simt::step(*event->stream);
  return cudaErrorNotReady;
}

// For tests that stand in for a network: work in the stream's order, and graphs of it (native/test/devices.hpp).
extern "C" {
#define EXPORTED __attribute__((visibility("default")))

EXPORTED void fast_sde_emulated_enqueue(void* stream, void (*work)(void*), void* context) {
  simt::enqueue(static_cast<cudaStream_t>(stream), [=] { work(context); });
}

EXPORTED void* fast_sde_emulated_begin_capture(void* stream) {
  const Lock lock(state().mutex);
  return static_cast<cudaStream_t>(stream)->recording = new std::vector<simt::Work>;
}

EXPORTED void fast_sde_emulated_end_capture(void* stream) {
  const Lock lock(state().mutex);
  static_cast<cudaStream_t>(stream)->recording = nullptr;
}

EXPORTED void fast_sde_emulated_replay(void* graph, void* stream) {
  for (const simt::Work& work : *static_cast<std::vector<simt::Work>*>(graph)) {
    simt::enqueue(static_cast<cudaStream_t>(stream), work);
  }
}

EXPORTED void fast_sde_emulated_drop(void* graph) { delete static_cast<std::vector<simt::Work>*>(graph); }
}
