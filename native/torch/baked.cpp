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
