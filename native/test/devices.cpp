#include "devices.hpp"

#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "../device/cuda_plugin.hpp"
#include "../paths/fingerprint.hpp"
#include "../plugin/library.hpp"

namespace fast_sde::test {
namespace {

const fast_sde_cuda_api& open(const std::string& path) {
  return open_plugin<fast_sde_cuda_api>(path, FAST_SDE_CUDA_SYMBOL,
                                        cuda_fingerprint(sizeof(Problem), paths::fingerprint_of_jobs()),
                                        error_code::cuda_unavailable);
}

void add(std::vector<TestDevice>& all, const fast_sde_cuda_api& api, bool emulated) {
  const std::vector<CudaDevice> found = cuda_devices(api);
  for (int i = 0; i < static_cast<int>(found.size()); ++i) {
    all.push_back({found[i].name + " " + std::to_string(i), &api, i, emulated});
  }
}

}  // namespace

const std::vector<TestDevice>& devices() {
  static const std::vector<TestDevice> all = [] {
    std::vector<TestDevice> made;
    add(made, open(FAST_SDE_EMULATED_PLUGIN), true);
    const char* real = std::getenv("FAST_SDE_CUDA_PLUGIN");
    try {
      if (real == nullptr) throw Error("", "FAST_SDE_CUDA_PLUGIN names no plugin");
      add(made, open(real), false);
    } catch (const Error& error) {
      std::printf("GPU tests are skipped, the kernels run on the emulated device alone: %s\n", error.what());
    }
    return made;
  }();
  return all;
}

Collector collect_on(const TestDevice& device, const JobOptions& options, ScoreModel& score, Totals* totals) {
  const std::vector<int64_t> shape = {options.problem.elements};
  SessionOptions session;
  session.shape = shape.data();
  session.rank = 1;
  session.elements = options.problem.elements;
  Collector sink(options.count, options.problem.elements);
  Totals figures = run_on_device(*device.api, device.index, options, session, score, sink, std::atomic<bool>(false));
  if (totals != nullptr) *totals = figures;
  return sink;
}

const EmulatedStreams& emulated_streams() {
  static const EmulatedStreams all = [] {
    void* library = dlopen(FAST_SDE_EMULATED_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    auto take = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    };
    EmulatedStreams found{};
    take(found.enqueue, "fast_sde_emulated_enqueue");
    take(found.begin_capture, "fast_sde_emulated_begin_capture");
    take(found.end_capture, "fast_sde_emulated_end_capture");
    take(found.replay, "fast_sde_emulated_replay");
    take(found.drop, "fast_sde_emulated_drop");
    return found;
  }();
  return all;
}

bool same_bits(const Collector& a, const Collector& b) {
  if (a.samples.size() != b.samples.size()) return false;
  for (size_t i = 0; i < a.samples.size(); ++i) {
    const float x = a.samples[i], y = b.samples[i];
    if (std::memcmp(&x, &y, sizeof x) != 0 && !(std::isnan(x) && std::isnan(y))) return false;
  }
  for (size_t k = 0; k < a.stats.size(); ++k) {
    const SampleStats &x = a.stats[k], &y = b.stats[k];
    const bool same = x.position == y.position && x.evaluations == y.evaluations && x.accepted == y.accepted &&
                      x.rejected == y.rejected && x.status == y.status;
    if (!same) return false;
  }
  return true;
}

}  // namespace fast_sde::test
