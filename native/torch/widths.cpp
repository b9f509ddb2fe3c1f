#include "widths.hpp"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <vector>

#include "graph.hpp"

namespace fast_sde {
namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

bool is_full(at::ScalarType type) { return type == at::kFloat || type == at::kDouble; }

bool is_cast(const Node* node) { return is_one_of(node, {"aten::to"}); }

// torch.jit.trace writes the type that was there into them, asked for or not.
bool is_factory(const Node* node) {
  const std::string kind = node->kind().toQualString();
  return kind.find("_like") != std::string::npos || kind.rfind("aten::new_", 0) == 0;
}

bool in_place(const Node* node) {
  const std::string kind = node->kind().toQualString();
  return kind.size() > 2 && kind.back() == '_' && kind[kind.size() - 2] != '_';
}

bool has_weights(const Node* node) {
  if (is_one_of(node, {"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::_convolution", "aten::convolution",
                       "aten::conv_transpose1d", "aten::conv_transpose2d", "aten::conv_transpose3d", "aten::linear",
                       "aten::addmm"})) {
    return true;
  }
  const auto is_constant = [](const Value* input) { return constant_tensor(input).has_value(); };
  return is_one_of(node, {"aten::matmul", "aten::mm", "aten::bmm"}) &&
         std::any_of(node->inputs().begin(), node->inputs().end(), is_constant);
}

// A trace shows x.to(x.dtype) as a cast to float32, like x.float(). An author who means float32 casts back before the
// next layer with weights.
bool reaches_weights(const Node* cast) {
  std::vector<const Value*> open{cast->output()};
  std::unordered_set<const Node*> seen;
  while (!open.empty()) {
    const Value* value = open.back();
    open.pop_back();
    for (const auto& use : value->uses()) {
      const Node* user = use.user;
      if (!seen.insert(user).second || is_cast(user) || is_one_of(user, {"aten::type_as"})) continue;
      if (has_weights(user)) return true;
      open.insert(open.end(), user->outputs().begin(), user->outputs().end());
    }
  }
  return false;
}

}  // namespace

c10::optional<at::ScalarType> asked_type(const Node* node) {
  const auto index = argument(node, {"dtype"});
  if (!index) return c10::nullopt;
  const auto value = torch::jit::toIValue(node->inputs()[*index]);
  if (!value || !value->isInt()) return c10::nullopt;
  return static_cast<at::ScalarType>(value->toInt());
}

Widths::Widths(Graph& graph, const Origins& origins) : origins_(origins), traced_(true) {
  for_each_node(graph.block(), [&](Node* node) { traced_ = traced_ && !is_one_of(node, {"prim::dtype"}); });
  do {
    changed_ = false;
    visit(graph.block());
  } while (changed_);
}

bool Widths::computes_wide(const Node* node) const {
  if (in_place(node)) return wide(node->inputs()[0]);
  const auto is_wide = [&](const Value* input) { return wide(input); };
  return std::any_of(node->inputs().begin(), node->inputs().end(), is_wide);
}

// Only upwards, so that the rounds come to an end.
void Widths::raise(const Value* value, bool wide) {
  if (wide && wide_.insert(value).second) changed_ = true;
}

void Widths::visit(Block* block) {
  for (Node* node : block->nodes()) {
    if (node->kind() == torch::jit::prim::If) {
      for (Block* branch : node->blocks()) {
        visit(branch);
        for (size_t i = 0; i < node->outputs().size(); ++i) raise(node->outputs()[i], wide(branch->outputs()[i]));
      }
    } else if (node->kind() == torch::jit::prim::Loop) {
      visit_loop(node);
    } else if (origins_.of(node) == Origin::network) {
      const bool wide = answers_wide(node);
      for (const Value* output : node->outputs()) raise(output, wide);
    }
  }
}

void Widths::visit_loop(Node* node) {
  Block* body = node->blocks()[0];
  visit(body);
  for (size_t i = 0; i < node->outputs().size(); ++i) {
    const bool carried = wide(node->inputs()[i + 2]) || wide(body->outputs()[i + 1]);
    raise(body->inputs()[i + 1], carried);
    raise(node->outputs()[i], carried);
  }
}

bool Widths::answers_wide(const Node* node) const {
  if (const auto type = asked_type(node)) return is_full(*type) && upcasts(node);
  const auto follows = [&](const Value* other) { return origins_.of(other) != Origin::network || wide(other); };
  if (is_cast(node) || is_one_of(node, {"aten::type_as"})) {
    if (const auto other = argument(node, {"other"})) return follows(node->inputs()[*other]);
    if (const auto dtype = argument(node, {"dtype"})) {
      const Node* source = node->inputs()[*dtype]->node();
      if (is_one_of(source, {"prim::dtype"})) return follows(source->inputs()[0]);
    }
  }
  return computes_wide(node);
}

bool Widths::upcasts(const Node* node) const {
  if (!traced_) return true;
  if (is_factory(node)) return false;
  if (!is_cast(node)) return true;
  return !wide(node->inputs()[0]) && !reaches_weights(node);
}

}  // namespace fast_sde
