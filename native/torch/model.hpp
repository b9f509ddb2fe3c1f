// A TorchScript module made ready for inference: precision and memory layout chosen, frozen.
#pragma once

#include <torch/script.h>

#include <atomic>
#include <memory>

#include "../contract/plugin_abi.h"
#include "layouts.hpp"

// The handle of contract/plugin_abi.h. Any number of threads may evaluate it at once.
struct fast_sde_model {
  explicit fast_sde_model(torch::jit::Module module) : layouts(std::move(module)) {}

  fast_sde::Layouts layouts;
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;     // of x inside the network; time and answers are float32
  bool tf32 = false;                     // CUDA's products of float32 numbers may round the factors to 10 bits
  int32_t layout = FAST_SDE_CONTIGUOUS;  // AUTO only where there are convolutions
  bool writes_input = false;             // forward() changes x in place: it gets a copy
  bool needs_condition = false, takes_condition = false;
  uint64_t bytes = 0;                   // of its weights
  fast_sde_model_facts facts{};         // all but fell_back
  std::atomic<bool> fell_back = false;  // see fast_sde_model_facts
};

namespace fast_sde {

// Throws StatusError, c10::Error or std::bad_alloc.
std::unique_ptr<fast_sde_model> load_model(const fast_sde_model_options& options);

// One network call into call.out; on CUDA enqueued on call.stream, which nobody waits for. Throws as above.
void evaluate_model(fast_sde_model& model, const fast_sde_model_call& call);

// The same from and into host memory, waited for, on a stream of its own.
void ask_model(fast_sde_model& model, const fast_sde_model_call& call);

// float64 and half precisions become float32: for a module that cannot take a float32 x otherwise.
void unify_model(fast_sde_model& model);

}  // namespace fast_sde
