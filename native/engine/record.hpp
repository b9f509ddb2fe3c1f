// What is kept of a sample: how it ended, and, where the user asks for its trajectory, every step that was tried.
#pragma once

#include "../contract/plugin_abi.h"
#include "../core/slot.hpp"

namespace fast_sde {

using SampleStats = fast_sde_sample;
using StepRecord = fast_sde_step;

// Of a slot in flight the status is `unfinished`.
HD SampleStats stats_of(const Slot& slot) {
  return {slot.position, slot.evaluations, slot.accepted, slot.rejected, static_cast<uint32_t>(slot.status)};
}

}  // namespace fast_sde
