// One module in each memory layout that is asked for.
#pragma once

#include <torch/script.h>

#include <array>
#include <functional>
#include <mutex>
#include <optional>

namespace fast_sde {

enum class Layout { contiguous, channels_last };

// Any number of threads may ask at once. A layout is made at its first use, from the other one; each holds the weights
// of the 2-D convolutions, hence `keep`.
class Layouts {
 public:
  // As it was loaded: contiguous.
  explicit Layouts(torch::jit::Module module) { modules_[0] = std::move(module); }

  torch::jit::Module in(Layout layout);

  // Those that there are now, by Layout.
  using Held = std::array<std::optional<torch::jit::Module>, 2>;
  Held held();

  // Forgets the other one; calls that are under way go on with it.
  void keep(Layout layout);

  // Rewrites the module's graph, and what it holds, in all layouts.
  void rewrite(const std::function<void(torch::jit::Module&)>& change);

 private:
  std::mutex mutex_;
  Held modules_;
};

}  // namespace fast_sde
