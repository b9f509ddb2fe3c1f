// The plugin's one exported symbol and its table of functions; see contract/plugin_abi.h.
#include <torch/version.h>

#include <cstring>
#include <memory>

#include "../contract/fingerprint.hpp"
#include "activations.hpp"
#include "capture.hpp"
#include "deep_stack.hpp"
#include "device.hpp"
#include "failure.hpp"
#include "model.hpp"

namespace {

template <class Body>
fast_sde_status fenced(fast_sde_error* error, fast_sde_status otherwise, Body body) noexcept {
  return fast_sde::fenced(error, otherwise, body, fast_sde::torch_report);
}

const char* version() { return TORCH_VERSION; }

int32_t cuda_devices() {
  int32_t count = 0;
  fenced(nullptr, FAST_SDE_DEVICE_UNAVAILABLE, [&] { count = fast_sde::cuda_device_count(); });
  return count;
}

// On a thread that ends with it: OpenMP gives every thread that computes a team of its own, and as soon as teams have
// more threads than there are cores, theirs sleep between operators instead of waiting a moment. A caller's pooled
// thread would keep its team for ever, and every later network call would pay.
template <class Body>
fast_sde_status on_own_thread(fast_sde_error* error, fast_sde_status otherwise, Body body) {
  fast_sde_status status = FAST_SDE_OUT_OF_MEMORY;
  const fast_sde_status started = fenced(error, FAST_SDE_OUT_OF_MEMORY, [&] {
    fast_sde::run_on_deep_stack([&] { status = fenced(error, otherwise, body); });
  });
  return started == FAST_SDE_OK ? status : started;
}

fast_sde_status load(const fast_sde_model_options* options, fast_sde_model** model, fast_sde_error* error) {
  *model = nullptr;
  return on_own_thread(error, FAST_SDE_MODEL_INVALID, [&] { *model = fast_sde::load_model(*options).release(); });
}

fast_sde_status describe(fast_sde_model* model, fast_sde_model_facts* facts, fast_sde_error* error) {
  return fenced(error, FAST_SDE_INTERNAL, [&] {
    *facts = model->facts;
    facts->fell_back = model->fell_back ? 1 : 0;
  });
}

fast_sde_status ask(fast_sde_model* model, const fast_sde_model_call* call, fast_sde_error* error) {
  const fast_sde_status status =
      on_own_thread(error, FAST_SDE_MODEL_FAILED, [&] { fast_sde::ask_model(*model, *call); });
  if (status != FAST_SDE_OK) fast_sde::forget_device_error();
  return status;
}

fast_sde_status unify(fast_sde_model* model, fast_sde_error* error) {
  return on_own_thread(error, FAST_SDE_MODEL_FAILED, [&] { fast_sde::unify_model(*model); });
}

fast_sde_status keep(fast_sde_model* model, int32_t layout, fast_sde_error* error) {
  const auto kept = layout == FAST_SDE_CHANNELS_LAST ? fast_sde::Layout::channels_last : fast_sde::Layout::contiguous;
  return fenced(error, FAST_SDE_MODEL_FAILED, [&] { model->layouts.keep(kept); });
}

fast_sde_status evaluate(fast_sde_model* model, const fast_sde_model_call* call, fast_sde_error* error) {
  const fast_sde_status status = fenced(error, FAST_SDE_MODEL_FAILED, [&] { fast_sde::evaluate_model(*model, *call); });
  if (status != FAST_SDE_OK) fast_sde::forget_device_error();
  return status;
}

uint64_t memory(const fast_sde_model* model) { return model->bytes; }

void release(fast_sde_model* model) {
  fenced(nullptr, FAST_SDE_MODEL_FAILED, [&] {
    delete model;
    fast_sde::give_back_idle_memory();
  });
}

fast_sde_status capture(fast_sde_model* model, const fast_sde_model_call* call, void (*then)(void*), void* context,
                        fast_sde_graph** graph, fast_sde_error* error) {
  *graph = nullptr;
  const fast_sde_status status =
      fenced(error, FAST_SDE_MODEL_FAILED, [&] { *graph = fast_sde::record_graph(*model, *call, then, context); });
  if (status != FAST_SDE_OK && error != nullptr) error->message[std::strcspn(error->message, "\n")] = '\0';
  return status;
}

fast_sde_status replay(fast_sde_graph* graph, void* stream, fast_sde_error* error) {
  const fast_sde_status status = fenced(error, FAST_SDE_INTERNAL, [&] { fast_sde::replay_graph(*graph, stream); });
  if (status != FAST_SDE_OK) fast_sde::forget_device_error();
  return status;
}

void drop(fast_sde_graph* graph) {
  fenced(nullptr, FAST_SDE_INTERNAL, [&] { fast_sde::drop_graph(graph); });
}

void release_memory() {
  fenced(nullptr, FAST_SDE_INTERNAL, [] { fast_sde::release_memory_between_captures(); });
}

const fast_sde_torch_api& api() {
  static const fast_sde_torch_api all = {
      FAST_SDE_PLUGIN_ABI,
      fast_sde::torch_fingerprint(),
      version,
      cuda_devices,
      load,
      evaluate,
      memory,
      release,
      capture,
      replay,
      drop,
      release_memory,
      describe,
      ask,
      unify,
      keep,
  };
  return all;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const fast_sde_torch_api* fast_sde_torch_get_api(
    uint32_t abi_version) {
  return abi_version == FAST_SDE_PLUGIN_ABI ? &api() : nullptr;
}
