#include "graph.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/library.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace fast_sde {
namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

// Integers (indices, labels of classes) pass unchanged, which no operator of TorchScript does in one go.
at::Tensor narrow(const at::Tensor& value, at::ScalarType dtype) {
  return value.is_floating_point() ? value.to(dtype) : value;
}

const c10::Symbol kNarrow = c10::Symbol::fromQualString("fast_sde::narrow");

bool is_convolution_2d(const Node* node) {
  static const std::vector<std::string> names = {"aten::conv2d", "aten::_convolution", "aten::convolution",
                                                 "aten::conv_transpose2d"};
  return std::find(names.begin(), names.end(), node->kind().toQualString()) != names.end();
}

bool is_metadata(const Node* node) {
  static const std::vector<std::string> names = {"aten::size",   "aten::dim",    "aten::len",  "aten::numel",
                                                 "prim::device", "prim::layout", "prim::dtype"};
  return std::find(names.begin(), names.end(), node->kind().toQualString()) != names.end();
}

c10::optional<at::Tensor> constant_tensor(const Value* value) {
  if (value->node()->kind() != torch::jit::prim::Constant) return c10::nullopt;
  const auto constant = torch::jit::toIValue(value);
  if (!constant || !constant->isTensor() || !constant->toTensor().defined()) return c10::nullopt;
  return constant->toTensor();
}

// Where a value comes from; ordered: a value is what its furthest-reaching input is.
enum class Origin { constant, time, network };

// Finds every value's origin. Loops carry values backwards, hence rounds until nothing changes.
class Origins {
 public:
  explicit Origins(Graph& graph) {
    const auto inputs = graph.inputs();  // self, x, t, condition
    for (size_t i = 1; i < inputs.size(); ++i) raise(inputs[i], i == 2 ? Origin::time : Origin::network);
    do {
      changed_ = false;
      visit(graph.block());
    } while (changed_);
  }

  Origin of(const Value* value) const {
    const auto found = origins_.find(value);
    return found == origins_.end() ? Origin::constant : found->second;
  }

  // What a node computes with; a branch or loop computes nothing itself. The size, type or device of a tensor is no
  // number of the network's, else t.expand(x.shape[0]) would be one.
  Origin of(const Node* node) const {
    if (is_metadata(node)) return Origin::constant;
    Origin origin = Origin::constant;
    for (const Value* input : node->inputs()) origin = std::max(origin, of(input));
    return origin;
  }

 private:
  void raise(const Value* value, Origin origin) {
    if (origin <= of(value)) return;
    origins_[value] = origin;
    changed_ = true;
  }

  void visit(Block* block) {
    for (Node* node : block->nodes()) {
      if (node->kind() == torch::jit::prim::If) {
        for (Block* branch : node->blocks()) {
          visit(branch);
          for (size_t i = 0; i < node->outputs().size(); ++i) raise(node->outputs()[i], of(branch->outputs()[i]));
        }
      } else if (node->kind() == torch::jit::prim::Loop) {
        visit_loop(node);
      } else {
        for (const Value* output : node->outputs()) raise(output, of(node));
      }
    }
  }

  // Inputs: trip count, condition, carried…; body: (index, carried…) -> (condition, carried…).
  void visit_loop(Node* node) {
    Block* body = node->blocks()[0];
    visit(body);
    for (size_t i = 0; i < node->outputs().size(); ++i) {
      const Origin origin = std::max(of(node->inputs()[i + 2]), of(body->outputs()[i + 1]));
      raise(body->inputs()[i + 1], origin);
      raise(node->outputs()[i], origin);
    }
  }

  std::unordered_map<const Value*, Origin> origins_;
  bool changed_ = false;
};

class Narrowing {
 public:
  Narrowing(Graph& graph, at::ScalarType dtype) : graph_(graph), dtype_(dtype), origins_(graph) {}

  void run() {
    std::vector<Node*> nodes;
    for_each_node(graph_.block(), [&](Node* node) { nodes.push_back(node); });
    for (Node* node : nodes) {
      if (node->kind() == torch::jit::prim::If) {
        for (Block* branch : node->blocks()) narrow_returned(branch, node->outputs(), 0);
      } else if (node->kind() == torch::jit::prim::Loop) {
        for (size_t i = 0; i < node->outputs().size(); ++i) {
          if (origins_.of(node->outputs()[i]) == Origin::network) narrow_input(node, i + 2);
        }
        narrow_returned(node->blocks()[0], node->outputs(), 1);
      } else if (origins_.of(node) == Origin::network) {
        for (size_t i = 0; i < node->inputs().size(); ++i) narrow_input(node, i);
      }
    }
  }

 private:
  void narrow_returned(Block* block, at::ArrayRef<Value*> outputs, size_t offset) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (origins_.of(outputs[i]) == Origin::network) narrow_input(block->return_node(), i + offset);
    }
  }

  void narrow_input(Node* node, size_t i) {
    Value* value = node->inputs()[i];
    if (origins_.of(value) == Origin::network || !value->type()->isSubtypeOf(*c10::TensorType::get())) return;
    if (const auto constant = constant_tensor(value)) {
      if (constant->is_floating_point()) node->replaceInput(i, narrowed_constant(value, *constant));
    } else {
      torch::jit::WithInsertPoint here(node);
      Value* type = graph_.insertConstant(static_cast<int64_t>(dtype_));
      Node* cast = graph_.insertNode(graph_.create(kNarrow, {value, type}, 1));
      node->replaceInput(i, cast->output());
    }
  }

  Value* narrowed_constant(Value* value, const at::Tensor& constant) {
    Value*& narrowed = constants_[value];
    if (narrowed == nullptr) {
      torch::jit::WithInsertPoint here(value->node());
      narrowed = graph_.insertConstant(constant.to(dtype_));
    }
    return narrowed;
  }

  Graph& graph_;
  at::ScalarType dtype_;
  Origins origins_;
  std::unordered_map<Value*, Value*> constants_;
};

}  // namespace

void for_each_node(Block* block, const std::function<void(Node*)>& visit) {
  for (Node* node : block->nodes()) {
    visit(node);
    for (Block* inner : node->blocks()) for_each_node(inner, visit);
  }
}

bool has_convolutions_2d(Graph& graph) {
  bool found = false;
  for_each_node(graph.block(), [&](Node* node) {
    if (!is_convolution_2d(node)) return;
    const auto weight = constant_tensor(node->inputs()[1]);
    found = found || (weight && weight->dim() == 4);
  });
  return found;
}

void weights_to_channels_last(Graph& graph) {
  for_each_node(graph.block(), [&](Node* node) {
    if (!is_convolution_2d(node)) return;
    const auto weight = constant_tensor(node->inputs()[1]);
    if (!weight || weight->dim() != 4) return;
    torch::jit::WithInsertPoint here(node);
    node->replaceInput(
        1, graph.insertConstant(weight->to(weight->scalar_type(), false, false, at::MemoryFormat::ChannelsLast)));
  });
}

void narrow_network(Graph& graph, at::ScalarType dtype) {
  Narrowing(graph, dtype).run();
  torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace fast_sde

TORCH_LIBRARY(fast_sde, library) { library.def("narrow(Tensor value, ScalarType dtype) -> Tensor", fast_sde::narrow); }
