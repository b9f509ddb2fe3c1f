// The plugin's one exported symbol and its table of functions; see plugin/abi.h.
#include <torch/cuda.h>
#include <torch/version.h>

#include <memory>
#include <thread>

#include "fence.hpp"
#include "model.hpp"

namespace {

using fast_sde::fenced;

const char* version() { return TORCH_VERSION; }

int32_t cuda_devices() {
  int32_t count = 0;
  fenced(nullptr, FAST_SDE_DEVICE_UNAVAILABLE, [&] { count = static_cast<int32_t>(torch::cuda::device_count()); });
  return count;
}

fast_sde_status load(const fast_sde_model_options* options, fast_sde_model** model, fast_sde_error* error) {
  *model = nullptr;
  fast_sde_status status = FAST_SDE_OUT_OF_MEMORY;
  const fast_sde_status started = fenced(error, FAST_SDE_OUT_OF_MEMORY, [&] {
    // On a thread that ends with it: OpenMP gives every thread that computes a team of its own, and as soon as teams
    // have more threads than there are cores, theirs sleep between operators instead of waiting a moment. A caller's
    // pooled thread would keep its team for ever, and every later network call would pay.
    std::thread([&] {
      status = fenced(error, FAST_SDE_MODEL_INVALID,
                      [&] { *model = std::make_unique<fast_sde_model>(fast_sde::load_model(*options)).release(); });
    }).join();
  });
  return started == FAST_SDE_OK ? status : started;
}

fast_sde_status evaluate(fast_sde_model* model, const fast_sde_model_call* call, fast_sde_error* error) {
  return fenced(error, FAST_SDE_MODEL_FAILED, [&] { fast_sde::evaluate_model(*model, *call); });
}

void release(fast_sde_model* model) {
  fenced(nullptr, FAST_SDE_MODEL_FAILED, [&] { delete model; });
}

fast_sde_status set_threads(int32_t threads, fast_sde_error* error) {
  return fenced(error, FAST_SDE_MODEL_FAILED, [&] { fast_sde::set_evaluation_threads(threads); });
}

constexpr fast_sde_torch_api kApi = {
    FAST_SDE_PLUGIN_ABI, sizeof(fast_sde_torch_api), version, cuda_devices, load, evaluate, release, set_threads,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const fast_sde_torch_api* fast_sde_torch_get_api(
    uint32_t abi_version) {
  return abi_version == FAST_SDE_PLUGIN_ABI ? &kApi : nullptr;
}
