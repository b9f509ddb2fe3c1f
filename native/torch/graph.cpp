#include "graph.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fast_sde {
namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

bool is_convolution_2d(const Node* node) {
  return is_one_of(node, {"aten::conv2d", "aten::_convolution", "aten::convolution", "aten::conv_transpose2d"});
}

}  // namespace

bool is_one_of(const Node* node, std::initializer_list<const char*> names) {
  const std::string kind = node->kind().toQualString();
  return std::find(names.begin(), names.end(), kind) != names.end();
}

c10::optional<at::Tensor> constant_tensor(const Value* value) {
  if (value->node()->kind() != torch::jit::prim::Constant) return c10::nullopt;
  const auto constant = torch::jit::toIValue(value);
  if (!constant || !constant->isTensor() || !constant->toTensor().defined()) return c10::nullopt;
  return constant->toTensor();
}

c10::optional<size_t> argument(const Node* node, std::initializer_list<const char*> names) {
  const auto* schema = node->maybeSchema();
  if (schema == nullptr) return c10::nullopt;
  for (const char* name : names) {
    const auto index = schema->argumentIndexWithName(name);
    if (index && static_cast<size_t>(*index) < node->inputs().size()) return static_cast<size_t>(*index);
  }
  return c10::nullopt;
}

void set_constant(Node* node, size_t input, const c10::IValue& value) {
  torch::jit::WithInsertPoint here(node);
  node->replaceInput(input, node->owningGraph()->insertConstant(value));
}

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

void reorder_weights(Graph& graph, at::MemoryFormat format) {
  for_each_node(graph.block(), [&](Node* node) {
    if (!is_convolution_2d(node)) return;
    const auto weight = constant_tensor(node->inputs()[1]);
    if (!weight || weight->dim() != 4) return;
    set_constant(node, 1, weight->to(weight->scalar_type(), false, false, format));
  });
  torch::jit::EliminateDeadCode(graph.block());  // the constants that nobody reads any more hold their memory
}

}  // namespace fast_sde
