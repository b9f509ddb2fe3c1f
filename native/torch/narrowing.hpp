// A network in bfloat16 or float16, from one in float32.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

namespace fast_sde {

// Turns forward(self, x, t, …) into a network that computes in `dtype`, save for what depends on t alone and what
// casts itself to float32 (see widths.hpp). Before the graph's first run.
//
// Converting a whole module destroys its time: bfloat16 has 8 bits, so the label 937.4 becomes 936 and the
// sinusoids of a time embedding are noise. Here a value that is a function of t and of weights, not of x, stays
// float32 and is narrowed where it first meets the rest. (Autocasting does as much but took 15 % longer on a
// small U-Net: it narrows the weights again in every call.)
void narrow_network(torch::jit::Graph& graph, at::ScalarType dtype);

// Weights of float64 and of half precisions become float32, save for those of the type `spared`.
void unify_weights(torch::jit::Graph& graph, at::ScalarType spared);

// Where an operator names one of those types for its answer, it names float32.
void unify_names(torch::jit::Graph& graph, at::ScalarType spared);

}  // namespace fast_sde
