#include "facts.hpp"

#include <torch/csrc/jit/ir/constants.h>

#include "graph.hpp"

namespace fast_sde {
namespace {

using torch::jit::Graph;
using torch::jit::Node;

bool is_layer(const Node* node) {
  return is_one_of(node, {"aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::_convolution", "aten::convolution",
                          "aten::conv_transpose1d", "aten::conv_transpose2d", "aten::conv_transpose3d", "aten::linear",
                          "aten::addmm", "aten::matmul", "aten::mm", "aten::bmm"});
}

void add(std::set<std::string>& names, const at::Tensor& weight) {
  if (weight.scalar_type() == at::kDouble) names.insert("float64");
  if (weight.scalar_type() == at::kHalf) names.insert("float16");
  if (weight.scalar_type() == at::kBFloat16) names.insert("bfloat16");
}

}  // namespace

std::set<std::string> foreign_weights(const torch::jit::Module& module) {
  std::set<std::string> names;
  for (const at::Tensor& weight : module.parameters()) add(names, weight);
  for_each_node(module.get_method("forward").graph()->block(), [&](Node* node) {
    if (!is_layer(node)) return;
    for (const auto* input : node->inputs()) {
      if (const auto weight = constant_tensor(input)) add(names, *weight);
    }
  });
  return names;
}

std::set<std::string> random_operators(Graph& graph) {
  std::set<std::string> names;
  for_each_node(graph.block(), [&](Node* node) {
    const bool fills =
        is_one_of(node, {"aten::normal_", "aten::uniform_", "aten::bernoulli_", "aten::exponential_", "aten::random_"});
    if (fills || node->isNondeterministic()) names.insert(node->kind().toUnqualString());
  });
  return names;
}

bool norms_by_batch(Graph& graph) {
  bool found = false;
  for_each_node(graph.block(), [&](Node* node) {
    if (!is_one_of(node, {"aten::batch_norm", "aten::_batch_norm_impl_index", "aten::native_batch_norm"})) return;
    const auto training = argument(node, {"training"});
    const auto value = training ? torch::jit::toIValue(node->inputs()[*training]) : c10::nullopt;
    found = found || (value && value->isBool() && value->toBool());
  });
  return found;
}

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace fast_sde
