// Where a network that computes in a reduced precision computes in float32 nevertheless, because its author says so:
// norms and softmaxes are often written x.float() … .to(x.dtype).
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <unordered_set>

#include "origins.hpp"

namespace fast_sde {

// Of the values that depend on x. What is not wide is narrow: of the reduced precision.
class Widths {
 public:
  Widths(torch::jit::Graph& graph, const Origins& origins);

  bool wide(const torch::jit::Value* value) const { return wide_.count(value) != 0; }

  // What an operator's inputs have to be: operators such as convolutions take no mixture.
  bool computes_wide(const torch::jit::Node* node) const;

 private:
  void raise(const torch::jit::Value* value, bool wide);
  void visit(torch::jit::Block* block);
  void visit_loop(torch::jit::Node* node);
  bool answers_wide(const torch::jit::Node* node) const;
  bool upcasts(const torch::jit::Node* node) const;

  const Origins& origins_;
  bool traced_;
  std::unordered_set<const torch::jit::Value*> wide_;
  bool changed_ = false;
};

// The input of an operator that names the type of its answer, by a constant.
c10::optional<at::ScalarType> asked_type(const torch::jit::Node* node);

}  // namespace fast_sde
