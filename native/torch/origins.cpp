#include "origins.hpp"

#include <algorithm>

#include "graph.hpp"

namespace fast_sde {
namespace {

using torch::jit::Block;
using torch::jit::Node;
using torch::jit::Value;

bool is_metadata(const Node* node) {
  return is_one_of(
      node, {"aten::size", "aten::dim", "aten::len", "aten::numel", "prim::device", "prim::layout", "prim::dtype"});
}

}  // namespace

// Loops carry values backwards, hence rounds until nothing changes.
Origins::Origins(torch::jit::Graph& graph) {
  const auto inputs = graph.inputs();  // self, x, t, condition
  for (size_t i = 1; i < inputs.size(); ++i) raise(inputs[i], i == 2 ? Origin::time : Origin::network);
  do {
    changed_ = false;
    visit(graph.block());
  } while (changed_);
}

Origin Origins::of(const Node* node) const {
  if (is_metadata(node)) return Origin::constant;
  const auto of_another = argument(node, {"other"});
  const bool takes_type_only = of_another && is_one_of(node, {"aten::type_as", "aten::to"});
  Origin origin = Origin::constant;
  for (size_t i = 0; i < node->inputs().size(); ++i) {
    if (!takes_type_only || i != *of_another) origin = std::max(origin, of(node->inputs()[i]));
  }
  return origin;
}

void Origins::raise(const Value* value, Origin origin) {
  if (origin <= of(value)) return;
  origins_[value] = origin;
  changed_ = true;
}

void Origins::visit(Block* block) {
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
void Origins::visit_loop(Node* node) {
  Block* body = node->blocks()[0];
  visit(body);
  for (size_t i = 0; i < node->outputs().size(); ++i) {
    const Origin origin = std::max(of(node->inputs()[i + 2]), of(body->outputs()[i + 1]));
    raise(body->inputs()[i + 1], origin);
    raise(node->outputs()[i], origin);
  }
}

}  // namespace fast_sde
