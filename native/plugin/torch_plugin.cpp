#include "torch_plugin.hpp"

#include <dlfcn.h>

#include <mutex>

#include "../score/score_model.hpp"
#include "exit_gate.hpp"

namespace fast_sde {
namespace {

constexpr const char* unavailable = "ERR_SDE_TORCH_UNAVAILABLE";

std::mutex mutex;
const fast_sde_torch_api* opened = nullptr;

}  // namespace

const fast_sde_torch_api& open_torch(const std::string& path) {
  std::lock_guard lock(mutex);
  if (opened != nullptr) return *opened;
  // A local scope keeps LibTorch's many symbols from being taken for those of other addons.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw ScoreError(unavailable, dlerror());
  auto get_api = reinterpret_cast<fast_sde_torch_get_api_fn>(dlsym(library, FAST_SDE_TORCH_SYMBOL));
  if (get_api == nullptr) throw ScoreError(unavailable, path + ": not a fast-sde LibTorch plugin");
  const fast_sde_torch_api* api = get_api(FAST_SDE_PLUGIN_ABI);
  if (api == nullptr || api->abi_version != FAST_SDE_PLUGIN_ABI || api->struct_size < sizeof(fast_sde_torch_api)) {
    throw ScoreError(unavailable, path + ": built for another version of fast-sde; build it again");
  }
  ExitGate::shared().close_at_exit();
  opened = api;
  return *opened;
}

const fast_sde_torch_api& torch_api() {
  std::lock_guard lock(mutex);
  if (opened == nullptr) throw ScoreError(unavailable, "the LibTorch plugin has not been opened");
  return *opened;
}

}  // namespace fast_sde
