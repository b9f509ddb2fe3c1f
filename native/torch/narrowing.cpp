#include "narrowing.hpp"

#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/library.h>

#include <unordered_map>
#include <vector>

#include "graph.hpp"
#include "origins.hpp"
#include "widths.hpp"

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

bool is_tensor(const Value* value) { return value->type()->isSubtypeOf(*c10::TensorType::get()); }

c10::IValue as_constant(at::ScalarType type) { return static_cast<int64_t>(type); }

// Those that there are now, without those that are inserted meanwhile.
std::vector<Node*> all_nodes(Graph& graph) {
  std::vector<Node*> nodes;
  for_each_node(graph.block(), [&](Node* node) { nodes.push_back(node); });
  return nodes;
}

class Narrowing {
 public:
  Narrowing(Graph& graph, at::ScalarType dtype)
      : graph_(graph), dtype_(dtype), origins_(graph), widths_(graph, origins_) {}

  void run() {
    for (Node* node : all_nodes(graph_)) {
      if (node->kind() == torch::jit::prim::If) {
        for (Block* branch : node->blocks()) settle_returned(branch, node->outputs(), 0);
      } else if (node->kind() == torch::jit::prim::Loop) {
        for (size_t i = 0; i < node->outputs().size(); ++i) {
          const Value* output = node->outputs()[i];
          if (origins_.of(output) == Origin::network) settle_input(node, i + 2, widths_.wide(output));
        }
        settle_returned(node->blocks()[0], node->outputs(), 1);
      } else if (origins_.of(node) == Origin::network) {
        settle_network(node);
      } else {
        spare_time(node);
      }
    }
  }

 private:
  void settle_network(Node* node) {
    if (const auto type = asked_type(node); type && at::isFloatingType(*type)) {
      if (!widths_.wide(node->output())) set_constant(node, *argument(node, {"dtype"}), as_constant(dtype_));
      if (is_one_of(node, {"aten::to"})) return;
    }
    const bool type_only = is_one_of(node, {"aten::to", "aten::type_as"});
    const auto other = type_only ? argument(node, {"other"}) : c10::nullopt;
    const bool wide = widths_.computes_wide(node);
    for (size_t i = 0; i < node->inputs().size(); ++i) {
      if (i != other.value_or(node->inputs().size())) settle_input(node, i, wide);
    }
  }

  // t.to(x.dtype) and t.type_as(x) would round the time.
  void spare_time(Node* node) {
    if (!is_one_of(node, {"aten::to", "aten::type_as"})) return;
    const auto of_network = [&](const Value* value) { return origins_.of(value) == Origin::network; };
    if (const auto other = argument(node, {"other"}); other && of_network(node->inputs()[*other])) {
      torch::jit::WithInsertPoint here(node);
      node->output()->replaceAllUsesWith(cast(node->inputs()[0], at::kFloat));
    } else if (const auto dtype = argument(node, {"dtype"})) {
      const Node* source = node->inputs()[*dtype]->node();
      if (is_one_of(source, {"prim::dtype"}) && of_network(source->inputs()[0])) {
        set_constant(node, *dtype, as_constant(at::kFloat));
      }
    }
  }

  void settle_returned(Block* block, at::ArrayRef<Value*> outputs, size_t offset) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (origins_.of(outputs[i]) != Origin::network) continue;
      settle_input(block->return_node(), i + offset, widths_.wide(outputs[i]));
    }
  }

  void settle_input(Node* node, size_t i, bool wide) {
    Value* value = node->inputs()[i];
    if (!is_tensor(value)) return;
    const bool is_wide = origins_.of(value) != Origin::network || widths_.wide(value);
    if (is_wide == wide) return;
    if (const auto constant = constant_tensor(value)) {
      if (constant->is_floating_point()) node->replaceInput(i, narrowed_constant(value, *constant));
    } else {
      torch::jit::WithInsertPoint here(node);
      node->replaceInput(i, cast(value, wide ? at::kFloat : dtype_));
    }
  }

  Value* cast(Value* value, at::ScalarType dtype) {
    Value* type = graph_.insertConstant(as_constant(dtype));
    return graph_.insertNode(graph_.create(kNarrow, {value, type}, 1))->output();
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
  const Origins origins_;
  const Widths widths_;
  std::unordered_map<Value*, Value*> constants_;
};

bool is_foreign(at::ScalarType type, at::ScalarType spared) {
  return type != spared && (type == at::kDouble || type == at::kHalf || type == at::kBFloat16);
}

}  // namespace

void narrow_network(Graph& graph, at::ScalarType dtype) {
  Narrowing(graph, dtype).run();
  torch::jit::EliminateDeadCode(graph.block());
}

void unify_weights(Graph& graph, at::ScalarType spared) {
  for (Node* node : all_nodes(graph)) {
    for (size_t i = 0; i < node->inputs().size(); ++i) {
      const auto constant = constant_tensor(node->inputs()[i]);
      if (constant && is_foreign(constant->scalar_type(), spared)) set_constant(node, i, constant->to(at::kFloat));
    }
  }
}

void unify_names(Graph& graph, at::ScalarType spared) {
  for (Node* node : all_nodes(graph)) {
    const auto type = asked_type(node);
    const bool foreign = type && is_foreign(*type, spared) && node->kind() != kNarrow;
    if (foreign) set_constant(node, *argument(node, {"dtype"}), as_constant(at::kFloat));
  }
}

}  // namespace fast_sde

TORCH_LIBRARY(fast_sde, library) { library.def("narrow(Tensor value, ScalarType dtype) -> Tensor", fast_sde::narrow); }
