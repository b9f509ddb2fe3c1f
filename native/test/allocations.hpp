// How often this program has called operator new.
#pragma once

#include <cstdint>

namespace fast_sde::test {

uint64_t allocations();

}  // namespace fast_sde::test
