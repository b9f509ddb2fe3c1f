// What tracing bakes into a graph although it belongs to where and how the graph runs: devices and the switches of
// convolutions. For modules on CUDA; before the graph's first run and before it is frozen.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

namespace fast_sde {

// A module traced on a CPU makes its tensors there for ever: torch.arange(n, device=t.device) becomes
// arange(n, device="cpu"). Every constant device that is a CPU or a CUDA device becomes this one.
void move_devices(torch::jit::Graph& graph, at::Device device);

// torch.jit.trace keeps each convolution's allow_tf32 and deterministic as they were then.
void set_convolutions(torch::jit::Graph& graph, bool tf32);

}  // namespace fast_sde
