// Recording a network call. LibTorch's own class does it, since two of its tables have to know of a recording: the
// allocator's, which gives a pool of its own to what is allocated meanwhile, and the random generators'.
#include "capture.hpp"
#include "device.hpp"
#include "failure.hpp"

#ifdef FAST_SDE_TORCH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <cuda_runtime_api.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "quiet.hpp"

using at::cuda::CUDAGraph;

namespace {

// The graphs recorded on one stream end together: some versions of LibTorch free the stream's cuBLAS workspace with the
// first graph that ends, and the kernels of the others write into it.
using Recordings = std::vector<std::unique_ptr<CUDAGraph>>;

}  // namespace

struct fast_sde_graph {
  c10::Device device;
  fast_sde::Layouts::Held modules;  // the addresses of their weights stand in the graph
  std::shared_ptr<Recordings> recordings;
  CUDAGraph* graph;
};

namespace fast_sde {
namespace {

// One recording at a time, and no graph ends and no memory is freed meanwhile.
std::mutex& recording() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

// Under recording().
std::shared_ptr<Recordings> recordings_of(void* stream) {
  static auto* all = new std::map<void*, std::weak_ptr<Recordings>>;
  std::erase_if(*all, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<Recordings>& known = (*all)[stream];
  std::shared_ptr<Recordings> recordings = known.lock();
  if (recordings == nullptr) {
    recordings = std::make_shared<Recordings>();
    known = recordings;
  }
  return recordings;
}

// This thread alone is kept from calls that a recording forbids, such as cudaMalloc: other jobs go on.
constexpr cudaStreamCaptureMode kMode = cudaStreamCaptureModeThreadLocal;

// Whether capture_end() came as far as leaving LibTorch's tables; ~CUDAGraph() then frees the rest.
bool has_left_tables(CUDAGraph& graph) noexcept {
  try {
    static_cast<void>(graph.pool());  // throws before
    return true;
  } catch (...) {
    return false;
  }
}

void end_stream_capture(cudaStream_t stream) noexcept {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  if (cudaStreamIsCapturing(stream, &status) == cudaSuccess && status != cudaStreamCaptureStatusNone) {
    cudaGraph_t broken = nullptr;
    cudaStreamEndCapture(stream, &broken);
    if (broken != nullptr) cudaGraphDestroy(broken);
  }
  forget_device_error();
}

// After a failure anywhere between capture_begin() and the end of capture_end(), with `stream` current. A recording
// that CUDA calls invalid makes capture_end() throw before it leaves LibTorch's tables, and these then hold on to a
// graph that is gone. So the invalid one is ended here, and capture_end() gets another to end, with nothing in it.
// False where the tables could not be left: the graph has to stay.
bool abandon(CUDAGraph& graph, cudaStream_t stream) noexcept {
  end_stream_capture(stream);
  if (!has_left_tables(graph)) {
    try {
      const Quiet quiet;  // it warns of an empty graph
      if (cudaStreamBeginCapture(stream, kMode) == cudaSuccess) graph.capture_end();
    } catch (...) {
    }
    end_stream_capture(stream);
  }
  return has_left_tables(graph);
}

}  // namespace

fast_sde_graph* record_graph(fast_sde_model& model, const fast_sde_model_call& call, void (*then)(void*),
                             void* context) {
  if (!model.device.is_cuda()) throw StatusError(FAST_SDE_DEVICE_UNAVAILABLE, "a module on the CPU has no CUDA graphs");
  const StreamScope scope(model.device, call.stream);
  const std::lock_guard lock(recording());

  const std::shared_ptr<Recordings> recordings = recordings_of(call.stream);
  auto made = std::make_unique<fast_sde_graph>(fast_sde_graph{model.device, {}, recordings, nullptr});
  recordings->push_back(std::make_unique<CUDAGraph>());
  CUDAGraph& graph = *recordings->back();
  made->graph = &graph;
  try {
    graph.capture_begin({0, 0}, kMode);
    evaluate_model(model, call);
    then(context);
    graph.capture_end();
    made->modules = model.layouts.held();
  } catch (...) {
    if (!abandon(graph, static_cast<cudaStream_t>(call.stream))) static_cast<void>(recordings->back().release());
    throw;
  }
  return made.release();
}

void replay_graph(fast_sde_graph& graph, void* stream) {
  const StreamScope scope(graph.device, stream);
  graph.graph->replay();
}

void drop_graph(fast_sde_graph* graph) {
  const std::lock_guard lock(recording());
  delete graph;
}

void release_memory_between_captures() {
  const std::lock_guard lock(recording());
  release_device_memory();
}

}  // namespace fast_sde

#else

struct fast_sde_graph {};

namespace fast_sde {

fast_sde_graph* record_graph(fast_sde_model&, const fast_sde_model_call&, void (*)(void*), void*) {
  throw StatusError(FAST_SDE_DEVICE_UNAVAILABLE, std::string("no CUDA graphs: ") + FAST_SDE_TORCH_NO_CUDA);
}

void replay_graph(fast_sde_graph&, void*) {}
void drop_graph(fast_sde_graph*) {}
void release_memory_between_captures() {}

}  // namespace fast_sde

#endif
