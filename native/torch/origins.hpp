// Which of a graph's values depend on x, which on the time alone, and which on neither.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <unordered_map>

namespace fast_sde {

// Ordered: a value is what its furthest-reaching input is.
enum class Origin { constant, time, network };

// Of every value of forward(self, x, t, condition): x and the condition are the network's.
class Origins {
 public:
  explicit Origins(torch::jit::Graph& graph);

  Origin of(const torch::jit::Value* value) const {
    const auto found = origins_.find(value);
    return found == origins_.end() ? Origin::constant : found->second;
  }

  // What a node computes with; a branch or loop computes nothing itself. The size, type or device of a tensor is no
  // number of the network's, else t.expand(x.shape[0]) and t.type_as(x) would be.
  Origin of(const torch::jit::Node* node) const;

 private:
  void raise(const torch::jit::Value* value, Origin origin);
  void visit(torch::jit::Block* block);
  void visit_loop(torch::jit::Node* node);

  std::unordered_map<const torch::jit::Value*, Origin> origins_;
  bool changed_ = false;
};

}  // namespace fast_sde
