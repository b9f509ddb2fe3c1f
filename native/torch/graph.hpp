// Rewrites of a frozen graph before its first run: memory layout of the weights, precision of the network.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <functional>

namespace fast_sde {

// Those of inner blocks too.
void for_each_node(torch::jit::Block* block, const std::function<void(torch::jit::Node*)>& visit);

bool has_convolutions_2d(torch::jit::Graph& graph);

// Stores the weights of 2-D convolutions in channels_last, so that no call has to reorder them.
void weights_to_channels_last(torch::jit::Graph& graph);

// Turns forward(self, x, t, …) into a network that computes in `dtype`, save for what depends on t alone.
//
// Converting a whole module destroys its time: bfloat16 has 8 bits, so the label 937.4 becomes 936 and the
// sinusoids of a time embedding are noise. Here a value that is a function of t and of weights, not of x, stays
// float32 and is narrowed where it first meets the rest. (Autocasting does as much but took 15 % longer on a
// small U-Net: it narrows the weights again in every call.)
void narrow_network(torch::jit::Graph& graph, at::ScalarType dtype);

}  // namespace fast_sde
