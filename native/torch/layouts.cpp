#include "layouts.hpp"

#include "graph.hpp"

namespace fast_sde {
namespace {

size_t index(Layout layout) { return layout == Layout::contiguous ? 0 : 1; }

at::MemoryFormat format(Layout layout) {
  return layout == Layout::contiguous ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
}

// Calls that are not inlined.
bool calls_others(torch::jit::Graph& graph) {
  bool found = false;
  for_each_node(graph.block(), [&](torch::jit::Node* node) {
    found = found || is_one_of(node, {"prim::CallMethod", "prim::CallFunction", "prim::fork"});
  });
  return found;
}

// A module of the same attributes, whose graph may be rewritten: one that has run is not. Module::clone() puts the code
// of both into one compilation unit, so that the constants of either live as long as the other: wanted only where code
// of that unit is called.
torch::jit::Module copied(const torch::jit::Module& module) {
  const torch::jit::Function& forward = module.get_method("forward").function();
  if (calls_others(*torch::jit::toGraphFunction(forward).graph())) return module.clone();
  const c10::ClassTypePtr type = module.type();
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  torch::jit::Module made(*type->name(), unit, true);
  for (size_t i = 0; i < type->numAttributes(); ++i) {
    made.register_attribute(type->getAttributeName(i), type->getAttribute(i), module._ivalue()->getSlot(i),
                            type->is_parameter(i), type->is_buffer(i));
  }
  const c10::ClassTypePtr made_type = made.type();
  auto graph = torch::jit::toGraphFunction(forward).graph()->copy();
  graph->inputs()[0]->setType(made_type);
  torch::jit::Function* function = unit->create_function(c10::QualifiedName(*made_type->name(), "forward"), graph);
  const auto self = [&](const c10::TypePtr& old) { return old == type ? c10::TypePtr(made_type) : old; };
  function->setSchema(forward.getSchema().cloneWithRemappedTypes(self));
  made_type->addMethod(function);
  // What a failing operator says of its origin leads to functions of the other unit.
  for_each_node(graph->block(), [&](torch::jit::Node* node) {
    if (!node->callstack()) return;
    node->setCallStack(c10::make_intrusive<torch::jit::InlinedCallStack>(function, node->sourceRange()));
  });
  return made;
}

}  // namespace

torch::jit::Module Layouts::in(Layout layout) {
  std::lock_guard lock(mutex_);
  std::optional<torch::jit::Module>& module = modules_[index(layout)];
  if (!module) {
    torch::jit::Module made = copied(*modules_[1 - index(layout)]);  // the weights are shared, but for convolutions'
    reorder_weights(*made.get_method("forward").graph(), format(layout));
    module = std::move(made);
  }
  return *module;
}

Layouts::Held Layouts::held() {
  std::lock_guard lock(mutex_);
  return modules_;
}

void Layouts::keep(Layout layout) {
  in(layout);
  std::lock_guard lock(mutex_);
  modules_[1 - index(layout)].reset();
}

void Layouts::rewrite(const std::function<void(torch::jit::Module&)>& change) {
  torch::jit::Module made = copied(in(Layout::contiguous));
  change(made);
  std::lock_guard lock(mutex_);
  modules_ = {std::move(made), std::nullopt};
}

}  // namespace fast_sde
