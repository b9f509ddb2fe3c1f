#include "layouts.hpp"

#include "graph.hpp"

namespace fast_sde {
namespace {

size_t index(Layout layout) { return layout == Layout::contiguous ? 0 : 1; }

at::MemoryFormat format(Layout layout) {
  return layout == Layout::contiguous ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
}

}  // namespace

torch::jit::Module Layouts::in(Layout layout) {
  std::lock_guard lock(mutex_);
  std::optional<torch::jit::Module>& module = modules_[index(layout)];
  if (!module) {
    // A clone: a graph that has run is not rewritten. The weights but those of the convolutions are shared.
    torch::jit::Module made = modules_[1 - index(layout)]->clone();
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
  torch::jit::Module made = in(Layout::contiguous).clone();
  change(made);
  std::lock_guard lock(mutex_);
  modules_ = {std::move(made), std::nullopt};
}

}  // namespace fast_sde
