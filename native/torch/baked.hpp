// What tracing bakes into a graph although it belongs to where and how the graph runs: devices, the switches of
// convolutions, and whether the network is being trained. Before the graph's first run and before it is frozen.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

#include <set>
#include <string>

namespace fast_sde {

// A module traced on a CPU makes its tensors there for ever: torch.arange(n, device=t.device) becomes
// arange(n, device="cpu"), and one traced on a GPU makes them on that GPU. Every constant device that is a CPU or a
// CUDA device becomes this one.
void move_devices(torch::jit::Graph& graph, at::Device device);

// A module traced in train mode drops numbers out, and norms by its batch, for ever. Both end here, as eval() would
// have ended them; the operators' names. A batch norm without running statistics has nothing else to norm by and stays.
std::set<std::string> leave_train_mode(torch::jit::Graph& graph);

// On CUDA. torch.jit.trace keeps each convolution's allow_tf32 and deterministic as they were then.
void set_convolutions(torch::jit::Graph& graph, bool tf32);

}  // namespace fast_sde
