#include "cuda_plugin.hpp"

#include <mutex>

#include "../core/problem.hpp"
#include "../paths/fingerprint.hpp"
#include "../plugin/at_exit.hpp"
#include "../plugin/library.hpp"
#include "../plugin/status.hpp"

namespace fast_sde {
namespace {

std::mutex mutex;
const fast_sde_cuda_api* opened = nullptr;

}  // namespace

const fast_sde_cuda_api& open_cuda(const std::string& path) {
  std::lock_guard lock(mutex);
  if (opened != nullptr) return *opened;
  opened = &open_plugin<fast_sde_cuda_api>(path, FAST_SDE_CUDA_SYMBOL,
                                           cuda_fingerprint(sizeof(Problem), paths::fingerprint_of_jobs()),
                                           error_code::cuda_unavailable);
  Unfinished::end_all_at_exit();
  return *opened;
}

const fast_sde_cuda_api& cuda_api() {
  std::lock_guard lock(mutex);
  if (opened == nullptr) throw Error(error_code::cuda_unavailable, "the CUDA plugin has not been opened");
  return *opened;
}

std::vector<CudaDevice> cuda_devices(const fast_sde_cuda_api& api) {
  fast_sde_error error{};
  int32_t count = 0;
  check(api.devices(&count, &error), error);
  std::vector<CudaDevice> devices;
  for (int32_t i = 0; i < count; ++i) {
    fast_sde_device_info info{};
    check(api.describe(i, &info, &error), error);
    devices.push_back({info.name, info.major, info.minor, info.multiprocessors, info.memory});
  }
  return devices;
}

}  // namespace fast_sde
