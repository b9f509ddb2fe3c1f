#include "dispatch.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#if defined(__x86_64__) && !defined(FAST_SDE_SANITIZED)
#define FAST_SDE_SEVERAL_SETS
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

#include "../../contract/error.hpp"

namespace fast_sde::cpu {

extern const Kernels kernels_baseline;
#if defined(FAST_SDE_SEVERAL_SETS)
extern const Kernels kernels_v2;
extern const Kernels kernels_v3;
extern const Kernels kernels_v4;

namespace {

// movbe, f16c and lzcnt, which a hypervisor may hide and which not every compiler's builtin knows by name.
bool has_rest_of_v3() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  bool basic = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_MOVBE) != 0 && (c & bit_F16C) != 0;
  return basic && __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & bit_LZCNT) != 0;
}

}  // namespace
#endif

std::vector<const Kernels*> available() {
  std::vector<const Kernels*> found = {&kernels_baseline};
#if defined(FAST_SDE_SEVERAL_SETS)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) found.push_back(&kernels_v2);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && has_rest_of_v3()) {
    found.push_back(&kernels_v3);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      found.push_back(&kernels_v4);
    }
  }
#endif
  return found;
}

const Kernels* find(const std::string& name) {
  for (const Kernels* variant : available()) {
    if (name == variant->name) return variant;
  }
  return nullptr;
}

const Kernels& kernels() {
  static const Kernels& chosen = [&]() -> const Kernels& {
    const char* wish = std::getenv("FAST_SDE_CPU");
    if (wish == nullptr || *wish == '\0') return *available().back();
    if (const Kernels* wished = find(wish)) return *wished;
    std::string known;
    for (const Kernels* variant : available()) known += (known.empty() ? "" : ", ") + std::string(variant->name);
    throw Error(error_code::invalid_option,
                "FAST_SDE_CPU: expected what this machine can run (" + known + "), got '" + wish + "'");
  }();
  return chosen;
}

// Cores this process may run on (taskset and cpusets count; a container's quota of time does not show here).
int cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace fast_sde::cpu
