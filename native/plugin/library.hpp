// Opening a plugin: a library, its one symbol, its table for our version of the contract.
#pragma once

#include <dlfcn.h>

#include <string>

#include "../contract/error.hpp"
#include "../contract/fingerprint.hpp"

namespace fast_sde {

// The table of the plugin at `path`, which stays open for good. Throws Error with `code` and the loader's words, or
// where the plugin was built from headers that say otherwise than ours (`fingerprint`).
template <class Api>
const Api& open_plugin(const std::string& path, const char* symbol, const std::string& fingerprint, const char* code) {
  // A local scope keeps the library's many symbols from being taken for those of other addons.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw Error(code, dlerror());
  auto get_api = reinterpret_cast<const Api* (*)(uint32_t)>(dlsym(library, symbol));
  if (get_api == nullptr) throw Error(code, path + ": not a plugin of fast-sde with " + symbol);
  const Api* api = get_api(FAST_SDE_PLUGIN_ABI);
  if (api == nullptr || api->abi_version != FAST_SDE_PLUGIN_ABI || fingerprint != api->fingerprint) {
    throw Error(code, path + ": built for another version of fast-sde; build it again");
  }
  return *api;
}

}  // namespace fast_sde
