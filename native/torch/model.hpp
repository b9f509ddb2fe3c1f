// A TorchScript module made ready for inference: precision and memory layout chosen, frozen.
#pragma once

#include <torch/script.h>

#include "../contract/plugin_abi.h"

// The handle of contract/plugin_abi.h. Immutable after `load_model`: any number of threads may evaluate it at once.
struct fast_sde_model {
  torch::jit::Module module;
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // of x inside the network; time and answers are float32
  bool tf32 = false;                  // CUDA's products of float32 numbers may round the factors to 10 bits
  bool channels_last = false;
  bool writes_input = false;  // forward() changes x in place: it gets a copy
  bool needs_condition = false, takes_condition = false;
};

namespace fast_sde {

// Throws ModelError, c10::Error or std::bad_alloc.
fast_sde_model load_model(const fast_sde_model_options& options);

// One network call into call.out; on CUDA enqueued on call.stream, which nobody waits for. Throws as above.
void evaluate_model(const fast_sde_model& model, const fast_sde_model_call& call);

// LibTorch's intra-op threads for every later evaluation, whichever thread makes it; 0: LibTorch's own choice.
void set_evaluation_threads(int threads);

}  // namespace fast_sde
