// How often a job tells of its progress.
#pragma once

#include <chrono>

namespace fast_sde::node {

inline constexpr auto progress_interval = std::chrono::milliseconds(50);

}  // namespace fast_sde::node
