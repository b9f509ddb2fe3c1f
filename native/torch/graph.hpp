// What the rewrites of a module's graph share, and the one of its weights' memory layout.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <initializer_list>

namespace fast_sde {

// Those of inner blocks too.
void for_each_node(torch::jit::Block* block, const std::function<void(torch::jit::Node*)>& visit);

bool is_one_of(const torch::jit::Node* node, std::initializer_list<const char*> names);

// The tensor that a value always is, such as a frozen weight.
c10::optional<at::Tensor> constant_tensor(const torch::jit::Value* value);

// The number of the input that the operator's schema calls by one of these names; the first that it knows.
c10::optional<size_t> argument(const torch::jit::Node* node, std::initializer_list<const char*> names);

void set_constant(torch::jit::Node* node, size_t input, const c10::IValue& value);

bool has_convolutions_2d(torch::jit::Graph& graph);

// Stores the frozen weights of 2-D convolutions in this layout, so that no call has to reorder them. Before the
// graph's first run.
void reorder_weights(torch::jit::Graph& graph, at::MemoryFormat format);

}  // namespace fast_sde
