#include "baked.hpp"

#include <torch/csrc/jit/ir/constants.h>

#include <vector>

#include "graph.hpp"

namespace fast_sde {
namespace {

using torch::jit::Graph;
using torch::jit::Node;

// aten::_convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, benchmark,
// deterministic, cudnn_enabled, allow_tf32); an older form ends before the last.
constexpr size_t kDeterministic = 10, kAllowTf32 = 12, kInputs = 13;

std::vector<Node*> nodes_of(Graph& graph, c10::Symbol kind) {
  std::vector<Node*> found;
  for_each_node(graph.block(), [&](Node* node) {
    if (node->kind() == kind) found.push_back(node);
  });
  return found;
}

// What a "cuda" or "cuda:1" in the module's own code stands for.
c10::optional<at::Device> named_device(const torch::jit::Value* value) {
  const auto constant = torch::jit::toIValue(value);
  if (!constant || !constant->isString()) return c10::nullopt;
  try {
    return at::Device(constant->toStringRef());
  } catch (const c10::Error&) {
    return c10::nullopt;
  }
}

bool is_true(const torch::jit::Value* value) {
  const auto constant = torch::jit::toIValue(value);
  return constant && constant->isBool() && constant->toBool();
}

// Drop-out with the probability 0 does nothing in either mode.
bool drops_nothing(const Node* node) {
  const auto p = argument(node, {"p", "dropout", "dropout_p"});
  const auto value = p ? torch::jit::toIValue(node->inputs()[*p]) : c10::nullopt;
  return value && value->isDouble() && value->toDouble() == 0;
}

bool has_running_statistics(const Node* node) {
  const auto mean = argument(node, {"running_mean"});
  return !mean || !node->inputs()[*mean]->type()->isSubtypeOf(*c10::NoneType::get());
}

// The count of batches seen, which only training reads.
bool counts_batches(const Node* node) {
  if (!is_one_of(node, {"aten::add_"}) || node->output()->hasUses()) return false;
  const Node* source = node->inputs()[0]->node();
  return source->kind() == torch::jit::prim::GetAttr && source->s(torch::jit::attr::name) == "num_batches_tracked";
}

}  // namespace

void move_devices(Graph& graph, at::Device device) {
  for (Node* node : nodes_of(graph, torch::jit::prim::Constant)) {
    const auto value = torch::jit::toIValue(node->output());
    if (!value || !value->isDevice()) continue;
    const at::Device baked = value->toDevice();
    if (baked == device || !(baked.is_cpu() || baked.is_cuda())) continue;
    torch::jit::WithInsertPoint here(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(device));
  }
  // torch.device("cuda"), and x.cuda()
  for (Node* node : nodes_of(graph, c10::Symbol::fromQualString("aten::device"))) {
    const auto named = named_device(node->inputs()[0]);
    if (!named || !(named->is_cpu() || named->is_cuda())) continue;
    torch::jit::WithInsertPoint here(node);
    node->output()->replaceAllUsesWith(graph.insertConstant(device));
  }
  if (!device.is_cpu()) return;
  for (Node* node : nodes_of(graph, c10::Symbol::fromQualString("aten::cuda"))) {
    node->output()->replaceAllUsesWith(node->inputs()[0]);
  }
}

std::set<std::string> leave_train_mode(Graph& graph) {
  std::vector<Node*> nodes;
  for_each_node(graph.block(), [&](Node* node) { nodes.push_back(node); });
  std::set<std::string> left;
  for (Node* node : nodes) {
    if (counts_batches(node)) {
      node->destroy();
      continue;
    }
    if (is_one_of(node, {"aten::scaled_dot_product_attention"})) {
      const auto p = argument(node, {"dropout_p"});
      if (!p || !torch::jit::toIValue(node->inputs()[*p]) || drops_nothing(node)) continue;
      set_constant(node, *p, 0.0);
    } else {
      const auto train = argument(node, {"train", "training", "use_input_stats"});
      if (!train || !is_true(node->inputs()[*train]) || !has_running_statistics(node)) continue;
      set_constant(node, *train, false);
      if (drops_nothing(node)) continue;
    }
    left.insert(node->kind().toUnqualString());
  }
  return left;
}

void set_convolutions(Graph& graph, bool tf32) {
  for (Node* node : nodes_of(graph, c10::Symbol::fromQualString("aten::_convolution"))) {
    if (node->inputs().size() != kInputs) continue;
    torch::jit::WithInsertPoint here(node);
    node->replaceInput(kDeterministic, graph.insertConstant(true));
    node->replaceInput(kAllowTf32, graph.insertConstant(tf32));
  }
}

}  // namespace fast_sde
