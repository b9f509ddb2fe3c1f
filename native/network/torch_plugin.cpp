#include "torch_plugin.hpp"

#include <mutex>

#include "../plugin/at_exit.hpp"
#include "../plugin/library.hpp"

namespace fast_sde {
namespace {

std::mutex mutex;
const fast_sde_torch_api* opened = nullptr;

}  // namespace

const fast_sde_torch_api& open_torch(const std::string& path) {
  std::lock_guard lock(mutex);
  if (opened != nullptr) return *opened;
  const auto& api =
      open_plugin<fast_sde_torch_api>(path, FAST_SDE_TORCH_SYMBOL, torch_fingerprint(), error_code::torch_unavailable);
  Unfinished::end_all_at_exit();
  opened = &api;
  return *opened;
}

const fast_sde_torch_api& torch_api() {
  std::lock_guard lock(mutex);
  if (opened == nullptr) throw Error(error_code::torch_unavailable, "the LibTorch plugin has not been opened");
  return *opened;
}

}  // namespace fast_sde
